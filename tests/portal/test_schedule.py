"""The table of recurring jobs is what the queue runs; its arguments are ids."""

import base64
import io
import os
import pickle as pickled
import signal
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule

from portal import schedule
from portal.reminders import jobs
from tests.portal.reminders.processes import SharedDatabase


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the table, so that a test may change it."""
    monkeypatch.setattr(schedule, "_jobs", dict(schedule._jobs))


def test_migrating_puts_every_job_into_the_queue(db: None) -> None:
    names = set(Schedule.objects.values_list("name", flat=True))
    assert {"beat", "chase", "deliver-messages", "publish-scheduled", "seal-audit"} <= names
    assert names == {job.name for job in schedule.registered()}
    assert set(Schedule.objects.values_list("repeats", "schedule_type")) == {(-1, Schedule.MINUTES)}


def test_every_job_can_be_found_by_the_worker_under_its_name(db: None) -> None:
    for path in Schedule.objects.values_list("func", flat=True):
        assert callable(import_string(path))


def test_the_chase_runs_every_five_minutes_and_the_heart_beats_each_minute(db: None) -> None:
    minutes = dict(Schedule.objects.values_list("name", "minutes"))
    assert (minutes["chase"], minutes["publish-scheduled"], minutes["beat"]) == (5, 5, 1)


def test_syncing_again_changes_nothing_and_keeps_when_each_job_runs_next(db: None) -> None:
    before = list(Schedule.objects.order_by("id").values())
    schedule.sync()
    assert list(Schedule.objects.order_by("id").values()) == before


def test_a_changed_interval_is_corrected_and_a_removed_job_deleted(db: None, table: None) -> None:
    chase = Schedule.objects.get(name="chase")
    schedule.register("chase", jobs.chase, minutes=7)
    del schedule._jobs["beat"]
    Schedule.objects.create(name="left over", func="os.getcwd")
    schedule.sync()
    assert Schedule.objects.get(name="chase").minutes == 7
    assert Schedule.objects.get(name="chase").next_run == chase.next_run
    assert not Schedule.objects.filter(name__in=["beat", "left over"]).exists()


def test_the_command_syncs_and_lists_the_jobs(db: None) -> None:
    Schedule.objects.all().delete()
    out = io.StringIO()
    call_command("sync_schedule", stdout=out)
    assert "chase: portal.reminders.jobs.chase, every 5 min" in out.getvalue()
    assert Schedule.objects.filter(name="chase").count() == 1


def test_a_function_is_queued_under_its_own_name_with_ids_only(db: None) -> None:
    schedule.enqueue(jobs.beat)
    assert OrmQ.objects.get().task["func"] == "portal.reminders.jobs.beat"


@pytest.mark.parametrize("not_an_id", ["Amy Smith", "amy@example.org", "", "x" * 65, "two\nlines"])
def test_what_is_not_an_id_is_never_queued(db: None, not_an_id: str) -> None:
    with pytest.raises(ValueError, match="must be an id") as refused:
        schedule.enqueue(jobs.beat, not_an_id)
    assert not OrmQ.objects.exists()
    assert not not_an_id or not_an_id not in str(refused.value)


def test_a_function_that_the_worker_could_not_find_is_refused() -> None:
    with pytest.raises(ValueError, match="not a module-level function"):
        schedule.register("nested", lambda: None, minutes=1)


def test_the_queue_keeps_neither_what_a_job_returned_nor_what_its_error_said(
    transactional_db: None, tmp_path: Path
) -> None:
    schedule.enqueue(fails_with_a_name)
    schedule.enqueue(returns_a_name)
    shared = SharedDatabase(tmp_path)
    worker = shared.manage("qcluster")
    try:
        ends = time.monotonic() + 60
        while shared.number("SELECT count(*) FROM django_q_task WHERE func LIKE '%a_name'") < 2:
            assert time.monotonic() < ends
            time.sleep(0.2)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
    printed, _ = worker.communicate()
    results = dict(shared.rows("SELECT func, result FROM django_q_task WHERE func LIKE '%a_name'"))
    failed = pickled.loads(base64.b64decode(results[f"{__name__}.fails_with_a_name"]))
    assert failed.startswith("KeyError\n")
    assert failed.endswith(" fails_with_a_name")
    assert results[f"{__name__}.returns_a_name"] is None
    assert "fails_with_a_name" in printed
    assert CHILD not in printed
    assert CHILD not in repr(results)


CHILD = "Amy Testchild"


def fails_with_a_name() -> None:
    raise KeyError(f"{CHILD}\nValueError: {CHILD}")


def returns_a_name() -> str:
    return CHILD
