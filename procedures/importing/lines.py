"""The file as lines, each knowing whether white space surrounds it."""

import re
from dataclasses import dataclass

from procedures.importing.structure import Span, Table

TAGS = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|u|em|strong|h[1-6]|font|center)\b(?:\s[^<>]{0,200})?/?>", re.I
)
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")  # soft hyphens, marks without width
OTHER_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True)
class Line:
    """A line that is not blank. `number` counts from 1; `indent` is in columns, a tab reaching to the
    next fourth.

    What follows `page_start` is known only of Word documents and web pages: the rank of a heading by its style, the
    number or bullet that the document makes by itself and that is not among its words, a table, emphasis and
    links, the names by which links point at this line.
    """

    number: int
    raw: str
    text: str  # without the white space around it, and without HTML marks that a converter left
    indent: int
    blank_before: bool
    blank_after: bool
    page_start: bool = False
    heading: int = 0
    printed: str = ""
    table: Table | None = None
    spans: tuple[Span, ...] = ()
    bold: bool = False
    names: tuple[str, ...] = ()


def lines_of(text: str) -> list[Line]:
    """All lines that are not blank, in order."""
    ended = text.splitlines(keepends=True)
    raw = [line.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029") for line in ended]
    blank = [not line.strip() for line in raw]
    lines = []
    page_start = False
    for index, line in enumerate(raw):
        page_start = page_start or (index > 0 and ended[index - 1].endswith("\x0c"))
        if blank[index]:
            continue
        lead = line[: len(line) - len(line.lstrip())]
        lines.append(
            Line(
                number=index + 1,
                raw=line,
                text=visible(TAGS.sub("", line) if "<" in line else line),
                indent=len(lead.expandtabs(4)),
                blank_before=index == 0 or blank[index - 1],
                blank_after=index + 1 == len(raw) or blank[index + 1],
                page_start=page_start,
            )
        )
        page_start = False
    return lines


def visible(text: str) -> str:
    """The text as it is seen: ordinary spaces, no soft hyphens or marks without width, nothing around it."""
    return OTHER_SPACES.sub(" ", INVISIBLE.sub("", text)).strip()
