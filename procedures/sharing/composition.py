"""A chapter as one partnership's readers see it: the shared text with what is local put in."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.template.loader import render_to_string

from portal.accounts.models import Partnership
from procedures import generation
from procedures.models import ChapterPage
from procedures.privacy import Reader, numbers_of
from procedures.rendering import RenderedChapter, rewritten
from procedures.sharing.models import BoxVersion, Place

Boxes = dict[tuple[str, str], str]  # (anchor, where) -> HTML
HEAD = ""  # the anchor of what stands at the head of the chapter


def with_local_parts(
    chapter: RenderedChapter, page: ChapterPage, reader: Reader, at: datetime | None = None
) -> RenderedChapter:
    """The chapter with the local boxes of the reader's partnership at their sections, as they are or as they stood
    at a moment. A box whose section this chapter does not have stands at its head. No query of its own where nothing
    has changed since the chapter was last shown, and one without a request."""
    if reader.partnership_id is None:
        return chapter
    boxes = _boxes_now(page, reader) if at is None else _boxes(page, reader.partnership_id, at)
    return _put_in(chapter, boxes) if boxes else chapter


def _put_in(chapter: RenderedChapter, boxes: Boxes) -> RenderedChapter:
    known = {section.anchor for section in chapter.sections}
    sections = tuple(
        replace(
            one,
            html=boxes.get((one.anchor, Place.BEFORE), "")
            + one.html
            + boxes.get((one.anchor, Place.AFTER), ""),
        )
        for one in chapter.sections
    )
    gone = "".join(html for (anchor, _), html in boxes.items() if anchor != HEAD and anchor not in known)
    above, below = boxes.get((HEAD, Place.BEFORE), ""), boxes.get((HEAD, Place.AFTER), "")
    return replace(chapter, boxes=above + chapter.boxes + below + gone, sections=sections)


def _boxes_now(page: ChapterPage, reader: Reader) -> Boxes:
    assert reader.partnership_id is not None
    numbers = numbers_of(reader)
    if page.partnership_id is None and (page.pk, reader.partnership_id) not in _with_boxes(numbers):
        return {}
    number = sum(numbers.values())
    key = f"manual-local-{number}-{page.pk}-{reader.partnership_id}"
    kept: Boxes | None = cache.get(key) if number else None
    if kept is None:
        kept = _boxes(page, reader.partnership_id)
        if number:
            cache.set(key, kept)
    return kept


def _with_boxes(numbers: generation.Numbers) -> frozenset[tuple[int, UUID]]:
    """The chapters that have boxes, by partnership, from memory until a box changes: most have none."""
    table = BoxVersion._meta.db_table

    def read() -> frozenset[tuple[int, UUID]]:
        return frozenset(BoxVersion.objects.order_by().values_list("page_id", "partnership_id").distinct())

    return generation.remembered("boxes", (table,), read, numbers)


def _boxes(page: ChapterPage, partnership_id: UUID, at: datetime | None = None) -> Boxes:
    """The boxes of a chapter as HTML; at the head of a chapter that is itself local, first of all that it is."""
    rows = list(
        BoxVersion.objects.filter(page=page, partnership=partnership_id)
        .shown(at)
        .select_related("partnership")
    )
    own = page.partnership_id == partnership_id  # also of a page in a local part: see LocalPage.clean
    if not rows and not own:
        return {}
    name = rows[0].partnership if rows else Partnership.objects.get(pk=partnership_id)
    texts = rewritten((row.text for row in rows), page, partnership_id) if rows else []
    boxes: Boxes = {}
    if own:
        boxes[HEAD, Place.BEFORE] = render_to_string(
            "procedures/sharing/local_chapter.html", {"partnership": name}
        )
    for row, html in zip(rows, texts, strict=True):
        context = {"box": row, "partnership": name, "html": html}
        place = (row.anchor, row.place)
        boxes[place] = boxes.get(place, "") + render_to_string("procedures/sharing/box.html", context)
    return boxes
