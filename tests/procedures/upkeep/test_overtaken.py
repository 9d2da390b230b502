"""Two people in one chapter: nothing that somebody saved is replaced without a word, and nothing typed is lost."""

import re

import pytest
from django.test import Client

from procedures.models import ChapterPage
from tests.procedures.upkeep.conftest import (
    SUBMITTED,
    decide,
    draft_of,
    edit_url,
    fields,
    save,
    submit,
    title_of,
)

pytestmark = pytest.mark.django_db
THEIRS, MINE = "What Adil wrote", "What Bea wrote"


def test_a_form_that_is_out_of_date_replaces_nothing_and_keeps_what_was_typed(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    old_form = fields(bruises, title=MINE)
    save(adil, bruises, title=THEIRS)
    html = bea.post(edit_url(bruises), old_form).content.decode()
    assert draft_of(bruises).title == THEIRS
    assert "Adil Shah saved this page after you opened it" in html
    assert f'value="{MINE}"' in html
    assert "/revisions/compare/" in html


def test_the_editor_decides_and_theirs_stays_in_the_history(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    old_form = fields(bruises, title=MINE)
    save(adil, bruises, title=THEIRS)
    html = bea.post(edit_url(bruises), old_form).content.decode()
    again = {**fields(bruises, title=MINE), "overtaken": "yes"}
    bea.post(edit_url(bruises), again)
    assert draft_of(bruises).title == THEIRS, "an ordinary save after the warning is not a decision"
    bea.post(edit_url(bruises), again, HTTP_ACCEPT="application/json")
    assert draft_of(bruises).title == THEIRS, "and neither is the editor's saving by itself"
    key = re.search(r'name="save-over" value="([^"]+)"', html)
    assert key
    bea.post(edit_url(bruises), {**again, "save-over": key[1]})
    assert draft_of(bruises).title == MINE
    assert THEIRS in {one.as_object().title for one in bruises.revisions.all()}


def test_a_decision_holds_only_for_what_was_seen(bea: Client, adil: Client, bruises: ChapterPage) -> None:
    old_form = fields(bruises, title=MINE)
    save(adil, bruises, title=THEIRS)
    html = bea.post(edit_url(bruises), old_form).content.decode()
    key = re.search(r'name="save-over" value="([^"]+)"', html)
    assert key
    save(adil, bruises, title="Later still")
    bea.post(edit_url(bruises), {**old_form, "overtaken": "yes", "save-over": key[1]})
    assert draft_of(bruises).title == "Later still"


def test_a_chapter_that_was_published_meanwhile_is_not_overwritten(
    bea: Client, adil: Client, jo: Client, bruises: ChapterPage
) -> None:
    old_form = fields(bruises, title=MINE)
    submit(adil, bruises, title=THEIRS)
    decide(jo, bruises)
    assert title_of(bruises) == THEIRS
    html = bea.post(edit_url(bruises), {**old_form, **SUBMITTED}).content.decode()
    assert "saved this page after you opened it" in html
    assert draft_of(bruises).title == THEIRS


def test_what_a_draft_was_overwritten_with_by_its_own_author_counts_as_newer(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    save(adil, bruises, title="First")
    old_form = fields(bruises, title=MINE)
    latest = draft_of(bruises).get_latest_revision()
    adil.post(
        edit_url(bruises),
        {**fields(bruises, title=THEIRS), "overwrite_revision_id": str(latest.pk)},
        HTTP_ACCEPT="application/json",
    )
    assert draft_of(bruises).get_latest_revision().pk == latest.pk
    bea.post(edit_url(bruises), old_form)
    assert draft_of(bruises).title == THEIRS


def test_whoever_is_alone_in_a_chapter_notices_nothing(bea: Client, bruises: ChapterPage) -> None:
    for title in ("One", "Two"):
        html = save(bea, bruises, title=title).content.decode()
        assert "after you opened it" not in html
        assert draft_of(bruises).title == title


def test_ones_own_drafts_of_another_window_are_no_obstacle_and_stay_in_the_history(
    bea: Client, bruises: ChapterPage
) -> None:
    old_form = fields(bruises, title=MINE)
    save(bea, bruises, title="In another window")
    html = bea.post(edit_url(bruises), old_form, follow=True).content.decode()
    assert "after you opened it" not in html
    assert draft_of(bruises).title == MINE
    assert "In another window" in {one.as_object().title for one in bruises.revisions.all()}


def test_what_a_colleague_saved_between_two_of_ones_own_windows_counts(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    old_form = fields(bruises, title=MINE)
    save(adil, bruises, title=THEIRS)
    save(bea, bruises, title="Seen and changed")
    bea.post(edit_url(bruises), old_form)
    assert draft_of(bruises).title == "Seen and changed"


@pytest.mark.parametrize("nonsense", ["x", "99999999", "\x00", "9" * 400])
def test_nonsense_about_what_was_opened_replaces_nothing(
    bea: Client, bruises: ChapterPage, nonsense: str
) -> None:
    posted = {**fields(bruises, title=MINE), "loaded_revision_id": nonsense}
    bea.post(edit_url(bruises), posted)
    assert draft_of(bruises).title != MINE
