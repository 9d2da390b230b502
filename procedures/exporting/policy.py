"""Who may take which copy: whoever may read now everything that is in it."""

import hashlib
from uuid import UUID

from django.http import Http404
from wagtail.query import PageQuerySet

from portal.accounts.models import Partnership
from portal.accounts.selectors import memberships_of
from procedures import generation
from procedures.exporting.models import Copy, CopyQuerySet, CopyState
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader, hidden_paths, readable

LARGEST_ID = 2**31 - 1


def rights_of(reader: Reader) -> str:
    """The same for all who may read the same: of which partnership they read as, and what is hidden from them."""
    said = "\n".join([str(reader.partnership_id), *sorted(set(hidden_paths(reader)))])
    return hashlib.sha256(said.encode()).hexdigest()


def reader_for(copy: Copy) -> Reader:
    """The reader for whom a copy is made, as they are now: somebody who has left since reads as anybody does."""
    user = copy.asked_by
    if user is None or not memberships_of(user):
        return Reader(partnership_id=copy.partnership_id)
    return Reader(user, copy.partnership_id)


def copies_for(reader: Reader) -> CopyQuerySet:
    """The copies that are this reader's to follow and to fetch: those made for just their rights."""
    return Copy.objects.filter(rights=rights_of(reader)).select_related("scope")


def copy_or_404(reader: Reader, copy_id: UUID) -> Copy:
    """One of them. Raises Http404 for any other, and for one of a manual that the reader may not read any more."""
    copy = copies_for(reader).filter(pk=copy_id).first()
    if copy is None or not scopes(reader).filter(pk=copy.scope_id).exists():
        raise Http404
    return copy


def is_fresh(copy: Copy) -> bool:
    """Whether a copy is ready and of the manual as it is now."""
    return copy.state == CopyState.DONE and copy.generation == generation.current()


def scopes(reader: Reader) -> PageQuerySet:
    """The manuals, and parts of them, that this reader may read and so may have as a copy."""
    return readable(ManualIndexPage.objects.live(), reader)


def scope_or_404(reader: Reader, page_id: int) -> ManualIndexPage:
    """One of them, else Http404."""
    scope = scopes(reader).filter(pk=page_id).first()
    if scope is None:
        raise Http404
    return scope


def chapter_or_404(reader: Reader, page_id: int) -> ChapterPage:
    """A live chapter that this reader may read, else Http404."""
    page = None
    if page_id <= LARGEST_ID:
        page = readable(ChapterPage.objects.live(), reader).filter(pk=page_id).first()
    if page is None:
        raise Http404
    return page


def partnership_of(reader: Reader) -> Partnership | None:
    """The partnership as whose reader somebody reads, or None."""
    if reader.partnership_id is None:
        return None
    return Partnership.objects.filter(pk=reader.partnership_id).first()
