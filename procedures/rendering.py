"""A chapter as HTML, in pieces: its boxes and its sections, each by its permanent address.

The pieces are what a page, a kept edition, a PDF and the offline copy are put together from; nothing in them depends on
who reads. Links, documents, pictures and cross references of the whole chapter are looked up together, and what the
whole manual shares (addresses of pages and documents, sizes of pictures, the glossary) is kept in memory.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.rich_text import expand_db_html

from procedures import generation
from procedures.blocks import PICTURE, SectionContent, list_html, numbered_html, with_classes, with_numbering
from procedures.glossary import Glossary, Term, in_order
from procedures.models import ChapterPage, GlossaryTerm, Section, outline
from procedures.numbering import paragraph_numbers
from procedures.policy import owner_of
from procedures.privacy import hidden, narrower_than
from procedures.tree import tree

BETWEEN = "\x1e"  # between pieces that are rewritten together; never part of a text
SECTION_LINK = re.compile(r'<a(?P<attributes>[^>]*\blinktype="section"[^>]*)>(?P<text>.*?)</a>', re.S)
IDENTITY = re.compile(r'\bid="(s-[0-9a-f]+)"')
LINK = re.compile(r'<a(?P<attributes>[^>]*\blinktype="(?P<kind>page|document)"[^>]*)>(?P<text>.*?)</a>', re.S)
RICH_TEXT = {"text", "numbered", "list", "flow"}  # shown without making Wagtail's values of them
SECTION_CONTENT = SectionContent()
FOR_SOME = "a section that not everybody may read"
KEY = re.compile(r'\bid="([0-9]+)"')


@dataclass(frozen=True)
class RenderedSection:
    """A section: `html` is what stands under its heading; `depth` is the heading's rank (2 is <h2>)."""

    anchor: str
    number: str
    heading: str
    depth: int
    html: str

    @property
    def name(self) -> str:
        """Number and heading, as a reader would name it."""
        return " ".join(part for part in (self.number, self.heading) if part)

    @property
    def content(self) -> SafeString:
        """`html` for a template."""
        return mark_safe(self.html)  # noqa: S308  (made by render_chapter from whitelisted rich text)


@dataclass(frozen=True)
class RenderedChapter:
    """A chapter without its frame: title and number, boxes at its head, sections in order, and the glossary terms that
    stand in it with the meanings of the day. The HTML itself is plain; `explained` puts the buttons in."""

    title: str
    number: str
    boxes: str
    sections: tuple[RenderedSection, ...]
    terms: tuple[Term, ...] = ()

    @property
    def name(self) -> str:
        """Number and title, as a reader would name it."""
        return " ".join(part for part in (self.number, self.title) if part)

    @property
    def head(self) -> SafeString:
        """`boxes` for a template."""
        return mark_safe(self.boxes)  # noqa: S308  (as above)

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "RenderedChapter":
        """What `as_json` gave."""
        sections = tuple(RenderedSection(**one) for one in kept["sections"])
        terms = tuple(Term.from_json(one) for one in kept.get("terms", ()))
        return cls(kept["title"], kept["number"], kept["boxes"], sections, terms)


def render_chapter(page: ChapterPage, known: generation.Numbers | None = None) -> RenderedChapter:
    """Render a page, live or draft, as it stands in memory. `known` are generation.numbers() read before the page."""
    numbers = generation.numbers() if known is None else known
    plain = render_plain(page, numbers)
    return replace(plain, terms=_marked(plain, glossary(numbers))[1])


def render_plain(page: ChapterPage, numbers: generation.Numbers) -> RenderedChapter:
    """As render_chapter, without looking for glossary terms.

    It reads the text as it is stored: most blocks are rich text, and making Wagtail's values of them would take longer
    than all the rest.
    """
    stored = [(one["id"], with_numbering(one["value"])) for one in _stored(page.body)]
    inner = [value.get("content") or [] for _, value in stored]
    headings = outline(stored, [[block["type"] for block in blocks] for blocks in inner])
    head, in_head = _stored(page.boxes), page.boxes.stream_block if page.boxes else None
    context = {"sizes": lambda: sizes(numbers)}
    pieces = [_html(in_head, head, _made(in_head, head), "", context)]
    made = _made(SECTION_CONTENT, (block for blocks in inner for block in blocks))
    pieces += [
        _html(SECTION_CONTENT, blocks, made, one.number, context)
        for one, blocks in zip(headings, inner, strict=True)
    ]
    boxes, *contents = rewritten(pieces, page, known=numbers)
    sections = tuple(
        RenderedSection(one.anchor, one.number, one.heading, one.depth, html)
        for one, html in zip(headings, contents, strict=True)
    )
    return RenderedChapter(page.title, page.number, boxes, sections)


def explained(chapter: RenderedChapter, terms: Glossary | None = None) -> RenderedChapter:
    """The chapter with its glossary terms as buttons, each once in every section; `terms` of the chapter are those
    whose meanings the page must hold. Without a glossary, the one that was kept with the chapter."""
    return _marked(chapter, Glossary(chapter.terms) if terms is None else terms)[0]


def _marked(chapter: RenderedChapter, terms: Glossary) -> tuple[RenderedChapter, tuple[Term, ...]]:
    boxes, found = terms.mark(chapter.boxes)
    sections = []
    for section in chapter.sections:
        html, here = terms.mark(section.html)
        found += here
        sections.append(replace(section, html=html))
    ordered = tuple(in_order(found))
    return replace(chapter, boxes=boxes, sections=tuple(sections), terms=ordered), ordered


def glossary(known: generation.Numbers | None = None) -> Glossary:
    """Every glossary term, from memory until one changes."""

    def read() -> Glossary:
        rows = GlossaryTerm.objects.all()
        return Glossary(
            tuple(Term(f"term-{row.pk}", row.term, row.meaning, tuple(row.forms())) for row in rows)
        )

    return generation.remembered("glossary", (GlossaryTerm._meta.db_table,), read, known)


def sizes(known: generation.Numbers | None = None) -> dict[int, tuple[str, int, int]]:
    """Address, width and height of each picture as flow charts show it, from memory until a picture changes."""
    rendition = Image.get_rendition_model()

    def read() -> dict[int, tuple[str, int, int]]:
        rows = rendition.objects.filter(filter_spec=PICTURE)
        return {row.image_id: (row.url, row.width, row.height) for row in rows}

    tables = (rendition._meta.db_table, Image._meta.db_table)
    return generation.remembered("pictures", tables, read, known)


def documents(known: generation.Numbers | None = None) -> dict[int, str]:
    """The address of each document, from memory until one changes."""

    def read() -> dict[int, str]:
        return {document.pk: document.url for document in Document.objects.only("pk", "file")}

    return generation.remembered("documents", (Document._meta.db_table,), read, known)


def _stored(stream: StreamValue | None) -> list[dict[str, Any]]:
    """The blocks of a stream as the database keeps them: type, id, value."""
    return list(stream.get_prep_value()) if stream else []


def _made(kinds: StreamBlock | None, blocks: Iterable[Mapping[str, Any]]) -> dict[int, Any]:
    """id() of each stored block that is more than rich text -> Wagtail's value of it. All of a kind are made at once,
    so that their pictures come with one query."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for block in blocks:
        if kinds is not None and block["type"] not in RICH_TEXT and block["type"] in kinds.child_blocks:
            found.setdefault(block["type"], []).append(block)
    made: dict[int, Any] = {}
    for kind, stored in found.items():
        assert kinds is not None
        values = kinds.child_blocks[kind].bulk_to_python([block["value"] for block in stored])
        made |= {id(block): value for block, value in zip(stored, values, strict=True)}
    return made


def _html(
    kinds: StreamBlock | None,
    blocks: Sequence[Mapping[str, Any]],
    made: Mapping[int, Any],
    section: str,
    context: dict[str, Any],
) -> str:
    """Stored blocks one after the other; `section` is the number that the paragraphs in it go on from."""
    printed = [block["value"].get("number") or "" for block in blocks if block["type"] == "numbered"]
    numbers = paragraph_numbers(section, printed)
    parts = []
    for block in blocks:
        kind, value = block["type"], block["value"]
        if kind == "text":
            parts.append(value or "")
        elif kind == "numbered":
            parts.append(numbered_html(next(numbers), value.get("text") or ""))
        elif kind == "list":
            marks = (value.get("style", "letter"), value.get("inner", "bullet"), value.get("start") or 1)
            parts.append(list_html(value.get("items") or "", *marks))
        elif kind == "flow":
            parts.append(render_to_string("procedures/blocks/flow.html", context | {"value": value}))
        elif kinds is not None and id(block) in made:
            parts.append(str(kinds.child_blocks[kind].render(made[id(block)], context)))
    return "".join(parts).replace(BETWEEN, "")


def rewritten(
    pieces: Iterable[str],
    page: ChapterPage,
    partnership_id: UUID | None = None,
    known: generation.Numbers | None = None,
) -> list[str]:
    """Pieces of a chapter with links, cross references and classes as readers get them. Nothing names what fewer people
    may read than the chapter, by Wagtail's privacy or by partnership; what is local to a partnership (the chapter, or
    the pieces by `partnership_id`) may lead to its own."""
    numbers = generation.numbers() if known is None else known
    html = BETWEEN.join(pieces)
    owner = owner_of(page.path, hidden(numbers).local) or partnership_id
    here = tree(numbers).by_pk.get(page.pk)
    closed = narrower_than(here.path if here else page.path, owner, numbers)
    html = _with_links(_with_section_links(html, page, owner, closed, numbers), closed, numbers)
    return with_classes(expand_db_html(html)).split(BETWEEN)


def _with_links(html: str, closed: tuple[str, ...], numbers: generation.Numbers) -> str:
    """Links to pages and documents by their addresses. One that leads nowhere, or to a page below the tree paths
    `closed`, keeps its words and is no link."""
    places = tree(numbers).by_pk

    def link(match: re.Match[str]) -> str:
        key = KEY.search(match["attributes"])
        address = ""
        if key and match["kind"] == "document":
            address = documents(numbers).get(int(key[1]), "")
        elif key and (place := places.get(int(key[1]))) and place.live:
            address = "" if place.path.startswith(closed) else place.address
        return f'<a href="{escape(address)}">{match["text"]}</a>' if address else match["text"]

    return LINK.sub(link, html)


def _with_section_links(
    html: str, page: ChapterPage, owner: UUID | None, closed: tuple[str, ...], numbers: generation.Numbers
) -> str:
    """Each cross reference by what its section is called today; one that leads nowhere, or into a chapter that is
    local to a partnership other than `owner`, keeps its words and is no link. One into another chapter below the tree
    paths `closed` does not name it: the words that stand in the text are its name of the day on which it was put in."""
    anchors = set(IDENTITY.findall("".join(match["attributes"] for match in SECTION_LINK.finditer(html))))
    if not anchors:
        return html
    places, local = tree(numbers).by_pk, hidden(numbers).local
    sections: dict[str, Section] = {}
    for section in Section.objects.filter(anchor__in=anchors, live=True).order_by("-pk"):
        if section.anchor not in sections or section.page_id == page.pk:
            sections[section.anchor] = section

    def link(match: re.Match[str]) -> str:
        found = IDENTITY.search(match["attributes"])
        section = sections.get(found[1]) if found else None
        place = places.get(section.page_id) if section else None
        if section is None or place is None or not place.live:
            return match["text"]
        if owner_of(place.path, local) not in (None, owner):
            return match["text"]
        if section.page_id == page.pk:
            return f'<a href="#{section.anchor}">{escape(section.name)}</a>'
        if place.path.startswith(closed):
            address = reverse("reading:section", args=(section.anchor,))
            return f'<a href="{escape(address)}">{FOR_SOME}</a>'
        name = f"{section.name} ({place.name})"
        return f'<a href="{escape(place.address)}#{section.anchor}">{escape(name)}</a>'

    return SECTION_LINK.sub(link, html)


def anchors_referred_to(page: ChapterPage) -> Iterator[str]:
    """The addresses of the sections that a page points at by cross references."""
    for stream in (page.boxes, page.body):
        for text in rich_texts(stream.get_prep_value() if stream else []):
            for match in SECTION_LINK.finditer(text):
                found = IDENTITY.search(match["attributes"])
                if found:
                    yield found[1]


def without_references(raw: Any, own: Collection[str] = ()) -> Any:
    """A stream's raw value without the words of cross references, other than those to the anchors `own`: they are the
    names of other chapters' sections, which not everybody may read who may search this one."""
    if isinstance(raw, str):

        def words(match: re.Match[str]) -> str:
            found = IDENTITY.search(match["attributes"])
            return match["text"] if found and found[1] in own else " "

        return SECTION_LINK.sub(words, raw) if 'linktype="section"' in raw else raw
    if isinstance(raw, Mapping):
        return {key: without_references(value, own) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [without_references(value, own) for value in raw]
    return raw


def rich_texts(raw: Any) -> Iterator[str]:
    """Every string in a stream's raw value that may hold rich text."""
    if isinstance(raw, str):
        if "<" in raw:
            yield raw
    elif isinstance(raw, Mapping):
        for value in raw.values():
            yield from rich_texts(value)
    elif isinstance(raw, Iterable):
        for value in raw:
            yield from rich_texts(value)
