"""Files that a business manager sent to be read and imported: a run, its files, and what is to be looked at after."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

LEASE = timedelta(seconds=120)


class RunState(models.TextChoices):
    """How far a run has come."""

    READING = "reading", "Being read"
    READY = "ready", "Ready to look at"
    IMPORTING = "importing", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Stopped"
    REMOVED = "removed", "Removed"


WORKING = [RunState.READING.value, RunState.IMPORTING.value]


class RunQuerySet(models.QuerySet["Run"]):
    def stuck(self, now: datetime) -> "RunQuerySet":
        """At work, and nobody has touched them for a while: the worker was killed or the task was lost."""
        return self.filter(state__in=WORKING, touched_at__lt=now - LEASE)

    def expired(self, now: datetime) -> "RunQuerySet":
        """Past their day: not imported, or with files that are still there."""
        over = self.filter(expires_at__lte=now).exclude(state=RunState.REMOVED)
        return over.filter(~models.Q(state=RunState.DONE) | models.Q(files__stored__gt="")).distinct()


class Run(models.Model):
    """Some files that are read, looked at and imported together. `claim` names the worker that is at it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    parent = models.ForeignKey(
        "procedures.ManualIndexPage", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=RunState, default=RunState.READING)
    claim = models.UUIDField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    links_mended = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="A sentence for the person who asked")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return f"Import of {self.asked_at:%d/%m/%Y %H:%M}, {self.get_state_display()}"


class FileState(models.TextChoices):
    """What has become of one file."""

    WAITING = "waiting", "Waiting to be read"
    READ = "read", "Read"
    UNREADABLE = "unreadable", "Cannot be read"
    IMPORTED = "imported", "Imported as a draft"
    LEFT_OUT = "left_out", "Left out"
    HELD = "held", "Not imported"


class File(models.Model):
    """One file of a run. `path` is its place in the folder that was sent; `stored` its random name on the disk."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=400)
    stored = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.WAITING)
    include = models.BooleanField(default=True)
    import_over = models.BooleanField(
        default=False, help_text="Import although the page was edited after this file was read"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)
    outline = models.JSONField(default=list, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    page = models.ForeignKey(
        "procedures.ChapterPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made = models.BooleanField(default=False)
    changes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="one_file_per_path_of_a_run")]

    def __str__(self) -> str:
        return self.path


class Finding(models.Model):
    """Something that an import found and a person should look at; ticked off once somebody has."""

    page = models.ForeignKey("procedures.ChapterPage", on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=80)
    section = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    found_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["page", "pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
