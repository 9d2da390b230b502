"""Who may read and update which action. Builds on caseforms.cases.policy; nothing else here decides.

An action is read by whoever may read all of its case's papers, and by the leads (or named deputies) of the
agency that is to do it, in the partnership of the case and no other. It is updated by those leads and by the
business manager. A standing interest takes the whole case away from a person, their own agency's actions
included.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from caseforms.actionplans.models import Action, ActionQuerySet, Plan
from caseforms.cases import policy as cases_policy
from caseforms.cases.models import Case, CaseParticipant, Interest
from portal.accounts.models import Membership, Role, User
from portal.audit import services as audit

CASE = "recommendation__plan__case"


class Verb(StrEnum):
    """What a person may be allowed to do with an action."""

    READ = "read"
    UPDATE = "update"


# The right over the case that carries the right over every action of its plan.
OVER_THE_WHOLE_CASE = {
    Verb.READ: cases_policy.Action.READ_RETURNS,
    Verb.UPDATE: cases_policy.Action.ADOPT_PLAN,
}


def _leading(person: Any) -> QuerySet[Membership]:
    """Current memberships that do their agency's part, inside a query on Action: leads, and deputies of the
    case.
    """
    today = timezone.localdate()
    deputy = CaseParticipant.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        kind=CaseParticipant.Kind.DEPUTY,
        case=OuterRef(OuterRef(CASE)),
        membership=OuterRef("pk"),
        starts_on__lte=today,
    )
    return Membership.objects.current().filter(
        Q(role=Role.AGENCY_LEAD) | Q(Exists(deputy), role__in=cases_policy.MAY_DEPUTISE),
        person=person,
        agency=OuterRef("lead_agency"),
        partnership=OuterRef(f"{CASE}__partnership"),
    )


def _own(person: Any) -> Q:
    """A condition on Action: this person (a key, or an OuterRef two levels up) does its agency's part."""
    standing = Interest.objects.filter(case=OuterRef(CASE), person=person, lifted_at__isnull=True)
    return Q(Exists(_leading(person))) & ~Q(Exists(standing))


def _allowed(user: User, verb: Verb) -> Q:
    whole = cases_policy.cases_for(user, OVER_THE_WHOLE_CASE[verb]).filter(pk=OuterRef(CASE))
    return Q(Exists(whole)) | _own(user.pk)


def actions_for(user: cases_policy.Someone, verb: Verb) -> ActionQuerySet:
    """The actions with which this person may do this, by their memberships of today; none for anybody
    anonymous.
    """
    if not user.is_authenticated:
        return Action.objects.none()
    return Action.objects.filter(_allowed(user, verb))


def own_actions(user: User) -> ActionQuerySet:
    """The actions that are this person's own to update, as a lead or deputy of their agency."""
    return Action.objects.filter(_own(user.pk))


def with_rights(actions: ActionQuerySet, user: User) -> ActionQuerySet:
    """Adds `may_update` and `is_own` (bool) to each row, in the same query."""
    return actions.annotate(
        may_update=ExpressionWrapper(_allowed(user, Verb.UPDATE), output_field=BooleanField()),
        is_own=ExpressionWrapper(_own(user.pk), output_field=BooleanField()),
    )


def leads_of(plan: Plan) -> QuerySet[User]:
    """Everybody for whom some action of the plan is their own."""
    actions = Action.objects.filter(recommendation__plan=plan)
    return User.objects.filter(Exists(actions.filter(_own(OuterRef(OuterRef("pk"))))))


def action_or_404(user: User, verb: Verb, action_id: UUID, *, acting: Membership | None = None) -> Action:
    """The action, if this person may do this with it; every refusal is recorded under the case's reference.

    Raises Http404 where they may not even read it, PermissionDenied where they may read but not do this.
    """
    action = actions_for(user, Verb.READ).with_case().filter(pk=action_id).first()
    if action is not None and (verb == Verb.READ or actions_for(user, verb).filter(pk=action_id).exists()):
        return action
    case = Case.objects.filter(plans__recommendations__actions=action_id).first()
    actor = acting or Membership.objects.current().filter(person=user).first()
    audit.record(
        "refused",
        actor=actor,
        kind="action",
        ref=case.reference if case else str(action_id),
        partnership_id=case.partnership_id if case else (actor.partnership_id if actor else None),
        detail=verb.value,
    )
    if action is None:
        raise Http404
    raise PermissionDenied


def plan_case_or_404(user: User, ref: str, *, acting: Membership | None = None) -> Case:
    """The case whose plan this person may look at: as one who reads its decision, or because an action is
    their own.

    Refuses as cases_policy.get_or_404 does.
    """
    own = own_actions(user).filter(recommendation__plan__case=OuterRef("pk"))
    case = Case.objects.filter(Exists(own), reference=ref).select_related("partnership").first()
    return case or cases_policy.get_or_404(user, cases_policy.Action.READ_DECISION, ref, acting=acting)


def acting_membership(user: User, action: Action, preferred: Membership | None) -> Membership:
    """The membership in which an update is made: the preferred one where it gives the right, else the first
    that does.

    Raises PermissionDenied where the person may not.
    """
    if not actions_for(user, Verb.UPDATE).filter(pk=action.pk).exists():
        raise PermissionDenied
    this = Action.objects.filter(pk=action.pk)
    own = Membership.objects.current().filter(
        Exists(this.filter(Exists(_leading(user.pk).filter(pk=OuterRef(OuterRef("pk"))))))
    )
    over_all = cases_policy.memberships_for(
        user, OVER_THE_WHOLE_CASE[Verb.UPDATE], action.recommendation.plan.case
    )
    found = [*own.select_related("agency", "partnership"), *over_all]
    return next((member for member in found if preferred and member.pk == preferred.pk), found[0])
