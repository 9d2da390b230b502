"""What a business manager types about a deadline: a later date, or that a task was done."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from caseforms.deadlines.limits import end_of
from caseforms.deadlines.models import Deadline
from portal.forms import DateField, DateTimeField, not_in_the_future


class ExtendForm(forms.Form):
    """A new date, which ends at 17:00, and what makes it allowed; `seen_due` is the date the page showed."""

    new_due = DateField(
        label="New date",
        help_text="The time limit then ends at 17:00 on this day.",
        error_messages={"required": "Enter the new date"},
    )
    reason = forms.CharField(
        label="Why is more time needed?",
        help_text="Do not name a child or a member of the family.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        error_messages={"required": "Say why more time is needed"},
    )
    asked_by = forms.CharField(
        label="Who asked for it?",
        help_text="Role and agency, for example agency lead, police.",
        max_length=200,
        error_messages={"required": "Say who asked for more time"},
    )
    agreed_by = forms.CharField(
        label="Who agreed?",
        help_text="Role and agency, for example independent chair.",
        max_length=200,
        error_messages={"required": "Say who agreed to the new date"},
    )
    seen_due = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = deadline
        self.initial["seen_due"] = deadline.due_at.isoformat()

    def clean_new_due(self) -> datetime:
        day: date = self.cleaned_data["new_due"]
        due = end_of(day)
        if due <= timezone.now():
            raise forms.ValidationError("The new date must be later than now")
        if due <= self.deadline.due_at:
            raise forms.ValidationError("The new date must be later than the old one")
        return due

    @property
    def is_stale(self) -> bool:
        """Whether the date has been moved since this page was opened."""
        return bool(self.is_bound and self.data.get("seen_due") != self.deadline.due_at.isoformat())

    def with_fresh_date(self) -> "ExtendForm":
        """The same form with everything that was typed, made from the date as it is now, and saying so."""
        data: Any = self.data
        data = data.copy()
        data["seen_due"] = self.deadline.due_at.isoformat()
        form = ExtendForm(data, deadline=self.deadline)
        form.add_error(
            None,
            "A colleague has changed this date while you were writing. Check it below, then send again.",
        )
        return form


class DoneForm(forms.Form):
    """When a task was done that is done outside the portal."""

    done_at = DateTimeField(
        label="When was it done?",
        validators=[not_in_the_future],
        error_messages={"required": "Enter when it was done"},
    )

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = deadline

    def clean_done_at(self) -> datetime:
        done_at: datetime = self.cleaned_data["done_at"]
        if done_at < self.deadline.started_at.replace(second=0, microsecond=0):
            raise forms.ValidationError("It cannot have been done before the time limit began")
        return done_at
