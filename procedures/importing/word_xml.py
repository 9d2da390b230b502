"""The XML of a Word document: properties, styles, alternatives, and how many words a part has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from procedures.importing.word_numbers import W, whole

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
DELETED = {f"{W}del": "deleted in a tracked change", f"{W}moveFrom": "moved away in a tracked change"}
SPACES = {f"{W}tab", f"{W}ptab"}
BREAKS = {f"{W}br", f"{W}cr"}
HEADING = re.compile(r"heading ([1-9])")


@dataclass(frozen=True)
class Style:
    """What a paragraph style says: rank of its headings (0 is none), list, bold type."""

    name: str = ""
    rank: int = 0
    title: bool = False
    listed: tuple[str, int] = ("", 0)
    bold: bool = False


def styles(root: Any | None) -> dict[str, Style]:
    """Style id -> what it says, with what it takes from the styles that it is based on."""
    found: dict[str, Style] = {}
    elements = (
        {one.get(f"{W}styleId") or "": one for one in root.iter(f"{W}style")} if root is not None else {}
    )
    for identity in elements:
        rank, listed, bold, title = 0, ("", 0), False, False
        name = value(elements[identity], "name").lower()
        seen: set[str] = set()
        at = identity
        while at in elements and at not in seen:
            seen.add(at)
            element = elements[at]
            here = value(element, "name").lower()
            match = HEADING.fullmatch(here)
            outline = value(element, "pPr", "outlineLvl")
            if not rank and match is not None:
                rank = int(match[1])
            if not rank and outline and whole(outline, 9) < 9:
                rank = whole(outline) + 1
            title = title or here == "title"
            number = element.find(f"{W}pPr/{W}numPr")
            if not listed[0] and number is not None:
                listed = (value(number, "numId"), whole(value(number, "ilvl")))
            bold = bold or on(element.find(f"{W}rPr"), "b", default=False)
            at = value(element, "basedOn")
        found[identity] = Style(name, rank, title, listed, bold)
    return found


def targets(root: Any | None) -> dict[str, str]:
    """Relationship id -> address of a link."""
    if root is None:
        return {}
    return {
        one.get("Id") or "": one.get("Target") or ""
        for one in root.iter(f"{PACKAGE}Relationship")
        if (one.get("Type") or "").endswith("/hyperlink")
    }


def value(element: Any, *path: str) -> str:
    """The w:val at a path of children; empty where it is not there."""
    found = element.find("/".join(f"{W}{step}" for step in path))
    return (found.get(f"{W}val") or "") if found is not None else ""


def on(properties: Any | None, name: str, *, default: bool) -> bool:
    """Whether a property such as bold is on."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return default if found is None else (found.get(f"{W}val") or "1") not in {"0", "false", "off", "none"}


def children(element: Any, tag: str) -> Iterator[Any]:
    """Rows or cells, also where a content control stands around them."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"}:
            yield from children(child, tag)


def chosen(element: Any) -> Any:
    """Of the alternatives of one thing, the first."""
    choice = element.find(f"{MC}Choice")
    fallback = element.find(f"{MC}Fallback")
    return next((one for one in (choice, fallback) if one is not None), element)


def in_fallback(element: Any, top: Any) -> bool:
    """Whether this is the second telling of something, for older programs."""
    above = element.getparent()
    while above is not None and above is not top:
        if above.tag == f"{MC}Fallback" and above.getparent().find(f"{MC}Choice") is not None:
            return True
        above = above.getparent()
    return False


def inside_text_box(element: Any, top: Any) -> bool:
    """Whether a text box stands between this and what is above it."""
    above = element.getparent()
    while above is not None and above is not top:
        if above.tag == f"{W}txbxContent":
            return True
        above = above.getparent()
    return False


def count_words(root: Any) -> int:
    """Tokens between white space of a part's text, paragraph by paragraph; what is left out for a reason of its own
    (deleted, hidden) is counted by itself."""
    return sum(_words_of(paragraph) for paragraph in root.iter(f"{W}p") if not in_fallback(paragraph, root))


def _words_of(paragraph: Any) -> int:
    texts: dict[str, str] = {}
    before = ""
    for element in paragraph.iter(f"{W}t", f"{M}t", f"{W}delText", f"{W}noBreakHyphen", *SPACES, *BREAKS):
        above: Any = element.getparent()
        reason = "deleted in a tracked change" if element.tag == f"{W}delText" else ""
        while above is not None and above is not paragraph:
            if above.tag in {f"{W}p", f"{W}tabs"}:
                break
            if above.tag == f"{W}r" and not reason:
                hidden = on(above.find(f"{W}rPr"), "vanish", default=False)
                reason = "hidden text" if hidden else ""
            elif above.tag in DELETED:
                reason = DELETED[above.tag]
            above = above.getparent()
        if above is not paragraph or in_fallback(element, paragraph):
            continue  # it belongs to a paragraph inside this one
        if reason != before:
            texts[reason] = texts.get(reason, "") + (" " if reason else "")
        before = reason
        text = "-" if element.tag == f"{W}noBreakHyphen" else element.text or ""
        spaced = element.tag in SPACES or element.tag in BREAKS
        texts[reason] = texts.get(reason, "") + (" " if spaced else text)
    return sum(len(text.split()) for text in texts.values())
