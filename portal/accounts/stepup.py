"""A fresh code before something that matters: an export, another password, other second factors (ASVS
7.5)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts import kept, sessions
from portal.accounts.access import may_keep, wants_json
from portal.accounts.acting import PortalRequest

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def step_up_required(view: View) -> View:
    """Lets a view run only where a code was given within STEP_UP_SECONDS; otherwise asks for one and comes
    back.

    What was being posted is kept and offered again, unless the view is marked `not_kept` (put that mark
    inside).
    """

    @wraps(view)
    def stepped(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sessions.code_is_fresh(request):
            return view(request, *args, **kwargs)
        address = reverse("accounts:confirm_code")
        if wants_json(request):
            return JsonResponse({"error": "A fresh code is needed.", "confirm_code": address}, status=403)
        if request.method == "POST" and may_keep(view):
            kept.keep(request, request.user)
        return redirect(f"{address}?{urlencode({'next': request.get_full_path()})}")

    return cast(View, stepped)
