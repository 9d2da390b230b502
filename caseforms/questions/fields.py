"""Form fields that Django and portal.forms do not have; each cleans to its stored JSON."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from caseforms.questions.answers import EARLIEST_YEAR, LATEST_YEAR, write_datetime
from portal.forms import DateField, DateTimeField, WrongDate, as_typed, parse_date, parse_time

IN_FUTURE = "The date must be today or in the past"
WRONG_YEAR = f"The date must have a year between {EARLIEST_YEAR} and {LATEST_YEAR}"


class AnswerDateField(DateField):
    """A date as ISO text; where `partly_known`, the day, or the day and the month, may be left empty."""

    def __init__(self, *, partly_known: bool = False, not_in_future: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.partly_known = partly_known
        self.not_in_future = not_in_future

    def clean(self, value: Any) -> str:
        """The ISO text, empty where nothing was typed. Raises WrongDate in words that say what to correct."""
        if value in self.empty_values:
            return ""
        typed = as_typed(value)
        length = 10
        if self.partly_known and typed.year and not typed.day:
            length = 7 if typed.month else 4
            typed = typed._replace(day="1", month=typed.month or "1")
        known = parse_date(typed)
        self._check(known)
        return known.isoformat()[:length]

    def _check(self, known: date) -> None:
        if not EARLIEST_YEAR <= known.year <= LATEST_YEAR:
            raise WrongDate(WRONG_YEAR, "year")
        if self.not_in_future and known > timezone.localdate():
            raise ValidationError(IN_FUTURE, code="future")


class AnswerDateTimeField(DateTimeField):
    """A date and time of day as ISO text in UTC, to the minute."""

    def __init__(self, *, not_in_future: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.not_in_future = not_in_future

    def clean(self, value: Any) -> str:
        """The ISO text, empty where nothing was typed. Raises WrongDate, or ValidationError for a future
        time."""
        moment = super().clean(value)
        if moment is None:
            return ""
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise WrongDate(WRONG_YEAR, "year")
        if self.not_in_future and moment > timezone.now():
            raise ValidationError("The date must be in the past", code="future")
        return write_datetime(moment)


class TimeField(forms.CharField):
    """A time of day as “18:10”, typed as “18.10”, “1810” or “6:10pm” too."""

    def clean(self, value: Any) -> str:
        """The time on the 24-hour clock, empty where nothing was typed. Raises ValidationError."""
        text = super().clean(value) or ""
        return parse_time(text).strftime("%H:%M") if text else ""


class TextField(forms.CharField):
    """A text of limited length; the lines of a text area end in one character, as the limit counts them."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        kwargs["error_messages"] = {
            "max_length": f"“{kwargs['label']}” must be %(limit_value)s characters or fewer."
            " You have typed %(show_value)s"
        }
        super().__init__(max_length=limit, **kwargs)

    def to_python(self, value: Any) -> str:
        """The text without outer blanks."""
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n")) or ""
