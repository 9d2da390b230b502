"""Who keeps which pages of the manual: a page that is local to a partnership is its managers' own, and to other
managers it is not there. Everybody who manages a partnership keeps the regional manual."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page, PagePermissionTester
from wagtail.permission_policies.pages import PagePermissionPolicy

from portal.accounts.models import Membership, User
from portal.accounts.policy import MANAGING_ROLES, partnerships_managed_by
from procedures.privacy import hidden

_KEPT = "_partnerships_kept"


def keepers_of(partnership_id: UUID) -> QuerySet[User]:
    """The people who keep what is local to a partnership."""
    held = Membership.objects.current().filter(
        person=OuterRef("pk"), partnership=partnership_id, role__in=MANAGING_ROLES
    )
    return User.objects.filter(Exists(held))


def paths_kept_elsewhere(user: Any) -> tuple[str, ...]:
    """Tree paths of local pages and parts that this person does not keep. Remembered on the user, who is read anew at
    each request, because a list asks for every row."""
    known: tuple[str, ...] | None = getattr(user, _KEPT, None)
    if known is None:
        local = hidden().local
        kept = {partnership.pk for partnership in partnerships_managed_by(user)} if local else set()
        known = tuple(path for path, owner in local if owner not in kept)
        setattr(user, _KEPT, known)
    return known


def local_to(page: Page) -> UUID | None:
    """The partnership that a page is local to: by the outermost local part that it stands in, or by itself."""
    return owner_of(page.path, hidden().local)


def part_local_to(page: Page) -> UUID | None:
    """The partnership that the part above a page is local to, whatever the page itself says."""
    return owner_of(page.path, [(path, owner) for path, owner in hidden().local if path != page.path])


def owner_of(place: str, local: Iterable[tuple[str, UUID]]) -> UUID | None:
    """Of the outermost: `local` is ordered by path, which has the outer before the inner."""
    return next((owner for path, owner in local if place.startswith(path)), None)


def kept_elsewhere(user: Any, page: Page) -> bool:
    """Whether a page is local to a partnership that this person does not manage."""
    return any(page.path.startswith(path) for path in paths_kept_elsewhere(user))


def without_kept_elsewhere(user: Any, pages: Any) -> Any:
    """A queryset of pages without those that are local to a partnership that this person does not manage."""
    for path in paths_kept_elsewhere(user):
        pages = pages.exclude(path__startswith=path)
    return pages


class KeptPermissions(PagePermissionTester):
    """Wagtail's rights on a page of the manual, which nobody has on another partnership's local page."""

    def __init__(self, user: Any, page: Page) -> None:
        elsewhere = kept_elsewhere(user, page)
        super().__init__(AnonymousUser() if elsewhere else user, page)
        if elsewhere:
            self.permissions: set[str] = set()
        self.holds_others = bool(page.path) and any(
            path.startswith(page.path) for path in paths_kept_elsewhere(user)
        )

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """A part in which another partnership has a local page is not deleted with it."""
        return not self.holds_others and bool(super().can_delete(ignore_bulk))

    def can_move_to(self, destination: Page) -> bool:
        """Nothing regional is taken away from the others by moving it into one partnership's part."""
        owner = local_to(destination)
        if owner is not None and owner != local_to(self.page):
            return False
        return bool(super().can_move_to(destination))

    def can_copy_to(self, destination: Page, recursive: bool = False) -> bool:
        """A part is not copied with what another partnership has in it."""
        if recursive and self.holds_others:
            return False
        return bool(super().can_copy_to(destination, recursive))


class PagePolicy(PagePermissionPolicy):
    """Wagtail's policy for pages in lists, reports, search and mail, without another partnership's local pages."""

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Page) -> bool:
        if kept_elsewhere(user, instance):
            return False
        return bool(super().user_has_any_permission_for_instance(user, actions, instance))

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> Any:
        return without_kept_elsewhere(user, super().instances_user_has_any_permission_for(user, actions))

    def explorable_instances(self, user: Any) -> Any:
        return without_kept_elsewhere(user, super().explorable_instances(user))

    def users_with_any_permission_for_instance(
        self, actions: Any, instance: Page, include_superusers: bool = True
    ) -> Any:
        users = super().users_with_any_permission_for_instance(actions, instance, include_superusers)
        owner = local_to(instance)
        return users if owner is None else users.filter(pk__in=keepers_of(owner).values("pk"))
