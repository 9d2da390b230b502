"""Which typed columns a question may be bound to, told by the app that owns the columns.

`questions` knows nothing of cases, so whoever reads `binds_to` out of a set registers its columns from its
AppConfig.ready; a set that binds to anything else cannot be published.
"""

from collections.abc import Mapping

from caseforms.questions.schema import AnswerType, Schema

_columns: dict[str, dict[str, AnswerType]] = {}


def register(code: str, columns: Mapping[str, AnswerType]) -> None:
    """Sets of that code may bind to these columns, each given with the one type of answer that it takes."""
    _columns[code] = dict(columns)


def problems(code: str, schema: Schema) -> list[str]:
    """What is wrong with the bindings of a set, as sentences for whoever publishes it; empty where nothing
    is."""
    columns = _columns.get(code, {})
    found = []
    for section, question in schema.bound():
        place = f"{section.code}: {question.code}"
        if question.binds_to not in columns:
            found.append(f"{place}: the portal has no column {question.binds_to} for this form")
        elif columns[question.binds_to] is not question.type:
            found.append(f"{place}: {question.binds_to} takes a {columns[question.binds_to].value} answer")
    return found
