"""A section as a Django form: nothing is required in order to save, but what is typed must fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import format_html

from caseforms.questions.answers import Values, is_blank
from caseforms.questions.fields import (
    AnswerDateField,
    AnswerDateTimeField,
    TextField,
    TimeField,
)
from caseforms.questions.schema import (
    COMMENT_LIMIT,
    AnswerType,
    HasSchema,
    Question,
    Section,
)
from portal.forms import Checkboxes, GovukBoundField, Radios

COMMENT = "__comment"
NUMBER_LIMIT = 1_000_000_000
SHORT_ANSWER = 3  # so many options fit side by side


class QuestionBoundField(GovukBoundField):
    """No field is required here; a label says “(optional)” where submission does not need the answer."""

    @property
    def show_optional(self) -> bool:
        """Whether submission could do without the answer."""
        assert isinstance(self.form, SectionForm)
        return self.name not in self.form.needed


@dataclass(frozen=True, slots=True)
class FormRow:
    """A question with its form fields: one, or two where a comment goes with the answer.

    Where it matters only after a certain answer, `steered_by` is the name of the boxes of that answer as they are
    posted, and `shown_for` the values of them that bring it up.
    """

    question: Question
    fields: tuple[forms.BoundField, ...]
    steered_by: str = ""
    shown_for: str = ""


class SectionForm(forms.Form):
    """The questions of one section; of one item where the section repeats. `answers` after `is_valid()`."""

    bound_field_class = QuestionBoundField

    def __init__(
        self,
        section: Section,
        *,
        data: Mapping[str, Any] | None = None,
        stored: Values | None = None,
        agencies: Mapping[str, str] | None = None,
        prefix: str | None = None,
    ) -> None:
        self.section = section
        self.needed = {question.code for question in section.questions if question.required_to_submit}
        initial = {}
        for question in section.questions:
            initial.update(_initial(question, (stored or {}).get(question.code)))
        super().__init__(data=data, initial=initial, prefix=prefix)
        for question in section.questions:
            self.fields.update(_fields(section, question, agencies or {}))

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, as plain JSON by question code, without blanks. Only after `is_valid()` is true."""
        given = {}
        for question in self.section.questions:
            value = _stored(question, self.cleaned_data)
            if not is_blank(value):
                given[question.code] = value
        return given

    @property
    def rows(self) -> list[FormRow]:
        """The questions in order, each with its fields, for the section template."""
        found = []
        for question in self.section.questions:
            fields = tuple(self[name] for name in _names(question))
            condition = question.shown_when
            steering = self[condition.question].html_name if condition else ""
            found.append(FormRow(question, fields, steering, " ".join(condition.equals) if condition else ""))
        return found


def section_form(
    question_set: HasSchema,
    section_code: str,
    *,
    data: Mapping[str, Any] | None = None,
    initial: Values | None = None,
    agencies: Mapping[str, str] | None = None,
    prefix: str | None = None,
) -> SectionForm:
    """The form for one section. Raises KeyError for a section that the set does not have.

    `initial` holds the stored answers of the section (of one item where it repeats); `agencies` maps the UUID
    of each agency that may be chosen to its name, and is needed wherever an agency question is asked.
    """
    section = question_set.parsed.section(section_code)
    return SectionForm(section, data=data, stored=initial, agencies=agencies, prefix=prefix)


def _names(question: Question) -> list[str]:
    if question.type is AnswerType.YES_NO_PARTLY_UNKNOWN:
        return [question.code, question.code + COMMENT]
    return [question.code]


def _fields(section: Section, question: Question, agencies: Mapping[str, str]) -> dict[str, forms.Field]:
    common: dict[str, Any] = {
        "required": False,
        "label": question.label,
        "help_text": _hint(section, question),
    }
    field: forms.Field
    match question.type:
        case AnswerType.SHORT_TEXT:
            widget = forms.TextInput(attrs={"autocomplete": "off"})
            field = TextField(limit=question.limit, widget=widget, **common)
        case AnswerType.LONG_TEXT:
            rows = 3 if question.limit <= 1000 else 8
            field = TextField(limit=question.limit, widget=forms.Textarea(attrs={"rows": rows}), **common)
        case AnswerType.DATE:
            field = AnswerDateField(
                partly_known=question.partly_known, not_in_future=question.not_in_future, **common
            )
        case AnswerType.DATETIME:
            field = AnswerDateTimeField(not_in_future=question.not_in_future, **common)
        case AnswerType.TIME:
            widget = forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-5"})
            field = TimeField(max_length=20, widget=widget, **common)
        case AnswerType.NUMBER:
            least = -NUMBER_LIMIT if question.minimum is None else question.minimum
            most = NUMBER_LIMIT if question.maximum is None else question.maximum
            said = {
                "invalid": f"“{question.label}” must be a whole number",
                "min_value": f"“{question.label}” must be %(limit_value)s or more",
                "max_value": f"“{question.label}” must be %(limit_value)s or less",
            }
            field = forms.IntegerField(min_value=least, max_value=most, error_messages=said, **common)
            field.widget.attrs["class"] = "govuk-input--width-10"
        case AnswerType.AGENCY:
            choices = [
                ("", "Choose an agency"),
                *sorted(agencies.items(), key=lambda pair: pair[1].casefold()),
            ]
            field = forms.ChoiceField(choices=choices, **common)
        case AnswerType.SOME_OF:
            boxes = Checkboxes(hints=_hints(question))
            field = forms.MultipleChoiceField(choices=_choices(question), widget=boxes, **common)
        case _:
            inline = len(question.choices) <= SHORT_ANSWER and not _hints(question)
            radios = Radios(hints=_hints(question), inline=inline)
            field = forms.ChoiceField(choices=_choices(question), widget=radios, **common)
    fields: dict[str, forms.Field] = {question.code: field}
    if question.type is AnswerType.YES_NO_PARTLY_UNKNOWN:
        area = forms.Textarea(attrs={"rows": 3})
        label = f"Comment on “{question.label}”"
        fields[question.code + COMMENT] = TextField(
            limit=COMMENT_LIMIT, widget=area, required=False, label=label
        )
    return fields


def _choices(question: Question) -> list[tuple[str, str]]:
    return [(option.value, option.label) for option in question.choices]


def _hints(question: Question) -> dict[str, str]:
    return {option.value: option.hint for option in question.choices if option.hint}


def _hint(section: Section, question: Question) -> str:
    """The hint, led by the condition where the question only matters after a certain answer. Where JavaScript runs the
    question waits for that answer (portal/assets/shown.js) and the condition is not said."""
    condition = question.shown_when
    if condition is None:
        return question.hint
    steering = section.question(condition.question)
    labels = [f"“{option.label}”" for option in steering.choices if option.value in condition.equals]
    words = f"Only if you answered {' or '.join(labels)} to “{steering.label}”."
    return format_html('<span class="portal-condition">{}</span> {}', words, question.hint)


def _initial(question: Question, value: Any) -> dict[str, Any]:
    if is_blank(value):
        return {}
    match question.type:
        case AnswerType.YES_NO_PARTLY_UNKNOWN:
            return {question.code: value.get("answer"), question.code + COMMENT: value.get("comment")}
        case AnswerType.RATING:
            return {question.code: str(value)}
        case _:
            return {question.code: value}


def _stored(question: Question, cleaned: Mapping[str, Any]) -> Any:
    value = cleaned.get(question.code)
    match question.type:
        case AnswerType.YES_NO_PARTLY_UNKNOWN:
            parts = {"answer": value, "comment": cleaned.get(question.code + COMMENT)}
            return {name: part for name, part in parts.items() if part}
        case AnswerType.RATING:
            return int(value) if value else None
        case AnswerType.SOME_OF:
            return [option.value for option in question.options if option.value in (value or [])]
        case _:
            return value
