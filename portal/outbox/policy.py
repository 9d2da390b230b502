"""Who sees the list of messages, and which of them; who may have a failed one tried again."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from portal.accounts.models import Membership, Partnership, Role
from portal.outbox.models import Message, MessageQuerySet

LIST = (Role.ADMINISTRATOR, Role.BUSINESS_MANAGER)
RETRY = (Role.ADMINISTRATOR,)


def _holds(user: Any, partnership: Partnership | None, roles: tuple[Role, ...]) -> bool:
    return (
        partnership is not None
        and user.memberships.current().filter(partnership=partnership, role__in=roles).exists()
    )


def may_list(user: Any, partnership: Partnership | None) -> bool:
    """Administrators and business managers of the partnership; in the demo, where this is the mailbox,
    everybody.
    """
    return settings.DEMO_MODE or _holds(user, partnership, LIST)


def may_retry(user: Any, partnership: Partnership | None) -> bool:
    """Administrators of the partnership."""
    return _holds(user, partnership, RETRY)


def messages_for(user: Any, partnership: Partnership | None) -> MessageQuerySet:
    """The messages whose delivery this person may follow: those of the partnership; in the demo, all.

    A message that names no partnership counts as theirs where its recipient belongs to this partnership
    alone, so that an agency's person in two partnerships shows neither what the other one writes to them.
    """
    messages = Message.objects.all()
    if settings.DEMO_MODE:
        return messages
    if not _holds(user, partnership, LIST):
        return messages.none()
    held = Membership.objects.filter(Q(person=OuterRef("recipient_id")) | Q(person__email=OuterRef("to")))
    here = Exists(held.filter(partnership=partnership))
    elsewhere = Exists(held.exclude(partnership=partnership))
    return messages.filter(
        Q(partnership_id=partnership.pk if partnership else None)
        | Q(here & ~elsewhere, partnership_id__isnull=True)
    )
