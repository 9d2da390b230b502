"""The fictional partnerships, agencies and people of the demo, who are also the fixed cast of the tests."""

from dataclasses import dataclass
from datetime import date

from portal.accounts import groups, policy
from portal.accounts.models import Agency, Membership, Partnership, Role, Sector, User

JOINED = date(2024, 1, 1)  # before anything that the demo tells of, and before any day on which a test plays
PASSWORD = "tarn-lantern-orchard-42"  # noqa: S105  (shown on the demo's own sign-in page)


@dataclass(frozen=True)
class Member:
    """One fictional person and the membership that they hold; `key` is what tests call them."""

    key: str
    first_name: str
    last_name: str
    email: str
    role: Role
    agency: str
    partnership: str = "TARN"


PARTNERSHIPS = (
    ("TARN", "Tarnbrook Safeguarding Children Partnership", "Tarnbrook", "localhost", "anyone"),
    ("ELLER", "Ellerfold Safeguarding Children Partnership", "Ellerfold", "ellerfold.localhost", "signed_in"),
)
AGENCIES = (
    ("POL", "Tarnshire Police", Sector.POLICE, ("TARN", "ELLER")),
    ("ICB", "Tarnbrook Integrated Care Board", Sector.HEALTH, ("TARN",)),
    ("HOS", "Tarn Vale Hospitals", Sector.HEALTH, ("TARN",)),
    ("CSC", "Tarnbrook Children's Social Care", Sector.SOCIAL_CARE, ("TARN",)),
    ("EDU", "Tarnbrook Schools and Early Years", Sector.EDUCATION, ("TARN",)),
    ("BUS", "Tarnbrook Business Unit", Sector.PARTNERSHIP, ("TARN",)),
    ("ELC", "Ellerfold Children's Services", Sector.SOCIAL_CARE, ("ELLER",)),
)
PEOPLE = (
    Member("practitioner", "Priya", "Nair", "priya.nair@tarnvale.example", Role.PRACTITIONER, "HOS"),
    Member("lead_csc", "Callum", "Reid", "callum.reid@socialcare.example", Role.AGENCY_LEAD, "CSC"),
    Member("lead_pol", "Dana", "Okoro", "dana.okoro@police.example", Role.AGENCY_LEAD, "POL"),
    Member("lead_icb", "Helen", "Marsh", "helen.marsh@icb.example", Role.AGENCY_LEAD, "ICB"),
    Member("lead_hos", "Yusuf", "Demir", "yusuf.demir@tarnvale.example", Role.AGENCY_LEAD, "HOS"),
    Member("lead_edu", "Tom", "Ashworth", "tom.ashworth@schools.example", Role.AGENCY_LEAD, "EDU"),
    Member("manager", "Bea", "Lindqvist", "bea.lindqvist@tarnbrook.example", Role.BUSINESS_MANAGER, "BUS"),
    Member("administrator", "Adil", "Shah", "adil.shah@tarnbrook.example", Role.ADMINISTRATOR, "BUS"),
    Member("chair", "Ruth", "Amadi", "ruth.amadi@socialcare.example", Role.CHAIR, "CSC"),
    Member("panel", "Owen", "Price", "owen.price@icb.example", Role.PANEL_MEMBER, "ICB"),
    Member("conflicted", "Nina", "Kowal", "nina.kowal@police.example", Role.PANEL_MEMBER, "POL"),
    Member(
        "independent_chair",
        "Grace",
        "Whitlock",
        "grace.whitlock@tarnbrook.example",
        Role.INDEPENDENT_CHAIR,
        "BUS",
    ),
    Member("author", "Martin", "Eze", "martin.eze@author.example", Role.AUTHOR, "BUS"),
    Member("auditor", "Sunita", "Rao", "sunita.rao@audit.example", Role.AUDITOR, "BUS"),
    Member(
        "eller_manager", "Jo", "Finch", "jo.finch@ellerfold.example", Role.BUSINESS_MANAGER, "ELC", "ELLER"
    ),
    Member("eller_lead_pol", "Sam", "Birk", "sam.birk@police.example", Role.AGENCY_LEAD, "POL", "ELLER"),
    Member(
        "eller_practitioner", "Lena", "Holt", "lena.holt@ellerfold.example", Role.PRACTITIONER, "ELC", "ELLER"
    ),
)


def load_partnerships() -> dict[str, Partnership]:
    """Makes the two partnerships and their agencies where they are missing; returns partnerships by code."""
    partnerships = {}
    for code, name, short_name, hostname, access in PARTNERSHIPS:
        partnerships[code], _ = Partnership.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "short_name": short_name,
                "hostname": hostname,
                "manual_access": access,
                "business_unit_email": f"business.unit@{short_name.lower()}.example",
                "business_unit_phone": "01632 960110" if code == "TARN" else "01632 960 200",
            },
        )
    for code, name, sector, members in AGENCIES:
        agency, _ = Agency.objects.get_or_create(code=code, defaults={"name": name, "sector": sector})
        agency.partnerships.add(*(partnerships[member] for member in members))
    return partnerships


def load_people() -> dict[str, Membership]:
    """Makes the people and their memberships where they are missing; returns memberships by the people's keys."""
    partnerships = load_partnerships()
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    memberships = {}
    for member in PEOPLE:
        person = User.objects.filter(email=member.email).first() or User.objects.create_user(
            member.email, PASSWORD, first_name=member.first_name, last_name=member.last_name
        )
        memberships[member.key], _ = Membership.objects.get_or_create(
            person=person,
            agency=agencies[member.agency],
            partnership=partnerships[member.partnership],
            role=member.role,
            defaults={"starts_on": JOINED},
        )
    for membership in policy.managing(memberships.values()):
        groups.sync(membership.person)
    return memberships
