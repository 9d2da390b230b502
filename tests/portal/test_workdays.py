"""Days: what counts as a working day, what a month is, which quarter a day lies in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workdays import (
    Quarter,
    UnknownQuarter,
    add_months,
    add_working_days,
    bank_holidays,
    is_working_day,
    working_days_between,
)

days = st.dates(date(2015, 1, 1), date(2040, 12, 31))
closures = st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=12)
CLOSED = bank_holidays(date(2026, 1, 1), date(2027, 12, 31))


def test_christmas_2026_has_a_substitute_monday() -> None:
    assert bank_holidays(date(2026, 12, 24), date(2026, 12, 31)) == {
        date(2026, 12, 25),
        date(2026, 12, 26),
        date(2026, 12, 28),
    }


def test_christmas_2027_on_a_weekend_closes_monday_and_tuesday() -> None:
    assert {date(2027, 12, 27), date(2027, 12, 28)} <= bank_holidays(date(2027, 12, 1), date(2027, 12, 31))


def test_no_scottish_or_irish_day_is_closed() -> None:
    assert date(2026, 1, 2) not in CLOSED
    assert date(2026, 3, 17) not in CLOSED
    assert date(2026, 11, 30) not in CLOSED


def test_bank_holidays_stop_at_both_ends_of_the_span() -> None:
    assert bank_holidays(date(2026, 12, 25), date(2026, 12, 25)) == {date(2026, 12, 25)}
    assert bank_holidays(date(2026, 12, 29), date(2026, 12, 31)) == set()
    assert bank_holidays(date(2026, 12, 31), date(2026, 12, 1)) == set()


def test_saturday_sunday_and_a_local_closure_are_not_worked() -> None:
    assert is_working_day(date(2026, 11, 20), frozenset())
    assert not is_working_day(date(2026, 11, 20), frozenset({date(2026, 11, 20)}))
    assert not is_working_day(date(2026, 11, 21), frozenset())
    assert not is_working_day(date(2026, 11, 22), frozenset())
    assert is_working_day(date(2026, 11, 23), frozenset())


def test_working_day_one_is_the_day_after() -> None:
    assert add_working_days(date(2026, 11, 23), 1, CLOSED) == date(2026, 11, 24)
    assert add_working_days(date(2026, 11, 20), 1, CLOSED) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 21), 1, CLOSED) == date(2026, 11, 23)


def test_two_working_days_after_christmas_eve_2026_is_wednesday_30_december() -> None:
    assert add_working_days(date(2026, 12, 24), 2, CLOSED) == date(2026, 12, 30)


def test_five_working_days_before_new_year_2027_jump_over_the_holidays() -> None:
    assert add_working_days(date(2027, 1, 4), -5, CLOSED) == date(2026, 12, 23)


def test_no_working_days_added_gives_the_day_back_even_on_a_weekend() -> None:
    assert add_working_days(date(2026, 11, 21), 0, CLOSED) == date(2026, 11, 21)


@given(days, st.integers(-60, 60), closures)
def test_counting_undoes_adding(day: date, n: int, closed: set[date]) -> None:
    assert working_days_between(day, add_working_days(day, n, closed), closed) == n


@given(days, st.integers(1, 60), closures)
def test_an_added_day_is_worked_and_later(day: date, n: int, closed: set[date]) -> None:
    landed = add_working_days(day, n, closed)
    assert landed > day
    assert is_working_day(landed, closed)
    assert add_working_days(day, -n, closed) < day


@given(days, days, closures)
def test_more_closed_days_never_bring_a_limit_forward(day: date, other: date, closed: set[date]) -> None:
    assert add_working_days(day, 5, closed | {other}) >= add_working_days(day, 5, closed)


@given(days, days, closures)
def test_between_is_the_number_of_worked_days_in_the_span(a: date, b: date, closed: set[date]) -> None:
    first, last = min(a, b), max(a, b)
    after = [first + timedelta(n) for n in range(1, min((last - first).days, 400) + 1)]
    last = after[-1] if after else first
    assert working_days_between(first, last, closed) == sum(is_working_day(day, closed) for day in after)
    assert working_days_between(last, first, closed) == -sum(
        is_working_day(day, closed) for day in [first, *after[:-1]] if after
    )


def test_within_one_month_is_the_same_day_or_the_last_one() -> None:
    assert add_months(date(2026, 11, 2), 1) == date(2026, 12, 2)
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2027, 3, 31), -1) == date(2027, 2, 28)


@given(days, st.integers(-120, 120))
def test_months_land_in_the_right_month_and_never_on_a_later_day(day: date, n: int) -> None:
    landed = add_months(day, n)
    assert landed.year * 12 + landed.month == day.year * 12 + day.month + n
    assert landed.day <= day.day
    if landed.day != day.day:
        assert (landed + timedelta(days=1)).day == 1


def test_the_second_quarter_of_2026_27_is_july_to_september() -> None:
    quarter = Quarter.parse("2026-27-Q2")
    assert (quarter.start, quarter.end) == (date(2026, 7, 1), date(2026, 9, 30))
    assert quarter.label == str(quarter) == "2026-27-Q2"


def test_the_last_quarter_of_a_financial_year_lies_in_the_next_calendar_year() -> None:
    assert Quarter.parse("2026-27-Q4").end == date(2027, 3, 31)
    assert Quarter.containing(date(2027, 3, 31), 4).label == "2026-27-Q4"
    assert Quarter.parse("2026-27-Q4").next().label == "2027-28-Q1"
    assert Quarter.parse("2026-27-Q1").previous().label == "2025-26-Q4"


def test_a_year_that_starts_in_january_has_a_short_label() -> None:
    quarter = Quarter.parse("2026-Q2", start_month=1)
    assert (quarter.start, quarter.end, quarter.label) == (date(2026, 4, 1), date(2026, 6, 30), "2026-Q2")
    assert quarter.next().label == "2026-Q3"
    assert Quarter.parse("2026-Q1", start_month=1).previous().label == "2025-Q4"


def test_small_letters_and_blanks_around_a_label_do_not_matter() -> None:
    assert Quarter.parse(" 2026-27-q2 ") == Quarter.parse("2026-27-Q2")


@pytest.mark.parametrize(
    "label",
    [
        "",
        "Q2",
        "2026-Q2",
        "2026-28-Q2",
        "2026-27-Q5",
        "2026-27-Q0",
        "0000-01-Q1",
        "9999-00-Q1",
        "२०२६-२७-Q2",
        "x" * 500,
    ],
)
def test_a_bad_label_is_refused_with_a_sentence_that_shows_a_good_one(label: str) -> None:
    with pytest.raises(UnknownQuarter, match="Write it like 2026-27-Q2") as refused:
        Quarter.parse(label)
    assert len(str(refused.value)) < 150


def test_a_financial_year_label_is_refused_where_the_year_starts_in_january() -> None:
    with pytest.raises(UnknownQuarter, match="Write it like 2026-Q3"):
        Quarter.parse("2026-27-Q2", start_month=1)


@given(days, st.integers(1, 12))
def test_every_day_lies_in_its_quarter_and_the_label_reads_back(day: date, start_month: int) -> None:
    quarter = Quarter.containing(day, start_month)
    assert quarter.start <= day <= quarter.end
    assert Quarter.parse(quarter.label, start_month) == quarter
    assert quarter.start_month == start_month


@given(days, st.integers(1, 12))
def test_quarters_follow_each_other_without_gap_or_overlap(day: date, start_month: int) -> None:
    quarter = Quarter.containing(day, start_month)
    assert quarter.next().start == quarter.end + timedelta(days=1)
    assert quarter.next().previous() == quarter
    assert quarter.previous().next() == quarter
    assert quarter.number == quarter.next().next().next().next().number
