"""A person's own account."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts import services
from portal.accounts.access import not_kept
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import ChangePasswordForm, NameForm
from portal.accounts.models import RecoveryDevice, TOTPDevice
from portal.accounts.stepup import step_up_required
from portal.accounts.views.onward import posted, signed_out
from portal.audit.services import record


def account(request: PortalRequest) -> HttpResponse:
    """Name, memberships and second factor, and the ways to change them."""
    recovery = RecoveryDevice.objects.filter(user=request.user, confirmed=True).first()
    context = {
        "app": TOTPDevice.objects.filter(user=request.user, confirmed=True).first(),
        "codes_left": recovery.left() if recovery else 0,
    }
    return render(request, "accounts/account.html", context)


def name(request: PortalRequest) -> HttpResponse:
    """The name that colleagues see."""
    form = NameForm(posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.save(update_fields=["first_name", "last_name"])
        messages.success(request, "Your name is changed.")
        return redirect("accounts:account")
    return render(request, "accounts/name.html", {"form": form})


@step_up_required
@not_kept
@sensitive_post_parameters()
def password(request: PortalRequest) -> HttpResponse:
    """Another password: every other session ends, this one goes on."""
    form = ChangePasswordForm(posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        services.set_password(request.user, form.cleaned_data["password"], reset=False)
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password is changed. You are signed out everywhere else.")
        return redirect("accounts:account")
    return render(request, "accounts/password.html", {"form": form})


@require_POST
def sign_out_everywhere(request: PortalRequest) -> HttpResponse:
    """Ends every session of this person, this one too."""
    record("signed_out", actor=request.acting, kind="person", ref=str(request.user.pk), detail="everywhere")
    services.end_sessions(request.user)
    return signed_out(request, "You have signed out everywhere.")
