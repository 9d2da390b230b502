"""Where `reading` says how a chapter is shown, so that the page model need not know its views."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

Show = Callable[[HttpRequest, Any], HttpResponse]

_shows: dict[str, Show] = {}


def register(mode: str, show: Show) -> None:
    """From `reading`'s AppConfig.ready: the view for "live" pages, and the one for an editor's "preview"."""
    _shows[mode] = show


def show(mode: str, request: HttpRequest, page: Any) -> HttpResponse:
    """The answer of the view that was registered for this mode."""
    return _shows[mode](request, page)
