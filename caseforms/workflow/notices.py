"""The e-mails of the workflow, one function each: who is asked of the policy; the words are in
templates/emails."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from caseforms.cases import policy
from caseforms.cases.models import Case, CaseEvent
from caseforms.cases.notices import tell
from caseforms.cases.policy import Action
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.vocabulary import Stop
from portal.accounts.models import User

Notice = Callable[[Case, CaseEvent, datetime | None], None]


def _who(action: Action, case: Case, event: CaseEvent) -> QuerySet[User]:
    """Everybody who may do this, but not whoever has just acted."""
    people = policy.people_who(action, case)
    return people.exclude(pk=event.membership.person_id) if event.membership else people


def _referrer(case: Case) -> QuerySet[User]:
    """The referrer, while they may still see the case."""
    return policy.people_who(Action.ANSWER_QUESTION, case)


def received(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """The acknowledgement to the referrer."""
    tell("case_received", case, event, _referrer(case))


def to_triage(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the business managers: a referral has come."""
    tell("case_to_triage", case, event, _who(Action.TRIAGE, case, event), url_name="workflow:triage")


def question_asked(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the referrer: a question."""
    tell("case_question", case, event, _referrer(case), url_name="workflow:answer")


def question_answered(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the business managers: their question has been answered."""
    tell("case_answer", case, event, _who(Action.TRIAGE, case, event), url_name="workflow:triage")


def withdrawn(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the business managers and the referrer, without the one of them who withdrew it."""
    tell("case_withdrawn", case, event, _who(Action.WITHDRAW, case, event))


def accepted(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the referrer: the case will be considered."""
    tell("case_accepted", case, event, _referrer(case))


def information_asked(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the leads (or deputies) of the agencies asked, with the date by which they must answer."""
    people = _who(Action.GIVE_INFORMATION, case, event)
    tell("case_information_asked", case, event, people, url_name="workflow:information", due_at=due_at)


def information_given(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the business managers: one agency has answered."""
    tell(
        "case_information_given",
        case,
        event,
        _who(Action.ASK_AGENCIES, case, event),
        url_name="cases:agencies",
    )


def all_answered(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the business managers and the chair: the panel can consider the case."""
    people = User.objects.filter(
        Q(pk__in=_who(Action.ASK_AGENCIES, case, event)) | Q(pk__in=_who(Action.RECOMMEND, case, event))
    )
    tell("case_all_answered", case, event, people)


def decision_needed(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To the independent chair, with the date by which the decision must be made."""
    limit = Deadline.objects.open().filter(case=case, rule__stops_on=Stop.DECIDE).order_by("due_at").first()
    people = _who(Action.DECIDE, case, event)
    tell(
        "case_decision_needed",
        case,
        event,
        people,
        url_name="panels:decision",
        due_at=limit.due_at if limit else None,
    )


def decision_made(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To everybody who may see the case: the decision itself is on the page, for those who may read it."""
    tell("case_decision_made", case, event, _who(Action.SEE, case, event))


def scope_agreed(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To everybody who may read the scope."""
    tell("case_scope_agreed", case, event, _who(Action.READ_DECISION, case, event), url_name="scoping:scope")


def scope_amended(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To everybody who may read the scope."""
    tell("case_scope_amended", case, event, _who(Action.READ_DECISION, case, event), url_name="scoping:scope")


def plan_adopted(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To everybody who may read the decision: the plan follows from it."""
    tell("case_plan_adopted", case, event, _who(Action.READ_DECISION, case, event))


def closed(case: Case, event: CaseEvent, due_at: datetime | None) -> None:
    """To everybody who may read the decision."""
    tell("case_closed", case, event, _who(Action.READ_DECISION, case, event))


NOTICES: dict[str, Notice] = {
    function.__name__: function
    for function in (
        received, to_triage, question_asked, question_answered, withdrawn, accepted, information_asked,
        information_given, all_answered, decision_needed, decision_made, scope_agreed, scope_amended,
        plan_adopted, closed,
    )
}  # fmt: skip
