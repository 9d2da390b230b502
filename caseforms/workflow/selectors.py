"""Reads of the workflow pages."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from caseforms.cases import policy
from caseforms.cases.models import Case, CaseAgency
from caseforms.cases.policy import Action
from caseforms.deadlines import limits
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.selectors import closed_days, rules_started_by
from caseforms.deadlines.vocabulary import Stop
from portal.accounts.models import Agency, Partnership, User


def owed_by(case: Case, user: User) -> QuerySet[CaseAgency]:
    """What the person's agencies have been asked in this case and not answered yet."""
    agencies = [member.agency_id for member in policy.memberships_for(user, Action.GIVE_INFORMATION, case)]
    return CaseAgency.objects.filter(
        case=case, agency__in=agencies, asked_at__isnull=False, answered_at__isnull=True
    )


def owes_information(case: Case, user: User) -> bool:
    """Whether an agency of this person's still owes its information."""
    return owed_by(case, user).exists()


def information_due_by(case: Case, agency: Agency) -> datetime | None:
    """By when this agency must give its information; None where no time limit runs for it."""
    running = Deadline.objects.open().filter(
        case=case, owner_agency=agency, rule__stops_on=Stop.GIVE_INFORMATION
    )
    return running.order_by("due_at").values_list("due_at", flat=True).first()


def information_due(partnership: Partnership, at: datetime) -> datetime | None:
    """By when agencies asked at this moment (aware) must answer, if the partnership has such a time limit."""
    rule = rules_started_by(partnership, "asked", at).filter(stops_on="give_information").first()
    if rule is None:
        return None
    day = limits.local_day(at)
    closed = closed_days(partnership, day, day + timedelta(days=2 * rule.length + 60))
    return limits.due_at(at, rule.length, rule.unit, closed)


def askable(partnership: Partnership) -> QuerySet[Agency]:
    """The agencies of a partnership that can be asked for something."""
    return Agency.objects.filter(partnerships=partnership, active=True).order_by("name")
