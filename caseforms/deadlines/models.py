"""Time limits as rows: the rules, the days nobody works, the deadlines that run, and their extensions."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from caseforms.cases.models import Case
from caseforms.deadlines.limits import Unit, length_in_words
from caseforms.deadlines.vocabulary import Authority, Start, Stop
from portal.accounts.models import Agency, Membership, Partnership, Role
from portal.encryption import EncryptedTextField
from portal.reminders.models import Chased

LONGEST_LENGTH = 3650


class DeadlineRuleQuerySet(models.QuerySet["DeadlineRule"]):
    def in_force(self, on: date) -> "DeadlineRuleQuerySet":
        """Of each code the latest version that is valid on a day, where that version is active."""
        later = DeadlineRule.objects.filter(
            partnership=OuterRef("partnership"),
            code=OuterRef("code"),
            version__gt=OuterRef("version"),
            valid_from__lte=on,
        )
        return self.filter(~Exists(later), valid_from__lte=on, active=True)


class DeadlineRule(models.Model):
    """One time limit of one partnership: from what, until what, how long, whose task, on whose authority.

    A rule that has been used is never changed: changing it in the register makes its next version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="deadline_rules")
    code = models.SlugField(max_length=40, help_text="Stays the same from version to version")
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    valid_from = models.DateField(default=timezone.localdate, help_text="The first day on which it applies")
    active = models.BooleanField(default=True, help_text="Untick to stop using this limit from that day")
    task = models.CharField(max_length=120, help_text="What must be done, as reminders say it")
    starts_on = models.CharField("starts when", max_length=20, choices=Start)
    stops_on = models.CharField("fulfilled when", max_length=20, choices=Stop)
    lapses_on = models.CharField(
        "no longer needed when", max_length=20, choices=Stop, blank=True, help_text="Leave empty if never"
    )
    only_for_reviews = models.BooleanField(
        default=False, help_text="Only where the decision is to hold a review"
    )
    length = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LENGTH)]
    )
    unit = models.CharField(max_length=20, choices=Unit)
    owner_role = models.CharField(
        "owner", max_length=20, choices=Role, help_text="Agency lead: one for every agency that takes part"
    )
    escalates_to = models.CharField("first told when late", max_length=20, choices=Role, blank=True)
    then_to = models.CharField("told next", max_length=20, choices=Role, blank=True)
    authority = models.CharField(max_length=20, choices=Authority)
    source = models.CharField(max_length=120, help_text="Document and section")

    objects = DeadlineRuleQuerySet.as_manager()

    class Meta:
        ordering = ["partnership", "code", "-version"]
        verbose_name = "time limit"
        constraints = [
            models.UniqueConstraint(fields=["partnership", "code", "version"], name="rule_version_once"),
            models.CheckConstraint(condition=Q(length__gte=1), name="rule_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.length_in_words} (version {self.version})"

    @property
    def length_in_words(self) -> str:
        """Such as `15 working days`."""
        return length_in_words(self.length, self.unit)

    @property
    def one_per_agency(self) -> bool:
        """Whether every agency that takes part in a case has this task for itself."""
        return self.owner_role == Role.AGENCY_LEAD


class ClosedDay(models.Model):
    """A day on which nobody of the partnership works, beyond weekends and bank holidays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="closed_days")
    date = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        ordering = ["partnership", "-date"]
        constraints = [models.UniqueConstraint(fields=["partnership", "date"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.date:%-d %B %Y}: {self.reason}"


class State(models.TextChoices):
    """How a deadline stands."""

    OPEN = "open", "Running"
    MET = "met", "Met"
    LATE_MET = "late-met", "Met late"
    CANCELLED = "cancelled", "No longer needed"


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def open(self) -> "DeadlineQuerySet":
        """Those whose task is still to be done."""
        return self.filter(state=State.OPEN)

    def with_rows(self) -> "DeadlineQuerySet":
        """Everything that a list shows, in as few queries as it takes."""
        return self.select_related("case__partnership", "rule", "owner_agency").prefetch_related("extensions")


class Deadline(Chased):
    """A task in a case with the moment by which it must be done; `due_at` and its reminders come from Chased.

    `how` says in words how the first date came about; `original_due_at` never changes.
    """

    State: ClassVar = State

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines")
    rule = models.ForeignKey(DeadlineRule, on_delete=models.PROTECT, related_name="deadlines")
    owner_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="deadlines"
    )
    task = models.CharField(max_length=120)
    how = models.CharField(max_length=400)
    started_at = models.DateTimeField()
    original_due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    met_at = models.DateTimeField(null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()

    prepared: Any = None  # what reminders.py has fetched for this row and others together

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "rule"],
                condition=Q(state="open", owner_agency__isnull=True),
                name="one_open_deadline_for_a_rule",
            ),
            models.UniqueConstraint(
                fields=["case", "rule", "owner_agency"],
                condition=Q(state="open"),
                name="one_open_deadline_for_an_agency",
            ),
        ]
        indexes = [models.Index(fields=["case", "state", "due_at"])]

    def __str__(self) -> str:
        return f"{self.task} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def is_late(self) -> bool:
        """Whether the task is still to be done although its time is over."""
        return self.is_open and timezone.now() > self.due_at

    @property
    def is_extended(self) -> bool:
        return self.due_at != self.original_due_at


class Extension(models.Model):
    """A later date for a deadline: on request, with a reason, and who agreed. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="extensions")
    old_due = models.DateTimeField()
    new_due = models.DateTimeField()
    reason = EncryptedTextField()
    asked_by = EncryptedTextField()
    agreed_by = EncryptedTextField()
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["recorded_at"]

    def __str__(self) -> str:
        return f"{self.old_due:%-d %b %Y} to {self.new_due:%-d %b %Y}"
