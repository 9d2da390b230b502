"""GOV.UK form fields: the form renderer, the date and time fields, and radios and checkboxes with hints.

Plain Django forms get GOV.UK Design System markup from `{{ form }}` or `{{ field.as_field_group }}`; the form
class need not know. Dates are typed in boxes: a field called `due` posts `due_day`, `due_month`, `due_year`,
and a date with a time also `due_time` ("18:10"). What was typed is shown again as it was typed.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Widget
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DJANGO_REQUIRED = forms.Field.default_error_messages["required"]
DJANGO_BLANK_CHOICE = "---------"
DATE_MUST = "The date must"


# ---- What was typed in the boxes of a date ----------------------------------------------------------------


class TypedDate(NamedTuple):
    """The boxes of a date as a person filled them; `time` stays empty where no time is asked."""

    day: str = ""
    month: str = ""
    year: str = ""
    time: str = ""


class WrongDate(ValidationError):
    """A date that cannot be understood; `boxes` names those to be corrected."""

    def __init__(self, message: str, *boxes: str) -> None:
        super().__init__(message, code="invalid")
        self.boxes = boxes


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _month(text: str) -> int:
    """A month from "11", "Nov" or "November"; nought where it is none."""
    return MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in MONTHS else _number(text)


def parse_date(typed: TypedDate) -> date:
    """The day that was typed. Raises WrongDate in words that say what to correct."""
    parts = {"day": typed.day, "month": typed.month, "year": typed.year}
    missing = [name for name, text in parts.items() if not text]
    if missing:
        raise WrongDate(f"The date must include a {' and a '.join(missing)}", *missing)
    if not (len(typed.year) == 4 and _number(typed.year)):
        raise WrongDate("The date must have a year with 4 numbers, like 2026", "year")
    try:
        return date(_number(typed.year), _month(typed.month), _number(typed.day))
    except ValueError:
        raise WrongDate("The date must be a real date, like 27 3 2026", *parts) from None


def parse_time(text: str) -> time:
    """A time of day from "18:10", "18.10", "1810", "6:10pm" or "6pm". Raises WrongDate otherwise."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm)?", text.strip().lower(), re.ASCII)
    if found and (found[2] or found[3]):
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        on_the_clock = 1 <= hour <= 12 if half else hour <= 23
        if on_the_clock and minute <= 59:
            return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)
    raise WrongDate("The time must be like 18:10 or 6:10pm", "time")


def as_typed(value: Any) -> TypedDate:
    """What the boxes show: typed text as it is, a date, a moment (local time), ISO text ("2026-12" too)."""
    if isinstance(value, TypedDate):
        return value
    if isinstance(value, str) and value:
        try:
            value = date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
        except ValueError:
            partly = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", value)
            return TypedDate("", (partly[2] or "").lstrip("0"), partly[1]) if partly else TypedDate(day=value)
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return TypedDate(str(local.day), str(local.month), str(local.year), f"{local:%H:%M}")
    if isinstance(value, date):
        return TypedDate(str(value.day), str(value.month), str(value.year))
    return TypedDate()


def not_in_the_future(value: date | datetime) -> None:
    """Validator for something that has already happened."""
    now: date | datetime = timezone.now() if isinstance(value, datetime) else timezone.localdate()
    if value > now:
        raise ValidationError("The date must be today or in the past", code="future")


def not_in_the_past(value: date | datetime) -> None:
    """Validator for something that is still to come."""
    now: date | datetime = timezone.now() if isinstance(value, datetime) else timezone.localdate()
    if value < now:
        raise ValidationError("The date must be today or in the future", code="past")


class DateInput(Widget):
    """Day, month and year boxes; posts `<name>_day`, `<name>_month`, `<name>_year`."""

    template_name = "includes/forms/date.html"
    use_fieldset = True
    box_labels: Mapping[str, str] = {"day": "Day", "month": "Month", "year": "Year"}

    def boxes(self, name: str, value: Any, id_: str, wrong: Iterable[str] = ()) -> list[dict[str, Any]]:
        """One dict per box, in typing order: id, name, label, value, width, numeric, wrong."""
        typed = as_typed(value)
        return [
            {
                "id": f"{id_}_{box}" if id_ else "",
                "name": f"{name}_{box}",
                "label": label,
                "value": getattr(typed, box),
                "width": {"year": 4, "time": 5}.get(box, 2),
                "numeric": box != "time",
                "wrong": box in wrong,
            }
            for box, label in self.box_labels.items()
        ]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["boxes"] = self.boxes(name, value, context["widget"]["attrs"].get("id", ""))
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> TypedDate | None:
        typed = TypedDate(**{box: str(data.get(f"{name}_{box}", "")).strip() for box in self.box_labels})
        return typed if any(typed) else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return all(f"{name}_{box}" not in data for box in self.box_labels)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else ""


class DateTimeInput(DateInput):
    """Day, month, year and time boxes; posts `<name>_time` as well."""

    box_labels = {**DateInput.box_labels, "time": "Time"}


class DateField(forms.Field):
    """A date typed in three boxes; cleans to a `datetime.date` or None."""

    widget = DateInput

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, TypedDate):
            return parse_date(value)
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else parse_date(as_typed(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and as_typed(initial) != as_typed(data)


class DateTimeField(forms.Field):
    """A date and a time of day typed in four boxes; cleans to an aware local `datetime`, or None."""

    widget = DateTimeInput

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        typed = as_typed(value)
        day = parse_date(typed)
        if not typed.time:
            raise WrongDate("The date must include a time, like 18:10", "time")
        local = datetime.combine(day, parse_time(typed.time))
        moment = timezone.make_aware(local)
        # An hour that the clocks skip in March does not survive the way to UTC and back.
        if timezone.localtime(moment.astimezone(UTC)).replace(tzinfo=None) != local:
            raise WrongDate("This time did not exist: the clocks went forward that night", "time")
        return moment

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and as_typed(initial) != as_typed(data)


# ---- Radios and checkboxes --------------------------------------------------------------------------------


class Radios(RadioSelect):
    """Radio buttons with a hint under some of them (`hints`: value to text), side by side where `inline`."""

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        hints: Mapping[str, str] | None = None,
        inline: bool = False,
    ) -> None:
        super().__init__(attrs)
        self.hints = dict(hints or {})
        self.inline = inline


class Checkboxes(CheckboxSelectMultiple):
    """Checkboxes with a hint under some of them (`hints`: value to text)."""

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, hints: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(attrs)
        self.hints = dict(hints or {})


# ---- Rendering --------------------------------------------------------------------------------------------


def _mid_sentence(label: str) -> str:
    """A label as it reads inside a sentence; "NHS number" keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


class GovukBoundField(forms.BoundField):
    """A form field that knows how the Design System lays it out; used by templates/includes/forms/."""

    @property
    def kind(self) -> str:
        """Which part of templates/includes/forms/field.html draws the field."""
        widget = self.field.widget
        kinds: list[tuple[type[Widget], str]] = [
            (DateInput, "date"),
            (CheckboxSelectMultiple, "checkboxes"),
            (RadioSelect, "radios"),
            (CheckboxInput, "checkbox"),
            (Select, "select"),
            (forms.Textarea, "textarea"),
            (forms.PasswordInput, "password"),
            (FileInput, "file"),
        ]
        return next((kind for types, kind in kinds if isinstance(widget, types)), "input")

    @property
    def control_id(self) -> str:
        """The id of the control, or of the group of controls."""
        return str(self.field.widget.attrs.get("id") or self.auto_id)

    @property
    def error_target(self) -> str:
        """The id that a line of the error summary leads to: the first box or button that needs correcting."""
        if self.kind == "date":
            return next((box["id"] for box in self.boxes if box["wrong"]), f"{self.control_id}_day")
        if self.kind in ("radios", "checkboxes"):
            return f"{self.control_id}_0"
        return self.control_id

    @property
    def error_messages(self) -> list[str]:
        """What to correct, in words; a bare "This field is required." names the field instead."""
        return [self._in_words(error) for error in self._errors]

    @property
    def show_optional(self) -> bool:
        """True where the label says "(optional)": never on one lone checkbox, nor where the form opts out
        (`mark_optional = False`, as a search does)."""
        return (
            not self.field.required
            and not self.field.disabled
            and self.kind != "checkbox"
            and getattr(self.form, "mark_optional", True)
        )

    @property
    def described_by(self) -> str:
        """Ids of the hint and the error, for aria-describedby."""
        own = self.field.widget.attrs.get("aria-describedby", "")
        return " ".join(filter(None, [own, self.aria_describedby or ""]))

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The boxes of a date, those in error marked: the ones at fault, or all where none is singled out."""
        widget = self.field.widget
        assert isinstance(widget, DateInput)
        wrong = {box for error in self._errors for box in getattr(error, "boxes", ())}
        if self._errors and not wrong:
            wrong = set(widget.box_labels)
        return widget.boxes(self.html_name, self.value(), self.control_id, wrong)

    @cached_property
    def options(self) -> list[dict[str, Any]]:
        """The choices of radios or checkboxes: id, name, value, label, checked, disabled, hint."""
        hints = getattr(self.field.widget, "hints", {})
        found = []
        for choice in self.subwidgets:
            data: Any = choice.data
            if data["label"] == DJANGO_BLANK_CHOICE:
                continue
            found.append(
                {
                    "id": data["attrs"].get("id", ""),
                    "name": data["name"],
                    "type": data["type"],
                    "value": data["value"],
                    "label": data["label"],
                    "checked": data["selected"],
                    "disabled": bool(data["attrs"].get("disabled")),
                    "hint": hints.get(str(data["value"]), ""),
                }
            )
        return found

    @property
    def option_groups(self) -> list[tuple[str | None, list[dict[str, Any]], int]]:
        """The options of a select by group, Django's row of dashes replaced with words."""
        widget = self.field.widget
        assert isinstance(widget, Select)
        chosen = widget.format_value(self.value())
        groups: Any = widget.optgroups(self.html_name, chosen)
        for _, options, _ in groups:
            for option in options:
                if option["label"] == DJANGO_BLANK_CHOICE:
                    option["label"] = "Choose one"
        return list(groups)

    @property
    def max_length(self) -> int | None:
        """The limit of a text area, counted down in words instead of cutting off what is pasted."""
        limit: int | None = getattr(self.field, "max_length", None)
        return limit

    def control(self) -> SafeString:
        """The bare control (input, text area, file) with GOV.UK classes and ids."""
        base, error = {
            "textarea": ("govuk-textarea", "govuk-textarea--error"),
            "file": ("govuk-file-upload", "govuk-file-upload--error"),
        }.get(self.kind, ("govuk-input", "govuk-input--error"))
        widget = self._typed_number if isinstance(self.field.widget, forms.NumberInput) else self.field.widget
        classes = [base, error if self._errors else "", widget.attrs.get("class", "")]
        attrs: dict[str, Any] = {"id": self.control_id, "class": " ".join(filter(None, classes))}
        if self.kind == "password":
            attrs["class"] += " govuk-password-input__input govuk-js-password-input-input"
            attrs |= {"spellcheck": "false", "autocapitalize": "none"}
        if self.kind == "textarea" and self.max_length:
            attrs["class"] += " govuk-js-character-count"
        if self.described_by:
            attrs["aria-describedby"] = self.described_by
        if self.field.disabled:
            attrs["disabled"] = True
        # At maxlength a browser cuts off what is pasted without a word; the form says what is too long.
        attrs["maxlength"] = False
        rendered = widget.render(self.html_name, self.value(), attrs, self.form.renderer)
        return SafeString(rendered)

    @property
    def _typed_number(self) -> Widget:
        """A number as text with a numeric keyboard: spinners change figures when a page is scrolled."""
        attrs = {k: v for k, v in self.field.widget.attrs.items() if k not in ("min", "max", "step")}
        whole = type(self.field) is forms.IntegerField
        return forms.TextInput({"inputmode": "numeric" if whole else "decimal", **attrs})

    @property
    def _errors(self) -> list[ValidationError]:
        return list(self.errors.as_data()) if self.errors else []

    def _in_words(self, error: ValidationError) -> str:
        message, label = " ".join(error.messages), str(self.label)
        if message.startswith(DATE_MUST):
            # A page may ask for several dates: the summary has to say which one.
            named = f"{label} {DATE_MUST}" if label.endswith("?") else f"{label} must"
            return message.replace(DATE_MUST, named, 1)
        if message != str(DJANGO_REQUIRED):
            return message
        if label.endswith("?"):
            return f"Answer “{label}”"
        chosen = self.kind in ("select", "radios", "checkboxes", "file")
        if self.kind == "checkbox":
            return f"Tick “{label}” to go on"
        return f"{'Select' if chosen else 'Enter'} {_mid_sentence(label)}"


class GovukRenderer(TemplatesSetting):
    """Renders every form of the portal with the Design System's markup.

    Widgets keep Django's own templates, because the CMS admin shares this renderer and must look like itself.
    """

    form_template_name = "includes/forms/form.html"
    formset_template_name = "includes/forms/formset.html"
    field_template_name = "includes/forms/field.html"
    bound_field_class = GovukBoundField
