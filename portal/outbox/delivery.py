"""Delivery: claim a message, ask its guard, send it, mark it. At least once, and once as far as we can know.

1. Claim: UPDATE to `sending` where state and claim are still what was read; only one worker's update counts.
2. The claim counts as an attempt, so that a message which kills its worker is given up after a while.
3. Send with the stable Message-ID.
4. Mark as sent, where the claim is still ours. A worker killed between 3 and 4 leaves a stale claim; the
   message is then sent a second time under the same Message-ID.
"""

import logging
import smtplib
import socket
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from portal.outbox import guards
from portal.outbox.models import Message, State

logger = logging.getLogger("portal.outbox")

# Minutes until the next attempt, after the first, second … failure: about 22 hours in all.
BACKOFF = (1, 2, 5, 15, 30, 60, 120, 240, 360, 480)
MAX_ATTEMPTS = len(BACKOFF) + 1
SECONDS_PER_RUN = 120
# With these the server itself is out of reach: there is no sense in trying the next message now.
NO_SERVER = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    smtplib.SMTPServerDisconnected,
    smtplib.SMTPConnectError,
)


def deliver(limit: int = 200) -> int:
    """Sends up to `limit` messages that are due; the number sent. Several workers may run it at once."""
    ends = monotonic() + SECONDS_PER_RUN
    candidates = list(Message.objects.due(timezone.now()).values_list("pk", flat=True)[:limit])
    if not candidates:
        return 0
    sent = 0
    connection = get_connection(settings.OUTBOX_DELIVERY_BACKEND)
    try:
        for pk in candidates:
            message = _claim(pk)
            if message is None:
                continue
            try:
                sent += _send(message, connection)
            except Exception as error:  # whatever a mail server or a guard does, the other messages go on
                _note_failure(message, error)
                if isinstance(error, NO_SERVER):
                    break
            if monotonic() > ends:
                break
    finally:
        _close(connection)
    return sent


def _claim(pk: UUID) -> Message | None:
    """The message, if it is ours now; None where another worker has it or it has been tried often enough."""
    now = timezone.now()
    message = Message.objects.due(now).filter(pk=pk).first()
    if message is None:
        return None
    unchanged = Message.objects.filter(
        pk=pk, state=message.state, claimed_at=message.claimed_at, attempts=message.attempts
    )
    if message.attempts >= MAX_ATTEMPTS:
        unchanged.update(state=State.FAILED, last_error="gave up while sending")
        return None
    if not unchanged.update(state=State.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return None
    message.state, message.claimed_at, message.attempts = State.SENDING, now, message.attempts + 1
    return message


def _send(message: Message, connection: BaseEmailBackend) -> int:
    """1 where the message went out; 0 where its guard withheld it."""
    if not guards.allows(message):
        _mark(message, State.WITHHELD)
        return 0
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.to],
        headers={"Message-ID": message.message_id},
        connection=connection,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    connection.open()
    connection.send_messages([mail])
    _mark(message, State.SENT, sent_at=timezone.now(), last_error="")
    return 1


def _note_failure(message: Message, error: Exception) -> None:
    """Queues the message for later, or gives it up. Only the kind of error is kept: its text may hold
    addresses.
    """
    kind = " ".join([type(error).__name__, str(getattr(error, "smtp_code", ""))]).strip()
    logger.warning("message %s, attempt %s: %s", message.pk, message.attempts, kind)
    if message.attempts >= MAX_ATTEMPTS:
        _mark(message, State.FAILED, last_error=kind[:80])
        return
    later = timezone.now() + timedelta(minutes=BACKOFF[message.attempts - 1])
    _mark(message, State.QUEUED, next_attempt_at=later, last_error=kind[:80])


def _mark(message: Message, state: State, **columns: datetime | str) -> None:
    """Writes the outcome, unless another worker has taken the message over meanwhile."""
    ours = Message.objects.filter(pk=message.pk, state=State.SENDING, claimed_at=message.claimed_at)
    ours.update(state=state, claimed_at=None, **columns)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError as error:
        logger.warning("closing the mail connection: %s", type(error).__name__)
