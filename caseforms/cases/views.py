"""The pages that show cases. Each fetches through the policy and leaves an access event."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseforms.cases import page, policy, selectors, services, timeline
from caseforms.cases.forms import AccessForm, DeclareForm, FilterForm, FindPersonForm, InvolvedForm
from caseforms.cases.models import Case, CaseParticipant, Interest
from caseforms.cases.opening import member_for, open_case, person_of, rights_here
from caseforms.cases.policy import Action
from caseforms.questions.answers import summary
from portal.accounts.acting import PortalRequest
from portal.audit import services as audit

PER_PAGE = 25


def frame(case: Case, request: PortalRequest, granted: set[Action]) -> dict[str, Any]:
    """What every page of a case needs: the case, its tabs, its stages, what may be done now."""
    user = person_of(request)
    return {
        "case": case,
        "stages": selectors.progress(case),
        "tabs": [
            {
                "label": tab.title,
                "url": reverse(tab.url_name, args=[case.reference]),
                "current": request.resolver_match is not None
                and request.resolver_match.view_name == tab.url_name,
            }
            for tab in page.tabs_for(case, granted)
        ],
        "acts": [
            {"label": act.label, "url": reverse(act.url_name, args=[case.reference]), "is_task": act.is_task}
            for act in page.acts_now(case, user, granted)
        ],
        "may": {action.value for action in granted},
    }


@require_GET
def case_list(request: PortalRequest) -> HttpResponse:
    """The cases that the person may see, by stage; a reference typed in full leads to its case."""
    user = person_of(request)
    form = FilterForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    if typed := chosen.get("reference"):
        found = selectors.by_reference(user, typed)
        if found:
            return redirect("cases:detail", found.reference)
        messages.warning(request, "There is no case with that reference that we can show you.")
    rows = Paginator(selectors.listed(user, chosen.get("stage", "")), PER_PAGE).get_page(
        request.GET.get("page")
    )
    granted = policy.rights_in(user, rows.object_list)
    for row in rows.object_list:
        row.acts = page.acts_now(row, user, granted.get(row.pk, set()))  # type: ignore[attr-defined]
    context = {
        "filter": form,
        "page_obj": rows,
        "links": [{"label": link.label, "url": reverse(link.url_name)} for link in page.list_links(user)],
        "several_partnerships": len({member.partnership_id for member in request.memberships}) > 1,
    }
    return render(request, "cases/list.html", context)


@require_http_methods(["GET", "POST"])
def find_person(request: PortalRequest) -> HttpResponse:
    """Cases in which a person is named, by surname and date of birth; every search is recorded, never its
    words."""
    user = person_of(request)
    form = FindPersonForm(request.POST if request.method == "POST" else None)
    found: list[Case] | None = None
    if form.is_valid():
        found = list(selectors.by_person(user, form.cleaned_data["surname"], form.cleaned_data["born"]))
        audit.record(
            "searched_case",
            actor=request.acting,
            kind="person",
            ref="",
            partnership_id=request.acting.partnership_id if request.acting else None,
            detail=f"{len(found)} found",
        )
    return render(request, "cases/find_person.html", {"form": form, "found": found})


@require_GET
def detail(request: PortalRequest, ref: str) -> HttpResponse:
    """The overview: where the case stands, what is due next, what this person may do now."""
    case = open_case(request, ref)
    user = person_of(request)
    granted = rights_here(request, case)
    steps = [entry for entry in timeline.entries(case, granted) if entry.kind != timeline.TIME_LIMITS]
    context = {
        **frame(case, request, granted),
        "facts": page.facts_for(case, user),
        "recent": steps[:5],
    }
    return render(request, "cases/detail.html", context)


@require_GET
def people(request: PortalRequest, ref: str) -> HttpResponse:
    """The names: children, family, professionals. The one page besides the forms that shows them."""
    case = open_case(request, ref, Action.SEE_PEOPLE)
    granted = rights_here(request, case)
    return render(request, "cases/people.html", frame(case, request, granted))


@require_GET
def agencies(request: PortalRequest, ref: str) -> HttpResponse:
    """Which agencies take part, what they were asked and whether they have answered."""
    case = open_case(request, ref)
    granted = rights_here(request, case)
    taking_part = case.case_agencies.select_related("agency")
    return render(
        request, "cases/agencies.html", {**frame(case, request, granted), "taking_part": taking_part}
    )


@require_GET
def forms_sent(request: PortalRequest, ref: str) -> HttpResponse:
    """The forms sent in this case that the reader may read."""
    case = open_case(request, ref)
    user = person_of(request)
    granted = rights_here(request, case)
    submissions = selectors.readable_submissions(case, user, granted)
    return render(request, "cases/forms.html", {**frame(case, request, granted), "submissions": submissions})


@require_GET
def form_sent(request: PortalRequest, ref: str, form_id: UUID) -> HttpResponse:
    """One form as it was sent, with the questions that were asked. Raises Http404 for one that is not theirs
    to read."""
    case = open_case(request, ref)
    user = person_of(request)
    granted = rights_here(request, case)
    readable = {row.pk: row for row in selectors.readable_submissions(case, user, granted)}
    if form_id not in readable:
        raise Http404
    submission = readable[form_id]
    sections = summary(submission.question_set, submission.answers, agencies=selectors.agency_names(case))
    context = {**frame(case, request, granted), "submission": submission, "sections": sections}
    return render(request, "cases/form.html", context)


@require_GET
def case_timeline(request: PortalRequest, ref: str) -> HttpResponse:
    """What happened, newest first; by agency and by kind."""
    case = open_case(request, ref)
    granted = rights_here(request, case)
    everything = timeline.entries(case, granted)
    agency, kind = request.GET.get("agency", ""), request.GET.get("kind", "")
    events = [
        entry
        for entry in everything
        if (not agency or entry.agency == agency) and (not kind or entry.kind == kind)
    ]
    context = {
        **frame(case, request, granted),
        "events": events,
        "agencies_in_it": sorted({(entry.agency, entry.agency_name) for entry in everything if entry.agency}),
        "kinds": sorted({entry.kind for entry in everything}),
        "agency": agency,
        "kind": kind,
    }
    return render(request, "cases/timeline.html", context)


@require_GET
def print_page(request: PortalRequest, ref: str) -> HttpResponse:
    """The case on one page for paper; the access event says printed."""
    case = open_case(request, ref, verb="printed")
    user = person_of(request)
    granted = rights_here(request, case)
    context = {
        **frame(case, request, granted),
        "facts": page.facts_for(case, user),
        "events": timeline.entries(case, granted),
        "taking_part": case.case_agencies.select_related("agency"),
        "printed_at": timezone.now(),
    }
    return render(request, "cases/print.html", context)


@require_http_methods(["GET", "POST"])
def access(request: PortalRequest, ref: str) -> HttpResponse:
    """Who may see this case, who is kept out, and letting in a deputy or an author."""
    case = open_case(request, ref, Action.GIVE_ACCESS)
    form = AccessForm(
        case, request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()}
    )
    if form.is_valid():
        typed = form.cleaned_data
        services.let_in(
            case,
            typed["membership"],
            CaseParticipant.Kind(typed["kind"]),
            member_for(request, Action.GIVE_ACCESS, case),
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
        )
        messages.success(request, "They may see this case in that time.")
        return redirect("cases:access", case.reference)
    granted = rights_here(request, case)
    context = {
        **frame(case, request, granted),
        "form": form,
        "readers": selectors.readers(case),
        "interests": case.interests.filter(lifted_at__isnull=True).select_related("person"),
        "participants": case.participants.select_related("membership__person", "membership__agency"),
    }
    return render(request, "cases/access.html", context)


@require_http_methods(["GET", "POST"])
def declare_interest(request: PortalRequest, ref: str) -> HttpResponse:
    """Declares one's own interest: from the next request on, the person sees nothing of this case."""
    case = open_case(request, ref, Action.DECLARE_INTEREST)
    form = DeclareForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        member = member_for(request, Action.DECLARE_INTEREST, case)
        services.exclude(
            case, person_of(request), Interest.Kind.DECLARED, form.cleaned_data["reason"], member
        )
        return redirect("cases:interest_declared")
    granted = rights_here(request, case)
    return render(request, "cases/declare_interest.html", {**frame(case, request, granted), "form": form})


@require_GET
def interest_declared(request: PortalRequest) -> HttpResponse:
    """What happens after a declaration, without a word about the case."""
    return render(request, "cases/interest_declared.html")


@require_http_methods(["GET", "POST"])
def record_interest(request: PortalRequest, ref: str) -> HttpResponse:
    """The business manager keeps somebody out who was directly involved."""
    case = open_case(request, ref, Action.RECORD_INTEREST)
    form = InvolvedForm(case, request.POST if request.method == "POST" else None)
    if form.is_valid():
        member = member_for(request, Action.RECORD_INTEREST, case)
        person = form.cleaned_data["person"]
        services.exclude(case, person, Interest.Kind.INVOLVED, form.cleaned_data["reason"], member)
        if person == request.user:
            return redirect("cases:interest_declared")
        messages.success(request, "They see nothing of this case from now on.")
        return redirect("cases:access", case.reference)
    granted = rights_here(request, case)
    return render(request, "cases/record_interest.html", {**frame(case, request, granted), "form": form})


@require_GET
def appeals(request: PortalRequest, ref: str) -> HttpResponse:
    """The interests that stand in a case, for the independent chair, to whom people may appeal."""
    case = open_case(request, ref, Action.LIFT_INTEREST)
    granted = rights_here(request, case)
    interests = case.interests.filter(lifted_at__isnull=True).select_related("person")
    return render(request, "cases/appeals.html", {**frame(case, request, granted), "interests": interests})


@require_POST
def lift_interest(request: PortalRequest, ref: str, interest_id: UUID) -> HttpResponse:
    """The independent chair allows an appeal."""
    case = open_case(request, ref, Action.LIFT_INTEREST)
    interest = get_object_or_404(case.interests, pk=interest_id)
    services.lift(interest, "", member_for(request, Action.LIFT_INTEREST, case))
    messages.success(request, "The interest no longer keeps that person out of the case.")
    return redirect("cases:appeals", case.reference)
