"""A forgotten password: a link by e-mail, good once and for an hour. The second factor stays as it is."""

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import services
from portal.accounts.access import public
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import EmailForm, NewPasswordForm
from portal.accounts.models import User
from portal.accounts.throttle import allowed
from portal.accounts.views.onward import posted

RESET = "password_reset"


@public
@never_cache
def password_reset(request: PortalRequest) -> HttpResponse:
    """Asks for the address. The answer is the same whether it is known or not."""
    form = EmailForm(posted(request))
    if request.method == "POST" and form.is_valid():
        if allowed("reset-address", get_client_ip_address(request) or "", times=30, seconds=3600):
            services.request_password_reset(form.cleaned_data["email"])
        return redirect("accounts:password_reset_sent")
    return render(request, "accounts/password_reset.html", {"form": form})


@public
@never_cache
def password_reset_sent(request: PortalRequest) -> HttpResponse:
    """What to look for in the mailbox."""
    return render(request, "accounts/password_reset_sent.html")


@public
@never_cache
@sensitive_post_parameters("password")
def password_reset_confirm(request: PortalRequest) -> HttpResponse:
    """The link's secret goes into the session and out of the address; then a new password."""
    if "token" in request.GET:
        request.session[RESET] = [request.GET.get("person", ""), request.GET["token"]]
        return redirect("accounts:password_reset_confirm")
    person = _person(*request.session.get(RESET, ["", ""]))
    if person is None:
        request.session.pop(RESET, None)
        return render(request, "accounts/link_unusable.html", {"kind": "reset"}, status=404)
    form = NewPasswordForm(posted(request), person=person)
    if request.method == "POST" and form.is_valid():
        services.set_password(person, form.cleaned_data["password"], reset=True)
        request.session.pop(RESET, None)
        messages.success(request, "Your password is changed. Sign in with it, and with a code as before.")
        return redirect("accounts:sign_in")
    return render(request, "accounts/password_reset_confirm.html", {"form": form})


def _person(key: str, token: str) -> User | None:
    """Whose link this is, where it is still good."""
    if len(key) != 32 or not key.isalnum():
        return None
    try:
        person = User.objects.filter(pk=key, is_active=True).first()
    except (ValueError, ValidationError):
        return None
    return person if person and default_token_generator.check_token(person, token) else None
