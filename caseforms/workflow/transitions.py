"""The life of a case as a table (domain.md, The life of a case): pure data, which `services.advance` carries
out."""

from dataclasses import dataclass, field

from caseforms.cases.models import Outcome, Stage
from caseforms.cases.policy import Action


class UnknownTransition(ValueError):
    """No row of the table has this name, or none has it for this outcome."""


@dataclass(frozen=True)
class Transition:
    """One step: from which stages, to which, who may take it, which time limits it starts and stops, who is
    told.

    `outcomes` is empty except where the stage that follows depends on what was decided. `starts` are triggers
    of deadline rules; `stops` are the names by which those rules say what ends them; `notices` name functions
    of caseforms/workflow/notices.py.
    """

    name: str
    label: str
    from_stages: frozenset[Stage]
    to_stage: Stage
    action: Action
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    outcomes: frozenset[Outcome] = field(default_factory=frozenset)


def _stages(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


TABLE: tuple[Transition, ...] = (
    Transition(
        "submit",
        "Referral sent",
        _stages(Stage.SUBMITTED),
        Stage.SUBMITTED,
        Action.SUBMIT,
        starts=("consultation", "notification"),
        stops=("submit",),
        notices=("received", "to_triage"),
    ),
    Transition(
        "return_with_question",
        "Returned with a question",
        _stages(Stage.SUBMITTED),
        Stage.RETURNED,
        Action.RETURN,
        stops=("return_with_question",),
        notices=("question_asked",),
    ),
    Transition(
        "answer_question",
        "Question answered",
        _stages(Stage.RETURNED),
        Stage.SUBMITTED,
        Action.ANSWER_QUESTION,
        stops=("answer_question",),
        notices=("question_answered",),
    ),
    Transition(
        "withdraw",
        "Referral withdrawn",
        _stages(Stage.SUBMITTED, Stage.RETURNED, Stage.TRIAGED),
        Stage.WITHDRAWN,
        Action.WITHDRAW,
        stops=("withdraw",),
        notices=("withdrawn",),
    ),
    Transition(
        "triage",
        "Accepted for consideration",
        _stages(Stage.SUBMITTED),
        Stage.TRIAGED,
        Action.TRIAGE,
        stops=("triage",),
        notices=("accepted",),
    ),
    Transition(
        "ask_agencies",
        "Agencies asked for information",
        _stages(Stage.TRIAGED),
        Stage.GATHERING,
        Action.ASK_AGENCIES,
        starts=("asked",),
        stops=("ask_agencies",),
        notices=("information_asked",),
    ),
    Transition(
        "recommend",
        "Recommendation made",
        _stages(Stage.GATHERING),
        Stage.RECOMMENDED,
        Action.RECOMMEND,
        stops=("recommend",),
        notices=("decision_needed",),
    ),
    Transition(
        "decide",
        "Decision made",
        _stages(Stage.RECOMMENDED),
        Stage.DECIDED,
        Action.DECIDE,
        starts=("decision",),
        stops=("decide",),
        notices=("decision_made",),
        outcomes=frozenset({Outcome.REVIEW, Outcome.OTHER_REVIEW}),
    ),
    Transition(
        "decide",
        "Decision made: no review",
        _stages(Stage.RECOMMENDED),
        Stage.CLOSED,
        Action.DECIDE,
        stops=("decide", "close"),
        notices=("decision_made",),
        outcomes=frozenset({Outcome.NO_REVIEW}),
    ),
    # Deferred is no decision yet: the panel meets again, and the time limit for deciding goes on running.
    Transition(
        "decide",
        "Decision deferred",
        _stages(Stage.RECOMMENDED),
        Stage.GATHERING,
        Action.DECIDE,
        notices=("decision_made",),
        outcomes=frozenset({Outcome.DEFERRED}),
    ),
    Transition(
        "agree_scope",
        "Scope agreed",
        _stages(Stage.DECIDED),
        Stage.SCOPED,
        Action.AGREE_SCOPE,
        # Reports count from the decision, but are owed only by the agencies that the scope names.
        starts=("decision",),
        stops=("agree_scope",),
        notices=("scope_agreed",),
    ),
    Transition(
        "adopt_plan",
        "Action plan adopted",
        _stages(Stage.SCOPED),
        Stage.PLANNED,
        Action.ADOPT_PLAN,
        starts=("plan",),
        stops=("adopt_plan",),
        notices=("plan_adopted",),
    ),
    Transition(
        "close",
        "Case closed",
        _stages(Stage.PLANNED),
        Stage.CLOSED,
        Action.CLOSE,
        stops=("close",),
        notices=("closed",),
    ),
)


def find(name: str, outcome: str = "") -> Transition:
    """The row with this name, and for a decision this outcome. Raises UnknownTransition."""
    for row in TABLE:
        if row.name == name and (not row.outcomes or outcome in row.outcomes):
            return row
    raise UnknownTransition(f"{name} {outcome}".strip())


def possible_from(stage: str) -> list[Transition]:
    """The rows that may be taken from a stage."""
    return [row for row in TABLE if stage in row.from_stages]
