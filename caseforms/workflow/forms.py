"""Forms of the steps."""

from typing import Any

from django import forms

from caseforms.cases.models import Case
from caseforms.workflow.selectors import askable
from portal.accounts.models import Agency
from portal.forms import Checkboxes, Radios

LIMIT = 4000


def text(label: str, *, hint: str = "", required: bool = True) -> forms.CharField:
    """A long answer."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class TriageForm(forms.Form):
    """Accept a referral, or return it with a question."""

    ACCEPT, RETURN = "accept", "return"
    decision = forms.ChoiceField(
        label="What should happen with this referral?",
        choices=[
            (ACCEPT, "Accept it: agencies will be asked for information"),
            (RETURN, "Return it to the referrer with a question"),
        ],
        widget=Radios(),
    )
    words = text(
        "Your question, or a note on why it is accepted",
        hint="A question is sent to the referrer",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == self.RETURN and not cleaned.get("words"):
            self.add_error("words", "Enter the question that the referrer should answer")
        return cleaned


class WithdrawForm(forms.Form):
    """Takes a referral back."""

    reason = text("Why is the referral withdrawn?")


class AnswerForm(forms.Form):
    """The referrer's answer."""

    answer = text("Your answer")


class AgenciesField(forms.ModelMultipleChoiceField):
    """Chooses agencies by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AskForm(forms.Form):
    """Which agencies are asked."""

    agencies = AgenciesField(
        queryset=Agency.objects.none(),
        label="Which agencies should give information?",
        help_text="Those that the referral names are chosen already",
        widget=Checkboxes(),
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agencies"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = askable(case.partnership)
        self.initial.setdefault("agencies", list(case.agencies.values_list("pk", flat=True)))


class CloseForm(forms.Form):
    """Ends a case."""

    reason = text("Why can the case be closed?")
