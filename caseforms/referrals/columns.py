"""How a referral's answers become a case's people and agencies: the columns its questions bind to."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from caseforms.cases.models import Case, CasePerson, Child, Person
from caseforms.questions.answers import Answers, BoundRow, bound_rows, read_datetime
from caseforms.questions.models import QuestionSet
from caseforms.questions.schema import AnswerType
from portal.accounts.models import Agency, Partnership

TEXT, LONG, DAY = AnswerType.SHORT_TEXT, AnswerType.LONG_TEXT, AnswerType.DATE
COLUMNS: dict[str, AnswerType] = {
    "case.consulted_at": AnswerType.DATETIME,
    "child.first_name": TEXT,
    "child.last_name": TEXT,
    "child.other_names": TEXT,
    "child.date_of_birth": DAY,
    "child.date_of_death": DAY,
    "child.address": LONG,
    "person.first_name": TEXT,
    "person.last_name": TEXT,
    "person.other_names": TEXT,
    "person.date_of_birth": DAY,
    "person.address": LONG,
    "person.relationship": TEXT,
    "agency.agency": AnswerType.AGENCY,
}
SomePerson = TypeVar("SomePerson", bound=Person)


def consulted_at(question_set: QuestionSet, answers: Answers) -> datetime | None:
    """When the designated lead was consulted, which starts the referral's own time limit; None until
    answered."""
    rows = bound_rows(question_set, answers).get("case", [])
    return read_datetime(rows[0].columns.get("consulted_at")) if rows else None


def agencies_named(question_set: QuestionSet, answers: Answers, partnership: Partnership) -> list[Agency]:
    """The agencies of the partnership that the referral names as involved, each once."""
    rows = bound_rows(question_set, answers).get("agency", [])
    named = {uuid.UUID(row.columns["agency"]) for row in rows if "agency" in row.columns}
    return list(partnership.agencies.filter(pk__in=named, active=True))


def store_people(case: Case, question_set: QuestionSet, answers: Answers) -> None:
    """Writes the children and the people of a case anew from clean answers; whoever was there before is
    replaced."""
    rows = bound_rows(question_set, answers)
    case.children.all().delete()
    case.people.all().delete()
    for child in _people(Child, case, rows.get("child", [])):
        child.save()
    for person in _people(CasePerson, case, rows.get("person", [])):
        person.save()


def _people(model: type[SomePerson], case: Case, rows: Sequence[BoundRow]) -> list[SomePerson]:
    made = []
    for order, row in enumerate(rows, start=1):
        columns: dict[str, Any] = {"case": case, "order": order, "details": row.rest, **row.columns}
        made.append(model(**columns))
    return made
