"""What has been written to the audit trail stays written, whoever tries to change it and by whatever way."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from portal.audit import chain, triggers
from portal.audit.models import AccessEvent, AppendOnly, AppendOnlyError, InsertOnly, Seal
from portal.audit.services import record


def look(ref: str = "CR-2222-3333") -> AccessEvent:
    return record("viewed", actor=None, kind="case", ref=ref)


def run(sql: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_a_saved_event_can_be_neither_saved_again_nor_deleted(db: None) -> None:
    event = look()
    event.verb = "printed"
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.save(update_fields=["verb"])
    with pytest.raises(AppendOnlyError):
        event.delete()
    assert AccessEvent.objects.get().verb == "viewed"


def test_a_queryset_can_neither_update_nor_delete_events(db: None) -> None:
    event = look()
    for refused in (
        lambda: AccessEvent.objects.update(verb="printed"),
        lambda: AccessEvent.objects.all().delete(),
        lambda: AccessEvent.objects.bulk_update([event], ["verb"]),
    ):
        with pytest.raises(AppendOnlyError):
            refused()
    assert AccessEvent.objects.get().verb == "viewed"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_accessevent SET verb = 'printed'",
        "UPDATE audit_accessevent SET recorded_at = NULL",
        "DELETE FROM audit_accessevent",
    ],
)
def test_the_database_itself_refuses_to_change_an_event(db: None, sql: str) -> None:
    look()
    with pytest.raises(IntegrityError, match="append-only"):
        run(sql)
    assert AccessEvent.objects.get().verb == "viewed"


def test_an_event_cannot_be_replaced_by_an_insert_with_its_number(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's own")
    event = look()
    with pytest.raises(IntegrityError, match="append-only"):
        run(
            "INSERT OR REPLACE INTO audit_accessevent "
            "(id, recorded_at, verb, actor_label, object_kind, object_ref, detail) "
            "VALUES (%s, %s, '', '', '', '', '')",
            event.id,
            event.recorded_at,
        )


@pytest.mark.postgresql
def test_the_table_cannot_be_truncated(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE is PostgreSQL's own")
    look()
    with pytest.raises(IntegrityError, match="append-only"):
        run("TRUNCATE audit_accessevent")


def test_a_seal_cannot_be_changed_or_deleted_either(db: None) -> None:
    Seal(
        sequence=1, model="m", first_id=1, last_id=1, row_count=0, rows=b"", rows_digest="", previous="",
        sealed_at=look().recorded_at, key_id="", mac="",
    ).save()  # fmt: skip
    for sql in ("UPDATE audit_seal SET mac = 'x'", "DELETE FROM audit_seal"):
        with pytest.raises(IntegrityError, match="append-only"):
            run(sql)


def all_subclasses(model: type) -> list[type]:
    return [sub for child in model.__subclasses__() for sub in (child, *all_subclasses(child))]


def test_every_append_only_table_of_the_project_has_its_triggers_and_is_sealed(db: None) -> None:
    models = [model for model in all_subclasses(InsertOnly) if not model._meta.abstract]
    assert AccessEvent in models
    assert triggers.unprotected(connection, [model._meta.db_table for model in models]) == []
    assert {model for model in models if issubclass(model, AppendOnly)} == set(chain.registered())


def test_flush_is_refused_where_the_data_may_be_real(db: None, settings) -> None:
    look()
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="cannot be flushed"):
        call_command("flush", interactive=False)
    assert AccessEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestAcrossTransactions:
    """Between these two the test runner empties the tables, which must work and leave the triggers on."""

    def test_first(self) -> None:
        look()

    def test_second(self) -> None:
        assert not AccessEvent.objects.exists()
        look()
        with pytest.raises(IntegrityError, match="append-only"):
            run("DELETE FROM audit_accessevent")
