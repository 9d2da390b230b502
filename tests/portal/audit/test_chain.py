"""The chain tells what has been touched, even by somebody who may do anything to the database."""

import io
import json
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection, transaction

from portal.audit import chain, jobs, triggers
from portal.audit.models import AccessEvent, Seal
from portal.audit.services import record
from tests.portal.reminders.processes import SharedDatabase, finish


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Access events alone; and as nothing else runs beside a test, its rows need not be waited for."""
    monkeypatch.setattr(chain, "MARGIN", -chain.MARGIN)
    monkeypatch.setattr(chain, "_models", {"audit.accessevent": AccessEvent})


def look(count: int = 1) -> list[AccessEvent]:
    return [record("viewed", actor=None, kind="case", ref=f"CR-2222-{number:04}") for number in range(count)]


def tamper(sql: str, *params: object) -> None:
    """As the owner of the database: takes the triggers off, changes something, puts them back."""
    with transaction.atomic(), triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql, params)


def verify(*arguments: str) -> tuple[int, dict]:
    """Exit code and JSON of `manage.py verify_audit`."""
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_audit", "--json", *arguments, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue())


def test_an_untouched_trail_verifies_and_says_what_is_not_yet_sealed(db: None) -> None:
    look(3)
    assert jobs.seal() == 3
    look(2)
    code, found = verify()
    assert (code, found["ok"], found["seals"], found["rows"]) == (0, True, 1, 3)
    assert found["unsealed"]["audit.accessevent"] == 2
    assert found["head"] == Seal.objects.get().digest()


def test_an_empty_trail_verifies(db: None) -> None:
    assert jobs.seal() == 0
    code, found = verify()
    assert (code, found["seals"]) == (0, 0)


def test_sealing_goes_on_where_it_stopped_and_a_second_run_adds_nothing(db: None, monkeypatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 4)
    look(10)
    assert jobs.seal() == 10
    assert jobs.seal() == 0
    look(1)
    assert jobs.seal() == 1
    assert list(Seal.objects.values_list("sequence", "row_count")) == [(1, 4), (2, 4), (3, 2), (4, 1)]
    assert verify()[0] == 0


def test_a_changed_row_is_reported_by_its_number(db: None) -> None:
    events = look(5)
    jobs.seal()
    tamper("UPDATE audit_accessevent SET object_ref = 'CR-9999-9999' WHERE id = %s", events[2].id)
    code, found = verify()
    assert code == 1
    assert found["problems"] == [f"Seal 1: row {events[2].id} of audit.accessevent has been changed."]


def test_a_deleted_row_is_reported_by_its_number(db: None) -> None:
    events = look(5)
    jobs.seal()
    tamper("DELETE FROM audit_accessevent WHERE id = %s", events[4].id)
    code, found = verify()
    assert code == 1
    assert found["problems"] == [f"Seal 1: row {events[4].id} of audit.accessevent is missing."]


@pytest.mark.parametrize("place", ["before the first", "in a gap"])
def test_a_row_slipped_in_afterwards_is_reported(db: None, place: str) -> None:
    first = look()[0]
    with transaction.atomic():  # ids that a rolled-back transaction has used up are gaps, and no damage
        gap = look()[0].id
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        gap = first.id + 1
        AccessEvent(
            id=gap + 1, verb="viewed", actor_label="system", object_kind="case", object_ref="x"
        ).save()
    look()
    jobs.seal()
    assert verify()[0] == 0
    slipped = gap if place == "in a gap" else first.id - 1
    AccessEvent(
        id=slipped, verb="viewed", actor_label="system", object_kind="case", object_ref="CR-7777-7777"
    ).save()
    code, found = verify()
    assert code == 1
    assert found["problems"] == [f"Seal 1: row {slipped} of audit.accessevent was inserted afterwards."]


def test_a_seal_made_fitting_to_a_changed_row_does_not_hold_without_the_key(db: None) -> None:
    events = look(2)
    jobs.seal()
    tamper("UPDATE audit_accessevent SET verb = 'exported' WHERE id = %s", events[0].id)
    rows = b"".join(
        chain.ROW.pack(event.id, bytes.fromhex(event.digest()))
        for event in AccessEvent.objects.order_by("id")
    )
    seal = Seal.objects.get()
    seal.rows_digest = chain.hashlib.sha256(rows).hexdigest()
    tamper("UPDATE audit_seal SET rows = %s, rows_digest = %s", rows, seal.rows_digest)
    code, found = verify()
    assert code == 1
    assert found["problems"] == ["Seal 1 has been changed: its signature is wrong."]


def test_a_seal_taken_out_of_the_middle_is_reported(db: None) -> None:
    for _ in range(3):
        look()
        jobs.seal()
    tamper("DELETE FROM audit_seal WHERE sequence = 2")
    code, found = verify()
    assert code == 1
    assert found["problems"][0] == "Seal 2 is missing: the next one is 3."


def test_a_tail_cut_off_is_reported_to_whoever_noted_the_head_down(db: None) -> None:
    for _ in range(3):
        look()
        jobs.seal()
    noted = verify()[1]["head"]
    look()
    jobs.seal()
    assert verify("--head", noted)[0] == 0  # an older head is still in the chain
    last = Seal.objects.order_by("-sequence").values_list("sequence", flat=True)[0]
    tamper("DELETE FROM audit_seal WHERE sequence >= %s", last - 1)
    tamper("DELETE FROM audit_accessevent WHERE id > (SELECT max(last_id) FROM audit_seal)")
    assert verify()[0] == 0  # without an anchor outside, a shorter chain looks whole
    code, found = verify("--head", noted)
    assert code == 1
    assert "not in the chain" in found["problems"][0]


def test_a_new_key_signs_from_now_on_and_the_old_seals_stay_valid(db: None, settings) -> None:
    look()
    jobs.seal()
    settings.AUDIT_KEYS = ["new:" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0=", *settings.AUDIT_KEYS]
    look()
    jobs.seal()
    assert list(Seal.objects.values_list("key_id", flat=True)) == ["demo", "new"]
    assert verify()[0] == 0


def test_a_seal_whose_key_is_not_known_is_damage_not_a_pass(db: None, settings) -> None:
    look()
    jobs.seal()
    settings.AUDIT_KEYS = ["new:" + "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="]
    code, found = verify()
    assert code == 1
    assert "its key (demo) is not in AUDIT_KEYS" in found["problems"][0]


def test_missing_triggers_are_damage(db: None) -> None:
    triggers.remove(connection, "audit_accessevent")
    code, found = verify()
    assert code == 1
    assert found["problems"] == ["audit_accessevent: the triggers that make it append-only are missing."]


def test_in_words_the_command_names_the_head(db: None) -> None:
    look()
    jobs.seal()
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    assert "1 seals over 1 rows checked." in out.getvalue()
    assert f"Head: {Seal.objects.get().digest()}" in out.getvalue()


def test_sealers_at_once_seal_each_row_once(transactional_db: None, tmp_path: Path) -> None:
    look(300)
    shared = SharedDatabase(tmp_path)
    seal = (
        "from portal.audit import chain, jobs; chain.BATCH = 5; chain.MARGIN = -chain.MARGIN; "
        "print(jobs.seal())"
    )
    sealers = [shared.start(seal) for _ in range(3)]
    counts = [int(finish(sealer).splitlines()[-1]) for sealer in sealers]
    last = int(finish(shared.start(seal)).splitlines()[-1])
    sealed = shared.number("SELECT count(*) FROM audit_seal")
    assert sum(counts) + last == shared.number("SELECT sum(row_count) FROM audit_seal") == 300
    assert sealed == shared.number("SELECT max(sequence) FROM audit_seal") == 60
    assert "60 seals over 300 rows checked." in finish(shared.manage("verify_audit"))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_not_yet_committed_is_never_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.undo()  # the real margin
    monkeypatch.setattr(chain, "MARGIN", chain.MARGIN * 0)
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            look()
            written.set()
            finish.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(20)
    look(3)  # higher ids, committed before the lower one
    assert jobs.seal() == 0
    finish.set()
    thread.join()
    close_old_connections()
    assert jobs.seal() == 4
    assert verify()[0] == 0
