"""The text of a paragraph of a Word document, from pieces with one look each."""

import re
from dataclasses import dataclass

from procedures.importing.lines import visible
from procedures.importing.structure import Span, joined

WEB_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.I)
NOTE_MARK = re.compile("\x00([0-9]+)\x00")  # where the text refers to a foot- or endnote


@dataclass
class Piece:
    """A stretch of text of one paragraph with one look."""

    text: str
    reason: str = ""  # why it is left out
    bold: bool = False
    italic: bool = False
    target: str = ""
    toc: bool = False


def by_reason(pieces: list[Piece]) -> dict[str, str]:
    """The text that is kept (under "") and what is left out, by reason; what does not touch is kept apart."""
    texts: dict[str, str] = {}
    before = ""
    for piece in pieces:
        if piece.text.startswith("\x00"):
            continue
        if piece.reason != before:
            texts[piece.reason] = texts.get(piece.reason, "") + (" " if piece.reason else "")
        before = piece.reason
        texts[piece.reason] = texts.get(piece.reason, "") + piece.text
    return texts


def by_line(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of a paragraph by its line breaks."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        for place, text in enumerate(piece.text.split("\n")):
            if place:
                parts.append([])
            if text:
                parts[-1].append(Piece(text, "", piece.bold, piece.italic, piece.target))
    return [part for part in parts if "".join(piece.text for piece in part).strip()]


def text_and_spans(pieces: list[Piece], *, emphasis: bool) -> tuple[str, tuple[Span, ...]]:
    """The text as it is shown (white space made single, references to notes in square brackets), and its spans."""
    text = ""
    spans: list[Span] = []
    for piece in pieces:
        start = len(text)
        for word in re.split(r"(\s+)", visible_inside(piece.text)):
            if word.isspace():
                text += "" if not text or text.endswith(" ") else " "
            else:
                text += word
        kinds = [("a", piece.target)] if piece.target else []
        kinds += [("b", "")] if piece.bold and emphasis else []
        kinds += [("i", "")] if piece.italic and emphasis else []
        if len(text) > start:
            spans += [Span(start, len(text), kind, target) for kind, target in kinds]
    shown = text.rstrip()
    return shown, tuple(joined(spans, len(shown)))


def visible_inside(text: str) -> str:
    """The text as it is seen, white space around it kept; the mark of a note becomes [1]."""
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{lead}{_with_note_numbers(visible(text))}{tail}"


def without_marks(text: str) -> str:
    """The text without the marks of notes."""
    return NOTE_MARK.sub("", text)


def _with_note_numbers(text: str) -> str:
    return NOTE_MARK.sub(r"[\1]", text)


def with_address(piece: Piece) -> str:
    """The text, and where it leads to if it does not say so itself."""
    text = _with_note_numbers(piece.text)
    if WEB_ADDRESS.fullmatch(piece.target) and piece.target not in text:
        return f"{text} ({piece.target.removeprefix('mailto:')})"
    return text


def address_of(fields: list[str]) -> str:
    """The address of an open HYPERLINK field."""
    for instruction in reversed(fields):
        match = re.match(r'\s*HYPERLINK\s+(?:"([^"]*)")?\s*(?:\\l\s+"([^"]*)")?', instruction)
        if match:
            return f"{match[1] or ''}{'#' + match[2] if match[2] else ''}"
    return ""
