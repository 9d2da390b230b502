"""The pages of the panel: meetings, the panel paper, the recommendation, the decision."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from caseforms.cases import selectors as case_selectors
from caseforms.cases.drafts import StaleDraft
from caseforms.cases.models import Case, Outcome, Stage
from caseforms.cases.opening import member_for, open_case, person_of, rights_here
from caseforms.cases.policy import Action
from caseforms.cases.views import frame
from caseforms.panels import policy, selectors, services
from caseforms.panels.forms import AtMeetingForm, AttendanceForm, DecisionForm, MeetingForm
from caseforms.panels.models import Meeting
from caseforms.questions.answers import summary
from caseforms.workflow.services import StaleState
from caseforms.workflow.step import CONFLICT, SheetPage, Step
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Membership

FORM = "panel-recommendation"


def _keeper(request: PortalRequest, partnership_id: UUID) -> Membership:
    """The membership in which the person keeps this partnership's meetings. Raises PermissionDenied."""
    for member in request.memberships:
        if member.partnership_id == partnership_id and member.role in policy.KEEPERS:
            return member
    raise PermissionDenied


@require_http_methods(["GET", "POST"])
def meetings(request: PortalRequest) -> HttpResponse:
    """The meetings of the review group, newest first, with their quorum; a new one for those who keep
    them."""
    user = person_of(request)
    acting = request.acting
    keeps = acting is not None and policy.kept_in(user).filter(pk=acting.partnership_id).exists()
    form = MeetingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not keeps or acting is None:
            raise PermissionDenied
        if form.is_valid():
            keeper = _keeper(request, acting.partnership_id)
            meeting = services.hold_meeting(acting.partnership, form.cleaned_data["held_on"], keeper)
            return redirect("panels:meeting", meeting.pk)
    if not policy.reads_meetings(user):
        raise PermissionDenied
    found = policy.meetings_for(user).select_related("partnership")
    rows = [(meeting, selectors.quorum_of(meeting)) for meeting in found]
    return render(request, "panels/meetings.html", {"rows": rows, "form": form, "keeps": keeps})


@require_http_methods(["GET", "POST"])
def meeting(request: PortalRequest, meeting_id: UUID) -> HttpResponse:
    """One meeting: who was there. Raises Http404 for a meeting of a review group that is not theirs."""
    user = person_of(request)
    found = policy.meetings_for(user).select_related("partnership").filter(pk=meeting_id).first()
    if found is None:
        raise Http404
    keeps = policy.kept_in(user).filter(pk=found.partnership_id).exists()
    present = [row.member_id for row in found.attendances.all()]
    form = AttendanceForm(
        found.partnership, request.POST if request.method == "POST" else None, initial={"present": present}
    )
    status = 200
    if request.method == "POST":
        keeper = _keeper(request, found.partnership_id)
        seen = request.POST.get("version", "")
        if form.is_valid():
            try:
                version = int(seen) if seen.isascii() and seen.isdigit() else 0
                services.record_attendance(found, form.cleaned_data["present"], keeper, seen=version)
            except services.StaleMeeting:
                found.refresh_from_db()
                status = CONFLICT
            else:
                messages.success(request, f"Saved: {selectors.quorum_of(found).words}.")
                return redirect("panels:meeting", found.pk)
    context = {
        "meeting": found,
        "form": form,
        "keeps": keeps,
        "quorum": selectors.quorum_of(found),
        "attendances": found.attendances.select_related("member__person", "agency"),
        "overtaken": status == CONFLICT,
    }
    return render(request, "panels/meeting.html", context, status=status)


@require_GET
def paper(request: PortalRequest, ref: str) -> HttpResponse:
    """What the panel reads, what it recommends, what was decided: each part for those who may read it."""
    case = open_case(request, ref, Action.READ_DECISION)
    granted = rights_here(request, case)
    agencies = case_selectors.agency_names(case)
    reads_returns = Action.READ_RETURNS in granted
    context = {
        **frame(case, request, granted),
        "decision": selectors.latest_decision(case),
        "may_read_returns": reads_returns,
    }
    if reads_returns:
        referral = case_selectors.last_submission(case, "case-referral")
        recommendation = selectors.latest_recommendation(case)
        context |= {
            "referral": summary(referral.question_set, referral.answers, agencies=agencies)
            if referral
            else [],
            "returns": selectors.returns_by_question(case),
            "taking_part": case.case_agencies.select_related("agency"),
            "recommendation": recommendation,
            "recommended": summary(recommendation.submission.question_set, recommendation.submission.answers)
            if recommendation
            else [],
        }
    return render(request, "panels/paper.html", context)


@require_http_methods(["GET", "POST"])
def recommendation(request: PortalRequest, ref: str) -> HttpResponse:
    """The chair records the panel's recommendation; saved as often as they like, sent once, from a quorate
    meeting."""
    case = open_case(request, ref, Action.RECOMMEND)
    step = Step(request, case, Stage.GATHERING)
    if away := step.closed():
        return away
    member = member_for(request, Action.RECOMMEND, case)
    page = SheetPage(request, case, FORM, member)
    at_meeting = AtMeetingForm(
        case,
        request.POST if request.method == "POST" else None,
        initial={"meeting": page.draft.answers.get("meeting")},
    )
    if request.method == "POST" and not step.is_open:
        page.sheet.is_valid()
        page.show_stored()
        step.overtake()
    elif request.method == "POST":
        chosen = at_meeting.cleaned_data["meeting"] if at_meeting.is_valid() else None
        if page.save(meeting=str(chosen.pk) if chosen else ""):
            if "send" not in request.POST:
                messages.success(request, "Saved. The recommendation is not sent yet.")
                return redirect("panels:recommendation", case.reference)
            if _send(case, page, step, chosen, at_meeting, member):
                messages.success(
                    request, "The recommendation is recorded. The independent chair has been told."
                )
                return redirect("cases:detail", case.reference)
    context = step.context(**page.context(), at_meeting=at_meeting)
    context["forms"] = [at_meeting, *page.sheet.forms]
    return render(request, "panels/recommendation.html", context, status=max(step.status, page.status))


def _send(
    case: Case,
    page: SheetPage,
    step: Step,
    chosen: Meeting | None,
    at_meeting: AtMeetingForm,
    member: Membership,
) -> bool:
    """Sends what was saved, or puts at the fields what is still missing."""
    complete = page.sheet.is_complete()
    if chosen is None:
        at_meeting.add_error("meeting", "Choose the meeting at which the panel considered this case")
        return False
    if not complete:
        return False
    try:
        services.recommend(case, page.draft, chosen, member)
    except services.NotQuorate as problem:
        at_meeting.add_error("meeting", f"The panel cannot recommend from this meeting: {problem}")
    except (StaleDraft, StaleState):
        page.show_stored()
        step.overtake()
    else:
        return True
    return False


@require_http_methods(["GET", "POST"])
def decision(request: PortalRequest, ref: str) -> HttpResponse:
    """The independent chair decides, with the recommendation in view."""
    case = open_case(request, ref, Action.DECIDE)
    step = Step(request, case, Stage.RECOMMENDED)
    if away := step.closed():
        return away
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and step.may_save:
        typed = form.cleaned_data
        member = member_for(request, Action.DECIDE, case)
        try:
            services.decide(case, Outcome(typed["outcome"]), typed["reasons"], typed["decided_on"], member)
        except StaleState:
            step.overtake()
        except ValueError as problem:
            form.add_error("decided_on", str(problem))
        else:
            messages.success(request, "Your decision is recorded, and those concerned have been told.")
            return redirect("cases:detail", case.reference)
    found = selectors.latest_recommendation(case)
    recommended = summary(found.submission.question_set, found.submission.answers) if found else []
    context = step.context(form=form, recommendation=found, recommended=recommended)
    return render(request, "panels/decision.html", context, status=step.status)
