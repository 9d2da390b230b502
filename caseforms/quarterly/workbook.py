"""The quarter's workbook as sheets of rows: what each cell says. portal.spreadsheet makes the file of it.

Figures are as at the quarter's end, or as at the making while the quarter runs: what was adopted or said
later does not count. Rows are read and yielded in batches, so memory stays flat however many actions there
are.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from caseforms.actionplans import selectors
from caseforms.actionplans.models import ActionQuerySet, RagDefinition, Status, days_overdue
from caseforms.actionplans.rag import rag_key
from portal.accounts.models import Membership, Partnership
from portal.spreadsheet import MARKING, Column, Sheet
from portal.workdays import Quarter

BATCH = 500
NO_UPDATE = "No update this quarter"

ACTION_COLUMNS = [
    Column("Case reference", 16),
    Column("Plan", 28),
    Column("Recommendation", 40),
    Column("Number", 9),
    Column("Action", 44),
    Column("Lead agency", 26),
    Column("Lead role", 24),
    Column("Due", 12, "date"),
    Column("Status", 18),
    Column("RAG", 8),
    Column("Progress this quarter", 48),
    Column("Evidence", 36),
    Column("Updated on", 12, "date"),
    Column("Days overdue", 10, "number"),
]
SUMMARY_COLUMNS = [
    Column("Lead agency", 34),
    *(Column(status.label, 14, "number") for status in Status),
    Column("All", 8, "number"),
    Column("Past the due date", 14, "number"),
]


@dataclass(frozen=True)
class Making:
    """One making of a workbook: for whom, when, and the moment that its figures stand for."""

    partnership: Partnership
    quarter: Quarter
    actor: Membership | None
    made_at: datetime

    @property
    def as_at(self) -> datetime:
        """The end of the quarter in local time, or the making where that is earlier."""
        after = datetime.combine(
            self.quarter.end + timedelta(days=1), time(), timezone.get_default_timezone()
        )
        return min(after, self.made_at)

    @property
    def day(self) -> date:
        """The day to which days overdue are counted."""
        return min(self.quarter.end, timezone.localdate(self.made_at))

    @property
    def made_by(self) -> str:
        """Who made it, as the cover says."""
        if self.actor is None:
            return "The operator at the console"
        return f"{self.actor.person} ({self.actor.get_role_display()}, {self.actor.agency.name})"


def sheets(
    making: Making, actions: ActionQuerySet, on_rows: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Sheet]:
    """Cover, summary and actions. `actions` comes from policy; `on_rows(done, total)` is called after each
    batch.
    """
    standing = selectors.as_at(actions, making.as_at)
    key = rag_key(making.partnership)
    total = standing.count()
    on_rows(0, total)
    yield Sheet(
        "Cover", [Column("About this workbook", 28), Column("", 90, "date")], list(_cover(making, key, total))
    )
    yield Sheet("Summary", SUMMARY_COLUMNS, _summary(standing, making.day))
    yield Sheet("Actions", ACTION_COLUMNS, _action_rows(standing, making, key, total, on_rows))


def _cover(making: Making, key: dict[str, RagDefinition], total: int) -> Iterator[Sequence[Any]]:
    quarter = making.quarter
    yield "Marking", MARKING
    yield "Partnership", making.partnership.name
    yield "Quarter", quarter.label
    yield "First day", quarter.start
    yield "Last day", quarter.end
    yield "Made by", making.made_by
    yield "Made at", making.made_at
    yield "Figures as at", making.day
    yield "Actions in this workbook", str(total)
    yield (
        "Left out",
        "Names and every other detail of children and families: a case is given by its reference only.",
    )
    yield "Left out", "Plans adopted, and updates made, after the day that the figures stand for."
    if making.actor is None:
        yield "Left out", "No case of this partnership: it was made at the console."
    else:
        yield "Left out", "Whatever the person who made it may not see."
    yield "Left out", "Every other partnership's cases, also those of an agency that belongs to several."
    for row in key.values():
        yield f"Key: {row.get_status_display()}", f"{row.get_colour_display()}. {row.definition}"


def _summary(actions: ActionQuerySet, day: date) -> list[Sequence[Any]]:
    """One row per lead agency and one for all of them: how many actions have each status."""
    counts: Counter[tuple[str, str]] = Counter()
    late: Counter[str] = Counter()
    annotated: Any = actions.order_by()  # with status_then, which type checkers do not know
    for agency, status, due_on in annotated.values_list(
        "lead_agency__name", "status_then", "due_on"
    ).iterator():
        for line in (agency, "All agencies"):
            counts[line, status] += 1
            late[line] += days_overdue(due_on, status, day) > 0
    agencies = sorted({line for line, _ in counts} - {"All agencies"})
    return [
        [line, *by_status, sum(by_status), late[line]]
        for line in [*agencies, "All agencies"]
        for by_status in [[counts[line, status] for status in Status]]
    ]


def _action_rows(
    actions: ActionQuerySet,
    making: Making,
    key: dict[str, RagDefinition],
    total: int,
    on_rows: Callable[[int, int], None],
) -> Iterator[Sequence[Any]]:
    done = 0
    # Prefetched, not joined: the actions of a plan then share one plan, decrypted once, instead of a copy each.
    shared = actions.in_plan_order().prefetch_related("recommendation__plan__case", "lead_agency")
    rows = shared.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        updates = selectors.latest_updates(batch, "update_then_id")
        for action in batch:
            yield _action_row(action, updates, making, key)
        done += len(batch)
        on_rows(done, total)


def _action_row(
    action: Any, updates: dict[int, Any], making: Making, key: dict[str, RagDefinition]
) -> Sequence[Any]:
    recommendation = action.recommendation
    latest = updates.get(action.update_then_id)
    progress = latest.progress if latest and latest.quarter == making.quarter.label else NO_UPDATE
    status = Status(action.status_then)
    return (
        recommendation.plan.case.reference,
        recommendation.plan.title,
        recommendation.text,
        action.label,
        action.text,
        action.lead_agency.name,
        action.lead_role,
        action.due_on,
        status.label,
        key[status].get_colour_display(),
        progress,
        latest.evidence if latest else "",
        timezone.localdate(latest.at) if latest else None,
        days_overdue(action.due_on, status, making.day),
    )
