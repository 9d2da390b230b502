"""Who may see and keep the meetings of a review group. Cases at a meeting stay with
caseforms.cases.policy."""

from django.db.models import QuerySet

from caseforms.panels.models import Meeting
from portal.accounts.models import Membership, Partnership, Role, User

READERS = frozenset({Role.BUSINESS_MANAGER, Role.CHAIR, Role.PANEL_MEMBER, Role.INDEPENDENT_CHAIR})
KEEPERS = frozenset({Role.BUSINESS_MANAGER, Role.CHAIR})
# Whoever may sit at the table: an agency's lead comes where the agency has no member of its own.
ATTENDERS = READERS | {Role.AGENCY_LEAD}


def meetings_for(user: User) -> QuerySet[Meeting]:
    """The meetings of the partnerships in whose review group the person has a part."""
    memberships = Membership.objects.current().filter(person=user, role__in=READERS)
    return Meeting.objects.filter(partnership__in=memberships.values("partnership"))


def reads_meetings(user: User) -> bool:
    """Whether the person has a part in any review group."""
    return Membership.objects.current().filter(person=user, role__in=READERS).exists()


def kept_in(user: User) -> QuerySet[Partnership]:
    """The partnerships in which the person records meetings and who was there."""
    memberships = Membership.objects.current().filter(person=user, role__in=KEEPERS)
    return Partnership.objects.filter(pk__in=memberships.values("partnership"))


def may_attend(partnership: Partnership) -> QuerySet[Membership]:
    """The memberships that can be ticked as present."""
    found = Membership.objects.current().filter(partnership=partnership, role__in=ATTENDERS)
    return found.select_related("person", "agency").order_by("agency__name", "person__last_name")
