"""Database triggers that refuse to change or delete rows of an append-only table, on SQLite and PostgreSQL.

Anyone who owns the tables can drop a trigger; then the seals tell (portal.audit.chain). What this stops is
the mistake: a stray UPDATE, a cascade, a bulk delete. There is no setting that switches the triggers off:
they are lifted by dropping or disabling them, which needs the owner of the table (decision 0040).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def append_only(table: str, erasable: Iterable[str] = ()) -> migrations.RunPython:
    """A migration operation that protects `table`; `erasable` columns (encrypted texts) may still be written.

    On SQLite a later change of the table's columns rebuilds it without its triggers: add the operation again.
    `manage.py verify_audit` and a test report a table that has lost them.
    """
    columns = tuple(erasable)

    def protect(apps: Any, schema_editor: Any) -> None:
        install(schema_editor.connection, table, columns)

    def unprotect(apps: Any, schema_editor: Any) -> None:
        remove(schema_editor.connection, table)

    return migrations.RunPython(protect, unprotect)


def install(connection: BaseDatabaseWrapper, table: str, erasable: tuple[str, ...] = ()) -> None:
    """Puts the triggers on a table; any that are there already are replaced."""
    remove(connection, table)
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arguments = ", ".join(f"'{column}'" for column in erasable)
            cursor.execute(POSTGRESQL_FUNCTION)
            for event, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
                cursor.execute(
                    f"CREATE TRIGGER append_only_{event.lower()} BEFORE {event} ON {quoted} "
                    f"FOR EACH {each} EXECUTE FUNCTION append_only_refuse({arguments})"
                )
            return
        described = connection.introspection.get_table_description(cursor, table)
        fixed = ", ".join(connection.ops.quote_name(c.name) for c in described if c.name not in erasable)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        key = connection.introspection.get_primary_key_column(cursor, table)
        # INSERT OR REPLACE deletes without asking the delete trigger.
        replaces = f"WHEN EXISTS (SELECT 1 FROM {quoted} WHERE {key} = NEW.{key})"  # noqa: S608
        for name, event in (
            ("update", f"BEFORE UPDATE OF {fixed} ON {quoted}"),
            ("delete", f"BEFORE DELETE ON {quoted}"),
            ("replace", f"BEFORE INSERT ON {quoted} {replaces}"),
        ):
            cursor.execute(f"CREATE TRIGGER append_only_{name}_{table} {event} {refuse}")


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    """Takes the triggers off a table, where there are any."""
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for event in ("update", "delete", "truncate"):
                cursor.execute(f"DROP TRIGGER IF EXISTS append_only_{event} ON {quoted}")
        else:
            for event in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS append_only_{event}_{table}")


def unprotected(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[str]:
    """Those of the tables that lack one of their three triggers, or have one switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE tgname LIKE 'append_only_%%' AND tgenabled <> 'D' GROUP BY relname"
            )
        else:
            cursor.execute(
                "SELECT tbl_name, count(*) FROM sqlite_master "
                "WHERE type = 'trigger' AND name LIKE 'append_only_%%' GROUP BY tbl_name"
            )
        complete = {name for name, count in cursor.fetchall() if count == 3}
    return [table for table in tables if table not in complete]


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Takes every append-only trigger off for the length of a `with`, then puts each back as it was."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT quote_ident(relname), quote_ident(tgname) FROM pg_trigger "
                "JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE tgname LIKE 'append_only_%%' AND tgenabled <> 'D'"
            )
            triggers = cursor.fetchall()
            lift = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in triggers]
            restore = [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in triggers]
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%%'"
            )
            triggers = cursor.fetchall()
            lift = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
            restore = [sql for _, sql in triggers]
        for statement in lift:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in restore:
                cursor.execute(statement)
