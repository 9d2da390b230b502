"""Keeps the rows in which search looks: written when a chapter is published, removed when it no longer is.

Moving a page needs nothing, because addresses and privacy are asked of the page itself; deleting it deletes
its rows.
"""

import re
from typing import Any

from django.db import transaction
from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing

from procedures.models import ChapterPage, Section, SectionIndex

LONGEST = 100_000  # characters of one section that are searched; PostgreSQL's tsvector holds 1 MB
SPACE = re.compile(r"\s+")
# What search puts around a found word (search.py); never part of a text.
MARKS = str.maketrans("", "", "\x00\ue000\ue001")


def index_chapter(page: ChapterPage) -> int:
    """Write the rows of a chapter anew; the number of them. One that is not live, or is withdrawn, has none."""
    found = page.live and not page.alias_of_id and page.withdrawn_at is None
    rows = section_rows(page) if found else []
    with transaction.atomic():
        SectionIndex.objects.filter(page=page).delete()
        SectionIndex.objects.bulk_create(rows)
    return len(rows)


def section_rows(page: ChapterPage) -> list[SectionIndex]:
    """The rows of a chapter: its head (title and boxes), then each section."""
    head = "" if not page.boxes else _text(page.boxes.stream_block.get_searchable_content(page.boxes))
    rows = [SectionIndex(page=page, anchor="", position=0, chapter=page.name, heading="", text=head)]
    for position, section in enumerate(page.sections(), start=1):
        texts = section.content.stream_block.get_searchable_content(section.content)
        rows.append(
            SectionIndex(
                page=page,
                anchor=section.anchor,
                position=position,
                chapter=page.name,
                heading=section.name.translate(MARKS),
                text=_text(texts),
            )
        )
    return rows


def _text(parts: list[Any]) -> str:
    text = " ".join(get_text_for_indexing(str(part)) if "<" in str(part) else str(part) for part in parts)
    return SPACE.sub(" ", text.translate(MARKS)).strip()[:LONGEST]


def register_sections(page: ChapterPage) -> None:
    """Write down the addresses of a published chapter's sections; those that are gone are kept as not live."""
    sections = page.sections() if page.live and not page.alias_of_id else []
    with transaction.atomic():
        Section.objects.filter(page=page).update(live=False)
        Section.objects.bulk_create(
            [
                Section(
                    page=page,
                    anchor=one.anchor,
                    position=place,
                    number=one.number[:40],
                    heading=one.heading,
                    live=True,
                )
                for place, one in enumerate(sections, start=1)
            ],
            update_conflicts=True,
            unique_fields=["page", "anchor"],
            update_fields=["position", "number", "heading", "live"],
        )


def on_published(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_published. Two publications of a chapter at once write its rows one after the other, and both
    write what is published then."""
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=instance.pk)
        page = ChapterPage.objects.get(pk=instance.pk)
        register_sections(page)
        index_chapter(page)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished."""
    Section.objects.filter(page_id=instance.pk).update(live=False)
    SectionIndex.objects.filter(page_id=instance.pk).delete()
