"""What goes into a copy: chapters as their reader may read them."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.utils import timezone
from wagtail.query import PageQuerySet

from portal.accounts.models import Partnership
from procedures.editing.pictures import kept_at
from procedures.editing.pictures import path_of as path_of_picture
from procedures.exporting.document import Box, Chapter, Paragraph, Part, Run, Stamp
from procedures.exporting.walking import chapter_document, clean, with_words
from procedures.models import ChapterPage, ManualIndexPage, natural
from procedures.privacy import Reader, may_read, readable
from procedures.rendering import RenderedChapter, render_chapter
from procedures.sharing.composition import with_local_parts

logger = logging.getLogger("procedures.exporting")


@dataclass(frozen=True)
class Branch:
    """A manual or part as it is read by somebody: its chapters by number, and the parts in it that hold any."""

    page: ManualIndexPage
    chapters: Sequence[ChapterPage]
    branches: Sequence["Branch"] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        """How many chapters are in it."""
        return len(self.chapters) + sum(branch.count for branch in self.branches)

    def all_chapters(self) -> Iterator[ChapterPage]:
        """Every chapter in it, in the order of reading."""
        yield from self.chapters
        for branch in self.branches:
            yield from branch.all_chapters()


def branch_of(scope: ManualIndexPage, reader: Reader) -> Branch:
    """The live chapters below a manual that this reader may read. Three queries, whatever its size."""
    parts = list(readable(ManualIndexPage.objects.live().descendant_of(scope, inclusive=True), reader))
    chapters = list(readable(in_force().descendant_of(scope), reader))
    inside: dict[str, list[ManualIndexPage]] = {}
    below: dict[str, list[ChapterPage]] = {}
    for part in parts:
        inside.setdefault(_parent(part.path), []).append(part)
    for chapter in chapters:
        below.setdefault(_parent(chapter.path), []).append(chapter)

    def branch(page: ManualIndexPage) -> Branch:
        own = sorted(below.get(page.path, []), key=lambda chapter: natural(chapter.number))
        branches = [branch(part) for part in inside.get(page.path, [])]
        return Branch(page, own, [one for one in branches if one.count])

    return branch(scope)


def in_force() -> PageQuerySet:
    """The chapters that stand: published and not withdrawn."""
    return ChapterPage.objects.live().filter(withdrawn_at__isnull=True)


@dataclass(frozen=True)
class Holding:
    """A manual or part that can be taken away as a whole: how many chapters it holds for its reader, and whether it
    lies in no other."""

    page: ManualIndexPage
    chapters: int
    outermost: bool


def holdings(scopes: Sequence[ManualIndexPage], reader: Reader) -> list[Holding]:
    """Those of the scopes that hold a chapter which this reader may read; one more query."""
    counts = {scope.path: 0 for scope in scopes}
    for path in readable(in_force(), reader).values_list("path", flat=True):
        above = _parent(path)
        while above in counts:
            counts[above] += 1
            above = _parent(above)
    return [
        Holding(scope, counts[scope.path], _parent(scope.path) not in counts)
        for scope in scopes
        if counts[scope.path]
    ]


def rendered_for(page: ChapterPage, reader: Reader) -> RenderedChapter:
    """A live chapter as this reader reads it."""
    return with_local_parts(render_chapter(page), page, reader)


def chapter_for(page: ChapterPage, reader: Reader) -> Chapter:
    """The same as a document, with the words that are explained in it at its end; at its head, that it is withdrawn."""
    rendered = rendered_for(page, reader)
    document = with_words(chapter_document(rendered, path_of(page), edition_of(page)), rendered)
    if page.withdrawn_at is None:
        return document
    return replace(document, head=(_withdrawn(page, reader), *document.head))


def path_of(page: ChapterPage) -> str:
    """A chapter's address below the portal's."""
    return urlsplit(page.get_url() or "").path


def part_for(branch: Branch, documents: Mapping[int, Chapter]) -> Part:
    """A branch as a document, from the documents of its chapters by page id."""
    chapters = tuple(documents[page.pk] for page in branch.chapters)
    return Part(branch.page.title, chapters, tuple(part_for(one, documents) for one in branch.branches))


def edition_of(page: ChapterPage) -> date | None:
    """The day from which a chapter stands as it is."""
    published = page.last_published_at
    return page.edition_date or (timezone.localdate(published) if published else None)


def stamp_for(partnership: Partnership | None, made_at: datetime) -> Stamp:
    """What a copy says of itself on every page; without a partnership, that it is this portal's."""
    made = timezone.localtime(made_at)
    name = partnership.name if partnership else settings.WAGTAIL_SITE_NAME
    return Stamp(name, address_of(partnership), f"{made:%-d %B %Y} at {made:%H:%M}")


def address_of(partnership: Partnership | None) -> str:
    """Where a partnership's readers find the live manual: BASE_URL with the partnership's own host."""
    base = urlsplit(settings.BASE_URL)
    if partnership is None or not partnership.hostname:
        return settings.BASE_URL.rstrip("/")
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{partnership.hostname}{port}"


def picture(source: str) -> bytes | None:
    """The file of a picture that stands in a page or an edition; None where it is not one of ours or is gone."""
    stored = _stored_at(source)
    if stored is None:
        return None
    try:
        with default_storage.open(stored) as file:
            return bytes(file.read())
    except (OSError, SuspiciousFileOperation):
        logger.warning("a picture of the manual is missing")
        return None


def _stored_at(source: str) -> str | None:
    """Where the picture at an address lies in the media store: a rendition (originals are never given out), or one
    that is kept for an edition."""
    kept = kept_at(source)
    if kept is not None:
        return path_of_picture(kept)
    path = unquote(urlsplit(source).path)
    if not path.startswith(f"{settings.MEDIA_URL}images/"):
        return None
    return path.removeprefix(settings.MEDIA_URL)


def _withdrawn(page: ChapterPage, reader: Reader) -> Box:
    """What a chapter that is no longer in force says of it."""
    lines = [line.strip() for line in page.withdrawn_notice.splitlines() if line.strip()]
    instead = page.replaced_by
    if instead is not None and instead.live and may_read(instead, reader):
        lines.append(f"It is replaced by: {instead.title}")
    return Box("This chapter has been withdrawn", tuple(Paragraph((Run(clean(line)),)) for line in lines))


def _parent(path: str) -> str:
    return path[: -ManualIndexPage.steplen]
