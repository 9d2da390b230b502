"""A number that changes with anything a page of the manual is made of, so that a cached page is never an old one.

The database itself draws it: a trigger on each watched table writes a new one, whatever wrote there. What was made is
kept under the number read before making it; after any change nobody asks for that number again. It is drawn at random
and not counted up, so that a change which is rolled back leaves no number behind that the next change gets again.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models

_watched: dict[type[models.Model], tuple[str, ...]] = {}
TABLE = "procedures_generation"
# 53 bits: what a double holds, and never negative.
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION procedures_count_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {TABLE} SET number = floor(random() * 9007199254740992)::bigint;
    RETURN NULL;
END $$
"""  # noqa: S608  (a constant)
SEED = f"INSERT INTO {TABLE} (id, number) SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM {TABLE})"  # noqa: S608
SQLITE_STEP = f"BEGIN UPDATE {TABLE} SET number = random() & 9007199254740991; END"  # noqa: S608  (a constant)


def watch(model: type[models.Model], columns: Sequence[str] = ()) -> None:
    """From an app's `ready`: rows of this model are part of pages. With `columns`, updates count only where one of
    them is written."""
    _watched[model] = tuple(columns)


def current() -> int:
    """The number now: one query. 0 before the first migration has been run to its end."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT number FROM {TABLE}")  # noqa: S608  (a constant)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def install(**kwargs: Any) -> None:
    """After migrations: the counter and its triggers, again and again without harm (a migration on SQLite that makes a
    table anew takes its triggers away)."""
    connection = connections[kwargs.get("using", "default")]
    tables = connection.introspection.table_names()
    if TABLE not in tables:
        return
    with connection.cursor() as cursor:
        cursor.execute(SEED)
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
        for model, columns in _watched.items():
            table = model._meta.db_table
            if table not in tables:
                continue
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
                    cursor.execute(f"CREATE TRIGGER {name} AFTER {event}{of} ON {on} {SQLITE_STEP}")
