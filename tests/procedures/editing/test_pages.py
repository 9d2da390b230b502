"""The amendments page, the comparison page, and what a chapter page says of its amendments."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from tests.procedures.conftest import publish

pytestmark = pytest.mark.django_db


def test_an_empty_manual_says_what_will_stand_here(stranger: Client, manual: ManualIndexPage) -> None:
    assert "No chapter has been published yet" in stranger.get("/editions/").content.decode()


def test_amendments_are_listed_newest_first_with_what_why_who_and_the_ways_on(
    bea: Client, bruises: ChapterPage, missing: ChapterPage, amend: Callable[..., Edition]
) -> None:
    edition = amend(bruises, "24 hours", "4 hours", what="Ring within 4 hours.", why="A day is too long.")
    html = bea.get("/editions/").content.decode()
    assert html.index("Ring within 4 hours.") < html.index("Children who go missing</a>")
    assert "A day is too long." in html
    assert "Bea Lindqvist" in html
    assert "the operator" in html
    before = bruises.editions.last()
    assert f"/editions/{before.pk}/compare/{edition.pk}/" in html
    assert f"/editions/{edition.pk}/" in html
    assert f'/compare/{before.pk}/"' not in html


def test_amendments_are_filtered_by_chapter_and_by_part(
    stranger: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    part = ManualIndexPage(title="Part two", slug="part-two")
    manual.add_child(instance=part)
    inside = publish("21 Inside the part\n\n1. One\n\nText.\n", part)
    everything = stranger.get("/editions/").content.decode()
    assert "Bruises on babies</a>" in everything
    for query in ({"part": part.pk}, {"chapter": inside.pk}):
        html = stranger.get("/editions/", query).content.decode()
        assert "Inside the part</a>" in html
        assert "Bruises on babies</a>" not in html
        assert "1 amendment," in html
    nothing = stranger.get("/editions/", {"part": part.pk, "chapter": bruises.pk}).content.decode()
    assert "Nothing that you may read has been amended here" in nothing
    assert stranger.get("/editions/", {"part": "x", "chapter": "\x00", "page": "-3"}).status_code == 200


def test_many_amendments_have_pages_and_few_queries(
    stranger: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    with CaptureQueriesContext(connection) as few:
        stranger.get("/editions/")
    for number in range(26):
        amend(bruises, what=f"Number {number}.")
    with CaptureQueriesContext(connection) as many:
        html = stranger.get("/editions/").content.decode()
    assert "Number 25." in html
    assert "Number 0." not in html
    assert "Number 0." in stranger.get("/editions/", {"page": 2}).content.decode()
    assert len(many) == len(few)


def test_the_comparison_marks_the_words_and_tells_it_to_a_screen_reader(
    stranger: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    new = amend(bruises, "24 hours", "4 hours")
    old = bruises.editions.last()
    html = stranger.get(f"/editions/{old.pk}/compare/{new.pk}/").content.decode()
    hidden = '<span class="govuk-visually-hidden">'
    assert (
        f'<del class="portal-deleted">{hidden}deleted: </span>24{hidden} (end of deletion)</span></del>'
        in html
    )
    assert (
        f'<ins class="portal-inserted">{hidden}inserted: </span>4{hidden} (end of insertion)</span></ins>'
        in html
    )
    assert "1 word deleted, 1 inserted" in html
    assert ">Changed: <a" in html
    assert "Unchanged" in html
    turned = stranger.get(f"/editions/{new.pk}/compare/{old.pk}/")
    assert turned["Location"] == f"/editions/{old.pk}/compare/{new.pk}/"


def test_two_editions_are_chosen_from_the_list(
    stranger: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    new = amend(bruises, "24 hours", "4 hours")
    old = bruises.editions.last()
    address = f"/editions/chapter/{bruises.pk}/compare/"
    assert f'action="{address}"' in stranger.get(f"/editions/chapter/{bruises.pk}/").content.decode()
    found = stranger.get(address, {"old": new.pk, "new": old.pk})
    assert found["Location"] == f"/editions/{old.pk}/compare/{new.pk}/"
    same = stranger.get(address, {"old": new.pk, "new": new.pk}).content.decode()
    assert "Choose two different editions" in same
    assert stranger.get(address, {"old": "x", "new": "\x00"}).status_code == 200
    assert stranger.get(address).status_code == 200


def test_text_of_an_edition_stays_text_in_the_comparison(
    stranger: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    new = amend(
        bruises, "24 hours", "&lt;script&gt;alert(1)&lt;/script&gt; hours", what="<script>alert(2)</script>"
    )
    old = bruises.editions.last()
    for address in (
        f"/editions/{old.pk}/compare/{new.pk}/",
        "/editions/",
        bruises.get_url(),
        f"/editions/{new.pk}/",
    ):
        html = stranger.get(address).content.decode()
        assert "<script>alert" not in html, address


def test_a_chapter_ends_with_its_latest_amendments_however_many_there_are_in_the_same_queries(
    stranger: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    with CaptureQueriesContext(connection) as few:
        html = stranger.get(bruises.get_url()).content.decode()
    assert "Published for the first time." in html or "Imported from a file" in html
    assert "What was changed" not in html
    for number in range(6):
        amend(bruises, what=f"Number {number}.")
    with CaptureQueriesContext(connection) as many:
        html = stranger.get(bruises.get_url()).content.decode()
    assert "Number 5." in html
    assert "Number 2." not in html
    assert html.count("What was changed") == 3
    assert len(many) <= len(few)
    # The list, and what must be read; afterwards both are kept with the page.
    assert sum('FROM "editing_edition"' in query["sql"] for query in many) == 2
    with CaptureQueriesContext(connection) as again:
        stranger.get(bruises.get_url())
    assert not any("editing_edition" in query["sql"] for query in again)


def test_an_edition_that_is_written_down_shows_on_the_very_next_request(
    stranger: Client, bruises: ChapterPage
) -> None:
    stranger.get(bruises.get_url())
    first = Edition.objects.get(page=bruises)
    first.pk, first.what, first._state.adding = uuid4(), "Written down a moment later.", True
    first.published_at += timedelta(seconds=1)
    first.revision = None
    first.save()
    assert "Written down a moment later." in stranger.get(bruises.get_url()).content.decode()
