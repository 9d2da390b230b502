"""The three access levels, declared by a mark on a view or page type, and the middleware that holds them.

Public: anyone. Reader: the manual and what belongs to it; each partnership says whether that is anyone.
Verified: a person with a current membership who has given password and code in a session that is neither
locked nor over. A view without a mark is verified. There are no lists of URL prefixes: a page cannot become
public by where it is mounted.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from inspect import unwrap
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.models import Page

from portal.accounts import kept, policy, sessions
from portal.accounts.acting import GetResponse, PortalRequest
from portal.accounts.models import Partnership
from portal.accounts.sessions import State
from portal.audit.services import record

View = TypeVar("View", bound=Callable[..., Any])
MARK = "access_level"
PASSIVE = "access_passive"
OVER = "You were signed out, because sessions end after a working day. Sign in to go on."
OVER_AND_KEPT = (
    "You were signed out, because sessions end after a working day. We kept what you sent: sign in to go on."
)


class Level(StrEnum):
    """Who may reach a view."""

    PUBLIC = "public"
    READER = "reader"
    VERIFIED = "verified"


WAY_IN = {
    State.ANONYMOUS: "accounts:sign_in",
    State.OVER: "accounts:sign_in",
    State.PASSWORD_ONLY: "accounts:code",
    State.NOT_ENROLLED: "accounts:enrol",
    State.LOCKED: "accounts:locked",
    State.NO_MEMBERSHIP: "accounts:no_access",
}


def public(view: View) -> View:
    """Marks a view function or class as reachable by anyone."""
    return _marked(view, MARK, Level.PUBLIC)


def reader(view: View) -> View:
    """Marks a view function or class as part of the manual: open to whom the partnership says."""
    return _marked(view, MARK, Level.READER)


def page_level(view: View, level: Callable[[HttpRequest, str], Level]) -> View:
    """Marks the one view that serves pages of the tree: the level is what `level` says of the page at a
    path."""
    return _marked(view, MARK, level)


def passive(view: View) -> View:
    """Marks a view that browsers call by themselves: it does not keep an idle session open."""
    return _marked(view, PASSIVE, True)


def not_kept(view: View) -> View:
    """Marks a verified view that takes passwords or codes: what is posted to it is never stored."""
    return _marked(view, kept.NEVER, True)


def cms_entry(view: View) -> View:
    """For every view of the CMS admin: only who manages a partnership today, whatever Wagtail's group rows
    say."""

    @wraps(view)
    def entered(request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
        if not policy.may_enter_cms(request.memberships):
            record("refused", actor=request.acting, kind="cms", ref="")
            raise PermissionDenied
        return view(request, *args, **kwargs)

    # An open editor asks every few seconds who else is editing, all night if nobody closes it.
    if unwrap(view).__module__ == "wagtail.admin.views.editing_sessions":
        setattr(entered, PASSIVE, True)
    return cast(View, entered)


def level_of(view: Callable[..., Any], request: HttpRequest, args: Any, kwargs: Any) -> Level:
    """The level that the view's mark says; verified where there is none. Classes do not inherit their
    marks."""
    mark = _mark(view, MARK, Level.VERIFIED)
    return Level(mark(request, *args, **kwargs) if callable(mark) else mark)


def level_of_page(request: HttpRequest, path: str) -> Level:
    """The level of the page at this path. Where there is no page, it is treated as the manual is: an open
    manual answers "not found" to anyone, a closed one asks everybody to sign in and so does not tell which
    pages exist."""
    route = Page.route_for_request(request, path)
    return Level(getattr(route[0], MARK, Level.VERIFIED)) if route else Level.READER


class AccessMiddleware:
    """Lets a request reach its view only where the view's level allows, before anything is rendered.

    It stands before Django's CSRF check, so that what a locked-out person sends is kept even when the CSRF
    token has changed meanwhile; nothing is acted upon before that check.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.verified and request.method == "POST" and response.status_code < 400:
            kept.delete_used(request)
        return response

    def process_view(
        self, request: PortalRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        level = level_of(view, request, args, kwargs)
        person, state = request.user, request.session_state
        if state is State.OVER:
            sessions.end(request)
            request.session_state = State.ANONYMOUS
        elif state is State.LOCKED and sessions.LOCK_RECORDED not in request.session:
            request.session[sessions.LOCK_RECORDED] = True
            record("locked", actor=None, kind="session", ref=str(person.pk))
        if state is State.VERIFIED:
            if not _mark(view, PASSIVE, False):
                sessions.seen(request)
            return None
        if level is Level.PUBLIC:
            return None
        if level is Level.READER and request.partnership.manual_access == Partnership.ManualAccess.ANYONE:
            sessions.forget_user(request)
            return None
        if wants_json(request):
            return JsonResponse({"error": "Sign in to go on.", "sign_in": reverse(WAY_IN[state])}, status=403)
        kept_post = None
        if request.method == "POST" and state in (State.LOCKED, State.OVER) and may_keep(view):
            kept_post = kept.keep(request, person)
        if state is State.OVER:
            messages.info(request, OVER_AND_KEPT if kept_post else OVER)
        return redirect(way_in(request, state))


def may_keep(view: Callable[..., Any]) -> bool:
    """Whether what is posted to a verified view may be stored: not where it takes passwords or codes."""
    return not _mark(view, kept.NEVER, False)


def way_in(request: HttpRequest, state: State) -> str:
    """The address of the page that leads a session in this state on, which then comes back to where we
    are."""
    address = reverse(WAY_IN[state])
    back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    return f"{address}?{urlencode({'next': back})}" if back not in ("", "/") else address


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks: it is told no, instead of being sent to a page that it cannot show."""
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.content_type == "application/json"
        or request.headers.get("Accept", "").startswith("application/json")
    )


def _marked(view: View, name: str, value: Any) -> View:
    """The view with a mark; functions are wrapped, so that one mounted in two places is marked in one
    only."""
    if isinstance(view, type):
        setattr(view, name, value)
        return view

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    setattr(marked, name, value)
    return cast(View, marked)


def _mark(view: Callable[..., Any], name: str, default: Any) -> Any:
    """The view's mark: on the function that is mounted, else on the very class behind it."""
    if name in vars(view):
        return vars(view)[name]
    return vars(getattr(view, "view_class", object)).get(name, default)
