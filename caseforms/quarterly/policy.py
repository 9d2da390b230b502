"""Who may take the quarter's workbook away, and what stands in it. Builds on the policies of cases and of
plans.
"""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from caseforms.actionplans import policy as plans_policy
from caseforms.actionplans.models import Action, ActionQuerySet
from caseforms.cases import policy as cases_policy
from caseforms.quarterly.models import Export
from portal.accounts.models import Membership, Partnership, Role, User
from portal.audit import services as audit


def exporting_memberships(user: User) -> QuerySet[Membership]:
    """The person's current memberships by which they may make workbooks: a business manager's."""
    return (
        Membership.objects.current()
        .filter(person=user.pk, role=Role.BUSINESS_MANAGER)
        .select_related("agency", "partnership", "person")
    )


def acting_membership(
    user: User, partnership: Partnership, preferred: Membership | None = None
) -> Membership:
    """The membership in which a workbook of the partnership is made. Raises PermissionDenied where there is
    none.
    """
    found = list(exporting_memberships(user).filter(partnership=partnership))
    if not found:
        raise PermissionDenied
    return next((member for member in found if preferred and member.pk == preferred.pk), found[0])


def actions_in_workbook(user: User | None, partnership: Partnership) -> ActionQuerySet:
    """What a workbook holds: every action of the partnership that its maker may read and export.

    `user` None is the operator at the console, to whom the whole partnership is open.
    """
    if user is None:
        return Action.objects.of_partnership(partnership.pk)
    exported = cases_policy.cases_for(user, cases_policy.Action.EXPORT).filter(pk=OuterRef(plans_policy.CASE))
    readable = plans_policy.actions_for(user, plans_policy.Verb.READ)
    return readable.filter(Exists(exported)).of_partnership(partnership.pk)


def exports_for(user: User) -> QuerySet[Export]:
    """The workbooks that this person asked for, in partnerships where they may still make one."""
    still = exporting_memberships(user).filter(partnership=OuterRef("partnership"))
    return Export.objects.filter(Exists(still), asked_by__person=user.pk).select_related("partnership")


def export_or_404(user: User, export_id: UUID, *, acting: Membership | None = None) -> Export:
    """The person's own workbook. Raises Http404 for anybody else's, and records that."""
    export = exports_for(user).filter(pk=export_id).first()
    if export is None:
        actor = acting or Membership.objects.current().filter(person=user.pk).first()
        audit.record("refused", actor=actor, kind="workbook", ref=str(export_id))
        raise Http404
    return export
