"""What a question set says, as frozen dataclasses read from JSON. Pure: no Django, no database, no clock.

`parse(data)` either returns a `Schema` that the rest of the portal can rely on or raises `SchemaError` with
every problem found, each naming the place ("child: dob: …"), because the reader is a business manager and not
a programmer.

The JSON that a question set is written in::

    {"sections": [{"code": "children", "title": "The child or children", "guidance": "…",
                   "repeating": {"item": "child", "min": 1, "max": 20}, "needs": "what-happened",
                   "questions": [{"code": "sex", "type": "one_of", "label": "Sex", "hint": "…",
                                  "options": [{"value": "female", "label": "Female"}, …],
                                  "required_to_submit": true, "identifies": false, "binds_to": "child.sex",
                                  "shown_when": {"question": "born", "equals": "yes"}}]}]}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

SECTION_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
QUESTION_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
BINDING = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")

SHORT_TEXT_LIMIT = 200
LONG_TEXT_LIMIT = 10_000
COMMENT_LIMIT = 2_000
REPEAT_LIMIT = 50


class SchemaError(ValueError):
    """A question set that cannot be used. `problems` is the full list, in reading order."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class AnswerType(StrEnum):
    """How a question is answered. What each is stored as (always plain JSON) stands beside it."""

    SHORT_TEXT = "short_text"  # str
    LONG_TEXT = "long_text"  # str
    YES_NO = "yes_no"  # "yes" | "no"
    YES_NO_PARTLY_UNKNOWN = (
        "yes_no_partly_unknown"  # {"answer": "yes"|"no"|"partly"|"not_known", "comment": str}
    )
    ONE_OF = "one_of"  # the value of an option
    SOME_OF = "some_of"  # list of option values, in the order of the options
    DATE = "date"  # "2026-11-22"; where partly known also "2026-11" or "2026"
    TIME = "time"  # "18:10"
    DATETIME = "datetime"  # "2026-11-22T18:10:00+00:00", always UTC
    AGENCY = "agency"  # the agency's UUID as a string
    NUMBER = "number"  # int
    RATING = "rating"  # int, 1 to 4


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers a person may choose."""

    value: str
    label: str
    hint: str = ""


YES_NO = (Option("yes", "Yes"), Option("no", "No"))
YES_NO_PARTLY_UNKNOWN = (*YES_NO, Option("partly", "Partly"), Option("not_known", "Not known"))
RATINGS = (Option("1", "1"), Option("2", "2"), Option("3", "3"), Option("4", "4"))

CHOOSING = {AnswerType.ONE_OF, AnswerType.SOME_OF}
STEERING = CHOOSING | {AnswerType.YES_NO, AnswerType.YES_NO_PARTLY_UNKNOWN}
TEXTUAL = {AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT}
DATED = {AnswerType.DATE, AnswerType.DATETIME}


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """A question appears only after the answer to an earlier question of its section is one of `equals`."""

    question: str
    equals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question as asked. `limit` is in characters for text; `minimum` and `maximum` are for numbers."""

    code: str
    type: AnswerType
    label: str
    hint: str = ""
    guidance: str = ""
    options: tuple[Option, ...] = ()
    required_to_submit: bool = False
    identifies: bool = False
    binds_to: str = ""
    shown_when: ShownWhen | None = None
    partly_known: bool = False
    not_in_future: bool = False
    limit: int = 0
    minimum: int | None = None
    maximum: int | None = None

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options a person chooses from, also for the types whose options are fixed."""
        fixed = {
            AnswerType.YES_NO: YES_NO,
            AnswerType.YES_NO_PARTLY_UNKNOWN: YES_NO_PARTLY_UNKNOWN,
            AnswerType.RATING: RATINGS,
        }
        return fixed.get(self.type, self.options)


@dataclass(frozen=True, slots=True)
class Repeating:
    """A section that is answered once for each child, person or agency; `item` is the word for one."""

    item: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Section:
    """A page of questions. `needs` is the code of an earlier section that must have been started first."""

    code: str
    title: str
    questions: tuple[Question, ...]
    guidance: str = ""
    repeating: Repeating | None = None
    needs: str = ""

    def question(self, code: str) -> Question:
        """The question with that code. Raises KeyError."""
        for question in self.questions:
            if question.code == code:
                return question
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole question set: its sections in order."""

    sections: tuple[Section, ...]

    @property
    def parsed(self) -> "Schema":
        """Itself, so that a bare schema serves wherever a stored question set does."""
        return self

    def section(self, code: str) -> Section:
        """The section with that code. Raises KeyError."""
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    def bound(self) -> Iterator[tuple[Section, Question]]:
        """Every question whose answer also goes to a typed column."""
        for section in self.sections:
            for question in section.questions:
                if question.binds_to:
                    yield section, question


class HasSchema(Protocol):
    """A stored question set, or a schema by itself."""

    @property
    def parsed(self) -> Schema: ...


def parse(data: object) -> Schema:
    """Read a question set from its JSON. Raises SchemaError listing everything that is wrong with it."""
    problems: list[str] = []
    schema = _Reader(problems).schema(data)
    if problems:
        raise SchemaError(problems)
    return schema


def validate_successor(old: Schema, new: Schema) -> None:
    """Check that a later version keeps what the workflow reads out of the earlier one. Raises SchemaError.

    A bound question stays in its section under its code, with its type and its binding, and a bound choice
    keeps its options (architecture.md, decision 5): otherwise a case already submitted and a case submitted
    tomorrow would put different things into the same column.
    """
    problems: list[str] = []
    for section, question in old.bound():
        place = f"{section.code}: {question.code}"
        try:
            later_section = new.section(section.code)
            later = later_section.question(question.code)
        except KeyError:
            problems.append(f"{place}: cannot be removed, the portal reads {question.binds_to} from it")
            continue
        if (section.repeating is None) != (later_section.repeating is None):
            problems.append(f"{section.code}: cannot change between asked once and asked for each item")
        if later.type != question.type:
            problems.append(f"{place}: must stay of type {question.type.value}, the portal reads it")
        if later.binds_to != question.binds_to:
            problems.append(f"{place}: must stay bound to {question.binds_to}")
        kept = {option.value for option in later.options}
        for option in question.options:
            if option.value not in kept:
                problems.append(
                    f"{place}: the answer “{option.value}” cannot be removed, the portal reads it"
                )
    if problems:
        raise SchemaError(problems)


SECTION_KEYS = {"code", "title", "guidance", "repeating", "needs", "questions"}
QUESTION_KEYS = {
    "code", "type", "label", "hint", "guidance", "options", "required_to_submit", "identifies", "binds_to",
    "shown_when", "partly_known", "not_in_future", "limit", "minimum", "maximum",
}  # fmt: skip


class _Reader:
    """Reads JSON into dataclasses and collects problems as it goes, so that one pass reports them all."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def schema(self, data: object) -> Schema:
        if not isinstance(data, Mapping):
            self.problems.append("a question set is an object with “sections”")
            return Schema(())
        self._no_others(data, {"sections"}, "question set")
        sections: list[Section] = []
        for number, raw in enumerate(self._list(data, "sections", "question set"), start=1):
            section = self._section(raw, number)
            if section.code in {earlier.code for earlier in sections}:
                self.problems.append(f"{section.code}: two sections have this code")
            if section.needs and section.needs not in {earlier.code for earlier in sections}:
                self.problems.append(
                    f"{section.code}: needs “{section.needs}”, which is not an earlier section"
                )
            sections.append(section)
        if not sections:
            self.problems.append("question set: has no sections")
        targets: set[str] = set()
        schema = Schema(tuple(sections))
        for section, question in schema.bound():
            if question.binds_to in targets:
                place = f"{section.code}: {question.code}"
                self.problems.append(f"{place}: another question is already bound to {question.binds_to}")
            targets.add(question.binds_to)
        return schema

    def _section(self, raw: object, number: int) -> Section:
        if not isinstance(raw, Mapping):
            self.problems.append(f"section {number}: is not an object")
            return Section("", "", ())
        code = self._code(raw, SECTION_CODE, f"section {number}", "small letters, digits and single hyphens")
        place = code or f"section {number}"
        self._no_others(raw, SECTION_KEYS, place)
        questions: list[Question] = []
        for position, entry in enumerate(self._list(raw, "questions", place), start=1):
            questions.append(self._question(entry, f"{place}: question {position}", place, questions))
        if not questions:
            self.problems.append(f"{place}: has no questions")
        return Section(
            code=code,
            title=self._text(raw, "title", place, needed=True),
            questions=tuple(questions),
            guidance=self._text(raw, "guidance", place),
            repeating=self._repeating(raw.get("repeating"), place),
            needs=self._text(raw, "needs", place),
        )

    def _repeating(self, raw: object, place: str) -> Repeating | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            self.problems.append(f"{place}: “repeating” is an object with “item”, “min” and “max”")
            return None
        place = f"{place}: repeating"
        self._no_others(raw, {"item", "min", "max"}, place)
        least = self._whole(raw, "min", place, 0) or 0
        most = self._whole(raw, "max", place, REPEAT_LIMIT) or REPEAT_LIMIT
        if not 0 <= least <= most <= REPEAT_LIMIT:
            self.problems.append(f"{place}: “min” and “max” must be in order and at most {REPEAT_LIMIT}")
        return Repeating(self._text(raw, "item", place, needed=True), least, most)

    def _question(self, raw: object, place: str, section: str, earlier: list[Question]) -> Question:
        blank = Question("", AnswerType.SHORT_TEXT, "")
        if not isinstance(raw, Mapping):
            self.problems.append(f"{place}: is not an object")
            return blank
        code = self._code(raw, QUESTION_CODE, place, "small letters, digits and single underscores")
        place = f"{section}: {code}" if code else place
        self._no_others(raw, QUESTION_KEYS, place)
        if code in {question.code for question in earlier}:
            self.problems.append(f"{place}: two questions of this section have this code")
        try:
            answer_type = AnswerType(raw.get("type", ""))
        except ValueError:
            known = ", ".join(item.value for item in AnswerType)
            self.problems.append(f"{place}: unknown type “{raw.get('type', '')}”; the types are {known}")
            return blank
        question = Question(
            code=code,
            type=answer_type,
            label=self._text(raw, "label", place, needed=True),
            hint=self._text(raw, "hint", place),
            guidance=self._text(raw, "guidance", place),
            options=self._options(raw, answer_type, place),
            required_to_submit=self._flag(raw, "required_to_submit", place),
            identifies=self._flag(raw, "identifies", place),
            binds_to=self._binding(raw, place),
            shown_when=self._shown_when(raw, place, earlier),
            partly_known=self._flag(raw, "partly_known", place),
            not_in_future=self._flag(raw, "not_in_future", place),
            limit=self._limit(raw, answer_type, place),
            minimum=self._whole(raw, "minimum", place, None),
            maximum=self._whole(raw, "maximum", place, None),
        )
        self._fits_its_type(question, place)
        return question

    def _fits_its_type(self, question: Question, place: str) -> None:
        if question.partly_known and question.type is not AnswerType.DATE:
            self.problems.append(f"{place}: only a date can be partly known")
        if question.not_in_future and question.type not in DATED:
            self.problems.append(f"{place}: only a date or a date and time can be kept out of the future")
        bounds = (question.minimum, question.maximum)
        if bounds != (None, None) and question.type is not AnswerType.NUMBER:
            self.problems.append(f"{place}: only a number has a minimum or a maximum")
        if (
            question.minimum is not None
            and question.maximum is not None
            and question.minimum > question.maximum
        ):
            self.problems.append(f"{place}: the minimum is above the maximum")

    def _options(self, raw: Mapping[str, Any], answer_type: AnswerType, place: str) -> tuple[Option, ...]:
        if answer_type not in CHOOSING:
            if "options" in raw:
                self.problems.append(f"{place}: a {answer_type.value} question has no options")
            return ()
        options: list[Option] = []
        for entry in self._list(raw, "options", place):
            if not isinstance(entry, Mapping):
                self.problems.append(f"{place}: an option is an object with “value” and “label”")
                continue
            self._no_others(entry, {"value", "label", "hint"}, f"{place}: option")
            value = self._text(entry, "value", f"{place}: option", needed=True)
            if value and not QUESTION_CODE.fullmatch(value):
                self.problems.append(
                    f"{place}: the option value “{value}” may hold only small letters, digits and _"
                )
            if value in {option.value for option in options}:
                self.problems.append(f"{place}: two options have the value “{value}”")
            label = self._text(entry, "label", f"{place}: option", needed=True)
            options.append(Option(value, label, self._text(entry, "hint", f"{place}: option")))
        if len(options) < (2 if answer_type is AnswerType.ONE_OF else 1):
            self.problems.append(f"{place}: has too few options to choose from")
        return tuple(options)

    def _shown_when(self, raw: Mapping[str, Any], place: str, earlier: list[Question]) -> ShownWhen | None:
        condition = raw.get("shown_when")
        if condition is None:
            return None
        if not isinstance(condition, Mapping):
            self.problems.append(f"{place}: “shown_when” is an object with “question” and “equals”")
            return None
        self._no_others(condition, {"question", "equals"}, f"{place}: shown_when")
        code = self._text(condition, "question", f"{place}: shown_when", needed=True)
        equals = condition.get("equals")
        wanted = [equals] if isinstance(equals, str) else equals
        if not isinstance(wanted, list) or not wanted or not all(isinstance(value, str) for value in wanted):
            self.problems.append(f"{place}: shown_when: “equals” is an answer or a list of answers")
            return None
        steering = next((question for question in earlier if question.code == code), None)
        if steering is None:
            self.problems.append(f"{place}: shown_when: “{code}” is not an earlier question of this section")
        elif steering.type not in STEERING:
            self.problems.append(f"{place}: shown_when: “{code}” is not answered by choosing")
        else:
            known = {option.value for option in steering.choices}
            for value in wanted:
                if value not in known:
                    self.problems.append(f"{place}: shown_when: “{value}” is not an answer to “{code}”")
        return ShownWhen(code, tuple(wanted))

    def _binding(self, raw: Mapping[str, Any], place: str) -> str:
        binding = self._text(raw, "binds_to", place)
        if binding and not BINDING.fullmatch(binding):
            self.problems.append(f"{place}: “binds_to” reads “row.column”, such as child.dob")
        return binding

    def _limit(self, raw: Mapping[str, Any], answer_type: AnswerType, place: str) -> int:
        if answer_type not in TEXTUAL:
            if "limit" in raw:
                self.problems.append(f"{place}: only a text has a limit")
            return 0
        most = SHORT_TEXT_LIMIT if answer_type is AnswerType.SHORT_TEXT else LONG_TEXT_LIMIT
        limit = self._whole(raw, "limit", place, most)
        if limit is None or not 1 <= limit <= most:
            self.problems.append(f"{place}: “limit” is between 1 and {most} characters")
            return most
        return limit

    def _code(self, raw: Mapping[str, Any], pattern: re.Pattern[str], place: str, rule: str) -> str:
        code = self._text(raw, "code", place, needed=True)
        if code and (len(code) > 50 or not pattern.fullmatch(code)):
            self.problems.append(f"{place}: the code “{code}” may hold only {rule}, 50 at most")
        return code

    def _text(self, raw: Mapping[str, Any], key: str, place: str, *, needed: bool = False) -> str:
        value = raw.get(key, "")
        if not isinstance(value, str):
            self.problems.append(f"{place}: “{key}” is not text")
            return ""
        if needed and not value.strip():
            self.problems.append(f"{place}: “{key}” is missing")
        return value

    def _flag(self, raw: Mapping[str, Any], key: str, place: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            self.problems.append(f"{place}: “{key}” is true or false")
            return False
        return value

    def _whole(self, raw: Mapping[str, Any], key: str, place: str, default: int | None) -> int | None:
        value = raw.get(key, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self.problems.append(f"{place}: “{key}” is not a whole number")
            return default
        return value

    def _list(self, raw: Mapping[str, Any], key: str, place: str) -> list[Any]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            self.problems.append(f"{place}: “{key}” is not a list")
            return []
        return value

    def _no_others(self, raw: Mapping[str, Any], known: set[str], place: str) -> None:
        for key in raw:
            if key not in known:
                self.problems.append(f"{place}: does not know “{key}”")
