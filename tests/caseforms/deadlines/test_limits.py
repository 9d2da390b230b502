"""When a limit ends: working days, months, hours, clock changes and Christmas."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseforms.deadlines.limits import LONDON, Unit, due_at, end_of, in_words, length_in_words, local_day
from portal.workdays import bank_holidays, is_working_day

CLOSED = bank_holidays(date(2026, 1, 1), date(2028, 12, 31))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
day_units = st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS])


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[arg-type,misc]


def test_a_month_after_monday_2_november_is_17_00_on_wednesday_2_december() -> None:
    assert due_at(london(2026, 11, 2, 9, 30), 1, Unit.MONTHS, CLOSED) == london(2026, 12, 2, 17, 0)


def test_a_month_after_31_january_is_the_last_day_of_february() -> None:
    assert due_at(london(2028, 1, 31, 12), 1, Unit.MONTHS, CLOSED) == london(2028, 2, 29, 17)


def test_a_month_limit_that_ends_on_a_saturday_stays_there() -> None:
    due = due_at(london(2026, 10, 7, 9), 1, Unit.MONTHS, CLOSED)
    assert due == london(2026, 11, 7, 17)
    assert due.weekday() == 5


def test_two_working_days_from_wednesday_before_christmas_skip_christmas_the_weekend_and_the_substitute() -> (
    None
):
    assert due_at(london(2026, 12, 23, 10), 2, Unit.WORKING_DAYS, CLOSED) == london(2026, 12, 29, 17)


def test_an_anchor_at_the_weekend_counts_from_monday() -> None:
    assert due_at(london(2026, 11, 21, 23, 59), 2, Unit.WORKING_DAYS, CLOSED) == london(2026, 11, 24, 17)


def test_a_local_closure_is_left_out() -> None:
    closed = CLOSED | {date(2026, 11, 24)}
    assert due_at(london(2026, 11, 23, 10), 2, Unit.WORKING_DAYS, closed) == london(2026, 11, 26, 17)


def test_24_hours_run_through_the_weekend() -> None:
    assert due_at(london(2026, 11, 20, 18, 10), 24, Unit.HOURS, CLOSED) == london(2026, 11, 21, 18, 10)


def test_24_hours_over_the_autumn_change_end_an_hour_earlier_by_the_clock() -> None:
    assert due_at(london(2026, 10, 24, 18, 10), 24, Unit.HOURS, CLOSED) == london(2026, 10, 25, 17, 10)


def test_24_hours_over_the_spring_change_end_an_hour_later_by_the_clock() -> None:
    assert due_at(london(2026, 3, 28, 18, 10), 24, Unit.HOURS, CLOSED) == london(2026, 3, 29, 19, 10)


@pytest.mark.parametrize(
    ("started", "due"),
    [
        (london(2026, 10, 23, 12), london(2026, 10, 26, 17)),
        (london(2026, 3, 27, 12), london(2026, 3, 30, 17)),
    ],
)
def test_a_day_limit_over_a_clock_change_still_ends_at_17_00_by_the_clock(
    started: datetime, due: datetime
) -> None:
    landed = due_at(started, 1, Unit.WORKING_DAYS, CLOSED)
    assert landed == due
    assert (landed.hour, landed.minute) == (17, 0)


def test_the_anchor_s_day_is_the_day_in_london_not_in_greenwich() -> None:
    just_after_midnight_in_summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert due_at(just_after_midnight_in_summer, 1, Unit.WORKING_DAYS, CLOSED) == london(2026, 7, 3, 17)


@given(moments, st.integers(1, 400), day_units)
def test_every_day_limit_ends_later_at_17_00_in_london(moment: datetime, length: int, unit: Unit) -> None:
    due = due_at(moment, length, unit, CLOSED)
    assert due > moment
    assert due.astimezone(LONDON).timetz().replace(tzinfo=None).isoformat() == "17:00:00"
    assert local_day(due) > local_day(moment)


@given(moments, st.integers(1, 2000))
def test_hours_are_elapsed_hours(moment: datetime, length: int) -> None:
    assert due_at(moment, length, Unit.HOURS, CLOSED) - moment == timedelta(hours=length)


@given(moments, st.integers(1, 60))
def test_a_limit_in_working_days_ends_on_a_working_day(moment: datetime, length: int) -> None:
    assert is_working_day(local_day(due_at(moment, length, Unit.WORKING_DAYS, CLOSED)), CLOSED)


@given(moments, moments, st.integers(1, 60), st.sampled_from(Unit))
def test_who_starts_later_is_never_due_earlier(a: datetime, b: datetime, length: int, unit: Unit) -> None:
    first, second = sorted([a, b])
    assert due_at(first, length, unit, CLOSED) <= due_at(second, length, unit, CLOSED)


def test_a_date_says_how_it_came_about() -> None:
    words = in_words("notified", london(2026, 11, 2, 9), 1, Unit.MONTHS, "Knowsley 7", CLOSED)
    assert words == "notified Mon 2 Nov 2026 + 1 month (Knowsley 7)"


def test_hours_name_the_hour_they_began() -> None:
    words = in_words("consulted", london(2026, 11, 2, 18, 10), 24, Unit.HOURS, "Bracknell B.1 ii", CLOSED)
    assert words == "consulted Mon 2 Nov 2026 18:10 + 24 hours (Bracknell B.1 ii)"


def test_working_days_name_the_closed_weekdays_they_jumped_over_and_no_others() -> None:
    words = in_words("notified", london(2026, 12, 23, 9), 2, Unit.WORKING_DAYS, "Knowsley 6", CLOSED)
    assert words == ("notified Wed 23 Dec 2026 + 2 working days (Knowsley 6); closed: Fri 25 Dec, Mon 28 Dec")


def test_one_of_a_unit_is_singular() -> None:
    assert length_in_words(1, Unit.WORKING_DAYS) == "1 working day"
    assert length_in_words(2, Unit.MONTHS) == "2 months"


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_the_end_of_a_day_is_on_that_day(day: date) -> None:
    assert local_day(end_of(day)) == day
