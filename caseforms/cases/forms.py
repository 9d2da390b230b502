"""Forms of the case pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caseforms.cases import selectors
from caseforms.cases.models import Case, CaseParticipant, Stage
from portal.accounts.models import Membership, Role, User
from portal.forms import DateField, Radios, not_in_the_future


class FilterForm(forms.Form):
    """The list of cases by stage, or one case by its reference."""

    reference = forms.CharField(
        required=False,
        max_length=20,
        label="Case reference",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}),
    )
    stage = forms.ChoiceField(required=False, choices=[("", "Any stage"), *Stage.choices])
    mark_optional = False


class FindPersonForm(forms.Form):
    """A person in any case whose people the reader may see. Posted, so that no name lands in an address."""

    surname = forms.CharField(
        required=False,
        max_length=100,
        help_text="The whole surname",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    born = DateField(required=False, label="Date of birth", validators=[not_in_the_future])
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("surname") and not cleaned.get("born"):
            raise ValidationError("Enter a surname, a date of birth, or both")
        return cleaned


class MemberField(forms.ModelChoiceField):
    """Chooses a membership by the person's name, role and agency."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person}, {obj.get_role_display()}, {obj.agency.name}"


class AccessForm(forms.Form):
    """Lets one person into one case for a time."""

    membership = MemberField(queryset=Membership.objects.none(), label="Who", empty_label="Choose a person")
    kind = forms.ChoiceField(choices=CaseParticipant.Kind.choices, widget=Radios(), label="As")
    starts_on = DateField(label="First day of access")
    ends_on = DateField(label="Last day of access", required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["membership"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = selectors.possible_participants(case)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "The last day must not be before the first")
        member, kind = cleaned.get("membership"), cleaned.get("kind")
        if member and kind and (member.role == Role.AUTHOR) != (kind == CaseParticipant.Kind.AUTHOR):
            self.add_error(
                "kind", "Somebody with the role of author comes in as author, anybody else as deputy"
            )
        return cleaned


class DeclareForm(forms.Form):
    """One's own interest in a case."""

    reason = forms.CharField(
        label="What is your connection with this case?",
        help_text="For example, you worked with the family, or a relative of yours is named in the case",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class InvolvedForm(forms.Form):
    """Somebody else's direct involvement, recorded by the business manager."""

    person = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Who was directly involved?", empty_label="Choose a person"
    )
    reason = forms.CharField(
        label="How were they involved?", max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = selectors.people_to_exclude(case)
