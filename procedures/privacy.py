"""What a reader of the manual may read, also where pages are only listed: what you may not read you do not find or
count. Two things hide a page: Wagtail's page privacy, and that it is local to another partnership.

Which pages are hidden from whom is read from tables that the generation watches, so it is kept until one of them
changes. Who reads, their groups and their partnership are asked at every request.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from wagtail.models import BaseViewRestriction, Page, PageViewRestriction
from wagtail.query import PageQuerySet

from portal.accounts.models import Membership, Partnership
from procedures import generation
from procedures.tree import PAGES, tree

RESTRICTIONS = ("wagtailcore_pageviewrestriction", "wagtailcore_pageviewrestriction_groups")


@dataclass(frozen=True)
class Reader:
    """Who reads, and as a reader of which partnership. Without arguments: somebody without an account, who sees the
    shared manual and nothing that is local to a partnership.

    `seen` keeps what has been asked for the length of one request; a reader made by hand asks each time."""

    user: Any = field(default_factory=AnonymousUser)
    partnership_id: UUID | None = None
    seen: dict[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Restriction:
    """Wagtail's privacy of a subtree."""

    path: str
    kind: str
    groups: frozenset[int]


@dataclass(frozen=True)
class Hidden:
    """Every subtree that is not for everybody: by Wagtail's privacy, and by the partnership that it is local to."""

    restrictions: tuple[Restriction, ...]
    local: tuple[tuple[str, UUID], ...]


def reader_of(request: HttpRequest) -> Reader:
    """The reader who sends this request. In an open manual, a session that is not verified is nobody's.

    The host name says as a reader of which partnership. Where that partnership's manual is only for its own people,
    somebody who holds no membership in it reads the shared manual there and nothing local.
    """
    user = getattr(request, "user", None) or AnonymousUser()
    partnership_id = _partnership_read_in(request)
    known: Reader | None = getattr(request, "_manual_reader", None)
    if known is None or known.user.pk != user.pk or known.partnership_id != partnership_id:
        known = Reader(user, partnership_id, {"numbers": generation.numbers_of(request)})
        request._manual_reader = known  # type: ignore[attr-defined]
    return known


def _partnership_read_in(request: HttpRequest) -> UUID | None:
    partnership: Partnership | None = getattr(request, "partnership", None)
    if partnership is None or partnership._state.adding:
        return None
    if partnership.manual_access == Partnership.ManualAccess.ANYONE:
        return partnership.pk
    held = {membership.partnership_id for membership in getattr(request, "memberships", ())}
    return partnership.pk if partnership.pk in held else None


def reader_by(membership: Membership) -> Reader:
    """Somebody who gets mail about the manual, as a reader of the partnership in which they hold this membership."""
    return Reader(membership.person, membership.partnership_id)


def accepts(restriction: BaseViewRestriction, reader: Reader) -> bool:
    """Whether a restriction lets this reader through (Wagtail asks requests, and we also send mail)."""
    groups = frozenset(group.pk for group in restriction.groups.all())
    return _accepts(Restriction("", restriction.restriction_type, groups), reader)


def _accepts(restriction: Restriction, reader: Reader) -> bool:
    if restriction.kind == BaseViewRestriction.LOGIN:
        return bool(reader.user.is_authenticated)
    if restriction.kind == BaseViewRestriction.GROUPS:
        if not reader.user.is_authenticated:
            return False
        return bool(reader.user.is_superuser or restriction.groups & _groups_of(reader))
    return False  # shared passwords are switched off


def _groups_of(reader: Reader) -> frozenset[int]:
    if reader.seen is not None and "groups" in reader.seen:
        groups: frozenset[int] = reader.seen["groups"]
        return groups
    groups = frozenset(reader.user.groups.values_list("pk", flat=True))
    if reader.seen is not None:
        reader.seen["groups"] = groups
    return groups


def numbers_of(reader: Reader) -> generation.Numbers:
    """The generation's numbers for a reader: one query, and none again in the same request."""
    if reader.seen is None:
        return generation.numbers()
    if "numbers" not in reader.seen:
        reader.seen["numbers"] = generation.numbers()
    found: generation.Numbers = reader.seen["numbers"]
    return found


def generation_of(reader: Reader) -> int:
    """The same as one number, for the key of what is kept in the cache."""
    return sum(numbers_of(reader).values())


def hidden(known: generation.Numbers | None = None) -> Hidden:
    """Everything that is not for everybody, from memory until a page or a restriction changes: one query where no
    numbers are given."""
    numbers = generation.numbers() if known is None else known
    return generation.remembered(
        "hidden",
        (*RESTRICTIONS, *PAGES),
        lambda: Hidden(_restrictions(), tuple(tree(numbers).local)),
        numbers,
    )


def _restrictions() -> tuple[Restriction, ...]:
    rows = PageViewRestriction.objects.order_by("pk").values_list(
        "pk", "page__path", "restriction_type", "groups__pk"
    )
    found: dict[int, tuple[str, str, set[int]]] = {}
    for pk, path, kind, group in rows:
        found.setdefault(pk, (path, kind, set()))[2].update(() if group is None else {group})
    return tuple(Restriction(path, kind, frozenset(groups)) for path, kind, groups in found.values())


def hidden_paths(reader: Reader) -> list[str]:
    """Tree paths of the subtrees that this reader may not read."""
    everything = hidden(numbers_of(reader))
    return _private(everything, reader) + _elsewhere(everything, reader)


def private_paths(reader: Reader) -> list[str]:
    """Tree paths of the subtrees that Wagtail's page privacy keeps from this reader."""
    return _private(hidden(numbers_of(reader)), reader)


def _private(everything: Hidden, reader: Reader) -> list[str]:
    return [one.path for one in everything.restrictions if not _accepts(one, reader)]


def local_paths(reader: Reader) -> list[str]:
    """Tree paths of chapters and parts that are local to a partnership other than the reader's."""
    return _elsewhere(hidden(numbers_of(reader)), reader)


def _elsewhere(everything: Hidden, reader: Reader) -> list[str]:
    return [path for path, owner in everything.local if owner != reader.partnership_id]


def narrower_than(place: str, owner: UUID | None, known: generation.Numbers | None = None) -> tuple[str, ...]:
    """Tree paths of what fewer people may read than the page at a tree path, whose own partnership is `owner` (None
    where it is everybody's): what that page names and links, all its readers must be able to read."""
    everything = hidden(known)
    above = [one for one in everything.restrictions if place.startswith(one.path)]
    private = [
        one.path for one in everything.restrictions if not any(_lets_no_more_in(held, one) for held in above)
    ]
    local = [path for path, partnership_id in everything.local if partnership_id != owner]
    return (*private, *local)


def _lets_no_more_in(one: Restriction, other: Restriction) -> bool:
    """Whether everybody whom one restriction lets through, the other does too."""
    if one == other:
        return True
    if one.kind == BaseViewRestriction.GROUPS and other.kind == BaseViewRestriction.GROUPS:
        return one.groups <= other.groups
    signed_in = (BaseViewRestriction.LOGIN, BaseViewRestriction.GROUPS)
    return other.kind == BaseViewRestriction.LOGIN and one.kind in signed_in


def may_read(page: Page, reader: Reader) -> bool:
    """Whether this reader may read this page; live or not is another question."""
    return not any(page.path.startswith(path) for path in hidden_paths(reader))


def readable(pages: PageQuerySet, reader: Reader) -> PageQuerySet:
    """Those of the pages that this reader may read."""
    for path in hidden_paths(reader):
        pages = pages.exclude(path__startswith=path)
    return pages


def readable_children(page: Page, reader: Reader) -> PageQuerySet:
    """The live children of a page that this reader may read, in the order of the tree."""
    return readable(page.get_children().live(), reader)
