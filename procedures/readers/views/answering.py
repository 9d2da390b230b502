"""For owners and business managers: what readers have reported."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.acting import PortalRequest
from portal.audit import services as audit
from procedures.models import natural
from procedures.readers import policy, services
from procedures.readers.forms import AnswerForm
from procedures.readers.models import Feedback, FeedbackState, Outcome
from procedures.readers.views.tabs import tabs_for

PER_PAGE = 50
OVERTAKEN = "Somebody else has settled this report meanwhile."


@require_safe
def feedback_list(request: PortalRequest) -> HttpResponse:
    """Reports that this person may answer: the open ones first, by chapter."""
    if not policy.may_open_feedback(request.user, request.memberships):
        audit.record("refused", actor=request.acting, kind="manual feedback", ref="")
        raise PermissionDenied
    rows = policy.feedback_for(request.user).select_related("partnership").defer("text", "answer")
    open_first = Case(When(state=FeedbackState.OPEN, then=Value(0)), default=Value(1))
    settled = rows.exclude(state=FeedbackState.OPEN).order_by(open_first, "-answered_at")
    page = Paginator(settled, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": sorted(rows.open(), key=lambda row: (natural(row.chapter), row.sent_at)),
        "page_obj": page,
        "tabs": tabs_for(request, "feedback"),
    }
    return TemplateResponse(request, "procedures/readers/feedback_list.html", context)


@sensitive_post_parameters("words")
def feedback_item(request: PortalRequest, feedback_id: UUID) -> HttpResponse:
    """One report, and the form that answers it."""
    feedback = policy.feedback_or_404(request.user, feedback_id, acting=request.acting)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    overtaken = False
    if request.method == "POST" and form.is_valid():
        actor = policy.answering_membership(feedback, request.memberships)
        try:
            services.answer(
                feedback, Outcome(form.cleaned_data["outcome"]), form.cleaned_data["words"], actor
            )
            messages.success(request, _told(feedback))
            return redirect("readers:feedback_item", feedback_id=feedback_id)
        except services.Overtaken:
            overtaken = True
            feedback = policy.feedback_or_404(request.user, feedback_id, acting=request.acting)
    context = {
        "feedback": feedback,
        "form": form,
        "overtaken": overtaken,
        "sender": _sender(request, feedback),
        "can_be_told": bool(feedback.person or feedback.address),
        "state": FeedbackState,
    }
    return TemplateResponse(
        request, "procedures/readers/feedback.html", context, status=409 if overtaken else 200
    )


@require_POST
def set_aside(request: PortalRequest, feedback_id: UUID) -> HttpResponse:
    """Closes a report without an answer and erases its words."""
    feedback = policy.feedback_or_404(request.user, feedback_id, acting=request.acting)
    try:
        services.set_aside(feedback, policy.answering_membership(feedback, request.memberships))
        messages.success(request, "The report is set aside and its words are erased.")
    except services.Overtaken:
        messages.info(request, OVERTAKEN)
    return redirect("readers:feedback_item", feedback_id=feedback_id)


def _told(feedback: Feedback) -> str:
    if feedback.person:
        return "The answer is kept, and the reader gets an e-mail that there is one."
    return "The answer is kept. If the reader left an address, they get an e-mail that there is one."


def _sender(request: PortalRequest, feedback: Feedback) -> str:
    """Who sent a report. People of another partnership are not named to the owner of a shared chapter."""
    if feedback.person is None:
        return "A reader without an account"
    if any(member.partnership_id == feedback.partnership_id for member in request.memberships):
        return str(feedback.person)
    return f"Somebody of {feedback.partnership.name}"
