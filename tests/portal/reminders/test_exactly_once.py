"""Whatever happens to the worker, killed half-way or two at once: each reminder is stored exactly once."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cast import load_cast
from tests.portal.reminders.processes import SharedDatabase, finish
from tests.portal.reminders.world import DUE, deadlines_due

CHASE = "from portal.reminders import jobs; report = jobs.chase(); print(report.due, report.messages)"
# Batches of 50, and kill -9 from inside at the named moment, in the third batch.
KILLED = """
import os, signal
from portal.outbox import services as outbox
from portal.reminders import jobs
jobs.BATCH = 50
calls = 0
def die_at(number, function, before):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == number and before: os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if calls == number: os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
"""
MOMENTS = {
    "after the rows were moved on, before the messages": "outbox.store = die_at(3, outbox.store, True)",
    "after the messages, before the commit": "outbox.store = die_at(3, outbox.store, False)",
}
STORED = "SELECT count(*) FROM outbox_message"
DISTINCT = "SELECT count(DISTINCT subject_id) FROM outbox_message"
STILL_DUE = "SELECT count(*) FROM deadlines_deadline WHERE chase_step = 2"


@pytest.fixture
def shared(transactional_db: None, tmp_path: Path) -> SharedDatabase:
    deadlines_due(load_cast())
    return SharedDatabase(tmp_path)


def each_reminder_is_there_once(shared: SharedDatabase) -> None:
    assert shared.number(STORED) == DUE
    assert shared.number(DISTINCT) == DUE
    assert shared.number(STILL_DUE) == 0


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_killed_in_the_middle_leaves_nothing_out_and_nothing_twice(
    shared: SharedDatabase, moment: str
) -> None:
    killed = shared.start(f"{KILLED}\n{MOMENTS[moment]}\njobs.chase()")
    output, _ = killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL, output
    assert shared.number(STORED) == 100  # two whole batches; of the third, nothing
    assert shared.number(STILL_DUE) == 100
    assert counts(shared.start(CHASE)) == (100, 100)
    each_reminder_is_there_once(shared)


def test_workers_at_once_share_the_work_and_send_nothing_twice(shared: SharedDatabase) -> None:
    small_batches = CHASE.replace("report =", "jobs.BATCH = 10; report =")
    workers = [shared.start(small_batches) for _ in range(3)]
    found = [counts(worker) for worker in workers]
    assert sum(due for due, _ in found) == DUE
    assert sum(messages for _, messages in found) == DUE
    each_reminder_is_there_once(shared)


def test_the_real_worker_killed_in_the_middle_and_started_again(shared: SharedDatabase) -> None:
    ask = "from portal import schedule; from portal.reminders import jobs; schedule.enqueue(jobs.chase)"
    taken = "SELECT count(*) FROM django_q_ormq WHERE lock > "
    finish(shared.start(ask))
    now = "datetime('now', '+60 seconds')" if shared.file else "now() + interval '60 seconds'"
    first = shared.manage("qcluster")
    try:
        wait_until(lambda: shared.number(taken + now) > 0 or shared.number(STORED) > 0)
        time.sleep(0.3)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    finish(shared.start(ask))
    second = shared.manage("qcluster")
    try:
        wait_until(lambda: shared.number(STILL_DUE) == 0)
    finally:
        os.killpg(second.pid, signal.SIGKILL)
        second.wait()
    each_reminder_is_there_once(shared)


def counts(process: "subprocess.Popen[str]") -> tuple[int, int]:
    """How many rows a process that ran CHASE found due, and how many messages it stored."""
    due, messages = finish(process).splitlines()[-1].split()  # log lines come first
    return int(due), int(messages)


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Fails the test where it does not become true in time."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.1)
