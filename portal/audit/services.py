"""The one verb of the audit trail: write down who did what."""

import json
import logging
from typing import Any, Protocol
from uuid import UUID

from portal.audit.models import AccessEvent

logger = logging.getLogger("portal.audit")


class Actor(Protocol):
    """What the audit trail needs to know of a membership."""

    id: Any
    person_id: Any
    partnership_id: Any
    role: str
    agency: Any


def record(
    verb: str, *, actor: Any | None, kind: str, ref: str, partnership_id: UUID | None = None, detail: str = ""
) -> AccessEvent:
    """Stores an access event, and writes one log line with ids only; `actor` None is the console or the
    worker.

    `ref` and `detail` must identify nobody: a case reference, an id, a count. Texts that are too long are
    cut. The partnership is the actor's where none is given; an event without one is on no partnership's audit
    page.
    """
    by: Actor | None = actor
    event = AccessEvent(
        verb=verb,
        actor_id=by.person_id if by else None,
        actor_label=f"{by.role} {by.agency.code}"[:80] if by else "system",
        membership_id=by.id if by else None,
        object_kind=kind[:40],
        object_ref=ref[:80],
        partnership_id=partnership_id or (by.partnership_id if by else None),
        detail=detail[:200],
    )
    event.save()
    logger.info(
        json.dumps(
            {
                "audit": event.verb,
                "event": event.id,
                "actor": str(event.actor_id or "system"),
                "membership": str(event.membership_id or ""),
                "kind": event.object_kind,
                "ref": event.object_ref,
                "partnership": str(event.partnership_id or ""),
            }
        )
    )
    return event
