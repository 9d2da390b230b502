"""The matrix: every address of the portal, every person, every object, every method, against a table written by hand.

A new page needs one line in ROWS: its URL name, who opens it, and (where its address holds one) the kind of object.
Everybody who is not named is refused: 404, or 403 where `forbidden` or `others` says so. Without a line the matrix
fails, and so it does for a line without a page. Who has which right in which case stands in tests/proofs/who.py.

Levels (portal/accounts/access.py): public, reader (the manual), verified. Sessions that are not verified are led to
the page that comes next for them, whatever the method and whether or not the object exists.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path, resolve
from wagtail.models import Collection, Site

from caseforms.cases import policy
from caseforms.cases import views as case_views
from caseforms.cases.models import Case, Interest
from caseforms.cases.policy import Action
from caseforms.deadlines.models import ClosedDay, DeadlineRule
from portal.audit.models import AccessEvent
from portal.outbox.models import Message
from portal.urls import urlpatterns as portal_patterns
from procedures.editing.models import Edition
from procedures.finding.models import BestBet, Synonym
from procedures.sharing.models import Contact
from tests.proofs import who
from tests.proofs.browsing import Answer, Browser, browser, path_of
from tests.proofs.canaries import found_in, references_in
from tests.proofs.routes import Route, all_routes
from tests.proofs.who import CASES, EVERYBODY, LEADS, MANAGERS, MEMBERS, OUTSIDE, OWN, Rights
from tests.world import World, built

pytestmark = pytest.mark.django_db
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


# ---- What an address can hold: objects by name, who has which right to each, and their place in the address


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


def _without(people: str, others: str) -> str:
    return " ".join(person for person in people.split() if person not in others.split())


@objects(
    gathering={"lift": CASES["gathering"]["decide"], "see": CASES["gathering"]["see"]},
    below_planned={"see": _without(CASES["planned"]["see"], "independent_chair")},
    below_eller={"see": _without(CASES["eller"]["see"], "eller_independent_chair")},
    missing_below_gathering={"see": _without(CASES["gathering"]["see"], "independent_chair")},
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
    never_agreed={"see": _without(CASES["planned"]["see"], CASES["planned"]["decision"])},
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


# ---- The table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One page. `opens` and the rest are words of the object's rights, or people where there is no object."""

    route: str
    opens: str
    to: Objects | None = None
    level: str = "verified"
    forbidden: str = ""  # these get 403
    sign_in: str = ""  # these are asked to sign in by the page itself
    others: str = "404"
    posts: str = ""  # of those who open it, who may also post (empty: all); the rest of them get 403
    methods: str = "GET POST"
    gives: str = "opens"  # what those get whom it opens to, where it is no page


def public(route: str, opens: str = EVERYBODY, **rest: Any) -> Row:
    """A page for anyone; whose next step it is not is led on."""
    return Row(route, opens, level="public", **{"others": "leads on", **rest})


def reader(route: str, opens: str = EVERYBODY, to: Objects | None = None, **rest: Any) -> Row:
    """A page that belongs to the manual."""
    return Row(route, opens, to, level="reader", **rest)


def people(route: str, opens: str = MEMBERS, **rest: Any) -> Row:
    """A page without an object: everybody else of the members is forbidden."""
    return Row(route, opens, **{"others": "403", **rest})


def case(route: str, opens: str, to: Objects = a_case, **rest: Any) -> Row:
    """A page of a case: 403 to those who see the case without this right, 404 to everybody else."""
    return Row(route, opens, to, **{"forbidden": "see", **rest})


OTHERS = _without(MEMBERS, MANAGERS)  # members who manage no partnership
WATCHES_NOBODY = _without(OTHERS, LEADS)  # and lead no agency

ROWS = [
    # portal.accounts: signing in
    public("health"),
    public(
        "accounts:sign_in", OUTSIDE, gives="an answer", others="an answer"
    ),  # members are led on, or may try again
    public("accounts:code", "password_only"),
    public("accounts:recovery", f"password_only locked {MEMBERS}"),
    public("accounts:no_code"),
    public("accounts:locked", "locked"),
    public("accounts:no_access", "ended superuser", gives="403"),
    public("accounts:enrol", f"unverified {MEMBERS}"),
    public("accounts:enrol_app", f"unverified {MEMBERS}"),
    public("accounts:recovery_codes", ""),  # shown once, after a first code of the new app
    public("accounts:sign_out", gives="leads on", methods="POST"),
    public("accounts:invitation", gives="404"),  # opens by the secret of a link
    public("accounts:password_reset"),
    public("accounts:password_reset_sent"),
    public("accounts:password_reset_confirm", gives="404"),  # likewise
    public("accounts:display"),
    public("accounts:demo_codes", gives="404"),  # there is no such page but in the demo
    people("accounts:confirm_code"),
    people("accounts:stay_signed_in", methods="POST"),
    Row("accounts:kept", "own", a_kept_post),
    Row("accounts:discard_kept", "own", a_kept_post, methods="POST"),
    # portal.accounts: one's own account, and the people of a partnership
    people("accounts:account"),
    people("accounts:name"),
    people("accounts:password"),
    people("accounts:new_recovery_codes", methods="POST", gives="leads on"),
    people("accounts:sign_out_everywhere", methods="POST", gives="leads on"),
    people("accounts:act_as", methods="POST"),
    people("accounts:people", MANAGERS),
    people("accounts:invite", MANAGERS),
    Row("accounts:withdraw_invitation", "withdraw", an_invitation, forbidden=OTHERS, methods="POST"),
    Row("accounts:end_membership", "end", a_membership, forbidden=f"refused {OTHERS}"),
    Row("accounts:reset_second_factor", "reset", a_person, forbidden=f"refused {OTHERS}"),
    # portal: trail, messages
    people("audit:list", "administrator auditor", methods="GET"),
    people("outbox:list", MANAGERS, methods="GET"),
    Row("outbox:detail", "follow", a_message, forbidden=OTHERS, methods="GET"),
    Row("outbox:retry", "retry", a_message, forbidden=_without(MEMBERS, "administrator"), methods="POST"),
    # home, the manual
    public("wagtailcore_login", gives="leads on"),  # to the sign-in page
    people("home:my_work"),
    reader("procedures:search"),
    reader("procedures:suggest", gives="an answer"),
    reader("procedures:front"),
    reader("sharing:contacts"),
    reader("wagtail_serve", "read", a_page, sign_in="sign_in"),
    reader("reading:a_to_z"),
    reader("reading:glossary"),
    reader("reading:section", "read", an_address_of_a_section),
    reader("wagtaildocs_serve", "read", a_document, sign_in="sign_in"),
    reader("wagtaildocs_authenticate_with_password", "read", a_restriction),
    reader("manual_picture", ""),  # there is no picture in this world
    # editions of chapters
    reader("editing:amendments", methods="GET"),
    reader("editing:chapter", "read", a_chapter, methods="GET"),
    reader("editing:choose_comparison", "read", a_chapter, methods="GET"),
    reader("editing:edition", "read", an_edition, methods="GET"),
    reader("editing:comparison", "read", two_editions, methods="GET"),
    reader("editing:picture", "", methods="GET"),  # there is no picture in this world
    Row("editing:restore", "restore", an_edition, forbidden="read", methods="POST"),
    # readers of the manual
    reader("readers:report", "read", a_section),
    reader("readers:reported", "read", a_section, methods="GET"),
    reader("readers:answer", gives="404", methods="GET"),  # opens by the token of a mail
    public("readers:unsubscribe", gives="404"),  # likewise
    people("readers:start", gives="leads on", methods="GET"),
    people("readers:mine", methods="GET"),
    Row("readers:follow", "read", a_chapter_to_follow),
    people("readers:unfollow", methods="POST"),  # of nobody's but one's own: the others are passed over
    Row("readers:confirm", "read", a_must_read, methods="POST"),
    people("readers:feedback", MANAGERS, methods="GET"),
    Row("readers:feedback_item", "answer", a_report),
    Row("readers:set_aside", "answer", a_report, methods="POST"),
    people("readers:must_read", f"{MANAGERS} {LEADS}", methods="GET"),
    Row("readers:must_read_edition", "watch", a_must_read, forbidden=WATCHES_NOBODY, methods="GET"),
    Row("readers:chase", "manage", a_must_read, forbidden=OTHERS, methods="POST"),
    Row("readers:export", "manage", a_must_read, forbidden=OTHERS, methods="GET"),
    reader("exporting:copies", methods="GET"),
    reader("exporting:ask", methods="POST", gives="404"),  # nothing is named in the post
    reader("exporting:copy", "have", a_copy, methods="GET"),
    reader("exporting:progress", "have", a_copy, methods="GET"),
    reader("exporting:download", "have", a_copy, methods="GET"),
    reader("exporting:chapter", "read", a_chapter_to_take, methods="GET"),
    reader("exporting:edition", "read", an_edition_to_take, methods="GET"),
    # referrals
    people("referrals:start", REFERRERS),
    case("referrals:change_sent", "refer"),
    Row("referrals:task_list", "drafter", a_draft, methods="GET"),
    Row("referrals:check", "drafter", a_draft),
    Row("referrals:sent", "drafter", a_draft, methods="GET"),
    Row("referrals:delete", "writer", a_draft),
    Row("referrals:section", "writer", a_draft),
    Row("referrals:add", "writer", a_list),
    Row("referrals:item", "writer", a_child),
    Row("referrals:remove", "writer", a_list),
    # cases
    people("cases:list", methods="GET"),
    people("cases:find_person"),
    people("cases:interest_declared", methods="GET"),
    case("cases:detail", "see", methods="GET"),
    case("cases:people", "names", methods="GET"),
    case("cases:agencies", "see", methods="GET"),
    case("cases:forms", "see", methods="GET"),
    Row("cases:form", "read", a_form, methods="GET"),
    case("cases:timeline", "see", methods="GET"),
    case("cases:print", "see", methods="GET"),
    case("cases:access", "manage"),
    case("cases:declare_interest", "see"),
    case("cases:record_interest", "manage"),
    case("cases:appeals", "decide", methods="GET"),
    case("cases:lift_interest", "lift", an_interest, methods="POST"),
    # the steps of a case
    case("workflow:triage", "manage"),
    case("workflow:withdraw", "withdraw"),
    case("workflow:answer", "refer"),
    case("workflow:ask", "manage"),
    case("workflow:information", "give"),
    case("workflow:close", "manage"),
    people(
        "panels:meetings", f"{PANEL} manager eller_manager", posts="manager chair eller_manager eller_chair"
    ),
    Row("panels:meeting", "read", a_meeting, posts="keep"),
    case("panels:paper", "decision", methods="GET"),
    case("panels:recommendation", "recommend"),
    case("panels:decision", "decide"),
    case("scoping:scope", "decision", methods="GET"),
    case("scoping:agree", "scope"),
    case("scoping:version", "decision", a_version, methods="GET"),
    case("deadlines:extend", "manage", a_time_limit),
    case("deadlines:done", "manage", a_time_limit),
    people("deadlines:list", methods="GET"),
    # plans and quarters
    case("actionplans:plan", "plan", methods="GET"),
    case("actionplans:adopt", "manage"),
    people("actionplans:mine", methods="GET"),
    Row("actionplans:update", "update", an_action, forbidden="read"),
    people("quarterly:list", "manager eller_manager", methods="GET"),
    people("quarterly:ask", "manager eller_manager", methods="POST"),
    Row("quarterly:export", "own", a_workbook, methods="GET"),
    Row("quarterly:progress", "own", a_workbook, methods="GET"),
    Row("quarterly:download", "own", a_workbook, methods="GET"),
]

# Everything below /cms/ is Wagtail's and stands under one rule: managers of a partnership enter, nobody else.
CMS = "cms/"
CMS_FAILS_ON_PURPOSE = {"wagtailadmin_error_test"}
# What addresses without an object of ours hold.
FILLED = {"label": "2026-27-Q2", "name": "no-such-picture.png", "subscription_id": NOWHERE}


# ---- Comparing ---------------------------------------------------------------------------------------------


def problems_of_the_table(rows: Iterable[Row], urlconf: str | None = None) -> list[str]:
    """Routes without a row, rows without a route, rows that stand twice."""
    routes = [route.key for route in all_routes(urlconf) if not route.pattern.startswith(CMS)]
    named = [row.route for row in rows]
    return [
        *(f"{key} has no row in tests/matrix.py" for key in routes if key not in named),
        *(f"the row {key} belongs to no page" for key in named if key not in routes),
        *(f"{key} stands more than once" for key in {*named} if named.count(key) > 1),
        *(f"{key} is mounted more than once" for key in {*routes} if routes.count(key) > 1),
    ]


def expected(row: Row, label: str, person: str, method: str) -> str:
    """What the table says: "opens", "leads on", "an answer", a status, or the path to which one is sent."""
    rights = row.to.rights[label] if row.to else None

    def holds(words: str) -> bool:
        named = words.split()
        if rights is not None:
            named += [one for word in named for one in rights.get(word, "").split()]
        return person in named

    if person in who.WAY_IN and row.level == "verified":
        return who.WAY_IN[person]
    if method not in row.methods:
        return "405"
    if holds(row.opens):
        may = method == "GET" or not row.posts or holds(row.posts)
        return row.gives if may else "403"
    if row.sign_in and holds(row.sign_in):
        return "/sign-in/"
    return "403" if row.forbidden and holds(row.forbidden) else row.others


DOES_SOMETHING = ("opens", "leads on", "an answer")


def fits(wanted: str, answer: Answer) -> bool:
    """Whether an answer is what the table says."""
    to = path_of(answer.location)
    if wanted == "opens":
        return answer.status in (200, 204, 409) or (answer.status == 302 and not to.startswith("/sign-in/"))
    if wanted == "leads on":
        return answer.status == 302
    if wanted == "an answer":
        return answer.status in (200, 302)
    if wanted.startswith("/"):
        return answer.status == 302 and to == wanted
    return str(answer.status) == wanted


@dataclass
class Knock:
    """One address of one row, ready to be asked for."""

    row: Row
    label: str
    path: str


def knocks(world: World, rows: Iterable[Row] = ROWS) -> Iterator[Knock]:
    """Every address that the matrix asks for: each page with each object of its kind."""
    routes = {route.key: route for route in all_routes()}
    for row in rows:
        for label in row.to.rights if row.to else [""]:
            values = {**FILLED, **(row.to.values(world, label) if row.to else {})}
            yield Knock(row, label, routes[row.route].path(values))


def compare(asking: Browser, found: Iterable[Knock]) -> list[str]:
    """Where the portal does not do what the table says, and what was met that must not be.

    Every object is asked for; a POST is tried once for each way in which a page refuses this person. What an act
    does is for the tests of its app; here, who is kept from it.
    """
    wrong = []
    posted = set()
    for knock in found:
        for method in ("GET", "POST"):
            wanted = expected(knock.row, knock.label, asking.person, method)
            if method == "POST":
                if wanted in DOES_SOMETHING or (knock.row.route, wanted) in posted:
                    continue
                posted.add((knock.row.route, wanted))
            answer = asking.ask(knock.path, method)
            if not fits(wanted, answer):
                wrong.append(f"{knock.row.route} {knock.label}: the table says {wanted}, but {answer}")
            wrong += asking.leaks(answer)
    return wrong


# ---- The proofs --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all of this module's tests; each request undoes what it did."""
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(scope="module")
def addresses(world: World) -> list[Knock]:
    return list(knocks(world))


def test_every_page_has_its_row_and_every_row_its_page() -> None:
    assert problems_of_the_table(ROWS) == []


def test_addresses_lead_to_the_pages_that_the_rows_name(addresses: list[Knock]) -> None:
    """A page that another one hides would be tried in vain."""
    for knock in addresses:
        match = resolve(knock.path)
        assert match.view_name == knock.row.route, knock.path


@pytest.mark.parametrize("person", EVERYBODY.split())
def test_the_portal_does_what_the_table_says_for(person: str, world: World, addresses: list[Knock]) -> None:
    with browser(world, person) as asking:
        wrong = compare(asking, addresses)
    assert not wrong, "\n".join(wrong)


def test_whoever_is_refused_reads_the_same_words(world: World, addresses: list[Knock]) -> None:
    """A case of somebody else's cannot be told from one that never was, nor one stranger from another."""
    bodies: dict[int, set[str]] = {403: set(), 404: set()}
    pages = (
        "cases:people",
        "cases:form",
        "workflow:triage",
        "actionplans:update",
        "referrals:check",
        "quarterly:export",
    )
    for person in ("lead_edu", "auditor", "lead_hos", "practitioner", "manager"):
        with browser(world, person) as asking:
            for knock in addresses:
                if knock.row.route in pages:
                    answer = asking.ask(knock.path)
                    bodies.setdefault(answer.status, set()).add(answer.text)
    assert [len(bodies[status]) for status in (403, 404)] == [1, 1]
    (not_found,) = bodies[404]
    assert "CR-" not in not_found


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_stranger_gets_nowhere_by_another_method(method: str, world: World, addresses: list[Knock]) -> None:
    wrong = []
    with browser(world, "anonymous") as asking:
        for knock in addresses:
            answer = asking.ask(knock.path, method)
            if method == "TRACE":
                fine = answer.status == 405
            elif knock.row.level == "verified":
                fine = answer.status == 302 and path_of(answer.location) == "/sign-in/"
            else:
                fine = answer.status in (200, 302, 404, 405)
            wrong += [] if fine else [f"{knock.row.route} {knock.label}: {answer}"]
            wrong += asking.leaks(answer)
    assert not wrong, "\n".join(wrong)


def test_a_member_changes_nothing_by_another_method(world: World, addresses: list[Knock]) -> None:
    """The stranger of a case is refused as ever; nobody meets a broken page."""
    wrong = []
    with browser(world, "lead_edu") as asking:
        for knock, method in zip(addresses, cycle(("PUT", "PATCH", "DELETE")), strict=False):
            answer = asking.ask(knock.path, method)
            refused = expected(knock.row, knock.label, "lead_edu", "GET") in ("403", "404")
            fine = answer.status in (403, 404, 405) if refused else answer.status < 500
            wrong += [] if fine else [f"{knock.row.route} {knock.label}: {answer}"]
            wrong += asking.leaks(answer)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", OUTSIDE.split())
def test_a_closed_manual_asks_to_sign_in_and_does_not_tell_which_chapters_there_are(
    person: str, world: World, addresses: list[Knock]
) -> None:
    closed = world.cast.eller.hostname
    wrong = []
    with browser(world, person, closed) as asking:
        for knock in addresses:
            if knock.row.level == "reader":
                answer = asking.ask(knock.path)
                if not fits(who.WAY_IN[person], answer):
                    wrong.append(f"{knock.row.route} {knock.label}: {answer}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", ["eller_practitioner", "eller_manager"])
def test_a_closed_manual_opens_to_its_members(person: str, world: World, addresses: list[Knock]) -> None:
    with browser(world, person, world.cast.eller.hostname) as asking:
        for knock in addresses:
            if knock.row.level == "reader":
                answer = asking.ask(knock.path)
                assert fits(expected(knock.row, knock.label, person, "GET"), answer), answer


def test_a_page_of_an_unmarked_type_is_for_verified_sessions_however_open_the_manual_is(world: World) -> None:
    address = world.pages["unmarked"].get_url()
    for person, path_to in who.WAY_IN.items():
        with browser(world, person) as asking:
            assert fits(path_to, asking.ask(address)), person
    with browser(world, "practitioner") as asking:
        assert asking.ask(address).status == 200


OF_ONE_PARTNERSHIP = ["audit:list", "outbox:list", "outbox:detail", "quarterly:list", "quarterly:ask"]


@pytest.mark.parametrize("person", ["manager", "administrator", "auditor", "eller_manager"])
def test_the_other_partnerships_host_name_opens_nothing_of_it(
    person: str, world: World, addresses: list[Knock]
) -> None:
    here = world.cast.tarn if person in who.ELLER.split() else world.cast.eller
    wrong = []
    with browser(world, person, here.hostname) as asking:
        for knock in addresses:
            if knock.row.to not in (None, a_message):
                continue
            answer = asking.ask(knock.path, "POST" if knock.row.methods == "POST" else "GET")
            # Tarnbrook's manual is open to anyone at its host name, and so is what is local in it.
            open_to_anyone = "manual's tarn" if here == world.cast.tarn else "nothing"
            wrong += [leak for leak in asking.leaks(answer) if open_to_anyone not in leak]
            if knock.row.route in OF_ONE_PARTNERSHIP and answer.status != 403:
                wrong.append(f"{knock.row.route} {knock.label} at {here.hostname}: {answer}")
    assert not wrong, "\n".join(wrong)


# ---- The CMS admin -----------------------------------------------------------------------------------------


def cms_paths(world: World) -> Iterator[tuple[Route, str]]:
    """Every address below /cms/, filled with rows that exist, of the other partnership where they belong to one."""
    page, document = world.pages["private"], world.documents["privatefile"]
    eller = world.cast.eller
    closed_day = ClosedDay.objects.create(partnership=eller, date="2026-12-29", reason="Between the years")
    filled: dict[str, Any] = dict.fromkeys(
        ("parent_page_id", "page_id", "page_to_move_id", "page_pk", "destination_id"), page.pk
    )
    filled |= dict.fromkeys(("content_type_app_name", "app_label", "app_name"), "procedures") | dict.fromkeys(
        ("content_type_model_name", "model_name"), "chapterpage"
    )
    filled |= {
        "object_id": page.pk, "revision_id": page.latest_revision_id, "revision_id_a": "live",
        "revision_id_b": "latest", "document_id": document.pk, "doc_id": document.pk, "uploaded_file_id": 1,
        "image_id": 1, "filter_spec": "original", "redirect_id": 1, "collection_id": document.collection_id,
        "task_state_id": 1, "task_id": 1, "workflow_pk": 1, "workflow_state_id": 1, "session_id": 1,
        "action": "delete", "action_name": "unpublish", "uidb64": "MQ", "token": "set-password",
        "run_id": NOWHERE, "finding_id": 1, "state_id": 1,
    }  # fmt: skip
    rows_by_place = {
        "users/": world.person("eller_practitioner").pk,
        "groups/": Group.objects.get(name="Editors").pk,
        "sites/": Site.objects.get().pk,
        "collections/": Collection.objects.exclude(depth=1).first().pk,  # type: ignore[union-attr]
        "documents/chooser/": document.pk,
        "api/main/^documents/": document.pk,
        "^time-limits/": DeadlineRule.objects.filter(partnership=eller)[:1].get().pk,
        "^closed-days/": closed_day.pk,
        "^status-definitions/": eller.rag_definitions.first().pk,
        "^local-boxes/": world.boxes["eller"].pk,
        "^contacts/": Contact.objects.get(partnership=eller).pk,
        "^synonyms/": Synonym.objects.create(partnership=eller, words="ELX\nEllerfold extra").pk,
        "^best-bets/": BestBet.objects.create(partnership=eller, form="case-referral", questions="elx").pk,
    }
    for route in all_routes():
        if route.pattern.startswith(CMS):
            rest = route.pattern.removeprefix(CMS)
            known = next((pk for start, pk in rows_by_place.items() if rest.startswith(start)), page.pk)
            values = {**filled, "pk": known, "instance_pk": known}
            yield route, "/cms/nothing/here/" if rest == "^.*/$" else route.path(values)


@pytest.fixture(scope="module")
def cms(world: World) -> list[tuple[Route, str]]:
    return list(cms_paths(world))


def test_the_cms_has_about_as_many_pages_as_wagtail_ships(cms: list[tuple[Route, str]]) -> None:
    assert len(cms) >= 190
    assert not [address for route, address in cms if not resolve(address).route.startswith(CMS)]


@pytest.mark.parametrize("person", [one for one in EVERYBODY.split() if one not in MANAGERS.split()])
def test_the_cms_is_closed_to(person: str, world: World, cms: list[tuple[Route, str]]) -> None:
    wanted = who.WAY_IN.get(person, "403")
    wrong = []
    with browser(world, person) as asking:
        for number, (_, address) in enumerate(cms):
            for method in ("GET", "POST") if person in who.WAY_IN or number % 4 == 0 else ("GET",):
                answer = asking.ask(address, method)
                wrong += [] if fits(wanted, answer) else [f"the rule says {wanted}, but {answer}"]
                wrong += asking.leaks(answer)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", ["manager", "administrator", "eller_manager"])
def test_the_cms_opens_to_those_who_manage_a_partnership_and_holds_nothing_of_a_case_or_of_anothers_local_manual(
    person: str, world: World, cms: list[tuple[Route, str]]
) -> None:
    """Markers of cases, local chapters, boxes, contacts; tests/procedures/sharing asks for local pages by number."""
    wrong = []
    opened = 0
    with browser(world, person) as asking:
        for route, address in cms:
            answer = asking.ask(address)
            refused = path_of(answer.location).startswith("/sign-in/") or "You may not do this" in answer.text
            broken = answer.status >= 500 and route.name not in CMS_FAILS_ON_PURPOSE
            opened += answer.status == 200
            if refused or broken:
                wrong.append(str(answer))
            marks = {case for case, _ in found_in(answer.text)} - {"manual"}
            if marks or references_in(answer.text):
                wrong.append(f"{address} shows {marks} {references_in(answer.text)}")
            wrong += [
                leak for leak in asking.leaks(answer) if "manual's tarn" in leak or "manual's eller" in leak
            ]
    assert not wrong, "\n".join(wrong)
    assert opened > 60  # it is not empty behind the door


@pytest.mark.parametrize("person", ["manager", "administrator"])
def test_the_cms_registers_hold_no_row_of_the_other_partnership(
    person: str, world: World, cms: list[tuple[Route, str]]
) -> None:
    with browser(world, person) as asking:
        for route, address in cms:
            if "instance_pk" in route.parameters:
                for method in ("GET", "POST"):
                    answer = asking.ask(address, method)
                    assert answer.status in (403, 404), str(answer)


# ---- The matrix can fail -----------------------------------------------------------------------------------


def forgotten(request: HttpRequest) -> HttpResponse:
    """A page that somebody adds without a row."""
    return HttpResponse("Nobody thought of me")


urlpatterns = [path("forgotten/<uuid:row>/", forgotten, name="forgotten"), *portal_patterns]


def test_a_page_without_a_row_is_noticed() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        assert problems_of_the_table(ROWS) == ["forgotten has no row in tests/matrix.py"]


def test_a_row_without_a_page_and_one_that_stands_twice_are_noticed() -> None:
    rows = [*ROWS, people("cases:gone"), people("cases:list")]
    assert problems_of_the_table(rows) == [
        "the row cases:gone belongs to no page",
        "cases:list stands more than once",
    ]


def test_a_rule_that_lets_one_role_too_many_in_is_noticed_page_by_page(
    world: World, addresses: list[Knock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One rule broken on purpose: every lead of the partnership sees a case, of whatever agency."""
    everybody = policy.Rule(frozenset({policy.Role.AGENCY_LEAD}))
    monkeypatch.setitem(policy.RULES, Action.SEE, (*policy.RULES[Action.SEE], everybody))
    asked = [knock for knock in addresses if knock.row.route in ("cases:detail", "cases:people")]
    with browser(world, "lead_edu") as asking:
        wrong = compare(asking, asked)
    tarns = [name for name in KNOCK_AT if name != "eller"]
    of_the_page = [line for line in wrong if line.startswith("cases:detail")]
    assert [line.split(":")[1].split()[-1] for line in of_the_page] == tarns
    assert all(
        "the table says 404, but lead_edu GET" in line and line.endswith("200") for line in of_the_page
    )
    of_the_names = [line for line in wrong if line.startswith("cases:people")]
    assert len(of_the_names) == len(tarns)
    assert all("says 404" in line and line.endswith("403") for line in of_the_names)
    met = {line for line in wrong if line.startswith("lead_edu meets")}
    assert f"lead_edu meets gathering's reference at /cases/{world.cases['gathering'].reference}/" not in met
    assert not [line for line in met if "eller" in line]


def test_a_page_that_forgets_the_policy_is_noticed(
    world: World, addresses: list[Knock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of names takes the case as the address names it."""

    def whoever_asks(request: HttpRequest, ref: str, *rest: Any, **more: Any) -> Case:
        return Case.objects.get(reference=ref)

    monkeypatch.setattr(case_views, "open_case", whoever_asks)
    (people_of_eller,) = [
        knock for knock in addresses if knock.row.route == "cases:people" and knock.label == "eller"
    ]
    with browser(world, "lead_pol") as asking:
        wrong = compare(asking, [people_of_eller])
    assert f"the table says 404, but lead_pol GET {people_of_eller.path}: 200" in wrong[0]
    assert f"lead_pol meets eller's first at {people_of_eller.path}" in wrong


def test_refusals_are_written_down(world: World) -> None:
    """Each stranger's knock at a case leaves one event for the auditors of the case's partnership."""
    reference = world.cases["eller"].reference
    with browser(world, "lead_pol") as asking:
        before = AccessEvent.objects.filter(object_ref=reference, verb="refused").count()
        response = asking.client.get(f"/cases/{reference}/")
        events = AccessEvent.objects.filter(object_ref=reference, verb="refused")
        assert response.status_code == 404
        assert events.count() == before + 1
        assert events.latest("id").partnership_id == world.cast.eller.pk
