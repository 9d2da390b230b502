"""What falls due is chased by its plan: before, on and after the day, ever further up, never in a flood."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from caseforms.deadlines.models import Deadline
from portal.outbox.models import Message
from portal.reminders import registry
from portal.reminders.jobs import chase
from portal.reminders.registry import Notice, Plan, Recipient
from portal.reminders.services import arm, disarm
from tests.cast import Cast
from tests.portal.reminders.world import deadlines_due

DAYS = (-5, -1, 0, 1, 3, 5)
OWNER, BOSS = Recipient(uuid4(), "owner@tarnvale.example"), Recipient(uuid4(), "boss@tarnvale.example")


class World:
    """The plan of these tests: calendar days around the due date; late reminders go to the boss as well."""

    def __init__(self) -> None:
        self.broken: set[object] = set()

    def steps(self, row: Deadline) -> list[datetime]:
        return [row.due_at + timedelta(days=day) for day in DAYS]

    def recipients(self, row: Deadline, step: int) -> list[Recipient]:
        if row.pk in self.broken:
            raise RuntimeError("Amy Smith")
        return [OWNER] if step < 3 else [OWNER, BOSS]

    def notice(self, row: Deadline, step: int, recipient: Recipient) -> Notice:
        context = {"reference": row.case.reference, "task": row.task, "link": "http://testserver/"}
        return Notice("deadline_reminder", context, guard="g", partnership_id=row.case.partnership_id)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    one = World()
    plan = Plan(one.steps, one.recipients, one.notice, related=("case",))
    monkeypatch.setattr(registry, "_plans", {Deadline: plan})
    return one


def deadline(cast: Cast) -> Deadline:
    """One deadline, ten days ahead, with its chase set."""
    (row,) = deadlines_due(cast, 1)
    row.due_at = timezone.now() + timedelta(days=10)
    arm(row)
    row.save()
    return row


def sent_to() -> list[str]:
    return list(Message.objects.order_by("created_at", "to").values_list("to", flat=True))


def test_each_reminder_goes_out_at_its_moment_and_the_last_ends_the_chase(cast: Cast) -> None:
    row = deadline(cast)
    expected = [1, 1, 1, 2, 2, 2]
    for day, people in zip(DAYS, expected, strict=True):
        moment = row.due_at + timedelta(days=day)
        assert chase(moment - timedelta(seconds=1)).due == 0
        report = chase(moment)
        assert (report.due, report.messages, report.failed) == (1, people, 0)
        assert chase(moment).due == 0
    row.refresh_from_db()
    assert row.next_chase_at is None
    assert chase(row.due_at + timedelta(days=1000)).due == 0
    assert Message.objects.count() == sum(expected)


def test_the_reminder_says_where_it_belongs_and_is_guarded(cast: Cast) -> None:
    row = deadline(cast)
    chase(row.due_at)
    message = Message.objects.get()
    assert (message.guard, message.subject_id, message.recipient_id) == ("g", row.pk, OWNER.user_id)
    assert message.partnership_id == cast.tarn.id
    assert message.subject == f"{row.case.reference}: a task is due"


def test_after_an_outage_only_the_latest_reminder_is_sent_not_every_missed_one(cast: Cast) -> None:
    row = deadline(cast)
    assert chase(row.due_at + timedelta(days=4)).messages == 2
    assert sorted(sent_to()) == [BOSS.email, OWNER.email]
    row.refresh_from_db()
    assert (row.chase_step, row.next_chase_at) == (5, row.due_at + timedelta(days=5))


def test_what_is_done_is_not_chased(cast: Cast) -> None:
    row = deadline(cast)
    disarm(row)
    row.save()
    assert chase(row.due_at + timedelta(days=30)).due == 0
    assert sent_to() == []


def test_a_short_limit_starts_with_the_first_reminder_that_still_lies_ahead(cast: Cast) -> None:
    row = deadline(cast)
    row.due_at = timezone.now() + timedelta(hours=12)
    arm(row)
    assert (row.chase_step, row.next_chase_at) == (2, row.due_at)


def test_a_date_that_is_moved_is_chased_anew(cast: Cast) -> None:
    row = deadline(cast)
    chase(row.due_at)
    row.refresh_from_db()
    row.due_at += timedelta(days=30)
    arm(row, now=row.due_at - timedelta(days=29))
    row.save()
    assert (row.chase_step, row.next_chase_at) == (0, row.due_at - timedelta(days=5))
    assert chase(row.due_at).messages == 1
    assert Message.objects.count() == 2


def test_a_row_set_too_early_is_put_right_without_a_reminder(cast: Cast) -> None:
    row = deadline(cast)
    Deadline.objects.update(next_chase_at=timezone.now() - timedelta(days=1))
    report = chase()
    assert (report.due, report.messages) == (1, 0)
    row.refresh_from_db()
    assert row.next_chase_at == row.due_at - timedelta(days=5)


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(cast: Cast) -> None:
    row = deadline(cast)
    report = chase(row.due_at, dry_run=True)
    (planned,) = report.planned
    assert (planned.model, planned.row, planned.step, planned.recipients) == (
        "deadlines.deadline",
        str(row.pk),
        2,
        1,
    )
    assert (report.due, report.messages) == (1, 0)
    assert sent_to() == []
    assert chase(row.due_at).messages == 1


def test_one_row_that_breaks_its_plan_does_not_silence_the_others(cast: Cast, world: World, caplog) -> None:
    rows = deadlines_due(cast, 5)
    world.broken = {rows[2].pk}
    report = chase()
    assert (report.due, report.messages, report.failed) == (4, 4, 1)
    assert str(rows[2].pk) in caplog.text
    assert "Amy Smith" not in caplog.text  # the kind of error alone: its words may be anything
    world.broken = set()
    assert chase().messages == 1


def test_many_broken_rows_do_not_stand_in_the_way_of_the_rest(cast: Cast, world: World, monkeypatch) -> None:
    monkeypatch.setattr("portal.reminders.jobs.BATCH", 3)
    rows = deadlines_due(cast, 10)
    world.broken = {row.pk for row in sorted(rows, key=lambda row: row.pk)[:6]}
    report = chase()
    assert (report.messages, report.failed) == (4, 6)


def test_nothing_due_costs_one_query_however_many_are_open(cast: Cast, django_assert_num_queries) -> None:
    deadlines_due(cast, 300)
    Deadline.objects.update(next_chase_at=timezone.now() + timedelta(days=1))
    with django_assert_num_queries(1):
        chase()


def test_the_number_of_queries_does_not_grow_with_what_is_due(
    cast: Cast, django_assert_max_num_queries
) -> None:
    deadlines_due(cast, 150)
    with django_assert_max_num_queries(15):
        assert chase().messages == 150
