"""How often something may be tried: passwords through django-axes, other things through our own counter.

Axes stops one name from one address after AXES_FAILURE_LIMIT wrong passwords; others are not affected. An
address that tries many names is stopped as a whole, at a limit that a busy office behind one address does not
reach.
"""

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.accounts.models import Attempt
from portal.encryption import blind_index

ADDRESS_FAILURE_LIMIT = 100
ADDRESS_WINDOW = timedelta(minutes=15)


class Handler(AxesDatabaseHandler):
    """Axes' own, and the limit for a whole address."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        recent = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address, attempt_time__gte=timezone.now() - ADDRESS_WINDOW
        )
        failures = recent.aggregate(total=Sum("failures_since_start"))["total"] or 0
        return failures >= ADDRESS_FAILURE_LIMIT


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """Our sign-in page has said it already, with status 429; axes would answer with a page of its own."""
    return response


def allowed(kind: str, value: str, *, times: int, seconds: int) -> bool:
    """Whether this may happen once more for `value` (an account, an address), and counts it where it may."""
    key = blind_index(kind, value)
    since = timezone.now() - timedelta(seconds=seconds)
    if Attempt.objects.filter(kind=kind, key=key, at__gt=since).count() >= times:
        return False
    Attempt.objects.create(kind=kind, key=key)
    return True
