"""The page around a chapter: kept for everybody who sees the same, with holes for what is one person's."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from secrets import token_hex
from typing import Any, cast

from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from portal.accounts.acting import PortalRequest
from portal.accounts.context import session
from portal.accounts.display import display_of
from portal.reminders.models import worker_is_late
from procedures.privacy import hidden_paths, numbers_of, reader_of
from procedures.readers.selectors import Asked, asked_of
from procedures.reading.shown import SECONDS_KEPT, Around, Shown, around, shown

PERSONAL = "procedures/reading/personal.html"
HOLE = token_hex(16)  # nobody can write it into a title


@dataclass(frozen=True)
class Frame:
    """The page in pieces, between its holes; and what everybody is asked to confirm of this chapter."""

    page_id: int | None
    pieces: Sequence[str]
    must_read: Asked | None


def frame(request: HttpRequest, pk: int) -> Frame:
    """The page of a live chapter. The key holds everything that it is made of: the numbers of the tables, what is
    hidden from this reader, their partnership, the address, the person's role and display settings, the day."""
    acting = getattr(request, "acting", None)
    reader = reader_of(request)
    numbers = numbers_of(reader)
    hidden = hidden_paths(reader)
    parts = (
        pk,
        sum(numbers.values()),
        hidden,
        reader.partnership_id,
        request.build_absolute_uri(request.path),
        acting and acting.role,  # none for whoever has not signed in with both factors: here they are nobody
        display_of(request).words,
        timezone.localdate(),
    )
    key = f"frame:{sha256(repr(parts).encode()).hexdigest()}"
    kept: Frame | None = cache.get(key)
    if kept is None:
        kept = made_frame(request, shown(request, pk), around(pk, hidden, numbers))
        cache.set(key, kept, SECONDS_KEPT)
    return kept


def made_frame(request: HttpRequest, found: Shown, around: Around) -> Frame:
    """The same, made now."""
    page = found.page
    context: dict[str, Any] = {
        "page": page,
        "self": page,
        "chapter": found.chapter,
        "hole": HOLE,
        "edition": page.edition_date or page.last_published_at,
        "contents": found.contents,
        "body": found.body,
        "around": around,
        "manual": around.manual,
        "now": timezone.now(),
    }
    pieces = render_to_string(page.template, context, request).split(HOLE)
    return Frame(page.pk, pieces, asked_of(page.pk) if page.pk else None)


def filled(request: HttpRequest, kept: Frame) -> str:
    """The page for this person: the pieces with what is theirs in the holes. Its template gets what it needs and no
    more, because the context that all pages share costs as much as the rest of the request."""
    context = session(cast(PortalRequest, request)) | {
        "request": request,
        "page_id": kept.page_id,
        "must_read": kept.must_read,
        "hole": HOLE,
        "csrf_token": SimpleLazyObject(lambda: get_token(request)),
        "messages": get_messages(request),
        "worker_late": lambda: getattr(request, "verified", False) and worker_is_late(),
    }
    personal = get_template(PERSONAL).render(context).split(HOLE)
    return "".join(part for pair in zip_longest(kept.pieces, personal, fillvalue="") for part in pair)
