"""Where a person goes on after each step of signing in: to what they came for, or to what was kept for
them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts import kept, sessions
from portal.accounts.access import WAY_IN
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Invitation
from portal.accounts.sessions import State

NEXT = "next"
INVITATION = "invitation"


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the posted fields, however few; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def safe_next(request: HttpRequest) -> str:
    """The `next` that the page was called with where it is one of our own addresses, else empty."""
    address = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    host, secure = request.get_host(), request.is_secure()
    return (
        address
        if url_has_allowed_host_and_scheme(address, allowed_hosts={host}, require_https=secure)
        else ""
    )


def remember_next(request: HttpRequest) -> None:
    """Keeps `next` in the session, so that it survives the steps of signing in without hanging on every
    address."""
    if address := safe_next(request):
        request.session[NEXT] = address


def go_on(request: PortalRequest) -> HttpResponse:
    """After the code: an invitation that waits to be accepted, then what was kept, then what they came
    for."""
    waiting = Invitation.objects.usable().filter(digest=request.session.get(INVITATION, ""))
    if waiting.filter(email=request.user.email).exists():
        return redirect("accounts:invitation")
    if offered := kept.offer_address(request.user):
        return redirect(offered)
    return HttpResponseRedirect(request.session.pop(NEXT, "") or "/")


def to_the_right_step(request: PortalRequest) -> HttpResponse:
    """For a page that is not this session's next step: the one that is."""
    if request.session_state is State.VERIFIED:
        return go_on(request)
    return redirect(reverse(WAY_IN[request.session_state]))


def signed_out(request: HttpRequest, words: str) -> HttpResponse:
    """Ends this session and tells the browser to forget what it was shown, as shared computers should."""
    sessions.end(request)
    messages.success(request, words)
    response = redirect("accounts:sign_in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
