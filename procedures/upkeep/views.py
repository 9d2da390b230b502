"""Upkeep's own pages in the CMS: approving a change, and the two reports."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail.models import Page, WorkflowState

from procedures.approval import needs_approval
from procedures.models import ChapterPage
from procedures.upkeep.approvers import approvers, managers_of
from procedures.upkeep.forms import DecisionForm, reasons_against, version
from procedures.upkeep.selectors import link_report, reviews

DECIDED = "This change no longer waits for approval: somebody has decided, or taken it back."
CHANGED = "The page has changed since you opened it. Read it again before you decide."


def approve(request: HttpRequest, page_id: int) -> HttpResponse:
    """The change of a page that waits for a second person: what it is, who may approve it, and the decision.

    What is approved is the very draft that was shown. A page that is local to a partnership which this person does
    not manage is not there.
    """
    page = get_object_or_404(Page, pk=page_id).specific
    managers = managers_of(page)
    if not needs_approval(page) or request.user.pk not in {one.pk for one in managers}:
        raise Http404
    state = page.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS:
        messages.info(request, DECIDED)
        return redirect("wagtailadmin_pages:edit", page.pk)
    latest = page.get_latest_revision()
    form = DecisionForm(request.POST or None, initial={"version": version(latest)})
    if request.method == "POST":
        if "take-back" in request.POST:
            return _take_back(request, page, state)
        if request.POST.get("version") != version(latest):
            messages.error(request, CHANGED)
            return redirect("upkeep_approve", page.pk)
        if form.is_valid():
            return _decide(request, page, state, form)
    able = approvers(page)
    draft = latest.as_object()
    against = "live" if page.live_revision_id else "earliest"
    context = {
        "page": page,
        "draft": draft,
        "state": state,
        "latest": latest,
        "form": form,
        "approvers": able,
        "may": request.user.pk in {one.pk for one in able},
        "alone": len(managers) == 1,
        "objections": reasons_against(draft) if isinstance(draft, ChapterPage) else [],
        "compare_url": reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, against, latest.pk]),
        "preview_url": reverse("wagtailadmin_pages:view_draft", args=[page.pk]),
    }
    return TemplateResponse(request, "procedures/upkeep/approve.html", context)


def _decide(request: HttpRequest, page: Page, state: WorkflowState, form: DecisionForm) -> HttpResponse:
    decision = form.decision()
    task_state = state.current_task_state.specific
    try:
        task_state.task.specific.on_action(
            task_state, request.user, "approve" if decision.approve else "reject", comment=decision.comment
        )
    except PermissionDenied:
        messages.error(request, "Nothing was decided: you may not decide this, or somebody has been quicker.")
        return redirect("upkeep_approve", page.pk)
    if not decision.approve:
        said = "Sent back with your comment."
    elif Page.objects.get(pk=page.pk).scheduled_revision:
        said = "Approved. It will be published at the time it names."
    else:
        said = "Approved and published."
    messages.success(request, f"{page.get_admin_display_title()}: {said}")
    return redirect("wagtailadmin_explore", page.get_parent().pk)


def _take_back(request: HttpRequest, page: Page, state: WorkflowState) -> HttpResponse:
    """Whoever manages the manual may take a change back, so that one whose author has left waits for nobody."""
    with transaction.atomic():
        row = WorkflowState.objects.select_for_update().get(pk=state.pk)
        if row.status != WorkflowState.STATUS_IN_PROGRESS:
            messages.info(request, DECIDED)
        else:
            row.cancel(user=request.user)
            messages.success(request, "Taken back. The draft is as it was and can be changed again.")
    return redirect("wagtailadmin_pages:edit", page.pk)


def reviews_report(request: HttpRequest) -> HttpResponse:
    """Every chapter that this person keeps, by how soon it must be reviewed."""
    found = reviews(request.user)
    groups: list[dict[str, Any]] = [
        {"state": state, "heading": heading, "rows": [one for one in found if one.state == state]}
        for state, heading in (
            ("overdue", "Overdue"),
            ("soon", "Due within four weeks"),
            ("undated", "Without a review date"),
            ("later", "Later"),
        )
    ]
    lacking = sum(1 for one in found if one.missing)
    context = {"groups": groups, "any": bool(found), "lacking": lacking}
    return TemplateResponse(request, "procedures/upkeep/reviews.html", context)


def links_report(request: HttpRequest) -> HttpResponse:
    """Links that lead nowhere, and what is known of those that lead elsewhere."""
    return TemplateResponse(request, "procedures/upkeep/links.html", {"report": link_report(request.user)})
