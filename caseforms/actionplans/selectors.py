"""Reads of action plans shared by pages, "my work" and the workbook; each starts from a policy queryset."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from caseforms.actionplans import policy
from caseforms.actionplans.models import (
    Action,
    ActionQuerySet,
    ActionUpdate,
    RagDefinition,
    Recommendation,
    Status,
)
from caseforms.actionplans.rag import rag_key
from caseforms.cases.models import Case
from portal.accounts.models import Partnership, User
from portal.workdays import Quarter


@dataclass(frozen=True)
class Card:
    """An action as its page shows it: this quarter's words, the last before, and the key."""

    action: Action
    said: ActionUpdate | None
    before: ActionUpdate | None
    key: Mapping[str, RagDefinition]
    may_update: bool
    is_own: bool

    @property
    def definition(self) -> RagDefinition:
        """What the action's status means in its partnership."""
        return self.key[self.action.status]

    @property
    def wanted(self) -> bool:
        """True while this quarter's words are still to come from the reader's own agency."""
        return self.is_own and self.said is None and self.action.status != Status.COMPLETE


@dataclass(frozen=True)
class QuarterTask:
    """What a person's agency owes to one case this quarter: `done` of `total`, by `due_on`."""

    case_reference: str
    partnership_id: UUID
    quarter: str
    due_on: date
    total: int
    done: int


@dataclass(frozen=True)
class PlanPart:
    """A recommendation with those of its actions that the reader may see."""

    recommendation: Recommendation
    cards: list[Card]


def latest_updates(
    actions: Iterable[Action], *attributes: str, related: Sequence[str] = ()
) -> dict[int, ActionUpdate]:
    """The updates whose ids `ActionQuerySet.as_at` or `.split_at` left on the actions, in one query."""
    ids = {getattr(action, attribute) for action in actions for attribute in attributes} - {None}
    updates = ActionUpdate.objects.all()
    if related:  # without arguments, select_related() would join everything
        updates = updates.select_related(*related)
    return updates.in_bulk(ids)


def cards(actions: ActionQuerySet, user: User, quarter: Quarter) -> list[Card]:
    """Cards for actions that came from a policy queryset, in the order of their plans."""
    rows = list(policy.with_rights(actions, user).with_case().in_plan_order().split_at(quarter.label))
    updates = latest_updates(rows, "said_id", "before_id", related=["by__agency"])
    keys = {partnership.pk: rag_key(partnership) for partnership in {_partnership(row) for row in rows}}
    return [
        Card(
            action=row,
            said=updates.get(row.said_id),  # type: ignore[attr-defined]
            before=updates.get(row.before_id),  # type: ignore[attr-defined]
            key=keys[_partnership(row).pk],
            may_update=row.may_update,  # type: ignore[attr-defined]
            is_own=row.is_own,  # type: ignore[attr-defined]
        )
        for row in rows
    ]


def _partnership(action: Action) -> Partnership:
    return action.recommendation.plan.case.partnership


def tally(shown: Iterable[Card]) -> tuple[int, int]:
    """How many of the cards that this quarter asks about are done, and how many there are."""
    asked = [
        card for card in shown if card.may_update and (card.said or card.action.status != Status.COMPLETE)
    ]
    return sum(card.said is not None for card in asked), len(asked)


def quarter_tasks(user: User, quarter: Quarter) -> list[QuarterTask]:
    """What waits for an agency lead in "my work", one task for each case, those with nothing left to say
    included.
    """
    said = Exists(ActionUpdate.objects.filter(action=OuterRef("pk"), quarter=quarter.label))
    rows = (
        policy.own_actions(user)
        .annotate(said=said)
        .filter(Q(said=True) | ~Q(status=Status.COMPLETE))
        .order_by("recommendation__plan__case__reference")
        .values_list(
            "recommendation__plan__case__reference", "recommendation__plan__case__partnership_id", "said"
        )
    )
    totals = Counter((reference, partnership) for reference, partnership, _ in rows)
    done = Counter((reference, partnership) for reference, partnership, was_said in rows if was_said)
    return [
        QuarterTask(reference, partnership, quarter.label, quarter.end, total, done[reference, partnership])
        for (reference, partnership), total in totals.items()
    ]


def plan_parts(user: User, case: Case, quarter: Quarter) -> list[PlanPart]:
    """A case's plan as this person may read it: nothing is said of recommendations of which they see no
    action.
    """
    shown = cards(policy.actions_for(user, policy.Verb.READ).of_case(case.pk), user, quarter)
    parts: dict[UUID, PlanPart] = {}
    for card in shown:
        recommendation = card.action.recommendation
        parts.setdefault(recommendation.pk, PlanPart(recommendation, [])).cards.append(card)
    return list(parts.values())


def as_at(actions: ActionQuerySet, moment: datetime) -> ActionQuerySet:
    """The actions of plans that were adopted before a moment, as they stood then."""
    return actions.filter(recommendation__plan__adopted_at__lt=moment).as_at(moment)
