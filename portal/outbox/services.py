"""Putting messages into the outbox, and trying again those that failed."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone

from portal import schedule
from portal.audit.services import record
from portal.outbox.delivery import deliver
from portal.outbox.models import Message, State, new_message_id


def send(
    *,
    notice: str,
    to: str,
    key: str,
    context: Mapping[str, Any],
    guard: str = "",
    subject_id: UUID | None = None,
    recipient_id: UUID | None = None,
    partnership_id: UUID | None = None,
) -> Message | None:
    """Stores one message, in the caller's transaction; None where one with this `key` is there already.

    `notice` names the templates templates/emails/<notice>.{subject.txt,txt,html}; they get `context` and
    `base_url`. `guard` names a question of portal.outbox.guards that is asked again when the message is about
    to go out. `partnership_id` decides whose administrators see the message listed; without it, only those of
    the partnership to which all of the recipient's memberships belong. Raises ValidationError for an unusable
    address.
    """
    message = compose(
        notice=notice, to=to, key=key, context=context, guard=guard,
        subject_id=subject_id, recipient_id=recipient_id, partnership_id=partnership_id,
    )  # fmt: skip
    return message if store([message]) else None


def compose(
    *,
    notice: str,
    to: str,
    key: str,
    context: Mapping[str, Any],
    guard: str = "",
    subject_id: UUID | None = None,
    recipient_id: UUID | None = None,
    partnership_id: UUID | None = None,
) -> Message:
    """The message that `send` would store, not yet stored; for `store`, where there are many at once."""
    full = {"base_url": settings.BASE_URL, **context}
    return _message(
        to=to,
        subject=_plain_text(f"emails/{notice}.subject.txt", full),
        text=_plain_text(f"emails/{notice}.txt", full),
        html=render_to_string(f"emails/{notice}.html", full),
        notice=notice,
        key=key,
        guard=guard,
        subject_id=subject_id,
        recipient_id=recipient_id,
        partnership_id=partnership_id,
    )


def _plain_text(template: str, context: Mapping[str, Any]) -> str:
    """Rendered without HTML escaping: an apostrophe in plain text is an apostrophe."""
    loaded: Any = get_template(template)  # Django's wrapper; only what it wraps can be told not to escape
    return str(loaded.template.render(Context(context, autoescape=False)))


def compose_plain(*, to: str, subject: str, text: str, html: str = "") -> Message:
    """A message that Django or Wagtail has put into words itself, not yet stored."""
    return _message(to=to, subject=subject, text=text, html=html, notice="plain", key=str(uuid4()))


def _message(*, to: str, subject: str, **columns: Any) -> Message:
    validate_email(to)  # also keeps line breaks, and so further headers, out of the address
    row = uuid4()
    one_line = " ".join(subject.split())[:200]
    return Message(id=row, to=to, subject=one_line, message_id=new_message_id(row), **columns)


def store(messages: Iterable[Message]) -> int:
    """Stores messages whose keys are new, in the caller's transaction; returns how many there were.

    The worker is woken on commit; where that fails, the minute's run finds the messages.
    """
    with transaction.atomic():
        ids = [message.pk for message in Message.objects.bulk_create(messages, ignore_conflicts=True)]
        stored = Message.objects.filter(pk__in=ids).count()
        if stored:
            transaction.on_commit(wake_worker, robust=True)
    return stored


def wake_worker() -> None:
    """Asks the queue to deliver now."""
    schedule.enqueue(deliver)


def retry(message_id: UUID, actor: Any) -> bool:
    """Queues a failed message again, with all its attempts; False where it is not (or no longer) failed."""
    failed = Message.objects.failed().filter(pk=message_id)
    with transaction.atomic():
        if not failed.update(state=State.QUEUED, attempts=0, next_attempt_at=timezone.now(), claimed_at=None):
            return False
        record("message_retried", actor=actor, kind="message", ref=str(message_id))
        transaction.on_commit(wake_worker, robust=True)
    return True
