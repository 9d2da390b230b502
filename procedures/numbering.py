"""Numbers that make themselves: a section or paragraph without a printed number follows on from the one before it.

Pure. A number is followed on by its last part: 4 by 5, 2.9 by 2.10, Appendix A by Appendix B, (c) by (d), iv by v.
The first section inside 7 is 7.1. A number that an editor or an import has fixed ("4" after "2") is kept, and what
comes after it goes on from there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LAST_PART = re.compile(r"(?P<before>.*?)(?P<last>[0-9]+|[A-Za-z]+)(?P<after>[^0-9A-Za-z]*)", re.S)
ROMAN = (
    ("m", 1000), ("cm", 900), ("d", 500), ("cd", 400), ("c", 100), ("xc", 90),
    ("l", 50), ("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1),
)  # fmt: skip
DIGITS = re.compile(r"([0-9]+)")
AUTOMATIC, FIXED, NONE = "automatic", "fixed", "none"


@dataclass(frozen=True)
class Numbered:
    """What is known of a section before it has a number: its level (1 is outermost), how it is numbered, the number
    that is fixed, and how many paragraphs in it number themselves or have one."""

    level: int
    numbering: str = AUTOMATIC
    number: str = ""
    paragraphs: int = 0


class Counter:
    """Counts sections in order.

    Where a section's own paragraphs are numbered, the sections inside it go on after them: 4.1 to 4.3 are paragraphs,
    then 4.4 is the first section inside 4, so that no number stands twice.
    """

    def __init__(self) -> None:
        self._open: list[
            tuple[str, int]
        ] = []  # at each level: the last number, and paragraphs counted below it

    def would_be(self, level: int) -> str:
        """The number that the next section gets by itself at this level."""
        depth = self._depth(level)
        before = self._open[depth][0] if depth < len(self._open) else ""
        if before:
            return following(before)
        number, paragraphs = next((entry for entry in reversed(self._open[:depth]) if entry[0]), ("", 0))
        return f"{number}.{paragraphs + 1}" if number else "1"

    def count(self, section: Numbered) -> str:
        """The number of the next section; empty for one that has none, which does not end the count around it."""
        depth = self._depth(section.level)
        if section.numbering == NONE or (section.numbering == FIXED and not section.number):
            before = self._open[depth][0] if depth < len(self._open) else ""
            self._open[depth:] = [(before, 0)]
            return ""
        number = section.number if section.numbering == FIXED else self.would_be(section.level)
        self._open[depth:] = [(number, section.paragraphs)]
        return number

    def _depth(self, level: int) -> int:
        return min(max(level, 1), len(self._open) + 1) - 1


def section_numbers(sections: Iterable[Numbered]) -> Iterator[str]:
    """The number of each section, in order; empty for one that has none."""
    counter = Counter()
    for section in sections:
        yield counter.count(section)


def paragraph_numbers(section: str, printed: Iterable[str]) -> Iterator[str]:
    """The number of each numbered paragraph of a section; `printed` has an empty string for one that numbers
    itself."""
    last = ""
    for number in printed:
        last = number or (following(last) if last else f"{section}.1" if section else "1")
        yield last


def following(number: str) -> str:
    """The number after this one; the same number where nothing in it can be counted."""
    matches = list(LAST_PART.finditer(number))
    if not matches:
        return number
    match = matches[-1]
    last = match["last"]
    if last.isdigit():
        step = str(int(last) + 1)
    elif roman_value(last) and (len(last) > 1 or last.lower() in "iv"):
        step = roman(roman_value(last) + 1)
        step = step.upper() if last.isupper() else step
    elif len(last) == 1 and last.lower() != "z":
        step = chr(ord(last) + 1)
    else:
        return number
    return number[: match.start("last")] + step + number[match.end("last") :]


def natural(number: str) -> tuple[tuple[int, str], ...]:
    """Sorts 8.2 before 8.10, and what has no number after what has one."""
    parts = tuple((int(part), "") if part.isdigit() else (0, part) for part in DIGITS.split(number) if part)
    return parts or ((10**9, ""),)


def roman(value: int) -> str:
    """A number from 1 on in small roman numerals."""
    text = ""
    for letters, worth in ROMAN:
        while value >= worth:
            text, value = text + letters, value - worth
    return text


def roman_value(text: str) -> int:
    """The value of roman numerals in either case; 0 for what is none."""
    rest, value = text.lower(), 0
    for letters, worth in ROMAN:
        while rest.startswith(letters):
            rest, value = rest[len(letters) :], value + worth
    return value if not rest and roman(value) == text.lower() else 0


def as_numbered(printed: Iterable[tuple[int, str, int]]) -> list[Numbered]:
    """(level, printed number, numbered paragraphs) of sections as Numbered: those that would get their number by
    themselves are automatic, so that an imported chapter renumbers itself from then on."""
    counter = Counter()
    found: list[Numbered] = []
    for level, number, paragraphs in printed:
        if not number:
            section = Numbered(level, NONE)
        elif counter.would_be(level) == number:
            section = Numbered(level, AUTOMATIC, number, paragraphs)
        else:
            section = Numbered(level, FIXED, number, paragraphs)
        counter.count(section)
        found.append(section)
    return found
