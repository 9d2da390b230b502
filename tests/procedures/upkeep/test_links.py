"""The report of broken links, and asking addresses elsewhere without being led to where a server must not go."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from procedures.models import ChapterPage
from procedures.upkeep import asking, jobs
from procedures.upkeep.asking import Answer, ask, is_public
from procedures.upkeep.models import Address, Link, ReadChapter, Standing
from tests.cast import Cast
from tests.procedures.upkeep.conftest import draft_of

pytestmark = pytest.mark.django_db
REPORT = "/cms/upkeep/links/"


def write(page: ChapterPage, text: str) -> ChapterPage:
    """Publishes a chapter whose first section says this."""
    draft = draft_of(page)
    raw = [dict(block) for block in draft.body.raw_data]
    raw[0]["value"]["content"] = [{"type": "text", "id": str(uuid.uuid4()), "value": text}]
    draft.body = draft.body.stream_block.to_python(raw)
    draft.save_revision().publish()
    return ChapterPage.objects.get(pk=page.pk)


class Elsewhere(BaseHTTPRequestHandler):
    """A site on this machine, which only a test may be allowed to ask."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        status = {"/fine": 200, "/gone": 404, "/head-only-fails": 405 if self.command == "HEAD" else 200}.get(
            self.path
        )
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        else:
            self.send_response(status or 403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Elsewhere.asked = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def _allowed(settings: Any) -> None:
    settings.LINK_CHECK_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost:5432/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://224.0.0.1/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:secret@example.org/",
        "http://example.org:22/",
        "http://",
        "http://[",
    ],
)
def test_a_server_is_never_made_to_call_on_itself_or_its_neighbours(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(asking.socket, "create_connection", lambda *args: pytest.fail("connected"))
    assert ask(url).answer is Answer.NOT_ASKED


def test_a_name_that_has_a_private_address_beside_a_public_one_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def both(*args: Any, **kwargs: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]

    monkeypatch.setattr(asking.socket, "getaddrinfo", both)
    monkeypatch.setattr(asking.socket, "create_connection", lambda *args: pytest.fail("connected"))
    assert ask("http://example.org/").answer is Answer.NOT_ASKED


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []

    def connect(address: Any, timeout: int) -> Any:
        called.append(address)
        raise OSError

    monkeypatch.setattr(asking.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", ("93.184.216.34", 80))])
    monkeypatch.setattr(asking.socket, "create_connection", connect)
    assert ask("http://example.org/").answer is Answer.SILENT
    assert called == [("93.184.216.34", 80)]


def test_a_redirect_to_a_private_address_is_not_followed(site: str) -> None:
    host = site.removeprefix("http://").partition(":")[0]
    assert ask(f"{site}/to?http://127.0.0.2/", [host]).answer is Answer.NOT_ASKED
    assert ask(f"{site}/to?file:///etc/passwd", [host]).answer is Answer.NOT_ASKED
    assert ask(f"{site}/to?http://localhost:5432/", [host]).answer is Answer.NOT_ASKED


def test_public_is_public() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_answers(site: str) -> None:
    host = ["127.0.0.1"]
    assert ask(f"{site}/fine", host).answer is Answer.WORKING
    assert ask(f"{site}/gone", host).answer is Answer.FAILING
    assert ask(f"{site}/head-only-fails", host).answer is Answer.WORKING
    assert ask(f"{site}/to?/fine", host).answer is Answer.WORKING
    assert ask(f"{site}/to?/gone", host).answer is Answer.FAILING
    assert ask(f"{site}/round", host).answer is Answer.FAILING
    assert ask(f"{site}/members", host).answer is Answer.SILENT
    assert "GET /fine" not in Elsewhere.asked
    assert len([one for one in Elsewhere.asked if one.endswith("/round")]) == asking.REDIRECTS + 1


@pytest.mark.usefixtures("_allowed")
def test_the_report_says_what_works_what_fails_and_when(bea: Client, bruises: ChapterPage, site: str) -> None:
    write(bruises, f'<p><a href="{site}/fine">Good</a> <a href="{site}/gone">Bad</a></p>')
    assert "not checked (2)" in bea.get(REPORT).content.decode()
    assert jobs.check_links() == 2
    html = bea.get(REPORT).content.decode()
    assert "failing (1)" in html
    assert "Answered with 404" in html
    assert f"{timezone.localtime():%-d %B %Y}" in html
    assert "working (1)" in html
    assert "not checked (0)" in html
    assert jobs.check_links() == 0, "neither is asked again at once"
    assert jobs.check_links(timezone.now() + timedelta(days=2)) == 1, "what fails is asked each day"


@pytest.mark.usefixtures("_allowed")
def test_where_nothing_could_be_reached_nothing_is_called_fine_or_broken(
    bea: Client, bruises: ChapterPage
) -> None:
    write(bruises, '<p><a href="http://127.0.0.1:1/">One</a> <a href="http://127.0.0.1:1/two">Two</a></p>')
    jobs.check_links()
    html = bea.get(REPORT).content.decode()
    assert "not checked (2)" in html
    assert "Nothing could be reached from this server" in html
    assert "failing (0)" in html
    assert "working (0)" in html


@pytest.mark.usefixtures("_allowed")
def test_where_others_answered_the_silent_one_fails(bea: Client, bruises: ChapterPage, site: str) -> None:
    write(bruises, f'<p><a href="http://127.0.0.1:1/">Silent</a> <a href="{site}/fine">Good</a></p>')
    jobs.check_links()
    assert Address.objects.get(url="http://127.0.0.1:1/").standing == Standing.FAILING


@pytest.mark.usefixtures("_allowed")
def test_what_worked_is_not_called_working_when_it_can_no_longer_be_asked(
    bruises: ChapterPage, site: str
) -> None:
    write(bruises, f'<p><a href="{site}/fine">Good</a></p>')
    jobs.check_links()
    Address.objects.update(url="http://127.0.0.1:1/", next_at=timezone.now())
    Link.objects.update(target="http://127.0.0.1:1/")
    jobs.check_links()
    assert Address.objects.get().standing == Standing.UNCHECKED


def test_without_an_allowance_an_address_on_this_machine_is_not_asked(
    bea: Client, bruises: ChapterPage, site: str
) -> None:
    write(bruises, f'<p><a href="{site}/fine">Inside</a></p>')
    jobs.check_links()
    assert Elsewhere.asked == []
    assert (
        "not on the public internet" in bea.get(REPORT).content.decode()
        or "usual ports" in bea.get(REPORT).content.decode()
    )


@pytest.mark.usefixtures("_allowed")
def test_the_check_can_be_switched_off(settings: Any, bruises: ChapterPage, site: str) -> None:
    settings.LINK_CHECKS = False
    write(bruises, f'<p><a href="{site}/fine">Good</a></p>')
    assert jobs.check_links() == 0
    assert Elsewhere.asked == []
    assert Address.objects.get().standing == Standing.UNCHECKED


@pytest.mark.usefixtures("_allowed")
def test_few_are_asked_at_a_time_and_those_of_a_killed_worker_later_again(
    monkeypatch: pytest.MonkeyPatch, bruises: ChapterPage, site: str
) -> None:
    write(bruises, "<p>" + "".join(f'<a href="{site}/fine?{n}">x</a> ' for n in range(15)) + "</p>")
    now = timezone.now()

    def killed(*args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "ask", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.check_links(now)
    monkeypatch.undo()
    assert jobs.check_links(now) == 5
    assert jobs.check_links(now + jobs.LEASE) == jobs.ADDRESSES


def test_an_address_that_nothing_names_any_more_is_forgotten(bruises: ChapterPage) -> None:
    write(bruises, '<p><a href="https://example.org/old">Old</a></p>')
    write(bruises, "<p>Nothing</p>")
    jobs.read_chapters()
    jobs.check_links()
    assert not Address.objects.exists()


def test_links_inside_the_portal_that_lead_nowhere_are_listed_with_their_chapter(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    anchor = bruises.sections()[1].anchor
    Redirect.objects.create(old_path="/manual/moved", redirect_page=missing)
    write(
        bruises,
        f'<p><a linktype="page" id="{missing.pk}">A page</a> <a linktype="page" id="99999">A lost page</a> '
        '<a linktype="document" id="99999">A lost document</a> <a href="#s-0123456789">A lost place</a> '
        f'<a href="#{anchor}">A place</a> <a href="/manual/nowhere/">A lost path</a> '
        f'<a href="{missing.get_url()}#s-0000000000">A lost place there</a> <a href="{missing.get_url()}">A path</a> '
        '<a href="/manual/moved/">A moved path</a> <a href="mailto:desk@example.org">Mail</a> '
        '<a href="/cases/">Cases</a></p>',
    )
    html = bea.get(REPORT).content.decode()
    for words, problem in (
        ("A lost page", "The page has been deleted."),
        ("A lost document", "The document has been deleted."),
        ("A lost place", "There is no such place on this page."),
        ("A lost path", "There is no page at this address."),
        ("A lost place there", "There is no such place on that page."),
        ("A moved path", "The page has moved"),
    ):
        assert f"<td>{words}</td>" in html, words
        assert problem in html, problem
    for words in ("A page", "A place", "A path", "Mail", "Cases"):
        assert f"<td>{words}</td>" not in html, words
    assert "Inside the portal (6)" in html
    missing.unpublish()
    html = bea.get(REPORT).content.decode()
    assert "<td>A page</td>" in html
    assert "Broken links (" in bea.get("/cms/").content.decode()


def test_the_report_names_nothing_local_to_others(
    bea: Client, jo: Client, cast: Cast, bruises: ChapterPage
) -> None:
    draft = draft_of(bruises)
    draft.partnership = cast.eller
    draft.save_revision().publish()
    write(bruises, '<p><a linktype="page" id="99999">Ellerfold only</a></p>')
    assert "Ellerfold only" in jo.get(REPORT).content.decode()
    assert "Ellerfold only" not in bea.get(REPORT).content.decode()


def test_chapters_from_before_there_was_a_list_are_read_by_the_job(bruises: ChapterPage) -> None:
    write(bruises, '<p><a linktype="page" id="99999">Lost</a></p>')
    Link.objects.all().delete()
    ReadChapter.objects.all().delete()
    assert jobs.read_chapters() == 1
    assert Link.objects.count() == 1
    assert jobs.read_chapters() == 0


def test_the_report_asks_as_many_questions_for_many_links_as_for_few(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            bea.get(REPORT)
        return len(asked)

    def all_kinds(times: int) -> str:
        one = (
            f'<a linktype="page" id="99999">a</a> <a linktype="section" id="{missing.sections()[0].anchor}">b</a> '
            '<a href="https://example.org/">c</a> <a href="/manual/x/">d</a> <a href="#s-1">e</a>'
        )
        return f"<p>{one * times}</p>"

    write(bruises, all_kinds(1))
    queries()
    few = queries()
    write(bruises, all_kinds(20))
    assert queries() <= few
    assert Page.objects.exists()
