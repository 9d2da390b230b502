"""What an address can hold: objects by name, who has which right to each, and their place in the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from caseforms.cases.models import Interest
from portal.outbox.models import Message
from procedures.editing.models import Edition
from tests.proofs import who
from tests.proofs.who import CASES, EVERYBODY, LEADS, MANAGERS, MEMBERS, OUTSIDE, OWN, Rights
from tests.world import World

NOWHERE = UUID("00000000-0000-4000-8000-000000000000")
PANEL = "chair panel conflicted independent_chair eller_chair eller_panel eller_independent_chair"
REFERRERS = (
    "practitioner lead_csc lead_pol lead_icb lead_hos lead_edu manager chair panel conflicted "
    "eller_manager eller_lead_pol eller_practitioner eller_chair eller_panel"
)
KNOCK_AT = (
    "gathering",
    "planned",
    "submitted",
    "withdrawn",
    "eller",
)  # on these every page of a case is tried


@dataclass(frozen=True)
class Objects:
    """A kind of object: the rights to each by its label, and the values that make its address."""

    rights: Mapping[str, Rights]
    values: Callable[[World, str], dict[str, Any]]


def objects(**rights: Rights) -> Callable[[Callable[[World, str], dict[str, Any]]], Objects]:
    """Makes a kind of object of the function that finds one by its label; `missing` is always one of them."""
    return lambda values: Objects({**rights, "missing": {}}, values)


@objects(**{name: CASES[name] for name in KNOCK_AT})
def a_case(world: World, label: str) -> dict[str, Any]:
    return {"ref": world.cases[label].reference if label in world.cases else "CR-2222-2222"}


@objects(
    referral={"read": CASES["gathering"]["names"]},
    information={"read": OWN["gathering", "infocsc"]},
    recommendation={"read": CASES["planned"]["returns"]},
    scope={"read": CASES["planned"]["decision"]},
    ellers={"read": CASES["eller"]["names"]},
    ellers_information={"read": OWN["eller", "infopol"]},
    planned_referral_below_gathering={},  # a form that is real, below a case that is not its own
    ellers_below_gathering={},
    gatherings_below_eller={},
    missing_below_gathering={},
)
def a_form(world: World, label: str) -> dict[str, Any]:
    def below(case: str, form: Any) -> dict[str, Any]:
        return {"ref": world.cases[case].reference, "form_id": form if isinstance(form, UUID) else form.pk}

    def referral(case: str) -> Any:
        return world.form(case, "case-referral")

    if label == "missing":
        return {"ref": "CR-2222-2222", "form_id": NOWHERE}
    return {
        "referral": lambda: below("gathering", referral("gathering")),
        "information": lambda: below("gathering", world.form("gathering", "agency-information", "CSC")),
        "recommendation": lambda: below("planned", world.form("planned", "panel-recommendation")),
        "scope": lambda: below("planned", world.form("planned", "scope")),
        "ellers": lambda: below("eller", referral("eller")),
        "ellers_information": lambda: below("eller", world.form("eller", "agency-information", "POL")),
        "planned_referral_below_gathering": lambda: below("gathering", referral("planned")),
        "ellers_below_gathering": lambda: below("gathering", referral("eller")),
        "gatherings_below_eller": lambda: below("eller", referral("gathering")),
        "missing_below_gathering": lambda: below("gathering", NOWHERE),
    }[label]()


def without(people: str, others: str) -> str:
    return " ".join(person for person in people.split() if person not in others.split())


@objects(
    gathering={"lift": CASES["gathering"]["decide"], "see": CASES["gathering"]["see"]},
    below_planned={"see": without(CASES["planned"]["see"], "independent_chair")},
    below_eller={"see": without(CASES["eller"]["see"], "eller_independent_chair")},
    missing_below_gathering={"see": without(CASES["gathering"]["see"], "independent_chair")},
)
def an_interest(world: World, label: str) -> dict[str, Any]:
    case = {"gathering": "gathering", "below_planned": "planned", "below_eller": "eller"}.get(
        label, "gathering"
    )
    interest = Interest.objects.get(case=world.cases["gathering"])
    return {
        "ref": "CR-2222-2222" if label == "missing" else world.cases[case].reference,
        "interest_id": NOWHERE if "missing" in label else interest.pk,
    }


@objects(
    planned=CASES["planned"],
    eller=CASES["eller"],
    never_agreed={"see": without(CASES["planned"]["see"], CASES["planned"]["decision"])},
)
def a_version(world: World, label: str) -> dict[str, Any]:
    reference = world.cases.get("eller" if label == "eller" else "planned")
    assert reference is not None
    return {
        "ref": "CR-2222-2222" if label == "missing" else reference.reference,
        "version": 7 if label == "never_agreed" else 1,
    }


@objects(**{name: CASES[name] for name in ("gathering", "planned", "submitted", "eller")})
def a_time_limit(world: World, label: str) -> dict[str, Any]:
    return {
        "deadline_id": NOWHERE if label == "missing" else world.deadline(label, "national-notification").pk
    }


@objects(
    draft={"drafter": "practitioner", "writer": "practitioner"},
    ellerdraft={"drafter": "eller_practitioner", "writer": "eller_practitioner"},
    sent={"drafter": "practitioner"},
)
def a_draft(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"draft_id": NOWHERE, "code": "about-you"}
    draft = world.drafts["sent submitted" if label == "sent" else label]
    return {"draft_id": draft.pk, "code": "about-you"}


@objects(draft={"writer": "practitioner"}, ellerdraft={"writer": "eller_practitioner"}, sent={})
def a_list(world: World, label: str) -> dict[str, Any]:
    return {**a_draft.values(world, label), "code": "children", "number": 1}


@objects(**{**a_list.rights, "second": {}})  # only one child was added
def a_child(world: World, label: str) -> dict[str, Any]:
    if label == "second":
        return {**a_list.values(world, "draft"), "number": 2}
    return a_list.values(world, label)


@objects(
    social_cares={"update": "manager lead_csc", "read": "chair panel conflicted independent_chair"},
    health_boards={"update": "manager lead_icb", "read": "chair panel conflicted independent_chair"},
    polices={"update": "manager lead_pol", "read": "chair panel conflicted independent_chair"},
    ellers_polices={
        "update": "eller_manager eller_lead_pol",
        "read": "eller_chair eller_panel eller_independent_chair",
    },
)
def an_action(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"action_id": NOWHERE}
    case = "eller" if label.startswith("ellers") else "planned"
    code = {"social_cares": "CSC", "health_boards": "ICB"}.get(label, "POL")
    return {"action_id": world.action(case, code).pk}


@objects(
    tarn={"read": PANEL.partition(" eller")[0] + " manager", "keep": "chair manager"},
    eller={
        "read": "eller_manager eller_chair eller_panel eller_independent_chair",
        "keep": "eller_manager eller_chair",
    },
)
def a_meeting(world: World, label: str) -> dict[str, Any]:
    return {"meeting_id": NOWHERE if label == "missing" else world.meetings[label].pk}


@objects(tarn={"own": "manager"}, eller={"own": "eller_manager"})
def a_workbook(world: World, label: str) -> dict[str, Any]:
    return {"export_id": NOWHERE if label == "missing" else world.exports[label].pk}


@objects(
    tarn={"follow": "manager administrator", "retry": "administrator"},
    eller={"follow": "eller_manager"},
)
def a_message(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"pk": NOWHERE}
    partnership = world.cast.tarn if label == "tarn" else world.cast.eller
    return {"pk": Message.objects.filter(partnership_id=partnership.pk, notice="case_received")[:1].get().pk}


@objects(
    tarn={"end": "manager administrator"},
    administrator={
        "refused": "manager administrator"
    },  # only an administrator ends one, and nobody their own
    eller={"end": "eller_manager"},
)
def a_membership(world: World, label: str) -> dict[str, Any]:
    keys = {"tarn": "lead_edu", "administrator": "administrator", "eller": "eller_practitioner"}
    return {"membership": NOWHERE if label == "missing" else world.member(keys[label]).pk}


@objects(
    tarn={"reset": "administrator", "refused": "manager"},
    eller={"refused": "eller_manager"},  # Ellerfold has no administrator
)
def a_person(world: World, label: str) -> dict[str, Any]:
    keys = {"tarn": "lead_edu", "eller": "eller_practitioner"}
    return {"person": NOWHERE if label == "missing" else world.person(keys[label]).pk}


@objects(tarn={"withdraw": "manager administrator"}, eller={"withdraw": "eller_manager"})
def an_invitation(world: World, label: str) -> dict[str, Any]:
    return {"invitation": NOWHERE if label == "missing" else world.invitations[label].pk}


@objects(kept={"own": "practitioner"})
def a_kept_post(world: World, label: str) -> dict[str, Any]:
    return {"kept_id": NOWHERE if label == "missing" else world.kept["kept"].pk}


@objects(
    front={"read": EVERYBODY},
    chapter={"read": EVERYBODY},
    for_members={"read": MEMBERS, "sign_in": OUTSIDE},
    for_managers={"read": MANAGERS, "sign_in": OUTSIDE},
    tarnlocal={"read": who.READS_TARN},
    ellerlocal={"read": who.ELLER},
    unpublished={},
)
def a_page(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"_0": "manual/no-such-chapter/"}
    pages = {"front": "manual", "chapter": "open", "for_members": "login", "for_managers": "private"}
    return {"_0": world.pages[pages.get(label, label)].get_url().strip("/") + "/"}


@objects(  # nobody is asked to sign in: an address of a section tells nothing of the chapter
    chapter={"read": EVERYBODY},
    for_members={"read": MEMBERS},
    for_managers={"read": MANAGERS},
)
def an_address_of_a_section(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"anchor": "s-0000000000"}
    page = world.pages[{"chapter": "open", "for_members": "login", "for_managers": "private"}[label]]
    return {"anchor": page.specific.sections()[0].anchor}


EDITIONS: dict[str, Rights] = {
    "open": {"read": EVERYBODY, "restore": MANAGERS},
    "login": {"read": MEMBERS, "restore": MANAGERS},
    "private": {"read": MANAGERS, "restore": MANAGERS},
}


@objects(**EDITIONS)
def an_edition(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"edition_id": NOWHERE}
    return {"edition_id": world.pages[label].editions.first().pk}  # type: ignore[attr-defined]


@objects(**EDITIONS)
def two_editions(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"old_id": NOWHERE, "new_id": NOWHERE}
    new, old = world.pages[label].editions.all()[:2]  # type: ignore[attr-defined]
    return {"old_id": old.pk, "new_id": new.pk}


@objects(**EDITIONS, unpublished={})
def a_chapter(world: World, label: str) -> dict[str, Any]:
    return {"page_id": 0 if label == "missing" else world.pages[label].pk}


CHAPTERS: dict[str, Rights] = {
    "chapter": {"read": EVERYBODY},
    "for_members": {"read": MEMBERS},
    "for_managers": {"read": MANAGERS},
}


@objects(**CHAPTERS, unpublished={})
def a_chapter_to_take(world: World, label: str) -> dict[str, Any]:
    pages = {"chapter": "open", "for_members": "login", "for_managers": "private"}
    page = world.pages.get(pages.get(label, label))
    return {"page_id": page.pk if page else 999_999, "form": "pdf"}


@objects(**CHAPTERS)
def an_edition_to_take(world: World, label: str) -> dict[str, Any]:
    pages = {"chapter": "open", "for_members": "login", "for_managers": "private"}
    if label == "missing":
        return {"edition_id": NOWHERE, "form": "txt"}
    return {"edition_id": Edition.objects.filter(page=world.pages[pages[label]])[:1].get().pk, "form": "txt"}


@objects()
def a_copy(world: World, label: str) -> dict[str, Any]:
    return {"copy_id": NOWHERE}  # who may have which: tests/procedures/exporting/test_copies.py


@objects(
    everybodys={"read": EVERYBODY},
    managers={"read": MANAGERS, "sign_in": OUTSIDE},
)
def a_document(world: World, label: str) -> dict[str, Any]:
    if label == "missing":
        return {"_0": 999_999, "_1": "nothing.txt"}
    document = world.documents["openfile" if label == "everybodys" else "privatefile"]
    return {"_0": document.pk, "_1": document.filename}


@objects(by_group={"read": EVERYBODY})  # it asks for a password, though no collection can be given one
def a_restriction(world: World, label: str) -> dict[str, Any]:
    kept = world.documents["privatefile"].collection.get_view_restrictions()
    return {"restriction_id": 0 if label == "missing" else kept[0].pk}


@objects(
    tarn={"answer": "manager administrator"},
    eller={"answer": "eller_manager"},
    private={"answer": "manager administrator"},
)
def a_report(world: World, label: str) -> dict[str, Any]:
    return {"feedback_id": NOWHERE if label == "missing" else world.reports[label].pk}


@objects(
    open={"read": EVERYBODY},
    login={"read": MEMBERS},
    private={"read": MANAGERS},
    unpublished={},
)
def a_section(world: World, label: str) -> dict[str, Any]:
    page = world.pages["open" if label == "missing" else label].specific
    return {"page_id": page.pk, "anchor": "s-0000000000" if label == "missing" else page.sections()[0].anchor}


@objects(**{**a_section.rights})
def a_chapter_to_follow(world: World, label: str) -> dict[str, Any]:
    return {"page_id": 999_999 if label == "missing" else world.pages[label].pk}


@objects(
    open={"read": MEMBERS, "watch": f"{MANAGERS} {LEADS}", "manage": MANAGERS},
    private={"read": MANAGERS, "watch": MANAGERS, "manage": MANAGERS},
)
def a_must_read(world: World, label: str) -> dict[str, Any]:
    return {"edition_id": NOWHERE if label == "missing" else world.editions[label].pk}
