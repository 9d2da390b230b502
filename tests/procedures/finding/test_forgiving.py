"""Search forgives slips of the pen, knows what means the same, and offers what may be meant."""

import pytest
from django.test import Client

from procedures.finding.models import BestBet, Entry, Synonym
from procedures.finding.search import answer, search_manual
from procedures.finding.suggestions import suggestions
from procedures.finding.visibility import Filters
from procedures.models import ChapterPage, GlossaryTerm, ManualIndexPage
from procedures.privacy import Reader
from tests.cast import Cast
from tests.procedures.conftest import publish

pytestmark = pytest.mark.django_db
ANYBODY = Reader()
TARN = {"host": "localhost"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bruize", "bruise"),
        ("independnet", "independent"),
        ("Refering dezk", "Refering desk"),
        ("bodymap", "body map"),
        ("mid wives", "midwives"),
    ],
)
def test_a_slip_is_searched_at_once_as_it_was_meant(
    bruises: ChapterPage, missing: ChapterPage, typed: str, meant: str
) -> None:
    given = answer(typed, ANYBODY)
    assert given.instead == meant
    assert given.found
    assert not answer(typed, ANYBODY, exact=True).instead


def test_words_that_are_right_are_left_alone(bruises: ChapterPage, missing: ChapterPage) -> None:
    for typed in ("bruise", "strategies", "police bruise", "zzzzzz", "24"):
        given = answer(typed, ANYBODY)
        assert (given.instead, given.meant) == ("", "")


def test_the_page_says_what_it_searched_instead_and_offers_what_was_typed(
    bruises: ChapterPage, cast: Cast
) -> None:
    page = Client().get("/search/", {"q": "bruize"}, headers=TARN).content.decode()
    assert "Showing results for <strong>bruise</strong>" in page
    assert "q=bruize&amp;exact=1" in page


def test_a_synonym_finds_the_other_words_both_ways(bruises: ChapterPage, missing: ChapterPage) -> None:
    assert not search_manual("RHI8")
    Synonym.objects.create(words="RHI8\nreturn interview")
    assert search_manual("rhi8")[0].section == "2 Return interview"
    assert search_manual("what is an RHI8?")[0].section == "2 Return interview"


def test_everyday_words_find_what_manuals_write_after_what_has_the_word_itself(
    manual: ManualIndexPage,
) -> None:
    publish(
        "1 Papers\n\n1. Who approves\n\nThe chair approves the papers.\n\n2. Rooms\n\nBook a room.\n", manual
    )
    assert [found.section for found in search_manual("sign off the papers")][0] == "1 Who approves"
    assert [found.section for found in search_manual("authorise")] == ["1 Who approves"]
    publish("2 Rotas\n\n1. Rota\n\nThe duty officer will authorise the rota.\n", manual)
    assert [found.section for found in search_manual("authorise")] == ["1 Rota", "1 Who approves"]


def test_everyday_words_are_looked_up_one_way_only(manual: ManualIndexPage) -> None:
    publish("1 Visits\n\n1. Household\n\nAsk about the lodger.\n", manual)
    assert search_manual("lodger")
    assert not search_manual("adult")


def test_letters_in_the_text_are_found_by_the_words_that_they_stand_for(manual: ManualIndexPage) -> None:
    publish("9 Plans\n\n1. Plan\n\nThe CP plan is kept.\n", manual)
    assert search_manual("child protection plan")[0].section == "1 Plan"


def test_other_forms_of_a_glossary_term_are_synonyms(missing: ChapterPage) -> None:
    GlossaryTerm.objects.create(
        term="return interview", other_forms="debriefing\ncoming-home talk", meaning="…"
    )
    assert search_manual("coming home talk")[0].section == "2 Return interview"


def test_another_partnerships_synonyms_do_not_count(missing: ChapterPage, cast: Cast) -> None:
    Synonym.objects.create(words="homecoming\nreturn interview", partnership=cast.eller)
    assert search_manual("homecoming", 5, Reader(partnership_id=cast.eller.pk))
    assert not search_manual("homecoming", 5, Reader(partnership_id=cast.tarn.pk))


def test_a_best_bet_comes_first_and_lands_on_its_section(bruises: ChapterPage, missing: ChapterPage) -> None:
    anchor = Entry.objects.get(heading="Appendix A Body map").anchor
    BestBet.objects.create(questions="Police form\ndrawing", page=bruises, anchor=anchor)
    first = search_manual("police forms")[0]
    assert first.url == f"{bruises.get_url()}#{anchor}"
    assert "Police form".lower() not in [one.title for one in answer("police", ANYBODY).best]


def test_a_best_bet_whose_page_is_gone_is_not_there(bruises: ChapterPage) -> None:
    BestBet.objects.create(questions="drawing", page=bruises)
    bruises.unpublish()
    assert not answer("drawing", ANYBODY).best


def test_suggestions_are_sections_whose_names_begin_so(bruises: ChapterPage, missing: ChapterPage) -> None:
    offered = suggestions("body m", ANYBODY)
    assert offered[0].section == "Appendix A Body map"
    assert offered[0].url.endswith(Entry.objects.get(heading="Appendix A Body map").anchor)
    assert suggestions("x", ANYBODY) == suggestions("", ANYBODY) == suggestions("\x00 &|!:*'", ANYBODY) == []


def test_suggestions_take_two_queries(bruises: ChapterPage, django_assert_num_queries) -> None:
    suggestions("body m", ANYBODY)  # the site's root paths, what is hidden and what means the same are kept
    with django_assert_num_queries(2):
        assert suggestions("body", ANYBODY)


def test_a_part_or_a_kind_may_be_chosen(bruises: ChapterPage, missing: ChapterPage, cast: Cast) -> None:
    everything = {one.title for one in answer("child baby", ANYBODY).found}
    assert len(everything) == 2
    assert {one.title for one in answer("child baby", ANYBODY, Filters(below=bruises.path)).found} == {
        "6 Bruises on babies"
    }
    assert not answer("child baby", ANYBODY, Filters(kind="documents")).found
    page = Client().get("/search/", {"q": "baby", "in": str(missing.pk)}, headers=TARN)
    assert "Search the whole manual" in page.content.decode()
    for odd in ("-1", "x" * 500, "\x00"):
        assert (
            Client().get("/search/", {"q": "baby", "in": odd, "kind": odd}, headers=TARN).status_code == 200
        )
