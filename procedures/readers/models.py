"""What readers report, what they follow, what they were told of it, and what they say that they have read."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.encryption import EncryptedTextField


class FeedbackState(models.TextChoices):
    """How far a report has come."""

    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Set aside"


class Outcome(models.TextChoices):
    """What came of a report, as its sender is told."""

    CHANGED = "changed", "The manual has been changed"
    WILL_CHANGE = "will_change", "The manual will be changed"
    NO_CHANGE = "no_change", "The manual stays as it is"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def open(self) -> "FeedbackQuerySet":
        """Those that nobody has answered or set aside."""
        return self.filter(state=FeedbackState.OPEN)


class Feedback(models.Model):
    """One report that something in a section is wrong or out of date.

    The section is kept by its address and by what it was called that day. `address` is where somebody without an
    account wants the answer; it is erased with the answer, and `text` when a report is set aside.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField(
        unique=True, help_text="One for each form that was shown: sent twice, it counts once"
    )
    page = models.ForeignKey("procedures.ChapterPage", null=True, on_delete=models.SET_NULL, related_name="+")
    chapter = models.CharField(max_length=300)
    anchor = models.CharField(max_length=20)
    section = models.CharField(max_length=300)
    edition = models.ForeignKey("editing.Edition", null=True, on_delete=models.SET_NULL, related_name="+")
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    address = EncryptedTextField()
    text = EncryptedTextField()
    sent_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=FeedbackState, default=FeedbackState.OPEN)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    answer = EncryptedTextField()
    answered_by = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at"]
        verbose_name_plural = "feedback"
        indexes = [models.Index(fields=["state", "partnership"]), models.Index(fields=["person", "-sent_at"])]

    def __str__(self) -> str:
        return f"{self.chapter}, {self.get_state_display()}"

    @property
    def place(self) -> str:
        """The section in its chapter, as both were called when the report was sent."""
        return f"{self.chapter} › {self.section}" if self.section else self.chapter


class Subscription(models.Model):
    """A person follows a chapter, or all chapters of a manual or of a part of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["person", "page"]
        constraints = [models.UniqueConstraint(fields=["person", "page"], name="one_subscription_per_page")]

    def __str__(self) -> str:
        return f"Subscription to page {self.page_id}"


class Digest(models.Model):
    """One e-mail about amendments: to one person, on one day. The row is the claim: whoever can write it sends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    until = models.DateTimeField(help_text="Editions up to this moment were looked at")
    editions = models.ManyToManyField("editing.Edition", related_name="+")

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["person", "day"], name="one_digest_per_person_and_day")
        ]

    def __str__(self) -> str:
        return f"Digest of {self.day}"


class Confirmation(models.Model):
    """Somebody has said that they have read and understood an edition."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey("editing.Edition", on_delete=models.PROTECT, related_name="confirmations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["edition", "person"], name="one_confirmation_each")]

    def __str__(self) -> str:
        return f"Read on {self.at:%d/%m/%Y}"


class Chase(models.Model):
    """Those who have not confirmed an edition were reminded, once that day. The row is the claim."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey("editing.Edition", on_delete=models.CASCADE, related_name="chases")
    partnership = models.ForeignKey("accounts.Partnership", on_delete=models.PROTECT, related_name="+")
    day = models.DateField(default=timezone.localdate)
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "partnership", "day"], name="one_chase_a_day")
        ]

    def __str__(self) -> str:
        return f"Reminder of {self.day}"
