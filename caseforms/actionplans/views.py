"""Pages of action plans: a case's plan, adopting one, my agency's actions, saying how one stands."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caseforms.actionplans import policy, selectors, services
from caseforms.actionplans.forms import PlanSheet, UpdateForm
from caseforms.actionplans.models import ActionUpdate, Plan
from caseforms.actionplans.services import StaleUpdate, quarter_at
from caseforms.cases import policy as cases_policy
from caseforms.cases.models import Case, Stage
from caseforms.cases.views import frame
from caseforms.deadlines.selectors import ended_by
from caseforms.deadlines.vocabulary import Stop
from caseforms.workflow.services import StaleState
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Membership
from portal.audit import services as audit

CONFLICT = 409
Action = cases_policy.Action


@require_safe
def plan(request: PortalRequest, ref: str) -> HttpResponse:
    """A case's plan, as far as this person may read it."""
    case = policy.plan_case_or_404(request.user, ref, acting=request.acting)
    _looked_at(request, [case])
    granted = cases_policy.rights(request.user, case)
    context = {
        "case": case,
        "plan": Plan.objects.filter(case=case).first(),
        "parts": selectors.plan_parts(request.user, case, quarter_at(timezone.now())),
        "may_adopt": case.stage == Stage.SCOPED and Action.ADOPT_PLAN in granted,
    }
    if Action.SEE not in granted:
        return TemplateResponse(request, "actionplans/plan_alone.html", context)
    return TemplateResponse(request, "actionplans/plan.html", {**frame(case, request, granted), **context})


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: PortalRequest, ref: str) -> HttpResponse:
    """Type a plan, with as many rows as it needs, and adopt it."""
    case = cases_policy.get_or_404(request.user, Action.ADOPT_PLAN, ref, acting=request.acting)
    if request.method != "POST" and case.stage != Stage.SCOPED:
        return redirect("actionplans:plan", ref=ref)
    sheet = PlanSheet(case.partnership.agencies.filter(active=True), request.POST or None)
    status = 200
    if "rows" in request.POST:
        sheet.change_rows(request.POST["rows"])
    elif request.method == "POST" and sheet.is_valid():
        actor = cases_policy.acting_membership(request.user, Action.ADOPT_PLAN, case, request.acting)
        try:
            services.adopt(
                case,
                title=sheet.plan.cleaned_data["title"],
                kind=sheet.plan.cleaned_data["kind"],
                recommendations=sheet.recommendations(),
                actor=actor,
            )
        except StaleState:
            status = CONFLICT
        else:
            messages.success(request, f"The action plan of {case.reference} has been adopted.")
            return redirect("actionplans:plan", ref=ref)
    context = {
        "case": case,
        "sheet": sheet,
        "forms": sheet.forms,
        "form": next((form for form in sheet.forms if form.is_bound and form.errors), None),
        "earlier": Plan.objects.filter(case=case).select_related("adopted_by__agency").first()
        if status == CONFLICT
        else None,
        "conflict": status == CONFLICT,
        "outstanding": ended_by(case, Stop.ADOPT_PLAN),
    }
    return TemplateResponse(request, "actionplans/adopt.html", context, status=status)


@require_safe
def mine(request: PortalRequest) -> HttpResponse:
    """The actions that concern this person, a card each, with this quarter's form on those still to be
    updated.
    """
    quarter = quarter_at(timezone.now())
    cards = selectors.cards(policy.actions_for(request.user, policy.Verb.READ), request.user, quarter)
    _looked_at(request, {card.action.recommendation.plan.case for card in cards})
    done, total = selectors.tally(cards)
    context = {
        "quarter": quarter,
        "cards": [(card, UpdateForm(card) if card.wanted else None) for card in cards],
        "done": done,
        "total": total,
        "percent": 100 * done // total if total else 0,
    }
    return TemplateResponse(request, "actionplans/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def update(request: PortalRequest, action_id: UUID) -> HttpResponse:
    """Say how an action stands this quarter; where a colleague was first, show their words and keep these."""
    action = policy.action_or_404(request.user, policy.Verb.UPDATE, action_id, acting=request.acting)
    quarter = quarter_at(timezone.now())
    this = policy.actions_for(request.user, policy.Verb.READ).filter(pk=action.pk)
    (card,) = selectors.cards(this, request.user, quarter)
    form = UpdateForm(card, request.POST if request.method == "POST" else None)
    stale: ActionUpdate | None = None
    if request.method == "POST" and form.is_valid():
        actor = policy.acting_membership(request.user, action, request.acting)
        try:
            services.post_update(action, **form.cleaned_data, actor=actor)
        except StaleUpdate as meanwhile:
            if not _is_the_same(meanwhile.latest, form, actor):
                stale = meanwhile.latest
        if stale is None:
            case = action.recommendation.plan.case
            messages.success(request, f"Update saved: action {action.label} of {case.reference}.")
            return redirect(f"{reverse('actionplans:mine')}#action-{action.pk.hex}")
        # Typed words stay; sending them again now says that the colleague's have been read.
        again = request.POST.copy()
        again["version"] = str(stale.version)
        form = UpdateForm(card, again)
    else:
        _looked_at(request, [action.recommendation.plan.case])
    context = {"card": card, "form": form, "stale": stale, "quarter": quarter}
    return TemplateResponse(request, "actionplans/update.html", context, status=CONFLICT if stale else 200)


def _is_the_same(latest: ActionUpdate, form: UpdateForm, actor: Membership) -> bool:
    """Whether the same person has just sent the very same words, as a double click does."""
    sent = form.cleaned_data
    return latest.by_id == actor.pk and (latest.status, latest.progress, latest.evidence) == (
        sent["status"],
        sent["progress"],
        sent["evidence"],
    )


def _looked_at(request: PortalRequest, cases: Iterable[Case]) -> None:
    for case in cases:
        audit.record(
            "viewed",
            actor=request.acting,
            kind="plan",
            ref=case.reference,
            partnership_id=case.partnership_id,
        )
