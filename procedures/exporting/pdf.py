"""A document as a tagged PDF (PDF/UA-1), by Typst: a compiler in one wheel that `pip` installs, with fonts of its own.

Everything typed travels as JSON that a fixed template reads, so that no text can become Typst code.
"""

import json
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any, Literal

from procedures.exporting.document import (
    Block,
    Blocks,
    Box,
    Chapter,
    Listing,
    Numbered,
    Paragraph,
    Part,
    Run,
    Runs,
    Stamp,
    Table,
    plain,
)
from procedures.exporting.places import Places
from procedures.exporting.plain import ends
from procedures.exporting.trouble import Trouble

try:
    import typst
except ImportError:  # the engine is missing: pages say so, and printing still works
    typst = None  # type: ignore[assignment]

TEMPLATE = Path(__file__).parent / "document.typ"
FONTS = ["Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"]
SIZES = [17, 14, 12, 11]
STANDARD: Literal["ua-1"] = "ua-1"
NOT_SHOWN = "could not be displayed"
PATTERNS = {"number": "1.", "letter": "a.", "LETTER": "A.", "roman": "i.", "ROMAN": "I."}
TEXT_WIDTH, TEXT_HEIGHT = 464.0, 600.0  # points of an A4 page inside its margins
POINTS_PER_PIXEL = 0.75
LONG_WORD, PIECE = 24, 12
ZERO_WIDTH_SPACE = "\u200b"
# Latin with its accents, Greek, Cyrillic and the marks of print: the fonts are known to have all of these.
SURE = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2018, 0x201F), 0x2013, 0x2014, 0x2026))
)
MISSING = (
    "PDFs need the Python package “typst” on the server (pip install typst). "
    "Printing from the browser works without it."
)

Picture = Callable[[str], bytes | None]
Raw = dict[str, Any]


def available() -> bool:
    """Whether the engine is installed."""
    return typst is not None


def write_chapter(chapter: Chapter, stamp: Stamp, pictures: Picture) -> bytes:
    """The PDF of one chapter. Raises Trouble where the engine is missing or fails."""
    maker = _Maker(Places([chapter]), stamp, pictures)
    blocks: list[Raw] = [{"kind": "title", "name": maker.text(chapter.name)}]
    blocks += [maker.quiet(line) for line in _edition(chapter)]
    blocks += maker.chapter(chapter, level=0)
    pages = [maker.page(chapter.name, ends(chapter, stamp), blocks)]
    return maker.compile(chapter.name, pages, SIZES)


def write_part(part: Part, stamp: Stamp, pictures: Picture) -> bytes:
    """The PDF of a whole manual, or of a part of it: contents, then each chapter from a new page on."""
    maker = _Maker(Places(part.all_chapters()), stamp, pictures)
    foot = [f"{stamp.partnership}. Copy made on {stamp.made_on}.", f"Check the live manual: {stamp.address}"]
    front: list[Raw] = [
        {"kind": "title", "name": maker.text(part.title)},
        *(maker.quiet(line) for line in foot),
    ]
    pages = [maker.page(part.title, foot, [*front, {"kind": "contents"}])]
    pages += maker.part(part, level=0)
    return maker.compile(part.title, pages, [20, *SIZES])


def _edition(chapter: Chapter) -> list[str]:
    return [f"Edition of {chapter.edition:%-d %B %Y}"] if chapter.edition else []


class _Maker:
    """Makes the template's JSON, and the file of it."""

    def __init__(self, places: Places, stamp: Stamp, pictures: Picture) -> None:
        self.places, self.stamp, self.pictures = places, stamp, pictures
        self.files: dict[str, bytes] = {}
        self.here: Chapter | None = None

    def part(self, part: Part, level: int) -> Iterator[Raw]:
        """The pages of a part's chapters and of the parts inside it; `level` is that of the part's own heading."""
        for place, chapter in enumerate(part.chapters):
            blocks: list[Raw] = (
                [] if place or not level else [self.heading(part.title, level, "", listed=True)]
            )
            blocks.append(self.heading(chapter.name, level + 1, self.places.of_chapter(chapter), listed=True))
            blocks += [self.quiet(line) for line in _edition(chapter)]
            blocks += self.chapter(chapter, level + 1)
            yield self.page(chapter.name, ends(chapter, self.stamp), blocks)
        for inside in part.parts:
            if level == 0 or inside.chapters or inside.parts:
                yield from self._inside(inside, level + 1)

    def _inside(self, part: Part, level: int) -> Iterator[Raw]:
        if not part.chapters:
            yield self.page(
                part.title, [self.stamp.partnership], [self.heading(part.title, level, "", listed=True)]
            )
        yield from self.part(part, level)

    def chapter(self, chapter: Chapter, level: int) -> Iterator[Raw]:
        """What a chapter holds; its sections' headings stand below `level`."""
        self.here = chapter
        yield from self.blocks(chapter.head)
        above = level
        for section in chapter.sections:
            label = self.places.of_section(chapter, section)
            if section.name:
                above = min(level + section.depth - 1, above + 1)  # no rank is skipped
                yield self.heading(section.name, above, label)
            else:
                yield {"kind": "place", "label": label}
            yield from self.blocks(section.blocks)

    def heading(self, name: str, level: int, label: str, *, listed: bool = False) -> Raw:
        """A heading; `listed` ones stand in the list of contents, all of them among the bookmarks."""
        return {"kind": "heading", "name": self.text(name), "level": level, "label": label, "listed": listed}

    def quiet(self, words: str) -> Raw:
        return {"kind": "quiet", "runs": self.runs((Run(words),))}

    def page(self, header: str, footer: list[str], blocks: Iterable[Raw]) -> Raw:
        return {
            "header": self.text(header),
            "footer": [self.text(line) for line in footer],
            "blocks": list(blocks),
        }

    def blocks(self, blocks: Blocks) -> list[Raw]:
        return [self.block(one) for one in blocks]

    def block(self, block: Block) -> Raw:
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "runs": self.runs(block.runs)}
        if isinstance(block, Numbered):
            return {
                "kind": "numbered",
                "number": self.text(block.number),
                "blocks": self.blocks(block.blocks),
            }
        if isinstance(block, Listing):
            return {
                "kind": "listing",
                "pattern": PATTERNS.get(block.style, ""),
                "bullet": block.style == "bullet",
                "start": block.start,
                "items": [self.blocks(item) for item in block.items],
            }
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Box):
            return {"kind": "box", "title": self.text(block.title), "blocks": self.blocks(block.blocks)}
        content = self.pictures(block.source)
        kind = _kind(content or b"")
        if content is None or not kind:
            return self.block(Paragraph((Run(f"[Picture: {block.alternative or 'without description'}]"),)))
        name = f"{len(self.files)}.{kind}"
        self.files[name] = content
        points = min(block.width * POINTS_PER_PIXEL, TEXT_WIDTH)
        if block.width and block.height:
            points = min(points, TEXT_HEIGHT * block.width / block.height)
        return {
            "kind": "picture",
            "file": name,
            "alternative": self.text(block.alternative or "Picture without description"),
            "points": points,
        }

    def table(self, table: Table) -> Raw:
        rows = [table.head, *table.rows] if table.head else list(table.rows)
        return {
            "kind": "table",
            "caption": self.text(table.caption),
            "head": [self.runs(cell) for cell in table.head],
            "cells": [self.runs(cell) for row in table.rows for cell in row],
            "widths": [
                2 + sqrt(max((len(plain(row[place])) for row in rows), default=0))
                for place in range(table.columns)
            ],
        }

    def runs(self, runs: Runs) -> list[Raw]:
        return [self.run(run) for run in runs]

    def run(self, run: Run) -> Raw:
        label = self.places.of_link(run.href, self.here) if run.href else ""
        href = self.text(self.stamp.full(run.href)) if run.href and not label else ""
        if href and not href.startswith(("http://", "https://", "mailto:", "tel:")):
            href = ""  # the words stay
        return {
            "text": self.text(breakable(run.text)),
            "bold": run.bold,
            "italic": run.italic,
            "href": href.replace(ZERO_WIDTH_SPACE, ""),
            "label": label,
        }

    def text(self, text: str) -> str:
        """Text in characters that the fonts have: others by their names, so that nothing is lost or a blank box."""
        strange = frozenset(text) - SURE - {"\n", ZERO_WIDTH_SPACE}
        missing = {one for one in strange if not in_fonts(one)}
        return "".join(named(one) if one in missing else one for one in text) if missing else text

    def compile(self, title: str, pages: list[Raw], sizes: list[int]) -> bytes:
        """The file. Raises Trouble."""
        if typst is None:
            raise Trouble(MISSING)
        document = {
            "title": self.text(title),
            "description": f"{self.stamp.partnership}, copy made on {self.stamp.made_on}",
            "fonts": FONTS,
            "sizes": sizes,
            "pages": pages,
        }
        with tempfile.TemporaryDirectory(prefix="portal-pdf-") as folder:
            for name, content in {**self.files, "document.json": json.dumps(document).encode()}.items():
                (Path(folder) / name).write_bytes(content)
            return _compiled(TEMPLATE.read_bytes(), folder)


def breakable(text: str) -> str:
    """Text whose very long words may be broken at the end of a line."""
    if len(text) <= LONG_WORD or all(len(word) <= LONG_WORD for word in text.split()):
        return text
    return " ".join(
        ZERO_WIDTH_SPACE.join(word[at : at + PIECE] for at in range(0, len(word), PIECE))
        if len(word) > LONG_WORD
        else word
        for word in text.split(" ")
    )


def named(character: str) -> str:
    """A character that no font of ours has, in words: its name, or a mark where it has none."""
    name = unicodedata.name(character, "")
    return f"[{name.lower()}]" if name else "\u25a1"


@lru_cache(maxsize=20_000)
def in_fonts(character: str) -> bool:
    """Whether the fonts have a character; asked of the engine itself, once for each (about a millisecond)."""
    if typst is None:
        return True
    fonts = ", ".join(f'"{font}"' for font in FONTS)
    source = f'#set document(title: "a")\n#set text(font: ({fonts}))\n#sys.inputs.text'
    try:
        typst.compile(
            source.encode(),
            ignore_system_fonts=True,
            pdf_standards=[STANDARD],
            sys_inputs={"text": character},
        )
    except typst.TypstError as error:
        return NOT_SHOWN not in error.message
    return True


def _compiled(source: bytes, folder: str) -> bytes:
    options: Mapping[str, Any] = {
        "root": folder,
        "ignore_system_fonts": True,
        "timestamp": datetime.now(UTC).replace(microsecond=0),
    }
    try:
        content: bytes = typst.compile(source, pdf_standards=[STANDARD], **options)
    except typst.TypstError as error:
        # Its message may quote the manual, which is no secret but does not belong into a log.
        raise Trouble("The PDF could not be made. Printing from the browser works.") from error
    return content


def _kind(content: bytes) -> str:
    """The kind of picture by its first bytes; empty for one that the engine does not know."""
    if content.startswith(b"\x89PNG"):
        return "png"
    if content.startswith(b"\xff\xd8"):
        return "jpg"
    if content.startswith(b"GIF8"):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return ""
