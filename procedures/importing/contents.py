"""A list of contents repeats the headings; the page makes its own, so the printed one is left out and
listed."""

import re

from procedures.importing.labels import box_kind, split_bullet, split_keyword, split_label
from procedures.importing.lines import Line

HEADING = re.compile(
    r"[#*_\s]*(?:(?:table\s+of\s+|list\s+of\s+)?contents(?:\s+(?:page|list))?|chapter\s+contents|"
    r"(?:in|on)\s+this\s+(?:chapter|page|section|document|procedure))\s*:?[*_\s]*",
    re.I,
)
# What stands between an entry and its page: "..... 4", " / 4", a tab, or only " 4"
LEADER = re.compile(r"(?:\s*[.…·_]{3,}\s*|\s[\s.…·_/|]*)(?:page\s*)?[0-9]{1,4}$", re.I)
AHEAD = 3  # lines; a line that is no entry may stand between entries, such as "Appendices"
APPENDICES = re.compile(r"appendi(?:x|ces):?", re.I)
LONGEST = 200  # characters; a heading is shorter
HEAD_OF_FILE = 80  # lines in which a list of contents without a heading of its own is looked for


def normal(text: str) -> tuple[str, str]:
    """(number, words) of an entry or heading, so that "2. Aims ..... 4" and "2 AIMS" are the same."""
    text = LEADER.sub("", text.strip().strip("#*_ "))
    _, text = split_bullet(text)
    keyword, rest = split_keyword(text)
    if keyword is not None:
        return keyword.number.lower(), _letters(rest)
    label, rest = split_label(text)
    return (label.number.lower() if label else ""), _letters(rest)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def contents_lines(lines: list[Line]) -> tuple[set[int], list[Line]]:
    """Positions in `lines` that are lists of contents, and the entries that no later heading repeats."""
    names = [normal(line.text) if len(line.text) <= LONGEST else ("", "") for line in lines]
    last: dict[str, int] = {}
    for position, (number, words) in enumerate(names):
        if words or number:
            last[words or number] = position
    found: set[int] = set()
    unmatched: list[Line] = []
    for position, line in enumerate(lines):
        if position in found or len(line.text) > 60 or not HEADING.fullmatch(line.text):
            continue
        entries, strange = _entries(lines, names, last, position + 1)
        if entries or position < HEAD_OF_FILE:
            found.update([position, *entries])
            unmatched += strange
    if not found:
        found.update(_without_heading(lines, names, last))
    return found, unmatched


def _entries(
    lines: list[Line], names: list[tuple[str, str]], last: dict[str, int], start: int
) -> tuple[list[int], list[Line]]:
    """The entries from `start` on; none when too few of them come again as headings."""
    seen: set[str] = set()
    numbers: set[str] = set()
    taken: list[int] = []
    matched: list[int] = []
    repeated = False
    for position in range(start, len(lines)):
        line, (number, words) = lines[position], names[position]
        key = words or number
        again = bool(key) and last.get(key, -1) > position
        body_starts = (key in seen and (not number or number in numbers)) or (number in numbers and not again)
        sentence = len(line.text) > LONGEST or (line.text.endswith((".", ";")) and len(line.text.split()) > 8)
        if not key or body_starts or sentence:
            repeated = bool(taken) and words == names[taken[0]][1]
            break
        marked = bool(number) or bool(LEADER.search(line.text)) or bool(split_bullet(line.text)[0])
        if not again and (
            box_kind(line.text) or not (marked or _entry_ahead(lines, names, last, position, seen))
        ):
            break
        if not again and line.blank_before and taken and not lines[taken[-1]].blank_before:
            break  # a list without blank lines ends at the first blank line
        if again:
            matched.append(position)
        taken.append(position)
        seen.add(key)
        if number:
            numbers.add(number)
    while taken and taken[-1] not in matched and lines[taken[-1]].blank_before:
        taken.pop()
    if len(matched) < 2 or (len(matched) * 5 < len(taken) * 2 and not repeated):
        return [], []
    return taken, [lines[position] for position in _strange(lines, names, last, taken, matched)]


def _strange(
    lines: list[Line],
    names: list[tuple[str, str]],
    last: dict[str, int],
    taken: list[int],
    matched: list[int],
) -> list[int]:
    """Entries that no heading repeats, not even together with the entry after or before (a broken line)."""
    strange = [position for position in taken if position not in matched]
    broken = {
        one
        for here, following in zip(strange, strange[1:], strict=False)
        if last.get(names[here][1] + names[following][1], -1) > following
        for one in (here, following)
    }
    return [one for one in strange if one not in broken and not APPENDICES.fullmatch(lines[one].text)]


def _entry_ahead(
    lines: list[Line], names: list[tuple[str, str]], last: dict[str, int], position: int, seen: set[str]
) -> bool:
    """Whether another entry comes within a few short lines: a numbered one, or any where no line is blank."""
    for later in range(position + 1, min(position + 1 + AHEAD, len(lines))):
        number, words = names[later]
        if len(lines[later].text) > LONGEST:
            return False
        solid = not lines[position].blank_before and not lines[later].blank_before
        if (number or solid) and words and words not in seen and last.get(words, -1) > later:
            return True
    return False


def _without_heading(lines: list[Line], names: list[tuple[str, str]], last: dict[str, int]) -> list[int]:
    """A run of at least four short lines at the head of the file, all of which come again further down,
    in order."""
    start = 0
    while start < min(len(lines), HEAD_OF_FILE):
        run: list[int] = []
        seen: set[str] = set()
        for position in range(start, len(lines)):
            number, words = names[position]
            key = words or number
            if not words or key in seen or last[key] <= position or lines[position].text.endswith((".", ";")):
                break
            run.append(position)
            seen.add(key)
        later = [last[names[position][1]] for position in run]
        if len(run) >= 4 and later == sorted(later) and later[0] > run[-1]:
            return run
        start += max(1, len(run))
    return []
