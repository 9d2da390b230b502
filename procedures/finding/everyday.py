"""What people say, and what manuals say instead: "sign off" is found where something is approved.

`everyday.txt` has lines "typed, typed: written, written". One way only: who types what is on the left also finds what
is on the right, which counts for less than what was typed. Words are compared by their stems, so one form is enough.
Names for the very same thing are synonyms, which business managers edit; these are of the English language, and ours.
`plain.txt` has words of any talk ("put", "still", "thing"), which say little about what is sought, however rare.
"""

from collections.abc import Mapping
from pathlib import Path

from procedures.finding.ranking import WORD, stem

HERE = Path(__file__).parent


def made_out(lines: str) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Stems of each typed word or phrase -> what may be written instead of it."""
    found: dict[tuple[str, ...], list[str]] = {}
    for line in lines.splitlines():
        typed, _, written = line.partition(": ")
        for one in typed.split(", "):
            found.setdefault(stems_of(one), []).extend(written.split(", "))
    return {typed: tuple(dict.fromkeys(written)) for typed, written in found.items()}


def stems_of(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase's words."""
    return tuple(stem(word) for word in WORD.findall(phrase.lower()))


EVERYDAY = made_out((HERE / "everyday.txt").read_text(encoding="utf-8"))
LONGEST = max(map(len, EVERYDAY))
PLAIN = frozenset(stems_of((HERE / "plain.txt").read_text(encoding="utf-8")))
