# ruff: noqa: E501  (tables of input and outcome read better on one line each)
"""Answers: what is missing, what is kept, and how they read."""

from typing import Any

import pytest
import time_machine

from caseforms.questions import answers
from caseforms.questions.answers import InvalidAnswers, MissingAnswer
from caseforms.questions.schema import AnswerType, Question, parse

AGENCY = "6f1c2c0e-58a7-4a4e-9d0a-0d2f1d6f3b11"
NAMES = {AGENCY: "Tarnshire Police"}

FORM = parse(
    {
        "sections": [
            {
                "code": "children",
                "title": "The child or children",
                "repeating": {"item": "child", "min": 1, "max": 2},
                "questions": [
                    {"code": "name", "type": "short_text", "label": "Name", "required_to_submit": True, "identifies": True, "binds_to": "child.name"},
                    {"code": "died", "type": "yes_no", "label": "Has the child died?"},
                    {"code": "died_on", "type": "date", "label": "When?", "required_to_submit": True, "partly_known": True, "shown_when": {"question": "died", "equals": "yes"}, "binds_to": "child.died_on"},
                ],
            },
            {
                "code": "what",
                "title": "What happened",
                "needs": "children",
                "questions": [
                    {"code": "told", "type": "yes_no_partly_unknown", "label": "Was somebody told?", "required_to_submit": True},
                    {"code": "by", "type": "some_of", "label": "By whom?", "options": [{"value": "a", "label": "A nurse"}, {"value": "b", "label": "A teacher"}], "shown_when": {"question": "told", "equals": ["yes", "partly"]}},
                    {"code": "teacher", "type": "short_text", "label": "Which teacher?", "required_to_submit": True, "shown_when": {"question": "by", "equals": "b"}, "binds_to": "case.teacher"},
                    {"code": "at", "type": "datetime", "label": "When?", "binds_to": "case.at"},
                    {"code": "agency", "type": "agency", "label": "Which agency?"},
                ],
            },
        ]
    }
)  # fmt: skip


def gaps(given: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    return [(gap.section, gap.question, gap.item) for gap in answers.missing(FORM, given)]


def test_nothing_answered_lacks_a_child_and_every_required_question_that_shows() -> None:
    assert answers.missing(FORM, {}) == [
        MissingAnswer("children", "", "Add a child"),
        MissingAnswer("what", "told", "Was somebody told?"),
    ]


def test_where_more_than_one_is_wanted_the_next_is_named() -> None:
    schema = parse(
        {"sections": [{"code": "a", "title": "A", "repeating": {"item": "agency", "min": 2},
                       "questions": [{"code": "n", "type": "number", "label": "N"}]}]}
    )  # fmt: skip
    assert [gap.label for gap in answers.missing(schema, {"a": [{"n": 1}]})] == ["Add agency 2"]


def test_each_child_is_asked_for_its_own_answers() -> None:
    given = {"children": [{"name": "One"}, {"died": "yes"}], "what": {"told": {"answer": "no"}}}
    assert gaps(given) == [("children", "name", 2), ("children", "died_on", 2)]


def test_a_hidden_question_is_not_missing() -> None:
    assert gaps({"children": [{"name": "One", "died": "no"}], "what": {"told": {"answer": "no"}}}) == []


def test_a_question_behind_a_hidden_question_is_hidden_too() -> None:
    told = {"told": {"answer": "yes"}, "by": ["b"]}
    assert gaps({"children": [{"name": "One"}], "what": told}) == [("what", "teacher", None)]
    told["told"] = {"answer": "no"}
    assert gaps({"children": [{"name": "One"}], "what": told}) == []


def test_a_comment_alone_is_not_an_answer_but_blanks_are_nothing() -> None:
    given = {"children": [{"name": "  "}], "what": {"told": {"answer": "", "comment": "Perhaps"}}}
    assert gaps(given) == [("children", "name", 1), ("what", "told", None)]


@pytest.mark.parametrize("value", [None, "", " \n", [], {}, {"answer": "", "comment": " "}])
def test_these_are_blank(value: object) -> None:
    assert answers.is_blank(value)


@pytest.mark.parametrize("value", [0, False, "x", ["x"], {"comment": "x"}])
def test_these_are_not_blank(value: object) -> None:
    assert not answers.is_blank(value)


# ---- clean -----------------------------------------------------------------------------------------------------------


def test_clean_keeps_what_shows_and_drops_the_rest() -> None:
    given = {
        "children": [{"name": "One", "died": "no", "died_on": "2026", "colour": "red"}, {"name": " "}],
        "what": {"told": {"answer": "no"}, "by": ["b"], "teacher": "T"},
        "elsewhere": {"x": 1},
    }
    kept = answers.clean(FORM, given)
    assert kept == {"children": [{"name": "One", "died": "no"}], "what": {"told": {"answer": "no"}}}


def test_clean_keeps_a_section_that_was_visited_and_left_empty() -> None:
    assert answers.clean(FORM, {"children": [], "what": {}}) == {"children": [], "what": {}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"children": {"name": "x"}}, "children: has the wrong shape"),
        ({"what": []}, "what: has the wrong shape"),
        ({"children": [{"name": "x"}] * 3}, "children: holds more than 2"),
        ({"children": [{"name": "x"}, {"name": 3}]}, "children 2: name: is not text"),
        ({"what": {"agency": "7f1c2c0e-58a7-4a4e-9d0a-0d2f1d6f3b11"}}, "what: agency: is not an agency of this partnership"),
    ],
)  # fmt: skip
def test_clean_refuses_what_does_not_fit_and_never_repeats_the_answer(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidAnswers) as caught:
        answers.clean(FORM, given, agencies=NAMES)
    assert [str(misfit) for misfit in caught.value.misfits] == [said]


def test_clean_takes_an_agency_of_the_partnership() -> None:
    assert answers.clean(FORM, {"what": {"agency": AGENCY}}, agencies=NAMES) == {"what": {"agency": AGENCY}}


def question(answer_type: str, **more: Any) -> Question:
    entry = {"code": "q", "type": answer_type, "label": "Q"} | more
    return parse({"sections": [{"code": "s", "title": "S", "questions": [entry]}]}).section("s").question("q")


OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
FITS: list[tuple[Question, Any]] = [
    (question("short_text"), "x" * 200),
    (question("long_text"), "línea\n<b>&\u202e😀"),
    (question("yes_no"), "yes"),
    (question("yes_no_partly_unknown"), {"answer": "not_known"}),
    (question("yes_no_partly_unknown"), {"comment": "x" * 2000}),
    (question("one_of", options=OPTIONS), "b"),
    (question("some_of", options=OPTIONS), ["b", "a"]),
    (question("date"), "2024-02-29"),
    (question("date", partly_known=True), "1900"),
    (question("date", partly_known=True), "2100-12"),
    (question("date", not_in_future=True), "2026-11-22"),
    (question("time"), "23:59"),
    (question("datetime"), "2026-11-22T18:10:00+00:00"),
    (question("datetime", not_in_future=True), "2026-11-22T20:00:00+00:00"),
    (question("agency"), AGENCY),
    (question("number"), 0),
    (question("number", minimum=1, maximum=3), 1),
    (question("number", minimum=1, maximum=3), 3),
    (question("rating"), 1),
    (question("rating"), 4),
]
DOES_NOT_FIT: list[tuple[Question, Any]] = [
    (question("short_text"), "x" * 201),
    (question("short_text"), "a\0b"),
    (question("short_text"), 3),
    (question("long_text"), "x" * 10_001),
    (question("yes_no"), "partly"),
    (question("yes_no"), True),
    (question("yes_no_partly_unknown"), "yes"),
    (question("yes_no_partly_unknown"), {"answer": "perhaps"}),
    (question("yes_no_partly_unknown"), {"answer": "yes", "other": "x"}),
    (question("yes_no_partly_unknown"), {"answer": "yes", "comment": "x" * 2001}),
    (question("one_of", options=OPTIONS), "c"),
    (question("one_of", options=OPTIONS), ["a"]),
    (question("some_of", options=OPTIONS), ["a", "c"]),
    (question("some_of", options=OPTIONS), ["a", "a"]),
    (question("some_of", options=OPTIONS), "a-b"),
    (question("some_of", options=OPTIONS), [{}]),
    (question("date"), "2024-02"),
    (question("date"), "2023-02-29"),
    (question("date"), "1899-12-31"),
    (question("date"), "2101-01-01"),
    (question("date"), "22 November 2026"),
    (question("date"), 2026),
    (question("date", partly_known=True), "2026-13"),
    (question("date", partly_known=True), "202"),
    (question("date", not_in_future=True), "2026-11-23"),
    (question("date", not_in_future=True, partly_known=True), "2027"),
    (question("time"), "24:00"),
    (question("time"), "9:30"),
    (question("time"), 930),
    (question("datetime"), "2026-11-22T18:10:00"),
    (question("datetime"), "soon"),
    (question("datetime", not_in_future=True), "2026-11-22T20:00:01+00:00"),
    (question("agency"), "POL"),
    (question("agency"), 7),
    (question("number"), "3"),
    (question("number"), True),
    (question("number"), 3.5),
    (question("number", minimum=1), 0),
    (question("number", maximum=3), 4),
    (question("rating"), 0),
    (question("rating"), 5),
]


@pytest.mark.parametrize(("asked", "value"), FITS)
@time_machine.travel("2026-11-22T20:00:00Z", tick=False)
def test_a_value_that_fits(asked: Question, value: Any) -> None:
    assert answers.problem_with(asked, value) == ""


@pytest.mark.parametrize(("asked", "value"), DOES_NOT_FIT)
@time_machine.travel("2026-11-22T20:00:00Z", tick=False)
def test_a_value_that_does_not_fit_is_named_without_being_repeated(asked: Question, value: Any) -> None:
    said = answers.problem_with(asked, value)
    assert said
    assert str(value) not in said


# ---- summary ---------------------------------------------------------------------------------------------------------


def test_the_summary_reads_as_words_and_shows_no_hidden_question() -> None:
    given = {
        "children": [{"name": "One", "died": "yes", "died_on": "2026-03"}, {"died": "no", "died_on": "2020"}],
        "what": {
            "told": {"answer": "partly", "comment": "By telephone"},
            "by": ["a"],
            "at": "2026-07-01T17:10:00+00:00",
            "agency": AGENCY,
        },
    }
    children, what = answers.summary(FORM, given, agencies=NAMES)
    assert (children.title, children.repeating) == ("The child or children", True)
    assert [item.heading for item in children.items] == ["Child 1", "Child 2"]
    assert [(row.label, row.text) for row in children.items[0].rows] == [
        ("Name", "One"), ("Has the child died?", "Yes"), ("When?", "March 2026"),
    ]  # fmt: skip
    assert [(row.label, row.text, row.answered) for row in children.items[1].rows] == [
        ("Name", "Not provided", False), ("Has the child died?", "No", True),
    ]  # fmt: skip
    assert [row.text for row in what.items[0].rows] == [
        "Partly\nBy telephone", "A nurse", "Wednesday 1 July 2026 at 18:10", "Tarnshire Police",
    ]  # fmt: skip
    assert [row.identifies for row in children.items[0].rows] == [True, False, False]


def test_a_summary_of_nothing_has_every_section_and_no_child() -> None:
    children, what = answers.summary(FORM, {})
    assert children.items == ()
    assert [row.text for row in what.items[0].rows] == ["Not provided"] * 3


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (question("date", partly_known=True), "2026", "2026"),
        (question("date"), "2026-11-02", "2 November 2026"),
        (question("date"), "nonsense", "Not provided"),
        (question("datetime"), "nonsense", "Not provided"),
        (question("time"), "09:30", "09:30"),
        (question("number"), 12, "12"),
        (question("rating"), 3, "3"),
        (question("some_of", options=OPTIONS), ["a", "gone", "b"], "A\nB"),
        (question("one_of", options=OPTIONS), "gone", "Not provided"),
        (question("yes_no_partly_unknown"), {"comment": "Only this"}, "Only this"),
        (question("agency"), AGENCY, "An agency that is no longer listed"),
    ],
)
def test_an_answer_in_words(asked: Question, value: Any, words: str) -> None:
    assert answers.in_words(asked, value) == words


# ---- bound values, status, items -------------------------------------------------------------------------------------


def rows_of(schema: Any, given: dict[str, Any]) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    rows = answers.bound_rows(schema, given)
    return {name: [(row.columns, row.rest) for row in found] for name, found in rows.items()}


def test_bound_answers_are_given_by_row_and_column_and_the_rest_beside_them() -> None:
    given = {
        "children": [{"name": "One", "died": "yes", "died_on": "2026"}, {"died": "no"}],
        "what": {"told": {"answer": "no"}, "at": "2026-07-01T17:10:00+00:00"},
    }
    assert rows_of(FORM, given) == {
        "child": [({"name": "One", "died_on": "2026"}, {"died": "yes"}), ({}, {"died": "no"})],
        "case": [({"at": "2026-07-01T17:10:00+00:00"}, {"told": {"answer": "no"}})],
    }


def test_two_sections_that_bind_to_one_row_fill_the_same_row() -> None:
    questions = [
        {"code": "a", "type": "short_text", "label": "A"},
        {"code": "b", "type": "number", "label": "B"},
    ]
    schema = parse(
        {"sections": [
            {"code": code, "title": "X", "questions": [questions[0] | {"binds_to": f"case.{code}"}, questions[1]]}
            for code in ("one", "two")
        ]}
    )  # fmt: skip
    assert rows_of(schema, {"one": {"a": "1"}, "two": {"a": "2", "b": 3}}) == {
        "case": [({"one": "1", "two": "2"}, {"b": 3})]
    }


def status(code: str, given: dict[str, Any]) -> str:
    return answers.section_status(FORM, code, given)


def test_a_section_goes_from_not_started_to_completed() -> None:
    assert status("children", {}) == "not_started"
    assert status("children", {"children": []}) == "not_started"
    assert status("children", {"children": [{"died": "yes"}]}) == "in_progress"
    assert status("children", {"children": [{"name": "One"}]}) == "completed"


def test_a_section_waits_for_the_one_it_needs_but_never_hides_what_was_answered() -> None:
    assert status("what", {}) == "cannot_start"
    assert status("what", {"children": [{"name": "One"}]}) == "not_started"
    assert status("what", {"what": {"told": {"answer": "no"}}}) == "completed"


def test_every_type_has_a_value_in_the_tables_above() -> None:
    assert {asked.type for asked, _ in FITS} == set(AnswerType) == {asked.type for asked, _ in DOES_NOT_FIT}
