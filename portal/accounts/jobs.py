"""What the queue runs for accounts."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.accounts.models import Attempt, KeptPost
from portal.accounts.selectors import KEPT_FOR


def tidy() -> int:
    """Deletes kept posts after 24 hours, counts of attempts after a day, and sessions that have run out."""
    now = timezone.now()
    deleted = 0
    for rows in (
        KeptPost.objects.filter(created_at__lt=now - KEPT_FOR),
        Attempt.objects.filter(at__lt=now - timedelta(days=1)),
        Session.objects.filter(expire_date__lt=now),
    ):
        deleted += rows.delete()[0]
    return deleted
