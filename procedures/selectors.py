"""Reads that several pages and commands share."""

from procedures.models import ManualIndexPage
from procedures.privacy import Reader, readable


def front_page(reader: Reader) -> ManualIndexPage | None:
    """The outermost manual that this reader may read, or None."""
    return readable(ManualIndexPage.objects.live().order_by("depth", "path"), reader).first()
