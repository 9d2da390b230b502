"""Rows that fall due and are chased, for any app; and the sign of life of the worker that chases them."""

from datetime import timedelta

from django.core.cache import cache
from django.db import models
from django.utils import timezone

LATE_AFTER = timedelta(minutes=3)
WORKER = "worker"
SEEN_BEAT = "heartbeat-of-the-worker"


class Chased(models.Model):
    """Something that falls due at a moment and is chased until it is done.

    `chase_step` is the number of the next reminder in the model's plan (portal.reminders.registry),
    `next_chase_at` when that reminder falls due. An empty `next_chase_at` means that nothing is left to
    chase: done, or chased to the end.
    """

    due_at = models.DateTimeField()
    next_chase_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    chase_step = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Heartbeat(models.Model):
    """When the worker was last alive."""

    name = models.CharField(max_length=40, unique=True)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


def worker_is_late() -> bool:
    """Whether the worker has shown no sign of life for over three minutes. At most one query, by a unique key: a beat
    that was seen earlier and is not that old yet is proof enough."""
    since = timezone.now() - LATE_AFTER
    seen = cache.get(SEEN_BEAT)
    if seen is not None and seen >= since:
        return False
    last = Heartbeat.objects.filter(name=WORKER).values_list("beaten_at", flat=True).first()
    cache.set(SEEN_BEAT, last, LATE_AFTER.total_seconds())
    return last is None or last < since
