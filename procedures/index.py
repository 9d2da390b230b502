"""Writes down the permanent addresses of a chapter's sections when it is published.

What search looks in is written by `finding`.
"""

from typing import Any

from django.db import transaction
from wagtail.models import Page

from procedures.models import ChapterPage, Section


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
                    level=one.depth - 1,
                    live=True,
                )
                for place, one in enumerate(sections, start=1)
            ],
            update_conflicts=True,
            unique_fields=["page", "anchor"],
            update_fields=["position", "number", "heading", "level", "live"],
        )


def on_published(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_published. Two publications of a chapter at once write its rows one after the other, and both
    write what is published then."""
    with transaction.atomic():
        Page.objects.select_for_update().get(pk=instance.pk)
        page = ChapterPage.objects.get(pk=instance.pk)
        register_sections(page)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished."""
    Section.objects.filter(page_id=instance.pk).update(live=False)
