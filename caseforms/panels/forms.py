"""Forms of meetings, recommendation and decision."""

from typing import Any

from django import forms
from django.utils import timezone

from caseforms.cases.models import Case, Outcome
from caseforms.panels import policy
from caseforms.panels.models import Meeting
from caseforms.panels.selectors import quorum_of
from portal.accounts.models import Membership, Partnership
from portal.forms import Checkboxes, DateField, Radios, not_in_the_future
from portal.templatetags.portal import long_date


class PartnershipField(forms.ModelChoiceField):
    """Chooses a partnership by name."""


class MeetingForm(forms.Form):
    """The day of a meeting."""

    held_on = DateField(label="When did the meeting take place?", validators=[not_in_the_future])


class MembersField(forms.ModelMultipleChoiceField):
    """Chooses people by name, role and agency."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person}, {obj.agency.name} ({obj.get_role_display().lower()})"


class AttendanceForm(forms.Form):
    """Who was there."""

    present = MembersField(
        queryset=Membership.objects.none(), label="Who was present?", widget=Checkboxes(), required=False
    )
    mark_optional = False

    def __init__(self, partnership: Partnership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["present"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = policy.may_attend(partnership)


class MeetingField(forms.ModelChoiceField):
    """Chooses a meeting, with its quorum for one case in words."""

    case: Case | None = None

    def label_from_instance(self, obj: Any) -> str:
        return f"{long_date(obj.held_on)}: {quorum_of(obj, self.case).words}"


class AtMeetingForm(forms.Form):
    """At which meeting the panel made its recommendation."""

    meeting = MeetingField(
        queryset=Meeting.objects.none(),
        label="At which meeting was this considered?",
        empty_label="Choose a meeting",
        required=False,
    )
    mark_optional = False

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meeting"]
        assert isinstance(field, MeetingField)
        field.case = case
        field.queryset = Meeting.objects.filter(partnership=case.partnership)


class DecisionForm(forms.Form):
    """The independent chair's decision."""

    outcome = forms.ChoiceField(label="What do you decide?", choices=Outcome.choices, widget=Radios())
    reasons = forms.CharField(
        label="What are your reasons?", max_length=10_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    decided_on = DateField(
        label="When did you decide?", validators=[not_in_the_future], initial=timezone.localdate
    )
