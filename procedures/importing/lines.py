"""The file as lines, each knowing whether white space surrounds it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line that is not blank. `number` counts from 1; `indent` is in columns, a tab reaching to the
    next fourth."""

    number: int
    raw: str
    text: str
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
                text=line.strip(),
                indent=len(lead.expandtabs(4)),
                blank_before=index == 0 or blank[index - 1],
                blank_after=index + 1 == len(raw) or blank[index + 1],
            )
        )
    return lines
