"""The last page of a referral: what is posted with the button that sends it."""

from django import forms

WORDS_LIMIT = 4000


class SendForm(forms.Form):
    """Sends what was checked: `version` is that of the draft as the page showed it."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class SendAgainForm(SendForm):
    """Sends a returned referral again, with an answer to the question that came with it."""

    words = forms.CharField(
        label="Your answer to the question",
        help_text="Say what you changed, or answer in words",
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
