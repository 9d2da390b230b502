"""Any edition can be read as it stood: on which day, with which pictures, words and cross references."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Revision

from portal.audit.triggers import unprotected
from procedures.editing import jobs, services
from procedures.editing.models import Edition, KeptPicture
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast
from tests.procedures.conftest import BRUISES, publish
from tests.procedures.editing.conftest import changed

pytestmark = pytest.mark.django_db


def at(*moment: int) -> time_machine.travel:
    """UTC; in summer London is an hour ahead."""
    return time_machine.travel(datetime(*moment, tzinfo=UTC), tick=False)  # type: ignore[arg-type]


@pytest.fixture
def two(manual: ManualIndexPage, amend: Callable[..., Edition]) -> ChapterPage:
    """Published on 1 June, amended on 10 July at 00:30 in London (still 9 July in UTC)."""
    with at(2026, 6, 1, 9, 0):
        page = publish(BRUISES, manual)
    with at(2026, 7, 9, 23, 30):
        amend(page, "24 hours", "4 hours", what="Ring within 4 hours.", why="A day is too long.")
    return page


def as_it_stood(client: Client, page: ChapterPage, day: int, month: int, year: int) -> str:
    boxes = {"on_day": day, "on_month": month, "on_year": year}
    response = client.get(f"/editions/chapter/{page.pk}/", boxes, follow=True)
    assert response.status_code == 200
    html: str = response.content.decode()
    return html


def test_a_chapter_is_read_as_it_stood_at_the_end_of_a_day_in_london(
    stranger: Client, two: ChapterPage
) -> None:
    with at(2026, 8, 1, 12, 0):
        for day, month in ((1, 6), (9, 7)):
            html = as_it_stood(stranger, two, day, month, 2026)
            assert "within 24 hours" in html
            assert "within 4 hours" not in html
            assert "Not the edition in force" in html
            assert "1 June 2026, 10:00 to 10 July 2026, 00:30" in html
        html = as_it_stood(stranger, two, 10, 7, 2026)
        assert "within 4 hours" in html
        assert "within 24 hours" not in html
        assert "This is the edition in force" in html


def test_a_day_before_the_first_edition_is_answered_with_the_first_day(
    stranger: Client, two: ChapterPage
) -> None:
    with at(2026, 8, 1, 12, 0):
        html = as_it_stood(stranger, two, 31, 5, 2026)
        assert "The first edition that is kept is of 1 June 2026" in html
        assert 'value="31"' in html
        assert "must be today or in the past" in as_it_stood(stranger, two, 2, 8, 2026)
        assert "must be a real date" in as_it_stood(stranger, two, 31, 6, 2026)
        assert "Bruises on babies" in as_it_stood(stranger, two, 1, 8, 2026)


def test_the_day_in_an_address_is_only_believed_where_the_edition_stood_on_it(
    stranger: Client, two: ChapterPage
) -> None:
    first = two.editions.last()
    with at(2026, 8, 1, 12, 0):
        for typed in ("2026-07-09", "2026-07-10", "2026-05-31", "2027-01-01", "2026-13-45", "x"):
            html = stranger.get(f"/editions/{first.pk}/", {"on": typed}).content.decode()
            assert ("You asked how the chapter stood" in html) is (typed == "2026-07-09"), typed


def test_between_being_taken_down_and_published_again_there_was_no_chapter(
    stranger: Client, cast: Cast, two: ChapterPage, amend: Callable[..., Edition]
) -> None:
    revision = ChapterPage.objects.get(pk=two.pk).live_revision
    with at(2026, 8, 1, 12, 0):
        ChapterPage.objects.get(pk=two.pk).unpublish(user=cast.manager.person)
    with at(2026, 8, 5, 12, 0):
        assert stranger.get(f"/editions/chapter/{two.pk}/").status_code == 404
        revision.publish(user=cast.manager.person, skip_permission_checks=True)
    with at(2026, 8, 9, 12, 0):
        assert "had been taken down" in as_it_stood(stranger, two, 3, 8, 2026)
        assert "within 4 hours" in as_it_stood(stranger, two, 31, 7, 2026)
        assert "1 August 2026, 13:00" in as_it_stood(stranger, two, 31, 7, 2026)
        assert "in force, since 5 August 2026" in as_it_stood(stranger, two, 6, 8, 2026)
    assert Edition.objects.filter(page=two).count() == 3


def test_cross_references_are_those_of_the_day(
    stranger: Client, bruises: ChapterPage, missing: ChapterPage, amend: Callable[..., Edition]
) -> None:
    anchor = missing.sections()[0].anchor
    amend(bruises, "Do not wait.", f'See <a linktype="section" id="{anchor}">x</a>.')
    amend(missing, "Police", "What the police do")
    editions = bruises.editions.all()
    assert (
        "Police (7 Children who go missing)" in stranger.get(f"/editions/{editions[0].pk}/").content.decode()
    )
    live = stranger.get(bruises.get_url()).content.decode()
    assert "What the police do (7 Children who go missing)" in live
    assert (
        "Police (7 Children who go missing)"
        not in stranger.get(f"/editions/{editions[1].pk}/").content.decode()
    )


def picture(colour: str) -> ImageFile:
    data = BytesIO()
    Picture.new("RGB", (30, 20), colour).save(data, "PNG")
    return ImageFile(BytesIO(data.getvalue()), name="flow.png")


def with_picture(page: ChapterPage, image: Image) -> ChapterPage:
    draft = ChapterPage.objects.get(pk=page.pk).get_latest_revision_as_object()
    raw = [dict(block) for block in draft.body.raw_data]
    flow = {"title": "Flow", "picture": image.pk, "steps": "<ol><li>Look</li></ol>"}
    raw[0]["value"]["content"] = [{"type": "flow", "value": flow}]
    draft.body = draft.body.stream_block.to_python(raw)
    draft.change_what, draft.change_why = "A picture.", "Clearer."
    draft.save_revision().publish()
    return draft


def test_pictures_are_those_of_the_day_even_when_they_are_gone_from_the_library(
    stranger: Client, bruises: ChapterPage
) -> None:
    image = Image.objects.create(title="Flow", file=picture("red"))
    with_picture(bruises, image)
    edition = bruises.editions.first()
    (kept,) = edition.pictures.all()
    address = f"/editions/pictures/{kept.name}"
    assert f'src="{address}"' in stranger.get(f"/editions/{edition.pk}/").content.decode()
    before = b"".join(stranger.get(address).streaming_content)
    for rendition in image.renditions.all():
        rendition.file.delete(save=False)
    image.delete()
    assert b"".join(stranger.get(address).streaming_content) == before
    assert Picture.open(BytesIO(before)).getpixel((1, 1)) == (255, 0, 0)


def test_a_picture_is_kept_once_however_many_editions_show_it(bruises: ChapterPage) -> None:
    image = Image.objects.create(title="Flow", file=picture("blue"))
    with_picture(bruises, image)
    with_picture(bruises, image)
    names = set(KeptPicture.objects.values_list("name", flat=True))
    assert len(names) == 1
    assert KeptPicture.objects.count() == 2
    assert names <= set(default_storage.listdir("editions")[1])


@pytest.mark.parametrize("name", ["nothing.png", "..%2Fsecret.png", f"{'0' * 64}.png"])
def test_nothing_but_kept_pictures_is_served(stranger: Client, bruises: ChapterPage, name: str) -> None:
    assert stranger.get(f"/editions/pictures/{name}").status_code == 404


def test_a_revision_that_is_published_twice_makes_one_edition(cast: Cast, bruises: ChapterPage) -> None:
    revision = ChapterPage.objects.get(pk=bruises.pk).live_revision
    revision.publish(user=cast.manager.person, skip_permission_checks=True)
    services.keep_edition(ChapterPage.objects.get(pk=bruises.pk), revision)
    assert Edition.objects.filter(page=bruises).count() == 1


def test_an_edition_that_was_missed_is_kept_later_and_once(
    cast: Cast, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = changed(ChapterPage.objects.get(pk=bruises.pk), "24 hours", "4 hours")
    draft.change_what, draft.change_why = "Ring within 4 hours.", "Why."
    revision = draft.save_revision(user=cast.manager.person)
    with monkeypatch.context() as killed, transaction.atomic():
        killed.setattr("wagtail.actions.publish_page_revision.page_published.send", lambda **kwargs: None)
        revision.publish(user=cast.manager.person, skip_permission_checks=True)
    assert Edition.objects.filter(page=bruises).count() == 1
    assert jobs.keep_missing() == 1
    assert jobs.keep_missing() == 0
    edition = Edition.objects.filter(page=bruises).first()
    assert edition.what == "Ring within 4 hours."
    assert edition.published_by == cast.manager.person
    assert edition.published_at == ChapterPage.objects.get(pk=bruises.pk).last_published_at


def test_drafts_and_unpublished_chapters_are_not_caught_up(cast: Cast, bruises: ChapterPage) -> None:
    changed(ChapterPage.objects.get(pk=bruises.pk), "24", "4").save_revision()
    assert jobs.keep_missing() == 0
    ChapterPage.objects.get(pk=bruises.pk).unpublish()
    assert jobs.keep_missing() == 0


def test_the_database_changes_no_edition(bruises: ChapterPage) -> None:
    edition = bruises.editions.get()
    assert unprotected(connection, ["editing_edition", "editing_keptpicture"]) == []
    for act in (
        lambda: Edition.objects.update(what="Something else."),
        lambda: Edition.objects.update(rendered={}),
        lambda: Edition.objects.filter(pk=edition.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(TypeError):
        edition.save()
    assert Edition.objects.get(pk=edition.pk).what == edition.what


def test_a_chapter_can_be_deleted_and_revisions_purged_and_the_editions_stay(
    two: ChapterPage, amend: Callable[..., Edition]
) -> None:
    call_command("purge_revisions")
    assert Edition.objects.filter(page=two, revision__isnull=True).count() >= 1
    assert all(edition.source for edition in Edition.objects.all())
    ChapterPage.objects.get(pk=two.pk).delete()
    assert Edition.objects.filter(page__isnull=True).count() == 2
    assert not Revision.objects.filter(edition__isnull=False).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_publications_at_once_make_an_edition_each_and_of_one_revision_one(
    manual: ManualIndexPage,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory, as the tests have it, lets no two connections write")
    page = publish(BRUISES, manual)
    revisions = []
    for number in range(4):
        draft = changed(ChapterPage.objects.get(pk=page.pk), "24 hours", f"{number} hours")
        draft.change_what = f"Number {number}."
        revisions.append(draft.save_revision())
    troubles: list[BaseException] = []
    gate = threading.Barrier(8)

    def work(revision: Revision) -> None:
        try:
            gate.wait()
            Revision.objects.get(pk=revision.pk).publish()
        except BaseException as error:  # noqa: BLE001
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(revision,)) for revision in revisions * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    whats = sorted(Edition.objects.filter(page=page, revision__in=revisions).values_list("what", flat=True))
    assert whats == [f"Number {number}." for number in range(4)]
    assert Edition.objects.filter(page=page).count() == 5
