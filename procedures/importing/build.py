"""Puts the units under their headings: paragraphs, lists, tables and boxes, in the order of the file."""

import re
from collections.abc import Collection, Mapping, Sequence

from procedures.importing.contents import normal
from procedures.importing.headings import (
    QUESTION,
    SENTENCE,
    VERB,
    Heading,
    follows,
    introduces,
    is_styled,
    text_score,
)
from procedures.importing.labels import Label
from procedures.importing.structure import Block, Box, Item, ListOfItems, Paragraph, Section
from procedures.importing.units import CLOSING, Unit

TITLE_WORDS = 10
POINTER = re.compile(
    r"(?:see|please|click|for\s+(?:more|further|details?|information|guidance|example|advice)|refer|dear|re|yours|thank\s+you|(?:kind|best)\s+regards|tel|telephone|e-?mail|fax|date|note|caption|"
    r"(?:table|figure|fig|diagram|chart)\.?\s+[0-9A-Z]{1,3})\b",
    re.I,
)
LARGEST_GAP = 3  # a. b. d. is a list with a gap; a. b. P. is not
NEAR = 12  # units in which the second item of a list is looked for
BEHIND_LABEL = re.compile(r"(?<=[:–—-])(?=\s)")  # between a box's label and text on the same line
TIGHT = 8  # units; a file of this many with hardly a blank line sets its headings apart by their words only
LOUD = {"AND", "OR", "EITHER", "NOTE", "BUT", "NOT", "YES", "THEN", "NB", "PLEASE NOTE", "IMPORTANT"}
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][A-Z]{2}")
LINKED = re.compile(r"(?:and|or|but|nor)\b", re.I)
MODAL = re.compile(r"\b(?:must|should|shall|will|may|can)\b", re.I)
SALUTATION = re.compile(r"dear\b.{0,60}", re.I)
LETTER = re.compile(r"\b(?:letters?|invitation|notification|notice|e-?mail|template)\b", re.I)
# Headings at the head or end of a document, which stand above lists of names more often than above sentences.
COMMON = {
    "document control", "version control", "document history", "version history", "further information", "references",
    "bibliography", "useful contacts", "useful links", "useful websites", "contact details", "further reading",
    "glossary", "acknowledgements", "useful numbers", "key contacts",
}  # fmt: skip
AT_THE_END = {
    "further information",
    "references",
    "bibliography",
    "further reading",
    "acknowledgements",
    "glossary",
}
LONG_TEXT = 20  # words; what follows a heading inside a box of links is at least this long


class Builder:
    """Reads the units once, keeping the open section, box and list."""

    def __init__(
        self, units: Sequence[Unit], headings: Mapping[int, Heading], named: Collection[str] = ()
    ) -> None:
        self.units = units
        self.headings = headings
        self.named = named  # what the printed list of contents names
        apart = sum(unit.blank_before for unit in units)
        self._colons = self._colon_headings()
        self._styled = is_styled(units)
        self._tight = len(units) >= TIGHT and apart * 10 <= len(units)
        self.boxes: list[Box] = []
        self.sections: list[Section] = []
        self._box: Box | None = None
        self._list: ListOfItems | None = None
        self._open: list[Item] = []  # the item at each depth of the open list
        self._indents: list[int] = []
        self._numbered_level = 0
        self._loud_headings = False
        self._runs_on = self._headings_above_text()
        self._paths: set[tuple[int, ...]] = set()  # numbers seen so far

    def build(self) -> None:
        """Fill `boxes` and `sections`."""
        if not self.headings:
            # where only some headings are in capitals, the others stand below them
            self._loud_headings = sum(
                self.units[position].capitals and self._is_plain_heading(position)
                for position in range(len(self.units))
            ) >= 2  # fmt: skip
        position = 0
        while position < len(self.units):
            position = self._place(position)

    def _place(self, position: int) -> int:
        """Place the unit at `position`; the position of the next one to place."""
        unit = self.units[position]
        heading = self.headings.get(position)
        if heading is not None:
            return self._numbered(position, heading)
        if unit.box and not self._is_entry(unit):
            self._start_box(unit)
        elif unit.table is not None:
            self._add(unit.table)
        elif self._is_plain_heading(position):
            title = unit.text.removesuffix(":") if position in self._colons else unit.text
            self._start(unit.source, unit, "", title, self._plain_level(position))
        elif (unit.bullet and not _numbers_a_paragraph(unit)) or self._is_item(position):
            self._item(unit)
        else:
            self._paragraph(unit)
        return position + 1

    # headings

    def _numbered(self, position: int, heading: Heading) -> int:
        unit = self.units[position]
        source, title, following = unit.source, unit.text, position + 1
        if not title and heading.kind in {"appendix", "part"} and self._names(following):
            source, title = f"{source}\n{self.units[following].source}", self.units[following].text
            following += 1
        self._numbered_level = heading.level
        if unit.label is not None:
            self._paths.add(unit.label.path)
        if self.headings[position].kind in {"plain", "part"}:
            title = title.rstrip(":") or title
        self._start(source, unit, heading.number, title, heading.level)
        return following

    def _names(self, position: int) -> bool:
        """Whether the unit is the title of the "Appendix A" that stands above it."""
        if position >= len(self.units) or position in self.headings:
            return False
        unit = self.units[position]
        return unit.plain and unit.words <= 15 and unit.blank_after and text_score(unit.text) >= 1.0

    def _start(self, source: str, unit: Unit, number: str, title: str, level: int) -> None:
        self._box = None
        self._close_list()
        self.sections.append(
            Section(source=source, line=unit.line, number=number, title=title, level=level, names=unit.names)
        )

    def _plain_level(self, position: int) -> int:
        """One below the numbered section it stands in, but not below the numbered heading that it stands right above;
        by its marks (##) or its capitals where nothing is numbered."""
        unit = self.units[position]
        if self._numbered_level:
            if normal(unit.text)[1] in self.named or self._closes_the_chapter(position):
                return 1
            following = self.headings.get(position + 1)
            level = self._numbered_level + 1
            return min(level, following.level) if following is not None else level
        if unit.hashes:
            return max(1, unit.hashes - 1)
        return 2 if self._loud_headings and not unit.capitals else 1

    def _closes_the_chapter(self, position: int) -> bool:
        """Whether this is "References" or the like behind the last section; appendices may follow."""
        after = (heading for at, heading in self.headings.items() if at > position)
        named = self.units[position].text.lower().rstrip(": ") in AT_THE_END
        return named and all(heading.kind == "appendix" for heading in after)

    def _is_plain_heading(self, position: int) -> bool:
        """A short line by itself, no sentence, with text under it."""
        unit = self.units[position]
        if not unit.plain or not unit.text:
            return False
        if unit.hashes:
            return True
        if self._styled and not unit.bold:
            return False  # where styles say what a heading is, a short line is only a short line
        following = self.units[position + 1] if position + 1 < len(self.units) else None
        if position in self._colons:
            return True
        if following is None or introduces(unit.text) or unit.text.endswith((".", ";", ",")):
            return False
        if any(character in unit.text for character in "@[]…") or "://" in unit.text or "...." in unit.text:
            return False
        if not unit.text[:1].isupper() or POINTER.match(unit.text) or POSTCODE.fullmatch(unit.text):
            return False
        question = unit.text.endswith("?")
        if question and following.plain and following.text.endswith("?"):
            return False  # questions one after the other, to be asked
        apart = unit.blank_before or self._tight
        asks = question or unit.capitals or QUESTION.match(unit.text)
        if LINKED.match(unit.text) or (MODAL.search(unit.text) and not asks):
            return False  # "AND ALWAYS" joins two lists; "The worker should" is a sentence that a break cut
        if unit.text.lower() in COMMON and apart:
            return self._box is None or following.plain
        if normal(unit.text)[1] in self.named and apart and unit.words <= 2 * TITLE_WORDS:
            return True
        score = text_score(unit.text)
        short = unit.words <= TITLE_WORDS and score >= (1.5 if unit.text.endswith("?") else 2.0)
        loud = unit.capitals and unit.text not in LOUD and not following.capitals
        named = unit.words > 1 or unit.text.istitle() or (loud and len(unit.text) > 4)
        if not (short and named and self._stands_apart(position, loud)):
            return False
        if self._box is not None and self._box.kind in {"related", "guidance"}:
            return following.plain and following.words >= LONG_TEXT and following.text.endswith(".")
        if self._box is not None:
            return following.plain and following.words >= 12
        heads_numbers = position + 1 in self.headings
        heads_text = is_sentence(following) or bool(following.bullet) or following.table is not None
        heads_letter = bool(LETTER.search(unit.text) and SALUTATION.fullmatch(following.text))
        heads_text = heads_text or heads_letter or self._heads_a_heading(position)
        return heads_text or (heads_numbers and bool(self._numbered_level) and not following.keyword)

    def _colon_headings(self) -> set[int]:
        """Where nothing is numbered, lines such as "Key messages:" right above their text, if there are several."""
        found = {
            position
            for position, (unit, following) in enumerate(zip(self.units, self.units[1:], strict=False))
            if unit.plain
            and unit.text.endswith(":")
            and unit.words <= 8
            and unit.blank_before
            and not unit.blank_after
            and unit.text[:1].isupper()
            and not VERB.search(unit.text)
            and not POINTER.match(unit.text)
            and not following.table
        }
        above_text = any(self.units[position + 1].plain for position in found)
        return found if len(found) >= 3 and above_text and not self.headings else set()

    def _heads_a_heading(self, position: int) -> bool:
        """Whether a line in capitals stands above a heading that is not, with text below that."""
        if position + 2 >= len(self.units) or position + 1 in self.headings:
            return False
        unit, following, text = self.units[position : position + 3]
        return (
            unit.capitals
            and not following.capitals
            and following.plain
            and following.isolated
            and following.words <= TITLE_WORDS
            and text_score(following.text) >= 2.0
            and is_sentence(text)
        )

    def _headings_above_text(self) -> set[int]:
        """Short lines right above their text with a blank line before them, where the file does so three times."""
        found = {
            position
            for position, (unit, following) in enumerate(zip(self.units, self.units[1:], strict=False))
            if unit.plain
            and unit.blank_before
            and not unit.blank_after
            and unit.words <= 8
            and not unit.text.endswith((*CLOSING, ","))
            and ((following.plain and is_sentence(following)) or following.table is not None)
            and (following.text[:1].isupper() or following.table is not None)
        }
        return found if len(found) >= 3 else set()

    def _stands_apart(self, position: int, loud: bool) -> bool:
        """Whether white space, capitals or, in a file without white space, its place sets this line apart."""
        unit = self.units[position]
        if unit.isolated or position in self._runs_on:
            return True
        before = self.units[position - 1] if position else None
        ended = before is None or not before.plain or before.text.endswith(CLOSING)
        if loud:
            return unit.blank_before or ended
        following = self.units[position + 1]
        return self._tight and ended and unit.words <= 8 and is_sentence(following)

    # boxes

    def _is_entry(self, unit: Unit) -> bool:
        """Whether "Statutory guidance" is named inside a box of its kind, and labels no box of its own."""
        same = self._box is not None and self._box.kind == unit.box
        return same and not (unit.capitals or unit.hashes or unit.box_rest or unit.text.endswith(":"))

    def _start_box(self, unit: Unit) -> None:
        self._close_list()
        box = Box(
            source=unit.source, line=unit.line, kind=unit.box, title=unit.text.strip("*#_ ").rstrip(": ")
        )
        self._add(box)
        self._box = box
        if unit.box_rest:
            end = BEHIND_LABEL.search(unit.source)
            cut = end.start() if end else len(unit.source)
            box.source, rest = unit.source[:cut], unit.source[cut:].strip()
            box.blocks.append(Paragraph(source=rest, line=unit.line, text=unit.box_rest))

    # what stands in a section or box

    def _add(self, block: Block | Box) -> None:
        if not isinstance(block, ListOfItems):
            self._close_list()
        if isinstance(block, Box):
            if self.sections:
                self.sections[-1].blocks.append(block)
            else:
                self.boxes.append(block)
            return
        if self._box is not None:
            self._box.blocks.append(block)
            if self._box.kind == "note":
                self._box = None  # how far a note goes is not marked: it is the one block that follows
            return
        if not self.sections:
            self.sections.append(Section(source="", line=self._line(block), number="", title="", level=1))
        self.sections[-1].blocks.append(block)

    @staticmethod
    def _line(block: Block) -> int:
        first: Item | Paragraph | object = block
        if isinstance(block, ListOfItems):
            first = block.items[0]
        elif not isinstance(block, Paragraph):
            first = block.rows[0]
        return int(getattr(first, "line", 1))

    def _paragraph(self, unit: Unit) -> None:
        label = unit.label
        if label is not None and self._numbers_paragraph(unit, label):
            text, marker, number = unit.text, unit.marker, label.number
            self._paths.add(label.path)
        elif label is not None or unit.keyword is not None:
            text, marker, number = _whole(unit), "", ""  # "A. Smith", "(s)he", "3 Children who …"
        else:
            text, marker, number = unit.text, unit.marker, ""
        spans = unit.spans_in(text)
        self._add(
            Paragraph(
                source=unit.source, line=unit.line, text=text, marker=marker, number=number, spans=spans
            )
        )

    def _numbers_paragraph(self, unit: Unit, label: Label) -> bool:
        """Whether "4.2" is the number of a paragraph, and not a time or an amount at its start ("10.30 is …")."""
        if len(label.path) < 2:
            return bool(label.path) and unit.alone
        known = label.path[:-1] in self._paths or (*label.path[:-1], label.path[-1] - 1) in self._paths
        return known or not unit.text[:1].islower()

    # lists

    def _is_item(self, position: int) -> bool:
        """A number or letter that is no heading makes an item, "4.1" or a number on its own line a
        paragraph."""
        unit = self.units[position]
        label = unit.label
        if label is None or unit.alone or len(label.path) > 1 or not unit.text:
            return False
        if unit.lines[0].printed:
            return True
        if label.path:
            return label.delimited and not label.lead
        first = label.letter == 1 or label.roman == 1
        if first and label.capital and not label.bracketed:
            # "A. Smith" is a name unless a B. comes soon
            first = any(
                follows(label, later.label) for later in self.units[position + 1 : position + 1 + NEAR]
            )
        return first or (label.bracketed and not label.glued) or self._goes_on(label)

    def _goes_on(self, label: Label) -> bool:
        """Whether a letter with a full stop ("C. …") goes on with the open list, and is not somebody's
        initial."""
        return any(
            item.value < value <= item.value + LARGEST_GAP and item.style.lower() == style
            for item in self._open
            for value, style in ((label.letter, "letter"), (label.roman, "roman"))
            if value
        )

    def _item(self, unit: Unit) -> None:
        style, value = self._style(unit)
        depth = self._depth(unit, style)
        same = self._open[depth] if depth < len(self._open) else None
        restarts = value == 1 and same is not None and same.style == style and depth == 0
        if self._list is None or (depth == 0 and self._list.style != style) or restarts:
            self._close_list()
            depth = 0
            self._list = ListOfItems()
            listed = True
        else:
            listed = False
        item = Item(
            source=unit.source,
            line=unit.line,
            text=unit.text,
            marker=unit.marker,
            style=style,
            depth=depth,
            value=value,
            spans=unit.spans_in(unit.text),
        )
        self._list.items.append(item)
        self._open = [*self._open[:depth], item]
        self._indents = [*self._indents[:depth], unit.indent]
        if listed:
            box, added = self._box, self._list
            self._add(added)
            if box is not None and box.kind == "note":
                self._box = None

    def _close_list(self) -> None:
        self._list, self._open, self._indents = None, [], []

    def _style(self, unit: Unit) -> tuple[str, int]:
        label = unit.label
        if label is None:
            return "bullet", 0
        if label.path:
            return "number", label.path[0]
        letter, roman = ("LETTER", "ROMAN") if label.capital else ("letter", "roman")
        for item in reversed(self._open):
            if item.style == letter and label.letter == item.value + 1:
                return letter, label.letter
            if item.style == roman and label.roman == item.value + 1:
                return roman, label.roman
        if label.roman and (label.roman == 1 or not label.letter):
            return roman, label.roman
        return letter, label.letter

    def _depth(self, unit: Unit, style: str) -> int:
        """By indentation; at the same indentation another kind of marker opens a list inside, or closes
        one."""
        if unit.lines[0].printed:  # the document says how deep it is
            return sum(indent < unit.indent for indent in self._indents)
        depth = len(self._open) - 1
        while depth > 0 and self._indents[depth] > unit.indent:
            depth -= 1
        if depth < 0:
            return 0
        if unit.indent > self._indents[depth]:
            return depth + 1
        kind = (style, unit.bullet if style == "bullet" else "")
        for level in range(depth, -1, -1):
            item = self._open[level]
            if self._indents[level] < unit.indent:
                break
            bullet = item.marker if item.style == "bullet" else ""
            if (item.style, bullet) == kind:
                return level
        return 0 if unit.blank_before and depth == 0 else depth + 1


def is_sentence(unit: Unit) -> bool:
    """Whether this is running text, which a heading may stand above."""
    if not (unit.plain or unit.label is not None):
        return False
    ends = unit.words >= 4 and unit.text.endswith((".", "?", "!", ";"))
    return unit.words >= 12 or ends or introduces(unit.text) or bool(SENTENCE.search(unit.text))


def _numbers_a_paragraph(unit: Unit) -> bool:
    """ "- 4.1 …": a bullet that a converter put before a number; an item could not keep the number."""
    return unit.label is not None and (len(unit.label.path) > 1 or bool(unit.label.lead))


def _whole(unit: Unit) -> str:
    """The text of a unit with what looked like its number."""
    glued = unit.label is not None and unit.label.glued
    return f"{unit.marker}{'' if glued else ' '}{unit.text}".strip()
