"""Plans adopted in a case, their recommendations and actions, and what each quarter was said about them."""

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.audit.models import AppendOnly
from portal.encryption import EncryptedTextField


class Status(models.TextChoices):
    """How an action stands; each partnership gives every status a colour word and a written definition."""

    NOT_STARTED = "not_started", "Not started"
    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    OVERDUE_BLOCKED = "overdue_blocked", "Overdue or blocked"
    COMPLETE = "complete", "Complete"


def days_overdue(due_on: date, status: str, on: date) -> int:
    """Calendar days past the due date on a day; 0 where the action is complete or not yet due."""
    return 0 if status == Status.COMPLETE else max(0, (on - due_on).days)


class Colour(models.TextChoices):
    """The colour words that a key may use; a page never shows the colour without the words."""

    BLUE = "blue", "Blue"
    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    GREY = "grey", "Grey"


# The GOV.UK tag that comes nearest to each colour word: the Design System has no amber.
TAGS: dict[str, str] = {
    Colour.BLUE: "blue",
    Colour.GREEN: "green",
    Colour.AMBER: "orange",
    Colour.RED: "red",
    Colour.GREY: "grey",
}


class RagDefinition(models.Model):
    """What a partnership means by a status: colour word and definition, printed beside the colour."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(
        "accounts.Partnership", on_delete=models.PROTECT, related_name="rag_definitions"
    )
    status = models.CharField(max_length=20, choices=Status)
    colour = models.CharField(max_length=10, choices=Colour)
    definition = models.CharField(max_length=300, help_text="One or two sentences that anybody can apply")

    class Meta:
        ordering = ["partnership", "status"]
        verbose_name = "status definition"
        constraints = [
            models.UniqueConstraint(fields=["partnership", "status"], name="one_definition_per_status")
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.get_colour_display()}"

    @property
    def tag(self) -> str:
        """The GOV.UK tag colour."""
        return TAGS[self.colour]


class Plan(models.Model):
    """The plan that a case ended in. Its title is shown in lists and files, so it identifies nobody."""

    class Kind(models.TextChoices):
        CASE = "case", "Plan of this review"
        MULTI_AGENCY = "multi_agency", "Multi-agency plan"
        ONE_AGENCY = "one_agency", "One agency's plan"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=120)
    adopted_at = models.DateTimeField(default=timezone.now)
    adopted_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["adopted_at", "id"]

    def __str__(self) -> str:
        return self.title


class Recommendation(models.Model):
    """One recommendation of a plan and the outcome that it wants."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    outcome = EncryptedTextField()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="recommendation_number_in_plan")
        ]

    def __str__(self) -> str:
        return f"Recommendation {self.number}"


def _updates_of_action() -> "models.QuerySet[ActionUpdate]":
    """The updates of the action of an outer query, latest first."""
    return ActionUpdate.objects.filter(action=OuterRef("pk")).order_by("-version")


class ActionQuerySet(models.QuerySet["Action"]):
    def of_partnership(self, partnership_id: uuid.UUID) -> "ActionQuerySet":
        """Actions of plans whose case belongs to a partnership."""
        return self.filter(recommendation__plan__case__partnership_id=partnership_id)

    def of_case(self, case_id: uuid.UUID) -> "ActionQuerySet":
        """Actions of a case's plans."""
        return self.filter(recommendation__plan__case_id=case_id)

    def as_at(self, moment: datetime) -> "ActionQuerySet":
        """Adds `status_then` and `update_then_id` (or None): how each action stood just before a moment."""
        before = _updates_of_action().filter(at__lt=moment)
        return self.annotate(
            status_then=Coalesce(Subquery(before.values("status")[:1]), Value(str(Status.NOT_STARTED))),
            update_then_id=Subquery(before.values("pk")[:1]),
        )

    def split_at(self, quarter_label: str) -> "ActionQuerySet":
        """Adds `said_id`, the last update of a quarter, and `before_id`, the last of any other (or None)."""
        updates = _updates_of_action()
        return self.annotate(
            said_id=Subquery(updates.filter(quarter=quarter_label).values("pk")[:1]),
            before_id=Subquery(updates.exclude(quarter=quarter_label).values("pk")[:1]),
        )

    def unfinished(self) -> "ActionQuerySet":
        """Actions that somebody still has to do something about."""
        return self.exclude(status=Status.COMPLETE)

    def with_case(self) -> "ActionQuerySet":
        """Everything that a card or a row shows of where an action belongs, in the same query."""
        return self.select_related(
            "lead_agency", "recommendation__plan__case", "recommendation__plan__case__partnership"
        )

    def in_plan_order(self) -> "ActionQuerySet":
        """As people read them: case by case, then as numbered in the plan."""
        return self.order_by(
            "recommendation__plan__case__reference",
            "recommendation__plan__adopted_at",
            "recommendation__plan_id",
            "recommendation__number",
            "number",
        )


class Action(models.Model):
    """What one agency is to do by a day. `version` counts its updates, so that two writers notice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="actions")
    number = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    lead_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="led_actions")
    lead_role = models.CharField(max_length=80)
    due_on = models.DateField(db_index=True)
    evidence_required = EncryptedTextField()
    status = models.CharField(max_length=20, choices=Status, default=Status.NOT_STARTED)
    completed_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["recommendation", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "number"], name="action_number_in_recommendation"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.COMPLETE, completed_on__isnull=False)
                | (~Q(status=Status.COMPLETE) & Q(completed_on__isnull=True)),
                name="action_complete_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["lead_agency", "status"])]

    def __str__(self) -> str:
        return f"Action {self.label}"

    @property
    def label(self) -> str:
        """How people speak of it: recommendation and action number, for example "2.1"."""
        return f"{self.recommendation.number}.{self.number}"


class ActionUpdate(AppendOnly):
    """What was said about an action in a quarter. Rows are added, never changed: figures "as at" rest on
    them.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="updates")
    version = models.PositiveIntegerField(help_text="The action's version that this update made")
    quarter = models.CharField(max_length=12)
    status = models.CharField(max_length=20, choices=Status)
    progress = EncryptedTextField(bound_to="uid")
    evidence = EncryptedTextField(bound_to="uid")
    words_digest = models.CharField(
        max_length=64, help_text="Keeps the words in the audit chain after an erasure"
    )
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["action", "-version"]
        constraints = [models.UniqueConstraint(fields=["action", "version"], name="one_update_per_version")]
        indexes = [models.Index(fields=["quarter", "action"])]

    def __str__(self) -> str:
        return f"Update {self.version}, {self.quarter}"
