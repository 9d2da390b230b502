"""Meetings of the review group, who was there, what they recommend, and what the independent chair
decides."""

import uuid

from django.db import models
from django.utils import timezone

from caseforms.cases.models import Case, Outcome, Submission
from portal.accounts.models import Agency, Membership, Partnership
from portal.encryption import EncryptedTextField


class Meeting(models.Model):
    """A meeting of a partnership's review group; several cases may be considered at one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    version = models.PositiveIntegerField(default=1, help_text="Rises with each change of the attendance")

    class Meta:
        ordering = ["-held_on"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "held_on"], name="one_meeting_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.partnership.short_name} {self.held_on}"


class Attendance(models.Model):
    """A person was at a meeting for an agency."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendances")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["agency__name"]
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="once_at_a_meeting")]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.meeting_id}"


class Recommendation(models.Model):
    """What the panel recommends for a case; a deferred case may come back and get another one.

    The twelve questions, the reasons and any dissent are the submission's answers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recommendations")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="recommendations")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="recommendation")
    outcome = models.CharField(max_length=12, choices=Outcome)
    agencies_present = models.PositiveSmallIntegerField(help_text="As counted for the quorum of this case")
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} for {self.case_id}"


class Decision(models.Model):
    """What the independent chair decides on a recommendation, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    recommendation = models.OneToOneField(Recommendation, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=12, choices=Outcome)
    reasons = EncryptedTextField()
    decided_on = models.DateField()
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["recorded_at"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} for {self.case_id}"
