"""Plain text to a Chapter: what is left out, what is a table, which lines are headings, what stands
under them."""

from procedures.importing.build import Builder
from procedures.importing.contents import contents_lines
from procedures.importing.headings import find_headings
from procedures.importing.lines import Line, lines_of
from procedures.importing.noise import reason_before_title, reason_to_drop
from procedures.importing.problems import find_problems
from procedures.importing.structure import Chapter, Dropped, Problem
from procedures.importing.tables import find_tables
from procedures.importing.title import NO_TITLE, find_title
from procedures.importing.units import read_units


class WordsLost(RuntimeError):
    """The reader's own sum does not come out: words placed and left out are not the words of the file."""


def parse_chapter(text: str) -> Chapter:
    """Read a chapter. Raises WordsLost rather than give a chapter with a word too few or too many."""
    lines = lines_of(text)
    dropped = _drop(lines)
    listed, unmatched = contents_lines([line for line in lines if line.number not in dropped])
    kept = [line for line in lines if line.number not in dropped]
    for position in listed:
        dropped[kept[position].number] = "contents list"
    left_out = {position for position, line in enumerate(lines) if line.number in dropped}
    units = read_units(lines, left_out, find_tables(lines, left_out))

    title = find_title(units)
    for position in title.before:
        reason = reason_before_title(units[position].text)
        if reason and len(units[position].lines) == 1:
            dropped[units[position].line] = reason
    body = [
        unit
        for position, unit in enumerate(units)
        if position not in title.positions and unit.line not in dropped
    ]
    headings = find_headings(body, title.number)
    builder = Builder(body, headings)
    builder.build()
    chapter = Chapter(
        title=title.text,
        number=title.number,
        title_source="\n".join(units[position].source for position in title.positions),
        boxes=builder.boxes,
        sections=builder.sections,
        dropped=[
            Dropped(source=line.raw, line=line.number, reason=dropped[line.number])
            for line in lines
            if line.number in dropped
        ],
        problems=[],
        words_in=len(text.split()),
    )
    if title == NO_TITLE:
        chapter.problems.append(Problem("no title", "", "The file does not start with a title.", 1))
    chapter.problems += find_problems(chapter, headings, body, unmatched)
    if chapter.words_placed + chapter.words_dropped != chapter.words_in:
        raise WordsLost(
            f"{chapter.words_in} words in, {chapter.words_placed} placed, {chapter.words_dropped} left out"
        )
    return chapter


def _drop(lines: list[Line]) -> dict[int, str]:
    """Line number -> reason for each line that belongs to the web page or print-out and not to the
    chapter."""
    dropped = {}
    for line in lines:
        if not line.text:
            dropped[line.number] = "HTML marks"
            continue
        reason = reason_to_drop(line.text)
        if reason and "\t" not in line.text and "|" not in line.text:
            dropped[line.number] = reason
    return dropped
