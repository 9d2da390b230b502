"""What a browser session has proved, and for how long that holds.

A session that has given password and code is open. It locks when nothing has been asked of it for
SESSION_IDLE_SECONDS and is opened again by a fresh code; SESSION_ABSOLUTE_SECONDS after the first code it is
over. Rights are never kept in a session: membership is read from the database on every request.
"""

import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as otp_login
from django_otp.models import Device

from portal.accounts.models import Membership, TOTPDevice

PASSWORD_AT, VERIFIED_AT, SEEN_AT, CODE_AT = "password_at", "verified_at", "seen_at", "code_at"
LOCK_RECORDED, ACTING = "lock_recorded", "acting"
PASSWORD_ONLY_SECONDS = 30 * 60  # long enough to install an authenticator app
SEEN_STEP_SECONDS = 5  # how stale `seen_at` may be, so that a quick reader does not write at every page


class State(StrEnum):
    """What this session may do next."""

    ANONYMOUS = "anonymous"
    NOT_ENROLLED = "not_enrolled"  # password given; has no second factor yet
    PASSWORD_ONLY = "password_only"  # noqa: S105
    LOCKED = "locked"
    OVER = "over"
    NO_MEMBERSHIP = "no_membership"
    VERIFIED = "verified"


def state_of(request: HttpRequest, memberships: Sequence[Membership]) -> State:
    """What the session has proved. `memberships` are the person's current ones, read in this request."""
    user: Any = request.user
    if not user.is_authenticated:
        return State.ANONYMOUS
    now = time.time()
    if user.otp_device is None:
        if _age(request.session, PASSWORD_AT, now) > PASSWORD_ONLY_SECONDS:
            return State.OVER
        enrolled = TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists()
        return State.PASSWORD_ONLY if enrolled else State.NOT_ENROLLED
    if _age(request.session, VERIFIED_AT, now) >= settings.SESSION_ABSOLUTE_SECONDS:
        return State.OVER
    if _age(request.session, SEEN_AT, now) >= settings.SESSION_IDLE_SECONDS:
        return State.LOCKED
    return State.VERIFIED if memberships else State.NO_MEMBERSHIP


def password_given(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Receiver of Django's `user_logged_in`: from now on the session waits for a code."""
    for key in (DEVICE_ID_SESSION_KEY, VERIFIED_AT, SEEN_AT, CODE_AT, LOCK_RECORDED):
        request.session.pop(key, None)
    request.session[PASSWORD_AT] = time.time()


def open_session(request: HttpRequest, device: Device) -> None:
    """The code has been given: a new session id, and the clocks start."""
    request.session.cycle_key()
    rotate_token(request)
    otp_login(request, device)
    now = time.time()
    for key in (VERIFIED_AT, SEEN_AT, CODE_AT):
        request.session[key] = now


def unlock(request: HttpRequest, device: Device) -> None:
    """A fresh code for a locked session: it goes on, and ends when it would have ended."""
    request.session.cycle_key()
    otp_login(request, device)
    request.session.pop(LOCK_RECORDED, None)
    request.session[SEEN_AT] = request.session[CODE_AT] = time.time()


def code_given(request: HttpRequest) -> None:
    """A fresh code in an open session (before an export, say)."""
    request.session[SEEN_AT] = request.session[CODE_AT] = time.time()


def code_is_fresh(request: HttpRequest) -> bool:
    """Whether a code was given within STEP_UP_SECONDS."""
    return _age(request.session, CODE_AT, time.time()) < settings.STEP_UP_SECONDS


def seen(request: HttpRequest) -> None:
    """The person has done something: the idle clock starts again."""
    now = time.time()
    if _age(request.session, SEEN_AT, now) >= SEEN_STEP_SECONDS:
        request.session[SEEN_AT] = now


def end(request: HttpRequest) -> None:
    """Signs out: the session row is deleted and the request goes on as nobody."""
    logout(request)
    forget_user(request)


def forget_user(request: HttpRequest) -> None:
    """Lets the rest of this request see nobody, so that a page cannot take a password for a sign-in."""
    nobody: Any = AnonymousUser()
    nobody.otp_device = None
    nobody.is_verified = lambda: False
    request.user = nobody


def _age(session: SessionBase, key: str, now: float) -> float:
    """Seconds since a moment that the session remembers; endless where it does not, so that doubt locks."""
    moment = session.get(key)
    return now - moment if isinstance(moment, (int, float)) and moment <= now + 60 else float("inf")
