"""What people meet when they fill in a form: labels, hints, errors in words, and nothing typed lost."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup, Tag
from django import forms
from django.http import QueryDict

from portal.forms import (
    Checkboxes,
    DateField,
    DateTimeField,
    Radios,
    TypedDate,
    not_in_the_future,
    not_in_the_past,
)


class ReferralForm(forms.Form):
    manager = forms.CharField(label="Your line manager", help_text="The one whom you spoke to", max_length=40)
    email = forms.EmailField(label="E-mail address", required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    children = forms.IntegerField(label="How many children?", min_value=1)
    story = forms.CharField(label="What happened", widget=forms.Textarea, max_length=2000)
    agency = forms.ChoiceField(label="Lead agency", choices=[("", "---------"), ("p", "Police")])
    kind = forms.ChoiceField(
        label="Kind of review",
        choices=[("r", "Practice review"), ("o", "Other")],
        widget=Radios(hints={"r": "Chapter 4"}),
    )
    involved = forms.MultipleChoiceField(
        label="Agencies involved",
        choices=[("p", "Police"), ("h", "Health")],
        widget=Checkboxes(hints={"h": "Any provider"}),
        required=False,
    )
    agreed = forms.BooleanField(label="I have read section 4.2", help_text="It takes two minutes")
    born = DateField(label="Date of birth", help_text="For example, 27 3 2018")
    consulted = DateTimeField(label="When did you consult?")
    proof = forms.FileField(label="Letter", required=False, widget=forms.FileInput)
    source = forms.CharField(widget=forms.HiddenInput, initial="manual")


def drawn(form: forms.BaseForm) -> BeautifulSoup:
    return BeautifulSoup(str(form), "html.parser")


def group(form: forms.BaseForm, name: str) -> Tag:
    """The form group of one field, as `{{ field.as_field_group }}` draws it."""
    found = BeautifulSoup(form[name].as_field_group(), "html.parser").select_one(".govuk-form-group")
    assert found is not None
    return found


def posted(**boxes: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(boxes)
    return data


def one(tag: Any, selector: str) -> Tag:
    found = tag.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


# ---- What is drawn ---------------------------------------------------------------------


def test_a_whole_form_draws_every_field_once_and_hidden_ones_without_a_label() -> None:
    page = drawn(ReferralForm())
    labels = [tag.get_text(strip=True) for tag in page.select("label.govuk-label--s, legend")]
    assert labels == [
        "Your line manager", "E-mail address (optional)", "Password", "How many children?", "What happened",
        "Lead agency", "Kind of review", "Agencies involved (optional)", "Date of birth",
        "When did you consult?", "Letter (optional)",
    ]  # fmt: skip
    assert one(page, "input[name=source]")["type"] == "hidden"
    assert len(page.select("label[for=id_source]")) == 0


def test_every_id_is_unique_and_every_reference_leads_somewhere() -> None:
    page = drawn(ReferralForm(posted(born_day="3")))
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    referred = [
        ref for tag in page.select("[aria-describedby]") for ref in str(tag["aria-describedby"]).split()
    ]
    referred += [str(tag["for"]) for tag in page.select("label[for]")]
    assert set(referred) <= set(ids)


def test_hint_and_error_are_tied_to_the_control() -> None:
    box = one(group(ReferralForm(posted()), "manager"), "input")
    assert str(box["aria-describedby"]).split() == ["id_manager_helptext", "id_manager_error"]
    assert "govuk-input--error" in box["class"]
    assert "aria-describedby" not in one(group(ReferralForm(), "email"), "input").attrs


def test_a_group_of_choices_has_a_legend_and_its_hints_and_no_label_for_the_whole() -> None:
    kind = group(ReferralForm(), "kind")
    assert one(kind, "legend").get_text(strip=True) == "Kind of review"
    assert one(kind, "#id_kind_0")["aria-describedby"] == "id_kind_0_hint"
    assert one(kind, "#id_kind_0_hint").get_text() == "Chapter 4"
    assert "aria-describedby" not in one(kind, "#id_kind_1").attrs
    involved = group(ReferralForm(posted(involved="h")), "involved")
    assert one(involved, "input[checked]")["value"] == "h"


def test_inline_radios_and_a_single_checkbox() -> None:
    class Ask(forms.Form):
        safe = forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=Radios(inline=True))
        told = forms.BooleanField(label="I have told the family", required=False)

    one(group(Ask(), "safe"), ".govuk-radios--inline")
    told = group(Ask(posted(told="on")), "told")
    assert "checked" in one(told, "input").attrs
    assert "(optional)" not in told.get_text()
    assert len(told.select("fieldset")) == 0


def test_dashes_of_a_select_become_words_and_those_of_radios_vanish() -> None:
    class Ask(forms.Form):
        rating = forms.ChoiceField(choices=[("", "---------"), ("1", "Good")], widget=Radios())

    assert [tag.get_text() for tag in group(ReferralForm(), "agency").select("option")] == [
        "Choose one",
        "Police",
    ]
    assert len(group(Ask(), "rating").select("input")) == 1


def test_a_password_is_never_drawn_with_its_value() -> None:
    secret = group(ReferralForm(posted(secret="correct horse")), "secret")
    assert "correct horse" not in str(secret)
    assert one(secret, "button")["aria-controls"] == "id_secret"


def test_long_texts_are_counted_and_never_cut_off_by_the_browser() -> None:
    story = group(ReferralForm(), "story")
    assert story["data-maxlength"] == "2000"
    assert "maxlength" not in one(story, "textarea").attrs
    assert "maxlength" not in one(group(ReferralForm(), "manager"), "input").attrs


def test_a_number_is_typed_as_text_with_a_numeric_keyboard() -> None:
    box = one(group(ReferralForm(posted(children="two")), "children"), "input")
    assert (box["type"], box["inputmode"], box["value"]) == ("text", "numeric", "two")
    assert "min" not in box.attrs


def test_a_class_asked_for_by_the_form_is_kept() -> None:
    class Ask(forms.Form):
        code = forms.CharField(widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}))

    assert one(group(Ask(), "code"), "input")["class"] == ["govuk-input", "govuk-input--width-5"]


def test_a_search_does_not_call_its_fields_optional() -> None:
    class Search(forms.Form):
        mark_optional = False
        q = forms.CharField(label="Search", required=False)

    assert "(optional)" not in str(group(Search(), "q"))


def test_what_is_typed_is_escaped() -> None:
    page = str(
        ReferralForm(posted(manager='"><script>x</script>', born_day='"><script>', story="</textarea>"))
    )
    assert "<script>" not in page
    assert "</textarea></textarea>" not in page


def test_the_browsers_own_validation_is_left_out() -> None:
    assert len(drawn(ReferralForm()).select("[required]")) == 0


# ---- Errors in words -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("manager", "Enter your line manager"),
        ("children", "Answer “How many children?”"),
        ("agency", "Select lead agency"),
        ("kind", "Select kind of review"),
        ("agreed", "Tick “I have read section 4.2” to go on"),
        ("born", "Enter date of birth"),
    ],
)
def test_a_missing_answer_is_named(name: str, words: str) -> None:
    field: Any = ReferralForm(posted())[name]
    assert field.error_messages == [words]
    assert "This field is required" not in field.as_field_group()


def test_an_abbreviation_keeps_its_capitals() -> None:
    class Ask(forms.Form):
        number = forms.CharField(label="NHS number")

    field: Any = Ask(posted())["number"]
    assert field.error_messages == ["Enter NHS number"]


def test_a_forms_own_words_win() -> None:
    class Ask(forms.Form):
        reason = forms.CharField(error_messages={"required": "Say why the date moves"})

    field: Any = Ask(posted())["reason"]
    assert field.error_messages == ["Say why the date moves"]


def test_errors_of_the_form_as_a_whole_are_drawn() -> None:
    class Ask(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("A colleague has just changed this")

    assert "A colleague has just changed this" in str(Ask(posted()))


def test_a_line_of_the_summary_leads_to_the_first_box_at_fault() -> None:
    form: Any = ReferralForm(posted(born_day="3", born_month="2", consulted_day="3"))
    assert form["born"].error_target == "id_born_year"
    assert form["consulted"].error_target == "id_consulted_month"
    assert form["kind"].error_target == "id_kind_0"
    assert form["manager"].error_target == "id_manager"


# ---- Dates -----------------------------------------------------------------------------


class DateForm(forms.Form):
    due = DateField(label="Due date")


@pytest.mark.parametrize("month", ["12", "Dec", "december", "DECEMBER"])
def test_a_month_is_typed_as_a_number_or_a_name(month: str) -> None:
    form = DateForm(posted(due_day="4", due_month=month, due_year="2026"))
    assert form.is_valid()
    assert form.cleaned_data["due"] == date(2026, 12, 4)


@pytest.mark.parametrize(
    ("boxes", "words", "wrong"),
    [
        ({"due_day": "4"}, "Due date must include a month and a year", ["due_month", "due_year"]),
        ({"due_month": "12", "due_year": "2026"}, "Due date must include a day", ["due_day"]),
        (
            {"due_day": "4", "due_month": "12", "due_year": "26"},
            "Due date must have a year with 4 numbers, like 2026",
            ["due_year"],
        ),
        (
            {"due_day": "31", "due_month": "2", "due_year": "2026"},
            "Due date must be a real date, like 27 3 2026",
            ["due_day", "due_month", "due_year"],
        ),
        (
            {"due_day": "٣", "due_month": "Smarch", "due_year": "2026"},
            "Due date must be a real date, like 27 3 2026",
            ["due_day", "due_month", "due_year"],
        ),
        (
            {"due_day": "1", "due_month": "1", "due_year": "0000"},
            "Due date must have a year with 4 numbers, like 2026",
            ["due_year"],
        ),
    ],
)
def test_a_bad_date_says_what_to_correct_and_keeps_what_was_typed(
    boxes: dict[str, str], words: str, wrong: list[str]
) -> None:
    form: Any = DateForm(posted(**boxes))
    assert not form.is_valid()
    assert form["due"].error_messages == [words]
    drawn_group = group(form, "due")
    assert [tag["name"] for tag in drawn_group.select("input.govuk-input--error")] == wrong
    for name, text in boxes.items():
        assert one(drawn_group, f"input[name={name}]")["value"] == text


def test_a_question_and_its_error_read_as_two_sentences() -> None:
    class Ask(forms.Form):
        seen = DateField(label="When was the child last seen?")

    form: Any = Ask(posted(seen_day="3"))
    assert form["seen"].error_messages == [
        "When was the child last seen? The date must include a month and a year"
    ]


def test_an_optional_date_may_stay_empty() -> None:
    class Ask(forms.Form):
        seen = DateField(required=False)

    form = Ask(posted(seen_day=" ", seen_month="", seen_year=""))
    assert form.is_valid()
    assert form.cleaned_data["seen"] is None


@pytest.mark.parametrize("initial", [date(2026, 12, 4), "2026-12-04", datetime(2026, 12, 4, 9, tzinfo=UTC)])
def test_a_known_date_is_shown_in_its_boxes_and_counts_as_unchanged(initial: object) -> None:
    form = DateForm(initial={"due": initial})
    assert [tag["value"] for tag in group(form, "due").select("input")] == ["4", "12", "2026"]
    if not isinstance(initial, datetime):
        same = DateForm(posted(due_day="4", due_month="12", due_year="2026"), initial={"due": initial})
        assert not same.has_changed()


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ("2026-02", ["", "2", "2026"]),
        ("2026", ["", "", "2026"]),
        ("last spring", ["last spring", "", ""]),
        ("2026-13-01", ["2026-13-01", "", ""]),
    ],
)
def test_a_partly_known_date_is_shown_as_far_as_it_is_known(known: str, shown: list[str]) -> None:
    boxes = group(DateForm(initial={"due": known}), "due").select("input")
    assert [box["value"] for box in boxes] == shown


def test_a_form_with_a_prefix_keeps_its_boxes_apart() -> None:
    form = DateForm(posted(**{"a-due_day": "4", "a-due_month": "12", "a-due_year": "2026"}), prefix="a")
    assert form.is_valid()
    assert one(group(form, "due"), "input[name=a-due_day]")["id"] == "id_a-due_day"


class MomentForm(forms.Form):
    at = DateTimeField(label="Date and time of consultation")


def moment(time: str, day: str = "22", month: str = "6") -> Any:
    return MomentForm(posted(at_day=day, at_month=month, at_year="2026", at_time=time))


@pytest.mark.parametrize("typed", ["18:10", "18.10", "1810", "6:10pm", "6.10 PM"])
def test_a_time_may_be_typed_in_the_usual_ways_and_is_local_time(typed: str) -> None:
    form = moment(typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["at"] == datetime(2026, 6, 22, 17, 10, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "hour"), [("12am", 0), ("12pm", 12), ("6am", 6), ("00:00", 0)])
def test_noon_and_midnight(typed: str, hour: int) -> None:
    form = moment(typed, month="12")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["at"] == datetime(2026, 12, 22, hour, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["25:00", "18:60", "13pm", "0am", "6", "noon", "18:1", "١٨:١٠"])
def test_a_time_that_is_none_is_refused_and_kept(typed: str) -> None:
    form = moment(typed)
    assert not form.is_valid()
    assert form["at"].error_messages == ["The time must be like 18:10 or 6:10pm"]
    assert one(group(form, "at"), "#id_at_time")["value"] == typed
    assert form["at"].error_target == "id_at_time"


def test_a_date_without_its_time_is_refused() -> None:
    form = moment("")
    assert form["at"].error_messages == ["Date and time of consultation must include a time, like 18:10"]


def test_an_hour_that_the_clocks_skip_is_refused_and_one_that_comes_twice_is_taken() -> None:
    skipped = moment("01:30", day="29", month="3")
    assert skipped["at"].error_messages == ["This time did not exist: the clocks went forward that night"]
    twice = moment("01:30", day="25", month="10")
    assert twice.is_valid()
    assert twice.cleaned_data["at"].astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_known_moment_is_shown_in_local_time() -> None:
    form = MomentForm(initial={"at": datetime(2026, 6, 22, 17, 10, tzinfo=UTC)})
    assert [tag["value"] for tag in group(form, "at").select("input")] == ["22", "6", "2026", "18:10"]


@time_machine.travel("2026-11-22T12:00:00Z", tick=False)
def test_what_has_happened_lies_in_the_past_and_a_deadline_does_not() -> None:
    not_in_the_future(date(2026, 11, 22))
    not_in_the_past(date(2026, 11, 22))
    not_in_the_future(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    for late in (date(2026, 11, 23), datetime(2026, 11, 22, 12, 1, tzinfo=UTC)):
        with pytest.raises(forms.ValidationError, match="today or in the past"):
            not_in_the_future(late)
    for early in (date(2026, 11, 21), datetime(2026, 11, 22, 11, 59, tzinfo=UTC)):
        with pytest.raises(forms.ValidationError, match="today or in the future"):
            not_in_the_past(early)


def test_the_posted_boxes_are_what_the_field_cleans() -> None:
    assert DateField().clean(TypedDate("4", "12", "2026")) == date(2026, 12, 4)
    with pytest.raises(forms.ValidationError):
        DateField().clean(TypedDate("4"))
