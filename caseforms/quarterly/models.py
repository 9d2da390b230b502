"""The quarter's round of a partnership, and the workbooks that people asked for."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

# A worker says that it is alive about once a second; one that has been silent this long was killed.
LEASE = timedelta(seconds=90)


class Round(models.Model):
    """One partnership's quarter: when it was opened, and by which day updates should be in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="rounds")
    quarter = models.CharField(max_length=12)
    opened_at = models.DateTimeField(default=timezone.now)
    closes_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["partnership", "-closes_on"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "quarter"], name="one_round_per_quarter")
        ]

    def __str__(self) -> str:
        return self.quarter


class ExportState(models.TextChoices):
    """How far a workbook has come."""

    QUEUED = "queued", "Waiting to start"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Not made"
    EXPIRED = "expired", "Removed"


UNFINISHED = [ExportState.QUEUED.value, ExportState.RUNNING.value]


class ExportQuerySet(models.QuerySet["Export"]):
    def unfinished(self) -> "ExportQuerySet":
        """Asked for and neither made nor given up."""
        return self.filter(state__in=UNFINISHED)

    def stuck(self, now: datetime) -> "ExportQuerySet":
        """Unfinished, and nobody has touched them for a while: the worker was killed or the task was lost."""
        return self.unfinished().filter(touched_at__lt=now - LEASE)

    def expired(self, now: datetime) -> "ExportQuerySet":
        """Ready ones whose file must go."""
        return self.filter(state=ExportState.DONE, expires_at__lte=now)


class Export(models.Model):
    """A workbook that a person asked for. `claim` names the run at work; only that run may finish the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    quarter = models.CharField(max_length=12)
    asked_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    claim = models.UUIDField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    total_rows = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=80, blank=True, help_text="A random name below CASE_FILES_ROOT")
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="A sentence for the person who asked")

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["asked_by", "partnership", "quarter"],
                condition=models.Q(state__in=UNFINISHED),
                name="one_unfinished_export",
            )
        ]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return f"{self.quarter}, {self.get_state_display()}"

    @property
    def download_name(self) -> str:
        """The name that the browser saves it under: quarter only, nobody's name."""
        return f"action-plans-{self.quarter}.xlsx"
