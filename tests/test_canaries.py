"""The canary crawl: a marker in every field of every case; what people are shown, and what the portal leaves behind.

Who may meet which marker is written by hand in tests/proofs/who.py. Everything a person can reach by links and
search boxes is collected (pages, JSON, workbooks); then the places that nobody is shown: mail, logs, queue, sessions,
cache, files, the database itself, error pages.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage
from django_q.tasks import _sync

from caseforms.actionplans.models import Action as PlanAction
from caseforms.cases import policy, selectors, timeline
from caseforms.cases.models import Case
from caseforms.cases.policy import Action
from caseforms.deadlines import reminders
from caseforms.quarterly import jobs as quarterly_jobs
from caseforms.quarterly import services as quarterly
from caseforms.quarterly import workbook
from portal.accounts.models import Role
from portal.logs import WithoutValues
from portal.outbox import guards
from portal.outbox.jobs import deliver
from portal.outbox.models import Message, State
from portal.reminders.jobs import chase
from tests.cast import client_for
from tests.portal.accounts.helpers import sign_in
from tests.proofs import who
from tests.proofs.browsing import browser, leaks_in, readable
from tests.proofs.canaries import BORN, Mark, found_in, references_in, word
from tests.proofs.crawling import Crawl, crawl, search_for_people
from tests.proofs.who import ELLER, EVERYBODY, MEMBERS, OUTSIDE, TARN
from tests.world import World, built

pytestmark = pytest.mark.django_db
LOGGERS = ("", "django", "django-q", "portal", "caseforms", "procedures", "home")


# ---- The world, and everything that is logged in it --------------------------------------------------------


class Kept(logging.Handler):
    """Every log line as production writes it, tracebacks and the lines of DEBUG included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(WithoutValues("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Scene:
    """The world with its log and the crawls made so far."""

    world: World
    log: Kept
    crawls: dict[str, Crawl] = field(default_factory=dict)

    def crawl(self, person: str) -> Crawl:
        """What this person is shown; each crawl is made once."""
        if person not in self.crawls:
            with browser(self.world, person) as asking:
                last = OrmQ.objects.latest("pk").pk
                done = crawl(asking, probes=probes(self.world), look=lambda: traces(last))
                if person in MEMBERS.split():
                    done.problems += search_for_people(asking, people_to_search(self.world))
            self.crawls[person] = done
        return self.crawls[person]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    log = Kept()
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).addHandler(log)
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        with django_db_blocker.unblock(), built() as world:
            yield Scene(world, log)
    finally:
        for name, level in before.items():
            logging.getLogger(name).removeHandler(log)
            logging.getLogger(name).setLevel(level)


@pytest.fixture
def world(scene: Scene) -> World:
    return scene.world


def probes(world: World) -> list[str]:
    """What is typed into search boxes: words of cases and chapters, references, and a word of every chapter."""
    return [
        word("gathering", "last"),
        word("eller", "last"),
        word("manual", "private"),
        word("manual", "tarnlocal"),
        word("manual", "ellerlocal"),
        "bruises",
        world.cases["planned"].reference,
        world.cases["eller"].reference,
    ]


def people_to_search(world: World) -> list[dict[str, str]]:
    """Surnames and days of birth of a child of each partnership."""
    found = []
    for case in ("gathering", "planned", "eller"):
        day = BORN[case]
        found.append({"surname": word(case, "last")})
        found.append({"born_0": str(day.day), "born_1": str(day.month), "born_2": str(day.year)})
    return found


def traces(after: int = 0) -> str:
    """What lies in the sessions, and in the queue after a row, as those read it whose it is."""
    sessions = [repr(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join(sessions + queued(after))


def queued(after: int = 0) -> list[str]:
    """The rows of the queue as their worker would read them."""
    return [repr(SignedPackage.loads(row.payload)) for row in OrmQ.objects.filter(pk__gt=after)]


def of_cases(marks: set[Mark]) -> set[Mark]:
    """Markers of cases; those of the manual's chapters are not about anybody."""
    return {mark for mark in marks if mark[0] != "manual"}


# ---- What people are shown ---------------------------------------------------------------------------------

AT_LEAST = {"manager": 150, "chair": 100, "eller_manager": 60, "practitioner": 60, "auditor": 8}


def problems_of(done: Crawl) -> list[str]:
    """What a crawl met that it must not, and whether it went anywhere: an empty crawl would prove nothing."""
    floor = AT_LEAST.get(done.person, 12 if done.person in MEMBERS.split() else 5)
    few = [f"{done.person} saw {len(done.pages)} pages only: {done.pages}"] if len(done.pages) < floor else []
    return done.problems + few


@pytest.mark.parametrize("person", EVERYBODY.split())
def test_nothing_that_is_not_theirs_is_shown_to(person: str, scene: Scene) -> None:
    problems = problems_of(scene.crawl(person))
    assert not problems, "\n".join(problems)


def test_whoever_may_see_something_does_see_it(scene: Scene) -> None:
    """What anybody at all was shown is also shown to everybody else who may see it."""
    shown: set[Mark] = set().union(*(scene.crawl(person).met for person in EVERYBODY.split()))
    for person in MEMBERS.split():
        may = {mark for mark in of_cases(shown) if who.may_know(person, *mark)}
        assert may - scene.crawl(person).met == set(), person


def test_the_markers_of_every_kind_were_met_by_somebody(scene: Scene) -> None:
    """A kind of field that no page ever shows would go unwatched."""
    shown: set[Mark] = set().union(*(scene.crawl(person).met for person in MEMBERS.split()))
    for case in ("gathering", "planned", "eller"):
        for kind in (
            "first",
            "last",
            "other",
            "born",
            "address",
            "familyfirst",
            "account",
            "injuries",
            "reasons",
        ):
            assert (case, kind) in shown
    for mark in who.OWN:
        assert mark in shown or mark[0] == "manual", mark
    for kind in who.KINDS:
        assert [mark for mark in shown if mark[1] == kind], kind


def test_a_reader_of_the_manual_finds_the_chapters_that_are_theirs(scene: Scene) -> None:
    for person in [*OUTSIDE.split(), *MEMBERS.split()]:
        met = {kind for case, kind in scene.crawl(person).met if case == "manual"}
        closed = person in ELLER.split()
        wanted = {"open"} | ({"login"} if person in MEMBERS.split() else set())
        wanted |= {"private"} if person in who.MANAGERS.split() else set()
        wanted |= {f"{'eller' if closed else 'tarn'}{kind}" for kind in ("local", "box", "contact")}
        assert met == wanted, (person, closed)


def test_the_crawl_came_by_pages_workbooks_and_json(scene: Scene) -> None:
    kinds = scene.crawl("manager").kinds
    assert {"text/html", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} <= kinds
    assert any("/quarters/exports/" in address for address in scene.crawl("manager").pages)
    assert not [address for address in scene.crawl("lead_edu").pages if "/quarters/" in address]


def test_no_address_holds_anything_about_anybody(scene: Scene) -> None:
    typed = set().union(*map(found_in, probes(scene.world)))
    for person in EVERYBODY.split():
        for address in scene.crawl(person).pages:
            assert of_cases(found_in(address)) <= typed, address


# ---- Workbooks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partnership", "person", "cases", "kinds"),
    [
        ("TARN", "manager", {"planned"}, {"plancsc", "planpol", "planicb", "updatecsc"}),
        ("TARN", "", {"planned"}, {"plancsc", "planpol", "planicb", "updatecsc"}),
        ("ELLER", "eller_manager", {"eller"}, {"planpol", "planelc", "updatepol"}),
        ("ELLER", "", {"eller"}, {"planpol", "planelc", "updatepol"}),
    ],
)
def test_a_workbook_holds_the_plans_of_its_partnership_and_nothing_else(
    partnership: str, person: str, cases: set[str], kinds: set[str], world: World, tmp_path: Path
) -> None:
    out = tmp_path / "quarter.xlsx"
    options = {"partnership": partnership, "out": str(out), "stdout": io.StringIO()}
    if person:
        options["email"] = world.person(person).email
    call_command("export_quarter", world.quarter.label, **options)
    words = readable(out.read_bytes())
    assert found_in(words) == {(case, kind) for case in cases for kind in kinds}
    assert references_in(words) == {world.cases[case].reference for case in cases}


# ---- Mail --------------------------------------------------------------------------------------------------


def test_mail_names_nobody_and_reaches_only_those_who_may_see_the_case(world: World) -> None:
    people = {world.person(key).email: key for key in [*TARN.split(), *ELLER.split()]}
    chase(now=timezone.now() + timedelta(days=90))  # every reminder that will ever be due
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert deliver(limit=1000) > 20
    assert len(mail.outbox) > 20
    for message in mail.outbox:
        words = "\n".join(
            [
                message.subject,
                message.body,
                *(str(body) for body, _ in message.alternatives),
                str(message.extra_headers),
            ]
        )
        assert of_cases(found_in(words)) == set(), (
            message.subject
        )  # a chapter may be named to who may read it
        assert not re.search(
            r"\b(child|injur|abuse|neglect|died|death)", message.subject + message.body, re.I
        )
        (to,) = message.to
        if to in people:
            assert leaks_in(world, people[to], "", words) == []
    kept = Message.objects.exclude(state=State.SENT)
    assert not kept.exclude(state=State.WITHHELD).exists()
    rows = [
        f"{row.key} {row.subject} {row.text} {row.html} {row.last_error}" for row in Message.objects.all()
    ]
    assert of_cases(found_in("\n".join(rows))) == set()


def test_whoever_loses_a_case_between_the_event_and_the_delivery_gets_no_mail_about_it(world: World) -> None:
    """The mails wait in the outbox while the police lead declares an interest."""
    recipient = world.person("lead_pol")
    waiting = Message.objects.filter(
        recipient_id=recipient.pk, guard="case", subject_id=world.cases["gathering"].pk
    )
    assert waiting.exists()
    with browser(world, "lead_pol") as asking:
        reference = world.cases["gathering"].reference
        asking.client.post(f"/cases/{reference}/interest/", {"reason": "A neighbour"})
        deliver(limit=1000)
        assert not [one for one in mail.outbox if reference in one.body and recipient.email in one.to]
        assert [
            one for one in mail.outbox if reference in one.body and world.person("lead_csc").email in one.to
        ]


# ---- Queue -------------------------------------------------------------------------------------------------


def test_queue_rows_hold_ids_alone_before_and_after_their_task_has_run(world: World) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        client = client_for(world.member("manager"))
        response = client.post(f"/quarters/{world.quarter.previous().label}/export/")
    assert response.status_code == 302
    assert OrmQ.objects.count() > 5
    functions = {SignedPackage.loads(row.payload)["func"] for row in OrmQ.objects.all()}
    assert len(functions) >= 2  # delivery and export
    assert found_in("\n".join(queued())) == set()
    assert references_in("\n".join(queued())) == set()
    for row in OrmQ.objects.order_by("-pk")[:3]:
        _sync(row.payload)
    ran = Task.objects.all()
    assert ran.filter(success=True).count() == 3
    kept = "\n".join(f"{task.name} {task.func} {task.args!r} {task.kwargs!r} {task.result!r}" for task in ran)
    assert found_in(kept) == set()


def test_jobs_that_break_quote_nobody(world: World, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error's own words may hold what a case holds; what is kept of it is its kind."""
    said = word("gathering", "account")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"cannot read {said}")

    begin = len(scene.log.lines)
    monkeypatch.setattr(workbook, "sheets", broken)
    monkeypatch.setattr(guards, "allows", broken)
    monkeypatch.setattr(reminders, "_levels", broken, raising=False)
    actor = world.member("manager")
    export, _ = quarterly.ask(actor.partnership, world.quarter.previous(), actor)
    quarterly_jobs.run_export(str(export.pk))
    deliver(limit=1000)
    chase(now=timezone.now() + timedelta(days=90))
    export.refresh_from_db()
    rows = [f"{row.last_error}" for row in Message.objects.all()]
    logged = scene.log.lines[begin:]
    assert [line for line in logged if "ValueError" in line]
    assert found_in("\n".join([*rows, *logged, export.problem])) == set()


# ---- Error pages and logs ----------------------------------------------------------------------------------


def test_an_error_page_and_what_is_logged_of_it_tell_nothing(
    world: World, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = word("gathering", "account")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"cannot show {said}")

    begin = len(scene.log.lines)
    monkeypatch.setattr(timeline, "entries", broken)
    with browser(world, "manager") as asking:
        answer = asking.ask(f"/cases/{world.cases['gathering'].reference}/")
    assert answer.status == 500
    assert "Traceback" not in answer.text
    assert found_in(answer.text) == set()
    assert references_in(answer.text) == set()
    (logged,) = [line for line in scene.log.lines[begin:] if "Internal Server Error" in line]
    assert "ValueError" in logged
    assert "caseforms/cases/views.py" in logged
    assert found_in(logged) == set()


@pytest.mark.parametrize("path", ["/cases/{}/people/", "/cases/{}/", "/refer/{}/"])
def test_a_page_that_is_refused_says_nothing_about_the_case(path: str, world: World) -> None:
    for case in ("gathering", "eller"):
        for person in ("lead_edu", "auditor", "conflicted"):
            with browser(world, person) as asking:
                answer = asking.ask(path.format(world.cases[case].reference))
                assert answer.status == 404
                assert found_in(answer.text) == set()
                assert references_in(answer.text) == set()


def test_nothing_about_anybody_is_logged(scene: Scene) -> None:
    """Everything above has been logged at the most talkative level: building the world, every crawl, every error."""
    for person in EVERYBODY.split():
        scene.crawl(person)
    assert len(scene.log.lines) > 1000
    typed = set().union(*map(found_in, probes(scene.world)))
    wrong = [line for line in scene.log.lines if of_cases(found_in(line)) - typed]
    assert not wrong, "\n".join(wrong[:20])


# ---- What stays behind -------------------------------------------------------------------------------------


def test_sessions_and_cache_hold_nothing_about_anybody(world: World) -> None:
    """Somebody signs in, reads, types into forms that do not accept it, and goes on."""
    lead = world.member("lead_csc")
    client = Client(HTTP_HOST=lead.partnership.hostname)
    sign_in(client, lead)
    reference = world.cases["gathering"].reference
    assert client.get(f"/cases/{reference}/people/").status_code == 200
    said = word("gathering", "account")
    client.post(f"/cases/{reference}/interest/", {"reason": ""})
    action = PlanAction.objects.get(
        recommendation__plan__case=world.cases["planned"], lead_agency__code="CSC"
    )
    sent = {"version": action.version, "status": "on_track", "progress": said, "evidence": said}
    assert client.post(f"/actions/{action.pk}/update/", sent).status_code == 302
    client.post("/cases/find-a-person/", {"surname": word("gathering", "last")})
    assert Session.objects.exists()
    assert of_cases(found_in(traces())) == set()
    assert found_in(repr(vars(caches["default"]))) == set()


def test_the_database_holds_nothing_about_anybody_in_clear(world: World) -> None:
    """Every row of every table, as whoever steals the file would read it."""
    wrong = []
    rows = 0
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("finding_fts", "finding_names")):
                continue  # the index of the manual's words
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                rows += 1
                for column, value in zip(columns, row, strict=True):
                    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    if marks := of_cases(found_in(text)):
                        wrong.append(f"{table}.{column}: {sorted(marks)}")
    assert rows > 1000
    assert not wrong, "\n".join(wrong)


def test_files_of_cases_are_unreadable(world: World) -> None:
    files = [path for path in Path(settings.CASE_FILES_ROOT).rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        raw = path.read_bytes()
        assert b"PK\x03\x04" not in raw[:200]
        assert found_in(raw.decode("latin-1")) == set()
        assert found_in(path.name) == set()


# ---- The crawl can fail ------------------------------------------------------------------------------------


def test_a_list_that_forgets_the_policy_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One use of `cases_for` taken out: the list of cases shows every case there is."""

    def everything(user: Any, stage: str = "") -> Any:
        return Case.objects.all()

    monkeypatch.setattr(selectors, "listed", everything)
    with browser(world, "lead_edu") as asking:
        problems = crawl(asking).problems
    assert "lead_edu meets gathering's reference at /cases/" in problems
    assert "lead_edu meets eller's reference at /cases/" in problems
    assert "lead_edu meets planned's reference at /my-work/" in problems
    assert not [line for line in problems if "first at" in line]  # the pages behind the list still ask


def test_a_rule_that_lets_one_role_too_many_in_is_noticed_down_to_the_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every agency's lead sees every case of the partnership, and the people in it."""
    too_wide = policy.Rule(frozenset({Role.AGENCY_LEAD}))
    for action in (Action.SEE, Action.SEE_PEOPLE):
        monkeypatch.setitem(policy.RULES, action, (*policy.RULES[action], too_wide))
    with browser(world, "lead_edu") as asking:
        problems = crawl(asking, begin=["/cases/"]).problems
        problems += search_for_people(asking, [{"surname": word("planned", "last")}])
    people = f"/cases/{world.cases['planned'].reference}/people/"
    assert f"lead_edu meets planned's first at {people}" in problems
    assert f"lead_edu meets planned's born at {people}" in problems
    assert "lead_edu meets planned's reference at /cases/find-a-person/" in problems
    assert not [
        line for line in problems if "meets eller" in line
    ]  # the other partnership is still another one


def test_an_empty_crawl_is_noticed(scene: Scene) -> None:
    with browser(scene.world, "lead_csc") as asking:
        done = crawl(asking, begin=["/health/"])
    assert done.pages == ["/health/"]
    assert problems_of(done)
    assert not problems_of(scene.crawl("lead_csc"))
