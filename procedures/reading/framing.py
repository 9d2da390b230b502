"""The page around a chapter: kept for everybody who sees the same, with holes for what is one person's."""

import re
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

PERSONAL = "procedures/reading/personal.html"  # what goes into the holes, in this order
# What stands for a hole while a page is made: nobody can write it into a title. Every process has its own.
HOLES = {name: token_hex(16) for name in ("who", "act_as", "notices", "must_read", "csrf_token")}
NAMES = {mark: name for name, mark in HOLES.items()}
AT_A_HOLE = re.compile(f"({'|'.join(NAMES)})")
BETWEEN = token_hex(16)


@dataclass(frozen=True)
class Frame:
    """The page in pieces, ready to be sent, and the names of the holes between them; and what everybody is asked to
    confirm of it."""

    page_id: int | None
    pieces: Sequence[bytes]
    holes: Sequence[str]
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
        "holes": HOLES,
        "csrf_token": HOLES["csrf_token"],
        "edition": page.edition_date or page.last_published_at,
        "contents": found.contents,
        "body": found.body,
        "around": around,
        "manual": around.manual,
        "now": timezone.now(),
    }
    parts = AT_A_HOLE.split(render_to_string(page.template, context, request))
    pieces, holes = [part.encode() for part in parts[::2]], [NAMES[mark] for mark in parts[1::2]]
    return Frame(page.pk, pieces, holes, asked_of(page.pk) if page.pk else None)


def filled(request: HttpRequest, kept: Frame) -> bytes:
    """The page for this person: the pieces with what is theirs in the holes. The template of those gets what it needs
    and no more, because the context that all pages share costs as much as the rest of the request."""
    token = SimpleLazyObject(lambda: get_token(request))
    context = session(cast(PortalRequest, request)) | {
        "request": request,
        "page_id": kept.page_id,
        "must_read": kept.must_read,
        "between": BETWEEN,
        "csrf_token": token,
        "messages": get_messages(request),
        "worker_late": lambda: getattr(request, "verified", False) and worker_is_late(),
    }
    personal = get_template(PERSONAL).render(context).split(BETWEEN)
    theirs = dict(zip(HOLES, (*personal, token), strict=True))
    filling = [str(theirs[name]).encode() for name in kept.holes]
    return b"".join(part for pair in zip_longest(kept.pieces, filling, fillvalue=b"") for part in pair)
