"""Lines to a Chapter: what is left out, what is a table, which lines are headings, what stands under them.

Plain text, Word documents and web pages all come here as lines, so that the same rules apply to all three.
"""

from collections.abc import Sequence
from dataclasses import replace

from procedures.importing.build import Builder
from procedures.importing.contents import contents_lines, normal
from procedures.importing.furniture import page_date, page_edges, site_foot, site_head, site_tools
from procedures.importing.headings import find_headings
from procedures.importing.lines import Line, lines_of
from procedures.importing.noise import reason_before_title, reason_to_drop
from procedures.importing.problems import find_problems
from procedures.importing.structure import Chapter, Dropped, Item, ListOfItems, Problem, Section
from procedures.importing.tables import find_tables
from procedures.importing.title import NO_TITLE, find_title
from procedures.importing.units import read_units

PAGE_BREAK = {"page number", "page header or footer"}  # a sentence may go on behind these
UNDERLINES = {"=": 1, "-": 2, "~": 3}


class WordsLost(RuntimeError):
    """The reader's own sum does not come out: words placed and left out are not the words of the file."""


def parse_chapter(text: str) -> Chapter:
    """Read a chapter in plain text. Raises WordsLost rather than give a chapter with a word too few or too
    many."""
    return read_lines(lines_of(text), words_in=len(text.split()))


def read_lines(
    lines: Sequence[Line],
    *,
    words_in: int,
    left_out: Sequence[Dropped] = (),
    problems: Sequence[Problem] = (),
    notes: Sequence[Item] = (),
) -> Chapter:
    """Read a chapter from its lines. `notes` are footnotes, which become its last section; `left_out` and `problems`
    are what the reader of the file found already; `words_in` counts all of them.

    Raises WordsLost as parse_chapter does.
    """
    dropped = _drop(lines)
    lines = _with_underlined_headings(lines, dropped)
    listed, unmatched = contents_lines([line for line in lines if line.number not in dropped])
    kept = [line for line in lines if line.number not in dropped]
    named = {normal(kept[position].text)[1] for position in listed if kept[position] not in unmatched} - {""}
    for position in listed:
        dropped[kept[position].number] = "contents list"
    outside = {position for position, line in enumerate(lines) if line.number in dropped}
    breaks = {position for position in outside if dropped[lines[position].number] in PAGE_BREAK}
    units = read_units(lines, outside, find_tables(lines, outside), breaks)

    title = find_title(units)
    for position in title.before:
        reason = reason_before_title(units[position].text) or "name of the organisation or site"
        dropped.update((line.number, reason) for line in units[position].lines)
    body = [
        unit
        for position, unit in enumerate(units)
        if position not in title.positions and unit.line not in dropped
    ]
    headings = find_headings(body, title.number)
    builder = Builder(body, headings, named)
    builder.build()
    if notes:
        end = Section(source="", line=notes[0].line, number="", title="Notes", level=1)
        end.blocks.append(ListOfItems(list(notes)))
        builder.sections.append(end)
    chapter = Chapter(
        title=title.text,
        number=title.number,
        title_source="\n".join(units[position].source for position in title.positions),
        boxes=builder.boxes,
        sections=builder.sections,
        dropped=[
            *(
                Dropped(source=line.raw, line=line.number, reason=dropped[line.number])
                for line in lines
                if line.number in dropped
            ),
            *left_out,
        ],
        problems=[],
        words_in=words_in,
    )
    if title == NO_TITLE:
        chapter.problems.append(Problem("no title", "", "The file does not start with a title.", 1))
    found = [*find_problems(chapter, headings, body, unmatched), *problems]
    chapter.problems += sorted(found, key=lambda problem: problem.line)
    if chapter.words_placed + chapter.words_dropped != chapter.words_in:
        raise WordsLost(
            f"{chapter.words_in} words in, {chapter.words_placed} placed, {chapter.words_dropped} left out"
        )
    return chapter


def _drop(lines: Sequence[Line]) -> dict[int, str]:
    """Line number -> reason for each line that belongs to the web page or print-out and not to the
    chapter."""
    head, title = site_head(lines)
    dropped = {**page_edges(lines), **head, **site_foot(lines)}
    if title >= 0:
        dropped.update(site_tools(lines, title))
    for line in lines:
        if line.table is not None:
            dropped.pop(line.number, None)
            continue
        if not line.text:
            dropped[line.number] = "HTML marks" if "<" in line.raw else "invisible characters"
            continue
        reason = reason_to_drop(line.text)
        if reason == "page number" or (reason and "\t" not in line.text and "|" not in line.text):
            dropped[line.number] = reason
    return {**page_date(lines, dropped), **dropped}


def _with_underlined_headings(lines: Sequence[Line], dropped: dict[int, str]) -> list[Line]:
    """A short line with a rule right under it (==== or ----) is a heading."""
    marked = list(lines)
    for position, (line, rule) in enumerate(zip(lines, lines[1:], strict=False)):
        mark = rule.text[:1]
        if (
            dropped.get(rule.number) == "ruled line"
            and line.number not in dropped
            and set(rule.text) == {mark}
            and mark in UNDERLINES
            and line.blank_before
            and not line.blank_after
            and len(line.text) <= 100
            and abs(len(rule.text) - len(line.text)) <= max(3, len(line.text) // 2)
        ):
            marked[position] = replace(line, heading=UNDERLINES[mark])
    return marked
