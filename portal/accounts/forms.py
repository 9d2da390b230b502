"""What people type on the pages of accounts."""

import re
from typing import Any

from django import forms
from django.contrib.auth import password_validation

from portal.accounts.models import Agency, Membership, Role, TextSize, User
from portal.accounts.policy import grantable_roles
from portal.forms import Radios

LENGTH_HINT = "12 characters or more. Three or four random words are easier to remember than one odd one."


class EmailField(forms.EmailField):
    """An e-mail address in lower case, which is how people are known."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "username", "spellcheck": "false", "class": "govuk-!-width-two-thirds"}
        super().__init__(widget=forms.EmailInput(attrs), **kwargs)

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


def password_field(label: str, autocomplete: str, hint: str = "") -> forms.CharField:
    """A password: blanks count, and password managers know what it is for."""
    widget = forms.PasswordInput({"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=256, widget=widget, help_text=hint)


class DisplayForm(forms.Form):
    """How pages look to a person."""

    text_size = forms.ChoiceField(label="Text size", choices=TextSize, widget=Radios(inline=True))
    high_visibility = forms.BooleanField(
        label="High visibility",
        required=False,
        help_text="White and yellow on black, with thicker lines under links",
    )


class SignInForm(forms.Form):
    email = EmailField(label="E-mail address")
    password = password_field("Password", "current-password")


class CodeForm(forms.Form):
    """The six digits; blanks and dashes that apps put between them do not matter."""

    code = forms.CharField(
        label="6-digit code",
        max_length=20,
        help_text="From the authenticator app on your phone, for example 123 456",
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "govuk-input--width-5"}
        ),
    )

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError("The code has 6 digits")
        return code


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label="Recovery code",
        max_length=40,
        help_text="12 letters and digits, for example abcd-2345-efgh. Each works once.",
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "class": "govuk-input--width-20"}
        ),
    )


class KeptCodesForm(forms.Form):
    kept = forms.BooleanField(
        label="I have printed these codes, or kept them where I can find them without my phone"
    )


class NewPasswordForm(forms.Form):
    """A new password, checked against the rules and the person's own particulars."""

    password = password_field("New password", "new-password", LENGTH_HINT)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.person)
        return password


class ChangePasswordForm(NewPasswordForm):
    current = password_field("Current password", "current-password")
    field_order = ["current", "password"]

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not self.person.check_password(current):
            raise forms.ValidationError("This is not your current password")
        return current


class AcceptForm(NewPasswordForm):
    """What a person without an account says when accepting an invitation."""

    first_name = forms.CharField(
        label="First name", max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label="Last name", max_length=150, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    field_order = ["first_name", "last_name", "password"]


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, autocomplete in (("first_name", "given-name"), ("last_name", "family-name")):
            self.fields[name].required = True
            self.fields[name].widget.attrs["autocomplete"] = autocomplete


class EmailForm(forms.Form):
    email = EmailField(label="E-mail address")


class AgencyChoice(forms.ModelChoiceField):
    """Active agencies of one partnership, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class InviteForm(forms.Form):
    """Whom a manager invites, for which agency, as what; roles are those that the manager may give."""

    email = EmailField(label="E-mail address", help_text="Their own address at work, not a shared mailbox")
    agency = AgencyChoice(label="Agency", queryset=Agency.objects.none())
    role = forms.ChoiceField(label="Role")

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        agencies: Any = self.fields["agency"]
        agencies.queryset = actor.partnership.agencies.filter(active=True)
        roles: Any = self.fields["role"]
        roles.choices = [("", "Choose one"), *((role.value, role.label) for role in grantable_roles(actor))]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class ResetFactorForm(forms.Form):
    """How an administrator made sure who asks: as strictly as when the account was made."""

    CHECKS = [
        ("in person", "I met them in person"),
        ("video call", "I saw them on a video call and know them"),
        ("line manager", "Their line manager confirmed it to me in a call that I made"),
    ]
    checked = forms.ChoiceField(
        label="How did you make sure that it is them?", choices=CHECKS, widget=forms.RadioSelect
    )
