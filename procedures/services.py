"""What can happen to the manual: a chapter is imported."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils.text import slugify
from wagtail.blocks import StreamValue
from wagtail.models import Page, Site

from procedures.importing import stream
from procedures.importing.structure import Chapter
from procedures.models import ChapterPage, ManualIndexPage

LONGEST_TITLE = 255
LONGEST_SLUG = 120
UNTITLED = "Chapter without a title"
IMPORTED = "Imported from a file and published by the operator."


class NoSuchParent(LookupError):
    """There is no manual at the path given; the message says what to do."""


@dataclass(frozen=True)
class Placed:
    """A chapter after its import: the page, and whether it was made just now."""

    page: ChapterPage
    made: bool


def import_chapter(chapter: Chapter, *, parent: ManualIndexPage, publish: bool = False) -> Placed:
    """Place a chapter under a manual as a draft, or live with `publish`; all of it or nothing.

    A chapter with the same number and title that was imported there before is given a new draft, in which
    every section that is still there keeps its address. What a reader sees does not change without `publish`.
    """
    key = import_key(chapter)
    with transaction.atomic():
        page = ChapterPage.objects.child_of(parent).filter(import_key=key).first()
        made = page is None
        # The draft, not the published edition: what is imported again replaces the last draft.
        draft = ChapterPage(import_key=key) if page is None else page.get_latest_revision_as_object()
        _fill(draft, chapter, key)
        if publish or not draft.has_unpublished_changes:
            # The note of the last change is not that of this one.
            draft.change_what, draft.change_why, draft.must_read = IMPORTED if publish else "", "", False
        if page is None:
            draft.slug = _free_slug(draft, parent)
            draft.live = False
            parent.add_child(instance=draft)
            page = draft
        revision = draft.save_revision(log_action=True, changed=True)
        if publish:
            revision.publish(log_action=True)
        page.refresh_from_db()
    return Placed(page, made)


def import_key(chapter: Chapter) -> str:
    """What tells imported chapters apart: number and title as printed."""
    return f"{chapter.number} {chapter.title}".strip()[:300]


def _fill(page: ChapterPage, chapter: Chapter, key: str) -> None:
    title = chapter.title or UNTITLED
    page.title = title[:LONGEST_TITLE]
    page.draft_title = page.title
    page.number = chapter.number[:30]
    known = _known_sections(page)
    sections = stream.body(chapter, key, known)
    if page.title != title:
        # A title is a short line; one that is longer than a page's title can be is kept whole above the text.
        whole = {"type": "text", "value": f"<p>{stream.rich_text(chapter.title)}</p>"}
        sections.insert(0, stream.lead_block(key, [whole]))
    page.boxes = _stream(page, "boxes", [stream.box_block(box) for box in chapter.boxes])
    page.body = _stream(page, "body", sections)


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
