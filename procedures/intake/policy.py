"""Who may import: whoever manages a partnership, and only what belongs to a partnership that they manage."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from wagtail.models import Page

from portal.accounts.models import Membership, Partnership
from portal.accounts.policy import MANAGING_ROLES, managing
from procedures.intake.models import Run, RunQuerySet
from procedures.models import ChapterPage, ManualIndexPage


def partnerships_of(user: Any) -> list[Partnership]:
    """The partnerships whose manual a person keeps."""
    held = Membership.objects.current().filter(
        person=user, partnership=OuterRef("pk"), role__in=MANAGING_ROLES
    )
    return list(Partnership.objects.filter(Exists(held)))


def acting_for(memberships: Iterable[Membership], partnership: Partnership | None) -> Membership | None:
    """The membership in which a person imports: one here if they manage here, else any in which they manage."""
    mine = managing(memberships)
    here = [one for one in mine if partnership is not None and one.partnership_id == partnership.pk]
    return next(iter([*here, *mine]), None)


def still_manages(member: Membership) -> bool:
    """Whether the person may import for this partnership now."""
    return member.partnership in partnerships_of(member.person)


def runs_for(user: Any) -> RunQuerySet:
    """The runs of the partnerships that a person manages."""
    return Run.objects.filter(partnership__in=partnerships_of(user))


def run_or_404(user: Any, run_id: UUID) -> Run:
    """One of these runs; another partnership's is not there."""
    run = runs_for(user).filter(pk=run_id).select_related("parent", "asked_by__person").first()
    if run is None:
        raise Http404
    return run


def parents_for(user: Any) -> list[ManualIndexPage]:
    """The manuals and parts, in the order of the tree, under which a person may place chapters."""
    keeps = [one.pk for one in partnerships_of(user)]
    others = ManualIndexPage.objects.filter(partnership__isnull=False).exclude(partnership__in=keeps)
    hidden = list(others.values_list("path", flat=True))
    return [
        page
        for page in ManualIndexPage.objects.order_by("path")
        if not any(page.path.startswith(path) for path in hidden)
        and page.permissions_for_user(user).can_add_subpage()
    ]


def may_place(user: Any, parent: ManualIndexPage) -> bool:
    """Whether a person may place chapters under this page now."""
    return any(one.pk == parent.pk for one in parents_for(user))


def may_edit(user: Any, page: Page) -> bool:
    """Whether a person may edit this chapter."""
    return bool(page.permissions_for_user(user).can_edit())


def chapters_of(user: Any) -> Any:
    """Chapters that a person's import may update: shared ones and those of their partnerships."""
    return ChapterPage.objects.filter(Q(partnership__isnull=True) | Q(partnership__in=partnerships_of(user)))


def chapter_or_404(user: Any, page_id: int) -> ChapterPage:
    """One of these chapters that the person may edit."""
    page: ChapterPage | None = chapters_of(user).filter(pk=page_id).first()
    if page is None or not may_edit(user, page):
        raise Http404
    return page
