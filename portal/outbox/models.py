"""Messages, stored before they are sent, so that none is lost and none is sent unseen."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.encryption import EncryptedTextField

# Longer than the slowest conversation with a mail server (EMAIL_TIMEOUT holds for each of its dozen steps).
LEASE = timedelta(minutes=5)


class State(models.TextChoices):
    """Where a message is on its way."""

    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    WITHHELD = "withheld", "Withheld"


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: Any) -> "MessageQuerySet":
        """Waiting messages whose time has come, and those whose worker seems to have died while sending."""
        waiting = Q(state=State.QUEUED, next_attempt_at__lte=now)
        stale = Q(state=State.SENDING, claimed_at__lt=now - LEASE)
        return self.filter(waiting | stale).order_by("next_attempt_at")

    def failed(self) -> "MessageQuerySet":
        """Messages that were given up on."""
        return self.filter(state=State.FAILED)


def new_message_id(row: uuid.UUID) -> str:
    """The Message-ID header of a message, the same at every attempt, so that a second delivery can be
    recognised.
    """
    return f"<{row}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"


class Message(models.Model):
    """One e-mail to one address. Subject and text name a case reference, a task, a date and a link, nothing
    more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(
        max_length=200, unique=True, help_text="What this message is; a second one is never stored"
    )
    notice = models.CharField(max_length=60)
    partnership_id = models.UUIDField(null=True, blank=True)
    recipient_id = models.UUIDField(null=True, blank=True)
    subject_id = models.UUIDField(null=True, blank=True, help_text="The row that the guard asks about")
    guard = models.CharField(max_length=80, blank=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = EncryptedTextField()
    html = EncryptedTextField()
    message_id = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="The kind of error, never an address")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            # Sent messages pile up; those still to be sent stay few.
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="outbox_waiting"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="outbox_sending"),
            models.Index(fields=["partnership_id", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.id}"
