"""Whatever comes in: every word that was placed is on the page, in its order; built documents come back as built."""

import io
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.blocks import StreamValue

from procedures.importing import stream
from procedures.importing.files import UnreadableChapter, read_chapter
from procedures.importing.parse import parse_chapter
from procedures.importing.structure import Box, Chapter, ListOfItems, Paragraph, Table
from procedures.models import ChapterPage
from procedures.rendering import render_chapter
from tests.procedures.test_import_houses import HOUSES, NAMES
from tests.procedures.test_importing import ANY_TEXT

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def page_of(chapter: Chapter) -> ChapterPage:
    """The page as an import fills it, in memory."""
    page = ChapterPage(title=chapter.title, number=chapter.number)
    boxes = [stream.box_block(box) for box in chapter.boxes]
    page.boxes = StreamValue(page._meta.get_field("boxes").stream_block, boxes, is_lazy=True)
    body = stream.body(chapter, "key", {})
    page.body = StreamValue(page._meta.get_field("body").stream_block, body, is_lazy=True)
    return page


def shown(page: ChapterPage) -> str:
    """The letters and figures of the page as a reader sees it, in order."""
    chapter = render_chapter(page)
    pieces = [chapter.boxes]
    for section in chapter.sections:
        pieces += [escape(section.name), section.html]
    return bare(unescape(re.sub(r"<[^>]+>", " ", " ".join(pieces))))


def bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def placed(chapter: Chapter) -> Iterator[str]:
    """The words that a reader must find: texts, with numbers of sections and paragraphs."""
    for box in chapter.boxes:
        yield box.title
        yield from _of(box.blocks)
    for section in chapter.sections:
        yield from (section.number, section.title)
        yield from _of(section.blocks)


def _of(blocks: list[Any]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Box):
            yield block.title
            yield from _of(block.blocks)
        elif isinstance(block, Paragraph):
            yield from (block.number, block.text)
        elif isinstance(block, ListOfItems):
            yield from (item.text for item in block.items)
        elif isinstance(block, Table):
            yield from (stream.cell_text(cell) for row in block.rows for cell in row.cells)


def missing(chapter: Chapter) -> list[str]:
    """Words that are not on the page after the words before them."""
    text, at, gone = shown(page_of(chapter)), 0, []
    for word in (word for piece in placed(chapter) for word in piece.split()):
        found = text.find(bare(word), at)
        if found < 0:
            gone.append(word)
        else:
            at = found + len(bare(word))
    return gone


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_house_is_on_its_page_in_order(name: str) -> None:
    assert missing(read_chapter(f"{name}.txt", (HOUSES / f"{name}.txt").read_bytes())) == []


@pytest.mark.django_db
@settings(max_examples=150, **CALM)  # type: ignore[arg-type]
@given(ANY_TEXT)
def test_every_word_of_any_text_is_on_its_page_in_order(text: str) -> None:
    assert missing(parse_chapter(text)) == []


@settings(max_examples=300, **CALM)  # type: ignore[arg-type]
@given(st.sampled_from(["a.txt", "a.docx", "a.html", "a", "a.md"]), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_sentence(name: str, data: bytes) -> None:
    sentence = "It was read."
    try:
        chapter = read_chapter(name, data)
    except UnreadableChapter as refused:
        sentence = str(refused)
    else:
        assert chapter.words_in == chapter.words_placed + chapter.words_dropped
    assert sentence.endswith(".")


WORDS = st.lists(
    st.sampled_from(["child", "worker", "meets", "family", "harm", "asks", "school"]), min_size=2, max_size=6
)
SENTENCE = WORDS.map(lambda words: " ".join(words).capitalize() + ".")
BLOCK = st.one_of(
    st.tuples(st.just("text"), SENTENCE),
    st.tuples(st.sampled_from(["bullets", "numbers"]), st.lists(SENTENCE, min_size=1, max_size=4)),
    st.tuples(st.just("table"), st.lists(st.lists(SENTENCE, min_size=2, max_size=2), min_size=2, max_size=3)),
)
SECTION = st.tuples(
    WORDS.map(lambda words: " ".join(words[:4]).title()),
    st.booleans(),
    st.lists(BLOCK, min_size=1, max_size=4),
)
SECTIONS = st.lists(SECTION, min_size=2, max_size=5)
Built = list[tuple[str, bool, list[tuple[str, Any]]]]


def as_word(sections: Built) -> bytes:
    document = Document()
    document.add_heading("Chapter Of Everything", 0)
    for number, (title, deeper, blocks) in enumerate(sections, start=1):
        document.add_heading(f"{number}. {title}", 1)
        if deeper:
            document.add_heading(f"{number}.1 Inner", 2)
        for kind, content in blocks:
            if kind == "text":
                document.add_paragraph(content)
            elif kind == "table":
                table = document.add_table(len(content), 2)
                for row, cells in enumerate(content):
                    for column, text in enumerate(cells):
                        table.cell(row, column).text = text
            else:
                for text in content:
                    document.add_paragraph(text, style="List Bullet" if kind == "bullets" else "List Number")
            document.add_paragraph("Between them it goes on.")
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def as_page(sections: Built) -> bytes:
    html = ["<h1>Chapter Of Everything</h1>"]
    for number, (title, deeper, blocks) in enumerate(sections, start=1):
        html.append(f"<h2>{number}. {title}</h2>")
        html.append(f"<h3>{number}.1 Inner</h3>" if deeper else "")
        for kind, content in blocks:
            if kind == "text":
                html.append(f"<p>{content}</p>")
            elif kind == "table":
                rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in content)
                html.append(f"<table>{rows}</table>")
            else:
                tag = "ul" if kind == "bullets" else "ol"
                html.append(f"<{tag}>{''.join(f'<li>{text}</li>' for text in content)}</{tag}>")
            html.append("<p>Between them it goes on.</p>")
    return "".join(html).encode()


@settings(max_examples=60, **CALM)  # type: ignore[arg-type]
@given(SECTIONS, st.sampled_from(["chapter.docx", "chapter.html"]))
def test_what_was_built_comes_back_as_it_was_built(sections: Built, name: str) -> None:
    chapter = read_chapter(name, as_word(sections) if name.endswith("docx") else as_page(sections))
    headings, items, cells = [], [], []
    for number, (title, deeper, blocks) in enumerate(sections, start=1):
        headings.append((str(number), title, 1))
        headings += [(f"{number}.1", "Inner", 2)] if deeper else []
        items += [content for kind, content in blocks if kind in {"bullets", "numbers"}]
        cells += [content for kind, content in blocks if kind == "table"]
    assert chapter.title == "Chapter Of Everything"
    assert [(one.number, one.title, one.level) for one in chapter.sections] == headings
    found = [block for one in chapter.sections for block in one.blocks]
    assert [[item.text for item in block.items] for block in found if isinstance(block, ListOfItems)] == items
    assert [[row.cells for row in block.rows] for block in found if isinstance(block, Table)] == cells
    assert chapter.words_placed == chapter.words_in
