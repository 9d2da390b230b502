"""Copies of a whole manual, or of a part of it, that are made in the queue: one for all who may read the same."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# A worker says that it is alive about once a second; one that has been silent this long was killed.
LEASE = timedelta(seconds=90)


class Kind(models.TextChoices):
    """What a copy is."""

    OFFLINE = "offline", "Offline copy"
    PDF = "pdf", "PDF"
    WORD = "docx", "Word"


class CopyState(models.TextChoices):
    """How far a copy has come."""

    QUEUED = "queued", "Waiting to start"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Not made"
    EXPIRED = "expired", "Removed"


UNFINISHED = [CopyState.QUEUED.value, CopyState.RUNNING.value]


class CopyQuerySet(models.QuerySet["Copy"]):
    def unfinished(self) -> "CopyQuerySet":
        """Asked for and neither made nor given up."""
        return self.filter(state__in=UNFINISHED)

    def stuck(self, now: datetime) -> "CopyQuerySet":
        """Unfinished, and nobody has touched them for a while: the worker was killed or the task was lost."""
        return self.unfinished().filter(touched_at__lt=now - LEASE)

    def fresh(self, generation: int, now: datetime) -> "CopyQuerySet":
        """Ready, not past their time, and made of the manual as it is now."""
        return self.filter(state=CopyState.DONE, generation=generation, expires_at__gt=now)

    def over(self, generation: int, now: datetime) -> "CopyQuerySet":
        """Ready ones whose file must go: past their time, or the manual has changed."""
        return self.filter(state=CopyState.DONE).exclude(generation=generation, expires_at__gt=now)


class Copy(models.Model):
    """A copy that somebody asked for. `rights` says for whom it is (see policy.rights_of): readers of one
    partnership, or of none, from whom the same is hidden. `claim` names the run at
    work, and only that run may finish the row; `generation` is that of the manual when the run began."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    scope = models.ForeignKey("procedures.ManualIndexPage", on_delete=models.CASCADE, related_name="+")
    partnership = models.ForeignKey(
        "accounts.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    rights = models.CharField(max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    generation = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=CopyState, default=CopyState.QUEUED)
    claim = models.UUIDField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_chapters = models.PositiveIntegerField(default=0)
    total_chapters = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=80, blank=True, help_text="A random name in the folder of copies")
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes")
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="A sentence for the person who asked")

    objects = CopyQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name_plural = "copies"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scope", "rights"],
                condition=models.Q(state__in=UNFINISHED),
                name="one_unfinished_copy",
            )
        ]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display()}"

    @property
    def percent(self) -> int:
        """How far it has come, 0 to 100."""
        if self.state == CopyState.DONE:
            return 100
        return 100 * self.done_chapters // self.total_chapters if self.total_chapters else 0

    @property
    def download_name(self) -> str:
        """The name that a browser saves it under: the manual's and the day's, nobody's."""
        ending = "zip" if self.kind == Kind.OFFLINE else self.kind
        day = f"-{timezone.localtime(self.made_at):%Y-%m-%d}" if self.made_at else ""
        return f"{self.scope.slug}{day}.{ending}"
