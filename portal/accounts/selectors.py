"""Reads that other apps share: whom a person is, for which agency, where."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import Invitation, KeptPost, Membership, Partnership, Role, User

ROLE_ORDER = {role: place for place, role in enumerate(Role.values)}
KEPT_FOR = timedelta(hours=24)


def memberships_of(user: User) -> QuerySet[Membership]:
    """The person's current memberships, with agency and partnership; none for somebody who is not active."""
    current = Membership.objects.current().filter(person=user)
    return current.select_related("agency", "partnership").order_by("partnership__name", "agency__name")


def memberships_in(partnership: Partnership) -> tuple[QuerySet[Membership], QuerySet[Membership]]:
    """Everybody who is, and everybody who was, a member of a partnership: (current, past), by surname."""
    everyone = partnership.memberships.select_related("person", "agency").order_by(
        "person__last_name", "person__first_name"
    )
    return everyone & Membership.objects.current(), everyone & Membership.objects.past()


def open_invitations(partnership: Partnership) -> QuerySet[Invitation]:
    """Invitations that somebody may still accept, newest first."""
    return Invitation.objects.usable().filter(partnership=partnership).select_related("agency")


def kept_posts(user: User) -> QuerySet[KeptPost]:
    """What was kept for this person in the last 24 hours, newest first."""
    return KeptPost.objects.filter(person=user, created_at__gte=timezone.now() - KEPT_FOR)
