"""What the page of quarters shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from caseforms.actionplans.models import ActionUpdate, Status
from caseforms.quarterly import policy
from caseforms.quarterly.models import Export
from portal.accounts.models import Partnership, User
from portal.workdays import Quarter

QUARTERS_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """A quarter and, while it runs, how many of the actions open in it have been updated (`asked` 0: none
    open).
    """

    quarter: Quarter
    running: bool
    updated: int
    asked: int


def lines(user: User, partnership: Partnership) -> Iterator[Line]:
    """This quarter and those before it, latest first."""
    quarter = Quarter.containing(timezone.localdate(), settings.FINANCIAL_YEAR_START_MONTH)
    actions = policy.actions_in_workbook(user, partnership)
    said = actions.filter(Exists(ActionUpdate.objects.filter(action=OuterRef("pk"), quarter=quarter.label)))
    updated = said.count()
    yield Line(
        quarter, True, updated, updated + actions.exclude(pk__in=said).exclude(status=Status.COMPLETE).count()
    )
    for _ in range(QUARTERS_SHOWN - 1):
        quarter = quarter.previous()
        yield Line(quarter, False, 0, 0)


def percent(export: Export) -> int:
    """How far a workbook has come, 0 to 100."""
    return 100 * export.done_rows // export.total_rows if export.total_rows else 0
