"""The key to the colours: what each status means in a partnership, from its own rows or from what ships."""

from caseforms.actionplans.models import Colour, RagDefinition, Status
from portal.accounts.models import Partnership

# Schemes in use contradict each other (field-notes 4.3), so every partnership owns its words.
SHIPPED: dict[Status, tuple[Colour, str]] = {
    Status.NOT_STARTED: (
        Colour.GREY,
        "No work has been done yet, and the due date still leaves time for it.",
    ),
    Status.ON_TRACK: (
        Colour.GREEN,
        "Work is under way and is expected to be finished, with its evidence, by the due date.",
    ),
    Status.AT_RISK: (
        Colour.AMBER,
        "Work has slipped or something stands in its way, and a recovery plan is agreed.",
    ),
    Status.OVERDUE_BLOCKED: (
        Colour.RED,
        "The due date has passed or work cannot go on, and the review group has been told what is needed.",
    ),
    Status.COMPLETE: (
        Colour.BLUE,
        "Finished, with evidence that it was done and of what has changed for children.",
    ),
}


def rag_key(partnership: Partnership) -> dict[str, RagDefinition]:
    """Every status, in order, with its definition here; what ships stands in for a missing row."""
    rows = {row.status: row for row in RagDefinition.objects.filter(partnership=partnership)}
    return {status.value: rows.get(status.value) or _shipped(partnership, status) for status in Status}


def install_key(partnership: Partnership) -> int:
    """Adds the shipped definition of every status that the partnership has none of; returns how many it
    added.
    """
    have = set(RagDefinition.objects.filter(partnership=partnership).values_list("status", flat=True))
    missing = [_shipped(partnership, status) for status in Status if status.value not in have]
    RagDefinition.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _shipped(partnership: Partnership, status: Status) -> RagDefinition:
    colour, definition = SHIPPED[status]
    return RagDefinition(
        partnership=partnership, status=status.value, colour=colour.value, definition=definition
    )
