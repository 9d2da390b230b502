"""A document as plain text: the words in their order, with the marks and numbers that a page shows."""

from collections.abc import Iterable, Iterator

from procedures.exporting.document import (
    Block,
    Box,
    Chapter,
    Listing,
    Numbered,
    Paragraph,
    Stamp,
    Table,
    plain,
)

INDENT = "    "


def write(chapter: Chapter, stamp: Stamp) -> str:
    """The chapter as text, with its address and edition in the last lines."""
    lines = [chapter.name, ""]
    lines += _all(chapter.head)
    for section in chapter.sections:
        lines += [*([section.name, ""] if section.name else []), *_all(section.blocks)]
    lines += ["--", *ends(chapter, stamp)]
    return "\n".join(lines) + "\n"


def ends(chapter: Chapter, stamp: Stamp) -> list[str]:
    """What a copy of a chapter says of itself: whose it is, from when, made when, and where the live one is."""
    edition = f"Edition of {chapter.edition:%-d %B %Y}. " if chapter.edition else ""
    return [
        f"{stamp.partnership}. {edition}Copy made on {stamp.made_on}.",
        f"Check the live manual: {stamp.full(chapter.path)}",
    ]


def words(blocks: Iterable[Block]) -> str:
    """The words of blocks without marks: what search looks in."""
    return " ".join(" ".join(_all(blocks)).split())


def length(chapter: Chapter) -> int:
    """How many words a chapter has, about."""
    return sum(
        len(words(blocks).split()) for blocks in (chapter.head, *(one.blocks for one in chapter.sections))
    )


def _all(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from _lines(block)


def _lines(block: Block) -> Iterator[str]:
    """The lines of a block, an empty one after it."""
    if isinstance(block, Paragraph):
        yield from [*plain(block.runs).split("\n"), ""]
    elif isinstance(block, Numbered):
        yield from _hung(f"{block.number}  ", block.blocks)
        yield ""
    elif isinstance(block, Listing):
        for place, item in enumerate(block.items):
            mark = block.mark(place)
            yield from _hung(f"{mark} " if mark else "", item)
        yield ""
    elif isinstance(block, Table):
        yield from [block.caption] if block.caption else []
        for row in [*([block.head] if block.head else []), *block.rows]:
            yield "\t".join(plain(cell).replace("\n", " / ") for cell in row)
        yield ""
    elif isinstance(block, Box):
        yield from [block.title, ""] if block.title else []
        yield from _all(block.blocks)
    else:
        yield from [f"[Picture: {block.alternative or 'without description'}]", ""]


def _hung(mark: str, blocks: Iterable[Block]) -> Iterator[str]:
    lines = [line for line in _all(blocks) if line] or [""]
    yield f"{mark}{lines[0]}".rstrip()
    yield from (f"{INDENT}{line}" for line in lines[1:])
