"""Pure: when a time limit ends, and how that date came about in words (domain.md, Time limits).

Hours are elapsed time and run on through nights, weekends and clock changes. Every other limit ends at
17:00 in London on its last day. Working day 1 is the day after the anchor; a month limit that ends on a
weekend stays there.
"""

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models

from portal.workdays import SATURDAY, add_months, add_working_days

LONDON = ZoneInfo("Europe/London")
END_OF_DAY = time(17, 0)


class Unit(models.TextChoices):
    """What a length is counted in."""

    HOURS = "hours", "hours"
    WORKING_DAYS = "working_days", "working days"
    CALENDAR_DAYS = "calendar_days", "calendar days"
    MONTHS = "months", "months"


def local_day(moment: datetime) -> date:
    """The day on which an aware moment falls in London."""
    return moment.astimezone(LONDON).date()


def end_of(day: date) -> datetime:
    """17:00 in London on a day, aware."""
    return datetime.combine(day, END_OF_DAY, tzinfo=LONDON)


def due_at(started_at: datetime, length: int, unit: str, closed: AbstractSet[date]) -> datetime:
    """When a limit that began at an aware moment ends; aware. `closed`: bank holidays and local closures."""
    if unit == Unit.HOURS:
        return (started_at.astimezone(UTC) + timedelta(hours=length)).astimezone(LONDON)
    day = local_day(started_at)
    if unit == Unit.WORKING_DAYS:
        return end_of(add_working_days(day, length, closed))
    if unit == Unit.CALENDAR_DAYS:
        return end_of(day + timedelta(days=length))
    return end_of(add_months(day, length))


def length_in_words(length: int, unit: str) -> str:
    """Such as `1 month`, `15 working days`, `24 hours`."""
    words = str(Unit(unit).label)
    return f"{length} {words.removesuffix('s') if length == 1 else words}"


def in_full(moment: datetime) -> str:
    """Such as `Friday 4 December 2026, 17:00`, London time."""
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}"


def short_day(day: date) -> str:
    """Such as `Mon 2 Nov 2026`."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def in_words(
    anchor: str, started_at: datetime, length: int, unit: str, source: str, closed: AbstractSet[date]
) -> str:
    """How a date came about: `notified Mon 2 Nov 2026 + 1 month (Knowsley 7)`.

    Closed weekdays that a limit in working days jumped over are named, since they explain a date that a
    reader would otherwise count differently.
    """
    start = local_day(started_at)
    when = short_day(start)
    if unit == Unit.HOURS:
        when += f" {started_at.astimezone(LONDON):%H:%M}"
    words = f"{anchor} {when} + {length_in_words(length, unit)} ({source})"
    if unit == Unit.WORKING_DAYS:
        end = local_day(due_at(started_at, length, unit, closed))
        skipped = sorted(day for day in closed if start < day <= end and day.weekday() < SATURDAY)
        if skipped:
            words += "; closed: " + ", ".join(f"{day:%a} {day.day} {day:%b}" for day in skipped)
    return words
