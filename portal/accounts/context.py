"""What every page knows of the session that asks for it."""

from typing import Any

from django.conf import settings

from portal.accounts.acting import PortalRequest
from portal.accounts.display import display_of


def session(request: PortalRequest) -> dict[str, Any]:
    """Context of every template: `verified`, `memberships` and `acting` for the header, the
    person's `display` settings, and the clocks in seconds."""
    return {
        "verified": getattr(request, "verified", False),
        "memberships": getattr(request, "memberships", []),
        "acting": getattr(request, "acting", None),
        "display": display_of(request),
        "session_idle_seconds": settings.SESSION_IDLE_SECONDS,
        "session_warning_seconds": settings.SESSION_WARNING_SECONDS,
    }
