"""Which numbered lines are headings.

"3. Governance" may head a section, be the third entry of a list or the third of a section's own sub-sections.
No single line tells; the numbering of the whole chapter does. So each line that starts with a number or
letter gets a score for how much it looks like a heading, and the reading of the chapter is chosen that has
the best looking headings and the fewest breaks in numbering (a beam search over the open numberings). Between
equal readings the shallower wins: after 7.1 to 7.7, "8" goes on from 7.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from procedures.importing.labels import Keyword, Label
from procedures.importing.units import Unit

BEAM = 12
LONG_CHAPTER = 4_000  # numbered lines; beyond this one reading is followed instead of BEAM
KEYWORD_CANDIDATES = 400

SENTENCE = re.compile(r"[.;?!]\s+[A-Z]")
VERB = re.compile(
    r"\b(?:must|should|will|shall|is|are|has|have|had|may|can|was|were|requires?|need|needs|do|does)\b"
)
QUESTION = re.compile(r"(?:what|when|where|who|whom|why|how|which|if)\b", re.I)
LIST_END = re.compile(r"[;,]$|;\s*(?:and|or|and/or)$|,\s*(?:and|or)$")


@dataclass(frozen=True)
class Heading:
    """The unit at `position` heads a section at this level (1 is outermost)."""

    position: int
    level: int
    number: str
    kind: str  # "number", "letter", "roman", "appendix", "part"
    value: int
    gap: str = ""  # what is odd about its number


# One open numbering: kind, the printed path without its last place, and the last value used.
Open = tuple[str, tuple[int, ...], int]
Stack = tuple[Open, ...]


@dataclass
class Reading:
    """A way to read the chapter so far."""

    score: float
    stack: Stack
    spent: Stack  # numberings closed by the last step up, so that a series may go on in the next part
    chosen: tuple["Reading | None", Heading | None]


def find_headings(units: Sequence[Unit], chapter_number: str = "") -> dict[int, Heading]:
    """Position of a unit -> the heading that it is. `chapter_number` is the chapter's own ("8.1")."""
    if is_styled(units):
        return styled_headings(units)
    keywords = keyword_headings(units)
    ranks = _keyword_ranks(units, keywords)
    paragraphs = numbered_paragraphs(units)
    base = tuple(int(part) for part in chapter_number.split(".") if part.isdigit())
    candidates = [i for i, unit in enumerate(units) if unit.label is not None or i in keywords]
    styled = any(unit.hashes for unit in units)
    beam = BEAM if len(candidates) <= LONG_CHAPTER else 1
    readings = [Reading(0.0, (), (), (None, None))]
    for position in candidates:
        unit = units[position]
        following: dict[Stack, Reading] = {}
        if position in keywords:
            steps = [step for reading in readings for step in _keyword_steps(reading, unit, position, ranks)]
        else:
            score = title_score(units, position) - (4.0 if position in paragraphs else 0.0)
            if styled and unit.lines[0].printed and not (unit.hashes or unit.bold):
                score = -10.0  # an entry of a list, in a file whose headings have a style
            steps = [step for reading in readings for step in _steps(reading, unit, position, score, base)]
        for step in steps:
            best = following.get(step.stack)
            if best is None or step.score > best.score:
                following[step.stack] = step
        readings = sorted(following.values(), key=lambda reading: -reading.score)[:beam]
    found: dict[int, Heading] = {}
    last: Reading | None = readings[0]
    while last is not None:
        previous, heading = last.chosen
        if heading is not None:
            found[heading.position] = heading
        last = previous
    return found


def is_styled(units: Sequence[Unit]) -> bool:
    """Whether styles (Heading 1, <h2>, ##) say which lines are headings and how deep they stand: there are headings of
    more than one rank, or none has a number, and not more numbered lines in bold type that no style marks."""
    styled = [unit for unit in units if unit.hashes and not unit.box]
    bold = sum(unit.bold and unit.label is not None and not unit.hashes for unit in units)
    ranks = {unit.hashes for unit in styled}
    numbered = any(unit.label is not None for unit in styled)
    return len(styled) >= 2 and bold < len(styled) and (len(ranks) > 1 or not numbered)


def styled_headings(units: Sequence[Unit]) -> dict[int, Heading]:
    """Headings by their styles; a number with more places than the one above it stands below it all the same."""
    found: dict[int, Heading] = {}
    open_ranks: list[tuple[int, int]] = []
    last: dict[tuple[int, str, tuple[int, ...]], int] = {}
    for position, unit in enumerate(units):
        if not unit.hashes or unit.box or unit.table is not None:
            continue
        if not (unit.text or unit.label or unit.keyword):
            continue
        places = len(unit.label.path) - 1 if unit.label is not None and unit.label.path else 0
        rank = (unit.hashes, places)
        while open_ranks and open_ranks[-1] >= rank:
            open_ranks.pop()
        open_ranks.append(rank)
        level = len(open_ranks)
        last = {key: value for key, value in last.items() if key[0] <= level}
        number, kind, prefix, value = _styled_number(unit)
        before = last.get((level, kind, prefix), 0)
        gap = _gap(value, before) if value else ""
        if value:
            last[level, kind, prefix] = value
        found[position] = Heading(position, level, number, kind, value, gap)
    return found


def _styled_number(unit: Unit) -> tuple[str, str, tuple[int, ...], int]:
    """(number, kind, what stands before its last place, value of the last place)."""
    if unit.keyword is not None:
        return unit.keyword.number, unit.keyword.series, (), unit.keyword.value
    label = unit.label
    if label is None:
        return "", "plain", (), 0
    if label.path:
        return label.number, "number", label.path[:-1], label.path[-1]
    return label.number, "letter", (), label.letter or label.roman


def keyword_headings(units: Sequence[Unit]) -> set[int]:
    """Which of "Appendix A …", "Section B …" are headings and which only name one.

    Of each series the longest rising run is taken, later ones and those with text of their own preferred:
    what stands under "See:" comes before, and out of order.
    """
    found: set[int] = set()
    last = {
        (one.keyword.word, one.keyword.value): i for i, one in enumerate(units) if one.keyword is not None
    }
    for kind in ("appendix", "part", "stage"):
        series = [i for i in range(len(units)) if _may_be_keyword_heading(units, i, kind, last)]
        series = series[:KEYWORD_CANDIDATES]
        best: list[
            tuple[float, int]
        ] = []  # score of the best run that ends here, position in `series` before it
        for index, position in enumerate(series):
            here = units[position].keyword
            assert here is not None
            own = 2.0 + (0.5 if _has_text(units, position) else 0.0) + index * 0.001
            score, before = own - (0.0 if kind == "appendix" or here.value == 1 else 5.0), -1
            for other in range(index):
                there = units[series[other]].keyword
                assert there is not None
                rises = (there.word == here.word or kind == "appendix") and there.value < here.value
                other_series = kind == "appendix" and there.word != here.word and here.value == 1
                if rises or other_series:
                    candidate = best[other][0] + own - 0.05 * max(0, here.value - there.value - 1)
                    if candidate > score:
                        score, before = candidate, other
            best.append((score, before))
        if not best:
            continue
        index = max(range(len(best)), key=lambda i: best[i][0])
        if best[index][0] <= 0:
            continue
        while index >= 0:
            found.add(series[index])
            index = best[index][1]
    return found


def _may_be_keyword_heading(
    units: Sequence[Unit], position: int, kind: str, last: Mapping[tuple[str, int], int]
) -> bool:
    unit = units[position]
    if unit.keyword is None or unit.bullet or unit.keyword.series != kind:
        return False
    if kind == "stage" and not (unit.blank_before and _has_text(units, position)):
        return False  # steps that follow each other are a list
    before = units[position - 1] if position else None
    pointed_at = before is not None and introduces(before.text) and not before.keyword and before.words <= 12
    if pointed_at and last[unit.keyword.word, unit.keyword.value] > position:
        return False  # "See:", and the appendix itself comes later
    return unit.words <= 30 and not unit.text.endswith((".", ";", ",")) and not SENTENCE.search(unit.text)


def _has_text(units: Sequence[Unit], position: int) -> bool:
    return position + 1 < len(units) and units[position + 1].keyword is None


def _keyword_ranks(units: Sequence[Unit], keywords: set[int]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for position in sorted(keywords):
        keyword = units[position].keyword
        if keyword is not None and keyword.series == "part":
            ranks.setdefault(keyword.word, len(ranks))
    return ranks


def _keyword_steps(reading: Reading, unit: Unit, position: int, ranks: dict[str, int]) -> list[Reading]:
    keyword = unit.keyword
    assert keyword is not None
    if keyword.series == "stage":
        return [_stage(reading, keyword, position)]
    rank = 0 if keyword.is_appendix else ranks[keyword.word]
    kind = keyword.series
    same: Open | None = None
    kept: list[Open] = []
    for entry in reading.stack:
        if entry[0] == f"{kind}{rank}":
            same = entry
        if entry[0].startswith("part") and kind == "part" and int(entry[0][4:]) < rank:
            kept.append(entry)
        else:
            break
    gap = _gap(keyword.value, same[2] if same else 0)
    stack = (*kept, (f"{kind}{rank}", (), keyword.value))
    heading = Heading(position, len(stack), keyword.number, kind, keyword.value, gap)
    spent = reading.stack[len(kept) + 1 :] if kind == "part" else ()
    return [Reading(reading.score, stack, spent, (reading, heading))]


def _stage(reading: Reading, keyword: Keyword, position: int) -> Reading:
    """A stage or step is counted inside the section that is open."""
    kind = f"stage {keyword.word}"
    depth = next((at for at, entry in enumerate(reading.stack) if entry[0] == kind), len(reading.stack))
    last = reading.stack[depth][2] if depth < len(reading.stack) else 0
    stack = (*reading.stack[:depth], (kind, (), keyword.value))
    gap = _gap(keyword.value, last)
    heading = Heading(position, len(stack), keyword.number, "part", keyword.value, gap)
    return Reading(reading.score, stack, reading.stack[depth + 1 :], (reading, heading))


def _gap(value: int, last: int) -> str:
    if value in (1, last + 1):
        return ""
    return "starts" if last == 0 else "gap"


def _steps(reading: Reading, unit: Unit, position: int, score: float, base: tuple[int, ...]) -> list[Reading]:
    """All ways to read one numbered line: not a heading, the next of an open numbering, the first of a
    new one."""
    steps = [Reading(reading.score, reading.stack, reading.spent, (reading, None))]
    if score <= -3:
        return steps
    label = unit.label
    assert label is not None
    for kind, path in _names(label):
        prefix, value = path[:-1], path[-1]
        for depth, cost in _places(reading, kind, prefix, value, base):
            stack = (*reading.stack[:depth], (kind, prefix, value))
            last = reading.stack[depth] if depth < len(reading.stack) else None
            gap = _gap(value, last[2] if last is not None and last[:2] == (kind, prefix) else 0)
            spent = reading.stack[depth + 1 :]
            total = (
                reading.score + score - cost - 0.01 * depth - (0.5 if kind in {"letter", "roman"} else 0.0)
            )
            heading = Heading(position, len(stack), label.number, kind, value, gap)
            steps.append(Reading(total, stack, spent, (reading, heading)))
    return steps


def _names(label: Label) -> list[tuple[str, tuple[int, ...]]]:
    """(kind, path) for each way to read the label: "i." is the ninth letter or the first roman number."""
    if label.path:
        return [(f"number{label.lead}", label.path)]
    names: list[tuple[str, tuple[int, ...]]] = []
    case = "LETTER" if label.capital else "letter"
    if label.letter:
        names.append((case, (label.letter,)))
    if label.roman:
        names.append(("ROMAN" if label.capital else "roman", (label.roman,)))
    return names


def _places(
    reading: Reading, kind: str, prefix: tuple[int, ...], value: int, base: tuple[int, ...]
) -> list[tuple[int, float]]:
    """(depth, cost) of each place in the open numberings where this number may stand."""
    places: list[tuple[int, float]] = []
    parent_depth = 0 if not prefix else -1
    for depth, (open_kind, open_prefix, last) in enumerate(reading.stack):
        if (open_kind, open_prefix) == (kind, prefix) and value > last:
            places.append((depth, _distance(value - last)))
        if prefix and open_kind == kind and (*open_prefix, last) == prefix:
            parent_depth = depth + 1
    if prefix:
        if parent_depth >= 0:
            if parent_depth == len(reading.stack) or reading.stack[parent_depth][:2] != (kind, prefix):
                places.append((parent_depth, _distance(value)))
        elif prefix == base or not any(entry[0] == kind for entry in reading.stack):
            outer = sum(entry[0].startswith(("part", "appendix")) for entry in reading.stack)
            if len(reading.stack) <= outer:
                places.append((outer, 0.5 + (0.0 if prefix == base else 0.3) + _distance(value)))
        return places
    goes_on = any(entry[:2] == (kind, ()) and value == entry[2] + 1 for entry in reading.spent)
    if len(reading.stack) < 5:
        first = 0.3 if not reading.stack else 0.6
        places.append((len(reading.stack), 0.6 if goes_on else first + _distance(value)))
    return places


def _distance(step: int) -> float:
    """The cost of a jump in numbering: none for the next number."""
    return 0.0 if step == 1 else min(6.0, 1.0 + 0.5 * step)


def title_score(units: Sequence[Unit], position: int) -> float:
    """How much a numbered line looks like a heading, by itself and by its neighbours; above 0 is more
    than not."""
    unit = units[position]
    score = text_score(unit.text)
    if unit.label is not None and not unit.text:
        return -10.0
    strong = unit.hashes > 0 or unit.bold or (unit.capitals and unit.words <= 15)
    score += 3.0 if strong else 0.0
    score += 1.5 if unit.isolated else 0.5 if unit.blank_before else 0.0
    if unit.bullet:
        score -= 3.0
    if unit.indent >= 2 and not unit.alone:
        score -= 1.5
    label = unit.label
    assert label is not None
    if not label.delimited and len(label.path) == 1:
        score -= 0.5
    if label.bracketed and not strong:
        score -= 1.0
    before = units[position - 1] if position else None
    after = units[position + 1] if position + 1 < len(units) else None
    run = _run(units, position)
    if run is not None and not strong:
        first, last, start_value = run
        if start_value == 1:
            score -= 4.0 if position < last else 3.0
        elif position < last:
            score -= 1.5
        intro = units[first - 1] if first else None
        if start_value == 1 and intro is not None and introduces(intro.text):
            score -= 3.0
    elif before is not None and introduces(before.text) and _first(label) and not strong:
        score -= 2.5
    if after is None:
        score -= 1.0
    elif introduces(unit.text) and (after.bullet or after.label):
        score -= 2.0  # "The author:" introduces a list
    elif not _follows(units, position, position + 1):
        score += 1.0
    return score


def text_score(text: str) -> float:
    """How much the words alone look like a heading."""
    words = text.split()
    if not words:
        return 0.0
    score = 1.5 if len(words) <= 8 else 0.5 if len(words) <= 14 else -0.5 if len(words) <= 20 else -4.0
    if len(words) > 30:
        return -10.0
    first = text.lstrip("'\"‘“([*_")[:1]
    score += 0.5 if first.isupper() or first.isdigit() else -4.0
    if LIST_END.search(text):
        score -= 6.0
    elif text.endswith("."):
        score -= 1.5 if len(words) <= 5 else 4.0
    elif introduces(text):
        score -= 2.5
    if SENTENCE.search(text):
        score -= 3.0
    if len(words) > 4 and VERB.search(text) and not text.endswith("?") and not QUESTION.match(text):
        score -= 1.5
    long_words = [word for word in words if len(word) > 3]
    if long_words and sum(word[:1].isupper() for word in long_words) * 2 > len(long_words):
        score += 0.5
    return score


def introduces(text: str) -> bool:
    """Whether a line leads into what follows: "The group will:", "The purpose is to:-"."""
    return text.endswith((":", ":-", ":–", ": -"))


def numbered_paragraphs(units: Sequence[Unit]) -> set[int]:
    """Positions of numbers such as 4.2 that number paragraphs, because most of their kind do.

    A short paragraph among long ones looks like a heading: "1.2 The aims are". Where most numbers of the same
    depth, or most of those that share the first part, stand before sentences, all of them do.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for position, unit in enumerate(units):
        if unit.label is not None and len(unit.label.path) > 1 and not (unit.hashes or unit.bold):
            groups.setdefault((len(unit.label.path), unit.alone), []).append(position)
            groups.setdefault(("under", unit.label.path[:-1]), []).append(position)
    found: set[int] = set()
    for positions in groups.values():
        sentences = sum(text_score(units[position].text) <= 0 for position in positions)
        if sentences * 2 > len(positions):
            found.update(positions)
    return {position for position in found if not _heads_its_children(units, position)}


def _heads_its_children(units: Sequence[Unit], position: int) -> bool:
    """Whether "2.2 Section 47 enquiries" stands right above 2.2.1 and is no sentence."""
    here, following = units[position], units[position + 1] if position + 1 < len(units) else None
    if here.label is None or following is None or following.label is None:
        return False
    child = following.label.path == (*here.label.path, 1) and not following.bullet
    return child and text_score(here.text) > 0 and not VERB.search(here.text) and not introduces(here.text)


def _first(label: Label) -> bool:
    return label.path[-1:] == (1,) or label.letter == 1 or label.roman == 1


def _follows(units: Sequence[Unit], position: int, other: int) -> bool:
    """Whether unit `other` has the next number of the same style as unit `position`."""
    if not (0 <= position < len(units) and 0 <= other < len(units)):
        return False
    label = units[position].label
    return label is not None and follows(label, units[other].label)


def follows(here: Label, there: Label | None) -> bool:
    """Whether `there` is the next number or letter after `here`, in the same style."""
    if there is None or here.bracketed != there.bracketed or here.lead != there.lead:
        return False
    if here.path:
        same = len(here.path) == len(there.path) and here.path[:-1] == there.path[:-1]
        return same and here.path[-1] + 1 == there.path[-1]
    if there.path:
        return False
    letters = bool(here.letter) and here.letter + 1 == there.letter
    return letters or (bool(here.roman) and here.roman + 1 == there.roman)


def _run(units: Sequence[Unit], position: int) -> tuple[int, int, int] | None:
    """(first, last, first value) of the numbered lines that follow each other here with nothing in
    between."""
    first = last = position
    while first > 0 and position - first < 50 and _follows(units, first - 1, first):
        first -= 1
    while last + 1 < len(units) and last - position < 50 and _follows(units, last, last + 1):
        last += 1
    if first == last:
        return None
    label = units[first].label
    assert label is not None
    value = label.path[-1] if label.path else 1 if _first(label) else label.letter or label.roman
    return first, last, value
