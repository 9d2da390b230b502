# ruff: noqa: E501  (tables of input and outcome read better on one line each)
"""A question set is read whole or refused with every fault named."""

from copy import deepcopy
from typing import Any

import pytest

from caseforms.questions.schema import (
    LONG_TEXT_LIMIT,
    AnswerType,
    Schema,
    SchemaError,
    parse,
    validate_successor,
)


def small(**changes: Any) -> dict[str, Any]:
    """A question set of one section and one question, the question changed as asked."""
    question = {"code": "place", "type": "short_text", "label": "Where?"} | changes
    return {"sections": [{"code": "what", "title": "What happened", "questions": [question]}]}


def with_section(**changes: Any) -> dict[str, Any]:
    """The same, the section changed as asked."""
    data = small()
    data["sections"][0] |= changes
    return data


def problems_of(data: object) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        parse(data)
    return caught.value.problems


def test_a_set_is_read_into_sections_and_questions() -> None:
    schema = parse(small(hint="A street", required_to_submit=True, identifies=True, binds_to="case.place"))
    question = schema.section("what").question("place")
    assert (question.type, question.label, question.hint) == (AnswerType.SHORT_TEXT, "Where?", "A street")
    assert question.required_to_submit
    assert question.identifies
    assert [(section.code, bound.binds_to) for section, bound in schema.bound()] == [("what", "case.place")]


def test_a_question_is_optional_unbound_and_tells_nothing_unless_the_set_says_so() -> None:
    question = parse(small()).section("what").question("place")
    assert not question.required_to_submit
    assert not question.identifies
    assert not question.binds_to
    assert question.shown_when is None
    assert question.limit == 200


def test_an_unknown_section_or_question_is_a_key_error() -> None:
    schema = parse(small())
    with pytest.raises(KeyError):
        schema.section("elsewhere")
    with pytest.raises(KeyError):
        schema.section("what").question("elsewhere")


@pytest.mark.parametrize("answer_type", sorted(set(AnswerType) - {AnswerType.ONE_OF, AnswerType.SOME_OF}))
def test_every_type_that_needs_no_options_is_known(answer_type: AnswerType) -> None:
    assert parse(small(type=answer_type.value)).section("what").question("place").type is answer_type


@pytest.mark.parametrize(
    ("answer_type", "values"),
    [
        ("yes_no", ["yes", "no"]),
        ("yes_no_partly_unknown", ["yes", "no", "partly", "not_known"]),
        ("rating", ["1", "2", "3", "4"]),
        ("long_text", []),
    ],
)
def test_the_fixed_choices_of_a_type(answer_type: str, values: list[str]) -> None:
    question = parse(small(type=answer_type)).section("what").question("place")
    assert [option.value for option in question.choices] == values


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "a question set is an object with “sections”"),
        ([], "a question set is an object with “sections”"),
        ({}, "question set: has no sections"),
        ({"sections": "x"}, "question set: “sections” is not a list"),
        ({"sections": [3]}, "section 1: is not an object"),
        ({"sections": [], "colour": 1}, "question set: does not know “colour”"),
        (with_section(code="What"), "section 1: the code “What” may hold only small letters, digits and single hyphens, 50 at most"),
        (with_section(code="a" * 51), f"section 1: the code “{'a' * 51}” may hold only small letters, digits and single hyphens, 50 at most"),
        (with_section(code=""), "section 1: “code” is missing"),
        (with_section(title=" "), "what: “title” is missing"),
        (with_section(title=3), "what: “title” is not text"),
        (with_section(questions=[]), "what: has no questions"),
        (with_section(questions=["x"]), "what: question 1: is not an object"),
        (with_section(needs="later"), "what: needs “later”, which is not an earlier section"),
        (with_section(needs="what"), "what: needs “what”, which is not an earlier section"),
        (with_section(repeating=[]), "what: “repeating” is an object with “item”, “min” and “max”"),
        (with_section(repeating={"item": ""}), "what: repeating: “item” is missing"),
        (with_section(repeating={"item": "child", "min": 3, "max": 2}), "what: repeating: “min” and “max” must be in order and at most 50"),
        (with_section(repeating={"item": "child", "max": 51}), "what: repeating: “min” and “max” must be in order and at most 50"),
        (with_section(repeating={"item": "child", "min": -1}), "what: repeating: “min” and “max” must be in order and at most 50"),
        (with_section(repeating={"item": "child", "min": True}), "what: repeating: “min” is not a whole number"),
        (with_section(colour=1), "what: does not know “colour”"),
        (small(code="2x"), "what: question 1: the code “2x” may hold only small letters, digits and single underscores, 50 at most"),
        (small(code="a__comment"), "what: question 1: the code “a__comment” may hold only small letters, digits and single underscores, 50 at most"),
        (small(label=""), "what: place: “label” is missing"),
        (small(required_to_submit="yes"), "what: place: “required_to_submit” is true or false"),
        (small(identifies=1), "what: place: “identifies” is true or false"),
        (small(binds_to="place"), "what: place: “binds_to” reads “row.column”, such as child.dob"),
        (small(binds_to="case.place\n"), "what: place: “binds_to” reads “row.column”, such as child.dob"),
        (small(options=[]), "what: place: a short_text question has no options"),
        (small(type="one_of"), "what: place: has too few options to choose from"),
        (small(type="one_of", options=[{"value": "a", "label": "A"}]), "what: place: has too few options to choose from"),
        (small(type="some_of", options=[]), "what: place: has too few options to choose from"),
        (small(type="some_of", options=["a"]), "what: place: an option is an object with “value” and “label”"),
        (small(type="some_of", options=[{"value": "a", "label": ""}]), "what: place: option: “label” is missing"),
        (small(type="some_of", options=[{"value": "a b", "label": "A"}]), "what: place: the option value “a b” may hold only small letters, digits and _"),
        (small(type="some_of", options=[{"value": "a", "label": "A"}] * 2), "what: place: two options have the value “a”"),
        (small(partly_known=True), "what: place: only a date can be partly known"),
        (small(type="datetime", partly_known=True), "what: place: only a date can be partly known"),
        (small(not_in_future=True), "what: place: only a date or a date and time can be kept out of the future"),
        (small(minimum=1), "what: place: only a number has a minimum or a maximum"),
        (small(type="number", minimum=4, maximum=3), "what: place: the minimum is above the maximum"),
        (small(limit=0), "what: place: “limit” is between 1 and 200 characters"),
        (small(limit=201), "what: place: “limit” is between 1 and 200 characters"),
        (small(type="long_text", limit=LONG_TEXT_LIMIT + 1), "what: place: “limit” is between 1 and 10000 characters"),
        (small(type="date", limit=5), "what: place: only a text has a limit"),
        (small(shown_when="yes"), "what: place: “shown_when” is an object with “question” and “equals”"),
        (small(shown_when={"question": "place", "equals": "yes"}), "what: place: shown_when: “place” is not an earlier question of this section"),
        (small(shown_when={"question": "place", "equals": []}), "what: place: shown_when: “equals” is an answer or a list of answers"),
        (small(shown_when={"question": "place", "equals": 3}), "what: place: shown_when: “equals” is an answer or a list of answers"),
        (small(colour=1), "what: place: does not know “colour”"),
    ],
)  # fmt: skip
def test_a_faulty_set_is_refused_in_words(data: object, said: str) -> None:
    assert said in problems_of(data)


def test_an_unknown_type_is_refused_and_the_known_ones_are_listed() -> None:
    [problem] = problems_of(small(type="colour"))
    assert problem.startswith("what: place: unknown type “colour”; the types are short_text, long_text")


def test_all_faults_are_reported_at_once() -> None:
    data = small(label="", limit=900)
    data["sections"].append({"code": "what", "title": "", "questions": []})
    assert len(problems_of(data)) >= 5


def test_two_questions_of_a_section_cannot_share_a_code_nor_two_questions_a_column() -> None:
    data = small(binds_to="case.place")
    data["sections"][0]["questions"] *= 2
    said = problems_of(data)
    assert "what: place: two questions of this section have this code" in said
    assert "what: place: another question is already bound to case.place" in said


def test_two_sections_may_ask_questions_of_the_same_code() -> None:
    data = small()
    data["sections"].append(deepcopy(data["sections"][0]) | {"code": "later", "needs": "what"})
    assert parse(data).section("later").needs == "what"


def conditional(steering: dict[str, Any], equals: Any) -> dict[str, Any]:
    data = small()
    data["sections"][0]["questions"] = [
        {"code": "first", "label": "First?"} | steering,
        {
            "code": "then",
            "type": "date",
            "label": "When?",
            "shown_when": {"question": "first", "equals": equals},
        },
    ]
    return data


def test_a_question_may_wait_for_any_of_several_answers() -> None:
    shown_when = (
        parse(conditional({"type": "yes_no"}, ["yes", "no"])).section("what").question("then").shown_when
    )
    assert shown_when is not None
    assert shown_when.equals == ("yes", "no")


@pytest.mark.parametrize("answer_type", ["yes_no", "yes_no_partly_unknown"])
def test_a_question_cannot_wait_for_an_answer_that_nobody_can_give(answer_type: str) -> None:
    said = problems_of(conditional({"type": answer_type}, "perhaps"))
    assert "what: then: shown_when: “perhaps” is not an answer to “first”" in said


def test_a_question_cannot_wait_for_free_text() -> None:
    assert "what: then: shown_when: “first” is not answered by choosing" in problems_of(
        conditional({"type": "short_text"}, "yes")
    )


# ---- A later version keeps what the portal reads --------------------------------------------------------------------


def bound_set(**changes: Any) -> Schema:
    options = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
    return parse(small(**({"type": "one_of", "options": options, "binds_to": "case.place"} | changes)))


def test_a_later_version_may_reword_add_and_reorder() -> None:
    options = [{"value": "c", "label": "C"}, {"value": "b", "label": "Bee"}, {"value": "a", "label": "A"}]
    validate_successor(
        bound_set(), bound_set(label="In which place?", options=options, required_to_submit=True)
    )


def test_a_later_version_may_drop_and_retype_what_is_not_bound() -> None:
    validate_successor(parse(small()), parse(small(code="other", type="date")))


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (bound_set(code="elsewhere"), "what: place: cannot be removed, the portal reads case.place from it"),
        (parse(small(type="short_text", binds_to="case.place")), "what: place: must stay of type one_of, the portal reads it"),
        (bound_set(binds_to="case.other"), "what: place: must stay bound to case.place"),
        (bound_set(binds_to=""), "what: place: must stay bound to case.place"),
        (
            bound_set(options=[{"value": "b", "label": "B"}, {"value": "c", "label": "C"}]),
            "what: place: the answer “a” cannot be removed, the portal reads it",
        ),
    ],
)  # fmt: skip
def test_a_bound_question_cannot_be_removed_retyped_or_unbound(later: Schema, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        validate_successor(bound_set(), later)
    assert said in caught.value.problems


def test_a_bound_section_can_neither_vanish_nor_begin_to_repeat() -> None:
    old = parse(small(binds_to="case.place"))
    repeating = small(binds_to="case.place")
    repeating["sections"][0]["repeating"] = {"item": "place"}
    with pytest.raises(SchemaError, match="asked once and asked for each item"):
        validate_successor(old, parse(repeating))
    moved = small(binds_to="case.place")
    moved["sections"][0]["code"] = "elsewhere"
    with pytest.raises(SchemaError, match="cannot be removed"):
        validate_successor(old, parse(moved))
