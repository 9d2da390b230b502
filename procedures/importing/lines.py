"""The file as lines, each knowing whether white space surrounds it."""

import re
from dataclasses import dataclass

TAGS = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|b|i|u|em|strong|h[1-6]|font|center)\b(?:\s[^<>]{0,200})?/?>", re.I
)


@dataclass(frozen=True)
class Line:
    """A line that is not blank. `number` counts from 1; `indent` is in columns, a tab reaching to the
    next fourth."""

    number: int
    raw: str
    text: str  # without the white space around it, and without HTML marks that a converter left
    indent: int
    blank_before: bool
    blank_after: bool


def lines_of(text: str) -> list[Line]:
    """All lines that are not blank, in order."""
    raw = text.splitlines()
    blank = [not line.strip() for line in raw]
    lines = []
    for index, line in enumerate(raw):
        if blank[index]:
            continue
        lead = line[: len(line) - len(line.lstrip())]
        lines.append(
            Line(
                number=index + 1,
                raw=line,
                text=(TAGS.sub("", line) if "<" in line else line).strip(),
                indent=len(lead.expandtabs(4)),
                blank_before=index == 0 or blank[index - 1],
                blank_after=index + 1 == len(raw) or blank[index + 1],
            )
        )
    return lines
