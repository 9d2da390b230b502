"""What a chapter is once its HTML is forgotten: the few things that a PDF, a Word file and plain text are written from.

Pure data. Text is text: whatever it holds, a writer must show it and never obey it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from procedures.numbering import roman

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; a line break is "\\n". `href` is where it leads, or empty."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    runs: Runs


@dataclass(frozen=True)
class Numbered:
    """A paragraph (or more) with a number of its own, such as 4.1."""

    number: str
    blocks: "Blocks"


@dataclass(frozen=True)
class Listing:
    """A list. `style` is bullet, plain, number, letter, LETTER, roman or ROMAN; the first mark is that of `start`."""

    style: str
    start: int
    items: tuple["Blocks", ...]

    def mark(self, place: int) -> str:
        """The mark of the item at a place (0 is the first): "(b)" is quoted by it, so no output may change it."""
        value = self.start + place
        if self.style == "bullet":
            return "•"
        if self.style == "plain":
            return ""
        text = {"letter": letters, "roman": roman}.get(self.style.lower(), str)(value)
        return f"{text.upper() if self.style.isupper() else text}."


@dataclass(frozen=True)
class Table:
    """A table; `head` is empty where the columns are not named. Every row has as many cells."""

    caption: str
    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return max((len(row) for row in (self.head, *self.rows)), default=0)


@dataclass(frozen=True)
class Box:
    """A labelled box."""

    title: str
    blocks: "Blocks"


@dataclass(frozen=True)
class Picture:
    """A picture: its address on the portal, what it shows in words, its size in pixels (0 where unknown)."""

    source: str
    alternative: str
    width: int = 0
    height: int = 0


Block = Paragraph | Numbered | Listing | Table | Box | Picture
Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class Section:
    """A section: `anchor` is its permanent address in the chapter, `depth` its heading's rank (2 is <h2>)."""

    anchor: str
    number: str
    heading: str
    depth: int
    blocks: Blocks

    @property
    def name(self) -> str:
        """Number and heading, as a reader would name it."""
        return " ".join(part for part in (self.number, self.heading) if part)


@dataclass(frozen=True)
class Chapter:
    """A chapter. `path` is its address below the portal's; `edition` the day from which it stands."""

    name: str
    path: str
    edition: date | None
    head: Blocks
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Part:
    """The manual, or a part of it: its chapters, then the parts inside it."""

    title: str
    chapters: tuple[Chapter, ...]
    parts: tuple["Part", ...] = ()

    def all_chapters(self) -> Iterator[Chapter]:
        """Every chapter in it, in order."""
        yield from self.chapters
        for part in self.parts:
            yield from part.all_chapters()


@dataclass(frozen=True)
class Stamp:
    """What stands on every page of a copy: whose manual it is, where the live one is, and when the copy was made."""

    partnership: str
    address: str
    made_on: str

    def full(self, href: str) -> str:
        """An address that works outside the portal."""
        return f"{self.address}{href}" if href.startswith("/") else href


def letters(value: int) -> str:
    """a to z, then aa, ab, …, as browsers count."""
    text = ""
    while value > 0:
        value, place = divmod(value - 1, len(LETTERS))
        text = LETTERS[place] + text
    return text


def plain(runs: Sequence[Run]) -> str:
    """The words alone."""
    return "".join(run.text for run in runs)
