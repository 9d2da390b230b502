"""Reads about meetings, recommendations and decisions."""

from dataclasses import dataclass

from caseforms.cases.models import Case, Submission
from caseforms.cases.selectors import latest_submissions
from caseforms.panels.models import Decision, Meeting, Recommendation
from caseforms.panels.quorum import Quorum, quorum
from caseforms.questions.answers import summary


def quorum_of(meeting: Meeting, case: Case | None = None) -> Quorum:
    """The quorum of a meeting; for a case, without those who were present but are kept out of it by an
    interest."""
    present = meeting.attendances.all()
    if case is not None:
        present = present.exclude(
            member__person__in=case.interests.filter(lifted_at__isnull=True).values("person")
        )
    return quorum(present.values_list("agency__code", "agency__sector"))


def latest_recommendation(case: Case) -> Recommendation | None:
    """The recommendation that waits for a decision, or the last that was decided on."""
    return case.recommendations.select_related(
        "meeting", "submission__question_set", "made_by__agency"
    ).last()


def latest_decision(case: Case) -> Decision | None:
    """The last decision."""
    return case.decisions.select_related("decided_by__agency").last()


@dataclass(frozen=True)
class SideBySide:
    """One question, and what each agency said to it (empty where it was not asked after its other
    answers)."""

    label: str
    answers: tuple[tuple[str, str], ...]


def returns_by_question(case: Case) -> list[SideBySide]:
    """Every agency's information, question by question, in the order of the questions."""
    returns: list[Submission] = latest_submissions(case, "agency-information")
    questions: dict[str, str] = {}
    given: dict[str, list[tuple[str, str]]] = {}
    for submission in returns:
        for section in summary(submission.question_set, submission.answers):
            for item in section.items:
                for row in item.rows:
                    questions.setdefault(row.question, row.label)
                    if row.answered:
                        given.setdefault(row.question, []).append((submission.agency.name, row.text))
    return [SideBySide(label, tuple(given.get(code, ()))) for code, label in questions.items()]
