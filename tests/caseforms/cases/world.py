"""Cases for tests: made by the same services that the pages call, one step after the other."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from caseforms.cases import drafts, services
from caseforms.cases.models import Case, CaseParticipant, CasePerson, Child, Interest, Outcome, Submission
from caseforms.deadlines.services import install_default_rules
from caseforms.panels import services as panels
from caseforms.questions.services import current_set
from caseforms.scoping import services as scoping
from caseforms.workflow import services as workflow
from portal.accounts.models import Agency, Membership
from tests.cast import Cast, load_cast

__all__ = ["CaseParticipant", "Interest", "install_default_rules", "load_cast", "services"]

CHILD, SURNAME, BORN = "Zephyrine", "Quillfeather", "2019-03-14"
SECRET = "The stairgate at Marram Cottage was never mended"  # noqa: S105

REFERRAL = {
    "about-you": {"job_title": "Ward sister", "telephone": "01632 960 555"},
    "what-happened": {"account": SECRET},
}
INVOLVED = {
    "involvement": {
        "involved": "yes",
        "period_from": "2024",
        "summary": "Seen in the emergency department twice. " + SECRET,
        "concerns": "The second visit was not passed on.",
        "secured_on": "2026-11-01",
        "secured_by": "A records officer",
    }
}
NIL = {"involvement": {"involved": "no", "checked": "All three record systems"}}
REQUIRED_QUESTIONS = (
    "risk_recognised",
    "risk_shared",
    "risk_acted_on",
    "concerns_unheard",
    "wider_failings",
    "several_agencies",
    "procedures_change",
)
RECOMMENDED = {
    "questions": {code: {"answer": "yes"} for code in REQUIRED_QUESTIONS},
    "recommendation": {"recommendation": "review", "reasons": "Three agencies knew parts of it. " + SECRET},
}
SCOPE = {
    "key-issues": {
        "key_issues": "How visits are passed on",
        "period_from": "2024-01-01",
        "period_to": "2026-06-30",
    },
    "family": {"family_who": "The grandmother"},
    "parallel": {"parallel": {"answer": "no"}},
}


def referred(cast: Cast, by: str = "practitioner", *agencies: str, rules: bool = True) -> Case:
    """A case that has just been referred; agencies by code take part beside the referrer's own."""
    member: Membership = getattr(cast, by)
    if rules:
        install_default_rules(member.partnership)
    found = Agency.objects.filter(code__in=agencies)
    case = workflow.open_case(member, agencies=found, consulted_at=timezone.now() - timedelta(hours=3))
    Child.objects.create(
        case=case, first_name=CHILD, last_name=SURNAME, date_of_birth=BORN, address="Marram Cottage"
    )
    CasePerson.objects.create(
        case=case, order=1, first_name="Oriel", last_name="Tamsin-Voss", relationship="mother"
    )
    Submission.objects.create(
        case=case,
        question_set=current_set("case-referral", case.partnership),
        agency=member.agency,
        submitted_by=member,
        answers=REFERRAL,
    )
    workflow.submit(case, member)
    return case


def triaged(cast: Cast, *agencies: str) -> Case:
    """A case that the business manager has accepted."""
    case = referred(cast, "practitioner", *agencies)
    workflow.advance(case, "triage", cast.manager, reason="Meets the criteria")
    return case


def gathering(cast: Cast, *agencies: str) -> Case:
    """A case about which agencies (default: police, social care, health) have been asked."""
    case = triaged(cast)
    asked = Agency.objects.filter(code__in=agencies or ("POL", "CSC", "ICB"))
    workflow.ask_agencies(case, asked, cast.manager)
    return case


def give(case: Case, member: Membership, answers: dict[str, Any] | None = None) -> Submission:
    """An agency's information, sent by its lead."""
    return workflow.give_information(
        case, stored(case, "agency-information", member, answers or INVOLVED), member
    )


def stored(case: Case, code: str, member: Membership, answers: dict[str, Any]) -> Any:
    """A draft with these answers."""
    return drafts.save(drafts.blank(case, code, member), 0, answers)


def held(cast: Cast, *present: str) -> Any:
    """Today's meeting, attended by these members of the cast (default: a quorate three)."""
    meeting = panels.hold_meeting(cast.tarn, timezone.localdate(), cast.chair)
    people = [getattr(cast, key) for key in present or ("chair", "panel", "lead_pol")]
    panels.record_attendance(meeting, people, cast.chair, seen=meeting.version)
    return meeting


def recommended(cast: Cast, case: Case | None = None) -> Case:
    """A case on which the panel has recommended a review."""
    case = case or gathering(cast)
    draft = stored(case, "panel-recommendation", cast.chair, RECOMMENDED)
    panels.recommend(case, draft, held(cast), cast.chair)
    return case


def decided(cast: Cast, outcome: Outcome = Outcome.REVIEW) -> Case:
    """A case that the independent chair has decided."""
    case = recommended(cast)
    panels.decide(case, outcome, "Because " + SECRET, timezone.localdate(), cast.independent_chair)
    return case


def scope_answers(cast: Cast, *agencies: str, **key_issues: str) -> dict[str, Any]:
    """Answers to the scope form that ask these agencies (by code) to report."""
    reports = [{"agency": str(cast.agency(code).pk)} for code in agencies]
    return {**SCOPE, "key-issues": {**SCOPE["key-issues"], **key_issues}, "agencies": reports}


def scoped(cast: Cast, *agencies: str) -> Case:
    """A case whose scope asks these agencies (default: police and social care) to report."""
    case = decided(cast)
    answers = scope_answers(cast, *(agencies or ("POL", "CSC")))
    scoping.agree(case, stored(case, "scope", cast.manager, answers), cast.manager)
    return case


def form_data(client: Client, url: str) -> dict[str, str]:
    """The hidden fields of the form on a page, as a browser would send them back."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    found = {}
    for name in ("seen", "version"):
        if name in response.context:
            found[name] = str(response.context[name])
    return found
