"""Accepting an invitation: a one-use link that makes an account, or adds a membership to one that exists."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import services
from portal.accounts.access import public
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import AcceptForm
from portal.accounts.models import Invitation, User
from portal.accounts.services import InvitationError, digest_of
from portal.accounts.sessions import State
from portal.accounts.views.onward import INVITATION, posted

BACKEND = "django.contrib.auth.backends.ModelBackend"
SIGNED_IN = (State.VERIFIED, State.NO_MEMBERSHIP)


@public
@never_cache
@sensitive_post_parameters("password")
def invitation(request: PortalRequest) -> HttpResponse:
    """The link's secret goes into the session and out of the address; then the page asks what is still
    needed."""
    if "secret" in request.GET:
        request.session[INVITATION] = digest_of(request.GET["secret"])
        return redirect("accounts:invitation")
    invited = Invitation.objects.usable().filter(digest=request.session.get(INVITATION, "")).first()
    if invited is None:
        return _unusable(request)
    try:
        known = User.objects.filter(email=invited.email).first()
        return _known(request, invited, known) if known else _new(request, invited)
    except InvitationError:
        return _unusable(request)


def _new(request: PortalRequest, invited: Invitation) -> HttpResponse:
    """Name and password, then on to the second factor."""
    person = User(email=invited.email)
    form: Any = AcceptForm(posted(request), person=person)
    if request.method == "POST" and form.is_valid():
        person = services.accept_as_new(invited, **form.cleaned_data)
        request.session.pop(INVITATION, None)
        login(request, person, backend=BACKEND)
        return redirect("accounts:enrol")
    return render(request, "accounts/invitation.html", {"form": form, "invitation": invited})


def _known(request: PortalRequest, invited: Invitation, known: User) -> HttpResponse:
    """Sign in first, with both factors; then one button."""
    mine = request.session_state in SIGNED_IN and request.user.pk == known.pk
    if request.method == "POST" and mine:
        services.accept_as(request.user, invited)
        request.session.pop(INVITATION, None)
        messages.success(request, f"You are now a member of {invited.partnership.name}.")
        return redirect("/")
    return render(request, "accounts/invitation_known.html", {"invitation": invited, "mine": mine})


def _unusable(request: PortalRequest) -> HttpResponse:
    """The same words for a link that was used, has run out, was withdrawn, or never existed."""
    request.session.pop(INVITATION, None)
    return render(request, "accounts/link_unusable.html", {"kind": "invitation"}, status=404)
