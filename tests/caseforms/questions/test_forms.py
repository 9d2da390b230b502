# ruff: noqa: E501  (tables of input and outcome read better on one line each)
"""A section as a form: anything may be left out, whatever is typed must fit, and what is stored comes back as it was."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from caseforms.questions import answers
from caseforms.questions.forms import SectionForm, section_form
from caseforms.questions.schema import AnswerType, Question, parse
from tests.caseforms.questions.posting import posted

AGENCY = "6f1c2c0e-58a7-4a4e-9d0a-0d2f1d6f3b11"
AGENCIES = {AGENCY: "Tarnshire Police", "0f1c2c0e-58a7-4a4e-9d0a-0d2f1d6f3b22": "Ashby Schools"}
OPTIONS = [{"value": value, "label": value.upper(), "hint": ""} for value in ("a", "b", "c", "d")]

EVERYTHING = parse(
    {
        "sections": [
            {
                "code": "all",
                "title": "Everything",
                "questions": [
                    {
                        "code": "short_text",
                        "type": "short_text",
                        "label": "Short",
                        "required_to_submit": True,
                    },
                    {"code": "long_text", "type": "long_text", "label": "Long"},
                    {"code": "yes_no", "type": "yes_no", "label": "Yes or no?"},
                    {"code": "partly", "type": "yes_no_partly_unknown", "label": "Partly?"},
                    {"code": "one_of", "type": "one_of", "label": "One", "options": OPTIONS},
                    {"code": "some_of", "type": "some_of", "label": "Some", "options": OPTIONS},
                    {"code": "whole_date", "type": "date", "label": "Day"},
                    {"code": "part_date", "type": "date", "label": "About when", "partly_known": True},
                    {"code": "past_date", "type": "date", "label": "Past day", "not_in_future": True},
                    {"code": "time", "type": "time", "label": "Time"},
                    {"code": "moment", "type": "datetime", "label": "Moment", "not_in_future": True},
                    {"code": "agency", "type": "agency", "label": "Agency"},
                    {"code": "number", "type": "number", "label": "Number", "minimum": -3, "maximum": 12},
                    {"code": "rating", "type": "rating", "label": "Rating"},
                    {
                        "code": "then",
                        "type": "short_text",
                        "label": "Then",
                        "hint": "In a word",
                        "shown_when": {"question": "yes_no", "equals": "yes"},
                    },
                ],
            }
        ]
    }
)
SECTION = EVERYTHING.section("all")


def form_of(data: dict[str, Any] | None = None, **more: Any) -> SectionForm:
    """The form of the section with every type of question, as the browser's post reaches it."""
    if data is not None:
        query = QueryDict(mutable=True)
        for name, value in data.items():
            query.setlist(name, value if isinstance(value, list) else [value])
        return section_form(EVERYTHING, "all", data=query, agencies=AGENCIES, **more)
    return section_form(EVERYTHING, "all", agencies=AGENCIES, **more)


def test_nothing_at_all_can_be_saved() -> None:
    form = form_of({})
    assert form.is_valid()
    assert form.answers == {}


def test_blanks_are_not_answers() -> None:
    form = form_of(
        {"short_text": "  ", "partly": "", "partly__comment": "\r\n", "part_date_day": " ", "number": ""}
    )
    assert form.is_valid()
    assert form.answers == {}


def test_nought_is_an_answer() -> None:
    form = form_of({"number": "0"})
    assert form.is_valid()
    assert form.answers == {"number": 0}


def test_a_label_says_optional_where_submission_does_not_need_the_answer() -> None:
    form = form_of()
    assert "(optional)" not in str(form["short_text"].as_field_group())
    assert "Long (optional)" in str(form["long_text"].as_field_group())


def test_a_conditional_question_says_when_it_matters() -> None:
    condition = '<span class="portal-condition">Only if you answered “Yes” to “Yes or no?”.</span>'
    assert form_of()["then"].help_text == f"{condition} In a word"


def test_the_browser_is_asked_not_to_remember_short_answers() -> None:
    assert 'autocomplete="off"' in str(form_of()["short_text"])


def test_agencies_are_offered_by_name_and_no_other_can_be_posted() -> None:
    page = str(form_of()["agency"])
    assert page.index("Ashby Schools") < page.index("Tarnshire Police")
    form = form_of({"agency": "7f1c2c0e-58a7-4a4e-9d0a-0d2f1d6f3b33"})
    assert not form.is_valid()


def test_an_unknown_section_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        section_form(EVERYTHING, "elsewhere")


def test_what_was_posted_under_other_names_is_not_kept() -> None:
    form = form_of({"short_text": "x", "colour": "red", "case": "1"})
    assert form.is_valid()
    assert form.answers == {"short_text": "x"}


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("short_text", {"short_text": "x" * 201}, "“Short” must be 200 characters or fewer. You have typed 201"),
    ("short_text", {"short_text": "x" * 100_000}, "“Short” must be 200 characters or fewer. You have typed 100000"),
    ("long_text", {"long_text": "x" * 100_000}, "“Long” must be 10000 characters or fewer. You have typed 100000"),
    ("short_text", {"short_text": "a\0b"}, "Null characters are not allowed."),
    ("long_text", {"long_text": "a\0b"}, "Null characters are not allowed."),
    ("partly__comment", {"partly__comment": "x" * 2001}, "“Comment on “Partly?”” must be 2000 characters or fewer. You have typed 2001"),
    ("yes_no", {"yes_no": "maybe"}, "Select a valid choice. maybe is not one of the available choices."),
    ("partly", {"partly": "1"}, "Select a valid choice. 1 is not one of the available choices."),
    ("one_of", {"one_of": "z"}, "Select a valid choice. z is not one of the available choices."),
    ("some_of", {"some_of": "z"}, "Select a valid choice. z is not one of the available choices."),
    ("rating", {"rating": "5"}, "Select a valid choice. 5 is not one of the available choices."),
    ("number", {"number": "a dozen"}, "“Number” must be a whole number"),
    ("number", {"number": "1.5"}, "“Number” must be a whole number"),
    ("number", {"number": "9" * 5000}, "“Number” must be a whole number"),
    ("number", {"number": "13"}, "“Number” must be 12 or less"),
    ("number", {"number": "-4"}, "“Number” must be -3 or more"),
    ("time", {"time": "25:00"}, "The time must be like 18:10 or 6:10pm"),
    ("time", {"time": "noon"}, "The time must be like 18:10 or 6:10pm"),
    ("whole_date", {"whole_date_year": "2026"}, "The date must include a day and a month"),
    ("whole_date", {"whole_date_day": "31", "whole_date_month": "2", "whole_date_year": "2026"}, "The date must be a real date, like 27 3 2026"),
    ("whole_date", {"whole_date_day": "1", "whole_date_month": "2", "whole_date_year": "26"}, "The date must have a year with 4 numbers, like 2026"),
    ("whole_date", {"whole_date_day": "1", "whole_date_month": "2", "whole_date_year": "1026"}, "The date must have a year between 1900 and 2100"),
    ("part_date", {"part_date_month": "2"}, "The date must include a day and a year"),
    ("part_date", {"part_date_day": "2", "part_date_year": "2026"}, "The date must include a month"),
    ("part_date", {"part_date_month": "13", "part_date_year": "2026"}, "The date must be a real date, like 27 3 2026"),
    ("part_date", {"part_date_year": "١٩٩٩"}, "The date must have a year with 4 numbers, like 2026"),
    ("past_date", {"past_date_day": "23", "past_date_month": "11", "past_date_year": "2026"}, "The date must be today or in the past"),
    ("moment", {"moment_day": "22", "moment_month": "11", "moment_year": "2026"}, "The date must include a time, like 18:10"),
    ("moment", {"moment_day": "22", "moment_month": "11", "moment_year": "2026", "moment_time": "20:01"}, "The date must be in the past"),
    ("moment", {"moment_day": "1", "moment_month": "1", "moment_year": "1899", "moment_time": "10:00"}, "The date must have a year between 1900 and 2100"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "data", "said"), WRONG)
@time_machine.travel("2026-11-22T20:00:00Z", tick=False)
def test_what_does_not_fit_is_said_beside_the_field_and_shown_again_as_typed(
    field: str, data: dict[str, str], said: str
) -> None:
    form = form_of(data | {"then": "kept as well"})
    assert not form.is_valid()
    assert form.errors == {field: [said]}
    page = "".join(str(part.as_field_group()) for row in form.rows for part in row.fields)
    assert said.removeprefix("The date") in unescape(page)
    assert "kept as well" in page
    [typed] = list(data.values())[-1:]
    if "\0" not in typed and field not in ("yes_no", "partly", "one_of", "some_of", "rating"):
        assert typed in page


NAUGHTY = [
    "<script>alert(1)</script>", "'; DROP TABLE cases; --", "=1+1", "\u202etest\u202c", "\ufeff", "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい",
    "👩‍👩‍👧‍👦", "%s%n{0}{{ x }}{% x %}", "../../../etc/passwd", "null", "-1E+02", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤", "\u2028\u2029", "a\tb", "\x1b[31m",
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_strange_text_is_kept_as_it_is_and_shown_as_text(text: str) -> None:
    form = form_of({"long_text": f"x{text}x", "partly__comment": f"x{text}x"})
    assert form.is_valid()
    assert form.answers == {"long_text": f"x{text}x", "partly": {"comment": f"x{text}x"}}
    again = form_of(initial=form.answers)
    assert "<script>" not in str(again["long_text"])
    assert json.loads(json.dumps(form.answers)) == form.answers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (question.code, value)
        for question in SECTION.questions
        for value in NAUGHTY
        if question.code != "then"
    ],
)
def test_strange_text_in_any_box_is_an_answer_or_an_error_and_never_a_fault(name: str, value: str) -> None:
    boxes = [name, f"{name}_day", f"{name}_month", f"{name}_year", f"{name}_time", f"{name}__comment"]
    form = form_of(dict.fromkeys(boxes, value))
    if form.is_valid():
        for question in SECTION.questions:
            if question.code in form.answers:
                assert answers.problem_with(question, form.answers[question.code], agencies=AGENCIES) == ""
    else:
        assert set(form.errors) <= {name, f"{name}__comment"}


def test_lines_are_counted_as_the_page_counts_them() -> None:
    form = form_of({"long_text": "x\r\n" * 4000 + "y"})
    assert form.is_valid()
    assert form.answers["long_text"] == "x\n" * 4000 + "y"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("18:10", "18:10"), ("1810", "18:10"), ("6.10pm", "18:10"), ("9am", "09:00"), ("00:00", "00:00")],
)
def test_a_time_is_understood_in_several_spellings(typed: str, stored: str) -> None:
    form = form_of({"time": typed})
    assert form.is_valid()
    assert form.answers == {"time": stored}


@pytest.mark.parametrize(
    ("boxes", "stored"),
    [
        (("", "", "2019"), "2019"),
        (("", "5", "2019"), "2019-05"),
        (("", "May", "2019"), "2019-05"),
        (("3", "5", "2019"), "2019-05-03"),
    ],
)
def test_a_date_may_be_known_in_part(boxes: tuple[str, str, str], stored: str) -> None:
    form = form_of(
        {f"part_date_{box}": value for box, value in zip(("day", "month", "year"), boxes, strict=True)}
    )
    assert form.is_valid()
    assert form.answers == {"part_date": stored}


@time_machine.travel("2026-11-22T20:00:00Z", tick=False)
def test_this_year_is_not_in_the_future_where_only_the_year_is_known() -> None:
    schema = parse(
        {"sections": [{"code": "s", "title": "S", "questions": [
            {"code": "q", "type": "date", "label": "Q", "partly_known": True, "not_in_future": True}]}]}
    )  # fmt: skip
    assert section_form(schema, "s", data={"q_year": "2026"}).is_valid()
    assert not section_form(schema, "s", data={"q_year": "2027"}).is_valid()


def test_the_boxes_show_a_stored_moment_in_local_time() -> None:
    boxes = str(form_of(initial={"moment": "2026-07-01T17:10:00+00:00"})["moment"].as_field_group())
    assert 'value="18:10"' in boxes


# ---- Round trips: whatever fits is stored, shown in the boxes, posted again, and comes back the same --------------------

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1)
day = st.dates(min_value=datetime(1900, 1, 1).date(), max_value=datetime(2100, 12, 31).date()).map(str)


def fitting(question: Question) -> st.SearchStrategy[Any]:
    """Any stored answer that fits the question, in the form in which answers are stored."""
    stripped = text.map(str.strip).filter(bool)
    one = st.sampled_from([option.value for option in question.choices] or [""])
    match question.type:
        case AnswerType.SHORT_TEXT | AnswerType.LONG_TEXT:
            return stripped.filter(lambda value: len(value) <= question.limit)
        case AnswerType.YES_NO | AnswerType.ONE_OF:
            return one
        case AnswerType.YES_NO_PARTLY_UNKNOWN:
            both = st.fixed_dictionaries(
                {}, optional={"answer": one, "comment": stripped.filter(lambda v: len(v) < 2000)}
            )
            return both.filter(bool)
        case AnswerType.SOME_OF:
            codes = [option.value for option in question.options]
            return st.sets(one, min_size=1).map(lambda chosen: sorted(chosen, key=codes.index))
        case AnswerType.DATE:
            lengths = (4, 7, 10) if question.partly_known else (10,)
            known = st.tuples(day, st.sampled_from(lengths)).map(lambda pair: pair[0][: pair[1]])
            return known.filter(lambda value: answers.problem_with(question, value) == "")
        case AnswerType.TIME:
            return st.times().map(lambda value: value.strftime("%H:%M"))
        case AnswerType.DATETIME:
            last = timezone.now() - timedelta(minutes=1)
            moments = st.datetimes(datetime(1980, 1, 2), last.replace(tzinfo=None), timezones=st.just(UTC))
            return moments.map(answers.write_datetime)
        case AnswerType.AGENCY:
            return st.sampled_from(sorted(AGENCIES))
        case AnswerType.NUMBER:
            return st.integers(question.minimum, question.maximum)
        case AnswerType.RATING:
            return st.integers(1, 4)


any_answers = st.fixed_dictionaries(
    {}, optional={question.code: fitting(question) for question in SECTION.questions}
)


def _clocks_go_back(value: str) -> bool:
    moment = answers.read_datetime(value)
    assert moment is not None
    local = timezone.localtime(moment)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@settings(deadline=None, max_examples=150)
@given(any_answers)
def test_stored_answers_survive_being_shown_and_posted(stored: dict[str, Any]) -> None:
    # The hour that October has twice is typed the same both times, so only its first reading can come back.
    assume("moment" not in stored or not _clocks_go_back(stored["moment"]))
    form = form_of(posted(SECTION, stored))
    assert form.is_valid(), form.errors
    assert form.answers == stored


@settings(deadline=None, max_examples=150)
@given(any_answers)
def test_what_the_page_shows_is_what_was_stored(stored: dict[str, Any]) -> None:
    shown = form_of(initial=stored)
    data: dict[str, Any] = {}
    for field in shown:
        widget = field.field.widget
        value = field.value()
        boxes = getattr(widget, "boxes", None)
        if boxes is not None:
            data |= {box["name"]: box["value"] for box in boxes(field.html_name, value, "")}
        elif value is not None:
            data[field.html_name] = value
    assume("moment" not in stored or not _clocks_go_back(stored["moment"]))
    again = form_of(data)
    assert again.is_valid(), again.errors
    assert again.answers == stored


@settings(deadline=None, max_examples=150)
@given(any_answers)
def test_whatever_a_form_accepts_the_last_gate_accepts(stored: dict[str, Any]) -> None:
    form = form_of(posted(SECTION, stored))
    assert form.is_valid()
    kept = answers.clean(EVERYTHING, {"all": form.answers}, agencies=AGENCIES)["all"]
    hidden = set() if stored.get("yes_no") == "yes" else {"then"}
    assert kept == {code: value for code, value in stored.items() if code not in hidden}
    assert json.loads(json.dumps(kept)) == kept
