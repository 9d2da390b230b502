"""Which deadlines a person may see and change; builds on the policy of cases (architecture, decision 1)."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q

from caseforms.cases.policy import Action, cases_for
from caseforms.deadlines.models import ClosedDay, Deadline, DeadlineQuerySet, DeadlineRule
from portal.accounts.models import Membership, Partnership, Role, User

KEEPS_TIME_LIMITS = frozenset({Role.BUSINESS_MANAGER, Role.ADMINISTRATOR})


def deadlines_for(user: User | AnonymousUser) -> DeadlineQuerySet:
    """Deadlines of the cases that a person sees; another agency's only where they may read all returns."""
    if not user.is_authenticated:
        return Deadline.objects.none()
    own_agency = Membership.objects.current().filter(
        person=user, agency=OuterRef("owner_agency"), partnership=OuterRef("case__partnership")
    )
    everybody_s = Q(owner_agency__isnull=True)
    all_returns = Q(case__in=cases_for(user, Action.READ_RETURNS))
    return Deadline.objects.filter(
        everybody_s | all_returns | Q(Exists(own_agency)), case__in=cases_for(user, Action.SEE)
    )


def partnerships_kept_by(user: User | AnonymousUser) -> list[Partnership]:
    """The partnerships whose time limits and closed days a person keeps in the register."""
    if not user.is_authenticated:
        return []
    held = Membership.objects.current().filter(
        person=user, partnership=OuterRef("pk"), role__in=KEEPS_TIME_LIMITS
    )
    return list(Partnership.objects.filter(Exists(held)))


def may_keep(user: User | AnonymousUser, row: DeadlineRule | ClosedDay) -> bool:
    """Whether a person keeps the register that this row belongs to."""
    return row.partnership in partnerships_kept_by(user)
