"""The manual by letter."""

import re
from dataclasses import dataclass, field

from django.urls import reverse

from procedures.models import GlossaryTerm, Section
from procedures.privacy import Reader, hidden_paths, numbers_of
from procedures.tree import Place, tree

OTHER = "0–9"
ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)", re.IGNORECASE)
MAIN = 1  # sections at the outermost level


@dataclass(frozen=True)
class Entry:
    """A line: `inside` names the chapter that a section is in, `kind` says what it is where it is no chapter."""

    words: str
    url: str
    inside: str = ""
    kind: str = ""


@dataclass
class Letter:
    """A letter, or the digits, with its entries by alphabet; an empty one is shown greyed."""

    name: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        return f"letter-{'other' if self.name == OTHER else self.name.lower()}"


def letters(reader: Reader) -> list[Letter]:
    """Every letter with the chapters, main sections and glossary terms that this reader may read."""
    hidden = hidden_paths(reader)
    readable = {
        place.pk: place
        for place in tree(numbers_of(reader)).chapters
        if not any(place.path.startswith(path) for path in hidden)
    }
    entries = [Entry(place.title, place.address, kind="") for place in readable.values()]
    entries += _sections(readable)
    glossary = reverse("reading:glossary")
    entries += [
        Entry(term.term, f"{glossary}#term-{term.pk}", kind="glossary") for term in GlossaryTerm.objects.all()
    ]
    found = {name: Letter(name) for name in [*map(chr, range(ord("A"), ord("Z") + 1)), OTHER]}
    for entry in sorted(entries, key=lambda one: (_by(one.words), one.inside)):
        first = _by(entry.words)[:1].upper()
        found[first if first in found else OTHER].entries.append(entry)
    return list(found.values())


def _by(words: str) -> str:
    """What a line is put in order by: nobody looks for "The panel" under T."""
    return ARTICLE.sub("", words).casefold()


def _sections(readable: dict[int, Place]) -> list[Entry]:
    rows = Section.objects.filter(live=True, level=MAIN, page_id__in=list(readable)).exclude(heading="")
    found = []
    for row in rows:
        place = readable[row.page_id]
        if row.heading.casefold() != place.title.casefold():
            found.append(Entry(row.heading, f"{place.address}#{row.anchor}", inside=place.name))
    return found
