"""What is chased, and how: each app registers its model with a plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.reminders.models import Chased


@dataclass(frozen=True)
class Recipient:
    """Somebody who is reminded."""

    user_id: UUID
    email: str


@dataclass(frozen=True)
class Notice:
    """What one recipient is sent: the notice's name, its context, and the guard that is asked before it goes
    out.
    """

    notice: str
    context: Mapping[str, Any]
    guard: str = ""
    subject_id: UUID | None = None
    partnership_id: UUID | None = None


@dataclass(frozen=True)
class Plan:
    """How the rows of one model are chased.

    `steps(row)` gives the moments of its reminders in order, before, on and after the due date.
    `recipients(row, step)` says whom the reminder of that number goes to: the next person up each time.
    `notice(row, step, recipient)` says what they are sent; a tuple (notice, context, guard) does as well.
    `related` names what is fetched together with the rows (as for select_related).
    `prepare(rows)` is called once for each batch, to fetch together what the others would ask row by row.
    """

    steps: Callable[[Any], list[datetime]]
    recipients: Callable[[Any, int], list[Recipient]]
    notice: Callable[[Any, int, Recipient], Notice | tuple[str, Mapping[str, Any], str]]
    related: tuple[str, ...] = ()
    prepare: Callable[[list[Any]], None] | None = None


_plans: dict[type[Chased], Plan] = {}


def register(model: type[Chased], plan: Plan) -> None:
    """Has a model's rows chased by a plan; called from the AppConfig.ready of the app that owns the model."""
    _plans[model] = plan


def plan_of(model: type[Chased]) -> Plan:
    """The plan of a registered model. Raises KeyError for another."""
    return _plans[model]


def registered() -> list[tuple[type[Chased], Plan]]:
    """Every model that is chased, with its plan."""
    return list(_plans.items())
