"""Restoring an edition, withdrawing a chapter, bringing it into force again: by managers, once, never by a link."""

from collections.abc import Callable

import pytest
from django.test import Client
from wagtail.models import Revision

from procedures.editing.models import Edition, Kind
from procedures.finding.models import Entry
from procedures.models import ChapterPage, ManualIndexPage
from procedures.selectors import in_force
from tests.cast import Cast, client_for
from tests.procedures.editing.conftest import changed

pytestmark = pytest.mark.django_db


def restore(client: Client, edition: Edition, draft: int | None) -> int:
    return client.post(f"/editions/{edition.pk}/restore/", {"draft": draft or ""}).status_code


def withdraw(client: Client, page: ChapterPage, **fields: object):
    data = {"notice": "The region has one procedure now.", "replaced_by": "", **fields}
    return client.post(f"/cms/editions/{page.pk}/withdraw/", data)


# ---- Restoring ---------------------------------------------------------------------------------------------


def test_an_edition_is_restored_as_a_draft_that_says_so_and_readers_see_no_change(
    bea: Client, stranger: Client, cast: Cast, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    first = bruises.editions.get()
    amend(bruises, "24 hours", "4 hours", kept_by="Somebody new", must_read=True)
    page = ChapterPage.objects.get(pk=bruises.pk)
    assert "Restore this edition" in bea.get(f"/editions/{first.pk}/").content.decode()
    assert restore(bea, first, page.latest_revision_id) == 302
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    assert "24 hours" in str(draft.body.get_prep_value())
    assert draft.change_what == f"Restores the edition of {first.day:%-d %B %Y}."
    assert not draft.must_read
    assert draft.kept_by == "Somebody new"
    assert page.latest_revision.user == cast.manager.person
    assert page.has_unpublished_changes
    assert "4 hours" in stranger.get(page.get_url()).content.decode()
    assert Edition.objects.filter(page=page).count() == 2


def test_a_second_click_makes_no_second_draft_and_a_colleagues_draft_is_not_covered(
    bea: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    first = bruises.editions.get()
    amend(bruises, "24 hours", "4 hours")
    page = ChapterPage.objects.get(pk=bruises.pk)
    seen = page.latest_revision_id
    restore(bea, first, seen)
    drafts = Revision.objects.for_instance(page).count()
    assert restore(bea, first, seen) == 302
    assert restore(bea, first, None) == 302
    assert Revision.objects.for_instance(page).count() == drafts
    assert "newer draft" in bea.get(f"/editions/{first.pk}/").content.decode()


def test_an_edition_is_restored_after_its_revision_has_been_purged(
    bea: Client, bruises: ChapterPage, amend: Callable[..., Edition]
) -> None:
    first = bruises.editions.get()
    amend(bruises, "24 hours", "4 hours")
    first.revision.delete()
    page = ChapterPage.objects.get(pk=bruises.pk)
    restore(bea, first, page.latest_revision_id)
    page.refresh_from_db()
    assert "24 hours" in str(page.get_latest_revision_as_object().body.get_prep_value())


def test_only_managers_restore_and_only_what_is_theirs_and_not_locked(
    bea: Client, stranger: Client, cast: Cast, bruises: ChapterPage
) -> None:
    edition = bruises.editions.get()
    seen = ChapterPage.objects.get(pk=bruises.pk).latest_revision_id
    practitioner = client_for(cast.practitioner)
    assert "Restore this edition" not in practitioner.get(f"/editions/{edition.pk}/").content.decode()
    assert restore(practitioner, edition, seen) == 403
    assert restore(stranger, edition, seen) == 302  # to sign in
    ChapterPage.objects.filter(pk=bruises.pk).update(locked=True)
    assert restore(bea, edition, seen) == 403
    ChapterPage.objects.filter(pk=bruises.pk).update(locked=False, partnership=cast.eller)
    assert restore(bea, edition, seen) == 404
    assert bea.get(f"/editions/{edition.pk}/restore/").status_code == 405
    assert Revision.objects.for_instance(bruises).count() == 1


# ---- Withdrawing -------------------------------------------------------------------------------------------


def test_a_withdrawn_chapter_stays_at_its_address_with_the_notice_and_the_way_to_what_replaces_it(
    bea: Client,
    stranger: Client,
    cast: Cast,
    bruises: ChapterPage,
    missing: ChapterPage,
    manual: ManualIndexPage,
) -> None:
    assert "Withdraw" in bea.get(f"/cms/editions/{bruises.pk}/withdraw/").content.decode()
    assert stranger.get(bruises.get_url()).status_code == 200
    assert withdraw(bea, bruises, replaced_by=missing.pk).status_code == 302
    html = stranger.get(bruises.get_url()).content.decode()
    assert "This chapter was withdrawn on" in html
    assert "The region has one procedure now." in html
    assert f'href="{missing.get_url()}">7 Children who go missing' in html
    assert "within 24 hours" in html
    assert "Nothing found" in stranger.get("/search/", {"q": "midwives"}).content.decode()
    assert "Bruises" not in stranger.get(manual.get_url()).content.decode()
    assert not in_force(ChapterPage.objects.all()).filter(pk=bruises.pk).exists()
    entry = bruises.editions.first()
    assert (entry.kind, entry.what) == (
        Kind.WITHDRAWN,
        "Withdrawn and replaced by 7 Children who go missing.",
    )
    assert entry.why == "The region has one procedure now."
    assert entry.published_by == cast.manager.person
    listed = stranger.get("/editions/").content.decode()
    assert "Withdrawn and replaced by" in listed
    assert "the chapter was withdrawn on" in stranger.get(f"/editions/{entry.pk}/").content.decode()


def test_the_notice_is_needed_and_what_was_typed_stays(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    html = withdraw(bea, bruises, notice="  ", replaced_by=missing.pk).content.decode()
    assert "Write the notice that readers will see" in html
    assert f'value="{missing.pk}"' in html
    html = withdraw(bea, bruises, notice="Typed words", replaced_by=bruises.pk).content.decode()
    assert "Choose a chapter that is published" in html
    assert "Typed words" in html
    assert ChapterPage.objects.get(pk=bruises.pk).withdrawn_at is None


def test_a_second_click_withdraws_once(bea: Client, bruises: ChapterPage) -> None:
    withdraw(bea, bruises)
    withdraw(bea, bruises, notice="Again.")
    assert Edition.objects.filter(page=bruises, kind=Kind.WITHDRAWN).count() == 1
    assert ChapterPage.objects.get(pk=bruises.pk).withdrawn_notice == "The region has one procedure now."


def test_a_replacement_that_the_reader_may_not_read_is_not_named_in_the_notice(
    bea: Client, stranger: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    withdraw(bea, bruises, replaced_by=missing.pk)
    ChapterPage.objects.filter(pk=missing.pk).update(partnership=cast.eller)
    html = stranger.get(bruises.get_url()).content.decode()
    assert "This chapter was withdrawn on" in html
    assert "Use instead" not in html


def test_a_draft_that_is_older_than_the_withdrawal_does_not_undo_it(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    draft = changed(ChapterPage.objects.get(pk=bruises.pk), "24 hours", "4 hours")
    draft.change_what, draft.change_why = "What.", "Why."
    revision = draft.save_revision(user=cast.manager.person)
    withdraw(bea, bruises)
    Revision.objects.get(pk=revision.pk).publish(user=cast.manager.person, skip_permission_checks=True)
    page = ChapterPage.objects.get(pk=bruises.pk)
    assert page.withdrawn_at is not None
    assert page.withdrawn_notice == "The region has one procedure now."
    assert not Entry.objects.filter(page=page).exists()
    assert "4 hours" in str(page.body.get_prep_value())


def test_a_withdrawn_chapter_comes_into_force_again(
    bea: Client, stranger: Client, bruises: ChapterPage
) -> None:
    address = f"/cms/editions/{bruises.pk}/reinstate/"
    assert bea.post(address, {"why": "Too soon."}).status_code == 302
    assert Edition.objects.filter(page=bruises).count() == 1
    withdraw(bea, bruises)
    assert "Say why" in bea.post(address, {"why": ""}).content.decode()
    for _ in range(2):
        assert bea.post(address, {"why": "The region was not ready."}).status_code == 302
    assert "This chapter was withdrawn" not in stranger.get(bruises.get_url()).content.decode()
    assert "Bruises" in stranger.get("/search/", {"q": "midwives"}).content.decode()
    assert Edition.objects.filter(page=bruises, kind=Kind.REINSTATED).count() == 1
    assert "The region was not ready." in stranger.get("/editions/").content.decode()


@pytest.mark.parametrize("act", ["withdraw", "reinstate"])
def test_only_who_manages_the_chapter_withdraws_it(
    act: str, stranger: Client, cast: Cast, bruises: ChapterPage
) -> None:
    address = f"/cms/editions/{bruises.pk}/{act}/"
    words = {"notice": "Words.", "why": "Words."}
    assert stranger.post(address, words).status_code == 302
    assert client_for(cast.practitioner).post(address, words).status_code == 403
    ChapterPage.objects.filter(pk=bruises.pk).update(partnership=cast.eller)
    tarns = client_for(cast.manager)
    assert tarns.post(address, words).status_code == 404
    assert ChapterPage.objects.get(pk=bruises.pk).withdrawn_at is None
    assert Edition.objects.filter(page=bruises).count() == 1
    assert client_for(cast.eller_manager).get(address).status_code in (200, 302)


def test_looking_changes_nothing(bea: Client, bruises: ChapterPage) -> None:
    bea.get(f"/cms/editions/{bruises.pk}/withdraw/?notice=Words")
    assert ChapterPage.objects.get(pk=bruises.pk).withdrawn_at is None


def test_the_editor_offers_editions_and_withdrawing(bea: Client, bruises: ChapterPage) -> None:
    html = bea.get(f"/cms/pages/{bruises.pk}/edit/").content.decode()
    assert f"/editions/chapter/{bruises.pk}/" in html
    assert f"/cms/editions/{bruises.pk}/withdraw/" in html
    withdraw(bea, bruises)
    html = bea.get(f"/cms/pages/{bruises.pk}/edit/").content.decode()
    assert f"/cms/editions/{bruises.pk}/reinstate/" in html
    assert f"/cms/editions/{bruises.pk}/withdraw/" not in html
