"""For whom the signed-in person acts in this request, and in which partnership."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from portal.accounts.models import Membership, Partnership
from portal.accounts.selectors import ROLE_ORDER, memberships_of
from portal.accounts.sessions import ACTING, State, state_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class PortalRequest(HttpRequest):
    """A request as views see it: what ActingMiddleware adds to Django's, for type checkers."""

    user: Any
    session_state: State
    verified: bool
    memberships: Sequence[Membership]
    acting: Membership | None
    partnership: Partnership


class ActingMiddleware:
    """Sets, on every request, from the database and never from the session:

    - `session_state`, `verified`: what the session has proved (portal.accounts.sessions);
    - `memberships`: the person's current memberships (empty unless verified);
    - `acting`: the one in which they act, chosen on the page header, else the first (None unless verified);
    - `partnership`: by host name, else the partnership they act in, else the first.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        memberships = list(memberships_of(request.user)) if request.user.is_authenticated else []
        # Mostly people come by the host name of a partnership of theirs, which has been read with the membership.
        partnerships = [membership.partnership for membership in memberships]
        here = partnership_by_host(request, partnerships)
        if here is None:
            partnerships = list(Partnership.objects.order_by("name"))
            here = partnership_by_host(request, partnerships)
        request.session_state = state_of(request, memberships)
        request.verified = request.session_state is State.VERIFIED
        request.memberships = memberships if request.verified else []
        request.acting = acting(request, here)
        if here is None:
            here = request.acting.partnership if request.acting else next(iter(partnerships), Partnership())
        request.partnership = here
        return self.get_response(request)


def partnership_by_host(request: HttpRequest, partnerships: Sequence[Partnership]) -> Partnership | None:
    """The partnership that this host name belongs to; None for any other host."""
    host, _ = split_domain_port(request.get_host())
    return next((partnership for partnership in partnerships if partnership.hostname.lower() == host), None)


def acting(request: PortalRequest, here: Partnership | None = None) -> Membership | None:
    """The chosen membership where it is still current; else one of the partnership `here`, by order of
    roles."""
    chosen = request.session.get(ACTING) if request.memberships else None
    for membership in request.memberships:
        if str(membership.id) == chosen:
            return membership

    def preference(membership: Membership) -> tuple[bool, int]:
        return (here is not None and membership.partnership_id != here.id, ROLE_ORDER[membership.role])

    return min(request.memberships, key=preference, default=None)
