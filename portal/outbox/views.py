"""The list of messages and how far each has got; in the demo, the mailbox of everybody."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.outbox import policy, services
from portal.outbox.models import State

ROWS_PER_PAGE = 50
COLOURS = {
    State.QUEUED: "blue",
    State.SENDING: "light-blue",
    State.SENT: "green",
    State.FAILED: "red",
    State.WITHHELD: "grey",
}


@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """Messages of the partnership, newest first; failed ones alone with ?state=failed."""
    partnership = getattr(request, "partnership", None)
    if not policy.may_list(request.user, partnership):
        raise PermissionDenied
    mine = policy.messages_for(request.user, partnership)
    state = request.GET.get("state", "")
    if state not in State.values:
        state = ""
    pages = Paginator(mine.filter(state=state) if state else mine, ROWS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(message, COLOURS[State(message.state)]) for message in page.object_list],
        "state": state,
        "states": State.choices,
    }
    return render(request, "outbox/list.html", context)


@require_safe
def message_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message and its delivery. Its words are shown in the demo alone: they may hold a one-use link."""
    partnership = getattr(request, "partnership", None)
    if not policy.may_list(request.user, partnership):
        raise PermissionDenied
    message = get_object_or_404(policy.messages_for(request.user, partnership), pk=pk)
    context = {
        "message": message,
        "colour": COLOURS[State(message.state)],
        "body": message.text if settings.DEMO_MODE else None,
        "may_retry": message.state == State.FAILED and policy.may_retry(request.user, partnership),
    }
    return render(request, "outbox/detail.html", context)


@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts a failed message back into the queue."""
    partnership = getattr(request, "partnership", None)
    if not policy.may_retry(request.user, partnership):
        raise PermissionDenied
    message = get_object_or_404(policy.messages_for(request.user, partnership), pk=pk)
    if services.retry(message.pk, actor=getattr(request, "acting", None)):
        notes.success(request, "The message will be sent again within a minute.")
    else:
        notes.info(request, "This message was not waiting to be tried again.")
    return redirect("outbox:detail", pk=pk)
