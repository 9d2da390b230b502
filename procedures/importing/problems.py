"""What a person should look at after an import: links that did not survive, numbers that do not follow."""

import re
from collections.abc import Iterator, Mapping, Sequence

from procedures.importing.headings import Heading
from procedures.importing.lines import Line
from procedures.importing.structure import Box, Chapter, Item, ListOfItems, Paragraph, Problem, Section
from procedures.importing.units import Unit

LOST_LINK = re.compile(
    r"\bclick\s+(?:here|on|this|the|below)\b|\b(?:follow|see|use|via|using)\s+(?:this|the)\s+link\b|"
    r"\blink\s+(?:below|above|here)\b|\[link\]|\(link\)|\bavailable\s+here\b|\bdownload\s+here\b",
    re.I,
)
ADDRESS = re.compile(r"https?://|www\.|\S@\S", re.I)
APPENDIX = re.compile(r"\b(appendix|annexe?)\s+([A-Z]|[0-9]{1,2})\b(?!\.[0-9])", re.I)
HTML = re.compile(r"</?(?:p|ul|ol|li|br|div|span|table|tr|td|input|b|i|strong|em|a)\b[^>]*>?", re.I)
LOST_PICTURE = re.compile(
    r"\b(?:diagram|flow\s?chart|figure|chart|picture)\s+(?:below|above|overleaf|opposite)\b|"
    r"\b(?:following|below)\s+(?:diagram|flow\s?chart|figure|picture)\b",
    re.I,
)
SHOWN = 200  # characters of the text that is quoted


def find_problems(
    chapter: Chapter, headings: Mapping[int, Heading], units: Sequence[Unit], contents: Sequence[Line]
) -> list[Problem]:
    """All problems of a chapter in the order of the file."""
    problems = [
        *_gaps(headings, units),
        *_list_gaps(chapter),
        *_paragraph_gaps(chapter),
        *_lost_links(chapter),
        *_missing_appendices(chapter),
        *_html(units),
        *(
            Problem("contents entry without a heading", "", line.text[:SHOWN], line.number)
            for line in contents
        ),
        *(
            Problem("picture left out", "", piece.source.strip()[:SHOWN], piece.line)
            for piece in chapter.dropped
            if piece.reason == "picture"
        ),
    ]
    return sorted(problems, key=lambda problem: problem.line)


def texts(chapter: Chapter) -> Iterator[tuple[str, int, str]]:
    """(text, line, name of the section) of every paragraph, item and cell."""
    for box in chapter.boxes:
        yield from _block_texts(box, "")
    for section in chapter.sections:
        for block in section.blocks:
            yield from _block_texts(block, name(section))


def name(section: Section) -> str:
    """Number and title, as a reader would name the section."""
    return " ".join(part for part in (section.number, section.title) if part)


def _block_texts(block: object, section: str) -> Iterator[tuple[str, int, str]]:
    if isinstance(block, Box):
        for inner in block.blocks:
            yield from _block_texts(inner, section)
    elif isinstance(block, Paragraph):
        yield block.text, block.line, section
    elif isinstance(block, ListOfItems):
        for item in block.items:
            yield item.text, item.line, section
    else:
        for row in getattr(block, "rows", []):
            for cell in row.cells:
                yield cell, row.line, section


def _gaps(headings: Mapping[int, Heading], units: Sequence[Unit]) -> Iterator[Problem]:
    before: dict[tuple[int, str], str] = {}
    for position, heading in sorted(headings.items()):
        here = (heading.level, heading.kind)
        where = f"{heading.number} {units[position].text}".strip()
        if heading.gap == "starts" and heading.value > 1:
            text = f"The numbering starts with {heading.number}: what comes before it is missing."
            yield Problem("gap in numbering", where, text, units[position].line)
        elif heading.gap == "gap":
            text = f"{heading.number} follows {before.get(here, '?')}: the numbers between them are missing."
            yield Problem("gap in numbering", where, text, units[position].line)
        before[here] = heading.number


def _list_gaps(chapter: Chapter) -> Iterator[Problem]:
    for where, block in _lists(chapter):
        last: dict[int, Item] = {}
        for item in block.items:
            last = {depth: kept for depth, kept in last.items() if depth <= item.depth}
            before = last.get(item.depth)
            follows = before is not None and before.style == item.style
            if item.value and follows and before is not None and item.value > before.value + 1:
                text = f"{item.marker} follows {before.marker} in a list."
                yield Problem("gap in numbering", where, text, item.line)
            last[item.depth] = item


def _paragraph_gaps(chapter: Chapter) -> Iterator[Problem]:
    """4.3 after 4.1, where 4.1 is the number of a paragraph and not of a heading."""
    for section in chapter.sections:
        last: dict[str, int] = {}
        for block in section.blocks:
            if not isinstance(block, Paragraph) or not re.fullmatch(r"[0-9]+(?:\.[0-9]+)+", block.number):
                continue
            prefix, _, place = block.number.rpartition(".")
            if prefix in last and int(place) > last[prefix] + 1:
                text = (
                    f"{block.number} follows {prefix}.{last[prefix]}: the numbers between them are missing."
                )
                yield Problem("gap in numbering", name(section), text, block.line)
            last[prefix] = int(place)


def _lists(chapter: Chapter) -> Iterator[tuple[str, ListOfItems]]:
    for section in chapter.sections:
        for block in section.blocks:
            for inner in block.blocks if isinstance(block, Box) else [block]:
                if isinstance(inner, ListOfItems):
                    yield name(section), inner


def _lost_links(chapter: Chapter) -> Iterator[Problem]:
    entries = {
        line
        for box in chapter.all_boxes()
        if box.kind in {"related", "guidance"}
        for block in box.blocks
        for text, line, _ in _block_texts(block, "")
        if not ADDRESS.search(text)
    }
    for text, line, section in texts(chapter):
        if line in entries or LOST_LINK.search(text) and not ADDRESS.search(text):
            yield Problem("lost link", section, text[:SHOWN], line)
        if LOST_PICTURE.search(text):
            yield Problem("picture not in the file", section, text[:SHOWN], line)


def _html(units: Sequence[Unit]) -> Iterator[Problem]:
    """HTML that a converter left in the text is told once; a table's cells are made of it line by line."""
    for unit in units:
        if HTML.search(unit.source):
            yield Problem("HTML marks in the text", "", unit.source.strip()[:SHOWN], unit.line)
            return


def _missing_appendices(chapter: Chapter) -> Iterator[Problem]:
    present = {
        section.number.split()[-1].upper()
        for section in chapter.sections
        if section.number.lower().startswith(("appendix", "annex"))
    }
    told: set[str] = set()
    for text, line, section in texts(chapter):
        for word, letter in APPENDIX.findall(text):
            if letter.islower() and not letter.isdigit():
                continue  # "appendix a" in running text may be the article
            if letter.upper() not in present and letter not in told:
                told.add(letter)
                yield Problem("appendix not in the file", section, f"{word} {letter}: {text[:SHOWN]}", line)
