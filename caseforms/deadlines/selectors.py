"""Reads about time limits: what applies, which days are closed, what is due next."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from caseforms.cases.models import Case
from caseforms.deadlines.limits import in_full, local_day
from caseforms.deadlines.models import ClosedDay, Deadline, DeadlineRule
from caseforms.deadlines.policy import deadlines_for
from caseforms.deadlines.vocabulary import Start, Stop
from portal.accounts.models import Partnership, User
from portal.workdays import bank_holidays

__all__ = [
    "closed_days",
    "deadlines_for",
    "ended_by",
    "facts",
    "late_count",
    "next_deadline",
    "rules_started_by",
]


def closed_days(partnership: Partnership, start: date, end: date) -> frozenset[date]:
    """Bank holidays and the partnership's own closed days between two days, both included."""
    own = ClosedDay.objects.filter(partnership=partnership, date__range=(start, end))
    return frozenset(bank_holidays(start, end)) | frozenset(own.values_list("date", flat=True))


def rules_started_by(partnership: Partnership, trigger: Start | str, at: datetime) -> QuerySet[DeadlineRule]:
    """The partnership's rules that a trigger starts, as they stood on the (London) day of `at`."""
    return DeadlineRule.objects.in_force(local_day(at)).filter(partnership=partnership, starts_on=trigger)


def next_deadline(case: Case, user: User | None = None) -> Deadline | None:
    """The running deadline of a case that is due first; with `user`, among those that this person may see."""
    seen = deadlines_for(user) if user else Deadline.objects.all()
    return seen.open().filter(case=case).order_by("due_at").first()


def ended_by(case: Case, step: Stop | str) -> QuerySet[Deadline]:
    """The running deadlines of a case that this step would end without their task being done, the earliest first."""
    return Deadline.objects.open().with_rows().filter(case=case, rule__lapses_on=step).order_by("due_at")


def late_count(user: User) -> int:
    """How many deadlines that this person sees are still running although their time is over."""
    return deadlines_for(user).open().filter(due_at__lt=timezone.now()).count()


def facts(case: Case, user: User) -> list[dict[str, Any]]:
    """The row about time limits on the overview of a case (caseforms.cases.page.register_facts)."""
    deadline = next_deadline(case, user)
    value = f"{deadline.task}: by {in_full(deadline.due_at)}" if deadline else "Nothing is due at the moment"
    url = f"{reverse('deadlines:list')}?case={case.reference}"
    return [{"key": "Next time limit", "value": value, "url": url, "action": "See all"}]
