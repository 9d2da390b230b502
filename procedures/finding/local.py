"""What is local to a partnership is found by its readers alone."""

from uuid import UUID

from procedures.models import ChapterPage


def put_local(
    box_id: UUID, page: ChapterPage, anchor: str, partnership_id: UUID, heading: str, text: str
) -> None:
    """Have a local box found: its plain text, at the section where it stands (an empty anchor: the chapter)."""


def drop_local(box_id: UUID) -> None:
    """Have a local box found no more."""
