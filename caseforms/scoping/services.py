"""Agreeing the scope of a review, and amending it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from caseforms.cases import drafts, policy
from caseforms.cases.models import Case, CaseAgency, Draft, Stage
from caseforms.cases.policy import Action
from caseforms.cases.services import add_agencies, record_event
from caseforms.questions.answers import bound_rows
from caseforms.scoping.models import Scope
from caseforms.workflow import notices
from caseforms.workflow.selectors import askable
from caseforms.workflow.services import StaleState, advance, start_reports
from portal.accounts.models import Agency, Membership

FORM = "scope"
AMENDABLE = frozenset({Stage.SCOPED, Stage.PLANNED})


class PeriodBackwards(ValueError):
    """The period under review ends before it begins."""


@transaction.atomic
def agree(case: Case, draft: Draft, actor: Membership) -> Scope:
    """Agrees the scope as the draft holds it: the first version moves the case on, a later one amends it.

    The agencies named are asked to report; those newly named get the time limit for it. Raises
    PeriodBackwards, StaleDraft, StaleState, PermissionDenied, and InvalidAnswers.
    """
    if actor not in policy.memberships_for(actor.person, Action.AGREE_SCOPE, case):
        raise PermissionDenied
    # Locked, so that two versions cannot get the same number.
    stored = Case.objects.select_for_update().get(pk=case.pk)
    if stored.stage != case.stage:
        raise StaleState
    names = {str(agency.pk): agency.name for agency in askable(case.partnership)}
    submission = drafts.send(draft, draft.answers, actor, agencies=names)
    rows = bound_rows(submission.question_set, submission.answers)
    period = rows["scope"][0].columns
    period_from, period_to = (date.fromisoformat(period[end]) for end in ("period_from", "period_to"))
    if period_to < period_from:
        raise PeriodBackwards("The period must end after it begins")
    agencies = list(Agency.objects.filter(pk__in={row.columns["agency"] for row in rows["report"]}))
    version = case.scopes.count() + 1
    scope = Scope.objects.create(
        case=case,
        version=version,
        submission=submission,
        period_from=period_from,
        period_to=period_to,
        agreed_by=actor,
    )
    scope.agencies.set(agencies)
    reporting = [row.pk for row in add_agencies(case, agencies)]
    moment = timezone.now()
    CaseAgency.objects.filter(pk__in=reporting, asked_at__isnull=True).update(asked_at=moment)
    CaseAgency.objects.filter(pk__in=reporting, report_asked_at__isnull=True).update(report_asked_at=moment)
    facts = {
        "version": version,
        "agencies": sorted(agency.code for agency in agencies),
        "submission": str(submission.pk),
    }
    if version == 1:
        advance(case, "agree_scope", actor, facts=facts, at=moment)
    elif case.stage in AMENDABLE:
        event = record_event(case, "amend_scope", actor, facts=facts)
        start_reports(case, actor)
        notices.scope_amended(case, event, None)
    else:
        raise StaleState
    return scope
