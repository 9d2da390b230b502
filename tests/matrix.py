"""The matrix: every address of the portal, every person, every object, every method, against a table written by hand.

A new page needs one line in ROWS: its URL name, who opens it, and (where its address holds one) the kind of object.
Everybody who is not named is refused: 404, or 403 where `forbidden` or `others` says so. Without a line the matrix
fails, and so it does for a line without a page. Who has which right in which case stands in tests/proofs/who.py,
the kinds of object in tests/proofs/addresses.py; the CMS admin has a walk of its own in tests/test_cms.py.

Levels (portal/accounts/access.py): public, reader (the manual), verified. Sessions that are not verified are led to
the page that comes next for them, whatever the method and whether or not the object exists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path, resolve

from caseforms.cases import policy
from caseforms.cases import views as case_views
from caseforms.cases.models import Case
from caseforms.cases.policy import Action
from portal.audit.models import AccessEvent
from portal.urls import urlpatterns as portal_patterns
from tests.proofs import who
from tests.proofs.addresses import (
    KNOCK_AT,
    NOWHERE,
    PANEL,
    REFERRERS,
    Objects,
    a_case,
    a_chapter,
    a_chapter_to_follow,
    a_chapter_to_take,
    a_child,
    a_copy,
    a_document,
    a_draft,
    a_form,
    a_kept_post,
    a_list,
    a_meeting,
    a_membership,
    a_message,
    a_must_read,
    a_page,
    a_person,
    a_report,
    a_restriction,
    a_section,
    a_time_limit,
    a_version,
    a_workbook,
    an_action,
    an_address_of_a_section,
    an_edition,
    an_edition_to_take,
    an_interest,
    an_invitation,
    two_editions,
    without,
)
from tests.proofs.browsing import Browser, browser, fits, path_of
from tests.proofs.routes import CMS, all_routes
from tests.proofs.who import EVERYBODY, LEADS, MANAGERS, MEMBERS, OUTSIDE
from tests.world import World

pytestmark = pytest.mark.django_db


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


OTHERS = without(MEMBERS, MANAGERS)  # members who manage no partnership
WATCHES_NOBODY = without(OTHERS, LEADS)  # and lead no agency

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
    Row("outbox:retry", "retry", a_message, forbidden=without(MEMBERS, "administrator"), methods="POST"),
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
