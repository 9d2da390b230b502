"""Any text that is imported comes out of every copy again: each word, in its order."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings

from procedures.exporting import pdf, plain, word
from procedures.exporting.document import Chapter as Document
from procedures.exporting.document import Stamp
from procedures.exporting.walking import chapter_document, clean
from procedures.importing.parse import parse_chapter
from procedures.importing.stream import cell_text
from procedures.importing.structure import Box, Chapter, ListOfItems, Paragraph, Table
from procedures.models import ChapterPage
from procedures.rendering import render_chapter
from procedures.services import _fill, import_key
from tests.procedures.test_importing import ANY_TEXT

pytestmark = pytest.mark.django_db
STAMP = Stamp("Tarnbrook", "https://tarn.example", "26 November 2026 at 09:00")
CALM: dict = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def words_in(text: str) -> list[str]:
    """The words of a text; asterisks are marks of emphasis, which no copy shows as characters."""
    return clean(text).replace("*", "").split()


def imported_words(chapter: Chapter) -> Iterator[str]:
    """What the importer placed, in the order of the page; numbers and marks are the page's own."""
    yield from words_in(f"{chapter.number} {chapter.title}")
    for box in chapter.boxes:
        yield from _of(box)
    for section in chapter.sections:
        yield from words_in(f"{section.number} {section.title}")
        for block in section.blocks:
            yield from _of(block)


def _of(block: object) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from words_in(block.text)
    elif isinstance(block, ListOfItems):
        for item in block.items:
            yield from words_in(item.text)
    elif isinstance(block, Table):
        for row in block.rows:
            for cell in row.cells:
                yield from words_in(cell_text(cell))
    elif isinstance(block, Box):
        yield from words_in(block.title)
        for inside in block.blocks:
            yield from _of(inside)


def document_of(chapter: Chapter) -> Document:
    """The chapter as imported, rendered and walked."""
    page = ChapterPage()
    _fill(page, chapter, import_key(chapter), others=False)
    return chapter_document(render_chapter(page), "/manual/any/", date(2026, 11, 2))


def lost(expected: list[str], found: list[str]) -> list[str]:
    """Words that are not found in their order."""
    rest = iter(found)
    return [one for one in expected if one not in rest]


@settings(max_examples=200, **CALM)
@given(ANY_TEXT)
def test_every_imported_word_is_in_the_text_in_its_order(text: str) -> None:
    chapter = parse_chapter(text)
    found = words_in(plain.write(document_of(chapter), STAMP))
    assert lost(list(imported_words(chapter)), found) == []


@settings(max_examples=60, **CALM)
@given(ANY_TEXT)
def test_every_imported_word_is_in_the_word_file_in_its_order(text: str) -> None:
    chapter = parse_chapter(text)
    file = docx.Document(BytesIO(word.write_chapter(document_of(chapter), STAMP, lambda source: None)))
    found: list[str] = []
    for paragraph in file.element.body.iter(qn("w:p")):
        pieces = (
            one.text or "" if one.tag == qn("w:t") else " "
            for one in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
        )
        found += words_in("".join(pieces))
    assert lost(list(imported_words(chapter)), found) == []


@settings(max_examples=100, **CALM)
@given(ANY_TEXT)
def test_any_text_makes_a_pdf(text: str) -> None:
    assert pdf.write_chapter(document_of(parse_chapter(text)), STAMP, lambda source: None).startswith(b"%PDF")
