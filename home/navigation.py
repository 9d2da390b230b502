"""Which entries of the service navigation a person sees: only those they may use."""

from portal.accounts.models import Membership, Role

CASEWORK = {
    Role.PRACTITIONER, Role.AGENCY_LEAD, Role.BUSINESS_MANAGER, Role.CHAIR,
    Role.PANEL_MEMBER, Role.INDEPENDENT_CHAIR, Role.AUTHOR,
}  # fmt: skip
ENTRIES: tuple[tuple[str, str, set[Role] | None], ...] = (
    ("My work", "home:my_work", None),
    ("Cases", "cases:list", CASEWORK),
    ("Deadlines", "deadlines:list", CASEWORK),
    ("Actions", "actionplans:mine", {Role.AGENCY_LEAD, Role.BUSINESS_MANAGER, Role.CHAIR, Role.PANEL_MEMBER}),
    ("Quarters", "quarterly:list", {Role.BUSINESS_MANAGER}),
    ("Readers", "readers:start", {Role.BUSINESS_MANAGER, Role.ADMINISTRATOR, Role.AGENCY_LEAD}),
    ("People", "accounts:people", {Role.BUSINESS_MANAGER, Role.ADMINISTRATOR}),
    ("Messages", "outbox:list", {Role.BUSINESS_MANAGER, Role.ADMINISTRATOR}),
    ("Audit trail", "audit:list", {Role.ADMINISTRATOR, Role.AUDITOR}),
    ("Edit the manual", "wagtailadmin_home", {Role.BUSINESS_MANAGER, Role.ADMINISTRATOR}),
)


def links_for(acting: Membership | None) -> list[tuple[str, str]]:
    """Labels and URL names for the membership in which the person acts; the manual alone for anyone else."""
    links = [("Manual", "procedures:front")]
    if acting is None:
        return links
    return links + [(label, name) for label, name, roles in ENTRIES if roles is None or acting.role in roles]
