"""Which chapters an editor's lists may name."""

from typing import Any

from django.db.models import Q, QuerySet

from portal.accounts.models import Membership
from portal.accounts.policy import MANAGING_ROLES
from procedures.models import ChapterPage, ManualIndexPage


def chapters_of(user: Any) -> QuerySet[ChapterPage]:
    """The live chapters that this person keeps: the shared ones, and those local to a partnership they manage."""
    managed = list(
        Membership.objects.current()
        .filter(person=user, role__in=MANAGING_ROLES)
        .values_list("partnership_id", flat=True)
    )
    chapters: QuerySet[ChapterPage] = ChapterPage.objects.live().filter(alias_of__isnull=True)
    chapters = chapters.filter(Q(partnership__isnull=True) | Q(partnership__in=managed))
    for part in ManualIndexPage.objects.exclude(partnership__isnull=True).exclude(partnership__in=managed):
        chapters = chapters.exclude(path__startswith=part.path)
    return chapters
