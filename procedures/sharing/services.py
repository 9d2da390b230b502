"""What can happen to what is local: a box is saved or taken away, and pages are moved into a local part."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing

from portal.accounts.models import User
from procedures.finding.local import drop_local, put_local
from procedures.models import ChapterPage, ManualIndexPage
from procedures.policy import local_to
from procedures.rendering import without_references
from procedures.sharing.models import BoxVersion, LocalBox


class ChangedMeanwhile(Exception):  # noqa: N818  (a fact, told to the editor)
    """A colleague has saved or removed the box since it was read."""


@transaction.atomic
def save_box(box: LocalBox, by: User | None, seen: int = 0) -> LocalBox:
    """Save a new box, or one that was read as version `seen`; what it said until now is kept with its moments.

    Raises ChangedMeanwhile, and changes nothing, where it is no longer that version.
    """
    if box._state.adding:
        box.version = 1
        box.save()
    else:
        box.version = seen + 1
        mine = LocalBox.objects.filter(pk=box.pk, version=seen, removed_at__isnull=True)
        if not mine.update(version=box.version, **box.text_fields()):
            raise ChangedMeanwhile
    now = timezone.now()
    BoxVersion.objects.filter(box=box).shown().update(shown_until=now)
    BoxVersion.objects.create(
        box=box,
        page_id=box.page_id,
        partnership_id=box.partnership_id,
        shown_from=now,
        saved_by=by,
        **box.text_fields(),
    )
    _have_found(box)
    return box


def _have_found(box: LocalBox) -> None:
    """Search finds a box while its chapter is in force."""
    page = box.page
    if page is not None and page.live and page.withdrawn_at is None:
        text = get_text_for_indexing(without_references(box.text))
        put_local(box.pk, page, box.anchor, box.partnership_id, box.title, text)
    else:
        drop_local(box.pk)


def have_boxes_found(page: ChapterPage) -> None:
    """After a chapter was published, withdrawn or brought into force again: its boxes are found, or not, as it is."""
    for box in LocalBox.objects.filter(page=page, removed_at__isnull=True).select_related("page"):
        _have_found(box)


def on_published(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_published."""
    have_boxes_found(instance)


@transaction.atomic
def remove_box(box: LocalBox) -> None:
    """Take a box away from now on; editions of before still show it. Twice changes nothing."""
    now = timezone.now()
    if LocalBox.objects.filter(pk=box.pk, removed_at__isnull=True).update(removed_at=now):
        BoxVersion.objects.filter(box=box).shown().update(shown_until=now)
        drop_local(box.pk)


def on_moved(sender: type, instance: Page, **kwargs: Any) -> None:
    """Wagtail's post_page_move: what now stands in a local part belongs to it."""
    owner = local_to(instance)
    if owner is not None:
        for model in (ChapterPage, ManualIndexPage):
            below = model.objects.filter(path__startswith=instance.path)
            below.exclude(partnership=owner).update(partnership=owner)
