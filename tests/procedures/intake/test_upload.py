"""Import in the CMS: files are read by the queue, looked at as a tree, and imported as drafts; nothing is doubled."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.models import Revision

from portal.audit.models import AccessEvent
from procedures.intake import jobs, services
from procedures.intake.models import File, FileState, Finding, Run, RunState
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast, client_for
from tests.procedures.conftest import BRUISES, MISSING
from tests.procedures.intake.conftest import Send, word, zipped

pytestmark = pytest.mark.django_db

BRUISES_FILE = ("bruises.txt", BRUISES.encode())
MISSING_FILE = ("missing.txt", MISSING.encode())


def draft_title() -> str:
    """The title of the only chapter's draft."""
    return str(ChapterPage.objects.get().get_latest_revision_as_object().title)


LOST = """5 Lost links

1. Forms

Click here for the form. Then send it to the desk at once.

3. After

Nothing more is asked of you.
"""


def test_the_preview_shows_the_tree_and_saves_nothing(cast: Cast, send: Send) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE)
    page = bea.get(f"/cms/import/{run.pk}/").content.decode()
    for seen in (
        "1 What to look for",
        "list of 2 (a, b, c)",
        "Appendix A Body map",
        "words placed",
        "bruises.txt",
    ):
        assert seen in page
    assert not ChapterPage.objects.exists()


def test_importing_makes_drafts_that_no_reader_sees_and_publishes_nothing(
    cast: Cast, send: Send, import_all: Callable[..., None], private: Path
) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE, MISSING_FILE)
    import_all(bea, run)
    assert run.state == RunState.DONE
    assert {page.title: page.live for page in ChapterPage.objects.all()} == {
        "Bruises on babies": False,
        "Children who go missing": False,
    }
    assert {
        one.user for one in Revision.objects.all() if one.content_object.title != "Manual of the valley"
    } == {cast.manager.person}
    page = bea.get(f"/cms/import/{run.pk}/").content.decode()
    assert f"/cms/pages/{ChapterPage.objects.first().pk}/edit/" in page  # type: ignore[union-attr]
    assert list(private.iterdir()) == []
    assert AccessEvent.objects.get(verb="imported").actor_id == cast.manager.person_id


def test_a_file_that_is_not_ticked_is_left_out(cast: Cast, send: Send, manual: ManualIndexPage) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE, MISSING_FILE)
    only = run.files.get(path="missing.txt").pk
    bea.post(f"/cms/import/{run.pk}/import/", {"include": [only], "parent": manual.pk})
    jobs.import_run(str(run.pk))
    assert [page.title for page in ChapterPage.objects.all()] == ["Children who go missing"]
    assert "bruises.txt was left out" in bea.get(f"/cms/import/{run.pk}/").content.decode()


def test_a_zip_of_a_folder_becomes_a_tree_and_its_links_lead_to_pages(
    cast: Cast, send: Send, import_all: Callable[..., None], manual: ManualIndexPage
) -> None:
    first = (
        b'<h1>1 One</h1><p>See <a href="../2%20b/two.html">chapter two</a> or <a href="no.html">none</a>.</p>'
    )
    second = b"<h1>2 Two</h1><p>It is short but it has a sentence.</p>"
    files = {"man__1 a__one_html": first, "man__2 b__two_html": second, "__MACOSX__one_html": b"x"}
    bea = client_for(cast.manager)
    run = send(bea, ("manual.zip", zipped(**files)))
    assert [file.path for file in run.files.all()] == ["1 a/one.html", "2 b/two.html"]
    import_all(bea, run)
    manual.refresh_from_db()
    parts = {part.title: [child.title for child in part.get_children()] for part in manual.get_children()}
    assert parts == {"A": ["One"], "B": ["Two"]}
    one, two = ChapterPage.objects.get(title="One"), ChapterPage.objects.get(title="Two")
    body = str(one.get_latest_revision_as_object().body.raw_data)
    assert f'<a linktype="page" id="{two.pk}">chapter two</a> or none.' in body
    assert [found.text for found in one.findings.all()] == ["“none” led to no.html, which is not there."]
    assert run.links_mended == 1


def test_importing_again_updates_the_draft_and_says_what_changed(
    cast: Cast, send: Send, import_all: Callable[..., None]
) -> None:
    bea = client_for(cast.manager)
    import_all(bea, send(bea, BRUISES_FILE))
    before = [block.id for block in ChapterPage.objects.get().body]
    changed = (
        BRUISES.replace("within 24 hours", "at once")
        + "\nAppendix B - Letter\n\nDear colleague, this is it.\n"
    )
    run = send(bea, ("bruises.txt", changed.encode()))
    import_all(bea, run)
    page = ChapterPage.objects.get()
    after = [block.id for block in page.get_latest_revision_as_object().body]
    assert after[: len(before)] == before
    shown = bea.get(f"/cms/import/{run.pk}/").content.decode()
    assert "changed: 2 Referring" in shown
    assert "added: Appendix B Letter" in shown
    assert "changed: 1 What" not in shown


def test_a_page_that_was_edited_meanwhile_is_not_imported_over_before_somebody_says_so(
    cast: Cast, send: Send, import_all: Callable[..., None], manual: ManualIndexPage
) -> None:
    bea = client_for(cast.manager)
    import_all(bea, send(bea, BRUISES_FILE))
    page = ChapterPage.objects.get()
    run = send(bea, ("bruises.txt", BRUISES.replace("rare", "seldom").encode()))
    edited = page.get_latest_revision_as_object()
    edited.title = "Bruises, as Adil wants it"
    edited.save_revision(user=cast.administrator.person)
    import_all(bea, run)
    shown = bea.get(f"/cms/import/{run.pk}/").content.decode()
    assert "was edited by Adil Shah after this file was read" in shown
    assert draft_title() == "Bruises, as Adil wants it"
    held = run.files.get()
    bea.post(f"/cms/import/{run.pk}/import/", {"over": [held.pk], "parent": manual.pk})
    jobs.import_run(str(run.pk))
    assert draft_title() == "Bruises on babies"
    assert [one.content["title"] for one in Revision.objects.for_instance(page).order_by("pk")][-2] == (
        "Bruises, as Adil wants it"
    )


def test_a_page_that_waits_for_approval_is_not_imported_over(
    cast: Cast, send: Send, import_all: Callable[..., None]
) -> None:
    bea = client_for(cast.manager)
    import_all(bea, send(bea, BRUISES_FILE))
    page = ChapterPage.objects.get()
    page.locked = True
    page.save()
    run = send(bea, BRUISES_FILE)
    import_all(bea, run)
    assert "is locked in the CMS" in bea.get(f"/cms/import/{run.pk}/").content.decode()
    assert Revision.objects.for_instance(page).count() == 1


def test_one_bad_file_stops_no_other(cast: Cast, send: Send, import_all: Callable[..., None]) -> None:
    bea = client_for(cast.manager)
    run = send(bea, ("bad.docx", b"PK\x03\x04 no"), ("scan.txt", b"\x00\x01"), MISSING_FILE)
    shown = bea.get(f"/cms/import/{run.pk}/").content.decode()
    assert "damaged" in shown
    assert "binary" in shown
    import_all(bea, run)
    assert [page.title for page in ChapterPage.objects.all()] == ["Children who go missing"]


def test_two_files_of_the_same_chapter_are_not_imported_over_each_other(
    cast: Cast, send: Send, import_all: Callable[..., None]
) -> None:
    bea = client_for(cast.manager)
    run = send(bea, ("1.txt", BRUISES.encode()), ("2.txt", BRUISES.replace("rare", "seldom").encode()))
    import_all(bea, run)
    assert "rare" in str(ChapterPage.objects.get().get_latest_revision_as_object().body.raw_data)
    assert "same number and title as 1.txt" in bea.get(f"/cms/import/{run.pk}/").content.decode()


def test_a_form_that_is_sent_twice_makes_one_run(cast: Cast, private: Path, manual: ManualIndexPage) -> None:
    bea = client_for(cast.manager)
    token = str(bea.get("/cms/import/").context["form"]["run"].value())
    for _ in range(2):
        data = {"run": token, "parent": manual.pk, "chapters": [SimpleUploadedFile(*BRUISES_FILE)]}
        assert bea.post("/cms/import/", data)["Location"].endswith(f"/cms/import/{token}/")
    assert Run.objects.count() == 1
    assert len(list(private.iterdir())) == 1


def test_pressing_import_twice_imports_once(cast: Cast, send: Send, manual: ManualIndexPage) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE)
    ticked = [run.files.get().pk]
    for _ in range(2):
        bea.post(f"/cms/import/{run.pk}/import/", {"include": ticked, "parent": manual.pk})
    for _ in range(2):
        jobs.import_run(str(run.pk))
    assert Revision.objects.for_instance(ChapterPage.objects.get()).count() == 1


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    cast: Cast, send: Send, manual: ManualIndexPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE, MISSING_FILE)
    bea.post(
        f"/cms/import/{run.pk}/import/",
        {"include": list(run.files.values_list("pk", flat=True)), "parent": manual.pk},
    )

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services, "_beat", killed)  # after the first file
        with pytest.raises(KeyboardInterrupt):
            jobs.import_run(str(run.pk))
    assert ChapterPage.objects.count() == 1
    jobs.import_run(str(run.pk))
    assert ChapterPage.objects.count() == 1  # the dead worker's claim still holds
    Run.objects.filter(pk=run.pk).update(touched_at=timezone.now() - timedelta(minutes=5))
    assert jobs.resume() == 1
    assert ChapterPage.objects.count() == 2
    assert [Revision.objects.for_instance(page).count() for page in ChapterPage.objects.all()] == [1, 1]


def test_a_run_that_stops_each_time_is_given_up_with_a_sentence(cast: Cast, send: Send) -> None:
    bea = client_for(cast.manager)
    run = send(bea, BRUISES_FILE, read=False)
    Run.objects.filter(pk=run.pk).update(attempts=3)
    jobs.read(str(run.pk))
    assert "tried three times" in bea.get(f"/cms/import/{run.pk}/").content.decode()


def test_findings_are_ticked_off_and_come_back_only_when_they_are_new(
    cast: Cast, send: Send, import_all: Callable[..., None]
) -> None:
    bea = client_for(cast.manager)
    run = send(bea, ("lost.txt", LOST.encode()))
    import_all(bea, run)
    page = ChapterPage.objects.get()
    address = f"/cms/import/chapters/{page.pk}/"
    assert "Click here for the form" in bea.get(address).content.decode()
    assert "Findings of the import (2)" in bea.get(f"/cms/pages/{page.pk}/edit/").content.decode()
    desk = bea.get("/cms/").content.decode()
    assert "Imports with problems (1)" in desk
    assert "2 findings to look at" in desk
    lost = Finding.objects.get(kind="lost link")
    bea.post(f"{address}{lost.pk}/", {"seen": "1"})
    lost.refresh_from_db()
    assert lost.seen_by == cast.manager.person
    assert "1 finding to look at" in bea.get("/cms/").content.decode()
    import_all(bea, send(bea, ("lost.txt", LOST.encode())))
    assert [one.kind for one in page.findings.filter(seen_at=None)] == ["gap in numbering"]
    bea.post(f"{address}{lost.pk}/", {"seen": "0"})
    assert page.findings.filter(seen_at=None).count() == 2


def test_files_go_after_a_day_and_when_they_are_not_wanted(cast: Cast, send: Send, private: Path) -> None:
    bea = client_for(cast.manager)
    kept, thrown = send(bea, BRUISES_FILE), send(bea, MISSING_FILE)
    bea.post(f"/cms/import/{thrown.pk}/discard/")
    assert len(list(private.iterdir())) == 1
    assert services.remove_expired() == 0
    assert services.remove_expired(timezone.now() + timedelta(days=1, minutes=1)) == 1
    assert list(private.iterdir()) == []
    kept.refresh_from_db()
    assert kept.state == RunState.REMOVED
    assert not ChapterPage.objects.exists()


def test_files_are_stored_for_this_account_only(cast: Cast, send: Send, private: Path) -> None:
    send(client_for(cast.manager), BRUISES_FILE)
    (path,) = private.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert "bruises" not in path.name


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "Choose a file"),
        ([("a.exe", b"MZ")], "a.exe: choose text"),
        ([("a.txt", b"")], "The file is empty"),
    ],
)
def test_what_is_no_chapter_is_refused_beside_the_field(
    cast: Cast, private: Path, manual: ManualIndexPage, files: list[tuple[str, bytes]], reason: str
) -> None:
    bea = client_for(cast.manager)
    token = str(bea.get("/cms/import/").context["form"]["run"].value())
    uploads = [SimpleUploadedFile(*file) for file in files]
    answer = bea.post("/cms/import/", {"run": token, "parent": manual.pk, "chapters": uploads})
    assert answer.status_code == 200
    assert reason in answer.content.decode()
    assert not Run.objects.exists()
    assert list(private.iterdir() if private.exists() else []) == []


def test_a_word_document_is_read_here_too(cast: Cast, send: Send, import_all: Callable[..., None]) -> None:
    data = word(
        ("Title", "3 Neglect"), ("Heading 1", "1. Signs"), ("Normal", "A child who is always hungry.")
    )
    bea = client_for(cast.manager)
    run = send(bea, ("neglect.docx", data))
    import_all(bea, run)
    page = ChapterPage.objects.get()
    assert (page.number, page.title) == ("3", "Neglect")
    assert File.objects.get().state == FileState.IMPORTED
