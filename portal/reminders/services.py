"""Setting and stopping the chase of a row."""

from datetime import datetime

from django.utils import timezone

from portal.reminders.models import Chased
from portal.reminders.registry import plan_of


def arm(row: Chased, now: datetime | None = None) -> None:
    """Sets the row's next reminder to the first of its plan that still lies ahead. The caller saves the row.

    Call it when the row is made and whenever its due date moves: reminders then start again for the new date,
    and those whose moment has passed already are left out.
    """
    moment = now or timezone.now()
    steps = plan_of(type(row)).steps(row)
    row.chase_step = sum(1 for step in steps if step <= moment)
    row.next_chase_at = steps[row.chase_step] if row.chase_step < len(steps) else None


def disarm(row: Chased) -> None:
    """Stops the chase of a row: nothing more falls due. The caller saves the row."""
    row.next_chase_at = None
