"""Reads that several pages and commands share."""

from django.http import HttpRequest

from procedures.models import ManualIndexPage
from procedures.privacy import hidden_paths


def front_page(request: HttpRequest | None) -> ManualIndexPage | None:
    """The outermost manual that this reader may read, or None."""
    pages = ManualIndexPage.objects.live().order_by("depth", "path")
    for path in hidden_paths(request):
        pages = pages.exclude(path__startswith=path)
    return pages.first()
