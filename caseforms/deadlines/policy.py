"""Which deadlines a person may see and change; builds on the policy of cases (architecture, decision 1)."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q

from caseforms.cases.policy import Action, cases_for
from caseforms.deadlines.models import Deadline, DeadlineQuerySet
from portal.accounts.models import Membership, User


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
