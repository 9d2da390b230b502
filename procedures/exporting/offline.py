"""The offline copy: static pages in one zip, for the day the network is down. They work from a file share: relative
links only, one ordinary script, the search index as a script beside it, nothing fetched."""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from procedures.exporting import plain
from procedures.exporting.document import Chapter, Part, Stamp
from procedures.exporting.places import Places
from procedures.models import GlossaryTerm, contents_of
from procedures.rendering import RenderedChapter
from procedures.sharing.models import Contact

ADDRESS = re.compile(r'(?P<before><(?:a|img)\b[^>]*?\s(?P<name>href|src)=")(?P<address>[^"]*)"')
UNSAFE = re.compile(r"[^a-z0-9-]+")
TAKEN = ("index", "a-z", "glossary", "search", "contacts")
ASSETS = {
    "portal/portal.css": "portal.css",
    "portal/offline.js": "offline.js",
    "portal/favicon.svg": "favicon.svg",
}
READABLE = 0o100644  # to everybody on the share where it is unpacked
TEMPLATES = "procedures/exporting/offline"


@dataclass(frozen=True)
class Written:
    """A chapter of the copy: as rendered for its pages, as a document for its search, and the name of its file."""

    rendered: RenderedChapter
    document: Chapter
    file: str


def file_names(slugs: Iterable[str]) -> Iterator[str]:
    """A file name for each chapter, none twice."""
    taken = set(TAKEN)
    for slug in slugs:
        base = UNSAFE.sub("-", slug.lower()).strip("-")[:60] or "chapter"
        name, place = base, 2
        while name in taken:
            name, place = f"{base}-{place}", place + 1
        taken.add(name)
        yield f"{name}.html"


class Site:
    """The pages of a copy, written one after the other into a zip."""

    def __init__(
        self,
        file: IO[bytes],
        part: Part,
        chapters: Mapping[str, Written],
        contacts: Sequence[Contact],
        stamp: Stamp,
        pictures: Callable[[str], bytes | None],
        folder: str,
    ) -> None:
        """`chapters` by the address that they have on the portal."""
        self.file = file
        self.part, self.chapters, self.contacts = part, chapters, contacts
        self.stamp, self.pictures, self.folder = stamp, pictures, folder
        self.places = Places(written.document for written in chapters.values())
        self._pictures: dict[str, str] = {}

    def write(self, beat: Callable[[], None]) -> None:
        """Writes everything; calls `beat` after each chapter. Raises OSError where there is no room."""
        with zipfile.ZipFile(self.file, "w", zipfile.ZIP_DEFLATED) as self.zip:
            for address, name in ASSETS.items():
                self._add(f"assets/{name}", asset(address))
            self._add("assets/search-index.js", self._index())
            self._page("index.html", "index", {"part": self._branch(self.part)})
            self._page("a-z.html", "a_z", {"letters": self._letters()})
            self._page("contacts.html", "contacts", {"contacts": self.contacts})
            self._page("search.html", "search", {})
            self._page("glossary.html", "glossary", {"terms": list(GlossaryTerm.objects.all())})
            for written in self.chapters.values():
                self._chapter(written)
                beat()
            self._add("READ ME.txt", self._read_me())

    def _chapter(self, written: Written) -> None:
        rendered, document = written.rendered, written.document
        sections = [
            {"section": section, "html": self._moved(section.html, document)} for section in rendered.sections
        ]
        context = {
            "chapter": rendered,
            "document": document,
            "live": self.stamp.full(document.path),
            "head": self._moved(rendered.boxes, document),
            "sections": sections,
            "contents": contents_of(rendered.sections),
        }
        self._page(written.file, "chapter", context)

    def _moved(self, html: str, here: Chapter) -> SafeString:
        """A chapter's HTML with every link and picture where it is in the copy, else on the live manual."""

        def move(match: re.Match[str]) -> str:
            address = unescape(match["address"])
            found = self._picture(address) if match["name"] == "src" else self._link(address, here)
            return f'{match["before"]}{escape(found)}"'

        return mark_safe(ADDRESS.sub(move, html))  # noqa: S308  (render_chapter's own HTML, addresses escaped)

    def _link(self, address: str, here: Chapter) -> str:
        path, anchor = self.places.target(address, here)
        if not path:
            page, _, anchor = address.partition("#")
            if page == reverse("sharing:contacts"):
                return f"contacts.html#{anchor}" if anchor else "contacts.html"
            return self.stamp.full(address)
        file = "" if path == here.path and anchor else self.chapters[path].file
        return f"{file}#{anchor}" if anchor else file

    def _picture(self, address: str) -> str:
        if address not in self._pictures:
            content = self.pictures(address)
            name = f"pictures/{len(self._pictures) + 1}{Path(address).suffix[:5]}"
            self._pictures[address] = name
            if content is not None:
                self._add(name, content)
        return self._pictures[address]

    def _index(self) -> bytes:
        """The search index: a script, because pages on a file share may fetch nothing."""
        lines: list[list[str]] = []
        for written in self.chapters.values():
            document = written.document
            lines.append([written.file, document.name, "", plain.words(document.head)])
            for section in document.sections:
                address = f"{written.file}#{section.anchor}"
                lines.append([address, document.name, section.name, plain.words(section.blocks)])
        for contact in self.contacts:
            words = " ".join(
                (contact.what_for, contact.telephone, contact.email, contact.address, contact.hours)
            )
            lines.append([f"contacts.html#contact-{contact.pk}", "Contacts", contact.service, words])
        return f"window.manualIndex = {json.dumps(lines)};\n".encode()

    def _branch(self, part: Part) -> dict[str, Any]:
        return {
            "title": part.title,
            "chapters": [(chapter, self.chapters[chapter.path].file) for chapter in part.chapters],
            "parts": [self._branch(one) for one in part.parts],
        }

    def _letters(self) -> list[tuple[str, list[Written]]]:
        by_title = sorted(self.chapters.values(), key=lambda written: written.rendered.title.casefold())
        return [(letter, list(group)) for letter, group in groupby(by_title, key=_first_letter)]

    def _page(self, name: str, template: str, context: dict[str, Any]) -> None:
        full = {"stamp": self.stamp, "manual": self.part.title, "page": template, **context}
        self._add(name, render_to_string(f"{TEMPLATES}/{template}.html", full).encode())

    def _read_me(self) -> bytes:
        lines = [
            f"{self.part.title}: offline copy",
            f"{self.stamp.partnership}. Made on {self.stamp.made_on}.",
            "",
            "Take everything out of the zip first (Extract all), then open index.html.",
            f"This is a copy. Check the live manual as soon as you can: {self.stamp.address}",
            "",
        ]
        return "\r\n".join(lines).encode()

    def _add(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(f"{self.folder}/{name}", timezone.localtime().timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = READABLE << 16
        self.zip.writestr(entry, content)


def asset(address: str) -> bytes:
    """A built asset: as it was built, else as it was collected."""
    found = finders.find(address)
    if isinstance(found, str):
        return Path(found).read_bytes()
    with staticfiles_storage.open(address) as file:
        return bytes(file.read())


def _first_letter(written: Written) -> str:
    first = written.rendered.title[:1].upper()
    return first if first.isalpha() else "0–9"
