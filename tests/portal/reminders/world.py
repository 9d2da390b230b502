"""Two hundred time limits of Tarnbrook cases, all due for their next reminder."""

from datetime import timedelta

from django.utils import timezone

from caseforms.cases.models import Case
from caseforms.deadlines.models import Deadline, DeadlineRule
from portal.accounts.models import Role
from tests.cast import Cast

DUE = 200


def rule_of(cast: Cast) -> DeadlineRule:
    """A rule whose owner is the business manager, who sees every case: one recipient for each reminder."""
    rule, _ = DeadlineRule.objects.get_or_create(
        partnership=cast.tarn,
        code="test-limit",
        defaults={
            "task": "Look at the referral",
            "starts_on": "notification",
            "stops_on": "triage",
            "length": 5,
            "unit": "working_days",
            "owner_role": Role.BUSINESS_MANAGER,
            "authority": "local",
            "source": "Tests",
        },
    )
    return rule


def deadlines_due(cast: Cast, count: int = DUE) -> list[Deadline]:
    """Deadlines that fell due yesterday, in a case each, whose reminder of the day waits."""
    rule = rule_of(cast)
    now = timezone.now()
    due_at = now - timedelta(hours=1)
    cases = Case.objects.bulk_create(
        Case(partnership=cast.tarn, referred_by=cast.practitioner) for _ in range(count)
    )
    return Deadline.objects.bulk_create(
        Deadline(
            case=case,
            rule=rule,
            task=rule.task,
            how="",
            started_at=now - timedelta(days=7),
            original_due_at=due_at,
            due_at=due_at,
            next_chase_at=due_at,
            chase_step=2,
        )
        for case in cases
    )
