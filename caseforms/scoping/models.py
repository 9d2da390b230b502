"""Terms of reference and scope: every version that was agreed is kept (domain.md, Forms 5)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from caseforms.cases.models import Case, Submission
from portal.accounts.models import Agency, Membership


class Scope(models.Model):
    """One agreed version: the period under review and who is to report; the rest is the submission's
    answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="scopes")
    version = models.PositiveSmallIntegerField()
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="scope")
    period_from = models.DateField()
    period_to = models.DateField()
    agencies = models.ManyToManyField(Agency, related_name="+")
    agreed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["case", "version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="scope_version_once"),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="scope_period_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Scope v{self.version} of {self.case_id}"
