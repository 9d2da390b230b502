"""Numbers that change with anything a page of the manual is made of, so that a cached page is never an old one.

The database itself draws them: a trigger on each watched table writes that table's number anew, whatever wrote there.
What was made is kept under the numbers read before making it; after any change nobody asks for those again. Numbers are
drawn at random and not counted up, so that a change which is rolled back leaves none behind that the next change gets
again.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connections, models
from django.http import HttpRequest

_watched: dict[type[models.Model], tuple[str, ...]] = {}
_remembered: dict[Hashable, tuple[tuple[int, ...], Any]] = {}
Made = TypeVar("Made")
Numbers = Mapping[str, int]
TABLE = "procedures_generation"
# 53 bits: what a double holds, and never negative.
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION procedures_count_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {TABLE} SET number = floor(random() * 9007199254740992)::bigint WHERE name = TG_TABLE_NAME;
    RETURN NULL;
END $$
"""  # noqa: S608  (a constant)
SQLITE_STEP = f"BEGIN UPDATE {TABLE} SET number = random() & 9007199254740991 WHERE name = '{{table}}'; END"  # noqa: S608
DRAW_ANEW = {
    "postgresql": f"UPDATE {TABLE} SET number = floor(random() * 9007199254740992)::bigint",  # noqa: S608
    "sqlite": f"UPDATE {TABLE} SET number = random() & 9007199254740991",  # noqa: S608
}
SEED = (
    f"INSERT INTO {TABLE} (name, number) SELECT %s, 1 "  # noqa: S608  (a constant)
    f"WHERE NOT EXISTS (SELECT 1 FROM {TABLE} WHERE name = %s)"
)


def watch(model: type[models.Model], columns: Sequence[str] = ()) -> None:
    """From an app's `ready`: rows of this model are part of pages. With `columns`, updates count only where one of
    them is written."""
    _watched[model] = tuple(columns)


def numbers() -> Numbers:
    """The number of each watched table now: one query. Empty before the first migration has been run to its end."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT name, number FROM {TABLE}")  # noqa: S608  (a constant)
        return dict(cursor.fetchall())


def current() -> int:
    """One number for all tables together: one query."""
    return sum(numbers().values())


def numbers_of(request: HttpRequest) -> Numbers:
    """The numbers, read once in a request that only reads."""
    if request.method not in ("GET", "HEAD"):
        return numbers()
    known: Numbers | None = getattr(request, "manual_numbers", None)
    if known is None:
        known = numbers()
        setattr(request, "manual_numbers", known)  # noqa: B010  (Django's request has no such attribute)
    return known


def remembered(
    name: Hashable, tables: Sequence[str], make: Callable[[], Made], known: Numbers | None = None
) -> Made:
    """What `make` gives, made once in each process until one of the tables changes.

    Only for what is small and made of these tables alone. `known` are numbers read earlier in this request.
    """
    now = numbers() if known is None else known
    key = tuple(now.get(table, 0) for table in tables)
    kept = _remembered.get(name)
    if kept is None or kept[0] != key or 0 in key:
        kept = (key, make())
        _remembered[name] = kept
    return kept[1]


def lift(**kwargs: Any) -> None:
    """Before migrations: SQLite makes a table anew only where no trigger names one that is not there."""
    connection = connections[kwargs.get("using", "default")]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'generation\\_%' ESCAPE '\\'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


def install(**kwargs: Any) -> None:
    """After migrations: the numbers and their triggers, again and again without harm. All numbers are drawn anew, since
    a migration may have written anything."""
    connection = connections[kwargs.get("using", "default")]
    tables = connection.introspection.table_names()
    if TABLE not in tables:
        return
    with connection.cursor() as cursor:
        cursor.execute(DRAW_ANEW[connection.vendor])
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
        for model, columns in _watched.items():
            table = model._meta.db_table
            if table not in tables:
                continue
            cursor.execute(SEED, [table, table])
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = connection.ops.quote_name(f"generation_{table}_{event.lower()}"[:63])
                of = f" OF {', '.join(columns)}" if event == "UPDATE" and columns else ""
                on = connection.ops.quote_name(table)
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {on}")
                    cursor.execute(
                        f"CREATE TRIGGER {name} AFTER {event}{of} ON {on} FOR EACH STATEMENT "
                        "EXECUTE FUNCTION procedures_count_generation()"
                    )
                else:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    step = SQLITE_STEP.format(table=table)
                    cursor.execute(f"CREATE TRIGGER {name} AFTER {event}{of} ON {on} {step}")
