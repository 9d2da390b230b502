"""Lines joined to units: a paragraph, an item, a heading; each still with everything it was made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from procedures.importing.labels import (
    INLINE_BOX,
    NOTE_BOX,
    Keyword,
    Label,
    box_kind,
    split_bullet,
    split_keyword,
    split_label,
)
from procedures.importing.lines import Line
from procedures.importing.structure import Span, Table

HASHES = re.compile(r"(?P<hashes>#{1,6})\s+(?P<rest>.*)", re.S)
BOLD = re.compile(r"(?P<open>\*{2,3}|__)(?P<rest>\S(?:.*\S)?)(?P=open)", re.S)
FILLER = "Text"  # stands for the words behind a number while the number is read
CLOSING = tuple(".;:?!")
OPEN_END = re.compile(
    r"\b(?:within|at least|at most|up to|more than|less than|longer than|under|over|every|the|a|an|of|for|to|by|on|"
    r"from|and|or|between|after|before|about|until|in|with|is|are|section|part|chapter|regulation|paragraph)$"
)  # a line that ends so goes on: "within", and on the next line "6 weeks"
BROKEN = re.compile(r"([^\W\d_]{2,})-$")
LONGEST_WORD = 60  # characters that a broken word is looked for in
LONGEST_PARAGRAPH = (
    20_000  # characters; lines beyond are a paragraph of their own, so that reading stays linear
)
REST = re.compile(r"[a-z]{2,}")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass
class Unit:
    """One thing of the chapter before it is known whether it is a heading."""

    lines: list[Line]
    text: str
    marker: str = ""
    bullet: str = ""
    label: Label | None = None
    keyword: Keyword | None = None
    box: str = ""
    box_rest: str = ""
    hashes: int = 0
    bold: bool = False
    alone: bool = False  # the number stood on a line of its own
    table: Table | None = None
    words: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.words = len(self.text.split())

    @property
    def line(self) -> int:
        return self.lines[0].number

    @property
    def source(self) -> str:
        return "\n".join(line.raw for line in self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """By which links inside the document point at this."""
        return tuple(name for line in self.lines for name in line.names)

    def spans_in(self, text: str) -> tuple[Span, ...]:
        """Emphasis and links of the lines, as they lie in `text`, which is the lines' text or the end of it."""
        spans: list[Span] = []
        at = 0
        for line in self.lines:
            spans += [replace(span, start=span.start + at, end=span.end + at) for span in line.spans]
            at += len(line.text) + 1
        whole = " ".join(line.text for line in self.lines)
        if not spans or not (whole.endswith(text) or text.endswith(whole)):
            return ()
        shift = len(text) - len(whole)
        moved = (replace(one, start=max(0, one.start + shift), end=one.end + shift) for one in spans)
        return tuple(span for span in moved if span.end > span.start)

    @property
    def indent(self) -> int:
        return self.lines[0].indent

    @property
    def blank_before(self) -> bool:
        return self.lines[0].blank_before

    @property
    def blank_after(self) -> bool:
        return self.lines[-1].blank_after

    @property
    def isolated(self) -> bool:
        return self.blank_before and self.blank_after

    @property
    def plain(self) -> bool:
        """Nothing at its start says what it is."""
        return not (self.bullet or self.label or self.keyword or self.box or self.table)

    @property
    def capitals(self) -> bool:
        letters = [character for character in self.text if character.isalpha()]
        return len(letters) > 3 and all(character.isupper() for character in letters)


def read_unit(line: Line) -> Unit:
    """What a single line is, by its start alone."""
    if line.printed:
        return _read_printed(line)
    text = line.text
    hashes = bold = 0
    match = HASHES.fullmatch(text)
    if match is not None:
        hashes, text = len(match["hashes"]), match["rest"]
    hashes = line.heading or hashes
    note = NOTE_BOX.fullmatch(text)
    if note is not None:
        return Unit([line], note["title"], marker=note["mark"], box="note")
    kind = box_kind(text)
    if kind:
        return Unit([line], text, box=kind, hashes=hashes)
    inline = INLINE_BOX.fullmatch(text)
    if inline is not None and box_kind(inline["label"]):
        return Unit(
            [line], inline["label"], box=box_kind(inline["label"]), box_rest=inline["rest"], hashes=hashes
        )
    bullet, rest = split_bullet(text)
    whole = BOLD.fullmatch(rest)
    if whole is not None and not bullet and whole["open"] not in whole["rest"]:
        bold, rest = 1, whole["rest"]
    keyword, after = (None, rest) if bullet else split_keyword(rest)
    label = None
    if keyword is None:
        label, after = split_label(rest)
        whole = BOLD.fullmatch(after)
        if label is not None and whole is not None:
            bold, after = 1, whole["rest"]
    marker = text[: len(text) - len(rest)] if bullet else ""
    if keyword is not None or label is not None:
        marker += (
            rest[: len(rest) - len(after)]
            if not bold
            else (keyword.printed if keyword else label.printed if label else "")
        )
    return Unit(
        [line],
        after.strip(),
        marker=marker.strip(),
        bullet=bullet,
        label=label,
        keyword=keyword,
        hashes=hashes,
        bold=bool(bold) or line.bold,
    )


def _read_printed(line: Line) -> Unit:
    """A line whose bullet or number the document makes by itself."""
    unit = Unit([line], line.text, marker=line.printed, hashes=line.heading, bold=line.bold)
    if split_bullet(line.printed)[0]:
        unit.bullet = line.printed
        return unit
    keyword, rest = split_keyword(f"{line.printed} {FILLER}")
    label, after = (None, "") if keyword else split_label(f"{line.printed} {FILLER}")
    if keyword is not None and rest == FILLER:
        unit.keyword = replace(keyword, separated=True)
    elif label is not None and after == FILLER:
        unit.label = replace(label, delimited=True)
    else:
        unit.text, unit.marker = f"{line.printed} {line.text}".strip(), ""
        unit.words = len(unit.text.split())
    return unit


def wrap_width(lines: Sequence[Line]) -> int:
    """The column at which the file's lines were broken, or 0 when each line is a whole paragraph."""
    lengths = sorted(
        len(line.raw.rstrip())
        for line, following in zip(lines, lines[1:], strict=False)
        if not line.blank_after and following.text[:1].islower() and not split_bullet(following.text)[0]
    )
    if len(lengths) < 3:
        return 0
    width = lengths[int(len(lengths) * 0.9)]
    return width if 40 <= width <= 140 else 0


def continues(unit: Unit, previous: Line, following: Unit, width: int) -> bool:
    """Whether `following`, a line without a blank line before it, belongs to the sentence of `unit`."""
    line = following.lines[0]
    if line.blank_before or not following.plain or following.hashes or following.bold or unit.hashes:
        return False
    first = line.text[:1]
    open_end = not previous.text.endswith(CLOSING)
    if first.islower() or first in ")]”’," or line.text.startswith(("(http", "(www")):
        return True
    if unit.bullet and line.indent > unit.indent and open_end:
        return True
    if first.isdigit() and OPEN_END.search(previous.text) and not (unit.keyword or line.page_start):
        return True
    if not width:
        return False
    room = width - len(previous.raw.rstrip())
    word = len(line.text.split(maxsplit=1)[0])
    if unit.label is not None or unit.keyword is not None:
        return word >= room  # a heading is followed by its text without a blank line often enough
    return word >= room or (open_end and room < width * 0.25)


def read_units(
    lines: Sequence[Line],
    left_out: set[int],
    tables: dict[int, tuple[int, Table]],
    breaks: set[int] = frozenset(),  # type: ignore[assignment]
) -> list[Unit]:
    """All units of the chapter in order, wrapped lines joined (also across the page `breaks`, which are left out)
    and lone numbers given the line they stand before."""
    width = wrap_width(lines)
    hyphens = Hyphens(lines)
    units: list[Unit] = []
    position = 0
    while position < len(lines):
        if position in left_out:
            position += 1
            continue
        if position in tables:
            end, table = tables[position]
            units.append(Unit(list(lines[position:end]), "", table=table))
            position = end
            continue
        unit = read_unit(lines[position])
        position += 1
        if (
            not unit.text
            and not unit.lines[0].printed
            and (unit.bullet or unit.label)
            and _next_is_plain(lines, position, left_out, tables, unit)
        ):
            following = read_unit(lines[position])
            unit.lines.append(lines[position])
            unit.text, unit.bold, unit.alone = following.text, following.bold, True
            position += 1
        while not unit.box and len(unit.text) < LONGEST_PARAGRAPH:
            over = position
            while over in breaks:
                over += 1
            if over >= len(lines) or over in left_out or over in tables:
                break
            following = read_unit(lines[over])
            across = over > position
            if not (
                _goes_on_overleaf(unit, following)
                if across
                else continues(unit, lines[position - 1], following, width)
            ):
                break
            unit.lines.append(lines[over])
            unit.text = hyphens.joined(unit.text, lines[over].text)
            position = over + 1
        unit.words = len(unit.text.split())
        units.append(unit)
    return units


def _goes_on_overleaf(unit: Unit, following: Unit) -> bool:
    """Whether a sentence that a page's end broke goes on with this line."""
    first = following.text[:1]
    return following.plain and first.islower() and not unit.text.endswith(CLOSING) and bool(unit.text)


KEEPS_HYPHEN = {
    "multi", "inter", "non", "co", "pre", "post", "self", "well", "re", "anti", "semi", "part", "full", "long", "short",
    "cross", "sub", "mid", "day", "face", "follow", "drop", "out", "on", "up", "in", "ex", "step", "half", "decision",
}  # fmt: skip


class Hyphens:
    """Words that were broken at the end of a line, mended by how the rest of the file writes them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words: set[str] | None = None
        self._lines = lines

    def joined(self, text: str, following: str) -> str:
        """Two lines as one text."""
        if not text:
            return following
        match = BROKEN.search(text[-LONGEST_WORD:])
        rest = REST.match(following)
        if match is None or rest is None:
            return f"{text} {following}"
        before, after = match[1].lower(), rest[0].lower()
        if self._words is None:
            self._words = {word for line in self._lines for word in WORD.findall(line.text.lower())}
        hyphened = f"{before}-{after}" in self._words
        whole = f"{before}{after}" in self._words
        if hyphened or (before in KEEPS_HYPHEN and not whole):
            return f"{text}{following}"
        return f"{text[:-1]}{following}"


def _next_is_plain(
    lines: Sequence[Line], position: int, left_out: set[int], tables: dict[int, tuple[int, Table]], unit: Unit
) -> bool:
    if position >= len(lines) or position in left_out or position in tables:
        return False
    if unit.bullet and not unit.label and lines[position].blank_before:
        return False
    if (
        unit.label is not None
        and not unit.label.delimited
        and len(unit.label.path) < 2
        and lines[position].blank_before
    ):
        # a bare "12" between blank lines is as likely the number of a page
        return _title_like(lines[position].text) and read_unit(lines[position]).plain
    following = read_unit(lines[position])
    return following.plain and not following.hashes


def _title_like(text: str) -> bool:
    return len(text.split()) <= 12 and text[:1].isupper() and not text.endswith(CLOSING) and read_plain(text)


def read_plain(text: str) -> bool:
    """Whether a line starts with no bullet, number or label."""
    return not (split_bullet(text)[0] or split_keyword(text)[0] or split_label(text)[0] or box_kind(text))
