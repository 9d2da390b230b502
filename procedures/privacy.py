"""What a reader of the manual may read, also where pages are only listed: what you may not read you do not find or
count. Two things hide a page: Wagtail's page privacy, and that it is local to another partnership."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from wagtail.models import BaseViewRestriction, Page, PageViewRestriction
from wagtail.query import PageQuerySet

from portal.accounts.models import Partnership
from procedures import generation
from procedures.tree import tree

RESTRICTIONS = (
    "wagtailcore_pageviewrestriction",
    "wagtailcore_pageviewrestriction_groups",
    "wagtailcore_page",
)


@dataclass(frozen=True)
class Reader:
    """Who reads, and as a reader of which partnership. Without arguments: somebody without an account, who sees the
    shared manual and nothing that is local to a partnership. `known` spares a query where a request has read the
    generation's numbers already."""

    user: Any = field(default_factory=AnonymousUser)
    partnership_id: UUID | None = None
    known: generation.Numbers | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Restriction:
    """A page restriction of Wagtail's: whom it lets into the subtree at `path`."""

    path: str
    kind: str
    groups: frozenset[int]


def reader_of(request: HttpRequest) -> Reader:
    """The reader who sends this request. In an open manual, a session that is not verified is nobody's."""
    partnership: Partnership | None = getattr(request, "partnership", None)
    return Reader(
        getattr(request, "user", None) or AnonymousUser(),
        partnership.pk if partnership else None,
        generation.numbers_of(request),
    )


def restrictions(known: generation.Numbers | None = None) -> list[Restriction]:
    """Every page restriction, from memory until one changes."""
    return generation.remembered("restrictions", RESTRICTIONS, _read_restrictions, known)


def _read_restrictions() -> list[Restriction]:
    groups: dict[tuple[int, str, str], set[int]] = {}
    rows = PageViewRestriction.objects.values_list("pk", "page__path", "restriction_type", "groups__pk")
    for pk, path, kind, group in rows:
        groups.setdefault((pk, path, kind), set()).update({group} - {None})
    return [Restriction(path, kind, frozenset(found)) for (_, path, kind), found in groups.items()]


def hidden_paths(reader: Reader) -> list[str]:
    """Tree paths of the subtrees that this reader may not read."""
    known = generation.numbers() if reader.known is None else reader.known
    return private_paths(reader, known) + local_paths(reader, known)


def private_paths(reader: Reader, known: generation.Numbers | None = None) -> list[str]:
    """Tree paths of the subtrees that Wagtail's page privacy keeps from this reader. (Wagtail asks requests, and we
    also send mail. Shared passwords are switched off and let nobody in.)"""
    found = restrictions(reader.known if known is None else known)
    if not reader.user.is_authenticated:
        return [one.path for one in found]
    own: set[int] = set()
    if not reader.user.is_superuser and any(one.groups for one in found):
        own = set(reader.user.groups.values_list("pk", flat=True))

    def lets_in(one: Restriction) -> bool:
        if one.kind == BaseViewRestriction.GROUPS:
            return bool(reader.user.is_superuser or own & one.groups)
        return one.kind == BaseViewRestriction.LOGIN

    return [one.path for one in found if not lets_in(one)]


def local_paths(reader: Reader, known: generation.Numbers | None = None) -> list[str]:
    """Tree paths of chapters and parts that are local to a partnership other than the reader's."""
    return [
        path
        for path, partnership_id in tree(reader.known if known is None else known).local
        if partnership_id != reader.partnership_id
    ]


def may_read(page: Page, reader: Reader) -> bool:
    """Whether this reader may read this page; live or not is another question."""
    return not any(page.path.startswith(path) for path in hidden_paths(reader))


def readable(pages: PageQuerySet, reader: Reader) -> PageQuerySet:
    """Those of the pages that this reader may read."""
    for path in hidden_paths(reader):
        pages = pages.exclude(path__startswith=path)
    return pages
