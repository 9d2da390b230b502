"""Who may manage people, and who may enter the CMS admin. Rights are the union of current memberships."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef

from portal.accounts.models import Membership, Partnership, Role, User

MANAGING_ROLES = frozenset({Role.BUSINESS_MANAGER, Role.ADMINISTRATOR})


def partnerships_managed_by(user: User | AnonymousUser) -> list[Partnership]:
    """The partnerships whose people, guidance and time limits a person manages today."""
    if not user.is_authenticated:
        return []
    held = Membership.objects.current().filter(
        person=user, partnership=OuterRef("pk"), role__in=MANAGING_ROLES
    )
    return list(Partnership.objects.filter(Exists(held)))


def managing(memberships: Iterable[Membership]) -> list[Membership]:
    """Those of the memberships that let their holder manage people and guidance in their partnership."""
    return [membership for membership in memberships if membership.role in MANAGING_ROLES]


def manager_in(memberships: Iterable[Membership], partnership: Partnership) -> Membership | None:
    """The membership in which a person manages this partnership's people; an administrator's before a
    manager's."""
    here = [membership for membership in managing(memberships) if membership.partnership_id == partnership.id]
    here.sort(key=lambda membership: membership.role != Role.ADMINISTRATOR)
    return here[0] if here else None


def may_enter_cms(memberships: Iterable[Membership]) -> bool:
    """Whether the CMS admin opens at all; Wagtail's own permissions then decide what may be done in it."""
    return bool(managing(memberships))


def grantable_roles(actor: Membership) -> list[Role]:
    """Roles that this person may give to others: only an administrator makes another administrator."""
    if actor.role == Role.ADMINISTRATOR:
        return list(Role)
    return [role for role in Role if role != Role.ADMINISTRATOR] if actor.role in MANAGING_ROLES else []


def may_end(actor: Membership, membership: Membership) -> bool:
    """Whether `actor` may end this membership: in their own partnership, a role they could have given, not
    their own."""
    return (
        membership.partnership_id == actor.partnership_id
        and membership.person_id != actor.person_id
        and Role(membership.role) in grantable_roles(actor)
    )


def may_reset_second_factor(actor: Membership, person: User) -> bool:
    """An administrator, for anybody but themselves who is a current member of the administrator's
    partnership."""
    return (
        actor.role == Role.ADMINISTRATOR
        and actor.person_id != person.id
        and Membership.objects.current().filter(person=person, partnership=actor.partnership_id).exists()
    )
