"""A chapter that was published as public bodies do it: imported twice it is one page, and the page shows its words."""

import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from django.core.management import call_command

from procedures.importing.files import read_chapter
from procedures.importing.report import report
from procedures.models import ChapterPage
from procedures.rendering import render_chapter
from tests.procedures.test_import_published import NAMES, PUBLISHED

WORD = re.compile(r"[^\W\d_]{3,}")


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_importing_again_keeps_page_and_anchors_and_the_page_shows_every_word(
    manual: object, name: str
) -> None:
    path: Path = PUBLISHED / name
    call_command("import_manual", str(path), publish=True, parent="/manual/")
    page = ChapterPage.objects.get(title=read_chapter(name, path.read_bytes()).title)
    first = render_chapter(page)
    count = ChapterPage.objects.count()
    call_command("import_manual", str(path), publish=True, parent="/manual/")
    assert ChapterPage.objects.count() == count
    page.refresh_from_db()
    again = render_chapter(ChapterPage.objects.get(pk=page.pk))
    assert [one.anchor for one in again.sections] == [one.anchor for one in first.sections]

    html = " ".join(
        [first.title, str(first.boxes), *(f"{one.number} {one.heading} {one.html}" for one in first.sections)]
    )
    shown = Counter(WORD.findall(unescape(re.sub(r"<[^>]+>", " ", html)).lower()))
    facts = report(read_chapter(name, path.read_bytes()))
    if path.suffix != ".txt":
        return
    text = re.sub(r"<[^<>]+>", " ", path.read_text(encoding="utf-8"))
    expected = Counter(WORD.findall(text.lower()))
    for piece in facts["dropped"]:
        expected -= Counter(WORD.findall(piece["text"].lower()))
    missing = {word for word in expected if word not in shown}
    # "child-\nren" is one word again; the page numbers lists by itself; "Part 3 Chapter 14" is the chapter's number
    assert not missing - {"child", "ren", "iii", "part", "chapter"}
