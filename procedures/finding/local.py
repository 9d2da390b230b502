"""What is local to a partnership is found by its readers alone."""

from uuid import UUID

from django.db import transaction

from procedures.finding.models import Entry
from procedures.finding.services import MARKS, learn_words, plain
from procedures.models import ChapterPage


def put_local(
    box_id: UUID, page: ChapterPage, anchor: str, partnership_id: UUID, heading: str, text: str
) -> None:
    """Have a local box found: its plain text, at the section where it stands (an empty anchor: the chapter).
    Putting the same box again replaces it."""
    shown = {
        "page_id": page.pk,
        "anchor": anchor,
        "partnership_id": partnership_id,
        "chapter": page.name.translate(MARKS),
        "heading": heading.translate(MARKS),
        "text": plain([text]),
    }
    with transaction.atomic():
        row, _ = Entry.objects.update_or_create(box=box_id, defaults=shown)
        learn_words([row])


def drop_local(box_id: UUID) -> None:
    """Have a local box found no more."""
    Entry.objects.filter(box=box_id).delete()
