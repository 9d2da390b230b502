"""What people type about editions."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from wagtail.admin.widgets import AdminPageChooser

from portal.forms import DateField, not_in_the_future
from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader, readable
from procedures.selectors import in_force


class FilterForm(forms.Form):
    """Amendments of one chapter or one part of the manual."""

    mark_optional = False
    part = forms.ChoiceField(required=False, label="Part of the manual")
    chapter = forms.ChoiceField(required=False, label="Chapter")

    def __init__(
        self, *args: Any, parts: Iterable[ManualIndexPage], chapters: Iterable[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [  # type: ignore[attr-defined]
            ("", "All parts"),
            *((str(part.pk), part.title) for part in parts),
        ]
        self.fields["chapter"].choices = [  # type: ignore[attr-defined]
            ("", "All chapters"),
            *((str(pk), name) for pk, name in chapters),
        ]


class DayForm(forms.Form):
    """The day for which somebody wants to know what a chapter said. The first day with an edition is known."""

    on = DateField(
        label="As it stood on",
        help_text="At the end of that day, for example 27 3 2026",
        validators=[not_in_the_future],
    )

    def __init__(self, *args: Any, first_day: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_day = first_day

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if self.first_day and day < self.first_day:
            raise forms.ValidationError(
                f"The first edition that is kept is of {self.first_day:%-d %B %Y}. The date must not be before it"
            )
        return day


class EditionField(forms.ModelChoiceField):
    """An edition by its day and what was changed."""

    def label_from_instance(self, obj: Any) -> str:
        moment = timezone.localtime(obj.published_at)
        return f"{moment:%-d %B %Y, %H:%M} – {obj.what[:60]}"


class ComparisonForm(forms.Form):
    """Two editions of one chapter."""

    old = EditionField(Edition.objects.none(), label="The older edition")
    new = EditionField(Edition.objects.none(), label="The newer edition")

    def __init__(self, *args: Any, editions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("old", "new"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = editions
            field.empty_label = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        old, new = cleaned.get("old"), cleaned.get("new")
        if old and old == new:
            self.add_error("new", "Choose two different editions")
        return cleaned


class WithdrawForm(forms.Form):
    """Why a chapter is withdrawn, and what to use instead."""

    notice = forms.CharField(
        label="Notice",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For readers, at the head of the chapter: why it is withdrawn, and what holds now.",
        error_messages={"required": "Write the notice that readers will see"},
    )
    replaced_by = forms.ModelChoiceField(
        ChapterPage.objects.none(),
        required=False,
        label="Replaced by",
        widget=AdminPageChooser(target_models=[ChapterPage]),
        help_text="The chapter that readers are sent to; left empty, none replaces it.",
        error_messages={"invalid_choice": "Choose a chapter that is published and not itself withdrawn"},
    )

    def __init__(self, *args: Any, page: ChapterPage, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["replaced_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = readable(in_force(ChapterPage.objects.all()), reader).exclude(pk=page.pk)


class ReinstateForm(forms.Form):
    """Why a chapter comes into force again."""

    why = forms.CharField(
        label="Why it is in force again",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Readers see it among the amendments.",
        error_messages={"required": "Say why the chapter is in force again"},
    )
