"""Reads of the audit trail."""

from uuid import UUID

from portal.audit.models import AccessEvent, InsertOnlyQuerySet


def events_of(partnership_id: UUID, verb: str = "") -> InsertOnlyQuerySet:
    """A partnership's access events, newest first; those with one verb only where it is given."""
    events = AccessEvent.objects.filter(partnership_id=partnership_id).order_by("-id")
    return events.filter(verb=verb) if verb else events
