"""The pages of the steps from triage to the agencies' information, and closing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caseforms.cases import selectors as case_selectors
from caseforms.cases import timeline
from caseforms.cases.drafts import StaleDraft
from caseforms.cases.models import Stage
from caseforms.cases.opening import member_for, open_case
from caseforms.cases.policy import Action
from caseforms.questions.answers import summary
from caseforms.workflow import selectors, services
from caseforms.workflow.forms import AnswerForm, AskForm, CloseForm, TriageForm, WithdrawForm
from caseforms.workflow.services import StaleState
from caseforms.workflow.step import SheetPage, Step
from portal.accounts.acting import PortalRequest


@require_http_methods(["GET", "POST"])
def triage(request: PortalRequest, ref: str) -> HttpResponse:
    """Accept a referral, or return it with a question."""
    case = open_case(request, ref, Action.TRIAGE)
    step = Step(request, case, Stage.SUBMITTED)
    if away := step.closed():
        return away
    form = TriageForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        returning = form.cleaned_data["decision"] == TriageForm.RETURN
        member = member_for(request, Action.RETURN if returning else Action.TRIAGE, case)
        try:
            services.advance(
                case,
                "return_with_question" if returning else "triage",
                member,
                reason=form.cleaned_data["words"],
            )
        except StaleState:
            step.overtake()
        else:
            done = "The referrer has been asked." if returning else "The referral is accepted."
            messages.success(request, done)
            return redirect("cases:detail", case.reference)
    submission = case_selectors.last_submission(case, "case-referral")
    sections = summary(
        submission.question_set, submission.answers, agencies=case_selectors.agency_names(case)
    ) if submission else []  # fmt: skip
    return render(
        request, "workflow/triage.html", step.context(form=form, sections=sections), status=step.status
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: PortalRequest, ref: str) -> HttpResponse:
    """The referrer or the business manager takes the referral back."""
    case = open_case(request, ref, Action.WITHDRAW)
    step = Step(request, case, Stage.SUBMITTED, Stage.RETURNED, Stage.TRIAGED)
    if away := step.closed():
        return away
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        try:
            services.advance(
                case,
                "withdraw",
                member_for(request, Action.WITHDRAW, case),
                reason=form.cleaned_data["reason"],
            )
        except StaleState:
            step.overtake()
        else:
            messages.success(request, "The referral is withdrawn.")
            return redirect("cases:detail", case.reference)
    return render(request, "workflow/withdraw.html", step.context(form=form), status=step.status)


@require_http_methods(["GET", "POST"])
def answer(request: PortalRequest, ref: str) -> HttpResponse:
    """The referrer answers the business manager's question."""
    case = open_case(request, ref, Action.ANSWER_QUESTION)
    step = Step(request, case, Stage.RETURNED)
    if away := step.closed():
        return away
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        member = member_for(request, Action.ANSWER_QUESTION, case)
        try:
            services.advance(case, "answer_question", member, reason=form.cleaned_data["answer"])
        except StaleState:
            step.overtake()
        else:
            messages.success(request, "Your answer has been sent to the business unit.")
            return redirect("cases:detail", case.reference)
    asked = timeline.last_of(case, "return_with_question")
    context = step.context(form=form, question=asked.text if asked else "")
    return render(request, "workflow/answer.html", context, status=step.status)


@require_http_methods(["GET", "POST"])
def ask(request: PortalRequest, ref: str) -> HttpResponse:
    """The business manager asks agencies for information."""
    case = open_case(request, ref, Action.ASK_AGENCIES)
    step = Step(request, case, Stage.TRIAGED)
    if away := step.closed():
        return away
    form = AskForm(case, request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        member = member_for(request, Action.ASK_AGENCIES, case)
        try:
            services.ask_agencies(case, form.cleaned_data["agencies"], member)
        except StaleState:
            step.overtake()
        else:
            messages.success(request, "The agencies have been asked.")
            return redirect("cases:agencies", case.reference)
    due_at = selectors.information_due(case.partnership, timezone.now())
    return render(request, "workflow/ask.html", step.context(form=form, due_at=due_at), status=step.status)


@require_http_methods(["GET", "POST"])
def information(request: PortalRequest, ref: str) -> HttpResponse:
    """An agency's own information: begun, saved, sent. Nobody else sees it until it is sent."""
    case = open_case(request, ref, Action.GIVE_INFORMATION)
    step = Step(request, case, Stage.GATHERING)
    if away := step.closed():
        return away
    member = member_for(request, Action.GIVE_INFORMATION, case)
    sent = case_selectors.latest_submission(case, services.INFORMATION, member.agency)
    if sent and request.method == "GET":
        return redirect("cases:form", case.reference, sent.pk)
    page = SheetPage(request, case, services.INFORMATION, member)
    if sent:
        page.show_stored()
    elif request.method == "POST" and page.save():
        if "send" not in request.POST:
            messages.success(request, "Saved. Nobody outside your agency sees it until you send it.")
            return redirect("workflow:information", case.reference)
        if page.sheet.is_complete():
            try:
                services.give_information(case, page.draft, member)
            except (StaleDraft, StaleState):
                page.show_stored()
                step.overtake()
            else:
                messages.success(request, "Your agency's information has been sent.")
                return redirect("cases:detail", case.reference)
    context = step.context(
        **page.context(),
        member=member,
        sent=sent,
        children=case.children.all(),
        due_at=selectors.information_due_by(case, member.agency),
    )
    return render(request, "workflow/information.html", context, status=max(step.status, page.status))


@require_http_methods(["GET", "POST"])
def close(request: PortalRequest, ref: str) -> HttpResponse:
    """The business manager closes a case whose plan has been adopted."""
    case = open_case(request, ref, Action.CLOSE)
    step = Step(request, case, Stage.PLANNED)
    if away := step.closed():
        return away
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        try:
            services.advance(
                case, "close", member_for(request, Action.CLOSE, case), reason=form.cleaned_data["reason"]
            )
        except StaleState:
            step.overtake()
        else:
            messages.success(request, "The case is closed.")
            return redirect("cases:detail", case.reference)
    return render(request, "workflow/close.html", step.context(form=form), status=step.status)
