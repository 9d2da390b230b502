"""What a chapter is made of once it has been read. Everything keeps the source it came from.

A word is a token between white space, counted in the source: "1.Aims" is one word before and after, although
it became a number and a title. That is how words in and words placed can be compared exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a text that are bold or italic, or a link to `target`."""

    start: int
    end: int
    kind: str  # "b", "i" or "a"
    target: str = ""


@dataclass
class Piece:
    """Some lines of the file that became one thing."""

    source: str
    line: int

    @property
    def words(self) -> int:
        """Tokens between white space in the source, markers and separators included."""
        return len(self.source.split())


@dataclass
class Paragraph(Piece):
    """A paragraph, with its printed number where it had one ("4.1")."""

    text: str
    marker: str = ""
    number: str = ""
    spans: tuple[Span, ...] = ()


@dataclass
class Item(Piece):
    """One entry of a list. `depth` is 0 for the outermost; `value` is its place where the marker counts."""

    text: str
    marker: str
    style: str  # "bullet", "number", "letter", "LETTER", "roman", "ROMAN"
    depth: int
    value: int = 0
    spans: tuple[Span, ...] = ()


@dataclass
class ListOfItems:
    """A list, nested by the depth of its items."""

    items: list[Item] = field(default_factory=list)

    @property
    def words(self) -> int:
        return sum(item.words for item in self.items)

    @property
    def style(self) -> str:
        return self.items[0].style


@dataclass
class Row(Piece):
    """One line of a table. A rule between head and body (---) has no cells."""

    cells: list[str]


@dataclass
class Table:
    """Rows that were flattened to tabs or pipes. `headed`: the first row names the columns."""

    rows: list[Row] = field(default_factory=list)
    headed: bool = False

    @property
    def words(self) -> int:
        return sum(row.words for row in self.rows)

    @property
    def columns(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


Block = Paragraph | ListOfItems | Table


@dataclass
class Box(Piece):
    """A labelled box. Its `source` is the label; kind is scope, related, guidance, amendment or note."""

    kind: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def all_words(self) -> int:
        return self.words + sum(block.words for block in self.blocks)


@dataclass
class Section(Piece):
    """A heading and what stands under it, up to the next heading. Its `source` is the heading.

    `number` is the one printed, without its full stop ("4", "2.1", "Appendix A"); empty for a heading without
    a number. The text before the first heading is a section with neither number nor title.
    """

    number: str
    title: str
    level: int
    blocks: list[Block | Box] = field(default_factory=list)
    names: tuple[str, ...] = ()  # by which links inside the document point at it

    @property
    def all_words(self) -> int:
        """Words of the heading and of what stands under it; boxes and sub-sections count for themselves."""
        return self.words + sum(block.words for block in self.blocks if not isinstance(block, Box))

    @property
    def paragraphs(self) -> int:
        return sum(isinstance(block, Paragraph) for block in self.blocks)


@dataclass
class Dropped(Piece):
    """Left out on purpose, with the reason."""

    reason: str


@dataclass
class Problem:
    """Something that a person should look at: kind, where it is and what was found."""

    kind: str
    section: str
    text: str
    line: int


@dataclass
class Chapter:
    """A whole chapter in the order of the file: title, boxes at its head, sections (flat, with levels)."""

    title: str
    number: str
    title_source: str
    boxes: list[Box]
    sections: list[Section]
    dropped: list[Dropped]
    problems: list[Problem]
    words_in: int

    def all_boxes(self) -> list[Box]:
        inside = [block for section in self.sections for block in section.blocks if isinstance(block, Box)]
        return [*self.boxes, *inside]

    @property
    def words_dropped(self) -> int:
        return sum(piece.words for piece in self.dropped)

    @property
    def words_placed(self) -> int:
        return (
            len(self.title_source.split())
            + sum(box.all_words for box in self.all_boxes())
            + sum(section.all_words for section in self.sections)
        )


def joined(spans: list[Span], length: int) -> Iterator[Span]:
    """Spans of the same kind and target that touch, as one."""
    open_spans: dict[tuple[str, str], Span] = {}
    for span in spans:
        key = (span.kind, span.target)
        before = open_spans.get(key)
        if before is not None and before.end == span.start:
            open_spans[key] = Span(before.start, span.end, *key)
            continue
        if before is not None and before.start < length:
            yield Span(before.start, min(before.end, length), *key)
        open_spans[key] = span
    for span in open_spans.values():
        if span.start < length:
            yield Span(span.start, min(span.end, length), span.kind, span.target)
