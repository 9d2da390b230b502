"""The portal's pages, and a few that exist to be knocked at: one of each level, and some that must not be
kept."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views import View

from portal.accounts.access import not_kept, passive, public, reader
from portal.accounts.stepup import step_up_required
from portal.urls import urlpatterns as portal_urls

received: list[dict[str, list[str]]] = []


def unmarked(request: HttpRequest) -> HttpResponse:
    """A view that nobody has thought about."""
    if request.method == "POST":
        received.append(dict(request.POST.lists()))
    return HttpResponse(f"unmarked {request.user} for {getattr(request, 'acting', None)}")


class Unmarked(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("unmarked class")


@public
class Open(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("open")


class ChildOfOpen(Open):
    """Inherits everything but the mark."""


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"reads as {request.user} verified={getattr(request, 'verified', None)}")


urlpatterns = [
    path("probe/unmarked/", unmarked, name="probe_unmarked"),
    path("probe/unmarked-class/", Unmarked.as_view(), name="probe_unmarked_class"),
    path("probe/open/", Open.as_view(), name="probe_open"),
    path("probe/child/", ChildOfOpen.as_view(), name="probe_child"),
    path("probe/reader/", reader(who), name="probe_reader"),
    path("probe/passive/", passive(unmarked), name="probe_passive"),
    path("probe/secret/", not_kept(unmarked), name="probe_secret"),
    path("probe/refused/", refused, name="probe_refused"),
    path("probe/broken/", broken, name="probe_broken"),
    path("probe/export/", step_up_required(unmarked), name="probe_export"),
    path("probe/secret-export/", step_up_required(not_kept(unmarked)), name="probe_secret_export"),
    *portal_urls,
]
handler400 = "home.views.bad_request"
