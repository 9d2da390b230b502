"""Reads that several pages and commands share."""

from wagtail.query import PageQuerySet

from procedures.models import ManualIndexPage
from procedures.privacy import Reader, readable


def front_page(reader: Reader) -> ManualIndexPage | None:
    """The outermost manual that this reader may read, or None."""
    return readable(ManualIndexPage.objects.live().order_by("depth", "path"), reader).first()


def in_force(pages: PageQuerySet) -> PageQuerySet:
    """Those of the pages that are published and not withdrawn: what lists, search, A to Z, suggestions and "next"
    offer. A withdrawn chapter stays at its address. Takes pages of any kind, or chapters."""
    relation = "" if hasattr(pages.model, "withdrawn_at") else "chapterpage__"
    return pages.live().filter(**{f"{relation}withdrawn_at__isnull": True})
