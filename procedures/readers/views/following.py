"""For people with an account: what they follow, what they have reported, what they have still to read."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from portal.accounts.access import public
from portal.accounts.acting import PortalRequest
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import may_read, reader_of
from procedures.readers import notices, policy, selectors, services
from procedures.readers.forms import FollowForm
from procedures.readers.models import FeedbackState
from procedures.readers.views.tabs import tabs_for
from procedures.selectors import front_page

REPORTS_SHOWN = 50


@require_safe
def mine(request: PortalRequest) -> HttpResponse:
    """What this person follows and has reported, and the changes that they are asked to read."""
    followed = selectors.followed_by(request.user)
    front = front_page(reader_of(request))
    context = {
        "followed": followed,
        "to_read": selectors.to_confirm(request.user),
        "reports": policy.sent_by(request.user)[:REPORTS_SHOWN],
        "front": front,
        "front_followed": front is not None and any(row.page_id == front.pk for row, _ in followed),
        "state": FeedbackState,
        "tabs": tabs_for(request, "mine"),
    }
    return TemplateResponse(request, "procedures/readers/mine.html", context)


def follow(request: PortalRequest, page_id: int) -> HttpResponse:
    """Offers the page, and each manual or part that it stands in."""
    page = _page(request, page_id)
    offered = selectors.followable(page, reader_of(request))
    choices = [(str(one.pk), _label(one)) for one in offered]
    form = FollowForm(
        request.POST if request.method == "POST" else None,
        choices=choices,
        initial={"page": str(page.pk)},
    )
    if request.method == "POST" and form.is_valid():
        chosen = next(one for one in offered if str(one.pk) == form.cleaned_data["page"])
        services.follow(chosen, request.user)
        messages.success(
            request, "You will get an e-mail when something of this is amended, once a day at most."
        )
        return redirect("readers:mine")
    return TemplateResponse(request, "procedures/readers/follow.html", {"form": form, "page": page})


@require_POST
def unfollow(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Ends one subscription; one that is somebody else's, or gone already, is not there."""
    services.unfollow(request.user, subscription_id)
    messages.success(request, "You no longer follow this.")
    return redirect("readers:mine")


@public
@never_cache
@csrf_exempt
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Ends all that somebody follows, by the link in their mail and without signing in.

    Looking at the page changes nothing, because mail scanners follow links; mail programs may post to it themselves
    (RFC 8058), which the token in the address allows.
    """
    person = notices.unsubscriber(request.GET.get("token", ""))
    if person is None:
        raise Http404
    done = request.method == "POST"
    if done:
        services.unfollow(person)
    return TemplateResponse(request, "procedures/readers/unsubscribe.html", {"done": done})


def _page(request: PortalRequest, page_id: int) -> Page:
    page = Page.objects.live().type(ChapterPage, ManualIndexPage).filter(pk=page_id).first()
    if page is None or not may_read(page, reader_of(request)):
        raise Http404
    return page.specific


def _label(page: Page) -> str:
    specific = page.specific
    if isinstance(specific, ChapterPage):
        return f"This chapter: {specific.name}"
    return f"All chapters in “{specific.title}”"
