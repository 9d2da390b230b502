"""Offering again what a person was sending when their session was found locked or over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.accounts import kept
from portal.accounts.access import Level, level_of, may_keep
from portal.accounts.acting import PortalRequest
from portal.accounts.selectors import kept_posts


def kept_post(request: PortalRequest, kept_id: UUID) -> HttpResponse:
    """What was kept for this very person, as a form that sends it to the page it was meant for."""
    post = get_object_or_404(kept_posts(request.user), pk=kept_id)
    return render(request, "accounts/kept.html", {"post": post, "field": kept.FIELD})


@require_POST
def discard_kept_post(request: PortalRequest, kept_id: UUID) -> HttpResponse:
    """The person does not want it back."""
    get_object_or_404(kept_posts(request.user), pk=kept_id).delete()
    messages.success(request, "What we had kept is deleted.")
    return redirect("/")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check failed. Where our own page sent it from an open session (it was loaded before
    the person signed in again), nothing is done but what was typed is kept and offered; otherwise it is
    refused."""
    match = request.resolver_match
    if match and getattr(request, "verified", False) and may_keep(match.func):
        verified_view = level_of(match.func, request, match.args, match.kwargs) is Level.VERIFIED
        if verified_view and (post := kept.keep(request, request.user)):  # type: ignore[arg-type]
            return redirect("accounts:kept", post.id)
    return render(request, "403_csrf.html", status=403)
