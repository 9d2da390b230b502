"""The chapter's own title and number, at the head of the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.importing.headings import text_score
from procedures.importing.noise import reason_before_title
from procedures.importing.units import Unit

LONGEST = 25  # words
CHAPTER = re.compile(
    r"(?:(?:part|section|volume)\s+\w{1,5}\s*[,:/–—-]?\s*)?(?:chapter|(?:procedure|protocol|policy)(?=[^:–—-]*[:–—-]))\s+"
    r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,3})*)\s*[:.–—-]?\s*(?P<rest>.*)",
    re.I | re.S,
)


PUBLISHER = re.compile(
    r".*\b(?:council|partnership|board|trust|authority|constabulary|police|lscb|lscp|nhs|online)|"
    r".*\b(?:procedures?|polic(?:y|ies)|practice|guidance)\s+(?:manual|online|website)",
    re.I,
)
KIND = re.compile(
    r"(?:(?:joint|multi-?agency|inter-?agency|local|practice|protocol|policy|procedures?|guidance|guide|guidelines|toolkit|manual|"
    r"strategy|framework|pathway|and|&|the|for|on|staff|statutory)\b[\s:,–—-]*)+",
    re.I,
)  # "JOINT PROTOCOL" says what kind of document it is; what it is about comes next
FIRST_HEADINGS = {
    "introduction", "purpose", "scope", "aims", "aim", "background", "contents", "summary", "overview", "definition",
    "definitions", "key points", "principles", "policy", "context", "about this guidance",
}  # fmt: skip


@dataclass(frozen=True)
class Title:
    """Title and number, the units they were read from, and the units above them (menus)."""

    text: str
    number: str
    positions: tuple[int, ...]
    before: tuple[int, ...]


NO_TITLE = Title("", "", (), ())


def find_title(units: Sequence[Unit]) -> Title:
    """The first line that is short and no sentence; NO_TITLE where the file starts with its text."""
    styled = _styled_title(units)
    if styled is not None:
        return styled
    start = 0
    while start < min(len(units), 10) and (
        reason_before_title(units[start].text)
        or _names_the_publisher(units, start)
        or _names_the_part(units, start)
    ):
        start += 1
    before = tuple(range(start))
    if start >= len(units):
        return NO_TITLE
    unit = units[start]
    if unit.table or unit.bullet or unit.box or unit.keyword or not unit.text or unit.words > LONGEST:
        return NO_TITLE
    if unit.label is not None:
        if not unit.label.path or unit.text.endswith((";", ".")) or not _numbers_the_chapter(units, start):
            return NO_TITLE
        return Title(unit.text.rstrip("| "), unit.label.number, (start,), before)
    match = CHAPTER.fullmatch(unit.text)
    number = match["number"] if match else ""
    text = match["rest"] if match else unit.text
    if text.endswith((".", ";", ",")) and len(text.split()) > 8:
        return NO_TITLE
    positions = [start]
    text = text.rstrip("| ")
    while _goes_on(units, positions, bool(text)):
        text = f"{text} {units[positions[-1] + 1].text}".strip()
        positions.append(positions[-1] + 1)
    return Title(text, number, tuple(positions), before)


def _styled_title(units: Sequence[Unit]) -> Title | None:
    """The one heading of the highest rank near the head of the file, where there are headings of other ranks."""
    ranks = [unit.hashes for unit in units if unit.hashes and not _publisher_above(units, unit)]
    if len(set(ranks)) < 2 or ranks.count(min(ranks)) != 1:
        return None
    position = next(
        at for at, unit in enumerate(units) if unit.hashes == min(ranks) and not _publisher_above(units, unit)
    )
    unit = units[position]
    above = [one for one in units[:position] if not _publisher_above(units, one)]
    if position > 15 or unit.box or not unit.text or any(one.hashes for one in above):
        return None
    before = tuple(
        at
        for at, one in enumerate(units[:position])
        if reason_before_title(one.text)
        or (one.plain and PUBLISHER.fullmatch(one.text))
        or _publisher_above(units, one)
    )
    match = CHAPTER.fullmatch(unit.text)
    if match is not None and match["rest"]:
        return Title(match["rest"], match["number"], (position,), before)
    if unit.label is not None and unit.label.path:
        return Title(unit.text, unit.label.number, (position,), before)
    return Title(f"{unit.marker} {unit.text}".strip(), "", (position,), before)


def _publisher_above(units: Sequence[Unit], unit: Unit) -> bool:
    """Whether the file's first line has the style of a title and names the publisher, and a lower heading follows."""
    if not units or unit is not units[0] or len(units) < 2 or not units[1].hashes:
        return False
    title = units[1].hashes
    ranks = [one.hashes for one in units[1:] if one.hashes]
    alone = ranks.count(title) == 1 and min(ranks) == title < max(ranks)
    return 0 < unit.hashes < title and alone and bool(PUBLISHER.fullmatch(unit.text))


def _names_the_publisher(units: Sequence[Unit], start: int) -> bool:
    """Whether this line names the organisation or its manual, and the chapter's title is still to come."""
    unit = units[start]
    if not unit.plain or unit.words > 10 or not PUBLISHER.fullmatch(unit.text):
        return False
    while start + 1 < len(units) and reason_before_title(units[start + 1].text):
        start += 1
    if start + 1 >= len(units):
        return False
    following = units[start + 1]
    title = following.text.rstrip(" :")
    numbered = following.label is not None and len(following.label.path) > 1
    return (
        (following.plain or numbered)
        and 1 <= following.words <= LONGEST
        and not title.endswith((".", ";", ","))
        and title.lower() not in FIRST_HEADINGS
    )


def _names_the_part(units: Sequence[Unit], start: int) -> bool:
    """Whether this line names the part of the manual ("Part 5: …") and the chapter ("Chapter 5.7", "5.7 …") is next."""
    if start + 1 >= len(units) or units[start].words > LONGEST or units[start].text.endswith("."):
        return False
    part, chapter = units[start].keyword, units[start + 1]
    if part is None:
        return False
    within = chapter.label is not None and len(chapter.label.path) > 1 and chapter.label.path[0] == part.value
    return CHAPTER.fullmatch(chapter.text) is not None or (within and _numbers_the_chapter(units, start + 1))


def _goes_on(units: Sequence[Unit], positions: list[int], has_text: bool) -> bool:
    """Whether the next line is still the title: a block of two or three short lines with nothing between."""
    following = positions[-1] + 1
    if len(positions) >= 3 or following >= len(units):
        return False
    unit = units[following]
    short = unit.plain and unit.words <= 12 and not unit.text.endswith((".", ";", ":", ","))
    if not has_text:
        return short
    if KIND.fullmatch(units[positions[-1]].text) and unit.text.rstrip(" :").lower() not in FIRST_HEADINGS:
        return short and text_score(unit.text) > 0 and len(positions) == 1
    end = following
    while end < len(units) and not units[end].blank_after:
        end += 1
    return short and not unit.blank_before and end - positions[0] <= 2


def _numbers_the_chapter(units: Sequence[Unit], start: int) -> bool:
    """Whether "8.1 Title" numbers the chapter, not its first section: what is numbered next tells."""
    label = units[start].label
    assert label is not None
    path = label.path
    sibling = (*path[:-1], path[-1] + 1)
    for unit in units[start + 1 :]:
        if unit.label is None or not unit.label.path or unit.bullet:
            continue
        if unit.label.path == sibling:
            return False
        if unit.label.path == (1,):
            return True
        if unit.label.path == (*path, 1):
            return not any(
                later.label is not None and later.label.path == sibling and later.words <= 20
                for later in units
            )
    return True
