"""The text of a document: docx, odt, xlsx, pdf, txt. Pure, and run in a process of its own, which may be stopped:

    python -m procedures.finding.extract FILE KIND

prints the text as UTF-8, or ends with 1 and the reason on the last line of stderr.
"""

import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree
from pypdf import PdfReader

from portal.spreadsheet import WorkbookRefused, read_rows, sheet_names

LONGEST = 600_000  # characters of a document that are searched
LARGEST = 20 * 1024 * 1024  # bytes of a file
MOST_UNPACKED = 100 * 1024 * 1024  # bytes of what we read of an archive
MOST_PARTS = 5_000
MOST_PAGES = 2_000
MEMORY = 1024 * 1024 * 1024
WORD_NS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ODT_NS = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Unreadable(ValueError):
    """A file whose text cannot be read; the message is a sentence for the business manager."""


def text_of(path: Path, kind: str) -> str:
    """The text, cut at LONGEST characters. `kind` is the file's ending without the dot, in lower case.

    Raises Unreadable for other kinds, and for files that are damaged, locked or would unpack to too much.
    """
    read = READERS.get(kind)
    if read is None:
        raise Unreadable(f"Files of the kind {kind} have no text that we can read.")
    if path.stat().st_size > LARGEST:
        raise Unreadable("The file is larger than 20 MB.")
    pieces: list[str] = []
    length = 0
    try:
        for piece in read(path):
            pieces.append(piece)
            length += len(piece) + 1
            if length > LONGEST:
                break
    except (Unreadable, WorkbookRefused) as refused:
        raise Unreadable(str(refused)) from None
    except Exception as error:  # readers of damaged files let a dozen kinds through
        raise Unreadable("The file is damaged or locked.") from error
    return "\n".join(pieces)[:LONGEST]


def _txt(path: Path) -> Iterator[str]:
    raw = path.read_bytes()
    yield raw.decode("utf-8-sig") if _is_utf8(raw) else raw.decode("cp1252", "replace")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _pdf(path: Path) -> Iterator[str]:
    for place, page in enumerate(PdfReader(path).pages):
        if place >= MOST_PAGES:
            return
        yield page.extract_text()


def _xlsx(path: Path) -> Iterator[str]:
    for name in sheet_names(path):
        yield name
        for row in read_rows(path, name):
            yield " ".join(str(value) for value in row if value is not None)


def _docx(path: Path) -> Iterator[str]:
    for paragraph in _xml(path, "word/document.xml").iter(f"{WORD_NS}p"):
        yield "".join(run.text or "" for run in paragraph.iter(f"{WORD_NS}t"))


def _odt(path: Path) -> Iterator[str]:
    for paragraph in _xml(path, "content.xml").iter(f"{ODT_NS}p", f"{ODT_NS}h"):
        yield "".join(str(text) for text in paragraph.itertext())


def _xml(path: Path, part: str) -> etree._Element:
    """One XML part of an archive, which is never unpacked further than allowed."""
    with zipfile.ZipFile(path) as archive:
        if len(archive.infolist()) > MOST_PARTS:
            raise Unreadable("The file has too many parts to be a document.")
        with archive.open(part) as source:
            raw = source.read(MOST_UNPACKED + 1)
    if len(raw) > MOST_UNPACKED:
        raise Unreadable("The file would unpack to far more than it should, so it was not opened.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(raw, parser)


READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    "txt": _txt,
    "pdf": _pdf,
    "xlsx": _xlsx,
    "docx": _docx,
    "odt": _odt,
}


def main() -> int:
    """As the worker calls it; see the module's docstring."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        text = text_of(Path(sys.argv[1]), sys.argv[2])
    except Unreadable as refused:
        sys.stderr.write(f"\n{refused}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "ignore"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
