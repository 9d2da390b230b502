"""The verbs of a quarter: open its round, ask for its workbook, make it, take old ones away."""

import logging
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from caseforms.quarterly import notices, policy, sealed, workbook
from caseforms.quarterly.models import LEASE, Export, ExportState, Round
from caseforms.quarterly.workbook import Making
from portal.accounts.models import Membership, Partnership
from portal.audit import services as audit
from portal.spreadsheet import write_workbook
from portal.workdays import Quarter

logger = logging.getLogger("caseforms.quarterly")

KEPT = timedelta(hours=24)
MOST_ATTEMPTS = 3
ORPHANED = timedelta(hours=1)


class NotBegun(ValueError):
    """The quarter lies in the future, so there is nothing to put into its workbook."""

    def __init__(self, quarter: Quarter) -> None:
        super().__init__(f"The quarter {quarter.label} has not begun: it starts on {quarter.start:%d/%m/%Y}.")


class ClaimLost(Exception):
    """Another run has taken this export over, because this one was silent for too long."""


def open_round(partnership: Partnership, quarter: Quarter) -> Round:
    """The partnership's round of a quarter, opened the first time that somebody needs it."""
    found, _ = Round.objects.get_or_create(
        partnership=partnership, quarter=quarter.label, defaults={"closes_on": quarter.end}
    )
    return found


def ask(partnership: Partnership, quarter: Quarter, actor: Membership) -> tuple[Export, bool]:
    """A workbook to be made for this person, and whether it is a new one: asking twice waits for the first.

    Raises NotBegun for a quarter of the future. The caller puts jobs.run_export on the queue for a new one;
    where that does not happen, jobs.resume finds it.
    """
    if quarter.start > timezone.localdate():
        raise NotBegun(quarter)
    open_round(partnership, quarter)
    return Export.objects.unfinished().get_or_create(
        asked_by=actor, partnership=partnership, quarter=quarter.label
    )


def write_quarter(
    partnership: Partnership,
    quarter: Quarter,
    actor: Membership | None,
    target: Path,
    *,
    now: datetime | None = None,
) -> int:
    """Writes a quarter's workbook to a path at once and records the export; returns the number of actions in
    it.

    `actor` None is the operator at the console. The file appears only when it is complete. Raises NotBegun
    for a quarter of the future, PermissionDenied where the actor may not export, OSError where the file
    cannot be written.
    """
    making = Making(partnership, quarter, actor, now or timezone.now())
    if quarter.start > timezone.localdate(making.made_at):
        raise NotBegun(quarter)
    if actor is not None:
        policy.acting_membership(actor.person, partnership)
    rows = [0]
    actions = policy.actions_in_workbook(actor.person if actor else None, partnership)
    write_workbook(workbook.sheets(making, actions, lambda done, total: rows.append(total)), target)
    _record(making, rows[-1])
    return rows[-1]


def make(export_id: UUID) -> bool:
    """Makes the workbook that was asked for; returns whether this run finished it.

    1. Claim the row: only where it waits, or where the run that had it has been silent for longer than LEASE.
    2. Ask the policy again: who asked may have left, or a case may have been closed to them, since.
    3. Write the workbook into a file without a name, and from there, encrypted, into one with a random name.
    4. Finish the row only while the claim is still ours; else take our file away again.

    A run that is killed at any point leaves a row that the next run claims, and at most a file that nothing
    names.
    """
    claim = _claim(export_id)
    if claim is None:
        return False
    export = Export.objects.select_related("partnership", "asked_by__person", "asked_by__agency").get(
        pk=export_id
    )
    try:
        name = _write(export, _heartbeat(export_id, claim))
    except ClaimLost:
        return False
    except PermissionDenied:
        _close(
            export_id,
            claim,
            state=ExportState.FAILED,
            problem="You may no longer export for this partnership.",
        )
        return False
    except Exception as error:  # whatever went wrong: the row must say so, and its message may quote a case
        logger.error("export %s failed: %s", export_id, type(error).__name__)
        again = export.attempts < MOST_ATTEMPTS
        _close(
            export_id,
            claim,
            state=ExportState.QUEUED if again else ExportState.FAILED,
            problem=""
            if again
            else "The workbook could not be made. Ask for it again, or tell your administrator.",
        )
        return False
    return _finish(export, claim, name)


def remove_expired(now: datetime | None = None) -> int:
    """Removes the files of workbooks past their time, and files that no row names; returns how many rows
    expired.
    """
    moment = now or timezone.now()
    expired = 0
    for export in Export.objects.expired(moment):
        sealed.remove(export.file_name)
        expired += Export.objects.filter(pk=export.pk, state=ExportState.DONE).update(
            state=ExportState.EXPIRED, file_name=""
        )
    named = set(Export.objects.filter(state=ExportState.DONE).values_list("file_name", flat=True))
    for path in sealed.folder().iterdir():
        if path.name not in named and path.stat().st_mtime < (moment - ORPHANED).timestamp():
            path.unlink(missing_ok=True)
    return expired


def _claim(export_id: UUID) -> UUID | None:
    claim, now = uuid4(), timezone.now()
    free = Q(state=ExportState.QUEUED) | Q(state=ExportState.RUNNING, touched_at__lt=now - LEASE)
    claimed = Export.objects.filter(free, pk=export_id).update(
        state=ExportState.RUNNING,
        claim=claim,
        touched_at=now,
        attempts=F("attempts") + 1,
        done_rows=0,
        total_rows=0,
    )
    return claim if claimed else None


def _heartbeat(export_id: UUID, claim: UUID) -> Callable[[int, int], None]:
    """What a run calls as it goes on: progress for the page, and a sign of life."""

    def beat(done: int, total: int) -> None:
        mine = Export.objects.filter(pk=export_id, claim=claim, state=ExportState.RUNNING)
        if not mine.update(done_rows=done, total_rows=total, touched_at=timezone.now()):
            raise ClaimLost

    return beat


def _write(export: Export, beat: Callable[[int, int], None]) -> str:
    """Makes the file; returns its random name. Raises PermissionDenied where who asked may not export any
    more.
    """
    user = export.asked_by.person
    actor = policy.acting_membership(user, export.partnership, export.asked_by)
    quarter = Quarter.parse(export.quarter, settings.FINANCIAL_YEAR_START_MONTH)
    making = Making(export.partnership, quarter, actor, timezone.now())
    actions = policy.actions_in_workbook(user, export.partnership)
    # The clear workbook never has a name on the disk: a killed worker leaves nothing to read.
    with tempfile.TemporaryFile(dir=sealed.folder()) as clear:
        write_workbook(workbook.sheets(making, actions, beat), clear)
        clear.seek(0)
        return sealed.store(export.pk, clear)


def _finish(export: Export, claim: UUID, name: str) -> bool:
    now = timezone.now()
    with transaction.atomic():
        finished = _close(
            export.pk, claim, state=ExportState.DONE, file_name=name, made_at=now, expires_at=now + KEPT
        )
        if finished:
            export.refresh_from_db()
            notices.export_ready(export)
    if not finished:
        sealed.remove(name)
    return finished


def _close(export_id: UUID, claim: UUID, **columns: object) -> bool:
    mine = Export.objects.filter(pk=export_id, claim=claim, state=ExportState.RUNNING)
    return bool(mine.update(claim=None, touched_at=timezone.now(), **columns))


def _record(making: Making, rows: int) -> None:
    audit.record(
        "exported",
        actor=making.actor,
        kind="workbook",
        ref=making.quarter.label,
        partnership_id=making.partnership.pk,
        detail=f"{rows} actions, from the console",
    )
