"""A Tarnbrook case with its agencies and the time limits that ship, for the tests of deadlines."""

from datetime import datetime

from caseforms.cases.models import Case, CaseAgency, Outcome, Stage
from caseforms.deadlines import services
from caseforms.deadlines.limits import LONDON
from tests.cast import Cast

AGENCIES = ("HOS", "CSC", "POL")


def london(*parts: int) -> datetime:
    """A moment by the clock in London."""
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[arg-type,misc]


def case_in(
    cast: Cast, stage: Stage = Stage.SUBMITTED, *, outcome: Outcome | str = "", asked: bool = False
) -> Case:
    """A case that the practitioner of the hospital referred; police and social care take part."""
    services.install_default_rules(cast.tarn)
    case = Case.objects.create(
        partnership=cast.tarn, referred_by=cast.practitioner, stage=stage, outcome=outcome
    )
    for code in AGENCIES:
        CaseAgency.objects.create(
            case=case, agency=cast.agency(code), asked_at=london(2026, 11, 1, 9) if asked else None
        )
    return case
