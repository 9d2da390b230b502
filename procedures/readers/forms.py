"""What readers and those who answer them may type."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from portal.accounts.models import User
from portal.forms import Radios
from procedures.readers.models import Outcome

LONGEST = 2000
OUTCOME_HINTS = {
    Outcome.CHANGED.value: "The chapter has been published with the change",
    Outcome.WILL_CHANGE.value: "Say roughly when",
    Outcome.NO_CHANGE.value: "Say why, so that the reader need not ask again",
}
SIGNED_OUT = (
    "You have been signed out meanwhile. Sign in, or leave an e-mail address if you want an answer, and send again. "
    "What you wrote is still here."
)


class ReportForm(forms.Form):
    """What is wrong with a section. A person with an account is asked for no address."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    as_member = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="What is wrong or out of date?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Do not name a child, and do not write about a child or a family. This is about the manual only.",
    )
    address = forms.EmailField(
        label="Your e-mail address",
        required=False,
        max_length=254,
        help_text="Only if you want to hear what comes of it. We use it for that one message and then delete it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, data: QueryDict | None = None, *, person: User | None, **kwargs: Any) -> None:
        self.signed_out = person is None and bool(data and data.get("as_member"))
        if self.signed_out and data is not None:
            data = data.copy()
            data["as_member"] = ""
        super().__init__(data, **kwargs)
        if person is not None:
            del self.fields["address"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.signed_out:
            raise ValidationError(SIGNED_OUT)
        return cleaned


class AnswerForm(forms.Form):
    """What came of a report."""

    outcome = forms.ChoiceField(
        label="What came of it", choices=Outcome.choices, widget=Radios(hints=OUTCOME_HINTS)
    )
    words = forms.CharField(
        label="Your answer",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The reader sees it in the portal. Do not name a child.",
    )


class FollowForm(forms.Form):
    """What to follow, of the pages that are offered."""

    page = forms.ChoiceField(label="What do you want to follow?", widget=Radios())

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["page"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
