"""Signing in, in two steps: password, then code. Nothing else opens in between."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts import services, sessions
from portal.accounts.access import not_kept, public
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import CodeForm, RecoveryForm, SignInForm
from portal.accounts.models import RecoveryDevice, TOTPDevice, User
from portal.accounts.sessions import State
from portal.accounts.views.onward import (
    NEXT,
    go_on,
    posted,
    remember_next,
    safe_next,
    signed_out,
    to_the_right_step,
)
from portal.audit.services import record

WRONG = "The e-mail address or the password is not right"
TOO_MANY = "Too many wrong passwords. Wait 15 minutes, then try again or choose a new password"
WRONG_CODE = "This code was not accepted. Codes change every 30 seconds, and each works once"
TOO_MANY_CODES = "Too many wrong codes. Wait a moment before you try again"
OPENED: dict[State, Callable[[Any, Any], None]] = {
    State.PASSWORD_ONLY: sessions.open_session,
    State.LOCKED: sessions.unlock,
    State.VERIFIED: lambda request, device: sessions.code_given(request),
}
VERBS = {State.PASSWORD_ONLY: "signed_in", State.LOCKED: "unlocked"}


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: PortalRequest) -> HttpResponse:
    """E-mail address and password. The answer is the same whether the address is known or not."""
    if request.verified and request.method != "POST":
        return go_on(request)
    remember_next(request)
    address = request.session.get(NEXT)
    form = SignInForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        person = authenticate(request, email=email, password=form.cleaned_data["password"])
        if person is not None:
            login(request, person)
            if address:  # signing in as somebody else empties the session
                request.session[NEXT] = address
            return redirect("accounts:code")
        known = User.objects.filter(email=email).values_list("pk", flat=True).first()
        record(
            "sign_in_failed", actor=None, kind="person", ref=str(known or "unknown"), detail="wrong password"
        )
        locked = getattr(request, "axes_locked_out", False)
        form.add_error(None, TOO_MANY if locked else WRONG)
        status = 429 if locked else 200
    return render(request, "accounts/sign_in.html", {"form": form, "hide_sign_in": True}, status=status)


@public
@never_cache
@sensitive_post_parameters("code")
def code(request: PortalRequest) -> HttpResponse:
    """The second step: the six digits."""
    return _ask(request, "accounts/code.html", State.PASSWORD_ONLY)


@public
@never_cache
@sensitive_post_parameters("code")
def locked(request: PortalRequest) -> HttpResponse:
    """A locked session is opened by a fresh code and goes on where it was."""
    return _ask(request, "accounts/locked.html", State.LOCKED)


@not_kept
@sensitive_post_parameters("code")
def confirm_code(request: PortalRequest) -> HttpResponse:
    """A fresh code in an open session, before something that matters."""
    return _ask(request, "accounts/confirm_code.html", State.VERIFIED)


@public
@never_cache
@sensitive_post_parameters("code")
def recovery(request: PortalRequest) -> HttpResponse:
    """One of the recovery codes instead of the app's, wherever a code is asked for."""
    if request.session_state not in OPENED:
        return to_the_right_step(request)
    form = RecoveryForm(posted(request))
    if request.method == "POST" and form.is_valid():
        device = services.check_recovery_code(request.user, form.cleaned_data["code"])
        if device is not None:
            messages.warning(request, f"That recovery code is used up. You have {device.left()} left.")
            return _opened(request, device)
        return _refused(request, "accounts/recovery.html", form, RecoveryDevice)
    return render(request, "accounts/recovery.html", {"form": form})


@public
@never_cache
def no_code(request: PortalRequest) -> HttpResponse:
    """What to do without the phone."""
    return render(request, "accounts/no_code.html")


@public
@require_POST
def sign_out(request: PortalRequest) -> HttpResponse:
    """Ends the session and tells the browser to forget what it was shown."""
    if request.user.is_authenticated:
        services.record_session("signed_out", request.user)
    return signed_out(request, "You have signed out.")


@require_POST
def stay_signed_in(request: PortalRequest) -> HttpResponse:
    """The answer to the warning; AccessMiddleware has started the idle clock again."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204)
    return redirect(safe_next(request) or "/")


@require_POST
def act_as(request: PortalRequest) -> HttpResponse:
    """Chooses the membership in which the person acts from now on; only one of their own current ones."""
    chosen = next((one for one in request.memberships if str(one.id) == request.POST.get("membership")), None)
    if chosen is not None:
        request.session[sessions.ACTING] = str(chosen.id)
        messages.success(request, f"You now act as {chosen}.")
    return redirect(safe_next(request) or "/")


@public
@never_cache
def no_access(request: PortalRequest) -> HttpResponse:
    """For a person whose last membership has ended."""
    if request.session_state is not State.NO_MEMBERSHIP:
        return to_the_right_step(request)
    return render(request, "accounts/no_access.html", status=403)


def _ask(request: PortalRequest, template: str, state: State) -> HttpResponse:
    """Asks for the app's code where the session is in this state; leads on where it is in another."""
    if request.session_state is not state:
        return to_the_right_step(request)
    remember_next(request)
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        device = services.check_code(request.user, form.cleaned_data["code"])
        if device is not None:
            return _opened(request, device)
        return _refused(request, template, form, TOTPDevice)
    return render(request, template, {"form": form})


def _opened(request: PortalRequest, device: TOTPDevice | RecoveryDevice) -> HttpResponse:
    state = request.session_state
    OPENED[state](request, device)
    if verb := VERBS.get(state):
        services.record_session(verb, request.user)
    return go_on(request)


def _refused(
    request: PortalRequest, template: str, form: Any, kind: type[TOTPDevice] | type[RecoveryDevice]
) -> HttpResponse:
    device = kind.objects.filter(user=request.user, confirmed=True).first()
    # The first few wrong codes cost a second or two, which nobody need be told of.
    waits = device is not None and device.throttling_failure_count > 3 and device.waits_until() is not None
    form.add_error("code", TOO_MANY_CODES if waits else WRONG_CODE)
    return render(request, template, {"form": form}, status=429 if waits else 200)
