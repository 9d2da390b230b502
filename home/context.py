"""What every page shows: where one may go, whether the worker runs, whether this is the demo."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from home.navigation import links_for
from portal.accounts.acting import PortalRequest
from portal.reminders.models import worker_is_late

# The pages of the manual lie wherever the business manager puts them.
READING = {"wagtail_serve", "procedures:search", "readers:report", "readers:reported", "readers:follow"}


def portal(request: PortalRequest) -> dict[str, Any]:
    """Context of every template: `navigation` (label, url, current), `worker_late`, `demo_mode`."""
    verified = getattr(request, "verified", False)
    links = [
        {"label": label, "url": reverse(name)}
        for label, name in links_for(request.acting if verified else None)
    ]
    # The longest address that the path starts with: /cases/… lights "Cases", never two entries at once.
    here = max((link["url"] for link in links if request.path.startswith(link["url"])), key=len, default="")
    page = request.resolver_match.view_name if request.resolver_match else ""
    if page in READING:
        here = reverse("procedures:front")
    return {
        "navigation": [{**link, "current": link["url"] == here} for link in links],
        "worker_late": lambda: verified and worker_is_late(),  # asked where it is shown
        "demo_mode": settings.DEMO_MODE,
    }
