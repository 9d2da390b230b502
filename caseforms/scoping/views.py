"""The scope: reading its versions, agreeing the first, amending it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from caseforms.cases import selectors as case_selectors
from caseforms.cases.drafts import StaleDraft
from caseforms.cases.models import Stage
from caseforms.cases.opening import member_for, open_case, rights_here
from caseforms.cases.policy import Action
from caseforms.cases.views import frame
from caseforms.questions.answers import summary
from caseforms.scoping import services
from caseforms.workflow.selectors import askable
from caseforms.workflow.services import StaleState
from caseforms.workflow.step import SheetPage, Step
from portal.accounts.acting import PortalRequest


@require_GET
def scope(request: PortalRequest, ref: str, version: int | None = None) -> HttpResponse:
    """The scope as agreed, the latest version or an earlier one. Raises Http404 for a version that was never
    agreed."""
    case = open_case(request, ref, Action.READ_DECISION)
    granted = rights_here(request, case)
    versions = list(
        case.scopes.select_related("submission__question_set", "agreed_by__agency").order_by("-version")
    )
    shown = next((row for row in versions if version in (None, row.version)), None)
    if shown is None and version is not None:
        raise Http404
    context = {**frame(case, request, granted), "versions": versions, "shown": shown}
    if shown:
        names = case_selectors.agency_names(case)
        context["sections"] = summary(shown.submission.question_set, shown.submission.answers, agencies=names)
    return render(request, "scoping/scope.html", context)


@require_http_methods(["GET", "POST"])
def agree(request: PortalRequest, ref: str) -> HttpResponse:
    """Manager or chair write the scope, save it as often as they like, and agree it; later they amend it."""
    case = open_case(request, ref, Action.AGREE_SCOPE)
    step = Step(request, case, Stage.DECIDED, *services.AMENDABLE)
    if away := step.closed():
        return away
    member = member_for(request, Action.AGREE_SCOPE, case)
    latest = case.scopes.select_related("submission").last()
    names = {str(agency.pk): agency.name for agency in askable(case.partnership)}
    page = SheetPage(
        request,
        case,
        services.FORM,
        member,
        agencies=names,
        prefill=latest.submission.answers if latest else None,
    )
    if request.method == "POST" and step.overtaken:
        page.sheet.is_valid()
        step.overtake()
    elif request.method == "POST" and page.save():
        if "send" not in request.POST:
            messages.success(request, "Saved. The scope is not agreed yet.")
            return redirect("scoping:agree", case.reference)
        if page.sheet.is_complete():
            try:
                agreed = services.agree(case, page.draft, member)
            except services.PeriodBackwards as problem:
                page.sheet.add_error("scope.period_to", str(problem))
            except (StaleDraft, StaleState):
                page.show_stored()
                step.overtake()
            else:
                messages.success(request, f"Version {agreed.version} of the scope is agreed.")
                return redirect("scoping:scope", case.reference)
    context = step.context(**page.context(), amending=latest is not None)
    return render(request, "scoping/agree.html", context, status=max(step.status, page.status))
