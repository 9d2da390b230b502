"""Taking the manual away: who may take what, and what happens to a copy on its way."""

import errno
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import IO, Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from wagtail.models import PageViewRestriction

from portal.accounts.models import Partnership
from portal.audit.models import AccessEvent
from procedures import generation
from procedures.editing.models import Edition
from procedures.exporting import files, jobs, pdf, services
from procedures.exporting.models import LEASE, Copy, CopyState, Kind
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader
from procedures.sharing.models import Contact
from tests.cast import Cast, client_for, password_only_client_for

pytestmark = pytest.mark.django_db
FORMS = ("pdf", "docx", "txt")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Any, settings: Any) -> None:
    settings.CASE_FILES_ROOT = tmp_path


@pytest.fixture
def open_client(cast: Cast) -> Client:
    """A reader without an account, at the partnership whose manual anyone may read."""
    return Client(HTTP_HOST=cast.tarn.hostname)


def chapter_file(client: Client, page: ChapterPage, form: str) -> Any:
    return client.get(f"/copies/chapters/{page.pk}/{form}/")


def asked(client: Client, manual: ManualIndexPage, kind: str) -> Copy:
    """Ask, as the button does."""
    response = client.post("/copies/ask/", {"scope": manual.pk, "kind": kind})
    assert response.status_code == 302, response.content
    return Copy.objects.get(pk=response["Location"].split("/")[-2])


def made(client: Client, manual: ManualIndexPage, kind: str = "offline") -> Copy:
    copy = asked(client, manual, kind)
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    return copy


def content(client: Client, copy: Copy) -> bytes:
    response = client.get(f"/copies/{copy.pk}/file/")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def words_of(kind: str, data: bytes) -> str:
    """Everything that a copy says, names of files and all."""
    if kind == "pdf":
        reader = PdfReader(BytesIO(data))
        return "\n".join(page.extract_text() for page in reader.pages) + str(reader.outline)
    package = zipfile.ZipFile(BytesIO(data))
    return "\n".join(
        package.namelist() + [package.read(name).decode("utf-8", "replace") for name in package.namelist()]
    )


def local(page: ChapterPage, partnership: Partnership) -> None:
    ChapterPage.objects.filter(pk=page.pk).update(partnership=partnership)


# ---- one chapter


def test_a_reader_without_an_account_takes_a_chapter_of_an_open_manual(
    open_client: Client, bruises: ChapterPage
) -> None:
    starts = {"pdf": b"%PDF", "docx": b"PK", "txt": b"6 Bruises on babies"}
    for form in FORMS:
        response = chapter_file(open_client, bruises, form)
        assert response.status_code == 200
        assert response.content.startswith(starts[form])
        assert response["Content-Disposition"] == f'attachment; filename="{bruises.slug}.{form}"'
    assert not AccessEvent.objects.filter(verb="exported").exists()


def test_a_chapters_page_leads_to_its_copies(open_client: Client, bruises: ChapterPage) -> None:
    html = open_client.get(bruises.get_url()).content.decode()
    for form in FORMS:
        assert f'href="/copies/chapters/{bruises.pk}/{form}/"' in html
    assert 'href="/copies/"' in html


def test_a_closed_manual_gives_a_stranger_nothing(
    cast: Cast, bruises: ChapterPage, manual: ManualIndexPage
) -> None:
    stranger = Client(HTTP_HOST=cast.eller.hostname)
    half = password_only_client_for(cast.eller_practitioner)
    half.defaults["HTTP_HOST"] = cast.eller.hostname
    for client in (stranger, half):
        for address in ("/copies/", f"/copies/chapters/{bruises.pk}/pdf/"):
            assert client.get(address).status_code == 302
        assert client.post("/copies/ask/", {"scope": manual.pk, "kind": "pdf"}).status_code == 302
    assert not Copy.objects.exists()
    assert chapter_file(client_for(cast.eller_practitioner), bruises, "pdf").status_code == 200


def test_what_somebody_signed_in_takes_away_is_recorded_without_a_name(
    cast: Cast, bruises: ChapterPage, manual: ManualIndexPage
) -> None:
    client = client_for(cast.practitioner)
    chapter_file(client, bruises, "pdf")
    content(client, made(client, manual))
    events = AccessEvent.objects.filter(verb="exported").order_by("pk")
    assert [(event.object_kind, event.actor_id) for event in events] == [
        ("manual pdf", cast.practitioner.person_id),
        ("manual offline", cast.practitioner.person_id),
    ]
    assert events[0].object_ref == f"chapter {bruises.pk}"


@pytest.mark.parametrize("form", ["exe", "offline", "html"])
def test_there_is_no_other_form_of_a_chapter(open_client: Client, bruises: ChapterPage, form: str) -> None:
    assert chapter_file(open_client, bruises, form).status_code == 404


def test_a_draft_and_a_page_that_is_no_chapter_are_not_there(
    open_client: Client, bruises: ChapterPage, manual: ManualIndexPage
) -> None:
    bruises.unpublish()
    assert chapter_file(open_client, bruises, "pdf").status_code == 404
    assert open_client.get(f"/copies/chapters/{manual.pk}/pdf/").status_code == 404
    assert open_client.get("/copies/chapters/99999999999999999999/pdf/").status_code == 404


def test_an_edition_is_given_as_it_stood(open_client: Client, bruises: ChapterPage) -> None:
    first = Edition.objects.get(page=bruises)
    draft = bruises.get_latest_revision_as_object()
    draft.title = "Marks on babies"
    draft.save_revision().publish()
    response = open_client.get(f"/copies/editions/{first.pk}/txt/")
    assert "6 Bruises on babies" in response.content.decode()
    assert "Marks on babies" not in response.content.decode()
    assert open_client.get(f"/copies/editions/{first.pk}/pdf/").content.startswith(b"%PDF")


def test_without_the_engine_printing_still_works_and_the_page_says_what_to_install(
    open_client: Client, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "typst", None)
    response = open_client.get(f"/copies/chapters/{bruises.pk}/pdf/", follow=True)
    assert response.redirect_chain == [(bruises.get_url(), 302)]
    assert "pip install typst" in response.content.decode()
    page = open_client.get("/copies/").content.decode()
    assert "pip install typst" in page
    assert chapter_file(open_client, bruises, "docx").status_code == 200


# ---- rights


def hide_from_anybody(page: ChapterPage, cast: Cast) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def hide_in_a_group(page: ChapterPage, cast: Cast) -> None:
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(Group.objects.create(name="Midwives"))


def belongs_to_ellerfold(page: ChapterPage, cast: Cast) -> None:
    local(page, cast.eller)


Hide = Callable[[ChapterPage, Cast], None]
HIDDEN = [hide_from_anybody, hide_in_a_group, belongs_to_ellerfold]


@pytest.mark.parametrize("hide", HIDDEN)
def test_a_chapter_that_one_may_not_read_is_in_no_copy_and_is_not_counted_or_named(
    open_client: Client,
    cast: Cast,
    manual: ManualIndexPage,
    bruises: ChapterPage,
    missing: ChapterPage,
    hide: Hide,
) -> None:
    hide(bruises, cast)
    edition = Edition.objects.get(page=bruises)
    for form in FORMS:
        assert chapter_file(open_client, bruises, form).status_code == 404
        assert open_client.get(f"/copies/editions/{edition.pk}/{form}/").status_code == 404
    assert "The whole manual: 1 chapter<" in open_client.get("/copies/").content.decode()
    for kind in Kind.values:
        copy = made(open_client, manual, kind)
        assert copy.state == CopyState.DONE
        said = words_of(kind, content(open_client, copy))
        assert "Children who go missing" in said
        assert "ruises" not in said
        assert "midwives" not in said


@pytest.mark.parametrize("hide", HIDDEN)
def test_who_may_read_it_has_it_in_every_copy(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage, hide: Hide
) -> None:
    hide(bruises, cast)
    member = cast.eller_practitioner if hide is belongs_to_ellerfold else cast.practitioner
    if hide is hide_in_a_group:
        member.person.groups.add(Group.objects.get(name="Midwives"))
    client = client_for(member)
    assert chapter_file(client, bruises, "txt").status_code == 200
    for kind in Kind.values:
        assert "Bruises on babies" in words_of(kind, content(client, made(client, manual, kind)))


def test_a_copy_made_for_others_rights_is_not_there_for_anybody_else(
    open_client: Client, cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    hide_from_anybody(bruises, cast)
    member = client_for(cast.practitioner)
    copy = made(member, manual)
    for address in ("", "progress/", "file/"):
        assert open_client.get(f"/copies/{copy.pk}/{address}").status_code == 404
        assert client_for(cast.eller_practitioner).get(f"/copies/{copy.pk}/{address}").status_code == 404
        assert member.get(f"/copies/{copy.pk}/{address}").status_code == 200


def test_rights_are_asked_again_when_the_job_runs(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    group = Group.objects.create(name="Midwives")
    cast.practitioner.person.groups.add(group)
    restriction = PageViewRestriction.objects.create(
        page=bruises, restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(group)
    copy = asked(client_for(cast.practitioner), manual, "offline")
    cast.practitioner.person.groups.remove(group)
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert copy.state == CopyState.FAILED
    assert copy.problem == services.RIGHTS_CHANGED
    assert list(files.folder().iterdir()) == []


def test_who_has_left_since_reads_as_anybody_does(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    hide_from_anybody(bruises, cast)
    copy = asked(client_for(cast.practitioner), manual, "offline")
    cast.practitioner.person.is_active = False
    cast.practitioner.person.save()
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert copy.state == CopyState.FAILED


def test_a_right_that_is_lost_closes_a_copy_that_is_ready(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    group = Group.objects.create(name="Midwives")
    restriction = PageViewRestriction.objects.create(
        page=bruises, restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(group)
    cast.practitioner.person.groups.add(group)
    client = client_for(cast.practitioner)
    copy = made(client, manual)
    content(client, copy)
    cast.practitioner.person.groups.remove(group)
    assert client.get(f"/copies/{copy.pk}/file/").status_code == 404


def test_a_private_manual_cannot_be_asked_for(
    open_client: Client, cast: Cast, manual: ManualIndexPage
) -> None:
    PageViewRestriction.objects.create(page=manual, restriction_type=PageViewRestriction.LOGIN)
    assert open_client.post("/copies/ask/", {"scope": manual.pk, "kind": "pdf"}).status_code == 404
    assert manual.title not in open_client.get("/copies/").content.decode()


@pytest.mark.parametrize(
    ("scope", "kind"), [("", "pdf"), ("x", "pdf"), ("9" * 40, "pdf"), ("manual", "exe"), ("²", "pdf")]
)
def test_what_no_button_sends_is_not_found(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, scope: str, kind: str
) -> None:
    sent = {"scope": manual.pk if scope == "manual" else scope, "kind": kind}
    assert open_client.post("/copies/ask/", sent).status_code == 404
    assert not Copy.objects.exists()


# ---- on its way


def test_a_copy_is_made_once_for_all_who_may_read_the_same(
    open_client: Client, cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    first = made(open_client, manual)
    again = asked(client_for(cast.practitioner), manual, "offline")
    assert again.pk == first.pk
    assert content(client_for(cast.practitioner), first)
    assert asked(client_for(cast.eller_practitioner), manual, "offline").pk != first.pk


def test_whom_to_ring_is_in_the_offline_copy_as_it_is_now(
    open_client: Client, cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    """Everybody's contacts and those of the reader's partnership, not the other's; a new number makes a new copy."""
    rows = (("Helpline of both", "01632 960001", None), ("Tarn desk", "01632 960002", cast.tarn))
    for service, telephone, partnership in (*rows, ("Eller desk", "01632 960003", cast.eller)):
        Contact.objects.create(service=service, telephone=telephone, partnership=partnership)
    copy = made(open_client, manual)
    said = words_of("offline", content(open_client, copy))
    for service, telephone, _ in rows:
        assert service in said
        assert telephone in said
    assert "Eller desk" not in said
    Contact.objects.filter(service="Tarn desk").update(telephone="01632 960004")
    again = made(open_client, manual)
    assert "01632 960004" in words_of("offline", content(open_client, again))


def test_a_double_click_and_a_job_that_runs_twice_make_one_file(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    copies = {asked(open_client, manual, "pdf").pk for _ in range(2)}
    assert len(copies) == 1
    for _ in range(2):
        jobs.make_copy(str(next(iter(copies))))
    assert len(list(files.folder().iterdir())) == 1
    assert Copy.objects.get().attempts == 1


def test_a_killed_worker_leaves_a_copy_that_the_next_one_makes(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = asked(open_client, manual, "offline")

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("procedures.exporting.offline.Site.write", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.make_copy(str(copy.pk))
    assert jobs.resume() == 0  # it may still be alive
    Copy.objects.update(touched_at=timezone.now() - LEASE - timedelta(seconds=1))
    assert jobs.resume() == 1
    copy.refresh_from_db()
    assert (copy.state, copy.attempts) == (CopyState.DONE, 2)
    assert len(list(files.folder().iterdir())) == 1


def test_a_run_that_was_taken_over_throws_its_file_away(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = asked(open_client, manual, "offline")

    def slow(site: Any, beat: Callable[[], None]) -> None:
        Copy.objects.update(claim=UUID(int=7))
        beat()

    monkeypatch.setattr("procedures.exporting.offline.Site.write", slow)
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert (copy.state, copy.claim) == (CopyState.RUNNING, UUID(int=7))
    assert list(files.folder().iterdir()) == []


def test_a_full_disk_leaves_no_half_file_and_says_so(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(copy: Copy, branch: Any, reader: Reader, heart: Any, file: IO[bytes]) -> None:
        file.write(b"half a file")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(services, "_site", full)
    copy = made(open_client, manual)
    assert copy.state == CopyState.FAILED
    assert list(files.folder().iterdir()) == []
    assert "no room" in open_client.get(f"/copies/{copy.pk}/").content.decode()
    assert "no room" in open_client.get("/copies/").content.decode()


def test_an_engine_that_fails_says_so_and_leaves_no_half_file(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "STANDARD", "no such standard")
    copy = made(open_client, manual, "pdf")
    for _ in range(3):
        jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert copy.state == CopyState.FAILED
    assert copy.problem
    assert list(files.folder().iterdir()) == []


def test_a_copy_is_gone_as_soon_as_the_manual_changes(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    copy = made(open_client, manual)
    bruises.get_latest_revision_as_object().save_revision().publish()
    assert open_client.get(f"/copies/{copy.pk}/file/").status_code == 404
    assert "has changed since" in open_client.get("/copies/").content.decode()
    assert "has changed since" in open_client.get(f"/copies/{copy.pk}/").content.decode()
    assert asked(open_client, manual, "offline").pk != copy.pk
    assert jobs.remove_old() == 1
    assert list(files.folder().iterdir()) == []
    copy.refresh_from_db()
    assert copy.state == CopyState.EXPIRED


def test_a_copy_during_which_the_manual_changed_is_made_again(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = asked(open_client, manual, "offline")
    numbers = iter([1, 2, 2, 2])
    monkeypatch.setattr(generation, "current", lambda: next(numbers))
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert copy.state == CopyState.QUEUED
    assert list(files.folder().iterdir()) == []
    jobs.make_copy(str(copy.pk))
    copy.refresh_from_db()
    assert (copy.state, copy.generation) == (CopyState.DONE, 2)


def test_a_copy_is_kept_for_a_day_and_orphans_for_an_hour(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    copy = made(open_client, manual)
    orphan = files.folder() / "left-behind"
    orphan.write_bytes(b"x")
    jobs.remove_old()
    assert orphan.exists()
    assert services.remove_old(timezone.now() + timedelta(hours=25)) == 1
    assert list(files.folder().iterdir()) == []
    assert open_client.get(f"/copies/{copy.pk}/file/").status_code == 404


def test_progress_is_told_and_ends_with_the_link(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    copy = asked(open_client, manual, "pdf")
    assert open_client.get(f"/copies/{copy.pk}/progress/").json() == {
        "percent": 0,
        "text": "Waiting to start.",
    }
    Copy.objects.update(state=CopyState.RUNNING, done_chapters=1, total_chapters=4)
    assert open_client.get(f"/copies/{copy.pk}/progress/").json()["percent"] == 25
    assert "25%" in open_client.get("/copies/").content.decode()
    Copy.objects.update(state=CopyState.QUEUED)
    jobs.make_copy(str(copy.pk))
    answer = open_client.get(f"/copies/{copy.pk}/progress/").json()
    assert answer["percent"] == 100
    assert answer["url"] == f"/copies/{copy.pk}/file/"
    assert "Download it" in open_client.get(f"/copies/{copy.pk}/").content.decode()


def test_strangers_may_ask_for_ten_an_hour_and_members_are_not_counted(
    open_client: Client, cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    for _ in range(10):
        asked(open_client, manual, "offline")
        Copy.objects.all().delete()
    refused = open_client.post("/copies/ask/", {"scope": manual.pk, "kind": "offline"}, follow=True)
    assert "enough for now" in refused.content.decode()
    assert not Copy.objects.exists()
    assert asked(client_for(cast.practitioner), manual, "offline")
    assert asked(open_client, manual, "offline")  # it waits for the member's, which is the same


def test_an_empty_manual_says_when_copies_can_be_made(open_client: Client, manual: ManualIndexPage) -> None:
    assert "No chapter has been published yet" in open_client.get("/copies/").content.decode()


def test_a_part_can_be_taken_by_itself_and_a_part_of_which_nothing_is_live_cannot(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    part = ManualIndexPage(title="The second part", slug="second")
    manual.add_child(instance=part)
    assert "The second part" not in open_client.get("/copies/").content.decode()
    bruises.move(part, pos="last-child")
    html = open_client.get("/copies/").content.decode()
    assert "A part of the manual: 1 chapter<" in html
    copy = made(open_client, ManualIndexPage.objects.get(slug="second"))
    assert "6-bruises-on-babies.html" in words_of("offline", content(open_client, copy))
    assert copy.download_name.startswith("second-")


def test_the_list_of_copies_asks_the_database_no_more_for_more_parts(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        manual.refresh_from_db()
        manual.add_child(instance=ManualIndexPage(title=f"Part {number}", slug=f"part-{number}"))
    with django_assert_max_num_queries(20):
        open_client.get("/copies/")


def test_a_withdrawn_chapter_is_in_no_copy_of_the_manual_and_says_so_by_itself(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    ChapterPage.objects.filter(pk=bruises.pk).update(
        withdrawn_at=timezone.now(), withdrawn_notice="It was out of date.", replaced_by=missing
    )
    said = words_of("offline", content(open_client, made(open_client, manual)))
    assert "Bruises" not in said
    alone = chapter_file(open_client, bruises, "txt").content.decode()
    assert "This chapter has been withdrawn" in alone
    assert "It was out of date." in alone
    assert "replaced by: Children who go missing" in alone


def test_a_withdrawn_chapter_does_not_name_a_replacement_that_one_may_not_read(
    open_client: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    hide_from_anybody(missing, cast)
    ChapterPage.objects.filter(pk=bruises.pk).update(withdrawn_at=timezone.now(), replaced_by=missing)
    alone = chapter_file(open_client, bruises, "txt").content.decode()
    assert "This chapter has been withdrawn" in alone
    assert "go missing" not in alone


def test_a_manual_that_is_too_long_for_one_pdf_says_what_else_there_is(
    open_client: Client, manual: ManualIndexPage, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_WORDS_IN_A_PDF", 5)
    copy = made(open_client, manual, "pdf")
    assert copy.state == CopyState.FAILED
    assert "Take its parts one by one" in open_client.get(f"/copies/{copy.pk}/").content.decode()
    assert made(open_client, manual, "docx").state == CopyState.DONE
