"""What the queue calls: chase what is due, show that the worker lives, publish what is scheduled."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from portal.outbox import services as outbox
from portal.outbox.models import Message
from portal.reminders import registry
from portal.reminders.models import WORKER, Chased, Heartbeat
from portal.reminders.registry import Notice, Plan, Recipient

logger = logging.getLogger("portal.reminders")

BATCH = 200


@dataclass(frozen=True)
class Planned:
    """One reminder that a dry run would have sent."""

    model: str
    row: str
    step: int
    recipients: int


@dataclass
class ChaseReport:
    """What a chase did: rows moved on, messages stored, rows left as they were because their plan failed."""

    due: int = 0
    messages: int = 0
    failed: int = 0
    planned: list[Planned] = field(default_factory=list)


def chase(now: datetime | None = None, dry_run: bool = False) -> ChaseReport:
    """Reminds of everything whose `next_chase_at` has passed. Run twice, killed half-way or by two workers at
    once, it stores exactly one message for each row, step and recipient.

    1. Read which rows are due: one query by an index, the only one when there is nothing to do.
    2. In one transaction for each batch: lock the rows that are still due and that no other worker holds,
    3. move each on to its next reminder, and store its messages under keys that cannot be stored twice.

    Where several reminders were missed, only the latest is sent. `now` defaults to the clock. A dry run
    writes nothing.
    """
    moment = now or timezone.now()
    report = ChaseReport()
    for model, plan in registry.registered():
        seen: set[Any] = set()
        while batch := _due(model, moment, seen):
            seen.update(batch)
            _chase_safely(model, plan, batch, moment, dry_run, report)
    return report


def _due(model: type[Chased], moment: datetime, seen: set[Any]) -> list[Any]:
    """Keys of the next rows that are due, without those that this run has already had."""
    due = model._base_manager.filter(next_chase_at__lte=moment).order_by("next_chase_at", "pk")
    keys = due.values_list("pk", flat=True)
    # A row whose plan failed, or that another worker holds, stays due; it must not keep the others from their
    # turn.
    return [key for key in keys[: BATCH + len(seen)] if key not in seen][:BATCH]


def _chase_safely(
    model: type[Chased], plan: Plan, keys: Sequence[Any], moment: datetime, dry_run: bool, report: ChaseReport
) -> None:
    """Chases a batch; where one row breaks it, each row by itself, so that only the broken one is left."""
    try:
        done = _chase_batch(model, plan, keys, moment, dry_run)
    except Exception as error:  # a plan is another app's code: one bad row must not silence all the others
        if len(keys) == 1:
            report.failed += 1
            logger.error("chase of %s %s: %s", model._meta.label, keys[0], type(error).__name__)
            return
        for key in keys:
            _chase_safely(model, plan, [key], moment, dry_run, report)
        return
    report.due += done.due
    report.messages += done.messages
    report.planned += done.planned


def _chase_batch(
    model: type[Chased], plan: Plan, keys: Sequence[Any], moment: datetime, dry_run: bool
) -> ChaseReport:
    done = ChaseReport()
    with transaction.atomic():
        due = model._base_manager.filter(pk__in=keys, next_chase_at__lte=moment)
        if not dry_run:
            # On SQLite the transaction itself is the lock: it has been the one writer since it began.
            due = due.select_for_update(skip_locked=True, of=("self",))
        rows = list(due.select_related(*plan.related) if plan.related else due)
        if plan.prepare:
            plan.prepare(rows)
        messages: list[Message] = []
        for row in rows:
            step = _move_on(row, plan, moment)
            if step is not None:
                recipients = plan.recipients(row, step)
                messages += [_message(model, plan, row, step, recipient) for recipient in recipients]
                done.planned.append(Planned(model._meta.label_lower, str(row.pk), step, len(recipients)))
        done.due = len(rows)
        if not dry_run and rows:
            model._base_manager.bulk_update(rows, ["next_chase_at", "chase_step"])
            done.messages = outbox.store(messages) if messages else 0
    return done


def _move_on(row: Chased, plan: Plan, moment: datetime) -> int | None:
    """Sets the row to its next reminder; the number of the one to send now, None where none is due yet."""
    steps = plan.steps(row)
    passed = sum(1 for step in steps if step <= moment)
    now_due = passed - 1 if passed > row.chase_step else None
    row.chase_step = max(passed, row.chase_step)
    row.next_chase_at = steps[row.chase_step] if row.chase_step < len(steps) else None
    return now_due


def _message(model: type[Chased], plan: Plan, row: Chased, step: int, recipient: Recipient) -> Message:
    wanted = plan.notice(row, step, recipient)
    notice = wanted if isinstance(wanted, Notice) else Notice(*wanted)
    due = f"{row.due_at.astimezone(UTC):%Y%m%dT%H%M%S}"  # a date that was moved is chased anew
    return outbox.compose(
        notice=notice.notice,
        to=recipient.email,
        key=f"chase:{model._meta.label_lower}:{row.pk}:{due}:{step}:{recipient.user_id}",
        context=notice.context,
        guard=notice.guard,
        subject_id=notice.subject_id or row.pk,
        recipient_id=recipient.user_id,
        partnership_id=notice.partnership_id,
    )


def beat() -> None:
    """Shows that the worker lives: clock, queue and worker process all had to work for this to run."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"beaten_at": timezone.now()})


def expect_worker() -> None:
    """On a new installation, counts the worker as late from now on rather than from the beginning of time."""
    Heartbeat.objects.get_or_create(name=WORKER, defaults={"beaten_at": timezone.now()})


def publish_scheduled() -> None:
    """Publishes and takes down the manual's pages whose time has come (Wagtail's own command)."""
    call_command("publish_scheduled")
