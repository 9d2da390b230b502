"""The verbs of action plans: adopt one, and say each quarter how an action stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from caseforms.actionplans import notices
from caseforms.actionplans.models import Action, ActionUpdate, Plan, Recommendation, Status
from caseforms.actionplans.rag import install_key
from caseforms.cases.models import Case
from caseforms.cases.services import record_event
from caseforms.workflow.services import advance
from portal.accounts.models import Agency, Membership
from portal.encryption import text_digest
from portal.workdays import Quarter


@dataclass(frozen=True)
class NewAction:
    """One action as it was typed; `evidence_required` says what will show that it is done."""

    text: str
    lead_agency: Agency
    lead_role: str
    due_on: date
    evidence_required: str


@dataclass(frozen=True)
class NewRecommendation:
    """One recommendation as it was typed, with its actions in order."""

    text: str
    outcome: str
    actions: Sequence[NewAction]


class StaleUpdate(Exception):
    """Somebody has said something about the action since the page was opened; `latest` is what they said."""

    def __init__(self, latest: ActionUpdate) -> None:
        super().__init__("This action has been updated meanwhile.")
        self.latest = latest


def quarter_at(moment: datetime) -> Quarter:
    """The financial quarter of a moment, by the local date."""
    return Quarter.containing(timezone.localdate(moment), settings.FINANCIAL_YEAR_START_MONTH)


@transaction.atomic
def adopt(
    case: Case,
    *,
    title: str,
    kind: str,
    recommendations: Sequence[NewRecommendation],
    actor: Membership,
    at: datetime | None = None,
) -> Plan:
    """Adopt the plan of a case: its rows, the new stage and the notices in one transaction.

    `at` is when it was adopted (default now). Raises ValueError for a recommendation without actions or an
    agency that is not of the case's partnership, and workflow.services.StaleState where a colleague was
    first.
    """
    _check(case, recommendations)
    facts = {"recommendations": len(recommendations), "actions": sum(len(r.actions) for r in recommendations)}
    moment = at or timezone.now()
    advance(case, "adopt_plan", actor, facts=facts, at=moment)
    install_key(case.partnership)
    plan = Plan.objects.create(case=case, kind=kind, title=title, adopted_at=moment, adopted_by=actor)
    for number, new in enumerate(recommendations, 1):
        recommendation = Recommendation.objects.create(
            plan=plan, number=number, text=new.text, outcome=new.outcome
        )
        Action.objects.bulk_create(
            Action(
                recommendation=recommendation,
                number=position,
                text=action.text,
                lead_agency=action.lead_agency,
                lead_role=action.lead_role,
                due_on=action.due_on,
                evidence_required=action.evidence_required,
            )
            for position, action in enumerate(new.actions, 1)
        )
    notices.plan_adopted(plan)
    return plan


def _check(case: Case, recommendations: Sequence[NewRecommendation]) -> None:
    if not recommendations or not all(new.actions for new in recommendations):
        raise ValueError("A plan needs at least one recommendation, and each of them at least one action.")
    leads = {action.lead_agency.pk for new in recommendations for action in new.actions}
    if case.partnership.agencies.filter(pk__in=leads).count() != len(leads):
        raise ValueError("Every lead agency must belong to the partnership of the case.")


@transaction.atomic
def post_update(
    action: Action,
    *,
    version: int,
    status: str,
    progress: str,
    evidence: str,
    actor: Membership,
    at: datetime | None = None,
) -> ActionUpdate:
    """Say how an action stands, and add the row that history keeps.

    `version` is what the writer's page was made from; `at` is when it was said (default now) and gives the
    quarter. Raises StaleUpdate with the colleague's words where somebody was first; nothing is written then.
    """
    moment = at or timezone.now()
    complete = status == Status.COMPLETE
    # The version in the WHERE decides who was first, however many write at once.
    changed = Action.objects.filter(pk=action.pk, version=version).update(
        status=status, completed_on=timezone.localdate(moment) if complete else None, version=version + 1
    )
    if not changed:
        raise StaleUpdate(action.updates.select_related("by__agency").latest("version"))
    update = ActionUpdate.objects.create(
        action=action,
        version=version + 1,
        quarter=quarter_at(moment).label,
        status=status,
        progress=progress,
        evidence=evidence,
        words_digest=text_digest(f"{progress}\n{evidence}"),
        by=actor,
        at=moment,
    )
    record_event(
        action.recommendation.plan.case,
        "action_updated",
        actor,
        facts={"action": action.label, "quarter": update.quarter, "status": status},
    )
    action.refresh_from_db(fields=["status", "completed_on", "version"])
    return update
