"""What the panel and the independent chair do: meet, recommend, decide."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from caseforms.cases import drafts
from caseforms.cases.models import Case, Draft, Outcome
from caseforms.panels import policy
from caseforms.panels.models import Attendance, Decision, Meeting, Recommendation
from caseforms.panels.selectors import latest_recommendation, quorum_of
from caseforms.questions.answers import bound_rows
from caseforms.workflow.services import StaleState, advance
from portal.accounts.models import Membership, Partnership

NOON = time(12)


class NotQuorate(ValueError):
    """Too few agencies were at the meeting for this case; the message says how many counted."""


class StaleMeeting(Exception):
    """A colleague has changed the attendance meanwhile."""


def hold_meeting(partnership: Partnership, held_on: date, actor: Membership) -> Meeting:
    """The meeting of that day; made where there is none. Raises PermissionDenied for whoever keeps no
    meetings."""
    if not policy.kept_in(actor.person).filter(pk=partnership.pk).exists():
        raise PermissionDenied
    return Meeting.objects.get_or_create(partnership=partnership, held_on=held_on)[0]


@transaction.atomic
def record_attendance(
    meeting: Meeting, present: Iterable[Membership], actor: Membership, *, seen: int
) -> None:
    """Records who was at the meeting, in place of what was recorded before.

    Raises StaleMeeting where the attendance is no longer at version `seen`, PermissionDenied, and ValueError
    for somebody who does not belong to this review group.
    """
    if not policy.kept_in(actor.person).filter(pk=meeting.partnership_id).exists():
        raise PermissionDenied
    members = list(present)
    allowed = policy.may_attend(meeting.partnership).filter(pk__in=[member.pk for member in members])
    if allowed.count() != len(members):
        raise ValueError("Only members of this review group can be present")
    if not Meeting.objects.filter(pk=meeting.pk, version=seen).update(version=F("version") + 1):
        raise StaleMeeting
    meeting.attendances.all().delete()
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, member=member, agency=member.agency) for member in members
    )
    meeting.version = seen + 1


@transaction.atomic
def recommend(case: Case, draft: Draft, meeting: Meeting, actor: Membership) -> Recommendation:
    """Sends the panel's recommendation as the draft holds it, made at a quorate meeting.

    Raises NotQuorate, StaleDraft, StaleState, PermissionDenied, InvalidAnswers; ValueError for another
    partnership's meeting.
    """
    if meeting.partnership_id != case.partnership_id:
        raise ValueError("The meeting is another partnership's")
    # Locked, so that the attendance cannot change between being counted and being relied on.
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    counted = quorum_of(meeting, case)
    if not counted.quorate:
        raise NotQuorate(counted.words)
    submission = drafts.send(draft, draft.answers, actor)
    bound = bound_rows(submission.question_set, submission.answers)["recommendation"][0]
    outcome = Outcome(bound.columns["outcome"])
    recommendation = Recommendation.objects.create(
        case=case,
        meeting=meeting,
        submission=submission,
        outcome=outcome,
        agencies_present=counted.count,
        made_by=actor,
    )
    facts = {
        "recommended": outcome.value,
        "meeting": meeting.held_on.isoformat(),
        "agencies_present": counted.count,
        "submission": str(submission.pk),
    }
    advance(case, "recommend", actor, facts=facts)
    return recommendation


@transaction.atomic
def decide(case: Case, outcome: Outcome, reasons: str, decided_on: date, actor: Membership) -> Decision:
    """The independent chair decides on the panel's recommendation; time limits are judged by `decided_on`.

    Raises StaleState, PermissionDenied, and ValueError for a date in the future or before the recommendation.
    """
    recommendation = latest_recommendation(case)
    if recommendation is None or Decision.objects.filter(recommendation=recommendation).exists():
        raise StaleState
    today = timezone.localdate()
    if decided_on > today:
        raise ValueError("The date of the decision must be today or in the past")
    if decided_on < timezone.localdate(recommendation.made_at):
        raise ValueError("The decision cannot be earlier than the panel's recommendation")
    noon = timezone.make_aware(datetime.combine(decided_on, NOON))
    at = timezone.now() if decided_on == today else max(noon, recommendation.made_at)
    facts: dict[str, Any] = {"outcome": outcome.value, "decided_on": decided_on.isoformat()}
    advance(case, "decide", actor, facts=facts, at=at)
    return Decision.objects.create(
        case=case,
        recommendation=recommendation,
        outcome=outcome,
        reasons=reasons,
        decided_on=decided_on,
        decided_by=actor,
    )
