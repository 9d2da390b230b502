"""Who may read which editions, and who may restore, withdraw and reinstate.

An edition obeys today's rights of its page, and was local where it was local when it was published: a chapter that is
shared today does not open the local editions that it once had. Editions of a chapter that is not published any more, or
is deleted, are for those who manage the partnership whose it was (any, where it was everybody's).
"""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from portal.accounts.policy import managing
from procedures.editing.models import Edition
from procedures.models import ChapterPage
from procedures.privacy import Reader, hidden_paths


def managed_by(user: Any) -> set[UUID]:
    """The partnerships whose manual this person manages today."""
    if not getattr(user, "is_authenticated", False):
        return set()
    return {one.partnership_id for one in managing(user.memberships.current())}


def editions_for(reader: Reader) -> QuerySet[Edition]:
    """The editions that this reader may read, newest first."""
    of_pages = Q(page__live=True)
    managed = managed_by(reader.user)
    if managed:
        of_pages |= Q(page__live=False) | Q(page__isnull=True)
    theirs = Q(partnership__isnull=True) | Q(partnership=reader.partnership_id)
    if managed:
        theirs |= Q(partnership__in=managed, page__isnull=True)
    editions = Edition.objects.filter(of_pages, theirs)
    for path in hidden_paths(reader):
        # Of a deleted page there is no path, and `exclude` would hide it.
        editions = editions.filter(Q(page__isnull=True) | ~Q(page__path__startswith=path))
    return editions


def manages(user: Any, page: ChapterPage) -> bool:
    """Whether this person manages the partnership to which a page is local, or any where it is everybody's."""
    managed = managed_by(user)
    return page.partnership_id in managed if page.partnership_id else bool(managed)


def may_restore(user: Any, page: ChapterPage | None) -> bool:
    """Whether this person may make a draft of this page: Wagtail's rights, and no lock of somebody else's."""
    if page is None or not manages(user, page):
        return False
    rights = page.permissions_for_user(user)
    return bool(rights.can_edit() and not rights.page_locked())


def may_withdraw(user: Any, page: ChapterPage) -> bool:
    """Whether this person may withdraw or reinstate this page, which readers see at once: who may take it down. What
    is published by hand at no time (four eyes) is still taken down by one person."""
    if page.alias_of_id or not manages(user, page):
        return False
    rights = page.permissions_for_user(user)
    return bool(rights.can_unpublish())
