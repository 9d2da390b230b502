"""One function for each e-mail about an account. They go through Django's mail API, whose backend is the
outbox."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from portal.accounts.models import Invitation, Partnership, User


def invitation(invited: Invitation, secret: str) -> None:
    """To the invited address: the one-use link, good until it runs out."""
    context = {"invitation": invited, "link": invitation_link(secret)}
    _send("invitation", invited.email, context)


def password_reset(person: User, token: str) -> None:
    """To the person: the one-use link, good for an hour."""
    _send(*password_reset_message(person, token))


def password_reset_message(person: User, token: str) -> tuple[str, str, dict[str, Any]]:
    """Everything that `password_reset` sends: notice, address, context."""
    path = reverse("accounts:password_reset_confirm")
    link = f"{settings.BASE_URL}{path}?{urlencode({'person': person.pk.hex, 'token': token})}"
    return "password_reset", person.email, {"person": person, "link": link}


def password_changed(person: User) -> None:
    """To the person: the password is a new one; here is whom to ring if that was not you."""
    _send("password_changed", person.email, _about(person))


def second_factor_changed(person: User) -> None:
    """To the person: another authenticator app, or other recovery codes, now open this account."""
    _send("second_factor_changed", person.email, _about(person))


def second_factor_reset(person: User) -> None:
    """To the person: an administrator has removed the authenticator app; a new one is set up at the next
    sign-in."""
    _send("second_factor_reset", person.email, _about(person))


def recovery_code_used(person: User, left: int) -> None:
    """To the person: a recovery code was used; so many are left."""
    _send("recovery_code_used", person.email, {**_about(person), "left": left})


def wrong_codes(person: User) -> None:
    """To the person: somebody who knows the password keeps entering wrong codes."""
    _send("wrong_codes", person.email, _about(person))


def membership_ended(person: User, partnership: Partnership) -> None:
    """To the person: access for this partnership has ended."""
    _send("membership_ended", person.email, {"person": person, "partnership": partnership})


def invitation_link(secret: str) -> str:
    """The address that an invitation carries. The secret is a query, which no log line keeps
    (portal.logs)."""
    return f"{settings.BASE_URL}{reverse('accounts:invitation')}?{urlencode({'secret': secret})}"


def _about(person: User) -> dict[str, Any]:
    return {"person": person, "link": f"{settings.BASE_URL}{reverse('accounts:account')}"}


def _send(notice: str, to: str, context: dict[str, Any]) -> None:
    subject, text, html = render(notice, context)
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"X-Portal-Notice": notice})
    message.attach_alternative(html, "text/html")
    message.send()


def render(notice: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of a notice, from templates/emails."""
    subject = " ".join(_plain(f"emails/{notice}.subject.txt", context).split())
    return (
        subject,
        _plain(f"emails/{notice}.txt", context),
        render_to_string(f"emails/{notice}.html", context),
    )


def _plain(template: str, context: dict[str, Any]) -> str:
    """Without HTML escaping: an apostrophe in plain text is an apostrophe."""
    return str(get_template(template).template.render(Context(context, autoescape=False)))  # type: ignore[attr-defined]
