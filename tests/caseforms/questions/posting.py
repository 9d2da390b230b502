"""What a browser posts for stored answers; used wherever a test fills in a form."""

from typing import Any

from django.utils import timezone

from caseforms.questions.answers import read_datetime
from caseforms.questions.schema import AnswerType, Section


def posted(section: Section, values: dict[str, Any]) -> dict[str, Any]:
    """The POST data of one section, or of one item of it, for answers as they are stored."""
    data: dict[str, Any] = {}
    for question in section.questions:
        value = values.get(question.code)
        if value is None:
            continue
        if question.type is AnswerType.DATE:
            year, month, day = [*value.split("-"), "", ""][:3]
            data |= {
                f"{question.code}_year": year,
                f"{question.code}_month": month,
                f"{question.code}_day": day,
            }
        elif question.type is AnswerType.DATETIME:
            moment = read_datetime(value)
            assert moment is not None
            local = timezone.localtime(moment)
            data |= {
                f"{question.code}_{part}": str(getattr(local, part)) for part in ("day", "month", "year")
            }
            data[f"{question.code}_time"] = f"{local:%H:%M}"
        elif question.type is AnswerType.YES_NO_PARTLY_UNKNOWN:
            data[question.code] = value.get("answer", "")
            data[f"{question.code}__comment"] = value.get("comment", "")
        elif question.type is AnswerType.SOME_OF:
            data[question.code] = value
        else:
            data[question.code] = str(value)
    return data
