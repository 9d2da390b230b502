"""What a person was sending when their session turned out to be locked or over: kept for them, and offered
again.

Only posts to verified pages are kept, never those with passwords or codes (`access.not_kept`), never another
site's, and never for anybody but the person whose session it was.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.models import KeptPost, User
from portal.accounts.selectors import kept_posts

NEVER = "access_never_kept"
FIELD = "kept_post"
LEFT_OUT = frozenset({"csrfmiddlewaretoken", FIELD})


def keep(request: HttpRequest, person: User) -> KeptPost | None:
    """Keeps the posted fields, encrypted, one row for each person and page. None where another site sent
    them.

    Files are not kept; the row says that there were some.
    """
    path = request.get_full_path()
    if not same_origin(request) or len(path) > 500:
        return None
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        for value in values
        if name not in LEFT_OUT and "password" not in name.lower()
    ]
    with transaction.atomic():
        KeptPost.objects.filter(person=person, path=path).delete()
        return KeptPost.objects.create(person=person, path=path, fields=fields, had_files=bool(request.FILES))


def delete_used(request: HttpRequest) -> None:
    """Deletes the row whose fields have just been sent again, if any."""
    used = request.POST.get(FIELD, "")
    if used:
        try:
            KeptPost.objects.filter(person_id=request.user.pk, id=UUID(used)).delete()
        except (ValueError, ValidationError):
            return


def offer_address(person: Any) -> str | None:
    """Where the newest kept post of this person is offered; None where there is none."""
    newest = kept_posts(person).first()
    return reverse("accounts:kept", args=[newest.id]) if newest else None


def same_origin(request: HttpRequest) -> bool:
    """Whether one of our own pages sent this. Browsers name the origin of every post; where one names neither
    origin nor site, the session cookie (SameSite=Lax) could not have come along from elsewhere."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.get_host() and origin != "null"
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
