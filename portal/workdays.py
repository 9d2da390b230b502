"""Pure calendar arithmetic: working days over a set of closed days, months, and financial quarters.

A *closed day* is any weekday on which nobody works: a bank holiday of England and Wales or a local closure.
Callers pass them in, so nothing here reads a database or a clock.
"""

import calendar
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

ONE_DAY = timedelta(days=1)
SATURDAY = 5
FIRST_YEAR, LAST_YEAR = 2000, 2199


@lru_cache(maxsize=64)
def _bank_holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def bank_holidays(start: date, end: date) -> set[date]:
    """Bank holidays of England and Wales from `start` to `end`, both included, substitute days among them.

    The days come from the `holidays` package; one-off royal days arrive with its upgrades, until then they
    are entered as local closed days.
    """
    years = range(start.year, end.year + 1)
    return {day for year in years for day in _bank_holidays_of(year) if start <= day <= end}


def is_working_day(day: date, closed: AbstractSet[date]) -> bool:
    """True on Monday to Friday unless the day is closed."""
    return day.weekday() < SATURDAY and day not in closed


def add_working_days(day: date, n: int, closed: AbstractSet[date]) -> date:
    """The day that is `n` working days after `day` (before it where `n` is negative).

    `day` itself is never counted: working day 1 is the next working day after it. Nought gives `day` back.
    """
    step = ONE_DAY if n > 0 else -ONE_DAY
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day, closed)
    return day


def working_days_between(a: date, b: date, closed: AbstractSet[date]) -> int:
    """How many working days `b` lies after `a`; negative where it lies before.

    `a` is not counted and `b` is, so `working_days_between(a, add_working_days(a, n, closed), closed) == n`.
    """
    step = ONE_DAY if b > a else -ONE_DAY
    sign = step.days
    count = 0
    day = a
    while day != b:
        day += step
        count += is_working_day(day, closed)
    return sign * count


def add_months(day: date, n: int) -> date:
    """The same day `n` months on (back where negative), or the last day of a month that has no such day."""
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    month += 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last))


class UnknownQuarter(ValueError):
    """A label that names no quarter; the message says what one looks like."""


@dataclass(frozen=True, order=False)
class Quarter:
    """Three months of a year that starts in any month: label, first day, last day."""

    label: str
    start: date
    end: date

    @classmethod
    def parse(cls, label: str, start_month: int = 4) -> "Quarter":
        """Read `2026-27-Q2`, or `2026-Q2` where the year starts in January.

        Capitals and surrounding blanks do not matter. Raises UnknownQuarter with a sentence for the person.
        """
        found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?-Q([0-9])", label.strip().upper())
        if not found:
            raise _unknown(label, start_month)
        year, number = int(found[1]), int(found[3])
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= 4):
            raise _unknown(label, start_month)
        quarter = cls._numbered(year, number, start_month)
        if quarter.label != label.strip().upper():
            raise _unknown(label, start_month)
        return quarter

    @classmethod
    def containing(cls, day: date, start_month: int = 4) -> "Quarter":
        """The quarter that `day` falls in."""
        since_start = (day.month - start_month) % 12
        year = day.year if day.month >= start_month else day.year - 1
        return cls._numbered(year, since_start // 3 + 1, start_month)

    @classmethod
    def _numbered(cls, year: int, number: int, start_month: int) -> "Quarter":
        first = add_months(date(year, start_month, 1), 3 * (number - 1))
        years = str(year) if start_month == 1 else f"{year}-{(year + 1) % 100:02d}"
        return cls(f"{years}-Q{number}", first, add_months(first, 3) - ONE_DAY)

    @property
    def number(self) -> int:
        """1 to 4."""
        return int(self.label[-1])

    @property
    def start_month(self) -> int:
        """The month, 1 to 12, in which this quarter's year starts."""
        return add_months(self.start, -3 * (self.number - 1)).month

    def next(self) -> "Quarter":
        """The quarter after this one."""
        return Quarter.containing(self.end + ONE_DAY, self.start_month)

    def previous(self) -> "Quarter":
        """The quarter before this one."""
        return Quarter.containing(self.start - ONE_DAY, self.start_month)

    def __str__(self) -> str:
        return self.label


def _unknown(label: str, start_month: int) -> UnknownQuarter:
    example = Quarter.containing(date(2026, 8, 1), start_month).label
    shown = label.strip()[:40]
    return UnknownQuarter(f"“{shown}” is not a quarter. Write it like {example}, with Q1 to Q4 at the end.")
