"""A chapter as HTML, in pieces: its boxes and its sections, each by its permanent address.

The pieces are what a page, a kept edition, a PDF and the offline copy are put together from; nothing in them depends on
who reads. Links, documents and cross references of the whole chapter are looked up together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from wagtail.blocks import StreamValue
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from procedures.blocks import with_classes
from procedures.models import ChapterPage, Section
from procedures.numbering import paragraph_numbers
from procedures.policy import local_to
from procedures.privacy import hidden

BETWEEN = "\x1e"  # between pieces that are rewritten together; never part of a text
SECTION_LINK = re.compile(r'<a(?P<attributes>[^>]*\blinktype="section"[^>]*)>(?P<text>.*?)</a>', re.S)
IDENTITY = re.compile(r'\bid="(s-[0-9a-f]+)"')
PAGE_LINK = re.compile(r'<a(?P<attributes>[^>]*\blinktype="page"[^>]*)>(?P<text>.*?)</a>', re.S)
PAGE_IDENTITY = re.compile(r'\bid="(\d+)"')


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
    """A chapter without its frame: title and number, boxes at its head, sections in order."""

    title: str
    number: str
    boxes: str
    sections: tuple[RenderedSection, ...]

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
        return cls(kept["title"], kept["number"], kept["boxes"], sections)


def render_chapter(page: ChapterPage) -> RenderedChapter:
    """Render a page, live or draft, as it stands in memory."""
    views = page.sections()
    pieces = [_blocks(page.boxes, "")] + [_blocks(one.content, one.number) for one in views]
    boxes, *contents = rewritten(pieces, page)
    sections = tuple(
        RenderedSection(one.anchor, one.number, one.heading, one.depth, html)
        for one, html in zip(views, contents, strict=True)
    )
    return RenderedChapter(page.title, page.number, boxes, sections)


def _blocks(stream: StreamValue | None, section: str) -> str:
    blocks = list(stream or [])
    numbers = paragraph_numbers(
        section, (block.value["number"] for block in blocks if block.block_type == "numbered")
    )
    return "".join(
        str(block.render({"number": next(numbers)} if block.block_type == "numbered" else None)).replace(
            BETWEEN, ""
        )
        for block in blocks
    )


def rewritten(pieces: Iterable[str], page: ChapterPage, partnership_id: UUID | None = None) -> list[str]:
    """Pieces of a chapter with links, cross references and classes as readers get them. What is read by everybody
    leads nowhere local; what is local to a partnership (the chapter, or the pieces by `partnership_id`) may lead to
    its own."""
    html = BETWEEN.join(pieces)
    if 'linktype="section"' in html or 'linktype="page"' in html:
        owner = local_to(page) or partnership_id
        html = _with_section_links(_without_links_elsewhere(html, owner), page, owner)
    return with_classes(expand_db_html(html)).split(BETWEEN)


def _without_links_elsewhere(html: str, owner: UUID | None) -> str:
    """Links to pages that are local to a partnership other than `owner` keep their words alone."""
    elsewhere = [path for path, of in hidden().local if of != owner]
    if not elsewhere:
        return html
    ids = {int(found) for match in PAGE_LINK.finditer(html) for found in PAGE_IDENTITY.findall(match[0])}
    paths = Page.objects.filter(pk__in=ids).values_list("pk", "path")
    closed = {pk for pk, path in paths if path.startswith(tuple(elsewhere))}

    def link(match: re.Match[str]) -> str:
        found = PAGE_IDENTITY.search(match["attributes"])
        return match["text"] if found and int(found[1]) in closed else match[0]

    return PAGE_LINK.sub(link, html)


def _with_section_links(html: str, page: ChapterPage, owner: UUID | None) -> str:
    """Each cross reference by what its section is called today; one that leads nowhere, or into a chapter that is
    local to a partnership other than `owner`, keeps its words and is no link."""
    anchors = set(IDENTITY.findall("".join(match["attributes"] for match in SECTION_LINK.finditer(html))))
    if not anchors:
        return html
    sections: dict[str, Section] = {}
    for section in (
        Section.objects.filter(anchor__in=anchors, live=True).select_related("page").order_by("-pk")
    ):
        if section.anchor not in sections or section.page_id == page.pk:
            sections[section.anchor] = section

    def link(match: re.Match[str]) -> str:
        found = IDENTITY.search(match["attributes"])
        section = sections.get(found[1]) if found else None
        if section is None or not section.page.live or local_to(section.page) not in (None, owner):
            return match["text"]
        here = section.page_id == page.pk
        name = section.name if here else f"{section.name} ({section.page.name})"
        address = "" if here else section.page.get_url() or ""
        return f'<a href="{escape(address)}#{section.anchor}">{escape(name)}</a>'

    return SECTION_LINK.sub(link, html)


def anchors_referred_to(page: ChapterPage) -> Iterator[str]:
    """The addresses of the sections that a page points at by cross references."""
    for stream in (page.boxes, page.body):
        for text in rich_texts(stream.get_prep_value() if stream else []):
            for match in SECTION_LINK.finditer(text):
                found = IDENTITY.search(match["attributes"])
                if found:
                    yield found[1]


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
