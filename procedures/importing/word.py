"""Word documents (.docx) to lines. Words are those of all text in the document, its notes, comments, headers and
footers; numbers that Word makes by itself are no words."""

import re
from dataclasses import dataclass, field
from typing import Any

from procedures.importing.labels import box_kind
from procedures.importing.lines import Line, visible
from procedures.importing.package import Package, xml
from procedures.importing.parse import read_lines
from procedures.importing.reading import UnreadableChapter
from procedures.importing.structure import Chapter, Dropped, Item, Problem, Row, Table
from procedures.importing.word_numbers import Numbering, W, whole
from procedures.importing.word_text import (
    Piece,
    address_of,
    by_line,
    by_reason,
    text_and_spans,
    with_address,
    without_marks,
)
from procedures.importing.word_xml import (
    BREAKS,
    DELETED,
    MC,
    SPACES,
    M,
    Style,
    children,
    chosen,
    count_words,
    in_fallback,
    inside_text_box,
    on,
    styles,
    targets,
    value,
)

MAXIMUM_BYTES = 100_000_000
MOST_LINES = 100_000
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@dataclass
class Read:
    """What is found in one paragraph."""

    pieces: list[Piece] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)  # contents of text boxes
    pictures: list[str] = field(default_factory=list)  # what each shows, where it says so
    names: list[str] = field(default_factory=list)
    inserted: bool = False


class Document:
    """One document while it is read."""

    def __init__(self, data: bytes) -> None:
        self.package = Package(data)
        names = set(self.package.names)
        if "word/document.xml" not in names:
            raise UnreadableChapter("The file is no Word document (.docx): it has no text part.")
        self.names = names
        self.root = self._part("word/document.xml")
        self.styles = styles(self._part("word/styles.xml"))
        self.numbering = Numbering.read(self._part("word/numbering.xml"))
        self.targets = targets(self._part("word/_rels/document.xml.rels"))
        self.lines: list[Line] = []
        self.dropped: list[Dropped] = []
        self.problems: list[Problem] = []
        self.notes: list[Item] = []
        self.note_numbers: dict[tuple[str, str], int] = {}
        self.fields: list[str] = []  # instructions of the fields that are open
        self.place = 1  # of the paragraph, from 1
        self.insertions = 0

    def _part(self, name: str) -> Any:
        return xml(self.package.read(name)) if name in self.names else None

    def read(self) -> Chapter:
        """The chapter. Raises UnreadableChapter and WordsLost."""
        body = self.root.find(f"{W}body")
        words = count_words(self.root)
        if body is not None:
            self._blocks(body)
        words += self._read_notes() + self._read_aside()
        self._tell_what_was_left()
        if len(self.lines) > MOST_LINES:
            raise UnreadableChapter("The document is too long to be one chapter. Split it first.")
        if not self.lines:
            raise UnreadableChapter(
                "The document has no text. If it is a scan, its text has to be typed first."
            )
        return read_lines(
            _with_ranks(self.lines),
            words_in=words,
            left_out=self.dropped,
            problems=self.problems,
            notes=self.notes,
        )

    # paragraphs and tables

    def _blocks(self, container: Any) -> None:
        for element in container:
            tag = element.tag
            if tag == f"{W}p":
                self._paragraph(element)
            elif tag == f"{W}tbl":
                self._table(element)
            elif tag == f"{W}sdt":
                content = element.find(f"{W}sdtContent")
                if content is not None:
                    self._blocks(content)
            elif tag == f"{MC}AlternateContent":
                self._blocks(chosen(element))
            elif tag == f"{W}altChunk":
                text = "Another document is embedded here; it was not read. Import it by itself."
                self.problems.append(Problem("embedded document", "", text, self.place))
            elif tag in DELETED or tag in {f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"}:
                self._blocks(element)

    def _paragraph(self, element: Any) -> None:
        read = self._read(element)
        style = self.styles.get(value(element, "pPr", "pStyle"), Style())
        kept = "".join(piece.text for piece in read.pieces if not piece.reason)
        toc = style.name.startswith(("toc ", "table of figures")) or any(
            piece.toc and piece.text.strip() for piece in read.pieces
        )
        self._leave_out(read)
        printed, indent = self._printed(element, style) if kept.strip() else ("", 0)
        if toc and kept.strip():
            self._drop(kept, "contents list")
        elif kept.strip():
            self._lines(read, style, element, printed, indent)
        for content in read.boxes:
            self.problems.append(
                Problem(
                    "text box",
                    "",
                    "A text box stood here or near here: look whether it is in its place.",
                    self.place,
                )
            )
            self._blocks(content)
        self.place += 1

    def _lines(self, read: Read, style: Style, element: Any, printed: str, indent: int) -> None:
        rank = style.rank
        own = value(element, "pPr", "outlineLvl")
        if own and whole(own, 9) < 9:
            rank = whole(own) + 1
        pieces = [piece for piece in read.pieces if not piece.reason]
        parts = by_line(pieces)
        bold = all(piece.bold for piece in pieces if piece.text.strip())
        for place, part in enumerate(parts):
            raw = without_marks("".join(piece.text for piece in part))
            text, spans = text_and_spans(part, emphasis=not rank)
            if not raw.strip():
                continue
            listed = bool(printed)
            follows = bool(self.lines) and bool(self.lines[-1].printed) and listed and not rank
            self.lines.append(
                Line(
                    number=self.place,
                    raw=raw,
                    text=text,
                    indent=indent if listed and not rank else 0,
                    blank_before=not place and not follows,
                    blank_after=place + 1 == len(parts) and not listed,
                    heading=(-1 if style.title else rank) if not place else 0,
                    printed=printed if not place else "",
                    spans=spans,
                    bold=bold and not rank and len(text.split()) <= 20,
                    names=tuple(read.names) if not place else (),
                )
            )
            if place + 1 < len(parts):
                self.place += 1

    def _printed(self, element: Any, style: Style) -> tuple[str, int]:
        """(number or bullet, indentation in twips) of a paragraph in a list."""
        identity, depth = style.listed
        own = element.find(f"{W}pPr/{W}numPr")
        if own is not None:
            number, level = own.find(f"{W}numId"), own.find(f"{W}ilvl")
            identity = (number.get(f"{W}val") or "") if number is not None else identity
            depth = whole(level.get(f"{W}val")) if level is not None else depth
        if identity in {"", "0"}:
            return "", 0
        indent = self.numbering.indent(identity, depth)
        own = element.find(f"{W}pPr/{W}ind")
        if own is not None:
            indent = whole(own.get(f"{W}left") or own.get(f"{W}start"), indent)
        return self.numbering.next(identity, depth), max(0, indent)

    def _table(self, element: Any) -> None:
        rows: list[Row] = []
        merged = nested = 0
        first = self.place
        headed = False
        cells_of: list[list[Any]] = []
        for row in children(element, f"{W}tr"):
            cells_of.append(list(children(row, f"{W}tc")))
            if len(cells_of) == 1:
                headed = row.find(f"{W}trPr/{W}tblHeader") is not None
        if sum(len(cells) for cells in cells_of) == 1:
            self._blocks(cells_of[0][0])  # a table of one cell is a frame around its text
            return
        for cells in cells_of:
            texts: list[str] = []
            sources: list[str] = []
            for cell in cells:
                source, text = self._cell(cell)
                sources.append(source)
                texts.append(text)
                span = max(1, min(whole(value(cell, "tcPr", "gridSpan"), 1), 60))
                texts += [""] * (span - 1)
                merged += span > 1 or cell.find(f"{W}tcPr/{W}vMerge") is not None
                nested += cell.find(f".//{W}tbl") is not None
            rows.append(Row(source="\n".join(sources), line=self.place, cells=texts))
            self.place += 1
        table = Table(rows=[row for row in rows if row.cells])
        if not any(cell for row in table.rows for cell in row.cells):
            return
        table.headed = headed or _looks_headed(table)
        if merged:
            text = "Cells were merged; their text stands in the first of them, the others are empty."
            self.problems.append(Problem("merged cells", "", text, first))
        if nested:
            text = "A table stood inside a cell; its text stands there line by line."
            self.problems.append(Problem("table in a table", "", text, first))
        source = "\n".join(row.source for row in table.rows)
        text = visible(" ".join(source.split()))[:80] or "table"
        self.lines.append(Line(first, source, text, 0, True, True, table=table))

    def _cell(self, cell: Any) -> tuple[str, str]:
        """(source, text) of a cell; lists in it keep their marks, addresses of links stand behind their words."""
        sources: list[str] = []
        texts: list[str] = []
        for paragraph in cell.iter(f"{W}p"):
            if inside_text_box(paragraph, cell) or in_fallback(paragraph, cell):
                continue
            read = self._read(paragraph)
            self._leave_out(read)
            pieces = [piece for piece in read.pieces if not piece.reason]
            source = without_marks("".join(piece.text for piece in pieces))
            for content in read.boxes:
                for inner in content.iter(f"{W}p"):
                    if in_fallback(inner, content):
                        continue
                    boxed = self._read(inner)
                    self._leave_out(boxed)
                    words = without_marks("".join(one.text for one in boxed.pieces if not one.reason))
                    source, pieces = f"{source}\n{words}", [*pieces, Piece(f"\n{words}")]
            if not source.strip():
                continue
            style = self.styles.get(value(paragraph, "pPr", "pStyle"), Style())
            printed, indent = self._printed(paragraph, style)
            text = visible("".join(with_address(piece) for piece in pieces))
            sources.append(source)
            texts.append(f"{'  ' * max(0, indent // 360 - 1)}{printed} {text}" if printed else text)
        return "\n".join(sources), "\n".join(texts)

    # what a paragraph is made of

    def _read(self, paragraph: Any) -> Read:
        read = Read()
        style = self.styles.get(value(paragraph, "pPr", "pStyle"), Style())
        self._inline(paragraph, read, reason="", target="", bold=style.bold)
        self.insertions += read.inserted
        for description in read.pictures:
            text = f"A picture was left out{': ' + description if description else ''}. Add it in the editor."
            self.problems.append(Problem("picture left out", "", text[:300], self.place))
        return read

    def _inline(self, element: Any, read: Read, *, reason: str, target: str, bold: bool) -> None:
        for child in element:
            tag = child.tag
            if tag == f"{W}r":
                self._run(child, read, reason, target, bold)
            elif tag in DELETED:
                self._inline(child, read, reason=DELETED[tag], target=target, bold=bold)
            elif tag in {f"{W}ins", f"{W}moveTo"}:
                read.inserted = True
                self._inline(child, read, reason=reason, target=target, bold=bold)
            elif tag == f"{W}hyperlink":
                anchor = child.get(f"{W}anchor")
                address = self.targets.get(child.get(f"{R}id") or "", "")
                where = f"{address}#{anchor}" if anchor else address
                self._inline(child, read, reason=reason, target=where or target, bold=bold)
            elif tag == f"{W}bookmarkStart":
                read.names.append(child.get(f"{W}name") or "")
            elif tag == f"{MC}AlternateContent":
                self._inline(chosen(child), read, reason=reason, target=target, bold=bold)
            elif tag == f"{W}fldSimple":
                self.fields.append(child.get(f"{W}instr") or "")
                self._inline(child, read, reason=reason, target=target, bold=bold)
                self.fields.pop()
            elif tag == f"{M}t":
                read.pieces.append(Piece(child.text or "", reason, bold, False, target))
            elif tag not in {f"{W}pPr", f"{W}p", f"{W}tbl"}:
                self._inline(child, read, reason=reason, target=target, bold=bold)

    def _run(self, run: Any, read: Read, reason: str, target: str, bold: bool) -> None:
        properties = run.find(f"{W}rPr")
        bold = on(properties, "b", default=bold)
        italic = on(properties, "i", default=False)
        reason = reason or ("hidden text" if on(properties, "vanish", default=False) else "")
        self._run_content(run, read, Piece("", reason, bold, italic, target))

    def _run_content(self, run: Any, read: Read, look: Piece) -> None:
        def add(text: str, reason: str = "") -> None:
            place = look.target or address_of(self.fields)
            toc = any(one.strip().upper().startswith("TOC") for one in self.fields)
            read.pieces.append(Piece(text, look.reason or reason, look.bold, look.italic, place, toc))

        for child in run:
            tag = child.tag
            if tag == f"{W}t":
                add(child.text or "")
            elif tag == f"{W}delText":
                add(child.text or "", "deleted in a tracked change")
            elif tag in SPACES:
                add(" ")
            elif tag in BREAKS:
                add("\n")
            elif tag == f"{W}noBreakHyphen":
                add("-")
            elif tag == f"{W}fldChar":
                self._field(child.get(f"{W}fldCharType"))
            elif tag == f"{W}instrText" and self.fields:
                self.fields[-1] += child.text or ""
            elif tag in {f"{W}footnoteReference", f"{W}endnoteReference"} and not look.reason:
                kind = "footnote" if tag == f"{W}footnoteReference" else "endnote"
                number = self.note_numbers.setdefault(
                    (kind, child.get(f"{W}id") or ""), len(self.note_numbers) + 1
                )
                read.pieces.append(Piece(f"\x00{number}\x00", "", False, False, ""))
            elif tag == f"{MC}AlternateContent":
                self._run_content(chosen(child), read, look)
            elif tag in {f"{W}drawing", f"{W}pict", f"{W}object"}:
                self._drawing(child, read)

    def _drawing(self, element: Any, read: Read) -> None:
        boxes = [
            box
            for box in element.iter(f"{W}txbxContent")
            if not inside_text_box(box, element) and not in_fallback(box, element)
        ]
        read.boxes += boxes
        if boxes:
            return
        shown = next(
            (one.get("descr") or "" for one in element.iter() if str(one.tag).endswith("}docPr")), ""
        )
        read.pictures.append(shown.strip())

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self.fields.append("")
        elif kind == "end" and self.fields:
            self.fields.pop()

    # what is left out, and what stands beside the text

    def _leave_out(self, read: Read) -> None:
        for reason, text in by_reason(read.pieces).items():
            if reason:
                self._drop(text, reason)

    def _drop(self, text: str, reason: str) -> None:
        if text.strip():
            self.dropped.append(Dropped(source=without_marks(text), line=self.place, reason=reason))

    def _read_notes(self) -> int:
        """Foot- and endnotes that the text refers to, as notes; the words of all."""
        words = 0
        found: list[tuple[int, str]] = []
        for kind in ("footnote", "endnote"):
            root = self._part(f"word/{kind}s.xml")
            if root is None:
                continue
            words += count_words(root)
            for note in root.iter(f"{W}{kind}"):
                number = self.note_numbers.get((kind, note.get(f"{W}id") or ""), 0)
                texts: list[str] = []
                for paragraph in note.iter(f"{W}p"):
                    read = self._read(paragraph)
                    self._leave_out(read)
                    texts.append("".join(piece.text for piece in read.pieces if not piece.reason))
                text = without_marks("\n".join(texts))
                if number and text.strip():
                    found.append((number, text))
                else:
                    self._drop(text, f"{kind} that nothing refers to")
        for number, text in sorted(found):
            self.notes.append(
                Item(
                    source=text,
                    line=self.place,
                    text=visible(" ".join(text.split())),
                    marker=f"{number}.",
                    style="number",
                    depth=0,
                    value=number,
                )
            )
        return words

    def _read_aside(self) -> int:
        """Comments, headers, footers and drawings: listed, not placed."""
        words = 0
        asides = [("comment", ["word/comments.xml"])]
        edges = [
            name for name in sorted(self.names) if re.fullmatch(r"word/(?:header|footer)[0-9]*\.xml", name)
        ]
        asides.append(("header or footer of the page", edges))
        for reason, parts in asides:
            for name in parts:
                root = self._part(name)
                if root is None:
                    continue
                words += count_words(root)
                for paragraph in root.iter(f"{W}p"):
                    if in_fallback(paragraph, root):
                        continue
                    pieces = Read()
                    self._inline(paragraph, pieces, reason="", target="", bold=False)
                    for text in by_reason(pieces.pieces).values():
                        self._drop(text, reason)
        for name in sorted(self.names):
            if re.fullmatch(r"word/diagrams/data[0-9]*\.xml", name):
                root = self._part(name)
                texts = ["".join(one.itertext(f"{A}t")) for one in root.iter(f"{A}p")]
                words += sum(len(text.split()) for text in texts)
                for text in texts:
                    self._drop(text, "words of a drawing")
                text = "A drawing made of shapes was left out; its words are listed. Make a flow chart of it."
                self.problems.append(Problem("picture left out", "", text, self.place))
        return words

    def _tell_what_was_left(self) -> None:
        tracked = sum(piece.reason in DELETED.values() for piece in self.dropped)
        if tracked or self.insertions:
            text = (
                f"The document has tracked changes. Insertions were read as text; {tracked} deletion(s) were left out "
                "and are listed."
            )
            self.problems.append(Problem("tracked changes", "", text, 1))
        if any(name.lower().endswith("vbaproject.bin") for name in self.names):
            self.problems.append(
                Problem("macros", "", "The document has macros. They were not read or kept.", 1)
            )
        if any(piece.reason == "comment" for piece in self.dropped):
            self.problems.append(
                Problem("comments", "", "The document has comments; they are listed as left out.", 1)
            )


def read_word(data: bytes) -> Chapter:
    """A chapter from a Word document. Raises UnreadableChapter for what is damaged, a bomb, too large or empty, and
    WordsLost rather than lose a word."""
    if len(data) > MAXIMUM_BYTES:
        raise UnreadableChapter(
            f"The document is {len(data) / 1_000_000:.0f} MB long; the limit is {MAXIMUM_BYTES // 1_000_000} MB. "
            "Take its pictures out, or make them smaller."
        )
    return Document(data).read()


def _with_ranks(lines: list[Line]) -> list[Line]:
    """Lines whose headings are counted from 1; the paragraph in the style Title stands above all headings."""
    if not any(line.heading == -1 for line in lines):
        return lines
    first = next(position for position, line in enumerate(lines) if line.heading == -1)
    ranked = []
    for position, line in enumerate(lines):
        rank = (
            1 if position == first else 0 if line.heading == -1 else line.heading + 1 if line.heading else 0
        )
        ranked.append(_replaced(line, rank))
    return ranked


def _replaced(line: Line, rank: int) -> Line:
    return Line(**{**line.__dict__, "heading": rank})


def _looks_headed(table: Table) -> bool:
    first = table.rows[0].cells
    short = all(len(cell.split()) <= 8 and not cell.endswith((".", ";")) for cell in first)
    return len(table.rows) > 1 and short and all(cell.strip() for cell in first) and not box_kind(first[0])
