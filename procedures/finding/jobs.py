"""What the queue calls: reading documents, and mending what a killed request left behind."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from procedures.finding import documents, services
from procedures.finding.models import DocumentText, Entry, Missed
from procedures.models import ChapterPage

KEPT_MONTHS = 13


def read_document(document_id: int) -> None:
    """Reads one document that a chapter links to."""
    documents.read_document(int(document_id))


def catch_up() -> int:
    """Indexes chapters whose publication was cut short, forgets those that are live no more, reads documents that wait;
    how many of them there were."""
    gone = Entry.objects.filter(page__isnull=False, page__live=False)
    forgotten = set(gone.values_list("page_id", flat=True))
    for page_id in forgotten:
        services.forget_chapter(page_id)
    up_to_date = Entry.objects.filter(
        page=OuterRef("pk"), position=0, box__isnull=True, revision=OuterRef("live_revision")
    )
    live = ChapterPage.objects.live().filter(alias_of__isnull=True, live_revision__isnull=False)
    stale = list(live.exclude(Exists(up_to_date)))
    for page in stale:
        services.index_chapter(page)
    waiting = documents.waiting()
    for document_id in waiting:
        documents.read_document(document_id)
    unlinked = DocumentText.objects.exclude(document__in=documents.linked())
    Entry.objects.filter(document__in=unlinked.values("document")).delete()
    unlinked.delete()
    return len(forgotten) + len(stale) + len(waiting)


def forget_missed() -> int:
    """Removes what was not found more than thirteen months ago."""
    oldest = timezone.localdate().replace(day=1) - timedelta(days=31 * KEPT_MONTHS)
    return Missed.objects.filter(month__lt=oldest).delete()[0]
