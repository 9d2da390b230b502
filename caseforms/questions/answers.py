"""What may be said about a set of answers: what is still missing, whether it fits, and how it reads.

Answers are plain JSON: `{section code: {question code: value}}`, and for a repeating section a list of such
objects. What each type of answer is stored as stands in `schema.AnswerType`. A question that its `shown_when`
hides is never missing, never shown and never kept by `clean`, whatever was once typed into it.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date

from caseforms.questions.schema import (
    COMMENT_LIMIT,
    AnswerType,
    HasSchema,
    Question,
    Section,
)

Values = Mapping[str, Any]
Answers = Mapping[str, Any]

PARTLY_KNOWN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
NOT_PROVIDED = "Not provided"


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An answer that submission needs. `item` counts from 1 in a repeating section; `question` is empty where
    a whole item is wanted (no child has been added yet)."""

    section: str
    question: str
    label: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A stored answer that does not fit its question: where it is and what is wrong, never what it says."""

    section: str
    question: str
    label: str
    item: int | None
    fault: str

    def __str__(self) -> str:
        place = self.section if self.item is None else f"{self.section} {self.item}"
        return ": ".join(part for part in (place, self.question, self.fault) if part)


class InvalidAnswers(ValueError):
    """Answers that do not fit their questions; `misfits` lists them."""

    def __init__(self, misfits: list[Misfit]) -> None:
        super().__init__("; ".join(map(str, misfits)))
        self.misfits = misfits


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer as words. `text` may hold several lines."""

    question: str
    label: str
    text: str
    answered: bool
    identifies: bool


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """The rows of a section, or of one item of a repeating section, whose heading is then “Child 1”."""

    number: int | None
    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """A section as it reads on a check-answers page or on the page of a case."""

    code: str
    title: str
    repeating: bool
    items: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class BoundRow:
    """The answers of one row of the database: those bound to its columns, by column, and the rest, by
    question."""

    columns: dict[str, Any]
    rest: dict[str, Any]


def is_blank(value: object) -> bool:
    """Whether nothing was answered. False and 0 are answers."""
    if isinstance(value, Mapping):
        return all(is_blank(part) for part in value.values())
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == []


def items_of(section: Section, answers: Answers) -> list[dict[str, Any]]:
    """The answered items of a section: none or one where it is asked once, any number where it repeats."""
    stored = answers.get(section.code)
    if section.repeating is not None:
        return [dict(item) for item in stored or []]
    return [dict(stored)] if stored is not None else []


def visible(section: Section, values: Values) -> list[Question]:
    """The questions that these answers leave on the page, in order."""
    shown: list[Question] = []
    for question in section.questions:
        condition = question.shown_when
        if condition is None or (
            any(earlier.code == condition.question for earlier in shown)
            and _chosen(values.get(condition.question)) & set(condition.equals)
        ):
            shown.append(question)
    return shown


def _chosen(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        value = value.get("answer")
    if isinstance(value, list):
        return set(value)
    return {value} if isinstance(value, str) else set()


def item_heading(section: Section, number: int) -> str:
    """“Child 1”: what an item is called in headings, titles and links, where a name must not stand."""
    word = section.repeating.item if section.repeating else section.title
    return f"{word[:1].upper()}{word[1:]} {number}"


def with_article(section: Section) -> str:
    """“a child”, “an agency”: an item in the middle of a sentence."""
    word = section.repeating.item if section.repeating else section.title
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def missing_in(section: Section, answers: Answers) -> list[MissingAnswer]:
    """What submission still needs from one section."""
    items = items_of(section, answers)
    if section.repeating is None and not items:
        items = [{}]
    found: list[MissingAnswer] = []
    for number, values in enumerate(items, start=1):
        item = number if section.repeating else None
        for question in visible(section, values):
            if question.required_to_submit and _unanswered(question, values.get(question.code)):
                found.append(MissingAnswer(section.code, question.code, question.label, item))
    if section.repeating is not None and len(items) < section.repeating.minimum:
        wanted = section.repeating.minimum
        label = (
            f"Add {with_article(section)}"
            if wanted == 1
            else f"Add {section.repeating.item} {len(items) + 1}"
        )
        found.append(MissingAnswer(section.code, "", label))
    return found


def _unanswered(question: Question, value: Any) -> bool:
    if question.type is AnswerType.YES_NO_PARTLY_UNKNOWN and isinstance(value, Mapping):
        return is_blank(value.get("answer"))
    return is_blank(value)


def missing(question_set: HasSchema, answers: Answers) -> list[MissingAnswer]:
    """Everything that submission still needs, in the order of the questions. Hidden questions are never in
    it."""
    return [gap for section in question_set.parsed.sections for gap in missing_in(section, answers)]


def clean(
    question_set: HasSchema, answers: Answers, *, agencies: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answers to keep: visible questions that were answered, blanks and unknown keys dropped.

    `agencies` (UUID to name) limits what an agency answer may be; None leaves it unchecked. Raises
    InvalidAnswers where a value does not fit its question: the last gate, behind the forms, before anything
    is submitted.
    """
    kept: dict[str, Any] = {}
    misfits: list[Misfit] = []
    for section in question_set.parsed.sections:
        stored = answers.get(section.code)
        if not isinstance(stored, list if section.repeating else Mapping):
            if stored is not None:
                misfits.append(Misfit(section.code, "", section.title, None, "has the wrong shape"))
            continue
        items: list[dict[str, Any]] = []
        for number, values in enumerate(items_of(section, answers), start=1):
            item = {}
            for question in visible(section, values):
                value = values.get(question.code)
                if is_blank(value):
                    continue
                fault = problem_with(question, value, agencies=agencies)
                if fault:
                    place = number if section.repeating else None
                    misfits.append(Misfit(section.code, question.code, question.label, place, fault))
                item[question.code] = value
            if item or not section.repeating:
                items.append(item)
        if section.repeating and len(items) > section.repeating.maximum:
            fault = f"holds more than {section.repeating.maximum}"
            misfits.append(Misfit(section.code, "", section.title, None, fault))
        kept[section.code] = items if section.repeating else items[0]
    if misfits:
        raise InvalidAnswers(misfits)
    return kept


def problem_with(question: Question, value: Any, *, agencies: Mapping[str, str] | None = None) -> str:
    """Why a stored value does not fit its question, in a few words; empty where it does. Says nothing of the
    value."""
    kind = question.type
    options = {option.value for option in question.choices}
    if kind in {AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT}:
        return _text_problem(value, question.limit)
    if kind in {AnswerType.YES_NO, AnswerType.ONE_OF}:
        return "" if isinstance(value, str) and value in options else "is not one of the answers offered"
    if kind is AnswerType.YES_NO_PARTLY_UNKNOWN:
        if not isinstance(value, Mapping) or not set(value) <= {"answer", "comment"}:
            return "is not an answer with a comment"
        if value.get("answer") not in options | {"", None}:
            return "is not one of the answers offered"
        return _text_problem(value.get("comment") or "", COMMENT_LIMIT)
    if kind is AnswerType.SOME_OF:
        if not isinstance(value, list) or not all(
            isinstance(part, str) and part in options for part in value
        ):
            return "is not among the answers offered"
        return "names an answer twice" if len(set(value)) != len(value) else ""
    if kind is AnswerType.DATE:
        return _date_problem(question, value)
    if kind is AnswerType.TIME:
        return "" if _parses(lambda: time.fromisoformat(value)) and len(value) == 5 else "is not a time"
    if kind is AnswerType.DATETIME:
        moment = read_datetime(value)
        if moment is None:
            return "is not a date and time"
        return "is in the future" if question.not_in_future and moment > timezone.now() else ""
    if kind is AnswerType.AGENCY:
        if not isinstance(value, str) or not _parses(lambda: uuid.UUID(value)):
            return "is not an agency"
        return "" if agencies is None or value in agencies else "is not an agency of this partnership"
    if isinstance(value, bool) or not isinstance(value, int):
        return "is not a whole number"
    least, most = (1, 4) if kind is AnswerType.RATING else (question.minimum, question.maximum)
    outside = (least is not None and value < least) or (most is not None and value > most)
    return "is outside its limits" if outside else ""


def _text_problem(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        return "is not text"
    if "\0" in value:
        return "holds a null character"
    return f"is longer than {limit} characters" if len(value) > limit else ""


def _date_problem(question: Question, value: Any) -> str:
    if not isinstance(value, str) or (known := read_partial_date(value)) is None:
        return "is not a date"
    if len(value) < 10 and not question.partly_known:
        return "is not a whole date"
    return "is in the future" if question.not_in_future and known > timezone.localdate() else ""


def _parses(read: Any) -> bool:
    try:
        read()
    except (TypeError, ValueError):
        return False
    return True


def read_partial_date(value: str) -> date | None:
    """The first day that “2026-11-22”, “2026-11” or “2026” covers; None where it is none of these."""
    match = PARTLY_KNOWN.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_datetime(value: Any) -> datetime | None:
    """An aware moment from its stored text; None where it is not one."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def write_datetime(moment: datetime) -> str:
    """The stored text of an aware moment, to the minute, in UTC."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0).isoformat()


def summary(
    question_set: HasSchema, answers: Answers, *, agencies: Mapping[str, str] | None = None
) -> list[SectionSummary]:
    """Every section as words, for check-answers and for reading. `agencies` maps an agency's UUID to its
    name."""
    return [section_summary(section, answers, agencies=agencies) for section in question_set.parsed.sections]


def section_summary(
    section: Section, answers: Answers, *, agencies: Mapping[str, str] | None = None
) -> SectionSummary:
    """One section as words. Asked once, it always has one item; repeating, as many as were added."""
    items = items_of(section, answers)
    if section.repeating is None and not items:
        items = [{}]
    summaries = []
    for number, values in enumerate(items, start=1):
        place = number if section.repeating else None
        heading = item_heading(section, number) if section.repeating else section.title
        summaries.append(ItemSummary(place, heading, in_rows(section, values, agencies=agencies)))
    return SectionSummary(section.code, section.title, section.repeating is not None, tuple(summaries))


def in_rows(
    section: Section, values: Values, *, agencies: Mapping[str, str] | None = None
) -> tuple[Row, ...]:
    """The questions that these answers of one item leave visible, each with its answer as words."""
    return tuple(_row(question, values.get(question.code), agencies) for question in visible(section, values))


def _row(question: Question, value: Any, agencies: Mapping[str, str] | None) -> Row:
    answered = not is_blank(value)
    text = in_words(question, value, agencies=agencies) if answered else NOT_PROVIDED
    return Row(question.code, question.label, text, answered, question.identifies)


def in_words(question: Question, value: Any, *, agencies: Mapping[str, str] | None = None) -> str:
    """An answer as a person reads it. A date in words, a choice by its label, an agency by its name."""
    labels = {option.value: option.label for option in question.choices}
    match question.type:
        case AnswerType.YES_NO | AnswerType.ONE_OF:
            return labels.get(value, NOT_PROVIDED)
        case AnswerType.YES_NO_PARTLY_UNKNOWN:
            parts = (labels.get(value.get("answer"), ""), value.get("comment") or "")
            return "\n".join(part for part in parts if part)
        case AnswerType.SOME_OF:
            return "\n".join(labels[part] for part in value if part in labels)
        case AnswerType.DATE:
            return _date_in_words(value)
        case AnswerType.DATETIME:
            moment = read_datetime(value)
            return _moment_in_words(moment) if moment else NOT_PROVIDED
        case AnswerType.AGENCY:
            return (agencies or {}).get(value, "An agency that is no longer listed")
        case _:
            return str(value)


def _date_in_words(value: str) -> str:
    known = read_partial_date(value)
    if known is None:
        return NOT_PROVIDED
    return format_date(known, {4: "Y", 7: "F Y"}.get(len(value), "j F Y"))


def _moment_in_words(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{format_date(local, 'l j F Y')} at {format_date(local, 'H:i')}"


def bound_rows(question_set: HasSchema, answers: Answers) -> dict[str, list[BoundRow]]:
    """What goes to typed columns, by row: `{"child": [BoundRow(…), …], "case": [BoundRow(…)]}`, of clean
    answers.

    Sections asked once that bind to the same row share one entry; each item of a repeating section is its
    own, in order, and none is left out.
    """
    rows: dict[str, list[BoundRow]] = {}
    for section in question_set.parsed.sections:
        bindings = {
            question.code: question.binds_to.split(".") for question in section.questions if question.binds_to
        }
        for name in dict.fromkeys(row for row, _ in bindings.values()):
            bound = {code: column for code, (row, column) in bindings.items() if row == name}
            for values in items_of(section, answers):
                columns = {column: values[code] for code, column in bound.items() if code in values}
                rest = {code: value for code, value in values.items() if code not in bound}
                if section.repeating is None and rows.get(name):
                    rows[name][0].columns.update(columns)
                    rows[name][0].rest.update(rest)
                else:
                    rows.setdefault(name, []).append(BoundRow(columns, rest))
    return rows


def section_status(question_set: HasSchema, code: str, answers: Answers) -> str:
    """“cannot_start”, “not_started”, “in_progress” or “completed”. Raises KeyError for an unknown section."""
    section = question_set.parsed.section(code)
    items = items_of(section, answers)
    if section.needs and not items and not items_of(question_set.parsed.section(section.needs), answers):
        return "cannot_start"
    if not items:
        return "not_started"
    return "in_progress" if missing_in(section, answers) else "completed"
