"""Two hundred late tasks, three people to tell of each: a worker killed half-way, and two at once.

Whatever happens, every reminder is in the outbox once for each person, and no deadline is moved on without
its messages. Real processes on the database of this run: a file of SQLite, or PostgreSQL.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from caseforms.cases.models import Case, CaseAgency, Stage
from caseforms.deadlines import services
from caseforms.deadlines.models import Deadline
from tests.cast import load_cast
from tests.portal.reminders.processes import SharedDatabase, finish

CASES, AGENCIES = 100, ("POL", "HOS")
DUE = CASES * len(AGENCIES)
PEOPLE = 3  # the agency's lead, then the business manager, then the chair
STORED = "SELECT count(*) FROM outbox_message WHERE notice = 'deadline_reminder'"
DISTINCT = "SELECT count(*) FROM (SELECT DISTINCT subject_id, recipient_id FROM outbox_message) AS told"
STILL_DUE = "SELECT count(*) FROM deadlines_deadline WHERE chase_step = 0"
# Batches of 50; the process kills itself while it writes to the second person about the 130th deadline.
KILLED_AT_130 = """
import os, signal
from portal.outbox import services as outbox
from portal.reminders import jobs
jobs.BATCH = 50
composed = 0
known = outbox.compose
def compose(**columns):
    global composed
    composed += 1
    if composed == 130 * 3 - 1: os.kill(os.getpid(), signal.SIGKILL)
    return known(**columns)
outbox.compose = compose
jobs.chase()
"""


@pytest.fixture
def shared(transactional_db: None, tmp_path: Path) -> SharedDatabase:
    """Agencies were asked a month ago and have not answered; nothing has been chased since."""
    with time_machine.travel(timezone.now() - timedelta(days=30), tick=False):
        cast = load_cast()
        services.install_default_rules(cast.tarn)
        asked_at = timezone.now()
        for _ in range(CASES):
            case = Case.objects.create(
                partnership=cast.tarn, referred_by=cast.practitioner, stage=Stage.GATHERING
            )
            CaseAgency.objects.bulk_create(
                CaseAgency(case=case, agency=cast.agency(code), asked_at=asked_at) for code in AGENCIES
            )
            services.start(case, "asked", asked_at, cast.manager)
    assert Deadline.objects.filter(next_chase_at__lte=timezone.now()).count() == DUE
    return SharedDatabase(tmp_path)


def everybody_is_told_once(shared: SharedDatabase) -> None:
    assert shared.number(STORED) == DUE * PEOPLE
    assert shared.number(DISTINCT) == DUE * PEOPLE
    assert shared.number(STILL_DUE) == 0


def test_killed_in_the_middle_and_started_again_it_tells_everybody_once(shared: SharedDatabase) -> None:
    killed = shared.start(KILLED_AT_130)
    output, _ = killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL, output
    assert shared.number(STORED) == 100 * PEOPLE, "two whole batches, nothing of the third"
    assert shared.number(STILL_DUE) == DUE - 100
    assert f"{DUE - 100} due, {(DUE - 100) * PEOPLE} messages" in finish(shared.manage("chase_deadlines"))
    everybody_is_told_once(shared)


def test_two_at_once_tell_everybody_once(shared: SharedDatabase) -> None:
    both = [shared.manage("chase_deadlines") for _ in range(2)]
    told = [int(finish(process).split(" messages")[0].split()[-1]) for process in both]
    assert sum(told) == DUE * PEOPLE
    everybody_is_told_once(shared)
    assert "0 due, 0 messages" in finish(shared.manage("chase_deadlines"))


def test_the_real_worker_killed_while_it_chases_and_started_again(shared: SharedDatabase) -> None:
    ask = "from portal import schedule; from portal.reminders import jobs; schedule.enqueue(jobs.chase)"
    finish(shared.start(ask))
    first = shared.manage("qcluster")
    try:
        wait_until(lambda: in_the_middle_of_a_chase(shared))
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert (shared.number(STORED), shared.number(STILL_DUE)) == (0, DUE), "all or nothing of a batch"
    finish(shared.start(ask))  # as the schedule does every five minutes
    second = shared.manage("qcluster")
    try:
        wait_until(lambda: shared.number(STILL_DUE) == 0)
    finally:
        os.killpg(second.pid, signal.SIGKILL)
        second.wait()
    everybody_is_told_once(shared)


def in_the_middle_of_a_chase(shared: SharedDatabase) -> bool:
    """Whether a transaction that has locked deadlines is open, and has been for a while."""
    return all(_deadlines_are_locked(shared) for _ in range(3))


def _deadlines_are_locked(shared: SharedDatabase) -> bool:
    time.sleep(0.05)
    if shared.file is None:
        return (
            shared.number(
                "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
                " WHERE relname = 'deadlines_deadline' AND mode = 'RowShareLock' AND granted"
            )
            > 0
        )
    with sqlite3.connect(shared.file, timeout=0, isolation_level=None) as writer:
        try:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return shared.number("SELECT count(*) FROM django_q_ormq") > 0
    return False


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Fails the test where it does not become true in time."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.02)
