"""`manage.py import_manual FOLDER`: a tree of parts and chapters, links between the files mended, bad files alone."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.audit.models import AccessEvent
from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from procedures.rendering import render_chapter
from tests.procedures.conftest import BRUISES, MISSING

pytestmark = pytest.mark.django_db

WEB = """<h1>8.10 Neglect</h1><h2>1. Signs</h2>
<p>See <a href="../01%20Core/bruises.txt">the chapter on bruises</a>, <a href="9.html#two">2. Second</a>,
<a href="9.html#one">somewhere</a> and <a href="nowhere.html">a page that is gone</a>.</p>
<h2>2. More</h2><p>Text.</p>"""
OTHER = '<h1>9 Other</h1><h2 id="one">1. First</h2><p>It has text.</p><h2 id="two">2. Second</h2><p>More text.</p>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "01 Core").mkdir(parents=True)
    (folder / "02_specific-circumstances").mkdir()
    (folder / "01 Core" / "bruises.txt").write_text(BRUISES)
    (folder / "02_specific-circumstances" / "8.10 neglect.html").write_text(WEB)
    (folder / "02_specific-circumstances" / "9.html").write_text(OTHER)
    (folder / "02_specific-circumstances" / "8.2 missing.txt").write_text(MISSING)
    (folder / "02_specific-circumstances" / "~$lock.docx").write_bytes(b"x")
    (folder / "notes.ini").write_text("not a chapter")
    return folder


def run(*arguments: object) -> tuple[dict[str, Any], int]:
    """(what was printed as JSON, exit code)"""
    out = StringIO()
    code = 0
    try:
        call_command("import_manual", *[str(argument) for argument in arguments], "--json", stdout=out)
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue() or "{}"), code


def test_a_folder_becomes_parts_and_chapters_in_the_order_of_their_numbers(
    manual: ManualIndexPage, folder: Path
) -> None:
    facts, code = run(folder)
    assert code == 0
    manual.refresh_from_db()
    tree = [(part.title, [page.title for page in part.get_children()]) for part in manual.get_children()]
    assert tree == [
        ("Core", ["Bruises on babies"]),
        ("Specific circumstances", ["Children who go missing", "Neglect", "Other"]),
    ]
    assert [one["file"].split("/")[-1] for one in facts["files"]] == [
        "bruises.txt", "8.2 missing.txt", "8.10 neglect.html", "9.html",
    ]  # fmt: skip
    assert not ChapterPage.objects.filter(live=True).exists()


def test_links_between_the_files_become_links_between_pages_and_broken_ones_are_told(
    manual: ManualIndexPage, folder: Path
) -> None:
    facts, _ = run(folder, "--publish")
    assert facts["links"] == {
        "mended": 3,
        "broken": [
            {
                "file": "02_specific-circumstances/8.10 neglect.html",
                "words": "a page that is gone",
                "address": "nowhere.html",
            }
        ],
    }
    page = ChapterPage.objects.get(title="Neglect")
    bruises, other = ChapterPage.objects.get(number="6"), ChapterPage.objects.get(number="9")
    html = render_chapter(page).sections[0].html
    second = next(one for one in other.sections() if one.heading == "Second")
    assert f'href="{bruises.url}">the chapter on bruises</a>' in html
    assert f'href="{other.url}#{second.anchor}">' in html
    assert f'href="{other.url}">somewhere</a>' in html
    assert "a page that is gone</a>" not in html
    assert "a page that is gone" in html


def test_published_by_the_operator_says_so_in_the_log_and_in_the_amendment(
    manual: ManualIndexPage, folder: Path
) -> None:
    run(folder, "--publish")
    assert ChapterPage.objects.filter(live=True).count() == 4
    assert Edition.objects.count() == 4  # one each, although links were mended
    assert {one.why for one in Edition.objects.all()} == {
        "Published by the operator from the console (manage.py import_manual --publish)."
    }
    assert Edition.objects.get(title="Neglect").what == (
        "Imported from the file 02_specific-circumstances/8.10 neglect.html."
    )
    assert AccessEvent.objects.filter(verb="published", actor_label="system").count() == 4


def test_one_bad_file_stops_no_other_and_the_exit_code_tells(manual: ManualIndexPage, folder: Path) -> None:
    (folder / "01 Core" / "scan.docx").write_bytes(b"PK\x03\x04 damaged")
    facts, code = run(folder)
    assert code == 2
    failed = {one["file"]: one["error"] for one in facts["files"] if "error" in one}
    assert list(failed) == ["01 Core/scan.docx"]
    assert "damaged" in failed["01 Core/scan.docx"]
    assert ChapterPage.objects.count() == 4


def test_a_bad_file_alone_in_its_folder_leaves_no_empty_part(manual: ManualIndexPage, folder: Path) -> None:
    (folder / "03 Bad").mkdir()
    (folder / "03 Bad" / "scan.txt").write_bytes(b"\x00")
    run(folder)
    manual.refresh_from_db()
    assert "Bad" not in [part.title for part in manual.get_children()]


def test_the_folder_again_doubles_nothing_and_says_what_changed(
    manual: ManualIndexPage, folder: Path
) -> None:
    run(folder)
    bruises = folder / "01 Core" / "bruises.txt"
    bruises.write_text(BRUISES.replace("rare", "seldom"))
    facts, _ = run(folder)
    assert ChapterPage.objects.count() == 4
    assert [one["page"]["made"] for one in facts["files"]] == [False] * 4
    assert facts["files"][0]["changes"] == {"added": [], "removed": [], "changed": ["1 What to look for"]}
    assert facts["files"][1]["changes"] == {"added": [], "removed": [], "changed": []}


def test_a_dry_run_reports_everything_and_saves_nothing(manual: ManualIndexPage, folder: Path) -> None:
    facts, code = run(folder, "--dry-run")
    assert (code, len(facts["files"])) == (0, 4)
    manual.refresh_from_db()
    assert not manual.get_children().exists()


def test_two_files_with_the_same_number_and_title_are_not_imported_over_each_other(
    manual: ManualIndexPage, folder: Path
) -> None:
    (folder / "01 Core" / "copy of bruises.txt").write_text(BRUISES.replace("rare", "seldom"))
    facts, code = run(folder)
    assert code == 2
    assert [one["error"] for one in facts["files"] if "error" in one] == [
        "It has the same number and title as 01 Core/bruises.txt, which was imported."
    ]


def test_an_empty_folder_is_refused(manual: ManualIndexPage, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert run(tmp_path / "none") == ({}, 2)


def test_a_locked_page_is_left_alone(manual: ManualIndexPage, folder: Path) -> None:
    run(folder)
    page = ChapterPage.objects.get(title="Other")
    page.locked = True
    page.save()
    facts, code = run(folder)
    assert code == 2
    assert "is locked in the CMS" in str([one.get("error") for one in facts["files"]])
    assert page.revisions.count() == 1
