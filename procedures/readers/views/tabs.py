"""The pages for readers hang together by tabs, each person's own."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.accounts import policy as accounts
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Role
from procedures.readers import policy

Tab = dict[str, object]


def tabs_for(request: PortalRequest, current: str) -> list[Tab]:
    """The tabs that this person may open: label, url, current."""
    shown = []
    if policy.may_open_feedback(request.user, request.memberships):
        shown.append(("feedback", "Reports from readers"))
    if accounts.managing(request.memberships) or _leads(request):
        shown.append(("must_read", "Read and understood"))
    shown.append(("mine", "What you follow"))
    return [
        {"label": label, "url": reverse(f"readers:{name}"), "current": name == current}
        for name, label in shown
    ]


@require_safe
def start(request: PortalRequest) -> HttpResponse:
    """Leads to the first of the tabs."""
    return redirect(str(tabs_for(request, "")[0]["url"]))


def _leads(request: PortalRequest) -> bool:
    return any(member.role == Role.AGENCY_LEAD for member in request.memberships)
