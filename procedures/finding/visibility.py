"""What a reader may not find, and what a reader asked to look in, as rows of the search index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from wagtail.documents import get_document_model
from wagtail.models import CollectionViewRestriction, Page

from portal.accounts.models import Partnership
from procedures import privacy
from procedures.finding.models import DocumentLink, Entry
from procedures.privacy import Reader, accepts, hidden_paths

KEPT_SECONDS = 600


@dataclass(frozen=True)
class Limits:
    """Where a search looks: not in what is hidden, and only in the part, chapter or kind that was chosen. The rows of
    the index are never joined to those of the entries for it: that would read every text that matches."""

    conditions: tuple[str, ...]
    parameters: tuple[Any, ...]

    def on(self, column: str) -> str:
        """SQL that follows a WHERE, about the column with the entry's id."""
        return "".join(f" AND {column} {condition}" for condition in self.conditions)


@dataclass(frozen=True)
class Filters:
    """A reader's choice. `below` is the tree path of a part or chapter; `kind` is "", "shared", "local" or
    "documents"."""

    below: str = ""
    kind: str = ""


EVERYTHING = Filters()


@dataclass(frozen=True)
class Hidden:
    """What privacy keeps from one reader: tree paths, the pages below them, and collections of documents; `ours` are
    the tree paths of what is local to the reader's own partnership, and `entries` how many rows there are to search."""

    paths: tuple[str, ...]
    pages: tuple[int, ...]
    collections: tuple[int, ...]
    ours: tuple[str, ...]
    entries: int


def hidden_from(reader: Reader, number: int) -> Hidden:
    """Kept under the manual's generation `number`, which every change of privacy, of a page and of anybody's groups
    raises."""
    user = reader.user
    key = f"finding-hidden:{number}:{user.pk or 0}:{reader.partnership_id}"
    hidden: Hidden | None = cache.get(key)
    if hidden is None:
        paths = tuple(hidden_paths(reader))
        below = Page.objects.filter(any_below("path", paths)) if paths else Page.objects.none()
        ours = [
            path
            for path, owner in privacy.hidden(privacy.numbers_of(reader)).local
            if owner == reader.partnership_id
        ]
        hidden = Hidden(
            paths,
            tuple(below.values_list("pk", flat=True)),
            tuple(_private_collections(reader)),
            tuple(ours),
            Entry.objects.count(),
        )
        cache.set(key, hidden, KEPT_SECONDS)
    return hidden


def any_below(field: str, paths: Sequence[str]) -> Q:
    """Rows whose field with a tree path is one of these or below one of them; none where there are no paths."""
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{field}__startswith": path})
    return found


def _private_collections(reader: Reader) -> list[int]:
    """The collections, with those inside them, whose documents this reader may not open."""
    restrictions = CollectionViewRestriction.objects.select_related("collection").prefetch_related("groups")
    return [
        collection.pk
        for one in restrictions
        if not accepts(one, reader)
        for collection in one.collection.get_descendants(inclusive=True)
    ]


def shown_documents(hidden: Hidden) -> QuerySet[DocumentLink, int]:
    """The ids of documents that stand in a chapter which the reader may read, and in no private collection."""
    links = DocumentLink.objects.filter(page__live=True).exclude(page__in=hidden.pages)
    return links.exclude(document__collection__in=hidden.collections).values_list("document", flat=True)


def limits_of(reader: Reader, number: int, filters: Filters = EVERYTHING) -> Limits:
    """What the reader may find, of what was chosen; kept as long as what is hidden is."""
    user = reader.user
    key = f"finding-limits:{number}:{user.pk or 0}:{reader.partnership_id}:{filters.below}:{filters.kind}"
    limits: Limits | None = cache.get(key)
    if limits is None:
        limits = _limits(reader, hidden_from(reader, number), filters)
        cache.set(key, limits, KEPT_SECONDS)
    return limits


def _limits(reader: Reader, hidden: Hidden, filters: Filters) -> Limits:
    # Each of the three is found by an index of its own; asked as one condition, the database reads every row.
    elsewhere = (
        Partnership.objects.exclude(pk=reader.partnership_id)
        if reader.partnership_id
        else Partnership.objects.all()
    )
    documents = get_document_model().objects.exclude(pk__in=shown_documents(hidden))
    left_out = [
        Entry.objects.filter(partnership__in=elsewhere.values("pk")),
        Entry.objects.filter(document__in=documents.values("pk")),
    ]
    if hidden.pages:
        left_out.append(Entry.objects.filter(page__in=hidden.pages))
    queries = [_sql(entries) for entries in left_out]
    conditions = [f"NOT IN ({' UNION ALL '.join(sql for sql, _ in queries)})"]
    values = [value for _, parameters in queries for value in parameters]
    chosen = Entry.objects.all()
    if filters.below:
        # A document is looked for where the chapters that link to it stand.
        linked = DocumentLink.objects.filter(page__path__startswith=filters.below).values("document")
        chosen = chosen.filter(Q(page__path__startswith=filters.below) | Q(document__in=linked))
    if filters.kind:
        local = Q(partnership__isnull=False) | any_below("page__path", hidden.ours)
        kinds = {
            "local": local,
            "shared": ~local & Q(document__isnull=True),
            "documents": Q(document__isnull=False),
        }
        chosen = chosen.filter(kinds[filters.kind])
    if filters != EVERYTHING:
        sql, parameters = _sql(chosen)
        conditions.append(f"IN ({sql})")
        values += parameters
    return Limits(tuple(conditions), tuple(values))


def _sql(entries: QuerySet[Entry]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, parameters = entries.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "SELECT NULL WHERE 1 = 0", ()
    return sql, tuple(parameters)
