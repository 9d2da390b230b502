"""Two editions of a chapter, side by side, word by word. Pure: rendered chapters in, plain data out.

Sections are matched by their permanent address, so a section that was renumbered, renamed or moved is compared with
itself. Inside a section, paragraphs (and items, rows of tables, captions) are lines; lines are matched first, then the
words of matched lines. Nothing is left out: the words that are not insertions are the old words, those that are not
deletions are the new ones.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any

from rapidfuzz.distance import LCSseq

from procedures.rendering import RenderedChapter, RenderedSection

BLOCKS = {
    *(
        "p",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "caption",
        "div",
        "section",
        "figure",
        "figcaption",
        "dt",
        "dd",
        "dl",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "details",
        "summary",
        "aside",
        "header",
        "thead",
        "tbody",
    ),
}
HIDDEN = {"script", "style", "svg", "template"}
NUMBER_CLASS = "portal-numbered__number"
PICTURE = re.compile(
    r"^\[picture \w*: "
)  # the only "word" that holds a space; its file tells two pictures apart
ALIKE = 0.4  # lines that share fewer of their words than this are two different lines
MOST_PAIRS = 4_000  # lines x lines that are tried against each other; beyond it they are paired as they come
MOST_CELLS = 100_000_000  # words x words that are compared one by one; beyond it a line counts as rewritten
ISLAND = 2  # equal words alone between changes that are shown as changed with them


class Mark(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True)
class Run:
    """Words with one mark, in order."""

    mark: Mark
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as a reader sees them: of a picture what it says, not which file it is."""
        return " ".join(PICTURE.sub("[picture: ", word) for word in self.words)


@dataclass(frozen=True)
class Line:
    """A paragraph, item or row as plain words; `number` is that of a numbered paragraph."""

    words: tuple[str, ...]
    number: str = ""


@dataclass(frozen=True)
class Row:
    """A line of both editions beside each other; `old` or `new` is None where there is no such line."""

    old: Line | None
    new: Line | None
    runs: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether any word is marked."""
        return any(run.mark is not Mark.SAME for run in self.runs)

    @property
    def left(self) -> list[Run]:
        """The runs of the older edition."""
        return [run for run in self.runs if run.mark is not Mark.INSERTED]

    @property
    def right(self) -> list[Run]:
        """The runs of the newer edition."""
        return [run for run in self.runs if run.mark is not Mark.DELETED]


class Fate(StrEnum):
    """What became of a section."""

    SAME = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class ComparedSection:
    """A section of both editions. `name_runs` marks the words of its heading; numbers are compared apart, since a
    section before it may have shifted them all."""

    anchor: str
    fate: Fate
    old_number: str
    new_number: str
    name_runs: tuple[Run, ...]
    rows: tuple[Row, ...]
    moved: bool = False

    @property
    def name(self) -> str:
        """Number and heading as they are in the newer edition, or were in the older."""
        heading = Mark.INSERTED if self.fate is Fate.REMOVED else Mark.DELETED
        words = [run.text for run in self.name_runs if run.mark is not heading]
        number = self.old_number if self.fate is Fate.REMOVED else self.new_number
        return " ".join(part for part in (number, *words) if part)

    @property
    def renumbered(self) -> bool:
        """Whether it is in both and has another number."""
        return self.fate in (Fate.SAME, Fate.CHANGED) and self.old_number != self.new_number

    @property
    def renamed(self) -> bool:
        """Whether it is in both and its heading has other words."""
        return self.fate is Fate.CHANGED and any(run.mark is not Mark.SAME for run in self.name_runs)


@dataclass(frozen=True)
class Comparison:
    """Two editions of a chapter: title, boxes at the head, sections in the order of the newer one (what was removed
    stands where it stood)."""

    title: tuple[Run, ...]
    boxes: tuple[Row, ...]
    sections: tuple[ComparedSection, ...]

    def of(self, fate: Fate) -> list[ComparedSection]:
        """The sections with one fate."""
        return [one for one in self.sections if one.fate is fate]

    @property
    def added(self) -> list[ComparedSection]:
        return self.of(Fate.ADDED)

    @property
    def removed(self) -> list[ComparedSection]:
        return self.of(Fate.REMOVED)

    @property
    def changed(self) -> list[ComparedSection]:
        return self.of(Fate.CHANGED)

    @property
    def moved(self) -> list[ComparedSection]:
        return [one for one in self.sections if one.moved]

    @property
    def renumbered(self) -> list[ComparedSection]:
        return [one for one in self.sections if one.renumbered]

    @property
    def title_changed(self) -> bool:
        return any(run.mark is not Mark.SAME for run in self.title)

    @property
    def boxes_changed(self) -> bool:
        return any(row.changed for row in self.boxes)

    @property
    def nothing_changed(self) -> bool:
        """Whether not a word, a number or a place is different."""
        same = all(one.fate is Fate.SAME and not one.moved and not one.renumbered for one in self.sections)
        return same and not self.title_changed and not self.boxes_changed

    @property
    def words(self) -> tuple[int, int]:
        """How many words of the text were deleted and how many inserted."""
        rows = [*self.boxes, *(row for one in self.sections for row in one.rows)]
        runs = [run for row in rows for run in row.runs]
        counts = [
            sum(len(run.words) for run in runs if run.mark is mark) for mark in (Mark.DELETED, Mark.INSERTED)
        ]
        return counts[0], counts[1]


# ---- Reading HTML ------------------------------------------------------------------------------------------


@dataclass
class _Reader(HTMLParser):
    """Rendered HTML as lines."""

    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.text = ""
        self.number = ""
        self.in_number = 0
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self.hidden += 1
        elif tag in BLOCKS:
            self.end_line()
        elif tag in ("td", "th", "br"):
            self.end_word()
        elif tag == "img":
            self.end_word()
            values = dict(attrs)
            file = re.sub(r"\W", "", str(values.get("src") or "").rpartition("/")[2])[:6]
            self.words.append(f"[picture {file}: {values.get('alt') or 'without words'}]")
        elif tag == "span" and NUMBER_CLASS in str(dict(attrs).get("class")):
            self.in_number = 1
        elif self.in_number:
            self.in_number += tag == "span"

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in BLOCKS:
            # The number of a numbered paragraph stands before the block that holds its text.
            self.end_line()
        elif tag in ("td", "th"):
            self.end_word()
        elif tag == "span" and self.in_number:
            self.in_number -= 1

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.in_number:
            self.number += data.strip()
        else:
            self.text += data

    def end_word(self) -> None:
        self.words += self.text.split()
        self.text = ""

    def end_line(self) -> None:
        self.end_word()
        if self.words:
            self.lines.append(Line(tuple(self.words), self.number))
            self.words, self.number = [], ""


def lines_of(html: str) -> list[Line]:
    """The lines of rendered HTML, in reading order. Any string at all is taken."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return reader.lines


def words_of(html: str) -> list[str]:
    """Every word of rendered HTML but the numbers of paragraphs, in reading order."""
    return [word for line in lines_of(html) for word in line.words]


# ---- Comparing ---------------------------------------------------------------------------------------------


def compare_words(old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    """The words of both, each deleted, inserted or the same, in an order in which one can read them."""
    old, new = tuple(old), tuple(new)
    if old == new:
        return (Run(Mark.SAME, old),) if old else ()
    if len(old) * len(new) > MOST_CELLS:
        return _runs([(Mark.DELETED, old), (Mark.INSERTED, new)])
    pieces: list[tuple[Mark, tuple[str, ...]]] = []
    steps = list(_steps(old, new))
    for place, (before, after) in enumerate(steps):
        if before != after or _is_island(steps, place):
            pieces += [(Mark.DELETED, before), (Mark.INSERTED, after)]
        else:
            pieces.append((Mark.SAME, before))
    return _runs(pieces)


def _steps(old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Both sequences cut into pieces that are the same and, between two of those, what is not."""
    at_old = at_new = 0
    for step in LCSseq.opcodes(old, new):
        same = old[step.src_start : step.src_end]
        if same and same == new[step.dest_start : step.dest_end]:
            if at_old < step.src_start or at_new < step.dest_start:
                yield old[at_old : step.src_start], new[at_new : step.dest_start]
            yield same, same
            at_old, at_new = step.src_end, step.dest_end
    if at_old < len(old) or at_new < len(new):
        yield old[at_old:], new[at_new:]


def _is_island(steps: Sequence[tuple[tuple[Any, ...], tuple[Any, ...]]], place: int) -> bool:
    """Whether a word or two that happen to be the same stand alone between two longer changes: they say nothing, and
    are shown as changed."""
    here = len(steps[place][0])
    if not 0 < place < len(steps) - 1 or here > ISLAND:
        return False
    return all(max(map(len, steps[beside])) > here for beside in (place - 1, place + 1))


def _runs(pieces: Sequence[tuple[Mark, tuple[str, ...]]]) -> tuple[Run, ...]:
    """Pieces as runs: between two runs that are the same, first all that was deleted, then all that was inserted."""
    runs: list[Run] = []
    deleted: list[str] = []
    inserted: list[str] = []

    def settle() -> None:
        for mark, words in ((Mark.DELETED, deleted), (Mark.INSERTED, inserted)):
            if words:
                runs.append(Run(mark, tuple(words)))
                words.clear()

    for mark, words in pieces:
        if not words:
            continue
        if mark is Mark.DELETED:
            deleted += words
        elif mark is Mark.INSERTED:
            inserted += words
        else:
            settle()
            runs.append(Run(mark, words))
    settle()
    return tuple(runs)


def compare_lines(old: Sequence[Line], new: Sequence[Line]) -> tuple[Row, ...]:
    """The lines of both beside each other."""
    rows: list[Row] = []
    at_old = at_new = 0
    for before, after in _steps(tuple(line.words for line in old), tuple(line.words for line in new)):
        older, newer = old[at_old : at_old + len(before)], new[at_new : at_new + len(after)]
        at_old, at_new = at_old + len(before), at_new + len(after)
        if before == after:
            rows += [Row(*both, (Run(Mark.SAME, both[0].words),)) for both in zip(older, newer, strict=True)]
        else:
            rows += [_row(*both) for both in _pairs(older, newer)]
    return tuple(rows)


def _row(old: Line | None, new: Line | None) -> Row:
    return Row(old, new, compare_words(old.words if old else (), new.words if new else ()))


def _pairs(old: Sequence[Line], new: Sequence[Line]) -> list[tuple[Line | None, Line | None]]:
    """Lines that were changed, each with the line that it became; None where it has become none."""
    pairs: list[tuple[Line | None, Line | None]] = []
    if len(old) * len(new) > MOST_PAIRS:
        together = list(zip(old, new, strict=False))
        pairs += together
        pairs += [(line, None) for line in old[len(together) :]]
        return pairs + [(None, line) for line in new[len(together) :]]
    # The best pairing in order: best[i][j] is for the lines from i and j on.
    likeness = [[_likeness(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            together_score = best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together_score)
    i = j = 0
    while i < len(old) or j < len(new):
        both = i < len(old) and j < len(new) and likeness[i][j] >= ALIKE
        if both and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or best[i][j] == best[i + 1][j]):
            pairs.append((old[i], None))
            i += 1
        else:
            pairs.append((None, new[j]))
            j += 1
    return pairs


def _likeness(old: Line, new: Line) -> float:
    if len(old.words) * len(new.words) > MOST_CELLS:
        return 0.0
    return float(LCSseq.normalized_similarity(old.words, new.words))


def compare_chapters(old: RenderedChapter, new: RenderedChapter) -> Comparison:
    """An older edition with a newer one of the same chapter."""
    before = {one.anchor: one for one in old.sections}
    after = {one.anchor: one for one in new.sections}
    moved = _moved([one.anchor for one in old.sections], [one.anchor for one in new.sections])
    sections = [
        _section(before.get(anchor), after.get(anchor), anchor in moved)
        for anchor in _in_order(list(before), list(after))
    ]
    return Comparison(
        compare_words(old.name.split(), new.name.split()),
        compare_lines(lines_of(old.boxes), lines_of(new.boxes)),
        tuple(sections),
    )


def _section(old: RenderedSection | None, new: RenderedSection | None, moved: bool) -> ComparedSection:
    either = new or old
    assert either is not None
    name_runs = compare_words(old.heading.split() if old else (), new.heading.split() if new else ())
    rows = compare_lines(lines_of(old.html) if old else (), lines_of(new.html) if new else ())
    if old is None:
        fate = Fate.ADDED
    elif new is None:
        fate = Fate.REMOVED
    else:
        marked = any(run.mark is not Mark.SAME for run in name_runs) or any(row.changed for row in rows)
        fate = Fate.CHANGED if marked else Fate.SAME
    old_number, new_number = (old.number if old else ""), (new.number if new else "")
    return ComparedSection(either.anchor, fate, old_number, new_number, name_runs, rows, moved)


def _in_order(old: list[str], new: list[str]) -> list[str]:
    """All addresses in the new order; each that is gone after the one that it stood behind."""
    order = list(new)
    known = set(new)
    for place, anchor in enumerate(old):
        if anchor not in known:
            order.insert(order.index(old[place - 1]) + 1 if place else 0, anchor)
            known.add(anchor)
    return order


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The fewest sections whose moving explains the new order: those outside the longest run that kept its order."""
    places = {anchor: place for place, anchor in enumerate(old)}
    common = [anchor for anchor in new if anchor in places]
    tails: list[int] = []  # the smallest last place of a kept run of each length
    at: list[int] = []  # the anchor (place in common) that holds each tail
    behind: list[int] = []
    for index, anchor in enumerate(common):
        length = bisect_left(tails, places[anchor])
        behind.append(at[length - 1] if length else -1)
        if length == len(tails):
            tails.append(places[anchor])
            at.append(index)
        else:
            tails[length], at[length] = places[anchor], index
    kept: set[str] = set()
    index = at[-1] if at else -1
    while index >= 0:
        kept.add(common[index])
        index = behind[index]
    return set(common) - kept
