"""Cases, the people and agencies that take part, drafts and submissions, and the events that are a case's
history.

Free text tied to a case is encrypted (portal/encryption.py); what lists sort and filter by is typed and tells
nothing.
"""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from caseforms.questions.models import QuestionSet
from portal.accounts.models import Agency, Membership, Partnership, Role
from portal.audit.models import AppendOnly
from portal.encryption import EncryptedJSONField, EncryptedTextField, blind_index

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without look-alikes and vowels that spell words


def new_reference() -> str:
    """A random case reference such as CR-7F3K-9QXB, which tells neither volume nor order."""
    part = ["".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(4)) for _ in range(2)]
    return f"CR-{part[0]}-{part[1]}"


class Stage(models.TextChoices):
    """Where a case is in its life (domain.md, The life of a case); changed only by
    workflow.services.advance."""

    SUBMITTED = "submitted", "Referral received"
    RETURNED = "returned", "Returned with a question"
    WITHDRAWN = "withdrawn", "Withdrawn"
    TRIAGED = "triaged", "Accepted for consideration"
    GATHERING = "gathering", "Agencies asked for information"
    RECOMMENDED = "recommended", "Recommendation made"
    DECIDED = "decided", "Decision made"
    SCOPED = "scoped", "Scope agreed"
    PLANNED = "planned", "Action plan adopted"
    CLOSED = "closed", "Closed"


class Outcome(models.TextChoices):
    """What the independent chair may decide (field-notes 1.6; Oxfordshire 5.5)."""

    REVIEW = "review", "Hold a review"
    OTHER_REVIEW = "other_review", "Another kind of review"
    NO_REVIEW = "no_review", "No review"
    DEFERRED = "deferred", "Deferred until more is known"


class Case(models.Model):
    """One referral and everything that follows from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="cases")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.SUBMITTED)
    stage_since = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    referred_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="cases_referred")
    consulted_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    agencies = models.ManyToManyField(Agency, through="CaseAgency", related_name="cases")

    class Meta:
        ordering = ["-submitted_at"]
        indexes = [models.Index(fields=["partnership", "stage"])]

    def __str__(self) -> str:
        return self.reference


class Person(models.Model):
    """What is common to the child and to the significant adults; the two digests make a person findable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first_name = EncryptedTextField()
    last_name = EncryptedTextField()
    other_names = EncryptedTextField()
    date_of_birth = EncryptedTextField(help_text="ISO date, perhaps only its year or its year and month")
    address = EncryptedTextField()
    surname_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    birth_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.surname_index = blind_index("surname", self.last_name)
        self.birth_index = blind_index("date of birth", self.date_of_birth)
        super().save(*args, **kwargs)


class Child(Person):
    """A child who is the subject of the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="children")
    order = models.PositiveSmallIntegerField(default=1)
    date_of_death = EncryptedTextField()
    details = EncryptedJSONField(help_text="Every other answer about this child, by question code")

    class Meta:
        ordering = ["order"]
        verbose_name_plural = "children"

    def __str__(self) -> str:
        return f"Child {self.order}"


class CasePerson(Person):
    """A parent, carer, sibling or other significant person."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="people")
    order = models.PositiveSmallIntegerField(default=1)
    relationship = EncryptedTextField()
    details = EncryptedJSONField()

    class Meta:
        ordering = ["order"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return f"Person {self.order}"


class CaseAgency(models.Model):
    """An agency that takes part in a case: its lead may see the case and owes what was asked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="case_agencies")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="case_agencies")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When it was asked for information")
    answered_at = models.DateTimeField(null=True, blank=True)
    involved = models.BooleanField(null=True, blank=True, help_text="No where the agency gave a nil return")
    report_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was asked for an agency report"
    )

    class Meta:
        ordering = ["agency__name"]
        constraints = [models.UniqueConstraint(fields=["case", "agency"], name="agency_once_in_a_case")]

    def __str__(self) -> str:
        return f"{self.agency} in {self.case_id}"


class CaseParticipant(models.Model):
    """A person given access to one case for a time: an independent author, or a deputy for an excluded
    lead."""

    class Kind(models.TextChoices):
        AUTHOR = "author", "Independent author"
        DEPUTY = "deputy", "Deputy for an agency lead"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="participations")
    kind = models.CharField(max_length=10, choices=Kind)
    starts_on = models.DateField(default=timezone.localdate)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "membership", "kind"], name="participant_once_in_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.case_id}"


class Interest(models.Model):
    """A declared conflict or a direct involvement: while it stands, the person sees nothing of the case."""

    class Kind(models.TextChoices):
        DECLARED = "declared", "Declared interest"
        INVOLVED = "involved", "Direct involvement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="interests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = EncryptedTextField()
    declared_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when an appeal to the chair succeeds"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(lifted_at__isnull=True), name="one_standing_interest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.case_id}"


class Draft(models.Model):
    """A form that a person has begun; seen by nobody else. `version` rises with each save, so two tabs are
    noticed."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Sent"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="drafts")
    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="drafts")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts")
    answers = EncryptedJSONField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-saved_at"]
        indexes = [models.Index(fields=["owner", "state"])]

    def __str__(self) -> str:
        return f"Draft {self.id}"


class Submission(models.Model):
    """Answers as they were sent, with the version of the questions that were asked; never changed
    afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="submissions")
    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="submissions")
    draft = models.OneToOneField(
        Draft, on_delete=models.PROTECT, null=True, blank=True, related_name="submission"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="submissions")
    submitted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="submissions")
    submitted_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveSmallIntegerField(
        default=1, help_text="Rises when a form is sent again, amended"
    )
    answers = EncryptedJSONField()

    class Meta:
        ordering = ["submitted_at"]

    def __str__(self) -> str:
        return f"{self.question_set_id} for {self.case_id}"


class CaseEvent(AppendOnly):
    """Something that happened to a case: its history, its trigger and its evidence (architecture decision
    3)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=40)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=20, choices=Role, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_stage = models.CharField(max_length=12, choices=Stage, blank=True)
    to_stage = models.CharField(max_length=12, choices=Stage, blank=True)
    facts = models.JSONField(
        default=dict, help_text="Typed, non-identifying facts, such as an outcome or a date"
    )
    text = EncryptedTextField(bound_to="uid")
    text_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "id"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.case_id}"
