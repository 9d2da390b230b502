"""The one writer of a case's stage (decision 0002): stage, event, time limits and notices in one
transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from caseforms.cases import drafts, policy
from caseforms.cases.models import Case, CaseAgency, CaseEvent, Draft, Outcome, Stage, Submission
from caseforms.cases.services import add_agencies, record_event
from caseforms.deadlines import services as deadlines
from caseforms.questions.answers import bound_rows
from caseforms.workflow import notices
from caseforms.workflow.transitions import Transition, find
from portal.accounts.models import Agency, Membership, Partnership

INFORMATION = "agency-information"


class StaleState(Exception):
    """The case is not where the person saw it: a colleague has just changed it. Nothing was written."""


@transaction.atomic
def advance(
    case: Case,
    transition: str,
    actor: Membership,
    *,
    reason: str = "",
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> CaseEvent:
    """Takes one step of transitions.TABLE with the case as the caller read it.

    1. the policy lets the actor do it, in this membership; 2. the stage moves on *where it is what we read*;
    3. the event is written, `reason` encrypted, `facts` typed and identifying nobody (a decision needs
    `facts["outcome"]`); 4. time limits start and stop; 5. notices go to the outbox. `at` (aware) is when it
    happened, now by default.

    Raises StaleState, PermissionDenied, and UnknownTransition for a step that does not exist.
    """
    facts = facts or {}
    row = find(transition, str(facts.get("outcome", "")))
    moment = at or timezone.now()
    _check_right(case, row, actor)
    _move(case, row, facts, moment)
    event = record_event(
        case,
        transition,
        actor,
        text=reason,
        facts={**facts, "at": moment.isoformat()},
        from_stage=_read_stage(row, case),
        to_stage=row.to_stage,
    )
    case.stage = row.to_stage
    due_at = _clocks(case, row, actor, moment)
    for name in row.notices:
        notices.NOTICES[name](case, event, due_at)
    return event


def _check_right(case: Case, row: Transition, actor: Membership) -> None:
    if actor not in policy.memberships_for(actor.person, row.action, case):
        raise PermissionDenied


def _move(case: Case, row: Transition, facts: dict[str, Any], moment: datetime) -> None:
    """Updates the row where stage and the time of its last change are what the caller read."""
    changes: dict[str, Any] = {"stage": row.to_stage, "stage_since": moment}
    if row.outcomes:
        changes["outcome"] = Outcome(facts["outcome"])
        changes["decided_at"] = moment if facts["outcome"] != Outcome.DEFERRED else None
    here = Case.objects.filter(pk=case.pk, stage=case.stage, stage_since=case.stage_since)
    if case.stage not in row.from_stages or not here.update(**changes):
        raise StaleState
    for name, value in changes.items():
        if name != "stage":
            setattr(case, name, value)


def _read_stage(row: Transition, case: Case) -> str:
    return "" if row.name == "submit" else case.stage


def _clocks(case: Case, row: Transition, actor: Membership, moment: datetime) -> datetime | None:
    """Starts and stops time limits; returns when the earliest of the new ones is due."""
    started = [
        deadline
        for trigger in row.starts
        for deadline in deadlines.start(
            case, trigger, _began(case, trigger, moment), actor, agencies=_owing(case, trigger)
        )
    ]
    for trigger in row.stops:
        deadlines.stop(case, trigger, moment, actor)
    return min((deadline.due_at for deadline in started), default=None)


def _began(case: Case, trigger: str, moment: datetime) -> datetime:
    """A time limit counts from the consultation or the decision that it is named after, else from this
    step."""
    return {"consultation": case.consulted_at, "decision": case.decided_at}.get(trigger) or moment


def _owing(case: Case, trigger: str) -> list[Agency] | None:
    """The agencies that owe something after this trigger: only those that have been asked for it so far.

    Reports count from the decision, but nobody owes one before the scope names their agency.
    """
    taking_part = CaseAgency.objects.filter(case=case).select_related("agency")
    if trigger == "asked":
        return [row.agency for row in taking_part.filter(asked_at__isnull=False, answered_at__isnull=True)]
    if trigger == "decision":
        return [row.agency for row in taking_part.filter(report_asked_at__isnull=False)]
    return None


def start_reports(case: Case, actor: Membership) -> None:
    """Starts the time limit of agency reports for agencies that an amended scope has added."""
    deadlines.start(
        case, "decision", case.decided_at or timezone.now(), actor, agencies=_owing(case, "decision")
    )


@transaction.atomic
def open_case(
    actor: Membership,
    *,
    agencies: Iterable[Agency] = (),
    consulted_at: datetime | None = None,
    submitted_at: datetime | None = None,
) -> Case:
    """Makes the row of a new case in the actor's partnership, with the agencies that take part; the actor's
    own agency is always one of them. `submit` is the step that follows, once people and answers are stored.

    Raises PermissionDenied where the role may not refer.
    """
    if actor.role not in policy.MAY_REFER:
        raise PermissionDenied
    moment = submitted_at or timezone.now()
    case = Case.objects.create(
        partnership=actor.partnership,
        referred_by=actor,
        consulted_at=consulted_at,
        submitted_at=moment,
        stage_since=moment,
    )
    add_agencies(case, [actor.agency, *agencies])
    return case


def submit(case: Case, actor: Membership) -> CaseEvent:
    """The referral is sent: its event, its time limits, the acknowledgement and the word to the business
    managers.

    Raises StaleState where it was sent before.
    """
    if case.events.filter(verb="submit").exists():
        raise StaleState
    return advance(case, "submit", actor, at=case.submitted_at)


@transaction.atomic
def ask_agencies(case: Case, agencies: Iterable[Agency], actor: Membership) -> CaseEvent:
    """Asks these agencies of the partnership for information; their leads are told by when.

    Raises ValueError where no agency, or one of another partnership, is named; StaleState as `advance`.
    """
    asked = list(agencies)
    check_agencies(case.partnership, asked)
    rows = add_agencies(case, asked)
    moment = timezone.now()
    CaseAgency.objects.filter(pk__in=[row.pk for row in rows], asked_at__isnull=True).update(asked_at=moment)
    return advance(
        case, "ask_agencies", actor, facts={"agencies": sorted(agency.code for agency in asked)}, at=moment
    )


def check_agencies(partnership: Partnership, agencies: list[Agency]) -> None:
    """Raises ValueError unless there is an agency and all are active ones of this partnership."""
    own = Agency.objects.filter(partnerships=partnership, active=True)
    if not agencies or own.filter(pk__in=[agency.pk for agency in agencies]).count() != len(set(agencies)):
        raise ValueError("Choose at least one agency of this partnership")


@transaction.atomic
def give_information(case: Case, draft: Draft, actor: Membership) -> Submission:
    """Sends an agency's information as the draft holds it, and ends that agency's time limit.

    A nil return is a return. Raises StaleDraft where a colleague of the agency changed or sent it meanwhile,
    StaleState where agencies are no longer being asked, PermissionDenied, and InvalidAnswers.
    """
    if actor not in policy.memberships_for(actor.person, policy.Action.GIVE_INFORMATION, case):
        raise PermissionDenied
    # Locked, so that the return cannot cross with the panel's recommendation.
    if Case.objects.select_for_update().get(pk=case.pk).stage != Stage.GATHERING:
        raise StaleState
    submission = drafts.send(draft, draft.answers, actor)
    moment = timezone.now()
    nil = bound_rows(submission.question_set, submission.answers)["return"][0].columns.get("involved") == "no"
    CaseAgency.objects.filter(case=case, agency=actor.agency).update(answered_at=moment, involved=not nil)
    facts = {"version": submission.version, "nil": nil, "submission": str(submission.pk)}
    event = record_event(case, "give_information", actor, facts=facts)
    deadlines.stop(case, "give_information", moment, actor, agency=actor.agency)
    notices.information_given(case, event, None)
    waiting = CaseAgency.objects.filter(case=case, asked_at__isnull=False, answered_at__isnull=True)
    if not waiting.exists():
        notices.all_answered(case, event, None)
    return submission
