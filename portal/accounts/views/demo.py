"""In the demo alone: who may sign in, and with which code just now."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from portal.accounts.access import public
from portal.accounts.demo import PASSWORD, people_with_codes


@public
@never_cache
def demo_codes(request: HttpRequest) -> HttpResponse:
    """Everybody of the demo with their current code; there is no such page elsewhere."""
    if not settings.DEMO_MODE:
        raise Http404
    return render(request, "accounts/demo_codes.html", {"people": people_with_codes(), "password": PASSWORD})
