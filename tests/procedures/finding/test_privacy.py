"""What a reader may not read is not found, not counted, not suggested, not a "did you mean" and not a best bet."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from wagtail.models import CollectionViewRestriction

from procedures.finding.documents import read_document
from procedures.finding.forms import places
from procedures.finding.local import drop_local, put_local
from procedures.finding.models import BestBet
from procedures.finding.search import answer, search_manual
from procedures.finding.suggestions import suggestions
from procedures.finding.visibility import Filters
from procedures.models import ChapterPage, ManualIndexPage, Section
from procedures.privacy import Reader
from tests.cast import Cast, client_for
from tests.procedures.finding.conftest import document, link, private_collection, reader

pytestmark = pytest.mark.django_db
QUERIES = ["quagga", "zebras", "lanterns fortnight", "quagga bruise"]


def titles(query: str, who: Reader) -> list[str]:
    return [found.title for found in search_manual(query, 20, who) if "Zebra" in found.title]


@pytest.mark.parametrize("query", QUERIES)
def test_a_private_chapter_is_found_by_those_who_may_read_it_alone(
    private: ChapterPage, cast: Cast, query: str
) -> None:
    assert titles(query, reader(cast, "manager"))
    assert not titles(query, reader(cast, "practitioner"))
    assert not titles(query, Reader())


@pytest.mark.parametrize("query", QUERIES)
def test_a_local_chapter_is_found_by_its_own_partnership_alone(
    elsewhere: ChapterPage, cast: Cast, query: str
) -> None:
    assert titles(query, reader(cast, "eller_practitioner"))
    assert not titles(query, reader(cast, "manager"))
    assert not titles(query, Reader())


def test_what_may_not_be_read_is_not_counted(private: ChapterPage, bruises: ChapterPage, cast: Cast) -> None:
    browser = client_for(cast.practitioner)
    page = browser.get("/search/", {"q": "quagga bruise"}).content.decode()
    count = r"\d+ results?</h2>"
    assert re.findall(count, page) == re.findall(
        count, browser.get("/search/", {"q": "bruise"}).content.decode()
    )
    assert "Zebra" not in page
    assert "riverside" not in page


def test_a_change_of_rights_shows_on_the_very_next_search(private: ChapterPage, cast: Cast) -> None:
    priya = cast.practitioner
    assert not titles("quagga", reader(cast, "practitioner"))
    group = private.get_view_restrictions()[0].groups.get()
    priya.person.groups.add(group)
    assert titles("quagga", reader(cast, "practitioner"))
    priya.person.groups.remove(group)
    assert not titles("quagga", reader(cast, "practitioner"))


@pytest.mark.parametrize("typed", ["zeb", "counting z", "riverside"])
def test_what_may_not_be_read_is_not_suggested(private: ChapterPage, cast: Cast, typed: str) -> None:
    assert suggestions(typed, reader(cast, "manager"))
    assert suggestions(typed, reader(cast, "practitioner")) == []
    anybody = Client().get("/search/suggest/", {"q": typed}, headers={"host": "localhost"})
    assert anybody.json() == {"suggestions": []}


def test_what_is_local_elsewhere_is_not_suggested(elsewhere: ChapterPage, cast: Cast) -> None:
    assert suggestions("zebr", reader(cast, "eller_practitioner"))
    assert suggestions("zebr", reader(cast, "practitioner")) == []


def test_a_word_of_what_may_not_be_read_is_no_did_you_mean(private: ChapterPage, cast: Cast) -> None:
    told = answer("lanternz", reader(cast, "manager"))
    assert told.instead == "lanterns"
    kept = answer("lanternz", reader(cast, "practitioner"))
    assert (kept.instead, kept.meant, list(kept.found)) == ("", "", [])
    beside = answer("lanternz bruise", reader(cast, "practitioner"))
    assert (beside.instead, beside.meant) == ("", "")


def test_another_form_of_a_hidden_word_is_not_given_away_by_its_stem(
    private: ChapterPage, manual: ManualIndexPage, cast: Cast
) -> None:
    put_local(uuid4(), ChapterPage.objects.get(number="6"), "", cast.tarn.pk, "", "one lantern")
    kept = answer("lanternz", reader(cast, "practitioner"))
    assert "lanterns" not in (kept.instead, kept.meant)


def test_a_best_bet_that_may_not_be_read_is_not_there(private: ChapterPage, cast: Cast) -> None:
    section = Section.objects.filter(page=private).first()
    assert section is not None
    BestBet.objects.create(questions="stripes", page=private, anchor=section.anchor)
    assert answer("stripes", reader(cast, "manager")).best[0].section == section.name
    assert not answer("stripes", reader(cast, "practitioner")).best
    assert suggestions("strip", reader(cast, "manager"))
    assert not suggestions("strip", reader(cast, "practitioner"))


def test_a_best_bet_of_a_document_does_not_reveal_what_a_private_chapter_links_to(
    private: ChapterPage, bruises: ChapterPage, cast: Cast
) -> None:
    kept = document("About marmalade.")
    link(private, kept)
    BestBet.objects.create(questions="jam", document=kept)
    assert [one.url for one in answer("jam", reader(cast, "manager")).best] == [kept.url]
    assert not answer("jam", reader(cast, "practitioner")).best
    assert not suggestions("jam", reader(cast, "practitioner"))
    link(bruises, kept)
    assert answer("jam", reader(cast, "practitioner")).best


def test_a_chapter_that_is_local_through_its_part_is_marked_and_filtered_as_local(
    manual: ManualIndexPage, zebras: ChapterPage, cast: Cast
) -> None:
    part = ManualIndexPage(title="Ours", slug="ours", partnership=cast.tarn)
    manual.add_child(instance=part)
    zebras.refresh_from_db()
    zebras.move(part, pos="last-child")
    priya = reader(cast, "practitioner")
    (found,) = answer("quagga", priya).found
    assert found.local
    assert answer("quagga", priya, Filters(kind="local")).found
    assert not answer("quagga", priya, Filters(kind="shared")).found
    assert not answer("quagga", reader(cast, "eller_practitioner")).found


def test_a_best_bet_of_another_partnership_is_not_there(zebras: ChapterPage, cast: Cast) -> None:
    BestBet.objects.create(questions="stripes", page=zebras, partnership=cast.eller)
    assert answer("stripes", reader(cast, "eller_practitioner")).best
    assert not answer("stripes", reader(cast, "practitioner")).best


def test_a_private_part_is_not_among_the_filters_and_cannot_be_chosen(
    private: ChapterPage, cast: Cast
) -> None:
    assert str(private.pk) in {one.value for one in places(reader(cast, "manager"))}
    assert str(private.pk) not in {one.value for one in places(reader(cast, "practitioner"))}
    assert not answer("quagga", reader(cast, "practitioner"), Filters(below=private.path)).found


def test_a_document_of_a_private_collection_is_found_by_those_who_may_open_it_alone(
    bruises: ChapterPage, cast: Cast
) -> None:
    kept = document("Kept about marmalade.", collection=private_collection())
    link(bruises, kept)
    read_document(kept.pk)
    assert [one.url for one in search_manual("marmalade", 5, reader(cast, "manager"))] == [kept.url]
    assert search_manual("marmalade", 5, reader(cast, "practitioner")) == []
    assert answer("marmalada", reader(cast, "practitioner")).instead == ""


def test_a_collection_that_is_made_private_hides_its_documents_on_the_very_next_search(
    bruises: ChapterPage, cast: Cast
) -> None:
    collection = private_collection()
    restriction = collection.view_restrictions.get()
    restriction.restriction_type = CollectionViewRestriction.LOGIN
    restriction.save()
    kept = document("Kept about marmalade.", collection=collection)
    link(bruises, kept)
    read_document(kept.pk)
    assert search_manual("marmalade", 5, reader(cast, "practitioner"))
    restriction.restriction_type = CollectionViewRestriction.GROUPS
    restriction.save()
    assert search_manual("marmalade", 5, reader(cast, "practitioner")) == []
    assert search_manual("marmalade", 5, reader(cast, "manager"))
    restriction.groups.clear()
    assert search_manual("marmalade", 5, reader(cast, "manager")) == []


def test_a_document_that_only_a_private_chapter_links_to_is_not_found_by_others(
    private: ChapterPage, bruises: ChapterPage, cast: Cast
) -> None:
    kept = document("About marmalade.")
    link(private, kept)
    read_document(kept.pk)
    assert search_manual("marmalade", 5, reader(cast, "manager"))
    assert search_manual("marmalade", 5, reader(cast, "practitioner")) == []
    link(bruises, kept)
    assert search_manual("marmalade", 5, reader(cast, "practitioner"))


def test_a_local_box_is_found_by_its_partnerships_readers_alone_until_it_is_dropped(
    bruises: ChapterPage, cast: Cast
) -> None:
    box, section = uuid4(), Section.objects.filter(page=bruises).first()
    assert section is not None
    for text in ("Old words", "In Tarnbrook ring the otter desk"):
        put_local(box, bruises, section.anchor, cast.tarn.pk, "Here in Tarnbrook", text)
    (found,) = search_manual("otter", 5, reader(cast, "practitioner"))
    assert (found.url, found.local) == (f"{bruises.get_url()}#{section.anchor}", True)
    assert search_manual("otter", 5, reader(cast, "eller_practitioner")) == []
    assert search_manual("otter", 5) == []
    assert suggestions("here in tarn", reader(cast, "eller_practitioner")) == []
    bruises.save_revision().publish()
    assert search_manual("otter", 5, reader(cast, "practitioner")), "publishing the chapter leaves it there"
    drop_local(box)
    assert search_manual("otter", 5, reader(cast, "practitioner")) == []


def test_a_closed_manual_is_neither_searched_nor_suggested_without_signing_in(
    zebras: ChapterPage, cast: Cast
) -> None:
    for address in ("/search/", "/search/suggest/"):
        answer = Client().get(address, {"q": "zebras"}, headers={"host": "ellerfold.localhost"})
        assert answer.status_code == 302
        assert "sign-in" in answer["Location"]
