"""The files of a folder or of a zip of one, in the order of their numbers and names."""

import re
from collections.abc import Sequence
from pathlib import Path

from procedures.importing.files import is_chapter_file
from procedures.importing.package import Package
from procedures.importing.reading import UnreadableChapter

MOST_FILES = 1_000
DIGITS = re.compile(r"([0-9]+)")


def in_order(paths: Sequence[str]) -> list[str]:
    """8.2 before 8.10, and the files of a folder together."""
    return sorted(paths, key=_key)


def _key(path: str) -> list[list[tuple[int, int, str]]]:
    return [
        [
            (0, int(part), "") if part.isdigit() else (1, 0, part.lower())
            for part in DIGITS.split(step)
            if part
        ]
        for step in path.split("/")
    ]


def files_in(folder: Path) -> list[str]:
    """Paths below a folder of the files that may be chapters; links and hidden files are not followed.

    Raises UnreadableChapter where there are none, or too many.
    """
    found = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and _taken(path.relative_to(folder).as_posix())
    ]
    return in_order(_checked(found))


def files_in_zip(package: Package) -> list[str]:
    """The same of a zip. A folder that holds everything counts as the zip itself only by its name."""
    return in_order(_checked([name for name in package.names if _taken(name) and _inside(name)]))


def _taken(path: str) -> bool:
    return is_chapter_file(path) and not any(step.startswith((".", "__")) for step in path.split("/"))


def _inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/") and "\\" not in path


def _checked(found: list[str]) -> list[str]:
    if not found:
        raise UnreadableChapter("There is no text, Word or HTML file in it.")
    if len(found) > MOST_FILES:
        raise UnreadableChapter(
            f"There are more than {MOST_FILES:,} files in it. Import one part of the manual at a time."
        )
    return found


def part_title(step: str) -> str:
    """The title of a part of the manual from a folder's name: "03_specific-circumstances" is Specific circumstances."""
    words = re.sub(r"^[0-9]+(?:\.[0-9]+)*[\s._-]+", "", step)
    words = re.sub(r"[\s_-]+", " ", words or step).strip()
    return (words[:1].upper() + words[1:])[:255] or step[:255]
