"""Search finds sections by any form of a word, ranks and marks them, and takes any input at all."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.finding.models import Entry
from procedures.finding.ranking import END, START
from procedures.finding.search import search_manual
from procedures.models import ChapterPage, ManualIndexPage
from tests.procedures.conftest import BRUISES, publish

pytestmark = pytest.mark.django_db


def sections(query: str, limit: int = 20) -> list[str]:
    return [found.section for found in search_manual(query, limit)]


def test_a_result_lands_on_the_section_and_not_on_the_top_of_the_chapter(bruises: ChapterPage) -> None:
    (found,) = search_manual("body map appendix")[:1]
    anchor = Entry.objects.get(heading="Appendix A Body map").anchor
    assert found.title == "6 Bruises on babies"
    assert found.section == "Appendix A Body map"
    assert found.url == f"{bruises.get_url()}#{anchor}"


def test_other_forms_of_a_word_are_found(bruises: ChapterPage, missing: ChapterPage) -> None:
    assert "2 Referring" in sections("strategy")
    assert "1 What to look for" in sections("bruised baby")
    assert "2 Referring" in sections("referred")
    assert "1 Police" in sections("deciding on dangers")


def test_a_heading_counts_for_more_than_the_text(bruises: ChapterPage, missing: ChapterPage) -> None:
    assert sections("map")[:2] == ["Appendix A Body map", "2 Referring"]


def test_sections_with_every_word_come_before_those_with_some(
    bruises: ChapterPage, missing: ChapterPage
) -> None:
    found = sections("police danger bruise")
    assert len(found) > 1
    assert sections("independent child")[0] == "2 Return interview"


def test_common_words_do_not_hide_the_answer(bruises: ChapterPage, missing: ChapterPage) -> None:
    assert sections("what do I do when somebody has to be independent?")[0] == "2 Return interview"


def test_a_phrase_in_quotation_marks_is_found_as_it_stands(
    bruises: ChapterPage, missing: ChapterPage
) -> None:
    assert sections('"duty desk"') == ["2 Referring"]
    assert sections('"desk duty"') == []


def test_found_words_are_marked_and_everything_else_is_escaped(bruises: ChapterPage) -> None:
    (found,) = [one for one in search_manual("worrying") if one.section == "1 What to look for"]
    assert f"{START}worrying{END}" in found.snippet
    assert "rare &amp; <mark>worrying</mark>" in found.snippet_html
    assert START not in found.snippet_text


def test_what_stands_in_a_box_is_found_at_the_head_of_the_chapter(bruises: ChapterPage) -> None:
    (found,) = search_manual("midwives")
    assert found.section == "6 Bruises on babies"
    assert "#" not in found.url


def test_a_draft_is_not_found_and_publishing_puts_it_in(manual: ManualIndexPage) -> None:
    page = publish(BRUISES, manual)
    page.body = []
    page.save_revision()
    assert sections("duty desk"), "a draft of a change leaves the published text where it was"
    page.get_latest_revision().publish()
    assert not sections("duty desk")


def test_unpublishing_takes_a_chapter_out(bruises: ChapterPage) -> None:
    bruises.unpublish()
    assert not sections("bruise")
    assert not Entry.objects.exists()


def test_deleting_takes_a_chapter_out(bruises: ChapterPage, missing: ChapterPage) -> None:
    ChapterPage.objects.get(pk=bruises.pk).delete()
    assert not sections("bruise")
    assert sections("police")


def test_a_moved_chapter_is_found_at_its_new_address(manual: ManualIndexPage, bruises: ChapterPage) -> None:
    part = ManualIndexPage(title="Part two", slug="part-two")
    manual.add_child(instance=part)
    bruises.refresh_from_db()
    bruises.move(part, pos="last-child")
    assert search_manual("midwives")[0].url == "/manual/part-two/6-bruises-on-babies/"


@pytest.mark.parametrize(
    "query",
    [
        '"', "'", '""', "\x00", "a\x00b", " ", "\t\n", "🚨", "🚨 bruise", "*", "bruise*", "NEAR(a b)",
        "a AND OR NOT", "heading: x", "-bruise", "^bruise", "(bruise", "%", "_", "\\", "';--", "x" * 10_000,
        "word " * 2_000, '"' * 10_000, "\ud800", "ﬁ ǅ ß", "и б", "\u202e", "{}[]<>", "&|!:", "a:b & c", "<->",
    ],
)  # fmt: skip
def test_any_input_is_safe(bruises: ChapterPage, query: str) -> None:
    assert isinstance(search_manual(query), list)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=st.text(max_size=80))
def test_any_text_is_safe(bruises: ChapterPage, query: str) -> None:
    assert isinstance(search_manual(query), list)


def test_the_number_of_results_is_limited(bruises: ChapterPage, missing: ChapterPage) -> None:
    assert len(search_manual("the child baby police", 2)) == 2
    assert len(search_manual("bruise", 0)) == 1


def test_a_search_takes_three_queries_and_up_to_six_where_other_words_are_looked_for_too(
    bruises: ChapterPage, missing: ChapterPage, django_assert_num_queries
) -> None:
    search_manual("bruise")  # the site's root paths, what is hidden and what means the same are kept
    with django_assert_num_queries(3):  # generation, candidates, their texts
        assert search_manual("midwives")
    with django_assert_num_queries(5):  # and candidates with what is related to it, and how rare it is
        assert search_manual("bruise")
    with django_assert_num_queries(
        6
    ):  # and candidates with some, how rare each word is, and which is nowhere
        assert len(search_manual("bruise baby child police")) > 3


def test_a_box_with_a_title_is_found_by_it_and_does_not_repeat_its_kind(manual: ManualIndexPage) -> None:
    page = publish(BRUISES, manual)
    page.boxes = [
        ("box", {"kind": "scope", "title": "SCOPE OF THIS CHAPTER", "content": [("text", "<p>Otters</p>")]})
    ]
    page.save_revision().publish()
    assert Entry.objects.get(page=page, position=0).text.lower().count("scope of this chapter") == 1


def test_the_command_prints_title_section_address_and_snippet(bruises: ChapterPage) -> None:
    out = StringIO()
    call_command("search_manual", "duty desk", "--limit", "1", "--json", stdout=out)
    (row,) = json.loads(out.getvalue())
    assert set(row) == {"title", "section", "url", "snippet"}
    assert "Ring the duty desk within 24 hours" in row["snippet"]
    assert row["section"] == "2 Referring"


def test_the_command_says_that_nothing_was_found(bruises: ChapterPage) -> None:
    out = StringIO()
    call_command("search_manual", "zebra", stdout=out)
    assert out.getvalue().strip() == "Nothing found."
    out = StringIO()
    call_command("search_manual", "zebra", "--json", stdout=out)
    assert json.loads(out.getvalue()) == []
