"""Setting up the second factor, in three steps: get an app, show it the key, keep the recovery codes.

For a person who has just chosen a password, and for one who changes phones (with a fresh code from the old
one).
"""

import base64
import json
from collections.abc import Callable
from functools import wraps

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts import services, sessions
from portal.accounts.access import public
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import CodeForm, KeptCodesForm
from portal.accounts.models import TOTPDevice
from portal.accounts.sessions import State
from portal.accounts.stepup import step_up_required
from portal.accounts.views.onward import go_on, posted, remember_next, to_the_right_step
from portal.encryption import decrypt, encrypt

PROVED = "new_app_proved"
SHOWN = "new_codes"
View = Callable[[PortalRequest], HttpResponse]


def enrolment_step(view: View) -> View:
    """Open to a person who has no second factor yet, and to a verified one who has just given a code; else
    public only in name."""

    @wraps(view)
    def step(request: PortalRequest) -> HttpResponse:
        if request.session_state is State.NOT_ENROLLED:
            remember_next(request)
            return view(request)
        if request.session_state is not State.VERIFIED:
            return to_the_right_step(request)
        if not sessions.code_is_fresh(request):
            return redirect(f"{reverse('accounts:confirm_code')}?{urlencode({'next': request.path})}")
        return view(request)

    return public(never_cache(step))


@enrolment_step
def enrol(request: PortalRequest) -> HttpResponse:
    """Step 1: what an authenticator app is and where to get one."""
    return render(request, "accounts/enrol.html", {"changing": request.verified})


@enrolment_step
@sensitive_post_parameters("code")
def enrol_app(request: PortalRequest) -> HttpResponse:
    """Step 2: the key as a picture and in letters, and a first code that proves that the app has it."""
    device = services.begin_enrolment(request.user)
    form = CodeForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        if services.prove_app(request.user, device, form.cleaned_data["code"]):
            request.session[PROVED] = str(device.id)
            _show(request, services.new_recovery_codes(request.user))
            return redirect("accounts:recovery_codes")
        waits = device.waits_until() is not None
        form.add_error(
            "code", "This code does not belong to the key on this page. Wait for the next one and try again"
        )
        status = 429 if waits else 200
    context = {"form": form, "device": device, "picture": _picture(device), "changing": request.verified}
    return render(request, "accounts/enrol_app.html", context, status=status)


@enrolment_step
def recovery_codes(request: PortalRequest) -> HttpResponse:
    """Step 3: the ten codes, shown until the person says that they are kept, and then never again."""
    codes = _shown(request)
    if codes is None:
        return redirect("accounts:account" if request.verified else "accounts:enrol_app")
    form = KeptCodesForm(posted(request))
    if request.method == "POST" and form.is_valid():
        del request.session[SHOWN]
        return _kept(request)
    return render(
        request,
        "accounts/recovery_codes.html",
        {"form": form, "codes": codes, "enrolling": PROVED in request.session},
    )


@require_POST
@step_up_required
def new_recovery_codes(request: PortalRequest) -> HttpResponse:
    """Ten new recovery codes for somebody who has a second factor."""
    request.session.pop(PROVED, None)
    _show(request, services.new_recovery_codes(request.user))
    return redirect("accounts:recovery_codes")


def _kept(request: PortalRequest) -> HttpResponse:
    proved = TOTPDevice.objects.filter(
        pk=request.session.pop(PROVED, None), user=request.user, confirmed=False
    ).first()
    if proved is None:
        services.keep_recovery_codes(request.user)
        messages.success(request, "Your new recovery codes work from now on; the old ones do not.")
        return redirect("accounts:account")
    was_verified = request.verified
    services.finish_enrolment(request.user, proved)
    services.end_sessions(request.user)
    update_session_auth_hash(request, request.user)
    sessions.open_session(request, proved)
    if was_verified:
        messages.success(request, "Your new authenticator app is set up; the old one no longer works.")
        return redirect("accounts:account")
    services.record_session("signed_in", request.user)
    messages.success(request, "You are signed in, and your account is protected by two factors.")
    return go_on(request)


def _show(request: PortalRequest, codes: list[str]) -> None:
    """Puts the codes aside for the next page; encrypted, because sessions lie in the database."""
    sealed = encrypt(json.dumps(codes).encode(), _associated(request))
    request.session[SHOWN] = base64.b64encode(sealed).decode()


def _shown(request: PortalRequest) -> list[str] | None:
    sealed = request.session.get(SHOWN)
    if sealed is None:
        return None
    codes: list[str] = json.loads(decrypt(base64.b64decode(sealed), _associated(request)))
    return codes


def _associated(request: PortalRequest) -> bytes:
    return f"accounts.session|recovery codes|{request.user.pk.hex}".encode()


def _picture(device: TOTPDevice) -> SafeString:
    """The key as a QR code: an inline SVG of our own making, without style or script."""
    code = segno.make(device.enrolment_uri("Safeguarding portal"), error="m")
    return mark_safe(code.svg_inline(scale=5, border=4, dark="#0b0c0c", light="#ffffff"))  # noqa: S308
