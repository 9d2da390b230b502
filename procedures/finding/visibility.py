"""What a reader may not find, and what a reader asked to look in, as rows of the search index."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Q
from wagtail.models import CollectionViewRestriction

from procedures.finding.models import DocumentLink, Entry, EntryQuerySet
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
KINDS = {
    "shared": Q(partnership__isnull=True, document__isnull=True),
    "local": Q(partnership__isnull=False),
    "documents": Q(document__isnull=False),
}


@dataclass(frozen=True)
class Hidden:
    """What privacy keeps from one reader: tree paths, and collections of documents."""

    paths: tuple[str, ...]
    collections: tuple[int, ...]


def hidden_from(reader: Reader, number: int) -> Hidden:
    """Kept under the manual's generation `number`, which every change of privacy, of a page and of anybody's groups
    raises."""
    user = reader.user
    key = f"finding-hidden:{number}:{user.pk or 0}:{reader.partnership_id}"
    hidden: Hidden | None = cache.get(key)
    if hidden is None:
        hidden = Hidden(tuple(hidden_paths(reader)), tuple(_private_collections(reader)))
        cache.set(key, hidden, KEPT_SECONDS)
    return hidden


def _private_collections(reader: Reader) -> list[int]:
    """The collections, with those inside them, whose documents this reader may not open."""
    restrictions = CollectionViewRestriction.objects.select_related("collection").prefetch_related("groups")
    return [
        collection.pk
        for one in restrictions
        if not accepts(one, reader)
        for collection in one.collection.get_descendants(inclusive=True)
    ]


def hidden_entries(reader: Reader, number: int) -> EntryQuerySet:
    """The rows of the index that this reader may not find."""
    hidden = hidden_from(reader, number)
    return Entry.objects.hidden(hidden.paths, reader.partnership_id, hidden.collections)


def limits_of(reader: Reader, number: int, filters: Filters = EVERYTHING) -> Limits:
    """What the reader may find, of what was chosen."""
    sql, parameters = _sql(hidden_entries(reader, number))
    conditions, values = [f"NOT IN ({sql})"], list(parameters)
    chosen = Entry.objects.all()
    if filters.below:
        # A document is looked for where the chapters that link to it stand.
        linked = DocumentLink.objects.filter(page__path__startswith=filters.below).values("document")
        chosen = chosen.filter(Q(page__path__startswith=filters.below) | Q(document__in=linked))
    if filters.kind in KINDS:
        chosen = chosen.filter(KINDS[filters.kind])
    if filters.below or filters.kind in KINDS:
        sql, parameters = _sql(chosen)
        conditions.append(f"IN ({sql})")
        values += parameters
    return Limits(tuple(conditions), tuple(values))


def _sql(entries: EntryQuerySet) -> tuple[str, tuple[Any, ...]]:
    sql, parameters = entries.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)
