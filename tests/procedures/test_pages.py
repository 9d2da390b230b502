"""The manual as a reader sees it: pages, search page, privacy, who may come in."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from portal import entrypoints
from portal.accounts.models import Partnership
from procedures.importing.parse import parse_chapter
from procedures.models import ChapterPage, ManualIndexPage
from procedures.services import import_chapter
from tests.cast import Cast, client_for, password_only_client_for

pytestmark = pytest.mark.django_db
SEARCH = "/search/"


@pytest.fixture
def open_client(cast: Cast) -> Client:
    """A reader without an account, at the partnership whose manual anyone may read."""
    return Client(HTTP_HOST=cast.tarn.hostname)


@pytest.fixture
def closed_client(cast: Cast) -> Client:
    """The same at the partnership whose manual is for people who are signed in."""
    assert cast.eller.manual_access == Partnership.ManualAccess.SIGNED_IN
    return Client(HTTP_HOST=cast.eller.hostname)


def test_anyone_reads_a_chapter_where_the_partnership_says_so(
    open_client: Client, bruises: ChapterPage
) -> None:
    html = open_client.get(bruises.get_url()).content.decode()
    assert html.count("<h1") == 1
    assert "6 Bruises on babies" in html
    for section in bruises.sections():
        assert f'id="{section.anchor}"' in html
        assert f'href="#{section.anchor}"' in html
    assert 'class="govuk-list portal-list portal-list--letter"' in html
    assert "<script>" not in html
    assert " style=" not in html


def test_a_closed_manual_asks_a_stranger_to_sign_in_and_tells_nothing(
    closed_client: Client, bruises: ChapterPage, manual: ManualIndexPage
) -> None:
    for address in (bruises.get_url(), manual.get_url(), f"{SEARCH}?q=bruise", "/search/manual/"):
        response = closed_client.get(address)
        assert response.status_code == 302, address
        assert "/sign-in/" in response["Location"]


def test_a_closed_manual_opens_to_a_verified_session_and_not_to_a_password_alone(
    cast: Cast, bruises: ChapterPage
) -> None:
    assert client_for(cast.eller_practitioner).get(bruises.get_url()).status_code == 200
    half = password_only_client_for(cast.eller_practitioner)
    assert half.get(bruises.get_url(), HTTP_HOST=cast.eller.hostname).status_code == 302


def test_the_front_page_lists_chapters_by_number(
    open_client: Client, manual: ManualIndexPage, missing: ChapterPage, bruises: ChapterPage
) -> None:
    import_chapter(parse_chapter("10 Later\n\n1. One\n\nText.\n"), parent=manual, publish=True)
    html = open_client.get("/manual/").content.decode()
    assert html.index("6 Bruises") < html.index("7 Children") < html.index("10 Later")


def test_an_empty_manual_says_what_will_be_there(open_client: Client, manual: ManualIndexPage) -> None:
    assert "No chapter has been published yet" in open_client.get("/manual/").content.decode()


def test_a_draft_is_not_listed_and_not_read(open_client: Client, manual: ManualIndexPage) -> None:
    page = import_chapter(parse_chapter("6 Hidden draft\n\n1. One\n\nText.\n"), parent=manual).page
    assert "Hidden draft" not in open_client.get("/manual/").content.decode()
    assert open_client.get(page.get_url()).status_code == 404


def test_the_search_page_marks_what_it_found_and_links_to_the_section(
    open_client: Client, bruises: ChapterPage
) -> None:
    html = open_client.get(SEARCH, {"q": "duty desk"}).content.decode()
    anchor = bruises.sections()[1].anchor
    assert f'href="{bruises.get_url()}#{anchor}"' in html
    assert "<mark>duty</mark> <mark>desk</mark>" in html
    assert html.count("<h1") == 1


def test_nothing_found_says_what_to_try_and_no_question_says_what_to_ask(
    open_client: Client, manual: ManualIndexPage
) -> None:
    assert "What you can try" in open_client.get(SEARCH, {"q": "zebra"}).content.decode()
    assert "appear here" in open_client.get(SEARCH).content.decode()


@pytest.mark.parametrize("query", ['"', "\x00", " ", "x" * 10_000, "🚨", '"><script>alert(1)</script>'])
def test_the_search_page_takes_any_input(open_client: Client, bruises: ChapterPage, query: str) -> None:
    response = open_client.get(SEARCH, {"q": query})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def restrict(page: ChapterPage | ManualIndexPage, kind: str) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=kind)


def test_a_private_chapter_is_not_found_not_counted_and_not_listed(
    open_client: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    restrict(bruises, PageViewRestriction.LOGIN)
    for address in (f"{SEARCH}?q=bruise", f"{SEARCH}?q=midwives", "/manual/"):
        html = open_client.get(address).content.decode()
        assert "Bruises on babies" not in html, address
        assert "midwives</mark>" not in html
    assert "Nothing found" in open_client.get(SEARCH, {"q": "midwives"}).content.decode()
    assert (
        open_client.get(bruises.get_url())["Location"]
        == f"/sign-in/?next={quote(bruises.get_url(), safe='')}"
    )
    signed_in = client_for(cast.practitioner)
    assert "Bruises on babies" in signed_in.get(SEARCH, {"q": "bruise"}).content.decode()


def test_a_password_without_a_code_opens_no_private_chapter(cast: Cast, bruises: ChapterPage) -> None:
    restrict(bruises, PageViewRestriction.LOGIN)
    half = password_only_client_for(cast.practitioner)
    half.defaults["HTTP_HOST"] = cast.tarn.hostname
    assert "Bruises on babies" not in half.get(SEARCH, {"q": "bruise"}).content.decode()
    assert half.get(bruises.get_url()).status_code == 302


def test_a_chapter_for_one_group_is_hidden_from_everybody_else(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    group = Group.objects.create(name="Midwives")
    restrict(bruises, PageViewRestriction.GROUPS).groups.add(group)
    cast.practitioner.person.groups.add(group)
    inside, outside = client_for(cast.practitioner), client_for(cast.lead_pol)
    assert "Bruises on babies" in inside.get(SEARCH, {"q": "bruise"}).content.decode()
    assert "Bruises on babies" not in outside.get(SEARCH, {"q": "bruise"}).content.decode()
    assert "Bruises on babies" not in outside.get("/manual/").content.decode()
    assert "Children who go missing" in outside.get("/manual/").content.decode()
    assert inside.get(bruises.get_url()).status_code == 200
    assert outside.get(bruises.get_url()).status_code == 404


def test_a_private_manual_hides_all_its_chapters_and_the_way_to_it(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    restrict(manual, PageViewRestriction.LOGIN)
    assert "Nothing found" in open_client.get(SEARCH, {"q": "bruise"}).content.decode()
    assert open_client.get("/search/manual/").status_code == 404


def test_the_way_to_the_manual_leads_to_its_front_page(open_client: Client, manual: ManualIndexPage) -> None:
    assert open_client.get("/search/manual/")["Location"] == "/manual/"


def button(manual: ManualIndexPage, code: str) -> ChapterPage:
    page = import_chapter(parse_chapter("6 Form\n\nAppendix A - The form\n\nText.\n"), parent=manual).page
    raw = [dict(block) for block in page.body.raw_data]
    raw[0]["value"]["content"].append({"type": "form", "value": {"code": code, "before": ""}})
    page.body = page.body.stream_block.to_python(raw)
    page.save_revision().publish()
    return page


def test_an_appendix_opens_the_form_that_is_registered_under_its_code(
    open_client: Client, manual: ManualIndexPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entrypoints.EntryPoint("test-form", "Start the form", "procedures:search")
    monkeypatch.setitem(entrypoints._registered, "test-form", entry)
    html = open_client.get(button(manual, "test-form").get_url()).content.decode()
    assert 'href="/search/" role="button"' in html
    assert "Start the form" in html


def test_a_form_that_nobody_registered_is_no_dead_button(
    open_client: Client, manual: ManualIndexPage
) -> None:
    html = open_client.get(button(manual, "no-such-form").get_url()).content.decode()
    assert "not on offer" in html
    assert 'role="button"' not in html


def test_headings_never_skip_a_rank(open_client: Client, manual: ManualIndexPage) -> None:
    text = "6 Deep\n\n1.1.1 Deep heading\n\nText.\n"
    page = import_chapter(parse_chapter(text), parent=manual, publish=True).page
    ranks = [one.depth for one in page.sections()]
    assert ranks[0] == 2
    assert all(after <= before + 1 for before, after in zip(ranks, ranks[1:], strict=False))


def long_chapter(words: int) -> str:
    parts = ["9 Long chapter\n"]
    for number in range(1, 41):
        parts.append(f"{number}. Section number {number}\n")
        parts.append("word and more of it, see https://example.org/page. " * (words // 360) + "\n")
        parts.append("• one bullet\n• another bullet\n")
    return "\n".join(parts)


def test_the_length_of_a_chapter_does_not_change_the_number_of_queries(
    open_client: Client, manual: ManualIndexPage
) -> None:
    short = import_chapter(parse_chapter("8 Short\n\n1. One\n\nText.\n"), parent=manual, publish=True).page
    long = import_chapter(parse_chapter(long_chapter(8_000)), parent=manual, publish=True).page
    addresses = [short.get_url(), long.get_url()]
    open_client.get(addresses[0])
    cache.clear()
    with CaptureQueriesContext(connection) as few:
        open_client.get(addresses[0])
    with CaptureQueriesContext(connection) as many:
        open_client.get(addresses[1])
    assert len(many) == len(few), "\n".join(str(query["sql"])[:150] for query in many)


def test_the_editor_opens_every_kind_of_block(cast: Cast, bruises: ChapterPage) -> None:
    client = client_for(cast.manager)
    response = client.get(f"/cms/pages/{bruises.pk}/edit/")
    assert response.status_code == 200
    assert "What to look for" in response.content.decode()
