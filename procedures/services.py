"""What can happen to the manual: a chapter is imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from wagtail.blocks import StreamValue
from wagtail.models import Page, Site

from procedures.importing import links, stream
from procedures.importing.structure import Chapter
from procedures.models import ChapterPage, ManualIndexPage, anchor_of

LONGEST_TITLE = 255
LONGEST_SLUG = 120
UNTITLED = "Chapter without a title"
IMPORTED = "Imported from a file and published by the operator."


class NoSuchParent(LookupError):
    """There is no manual at the path given; the message says what to do."""


class PageInUse(RuntimeError):
    """The chapter is locked or waits for approval, so that an import would undo somebody's work."""


@dataclass(frozen=True)
class BrokenLink:
    """A link that led to a file or place that is not there; its words were kept."""

    words: str
    address: str


@dataclass(frozen=True)
class Changes:
    """Sections, by name, that an import added to a draft, took out of it or changed in it."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def in_words(self) -> str:
        """A sentence for readers and editors."""
        counts = (("added", self.added), ("removed", self.removed), ("changed", self.changed))
        parts = [
            f"{len(names)} section{'s' if len(names) > 1 else ''} {verb}" for verb, names in counts if names
        ]
        return f"{', '.join(parts)}." if parts else "No section changed."


@dataclass(frozen=True)
class Placed:
    """A chapter after its import: the page, whether it was made just now, what changed in its draft, links that lead
    nowhere."""

    page: ChapterPage
    made: bool
    changes: Changes = field(default_factory=Changes)
    broken: tuple[BrokenLink, ...] = ()


@dataclass(frozen=True)
class Note:
    """The amendment note of an import that is published: what changed and why."""

    what: str
    why: str


def import_chapter(
    chapter: Chapter,
    *,
    parent: ManualIndexPage,
    publish: bool = False,
    user: Any | None = None,
    note: Note | None = None,
    others: bool = False,
    known: QuerySet[ChapterPage] | None = None,
) -> Placed:
    """Place a chapter under a manual as a draft, or live with `publish`; all of it or nothing.

    A chapter with the same number and title that was imported there before is given a new draft, in which
    every section that is still there keeps its address. What a reader sees does not change without `publish`.
    With `others`, links to other files are kept until `mend_links`; else they become plain words and are reported.
    `known` are the chapters that may be updated; without it, all.
    Raises PageInUse where the page is locked or waits for approval.
    """
    key = import_key(chapter)
    with transaction.atomic():
        page = imported_before(chapter, parent, known)
        made = page is None
        # The draft, not the published edition: what is imported again replaces the last draft.
        draft = ChapterPage(import_key=key) if page is None else page.get_latest_revision_as_object()
        if page is not None and (page.locked or page.current_workflow_state is not None):
            raise PageInUse(
                f"“{page.name}” {'is locked' if page.locked else 'waits for approval'} in the CMS, so it was not "
                "imported over. End that first."
            )
        before = [dict(block) for block in draft.body.raw_data] if draft.body else []
        broken = _fill(draft, chapter, key, others=others)
        changes = compared(before, list(draft.body.raw_data))
        if publish or not draft.has_unpublished_changes:
            # The note of the last change is not that of this one.
            draft.change_what, draft.change_why, draft.must_read = IMPORTED if publish else "", "", False
        if note is not None:
            what = note.what if page is None else f"{note.what} {changes.in_words()}"
            draft.change_what, draft.change_why = what, note.why
        if page is None:
            draft.slug = _free_slug(draft, parent)
            draft.live = False
            draft.owner = user
            parent.add_child(instance=draft)
            page = draft
        revision = draft.save_revision(user=user, log_action=True, changed=True)
        if publish:
            revision.publish(user=user, log_action=True, skip_permission_checks=True)
        page.refresh_from_db()
    return Placed(page, made, Changes() if made else changes, broken)


def imported_before(
    chapter: Chapter, parent: Page, known: QuerySet[ChapterPage] | None = None
) -> ChapterPage | None:
    """The page under this manual that an import of the same chapter made."""
    pages = ChapterPage.objects.child_of(parent).filter(import_key=import_key(chapter))
    if known is not None:
        pages = pages.filter(pk__in=known)
    return pages.first()


def compared(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Changes:
    """What differs between two bodies, section by section; sections are known by their permanent address."""
    old = {block["id"]: _bare(block["value"]) for block in before}
    new = {block["id"]: _bare(block["value"]) for block in after}
    return Changes(
        added=tuple(_named(new[one]) for one in new if one not in old),
        removed=tuple(_named(old[one]) for one in old if one not in new),
        changed=tuple(_named(new[one]) for one in new if one in old and old[one] != new[one]),
    )


def _named(value: Mapping[str, Any]) -> str:
    name = " ".join(part for part in (value.get("number"), value.get("heading")) if part)
    return name or "the text before the first heading"


def _bare(value: Any) -> Any:
    """A block's value without the ids that storing gives to the blocks inside it."""
    if isinstance(value, Mapping):
        return {key: _bare(inner) for key, inner in value.items() if key not in {"id", "numbering"}}
    if isinstance(value, list | tuple):
        return [_bare(inner) for inner in value]
    return value


def mend_links(
    placed: Mapping[str, tuple[ChapterPage, Chapter]], *, publish: bool = False, user: Any | None = None
) -> dict[str, tuple[int, list[BrokenLink]]]:
    """After a folder has been placed: links between its files become links between pages; `placed` is by path.

    Gives for each path the number of links mended and those that led nowhere, whose words stay. With `publish`, every
    page goes live now, so that no reader meets a link that is still to be mended.
    """
    results: dict[str, tuple[int, list[BrokenLink]]] = {}
    by_path = {path.lower(): one for path, one in placed.items()}
    for path, (page, _) in placed.items():
        mended: list[str] = []
        broken: list[BrokenLink] = []

        def answer(address: str, words: str, path: str = path) -> str:
            target, name = links.file_of(unescape(address), path)  # noqa: B023  (bound by its default)
            found = by_path.get(target.lower())
            if found is None:
                broken.append(BrokenLink(links.TAG.sub("", words), unescape(address)))  # noqa: B023
                return ""
            mended.append(address)  # noqa: B023
            section = _section_link(found[1], found[0], name, words)
            return section or f'linktype="page" id="{found[0].pk}"'

        with transaction.atomic():
            draft = page.get_latest_revision_as_object()
            waiting = any(links.pending([list(draft.boxes.raw_data), list(draft.body.raw_data)]))
            if waiting:
                draft.boxes = _stream(draft, "boxes", links.relinked(list(draft.boxes.raw_data), answer))
                draft.body = _stream(draft, "body", links.relinked(list(draft.body.raw_data), answer))
            if waiting or publish:
                revision = draft.save_revision(user=user, changed=True)
                if publish:
                    revision.publish(user=user, log_action=True, skip_permission_checks=True)
                page.refresh_from_db()
        results[path] = (len(mended), broken)
    return results


def _section_link(chapter: Chapter, page: ChapterPage, name: str, words: str) -> str:
    """A cross reference to the section that bears a name in its file, where the link's words are the section's own:
    a cross reference shows the section's name, and an import changes no word."""
    if not name:
        return ""
    body = page.get_latest_revision_as_object().body.raw_data
    identities = [block["id"] for block in body if block["value"]["heading"] or block["value"]["number"]]
    named = [section for section in chapter.sections if section.number or section.title]
    for section, identity in zip(named, identities, strict=False):
        own = links.plain(f"{section.number} {section.title}")
        if name in section.names and links.plain(words) in {own, links.plain(section.title)}:
            return f'linktype="section" id="{anchor_of(identity)}"'
    return ""


def import_key(chapter: Chapter) -> str:
    """What tells imported chapters apart: number and title as printed."""
    return f"{chapter.number} {chapter.title}".strip()[:300]


def _fill(page: ChapterPage, chapter: Chapter, key: str, *, others: bool) -> tuple[BrokenLink, ...]:
    """Give a page the chapter's words; the links that lead nowhere."""
    title = chapter.title or UNTITLED
    page.title = title[:LONGEST_TITLE]
    page.draft_title = page.title
    page.number = chapter.number[:30]
    known = _known_sections(page)
    sections = stream.body(chapter, key, known)
    anchors = {
        name: (anchor_of(block["id"]), section)
        for section, block in zip(chapter.sections, sections, strict=True)
        for name in section.names
    }
    broken: list[BrokenLink] = []

    def answer(address: str, words: str) -> str:
        if address.startswith("#"):
            anchor, section = anchors.get(unescape(address)[1:], ("", None))
            if section is not None:
                return f'href="#{anchor}"'
        elif others:
            return f'href="{escape(unescape(address))}"'
        broken.append(BrokenLink(links.TAG.sub("", words), unescape(address)))
        return ""

    boxes = links.relinked([stream.box_block(box) for box in chapter.boxes], answer)
    sections = links.relinked(sections, answer)
    if page.title != title:
        # A title is a short line; one that is longer than a page's title can be is kept whole above the text.
        whole = {"type": "text", "value": f"<p>{stream.rich_text(chapter.title)}</p>"}
        sections.insert(0, stream.lead_block(key, [whole]))
    page.boxes = _stream(page, "boxes", boxes)
    page.body = _stream(page, "body", sections)
    return tuple(broken)


def _stream(page: ChapterPage, field: str, raw: list[dict[str, Any]]) -> StreamValue:
    return StreamValue(page._meta.get_field(field).stream_block, raw, is_lazy=True)


def _known_sections(page: ChapterPage) -> dict[tuple[str, str], str]:
    """(path of numbers, title) -> block id for the sections that the draft has now."""
    above: list[str] = []
    known: dict[tuple[str, str], str] = {}
    for block in page.body or []:
        level = max(1, int(block.value["level"]))
        above = [*above[: level - 1], *[""] * (level - 1 - len(above)), block.value["number"]]
        known.setdefault(("/".join(above), block.value["heading"]), block.id)
    return known


def _free_slug(page: ChapterPage, parent: Page) -> str:
    """An address made of number and title that no other page under this parent has."""
    base = slugify(f"{page.number.replace('.', '-')} {page.title}")[:LONGEST_SLUG].strip("-") or "chapter"
    slug, place = base, 2
    while not Page._slug_is_available(slug, parent):
        slug, place = f"{base}-{place}", place + 1
    return slug


def part_of(parent: ManualIndexPage, title: str, *, live: bool, user: Any | None = None) -> ManualIndexPage:
    """The part of a manual with this title; made where there is none, a draft unless `live`."""
    slug = slugify(title)[:LONGEST_SLUG].strip("-") or "part"
    found = ManualIndexPage.objects.child_of(parent).filter(slug=slug).first()
    if found is not None:
        return found
    part = ManualIndexPage(title=title, slug=slug, live=live, owner=user, partnership=parent.partnership)
    parent.add_child(instance=part)
    part.save_revision(user=user)
    return part


def manual_at(path: str = "") -> ManualIndexPage:
    """The manual at a path such as "/manual/regional/"; without a path the first one.

    Raises NoSuchParent where no manual is there.
    """
    root = site_root()
    if not path.strip("/"):
        found = ManualIndexPage.objects.descendant_of(root).order_by("depth", "path").first()
        if found is None:
            raise NoSuchParent(
                "There is no manual yet: add a page of the kind “manual” in the CMS, or run load_demo."
            )
        return found
    page = root
    for slug in path.strip("/").split("/"):
        child = page.get_children().filter(slug=slug).first()
        if child is None:
            raise NoSuchParent(f"There is no page at {path!r} (looked for {slug!r} under {page.title!r}).")
        page = child
    manual = page.specific
    if not isinstance(manual, ManualIndexPage):
        raise NoSuchParent(f"The page at {path!r} is not a manual, and chapters can only be placed in one.")
    return manual


def site_root() -> Page:
    """The root page of the default site."""
    try:
        site = Site.objects.get(is_default_site=True)
    except ObjectDoesNotExist:
        return Page.get_first_root_node()
    return site.root_page


def ensure_manual() -> ManualIndexPage:
    """The first manual; one is made, live, where the site has none yet."""
    try:
        return manual_at()
    except NoSuchParent:
        manual = ManualIndexPage(title="Procedures manual", slug="manual")
        site_root().add_child(instance=manual)
        return manual
