"""A chapter as it is read: its permanent addresses, neighbours, glossary, tables, flow charts, what is local."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import PageViewRestriction

from portal.accounts.models import Membership, Partnership
from procedures.models import ChapterPage, GlossaryTerm, ManualIndexPage, Section
from procedures.reading.framing import HOLES
from tests.cast import Cast, client_for, password_only_client_for
from tests.procedures.reading.chapters import (
    box,
    changed,
    flow,
    link_to,
    made,
    picture,
    reference_to,
    section,
    table,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anyone(cast: Cast) -> Client:
    """A reader without an account, at the partnership whose manual anyone may read."""
    return Client(HTTP_HOST=cast.tarn.hostname)


@pytest.fixture
def first(manual: ManualIndexPage) -> ChapterPage:
    return made(manual, "1", "First steps", [section("Ring", [text("Ring the LADO.")]), section("Write", [])])


def html(client: Client, page: ChapterPage) -> str:
    response = client.get(page.get_url())
    assert response.status_code == 200
    return response.content.decode()


def only(page: ChapterPage, kind: str = PageViewRestriction.LOGIN) -> PageViewRestriction:
    return PageViewRestriction.objects.create(page=page, restriction_type=kind)


# ---- Permanent addresses ------------------------------------------------------------------------------------


def test_a_sections_address_leads_to_it_after_renaming_renumbering_and_moving_the_chapter(
    anyone: Client, manual: ManualIndexPage, first: ChapterPage
) -> None:
    blocks = first.body.get_prep_value()
    anchor = first.sections()[1].anchor
    assert f'href="/guide/section/{anchor}/"' in html(anyone, first)
    blocks[1]["value"]["heading"] = "Write it down"
    changed(first, [section("Something new", []), *blocks], slug="first-and-best")
    part = manual.add_child(instance=ManualIndexPage(title="Part", slug="part"))
    ChapterPage.objects.get(pk=first.pk).move(part, pos="last-child")
    response = anyone.get(f"/guide/section/{anchor}/")
    assert response["Location"] == f"/manual/part/first-and-best/#{anchor}"
    assert "3 Write it down" in anyone.get(response["Location"]).content.decode()


def test_a_section_that_is_gone_says_so_and_leads_to_its_chapter(anyone: Client, first: ChapterPage) -> None:
    anchor = first.sections()[1].anchor
    changed(first, first.body.get_prep_value()[:1])
    response = anyone.get(f"/guide/section/{anchor}/")
    assert response.status_code == 410
    assert f'href="{first.get_url()}"' in response.content.decode()
    assert "Write" in response.content.decode()


@pytest.mark.parametrize("gone", [False, True])
def test_the_address_of_a_section_in_a_private_chapter_is_nothing_to_others(
    anyone: Client, cast: Cast, first: ChapterPage, gone: bool
) -> None:
    anchor = first.sections()[1].anchor
    if gone:
        changed(first, first.body.get_prep_value()[:1])
    only(first)
    hidden = anyone.get(f"/guide/section/{anchor}/")
    nothing = anyone.get("/guide/section/s-0000000000/")
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.content == nothing.content.replace(b"s-0000000000", anchor.encode())
    assert client_for(cast.practitioner).get(f"/guide/section/{anchor}/").status_code == (
        410 if gone else 302
    )


def test_a_section_of_an_unpublished_chapter_is_nothing(anyone: Client, first: ChapterPage) -> None:
    anchor = first.sections()[0].anchor
    first.unpublish()
    assert anyone.get(f"/guide/section/{anchor}/").status_code == 404


# ---- Next, previous, index, A to Z ----------------------------------------------------------------------------


def test_next_and_previous_pass_over_what_the_reader_may_not_read(
    anyone: Client, cast: Cast, manual: ManualIndexPage, first: ChapterPage
) -> None:
    secret = made(manual, "2", "Secret", [section("One", [])])
    last = made(manual, "10", "Last", [section("One", [])])
    only(secret)
    assert "Secret" not in html(anyone, first)
    assert re.search(r'href="/manual/chapter-10/" rel="next"', html(anyone, first))
    assert re.search(r'href="/manual/chapter-1/" rel="prev"', html(anyone, last))
    assert re.search(r'href="/manual/chapter-2/" rel="next"', html(client_for(cast.practitioner), first))


def test_a_kept_page_does_not_name_a_private_chapter_to_somebody_else_of_the_same_role(
    cast: Cast, manual: ManualIndexPage, first: ChapterPage
) -> None:
    secret = made(manual, "2", "Secret", [section("One", [])])
    readers = Group.objects.create(name="Readers of it")
    restriction = PageViewRestriction.objects.create(page=secret, restriction_type="groups")
    restriction.groups.add(readers)
    cast.lead_hos.person.groups.add(readers)
    assert "Secret" in html(client_for(cast.lead_hos), first)
    assert "Secret" not in html(client_for(cast.lead_csc), first)


def test_a_kept_page_offers_nobody_the_entries_of_another_role(
    cast: Cast, anyone: Client, first: ChapterPage
) -> None:
    assert "Edit the manual" in html(client_for(cast.manager), first)
    page = html(client_for(cast.practitioner), first)
    assert "My work" in page
    assert "Edit the manual" not in page
    assert "My work" not in html(anyone, first)


def test_a_kept_page_has_each_readers_own_text_size(cast: Cast, first: ChapterPage) -> None:
    large, medium = client_for(cast.practitioner), client_for(cast.lead_hos)
    assert "portal-text-large" not in html(large, first)
    large.post("/display/", {"text_size": "large"})
    assert "portal-text-large" in html(large, first)
    cast.lead_hos.person.memberships.update(role=cast.practitioner.role)
    assert "portal-text-large" not in html(medium, first)


def test_the_index_groups_chapters_by_part_and_tags_what_is_local(
    anyone: Client, cast: Cast, manual: ManualIndexPage, first: ChapterPage
) -> None:
    part = manual.add_child(instance=ManualIndexPage(title="Part of the valley", slug="part"))
    made(part, "2.1", "Ours", [section("One", [])], partnership=cast.tarn)
    made(part, "2.2", "Theirs", [section("One", [])], partnership=cast.eller)
    page = anyone.get("/manual/").content.decode()
    assert page.index("First steps") < page.index("Part of the valley") < page.index("Ours")
    assert page.count("Local to ") == 1
    assert "Theirs" not in page
    assert "Local: " in html(anyone, ChapterPage.objects.get(number="2.1"))
    assert 'href="/guide/a-z/"' in page


def test_a_to_z_has_chapters_main_sections_and_terms_and_nothing_that_is_private(
    anyone: Client, manual: ManualIndexPage, first: ChapterPage
) -> None:
    GlossaryTerm.objects.create(term="Quorum", meaning="Enough people.")
    inner = section("Deep inside", [], level=2)
    made(manual, "2", "Zebras", [section("Alarm", []), inner])
    secret = made(manual, "3", "Secret", [section("Secret section", [])])
    only(secret)
    page = anyone.get("/guide/a-z/").content.decode()
    for words in ("First steps", "Zebras", "Alarm", "Quorum", "Ring"):
        assert f">{words}</a>" in page
    assert "Secret" not in page
    assert "Deep inside" not in page
    assert page.index(">Alarm<") < page.index(">Quorum<") < page.index(">Zebras<")


def test_a_closed_manual_shows_a_stranger_neither_letters_nor_terms(cast: Cast, first: ChapterPage) -> None:
    stranger = Client(HTTP_HOST=cast.eller.hostname)
    for address in ("/guide/a-z/", "/guide/glossary/", f"/guide/section/{first.sections()[0].anchor}/"):
        assert stranger.get(address)["Location"].startswith("/sign-in/"), address


# ---- Glossary, tables, flow charts, references ------------------------------------------------------------------


def test_a_term_is_explained_once_in_each_section_and_its_meaning_stands_once_on_the_page(
    anyone: Client, manual: ManualIndexPage
) -> None:
    term = GlossaryTerm.objects.create(term="LADO", meaning="Looks into <allegations>.")
    page = made(
        manual,
        "1",
        "One",
        [
            section("LADO", [text("The LADO and the LADO. A lado.")]),
            section("B", [text("LADO, &amp; so on")]),
        ],
    )
    shown = html(anyone, page)
    assert shown.count(f'popovertarget="term-{term.pk}">LADO</button>') == 2
    assert shown.count(f'id="term-{term.pk}" popover') == 1
    assert "Looks into &lt;allegations&gt;." in shown
    assert "LADO</button>,</span> &amp; so on" in shown
    assert "Looks into &lt;allegations&gt;." in anyone.get("/guide/glossary/").content.decode()


def test_business_managers_keep_the_glossary_in_the_cms_and_nobody_else_does(cast: Cast) -> None:
    client = client_for(cast.manager)
    assert client.get("/cms/glossary/").status_code == 200
    client.post("/cms/glossary/new/", {"term": "Quorum", "other_forms": "quorate", "meaning": "Enough."})
    assert GlossaryTerm.objects.get().forms() == ["Quorum", "quorate"]
    assert client_for(cast.practitioner).get("/cms/glossary/").status_code == 403


def test_a_table_says_its_headings_in_every_row_and_a_flow_chart_its_steps_in_words(
    anyone: Client, manual: ManualIndexPage
) -> None:
    content = [
        table(["Step", "Limit"], ["Ring", "1 day"], caption="Limits"),
        flow("What to do", picture(), "Ring", "Write"),
        box("note", text("Mind.")),
    ]
    shown = html(anyone, made(manual, "1", "One", [section("A", content)]))
    assert '<td role="cell" class="govuk-table__cell" data-label="Limit">1 day</td>' in shown
    assert 'alt="What to do: the steps listed below as a flow chart"' in shown
    assert "<li>Write</li>" in shown


def test_a_cross_reference_into_a_chapter_for_some_does_not_name_it(
    anyone: Client, manual: ManualIndexPage
) -> None:
    secret = made(manual, "2", "Secret plans", [section("Hidden heading", [])])
    only(secret)
    page = made(
        manual, "1", "One", [section("A", [text(f"See {reference_to(secret, 0, 'Hidden heading')}.")])]
    )
    shown = html(anyone, page)
    assert "Hidden heading" not in shown
    assert "Secret plans" not in shown
    assert f'href="/guide/section/{secret.sections()[0].anchor}/"' in shown


def test_a_link_to_a_page_that_is_not_published_is_no_link(anyone: Client, manual: ManualIndexPage) -> None:
    other = made(manual, "2", "Other", [section("One", [])])
    page = made(manual, "1", "One", [section("A", [text(f"See {link_to(other, 'the other')}.")])])
    assert f'<a href="{other.get_url()}" class="govuk-link">the other</a>' in html(anyone, page).replace(
        f'class="govuk-link" href="{other.get_url()}"', f'href="{other.get_url()}" class="govuk-link"'
    )
    other.unpublish()
    assert other.slug not in re.sub(r'rel="(next|prev)"', "", html(anyone, page))
    assert "the other" in html(anyone, page)


# ---- Shown on the very next request ----------------------------------------------------------------------------


def test_every_change_shows_on_the_very_next_request(anyone: Client, manual: ManualIndexPage) -> None:
    chart = picture()
    other = made(manual, "2", "Other", [section("Old name", [])])
    content = [text(f"The LADO. {reference_to(other, 0)} {link_to(other)}"), flow("Chart", chart, "Ring")]
    page = made(manual, "1", "One", [section("A", content)])

    def both() -> str:
        html(anyone, page)
        return html(anyone, page)

    assert "Old name" in both()
    term = GlossaryTerm.objects.create(term="LADO", meaning="First meaning.")
    assert "First meaning." in html(anyone, page)
    GlossaryTerm.objects.filter(pk=term.pk).update(meaning="Second meaning.")
    assert "Second meaning." in html(anyone, page)
    blocks = other.body.get_prep_value()
    blocks[0]["value"]["heading"] = "New name"
    changed(other, blocks, slug="moved")
    shown = html(anyone, page)
    assert "New name" in shown
    assert "Old name" not in shown
    assert "/manual/moved/" in shown
    before = re.findall(r'src="(/media[^"]+)"', shown)
    chart.file.save("another.png", picture("Another", "red").file.file)
    chart.renditions.all().delete()
    chart.save()
    assert re.findall(r'src="(/media[^"]+)"', html(anyone, page)) != before
    changed(page, [section("Renewed", [])])
    assert "Renewed" in html(anyone, page)


def test_rights_given_and_taken_show_on_the_very_next_request(
    anyone: Client, cast: Cast, first: ChapterPage
) -> None:
    html(anyone, first)
    restriction = only(first)
    assert anyone.get(first.get_url()).status_code == 302
    member = client_for(cast.practitioner)
    html(member, first)
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    assert member.get(first.get_url()).status_code == 404
    restriction.delete()
    html(anyone, first)
    ChapterPage.objects.filter(pk=first.pk).update(partnership=cast.eller)
    assert anyone.get(first.get_url()).status_code == 404
    assert client_for(cast.eller_practitioner).get(first.get_url()).status_code == 200
    assert Section.objects.filter(page=first).exists()


def test_nobody_is_shown_what_is_anothers(cast: Cast, first: ChapterPage) -> None:
    """Two leads see the same page, with their own name, agency, other roles and token in it."""
    one, other = cast.lead_csc, cast.lead_pol
    Membership.objects.create(
        person=one.person, agency=cast.lead_hos.agency, partnership=one.partnership, role=one.role
    )
    first_seen, shown = (html(client_for(member), first) for member in (one, other))
    for member, page, stranger in ((one, first_seen, other), (other, shown, one)):
        assert str(member.person) in page
        assert escape(member.agency.name) in page
        assert str(stranger.person) not in page
        assert escape(stranger.agency.name) not in page
    assert "Act for another agency or role" in first_seen
    assert "Act for another agency or role" not in shown
    tokens = [
        set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)) for page in (first_seen, shown)
    ]
    assert all(len(token) == 64 for held in tokens for token in held)
    assert tokens[0]
    assert tokens[1]
    assert not tokens[0] & tokens[1]


def test_the_head_of_a_page_that_anybody_may_read_says_who_reads_it(
    cast: Cast, anyone: Client, first: ChapterPage
) -> None:
    """Whoever gave only a password is nobody here, and so is whoever has left."""
    lead, half = client_for(cast.lead_pol), password_only_client_for(cast.practitioner)
    half.defaults["HTTP_HOST"] = cast.tarn.hostname
    left = client_for(cast.lead_hos)
    cast.lead_hos.person.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    for _ in range(2):
        page = html(lead, first)
        assert str(cast.lead_pol.person) in page
        assert "Sign out" in page
        assert "session-dialog" in page
        for nobody in (half, anyone, left):
            page = html(nobody, first)
            assert "You are not signed in." in page
            assert "Sign out" not in page
            assert "session-dialog" not in page


def test_the_number_of_the_business_unit_shows_on_the_very_next_request(
    cast: Cast, anyone: Client, first: ChapterPage
) -> None:
    assert "01632 960999" not in html(anyone, first)
    Partnership.objects.filter(pk=cast.tarn.pk).update(business_unit_phone="01632 960999")
    assert "01632 960999" in html(anyone, first)


def test_a_page_that_another_process_has_kept_is_filled_too(
    cast: Cast, first: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    html(client_for(cast.lead_csc), first)
    monkeypatch.setattr("procedures.reading.framing.HOLES", {name: f"other {name}" for name in HOLES})
    monkeypatch.setattr("procedures.reading.framing.made_frame", None)  # it is kept, so nobody makes it
    assert str(cast.lead_pol.person) in html(client_for(cast.lead_pol), first)


def test_what_somebody_asked_for_in_the_address_is_in_nobody_elses_page(
    cast: Cast, first: ChapterPage
) -> None:
    lead = client_for(cast.lead_pol)
    assert "SMITH" not in lead.get(first.get_url(), {"q": "SMITH"}).content.decode()
    assert "SMITH" not in html(client_for(cast.lead_csc), first)
