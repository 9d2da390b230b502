"""Any file that a chapter may come in: told apart by its content, its name only where the content does not tell."""

import re
from pathlib import PurePosixPath

from procedures.importing.parse import WordsLost, parse_chapter
from procedures.importing.reading import UnreadableChapter, read_text
from procedures.importing.structure import Chapter
from procedures.importing.web import read_web
from procedures.importing.word import read_word

EXTENSIONS = (".txt", ".text", ".md", ".docx", ".docm", ".dotx", ".htm", ".html", ".xhtml")
PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)

__all__ = ["EXTENSIONS", "UnreadableChapter", "WordsLost", "is_chapter_file", "read_chapter"]


def is_chapter_file(name: str) -> bool:
    """Whether a file of this name is taken from a folder."""
    path = PurePosixPath(name)
    return path.suffix.lower() in EXTENSIONS and not path.name.startswith((".", "~$", "__"))


def read_chapter(name: str, data: bytes) -> Chapter:
    """Read a chapter from a file's bytes. A chapter without a title gets the file's name.

    Raises UnreadableChapter with a sentence for whoever chose the file, and WordsLost.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if data.startswith(b"PK\x03\x04") and suffix != ".txt":
        chapter = read_word(data)
    elif suffix in {".docx", ".docm", ".dotx"}:
        if not data.strip():
            raise UnreadableChapter("The file is empty.")
        raise UnreadableChapter(
            "The file is no Word document (.docx), whatever its name says. Open it in Word and save it as .docx."
        )
    elif suffix in {".htm", ".html", ".xhtml"} or PAGE.match(data[:4096]):
        chapter = read_web(data)
    else:
        chapter = parse_chapter(read_text(data))
    if not chapter.title:
        stem = PurePosixPath(name).stem
        chapter.title = re.sub(r"[-_\s]+", " ", stem).strip().capitalize() or "Chapter"
    return chapter
