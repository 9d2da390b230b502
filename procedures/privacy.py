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


@dataclass(frozen=True)
class Reader:
    """Who reads, and as a reader of which partnership. Without arguments: somebody without an account, who sees the
    shared manual and nothing that is local to a partnership."""

    user: Any = field(default_factory=AnonymousUser)
    partnership_id: UUID | None = None


def reader_of(request: HttpRequest) -> Reader:
    """The reader who sends this request. In an open manual, a session that is not verified is nobody's."""
    partnership: Partnership | None = getattr(request, "partnership", None)
    return Reader(getattr(request, "user", None) or AnonymousUser(), partnership.pk if partnership else None)


def accepts(restriction: BaseViewRestriction, reader: Reader) -> bool:
    """Whether a restriction lets this reader through (Wagtail asks requests, and we also send mail)."""
    if restriction.restriction_type == BaseViewRestriction.LOGIN:
        return bool(reader.user.is_authenticated)
    if restriction.restriction_type == BaseViewRestriction.GROUPS:
        if not reader.user.is_authenticated:
            return False
        allowed = {group.pk for group in restriction.groups.all()}
        return reader.user.is_superuser or reader.user.groups.filter(pk__in=allowed).exists()
    return False  # shared passwords are switched off


def hidden_paths(reader: Reader) -> list[str]:
    """Tree paths of the subtrees that this reader may not read."""
    restrictions = PageViewRestriction.objects.select_related("page").prefetch_related("groups")
    private = [one.page.path for one in restrictions if not accepts(one, reader)]
    return private + local_paths(reader)


def local_paths(reader: Reader) -> list[str]:
    """Tree paths of chapters and parts that are local to a partnership other than the reader's."""
    # The models know privacy, so privacy asks the tables behind them.
    elsewhere = Page.objects.none()
    for relation in ("chapterpage", "manualindexpage"):
        local = Page.objects.filter(**{f"{relation}__partnership__isnull": False})
        elsewhere = elsewhere | local.exclude(**{f"{relation}__partnership": reader.partnership_id})
    return list(elsewhere.values_list("path", flat=True))


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
