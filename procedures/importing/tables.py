"""Tables that were flattened to tabs or pipes."""

import re
from collections.abc import Sequence

from procedures.importing.labels import split_bullet, split_keyword, split_label
from procedures.importing.lines import Line
from procedures.importing.structure import Row, Table

RULE_CELL = re.compile(r"\s*:?-{2,}:?\s*")


def find_tables(lines: Sequence[Line], left_out: set[int]) -> dict[int, tuple[int, Table]]:
    """Position of the first line -> (position after the last line, table)."""
    found: dict[int, tuple[int, Table]] = {}
    position = 0
    while position < len(lines):
        table = lines[position].table
        if table is not None and position not in left_out:
            found[position] = (position + 1, table)
            position += 1
            continue
        end = position
        pipes = "|" in lines[position].raw
        while (
            end < len(lines)
            and end not in left_out
            and (end == position or not lines[end].blank_before)
            and (
                _piped(lines[end])
                if pipes
                else _tabbed(lines[end]) or (end > position and _goes_on(lines[end]))
            )
        ):
            end += 1
        run = lines[position:end]
        if run and _is_table(run, pipes):
            found[position] = (end, _table(run, pipes))
            position = end
        else:
            position = max(end, position + 1)
    return found


def _tabbed(line: Line) -> bool:
    body = line.raw.strip(" \r\n\f")
    return body.endswith("\t") or ("\t" in body.strip("\t") and not _only_marker_before_tab(line.text))


def _goes_on(line: Line) -> bool:
    """A line of a table whose first cells are empty: its cells go on from the line above."""
    return line.raw.startswith("\t") and not line.blank_before


def _only_marker_before_tab(text: str) -> bool:
    """ "1.<tab>Introduction" and "•<tab>text" are a heading and a bullet, not two cells."""
    if text.count("\t") != 1:
        return False
    before = text.split("\t")[0].strip()
    bullet, rest = split_bullet(before)
    if bullet and not rest:
        return True
    label, rest = split_label(before)
    if label is not None and not rest:
        return True
    keyword, rest = split_keyword(before)
    return keyword is not None and not rest


def _piped(line: Line) -> bool:
    return (
        line.text.count("|") >= 2 or bool(re.search(r"\S\s+\|\s+\S", line.text)) or line.text in {"|", "||"}
    )


def _is_table(run: Sequence[Line], pipes: bool) -> bool:
    if pipes:
        return len(run) >= 2 or run[0].text.startswith("|")
    many = run[0].raw.strip(" \r").count("\t") >= 2
    return len(run) >= 2 or (many and not _only_marker_before_tab(run[0].text))


def _cells(raw: str, pipes: bool) -> list[str]:
    if pipes:
        text = raw.strip()
        text = text.removeprefix("|")
        text = text.removesuffix("|")
        return [cell.strip() for cell in text.split("|")]
    return [cell.strip() for cell in raw.strip("\r\n").split("\t")]


def _table(run: Sequence[Line], pipes: bool) -> Table:
    table = Table()
    for line in run:
        cells = _cells(line.raw, pipes)
        if all(RULE_CELL.fullmatch(cell) or not cell for cell in cells) and any(cells):
            table.headed = table.headed or len(table.rows) == 1
            cells = []
        table.rows.append(Row(source=line.raw, line=line.number, cells=cells))
    first = table.rows[0].cells
    short = all(len(cell.split()) <= 8 and not cell.endswith((".", ";")) for cell in first)
    if (
        len(table.rows) > 1
        and sum(bool(cell) for cell in first) >= 2
        and short
        and not split_label(first[0])[0]
    ):
        table.headed = True
    return table
