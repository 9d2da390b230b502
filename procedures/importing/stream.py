"""A Chapter as the stream of blocks in which the manual keeps it: plain dicts and strings, no Django."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from procedures.importing.structure import (
    Block,
    Box,
    Chapter,
    Item,
    ListOfItems,
    Paragraph,
    Section,
    Span,
    Table,
)
from procedures.numbering import NONE, as_numbered

Raw = dict[str, Any]

NAMESPACE = uuid.UUID("6f1d1f0e-52a4-4f0e-9d0e-0f7f3f8f4b11")
STYLES = {"bullet", "number", "letter", "LETTER", "roman", "ROMAN"}
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])")
ADDRESS = re.compile(r"https?://[^\s<>\"'“”‘’]+[^\s<>\"'“”‘’.,;:!?)\]]")
HTML_BREAK = re.compile(r"\s*</?(?:p|ul|ol|li|br|div|tr|table)\b[^<>]*/?>\s*", re.I)
HTML_OTHER = re.compile(r"</?(?:span|input|b|i|strong|em|td|th|a)\b[^<>]*/?>", re.I)


def rich_text(text: str) -> str:
    """Text escaped for HTML; addresses become links, **bold** and *italic* what they say."""
    parts: list[str] = []
    end = 0
    for match in ADDRESS.finditer(text):
        address = escape(match.group())
        parts += [_emphasis(text[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join([*parts, _emphasis(text[end:])])


def marked_text(text: str, spans: Sequence[Span]) -> str:
    """Rich text with the emphasis and links that the document has; without any, as `rich_text` reads it."""
    if not spans:
        return rich_text(text)
    emphasis = [span for span in spans if span.kind != "a"]
    html: list[str] = []
    at = 0
    for link in sorted((span for span in spans if span.kind == "a"), key=lambda span: span.start):
        if link.start >= at:
            html.append(_runs(text, at, link.start, emphasis, rich_text))
            words = _runs(text, link.start, link.end, emphasis, partial(escape, quote=False))
            html.append(f'<a href="{escape(link.target)}">{words}</a>')
            at = link.end
    html.append(_runs(text, at, len(text), emphasis, rich_text))
    return "".join(html)


def _runs(text: str, start: int, end: int, emphasis: Sequence[Span], plain: Callable[[str], str]) -> str:
    """A stretch of text, bold and italic where the spans say so."""
    inside = {place for span in emphasis for place in (span.start, span.end) if start < place < end}
    edges = [start, *sorted(inside), end]
    html: list[str] = []
    for first, last in zip(edges, edges[1:], strict=False):
        piece = plain(text[first:last])
        kinds = {span.kind for span in emphasis if span.start <= first and span.end >= last}
        for kind in sorted(kinds, reverse=True) if piece.strip() else ():
            piece = f"<{kind}>{piece}</{kind}>"
        html.append(piece)
    return "".join(html)


def _emphasis(text: str) -> str:
    return ITALIC.sub(r"<i>\1</i>", BOLD.sub(r"<b>\1</b>", escape(text, quote=False)))


def cell_text(text: str) -> str:
    """A cell's text; HTML marks that a converter left in it become line breaks or go."""
    text = HTML_OTHER.sub("", HTML_BREAK.sub("\n", text))
    text = re.sub(r"\s*(?=[•●▪] )", "\n", text) if text.count("•") > 1 else text
    return re.sub(r"\n{2,}", "\n", text).strip()


def list_html(items: Sequence[Item], *, markers: bool) -> str:
    """Nested <ul> and <ol>; with `markers`, all <ul> and the printed marker in the text."""
    html: list[str] = []
    open_tags: list[str] = []
    for item in items:
        depth = min(item.depth, len(open_tags))
        while len(open_tags) > depth + 1:
            html.append(f"</li></{open_tags.pop()}>")
        if len(open_tags) == depth + 1:
            html.append("</li>")
        else:
            tag = "ul" if markers or item.style == "bullet" else "ol"
            html.append(f"<{tag}>")
            open_tags.append(tag)
        text = f"{item.marker} {item.text}" if markers and item.style != "bullet" else item.text
        spans = item.spans if text == item.text else ()
        html.append(f"<li>{marked_text(text, spans)}")
    while open_tags:
        html.append(f"</li></{open_tags.pop()}>")
    return "".join(html)


def list_blocks(block: ListOfItems) -> list[Raw]:
    """A list as text where bullets or 1, 2, 3 say it all, else as a list block with its style and first
    number."""
    items = block.items
    if all(item.style == "bullet" for item in items):
        return [_text(list_html(items, markers=False))]
    outer = [item for item in items if item.depth == 0]
    inner = [item for item in items if item.depth > 0]
    inner_styles = {item.style for item in inner}
    counts = len({item.style for item in outer}) == 1 and _count(outer, outer[0].value)
    if not (counts and len(inner_styles) <= 1 and _inner_count(items)):
        return [_list("plain", 1, list_html(items, markers=True), "bullet")]
    style, start = outer[0].style, outer[0].value or 1
    inner_style = next(iter(inner_styles), "bullet")
    if style in {"bullet", "number"} and inner_style in {"bullet", "number"} and start == 1:
        return [_text(list_html(items, markers=False))]
    return [_list(style, start, list_html(items, markers=False), inner_style)]


def _count(items: Sequence[Item], first: int) -> bool:
    """Whether the values of the items are first, first + 1, …, so that the page may number them itself."""
    return all(item.style == "bullet" or item.value == first + place for place, item in enumerate(items))


def _inner_count(items: Sequence[Item]) -> bool:
    run: dict[int, list[Item]] = {}
    runs: list[list[Item]] = []
    for item in items:
        run = {depth: kept for depth, kept in run.items() if depth <= item.depth}
        if item.depth:
            if item.depth not in run:
                runs.append([])
                run[item.depth] = runs[-1]
            run[item.depth].append(item)
    return all(_count(one, 1) for one in runs)


def _text(html: str) -> Raw:
    return {"type": "text", "value": html}


def _list(style: str, start: int, html: str, inner: str) -> Raw:
    return {"type": "list", "value": {"style": style, "start": start, "inner": inner, "items": html}}


def table_block(table: Table) -> Raw:
    """A table; the first row gives the headings where it names the columns."""
    rows = [[cell_text(cell) for cell in row.cells] for row in table.rows if row.cells]
    width = max((len(row) for row in rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    headings = rows.pop(0) if table.headed and len(rows) > 1 else [""] * width
    return {
        "type": "table",
        "value": {
            "columns": [{"type": "text", "heading": heading} for heading in headings],
            "rows": [{"values": row} for row in rows],
            "caption": "",
        },
    }


def content(blocks: Iterable[Block | Box]) -> list[Raw]:
    """The blocks of a section or box; paragraphs and lists that follow each other share one text block."""
    raw: list[Raw] = []
    for block in blocks:
        for one in _blocks(block):
            if one["type"] == "text" and raw and raw[-1]["type"] == "text":
                raw[-1]["value"] += one["value"]
            else:
                raw.append(one)
    return raw


def _blocks(block: Block | Box) -> list[Raw]:
    if isinstance(block, Paragraph):
        html = f"<p>{marked_text(block.text, block.spans)}</p>"
        return (
            [{"type": "numbered", "value": {"number": block.number, "text": html}}]
            if block.number
            else [_text(html)]
        )
    if isinstance(block, ListOfItems):
        return list_blocks(block)
    if isinstance(block, Table):
        return [table_block(block)]
    return [box_block(block)]


def box_block(box: Box) -> Raw:
    """A labelled box."""
    return {"type": "box", "value": {"kind": box.kind, "title": box.title, "content": content(box.blocks)}}


def section_block(section: Section, identity: str, numbering: str) -> Raw:
    """A section under its permanent identity (a UUID)."""
    return {
        "type": "section",
        "id": identity,
        "value": {
            "numbering": numbering,
            "number": section.number,
            "heading": section.title,
            "level": section.level,
            "content": content(section.blocks),
        },
    }


def paths(sections: Sequence[Section]) -> list[tuple[str, str]]:
    """(path of numbers, title) of each section: "7/1" is the 1 inside 7. Tells sections apart across
    imports."""
    named: list[tuple[str, str]] = []
    above: list[str] = []
    for section in sections:
        above = [*above[: section.level - 1], *[""] * (section.level - 1 - len(above))]
        above.append(section.number)
        named.append(("/".join(above), section.title))
    return named


def identities(
    chapter_key: str, sections: Sequence[Section], known: Mapping[tuple[str, str], str]
) -> list[str]:
    """A UUID for each section: the one it has already (same number and title, else same number), else
    one that is the same whenever this chapter is imported."""
    taken: set[str] = set()
    found: list[str] = []
    by_number: dict[str, str] = {}
    names = paths(sections)
    kept = {known[name] for name in names if name in known}
    for (path, _), identity in known.items():
        if identity not in kept and path.strip("/"):
            by_number.setdefault(path, identity)
    for name in names:
        identity = known.get(name) or by_number.get(name[0], "")
        repeat = 0
        while not identity or identity in taken:
            identity = str(uuid.uuid5(NAMESPACE, "\n".join([chapter_key, *name, str(repeat)])))
            repeat += 1
        taken.add(identity)
        found.append(identity)
    return found


def body(chapter: Chapter, chapter_key: str, known: Mapping[tuple[str, str], str]) -> list[Raw]:
    """The stream of sections."""
    sections = chapter.sections
    ids = identities(chapter_key, sections, known)
    counted = as_numbered((one.level, one.number, _numbered_paragraphs(one)) for one in sections)
    return [
        section_block(section, identity, one.numbering)
        for section, identity, one in zip(sections, ids, counted, strict=True)
    ]


def _numbered_paragraphs(section: Section) -> int:
    return sum(1 for block in section.blocks if isinstance(block, Paragraph) and block.number)


def lead_block(chapter_key: str, blocks: list[Raw]) -> Raw:
    """A section without number and heading, for what stands above the first heading."""
    value = {"numbering": NONE, "number": "", "heading": "", "level": 1, "content": blocks}
    return {"type": "section", "id": str(uuid.uuid5(NAMESPACE, f"{chapter_key}\nlead")), "value": value}
