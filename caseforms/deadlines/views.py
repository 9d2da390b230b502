"""The list of deadlines, and the two things that a business manager does with one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caseforms.cases.opening import member_for, open_case, person_of
from caseforms.cases.policy import Action, rights_in
from caseforms.deadlines import services
from caseforms.deadlines.forms import DoneForm, ExtendForm
from caseforms.deadlines.models import Deadline, State
from caseforms.deadlines.policy import deadlines_for
from caseforms.deadlines.vocabulary import BY_HAND
from portal.accounts.acting import PortalRequest
from portal.forms import TypedDate

ROWS_ON_A_PAGE = 25
COLOURS = {State.OPEN: "blue", State.MET: "green", State.LATE_MET: "orange", State.CANCELLED: "grey"}


@require_safe
def deadline_list(request: PortalRequest) -> HttpResponse:
    """Deadlines of the cases that the person sees: those still running, or those that are over."""
    ended = request.GET.get("show") == "ended"
    user = person_of(request)
    found = deadlines_for(user).with_rows()
    reference = request.GET.get("case", "")
    if reference:
        found = found.filter(case__reference=reference)
    seen_case = reference if reference and found.exists() else ""
    found = found.exclude(state=State.OPEN).order_by("-due_at", "id") if ended else found.open()
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    granted = rights_in(user, {deadline.case for deadline in page.object_list})
    rows = [_row(deadline, granted.get(deadline.case_id, set())) for deadline in page.object_list]
    context = {
        "page_obj": page,
        "rows": rows,
        "may_change": any(row["may_change"] for row in rows),
        "show_ended": ended,
        "reference": seen_case,
        "tabs": _tabs(ended, seen_case),
    }
    return render(request, "deadlines/list.html", context)


def _row(deadline: Deadline, granted: set[Action]) -> dict[str, Any]:
    """A line of the list, with what this person may do with it by their rights in its case."""
    late = deadline.is_open and deadline.due_at < timezone.now()
    return {
        "deadline": deadline,
        "word": "Late" if late else deadline.get_state_display(),
        "colour": "red" if late else COLOURS[State(deadline.state)],
        "extensions": list(deadline.extensions.all()),
        "may_change": deadline.is_open and Action.EXTEND_DEADLINE in granted,
        "may_read_reason": Action.SEE_PEOPLE in granted,
        "by_hand": deadline.rule.stops_on in BY_HAND,
    }


def _tabs(ended: bool, reference: str) -> list[dict[str, Any]]:
    here = reverse("deadlines:list")
    case = f"case={reference}" if reference else ""
    return [
        {"label": "Running", "url": f"{here}?{case}" if case else here, "current": not ended},
        {"label": "Over", "url": f"{here}?{'&'.join(filter(None, ['show=ended', case]))}", "current": ended},
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: PortalRequest, deadline_id: UUID) -> HttpResponse:
    """Give a deadline a later date. Where a colleague moved it meanwhile, what was typed is shown again."""
    deadline = _deadline_to_change(request, deadline_id)
    form = ExtendForm(request.POST if request.method == "POST" else None, deadline=deadline)
    if not deadline.is_open:
        return _over(request, deadline, form)
    stale = form.is_stale
    if not stale and form.is_valid():
        typed = form.cleaned_data
        try:
            services.extend(
                deadline,
                typed["new_due"],
                typed["reason"],
                typed["agreed_by"],
                member_for(request, Action.EXTEND_DEADLINE, deadline.case),
                asked_by=typed["asked_by"],
            )
        except services.StaleDeadline:
            deadline.refresh_from_db()
            if not deadline.is_open:
                return _over(request, deadline, form)
            stale = True
        else:
            messages.success(request, f"{deadline.case.reference}: the new date is recorded.")
            return redirect("deadlines:list")
    if stale:
        form = form.with_fresh_date()
    context = {"form": form, "deadline": deadline, "extensions": deadline.extensions.all()}
    return render(request, "deadlines/extend.html", context, status=409 if stale else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def done(request: PortalRequest, deadline_id: UUID) -> HttpResponse:
    """Record that a task which happens outside the portal, such as notifying the national body, was done."""
    deadline = _deadline_to_change(request, deadline_id)
    if deadline.rule.stops_on not in BY_HAND:
        raise Http404
    form = DoneForm(request.POST if request.method == "POST" else None, deadline=deadline)
    if not deadline.is_open:
        return _over(request, deadline, form)
    if form.is_valid():
        member = member_for(request, Action.EXTEND_DEADLINE, deadline.case)
        try:
            services.record_done(deadline, form.cleaned_data["done_at"], member)
        except services.StaleDeadline:
            deadline.refresh_from_db()
            return _over(request, deadline, form)
        messages.success(request, f"{deadline.case.reference}: recorded as done.")
        return redirect("deadlines:list")
    context = {"form": form, "deadline": deadline, "extensions": deadline.extensions.all()}
    return render(request, "deadlines/done.html", context)


def _over(request: PortalRequest, deadline: Deadline, form: forms.Form) -> HttpResponse:
    """The task was done, or is no longer needed: nothing is changed, and what was typed is shown."""
    typed = []
    for field in form.visible_fields() if form.is_bound else []:
        value = field.value()
        words = " ".join(part for part in value if part) if isinstance(value, TypedDate) else value
        if words:
            typed.append((field.label, words))
    context = {"deadline": deadline, "typed": typed}
    return render(request, "deadlines/over.html", context, status=409 if form.is_bound else 200)


def _deadline_to_change(request: PortalRequest, deadline_id: UUID) -> Deadline:
    """The deadline, if the person may extend those of its case: 404 to a stranger, 403 to a participant."""
    deadline = get_object_or_404(Deadline.objects.with_rows(), pk=deadline_id)
    open_case(request, deadline.case.reference, Action.EXTEND_DEADLINE)
    return deadline
