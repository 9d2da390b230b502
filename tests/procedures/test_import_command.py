"""`manage.py import_manual`: a draft with a report, updated and never doubled; bad files leave nothing
behind."""

import json
import re
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Page

from procedures.models import ChapterPage, ManualIndexPage
from tests.procedures.conftest import BRUISES

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bruises.txt"
    path.write_text(BRUISES, encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_manual", *[str(argument) for argument in arguments], stdout=out)
    return out.getvalue()


def test_a_chapter_becomes_a_draft_that_no_reader_sees(manual: ManualIndexPage, file: Path) -> None:
    facts = json.loads(run(file, "--json"))
    page = ChapterPage.objects.get()
    assert not page.live
    assert (page.number, page.title) == ("6", "Bruises on babies")
    assert facts["page"] == {"id": page.pk, "path": page.get_url(), "live": False, "made": True}
    assert {
        "title",
        "number",
        "sections",
        "boxes",
        "tables",
        "lists",
        "dropped",
        "problems",
        "words_in",
        "words_placed",
    } < set(facts)
    assert facts["sections"][0] == {
        "number": "1", "title": "What to look for", "level": 1, "paragraphs": 1, "words": 19,
    }  # fmt: skip


def test_the_same_file_again_updates_the_draft_and_keeps_every_address(
    manual: ManualIndexPage, file: Path
) -> None:
    run(file)
    before = [block.id for block in ChapterPage.objects.get().body]
    file.write_text(BRUISES.replace("Draw on it.", "Draw on both sides."), encoding="utf-8")
    facts = json.loads(run(file, "--json"))
    page = ChapterPage.objects.get()
    draft = page.get_latest_revision_as_object()
    assert facts["page"]["made"] is False
    assert [block.id for block in draft.body] == before
    assert "both sides" in str(draft.body)


def test_a_renamed_section_keeps_its_address(manual: ManualIndexPage, file: Path) -> None:
    run(file, "--publish")
    before = ChapterPage.objects.get().sections()
    file.write_text(BRUISES.replace("2. Referring", "2. Making the call"), encoding="utf-8")
    run(file, "--publish")
    after = ChapterPage.objects.get().sections()
    assert [one.anchor for one in after] == [one.anchor for one in before]
    assert after[1].name == "2 Making the call"


def test_importing_again_without_publish_changes_nothing_for_readers(
    manual: ManualIndexPage, file: Path
) -> None:
    run(file, "--publish")
    file.write_text(BRUISES.replace("Draw on it.", "Draw on both sides."), encoding="utf-8")
    run(file)
    page = ChapterPage.objects.get()
    assert page.live
    assert page.has_unpublished_changes
    assert "both sides" not in str(page.body)


def test_publish_makes_it_live(manual: ManualIndexPage, file: Path, client) -> None:
    assert "New chapter, live: /manual/6-bruises-on-babies/" in run(file, "--publish")
    assert ChapterPage.objects.get().live


def test_a_dry_run_reports_and_saves_nothing(file: Path) -> None:
    pages = Page.objects.count()
    assert "nothing was saved" in run(file, "--dry-run")
    assert "page" not in json.loads(run(file, "--dry-run", "--json"))
    assert Page.objects.count() == pages


def test_without_a_manual_one_is_made_for_it(file: Path) -> None:
    run(file)
    assert ChapterPage.objects.get().get_parent().specific == ManualIndexPage.objects.get()


def test_the_parent_is_a_path_to_a_manual(manual: ManualIndexPage, file: Path) -> None:
    part = ManualIndexPage(title="Local", slug="local")
    manual.add_child(instance=part)
    run(file, "--parent", "/manual/local/")
    assert ChapterPage.objects.get().get_parent().pk == part.pk


@pytest.mark.parametrize("parent", ["/nowhere/", "/manual/6-bruises-on-babies/"])
def test_a_parent_that_is_no_manual_is_refused(manual: ManualIndexPage, file: Path, parent: str) -> None:
    run(file, "--publish")
    pages = Page.objects.count()
    with pytest.raises(CommandError) as refused:
        run(file, "--parent", parent)
    assert refused.value.returncode == 2
    assert Page.objects.count() == pages


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x00\x01", "binary"),
        (b"caf\xe9", "UTF-8"),
        (b"word " * 1_000_000, "5 MB"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_file_ends_with_2_and_leaves_nothing(tmp_path: Path, data: bytes | None, reason: str) -> None:
    path = tmp_path / "chapter.txt"
    if data is not None:
        path.write_bytes(data)
    pages = Page.objects.count()
    with pytest.raises(CommandError, match=reason) as refused:
        run(path)
    assert refused.value.returncode == 2
    assert Page.objects.count() == pages


def test_a_chapter_without_a_title_is_called_after_its_file(manual: ManualIndexPage, tmp_path: Path) -> None:
    path = tmp_path / "what-to-do.txt"
    path.write_text("• only\n• a list\n", encoding="utf-8")
    facts = json.loads(run(path, "--json"))
    assert ChapterPage.objects.get().title == "What to do"
    assert [one["kind"] for one in facts["problems"]] == ["no title"]


def test_a_title_longer_than_a_page_can_have_is_kept_whole(manual: ManualIndexPage, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    title = " ".join(["Procedures" * 3] * 20)
    path.write_text(f"{title}\n\n1. One\n\nText of it.\n", encoding="utf-8")
    run(path)
    page = ChapterPage.objects.get()
    assert len(page.title) <= 255
    assert title in str(page.body)


def test_text_that_looks_like_html_is_shown_and_not_obeyed(
    manual: ManualIndexPage, tmp_path: Path, client
) -> None:
    path = tmp_path / "html.txt"
    path.write_text(
        "Title of it\n\n1. One\n\n<script>alert(1)</script> & more at https://example.org/a?b=1&c=2.\n",
        encoding="utf-8",
    )
    run(path, "--publish")
    html = str(ChapterPage.objects.get().body)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html


EVERYTHING = """9 Everything

1. Lists

• one thing
  o inside it
• **Bold** thing

a) first
b) second
d) fourth

(i) roman one
(ii) roman two

3. third number

2. Paragraphs

2.1 A numbered paragraph which goes on for long enough to be no heading at all, and says so.

Cell one\tCell two
Cell three\tCell four
"""


def test_every_word_of_the_file_is_on_the_page(manual: ManualIndexPage, tmp_path: Path) -> None:
    path = tmp_path / "everything.txt"
    path.write_text(EVERYTHING, encoding="utf-8")
    run(path, "--publish")
    page = ChapterPage.objects.get()
    shown = unescape(re.sub(r"<[^>]+>", " ", f"{page.name} {page.boxes} {page.body}"))
    names = " ".join(one.name for one in page.sections())
    words = set(f"{shown} {names}".split())
    markers = {
        "•",
        "o",
        "a)",
        "b)",
        "(i)",
        "(ii)",
        "1.",
        "2.",
        "3.",
    }  # shown as marks of lists, or without the full stop
    plain = {word.strip("*") for word in EVERYTHING.split() if word not in markers}
    assert plain - words == set()
