"""Cases with a plan, for the tests of plans and quarters: made through the services that the pages call."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import time_machine

from caseforms.actionplans import services
from caseforms.actionplans.models import Action, Plan
from caseforms.actionplans.services import NewAction, NewRecommendation
from caseforms.cases.models import Case, CaseAgency, Outcome, Stage
from portal.accounts.models import Membership
from portal.workdays import bank_holidays
from tests.caseforms.deadlines.world import london
from tests.cast import Cast

NOW = london(2026, 11, 23, 10)  # in 2026-27-Q3; Q2 ended on 30 September
IN_Q2 = london(2026, 8, 3, 9)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands at a moment."""
    bank_holidays(date(2025, 1, 1), date(2028, 1, 1))
    with time_machine.travel(moment, tick=False):
        yield


def scoped_case(manager: Membership, *agencies: str) -> Case:
    """A case whose scope is agreed, with its plan still to come; the agencies named were asked."""
    case = Case.objects.create(
        partnership=manager.partnership,
        referred_by=manager,
        stage=Stage.SCOPED,
        stage_since=IN_Q2,
        submitted_at=IN_Q2,
        outcome=Outcome.REVIEW,
    )
    for agency in manager.partnership.agencies.filter(code__in=agencies):
        CaseAgency.objects.create(case=case, agency=agency, asked_at=IN_Q2)
    return case


def action(cast: Cast, agency: str, text: str, due_on: date = date(2027, 1, 29)) -> NewAction:
    return NewAction(
        text=text,
        lead_agency=cast.agency(agency),
        lead_role="Head of safeguarding",
        due_on=due_on,
        evidence_required=f"Audit that shows: {text}",
    )


def adopted(
    cast: Cast,
    manager: Membership,
    *actions: NewAction,
    case: Case | None = None,
    title: str = "Plan following the review",
    when: datetime = IN_Q2,
) -> Plan:
    """A plan with one recommendation for each action, adopted by the manager."""
    return services.adopt(
        case or scoped_case(manager, "HOS", "CSC"),
        title=title,
        kind=Plan.Kind.MULTI_AGENCY,
        recommendations=[
            NewRecommendation(f"Recommendation about {one.text}", f"Outcome of {one.text}", [one])
            for one in actions
        ],
        actor=manager,
        at=when,
    )


def said(
    action: Action,
    actor: Membership,
    words: str,
    when: datetime,
    status: str = "on_track",
    evidence: str = "",
) -> None:
    """An update as an agency lead posts it."""
    action.refresh_from_db()
    services.post_update(
        action, version=action.version, status=status, progress=words, evidence=evidence, actor=actor, at=when
    )


def led_by(plan: Plan, agency: str) -> Action:
    return Action.objects.get(recommendation__plan=plan, lead_agency__code=agency)
