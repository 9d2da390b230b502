"""Chapters as public bodies publish them, each with what a person would list, written before the reader was run on
them: sections (number, title, level), kinds of boxes, and the lines that are left out."""

from pathlib import Path

import pytest

from procedures.importing.files import read_chapter
from procedures.importing.report import report
from procedures.importing.structure import Chapter
from tests.procedures.published_word import DOCUMENTS, Outline

PUBLISHED = Path(__file__).parent / "chapters" / "published"
NAMES = sorted(path.name for path in PUBLISHED.iterdir() if path.suffix != ".outline")
PARTS = ("sections", "boxes", "dropped")


def outline(name: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    here: list[str] = []
    for line in (PUBLISHED / name).with_suffix(".outline").read_text(encoding="utf-8").splitlines():
        if line in PARTS:
            here = parts.setdefault(line, [])
        else:
            here.append(" ".join(line.split()))
    return parts


def read(name: str) -> Chapter:
    return read_chapter(name, (PUBLISHED / name).read_bytes())


def listed(chapter: Chapter) -> list[str]:
    return [f"{one.number}|{one.title}|{one.level}" for one in chapter.sections]


@pytest.mark.parametrize("name", NAMES)
def test_sections_and_boxes_are_those_that_a_person_would_list(name: str) -> None:
    expected, chapter = outline(name), read(name)
    assert listed(chapter) == expected["sections"]
    assert [box.kind for box in chapter.all_boxes()] == expected["boxes"]


@pytest.mark.parametrize("name", NAMES)
def test_what_belongs_to_the_page_is_left_out_and_nothing_else(name: str) -> None:
    facts = report(read(name))
    words = [word for piece in facts["dropped"] for word in piece["text"].split()]
    assert sorted(words) == sorted(word for line in outline(name)["dropped"] for word in line.split())
    assert facts["words_in"] == facts["words_placed"] + len(words)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_word_documents_have_the_sections_that_a_person_would_list(name: str) -> None:
    made, expected = DOCUMENTS[name]
    assert named(read_chapter(f"{name}.docx", made())) == expected


def named(chapter: Chapter) -> Outline:
    return [(one.number, one.title, one.level) for one in chapter.sections]
