"""What one may not read today one does not read, find or count among amendments, editions, comparisons, pictures."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from procedures.editing import policy
from procedures.editing.models import Edition, KeptPicture
from procedures.editing.pictures import path_of
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db
NAME = "a" * 64 + ".png"


@pytest.fixture
def amended(bruises: ChapterPage, amend: Callable[..., Edition], media: None) -> ChapterPage:
    """A chapter with two editions, the newer with a picture."""
    KeptPicture.objects.create(edition=amend(bruises, "24 hours", "4 hours"), name=NAME)
    return ChapterPage.objects.get(pk=bruises.pk)


@pytest.fixture
def media() -> Iterator[None]:
    from django.core.files.base import ContentFile  # noqa: PLC0415
    from django.core.files.storage import default_storage  # noqa: PLC0415

    default_storage.save(path_of(NAME), ContentFile(b"picture"))
    yield
    default_storage.delete(path_of(NAME))


def addresses(page: ChapterPage) -> list[str]:
    new, old = page.editions.all()[:2]
    return [
        f"/editions/chapter/{page.pk}/",
        f"/editions/chapter/{page.pk}/compare/?old={old.pk}&new={new.pk}",
        f"/editions/{new.pk}/",
        f"/editions/{old.pk}/",
        f"/editions/{old.pk}/compare/{new.pk}/",
        f"/editions/pictures/{NAME}",
    ]


def reads_nothing(client: Client, page: ChapterPage) -> None:
    for address in addresses(page):
        assert client.get(address).status_code == 404, address
    html = client.get("/editions/").content.decode()
    assert "Bruises" not in html
    assert "No chapter has been published yet" in html


def reads_everything(client: Client, page: ChapterPage) -> None:
    for address in addresses(page):
        assert client.get(address, follow=True).status_code == 200, address
    html = client.get("/editions/").content.decode()
    assert html.count("Bruises on babies</a>") == 2
    assert "2 amendments" in html


def test_everybody_reads_the_editions_of_an_open_chapter(
    stranger: Client, cast: Cast, amended: ChapterPage
) -> None:
    reads_everything(stranger, amended)
    reads_everything(client_for(cast.eller_practitioner), amended)


def test_a_closed_manual_asks_to_sign_in(cast: Cast, amended: ChapterPage) -> None:
    outside = Client(HTTP_HOST=cast.eller.hostname)
    for address in [*addresses(amended), "/editions/"]:
        assert "/sign-in/" in outside.get(address)["Location"], address


def test_a_chapter_that_has_become_private_takes_its_editions_with_it(
    stranger: Client, cast: Cast, amended: ChapterPage, manual: ManualIndexPage
) -> None:
    restriction = PageViewRestriction.objects.create(page=manual, restriction_type=PageViewRestriction.LOGIN)
    reads_nothing(stranger, amended)
    reads_everything(client_for(cast.practitioner), amended)
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    reads_nothing(client_for(cast.practitioner), amended)


def test_a_local_chapter_is_only_its_partnerships(
    stranger: Client, cast: Cast, amended: ChapterPage, amend: Callable[..., Edition]
) -> None:
    ChapterPage.objects.filter(pk=amended.pk).update(partnership=cast.eller)
    reads_nothing(stranger, amended)
    reads_nothing(client_for(cast.practitioner), amended)
    reads_nothing(client_for(cast.manager), amended)
    reads_everything(client_for(cast.eller_practitioner), amended)


def test_an_edition_that_was_local_stays_so_when_the_chapter_becomes_everybodys(
    stranger: Client, cast: Cast, amended: ChapterPage, amend: Callable[..., Edition]
) -> None:
    local = amend(amended, "4 hours", "3 hours", what="Only ours.", partnership=cast.eller)
    amend(amended, "3 hours", "2 hours", what="For all.", partnership=None)
    html = stranger.get("/editions/").content.decode()
    assert "For all." in html
    assert "Only ours." not in html
    assert stranger.get(f"/editions/{local.pk}/").status_code == 404
    assert "Only ours." not in stranger.get(amended.get_url()).content.decode()
    theirs = client_for(cast.eller_practitioner)
    assert "Only ours." in theirs.get("/editions/").content.decode()
    assert theirs.get(f"/editions/{local.pk}/").status_code == 200


def test_editions_of_a_chapter_that_is_not_published_are_the_managers(
    stranger: Client, cast: Cast, bea: Client, amended: ChapterPage
) -> None:
    amended.unpublish()
    reads_nothing(stranger, amended)
    reads_nothing(client_for(cast.practitioner), amended)
    assert "This chapter is not published" in bea.get(addresses(amended)[0]).content.decode()
    assert "Not the edition in force" in bea.get(addresses(amended)[2]).content.decode()


def test_editions_of_a_deleted_chapter_are_the_managers(
    stranger: Client, cast: Cast, bea: Client, amended: ChapterPage
) -> None:
    edition = amended.editions.first()
    ChapterPage.objects.get(pk=amended.pk).delete()
    for client in (stranger, client_for(cast.practitioner)):
        assert client.get(f"/editions/{edition.pk}/").status_code == 404
        assert client.get(f"/editions/pictures/{NAME}").status_code == 404
        assert "Bruises" not in client.get("/editions/").content.decode()
    html = bea.get(f"/editions/{edition.pk}/").content.decode()
    assert "this chapter has been deleted" in html
    assert "Restore this edition" not in html
    assert "Deleted" in bea.get("/editions/").content.decode()
    assert bea.post(f"/editions/{edition.pk}/restore/").status_code == 403


def test_a_deleted_local_chapter_is_its_own_managers_alone(
    cast: Cast, bea: Client, amended: ChapterPage, amend: Callable[..., Edition]
) -> None:
    edition = amend(amended, "4 hours", "3 hours", partnership=cast.eller)
    ChapterPage.objects.get(pk=amended.pk).delete()
    assert bea.get(f"/editions/{edition.pk}/").status_code == 404
    assert client_for(cast.eller_manager).get(f"/editions/{edition.pk}/").status_code == 200
    assert client_for(cast.eller_practitioner).get(f"/editions/{edition.pk}/").status_code == 404


def test_editions_of_two_chapters_are_not_compared(
    stranger: Client, amended: ChapterPage, missing: ChapterPage
) -> None:
    one, other = amended.editions.first(), missing.editions.first()
    assert stranger.get(f"/editions/{one.pk}/compare/{other.pk}/").status_code == 404
    assert stranger.get(f"/editions/{one.pk}/compare/{one.pk}/").status_code == 404


def test_somebody_without_an_account_is_told_no_name(
    stranger: Client, cast: Cast, amended: ChapterPage
) -> None:
    bea_is = cast.manager.person.get_full_name()
    pages = ["/editions/", *addresses(amended)[:-1], amended.get_url()]
    for address in pages:
        assert bea_is not in stranger.get(address, follow=True).content.decode(), address
        assert bea_is in client_for(cast.practitioner).get(address, follow=True).content.decode() or (
            address == addresses(amended)[3]  # that edition was the operator's
        )


def test_the_rule_is_one_queryset(cast: Cast, amended: ChapterPage) -> None:
    assert policy.editions_for(Reader()).count() == 2
    ChapterPage.objects.filter(pk=amended.pk).update(partnership=cast.eller)
    assert policy.editions_for(Reader()).count() == 0
    assert policy.editions_for(Reader(cast.eller_practitioner.person, cast.eller.pk)).count() == 2
