"""The page around a chapter: kept for everybody who sees the same, with holes for what is personal."""

from hashlib import sha256
from itertools import zip_longest
from secrets import token_hex
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from portal.accounts.display import display_of
from procedures.reading.shown import SECONDS_KEPT, Around, Shown

PERSONAL = "procedures/reading/personal.html"
HOLE = token_hex(16)  # nobody can write it into a title


def frame(request: HttpRequest, found: Shown, around: Around) -> list[str]:
    """The page in pieces, between its holes. The key holds everything that the pieces are made of: the chapter, its
    neighbours, the address, the person's role and display settings, the day."""
    acting = getattr(request, "acting", None)
    parts = (
        found.key,
        around.before and around.before.pk,
        around.after and around.after.pk,
        request.build_absolute_uri(request.path),
        getattr(request, "verified", False),
        acting and acting.role,
        display_of(request).words,
        timezone.localdate(),
    )
    key = f"frame:{sha256(repr(parts).encode()).hexdigest()}"
    kept: list[str] | None = cache.get(key)
    if kept is None:
        kept = made_frame(request, found, around)
        cache.set(key, kept, SECONDS_KEPT)
    return kept


def made_frame(request: HttpRequest, found: Shown, around: Around) -> list[str]:
    """The same, made now."""
    page = found.page
    context = _context(found) | {
        "edition": page.edition_date or page.last_published_at,
        "contents": found.contents,
        "body": found.body,
        "around": around,
        "manual": around.manual,
        "now": timezone.now(),
    }
    return render_to_string(page.template, context, request).split(HOLE)


def filled(request: HttpRequest, found: Shown, pieces: list[str]) -> str:
    """The page for this person: the pieces with what is theirs in the holes."""
    personal = render_to_string(PERSONAL, _context(found), request).split(HOLE)
    return "".join(part for pair in zip_longest(pieces, personal, fillvalue="") for part in pair)


def _context(found: Shown) -> dict[str, Any]:
    return {"page": found.page, "self": found.page, "chapter": found.chapter, "hole": HOLE}
