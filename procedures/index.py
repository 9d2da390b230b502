"""Keeps the rows in which search looks: written when a chapter is published, removed when it no longer is.

Moving a page needs nothing, because addresses and privacy are asked of the page itself; deleting it deletes
its rows.
"""

import re
from typing import Any

from django.db import transaction
from wagtail.rich_text import get_text_for_indexing

from procedures.models import ChapterPage, SectionIndex, anchor_of

LONGEST = 100_000  # characters of one section that are searched; PostgreSQL's tsvector holds 1 MB
SPACE = re.compile(r"\s+")
# What search puts around a found word (search.py); never part of a text.
MARKS = str.maketrans("", "", "\x00\ue000\ue001")


def index_chapter(page: ChapterPage) -> int:
    """Write the rows of a chapter anew; the number of them. A chapter that is not live has none."""
    rows = section_rows(page) if page.live and not page.alias_of_id else []
    with transaction.atomic():
        SectionIndex.objects.filter(page=page).delete()
        SectionIndex.objects.bulk_create(rows)
    return len(rows)


def section_rows(page: ChapterPage) -> list[SectionIndex]:
    """The rows of a chapter: its head (title and boxes), then each section."""
    head = "" if not page.boxes else _text(page.boxes.stream_block.get_searchable_content(page.boxes))
    rows = [SectionIndex(page=page, anchor="", position=0, chapter=page.name, heading="", text=head)]
    for position, block in enumerate(page.body, start=1):
        value = block.value
        texts = value["content"].stream_block.get_searchable_content(value["content"])
        heading = " ".join(part for part in (value["number"], value["heading"]) if part)
        rows.append(
            SectionIndex(
                page=page,
                anchor=anchor_of(block.id),
                position=position,
                chapter=page.name,
                heading=heading.translate(MARKS),
                text=_text(texts),
            )
        )
    return rows


def _text(parts: list[Any]) -> str:
    text = " ".join(get_text_for_indexing(str(part)) if "<" in str(part) else str(part) for part in parts)
    return SPACE.sub(" ", text.translate(MARKS)).strip()[:LONGEST]


def on_published(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_published."""
    index_chapter(instance)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished."""
    SectionIndex.objects.filter(page_id=instance.pk).delete()
