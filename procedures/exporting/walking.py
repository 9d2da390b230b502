"""From a rendered chapter to a document. The HTML is the manual's own (templates/procedures/blocks); markup that is not
known here is walked through, so that no word of it is lost."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from procedures.exporting.document import (
    Block,
    Blocks,
    Box,
    Chapter,
    Listing,
    Numbered,
    Paragraph,
    Picture,
    Run,
    Runs,
    Section,
    Table,
    plain,
)
from procedures.rendering import RenderedChapter

SPACES = re.compile(r"[ \t\n\r\f]+")
SEPARATORS = re.compile(r"[\x0b\x0c\x1c-\x1f]")  # white space to Python, not to HTML
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
INLINE = {
    "a", "abbr", "b", "br", "button", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "u",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "summary", "legend", "dt", "caption"}
NOT_SHOWN = {"svg", "script", "style", "template"}
NUMBER_CLASS, TEXT_CLASS = "portal-numbered__number", "portal-numbered__text"
STYLES = {
    "portal-list--letter": "letter",
    "portal-list--upper-letter": "LETTER",
    "portal-list--roman": "roman",
    "portal-list--upper-roman": "ROMAN",
    "govuk-list--number": "number",
    "govuk-list--bullet": "bullet",
}
UNTITLED = "Untitled"
Element = Any  # lxml's, which has no types


def chapter_document(rendered: RenderedChapter, path: str, edition: date | None) -> Chapter:
    """The document of a rendered chapter at an address."""
    sections = tuple(
        Section(
            one.anchor, clean(one.number).strip(), clean(one.heading).strip(), one.depth, blocks_of(one.html)
        )
        for one in rendered.sections
    )
    return Chapter(
        clean(rendered.name).strip() or UNTITLED, path, edition, blocks_of(rendered.boxes), sections
    )


def with_words(document: Chapter, rendered: RenderedChapter) -> Chapter:
    """The document with the glossary terms that were found in the chapter, and their meanings, as its last section."""
    terms = getattr(rendered, "terms", ())
    if not terms:
        return document
    explained = tuple(
        Paragraph((Run(clean(one.term), bold=True), Run(f": {clean(one.meaning)}"))) for one in terms
    )
    words = Section("words-explained", "", "Words explained", 2, explained)
    return replace(document, sections=(*document.sections, words))


def blocks_of(html: str) -> Blocks:
    """What a piece of the manual's HTML shows, in order."""
    if not html.strip():
        return ()
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    source = f"<div>{clean(html)}</div>".encode()
    body = lxml_html.document_fromstring(source, parser=parser).body
    etree.strip_elements(body, etree.Comment, etree.ProcessingInstruction, *NOT_SHOWN, with_tail=False)
    return tuple(_blocks(body))


def clean(text: str) -> str:
    """Text without the characters that no file format takes and no reader sees."""
    return CONTROLS.sub("", SEPARATORS.sub(" ", text))


def _blocks(element: Element) -> Iterator[Block]:
    """The blocks inside an element; text that stands between them makes paragraphs."""
    loose: list[Run] = []
    if element.text:
        loose.append(Run(SPACES.sub(" ", element.text)))
    for child in element:
        if _is_inline(child):
            loose.extend(_runs(child, Run("")))
        else:
            yield from _paragraph(loose)
            loose = []
            yield from _block(child)
        if child.tail:
            loose.append(Run(SPACES.sub(" ", child.tail)))
    yield from _paragraph(loose)


def _block(element: Element) -> Iterator[Block]:
    tag, classes = element.tag, _classes(element)
    if "portal-no-print" in classes:
        return
    if tag == "img":
        yield from _picture(element)
    elif tag in {"ul", "ol"}:
        yield _listing(element, classes)
    elif tag == "table":
        yield from _table(element)
    elif "portal-box" in classes:
        yield _box(element)
    elif "portal-numbered" in classes:
        yield from _numbered(element)
    elif tag in HEADINGS or (tag == "p" and "govuk-heading-s" in classes):
        yield from (_bold(block) for block in _blocks(element))
    else:
        yield from _blocks(element)


def _is_inline(element: Element) -> bool:
    return element.tag in INLINE and all(inside.tag in INLINE for inside in element.iterdescendants())


def _runs(element: Element, style: Run) -> Iterator[Run]:
    """The text of an inline element with its style; what follows it is the caller's."""
    if element.tag == "br":
        yield replace(style, text="\n")
        return
    if "portal-no-print" in _classes(element) and "govuk-button" not in _classes(element):
        return
    if element.tag in {"b", "strong"}:
        style = replace(style, bold=True)
    elif element.tag in {"i", "em"}:
        style = replace(style, italic=True)
    elif element.tag == "a":
        style = replace(style, href=element.get("href", "").strip())
    if element.text:
        yield replace(style, text=SPACES.sub(" ", element.text))
    for child in element:
        yield from _runs(child, style)
        if child.tail:
            yield replace(style, text=SPACES.sub(" ", child.tail))


def _paragraph(loose: Iterable[Run]) -> Iterator[Paragraph]:
    runs = _tidy(loose)
    if runs:
        yield Paragraph(runs)


def _tidy(loose: Iterable[Run]) -> Runs:
    """Runs as a browser would show them: white space collapsed, none at either end or beside a line break; runs of one
    style joined."""
    tidy: list[Run] = []
    for run in loose:
        text = run.text
        before = tidy[-1].text[-1] if tidy else "\n"
        if before in " \n" and text.startswith(" "):
            text = text[1:]
        if text == "\n" and before == " ":
            tidy[-1] = replace(tidy[-1], text=tidy[-1].text[:-1])
            if not tidy[-1].text:
                tidy.pop()
        if not text:
            continue
        if tidy and replace(tidy[-1], text="") == replace(run, text=""):
            tidy[-1] = replace(run, text=tidy[-1].text + text)
        else:
            tidy.append(replace(run, text=text))
    while tidy and not tidy[0].text.strip(" \n"):
        tidy.pop(0)
    while tidy and not tidy[-1].text.strip(" \n"):
        tidy.pop()
    if tidy:
        tidy[0] = replace(tidy[0], text=tidy[0].text.lstrip(" \n"))
        tidy[-1] = replace(tidy[-1], text=tidy[-1].text.rstrip(" \n"))
    return tuple(tidy)


def _inline(element: Element) -> Runs:
    """Everything in an element as one run of text, its paragraphs parted by line breaks."""
    runs: list[Run] = []
    for block in _blocks(element):
        if runs:
            runs.append(Run("\n"))
        runs.extend(_flat(block))
    return _tidy(runs)


def _flat(block: Block) -> Iterator[Run]:
    """A block where only text can stand, such as a table's cell."""
    if isinstance(block, Paragraph):
        yield from block.runs
    elif isinstance(block, Picture):
        yield Run(block.alternative)
    elif isinstance(block, Table):
        for row in (block.head, *block.rows):
            for cell in row:
                yield from (*cell, Run(" "))
    elif isinstance(block, Listing):
        for place, item in enumerate(block.items):
            yield Run(f"{block.mark(place)} ")
            for inside in item:
                yield from (*_flat(inside), Run("\n"))
    else:
        yield Run(f"{block.title if isinstance(block, Box) else block.number} ", bold=True)
        for inside in block.blocks:
            yield from (*_flat(inside), Run("\n"))


def _bold(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(tuple(replace(run, bold=True) for run in block.runs))
    return block


def _listing(element: Element, classes: set[str]) -> Listing:
    named = [style for name, style in STYLES.items() if name in classes]
    ordinary = "plain" if "govuk-list" in classes else "number" if element.tag == "ol" else "bullet"
    start = element.get("start", "")
    items: list[Blocks] = []
    for child in element:
        if child.tag == "li":
            items.append(tuple(_blocks(child)))
        elif items:
            items[-1] = (*items[-1], *_block(child))
    return Listing(named[0] if named else ordinary, int(start) if start.isdigit() else 1, tuple(items))


def _table(element: Element) -> Iterator[Block]:
    rows = [
        (tuple(_inline(cell) for cell in row if cell.tag in {"td", "th"}), _is_head(row))
        for row in element.iter("tr")
    ]
    captions = [plain(_inline(one)) for one in element.iter("caption")]
    width = max((len(cells) for cells, _ in rows), default=0)
    if not width:
        yield from (Paragraph((Run(caption, bold=True),)) for caption in captions if caption)
        return
    empty: Runs = ()
    full = [((*cells, *[empty] * (width - len(cells))), head) for cells, head in rows]
    head = full.pop(0)[0] if full[0][1] else ()
    yield Table(" ".join(captions), head, tuple(cells for cells, _ in full))


def _is_head(row: Element) -> bool:
    parent = row.getparent()
    return parent is not None and parent.tag == "thead"


def _box(element: Element) -> Box:
    blocks = list(_blocks(element))
    title = ""
    first = next(iter(element), None)
    lead = blocks[0] if blocks else None
    if first is not None and "govuk-heading-s" in _classes(first) and isinstance(lead, Paragraph):
        title = SPACES.sub(" ", plain(lead.runs))
        del blocks[0]
    return Box(title, tuple(blocks))


def _numbered(element: Element) -> Iterator[Block]:
    number = ""
    inside: list[Block] = []
    for child in element:
        if NUMBER_CLASS in _classes(child):
            number = plain(_inline(child))
        else:
            inside.extend(_blocks(child))
    yield Numbered(number, tuple(inside))


def _picture(element: Element) -> Iterator[Block]:
    pixels = partial(_pixels, element)
    if element.get("src"):
        yield Picture(element.get("src"), element.get("alt", ""), pixels("width"), pixels("height"))


def _pixels(element: Element, name: str) -> int:
    value = element.get(name, "")
    return int(value) if value.isdigit() else 0


def _classes(element: Element) -> set[str]:
    return set(element.get("class", "").split())
