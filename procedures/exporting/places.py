"""Where links lead inside a copy: to a chapter or section that is in it, else out to the live manual."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from procedures.exporting.document import Chapter, Section


class Places:
    """The chapters of a copy, by address. Labels are made of counters, so that no two are the same."""

    def __init__(self, chapters: Iterable[Chapter]) -> None:
        self._number: dict[str, int] = {}
        self._anchors: dict[str, set[str]] = {}
        for chapter in chapters:
            self._number.setdefault(chapter.path, len(self._number))
            self._anchors.setdefault(chapter.path, {section.anchor for section in chapter.sections})

    def of_chapter(self, chapter: Chapter) -> str:
        """The label of a chapter's heading."""
        return f"c{self._number[chapter.path]}"

    def of_section(self, chapter: Chapter, section: Section) -> str:
        """The label of a section's heading."""
        return f"{self.of_chapter(chapter)}-{section.anchor}"

    def of_link(self, href: str, here: Chapter | None) -> str:
        """The label that a link leads to, seen from a chapter; empty where it leads out of the copy."""
        path, anchor = self.target(href, here)
        if path not in self._number:
            return ""
        if anchor in self._anchors[path]:
            return f"c{self._number[path]}-{anchor}"
        return f"c{self._number[path]}" if len(self._number) > 1 else ""

    def target(self, href: str, here: Chapter | None) -> tuple[str, str]:
        """(path of the chapter, anchor) that a link leads to; the path is empty where it leads elsewhere."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return "", ""
        if parts.scheme or parts.netloc:
            return "", ""
        path = parts.path or (here.path if here else "")
        return (path, parts.fragment) if path in self._number else ("", "")
