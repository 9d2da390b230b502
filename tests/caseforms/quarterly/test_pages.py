"""The pages of the quarter: a business manager asks for a workbook, watches it being made and fetches it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django_q.models import OrmQ, Schedule

from caseforms.cases.models import Interest
from caseforms.quarterly import jobs, sealed, services, workbook
from caseforms.quarterly.models import LEASE, Export, ExportState, Round
from portal import schedule
from portal.accounts.models import Membership, Role
from portal.audit.models import AccessEvent
from portal.outbox import guards
from portal.outbox.models import Message
from tests.caseforms.actionplans.scenes import NOW, action, adopted, at, led_by, said
from tests.caseforms.quarterly.books import ask, every_text, fetch, open_book, rows
from tests.cast import Cast, client_for


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.CASE_FILES_ROOT = tmp_path


@pytest.fixture
def plan(cast: Cast) -> Any:
    plan = adopted(cast, cast.manager, action(cast, "CSC", "TARNCANARY"))
    said(led_by(plan, "CSC"), cast.lead_csc, "TARNCANARY words", NOW - timedelta(hours=1))
    return plan


def run() -> Export:
    """The worker does what is on the queue."""
    export = Export.objects.get()
    jobs.run_export(str(export.pk))
    export.refresh_from_db()
    return export


def names_on_disk() -> set[str]:
    return {path.name for path in sealed.folder().iterdir()}


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_manager_asks_watches_and_fetches(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    waiting = client_for(cast.manager).get(page).content.decode()
    assert "Waiting to start" in waiting
    assert f'data-progress-url="{page}progress/"' in waiting
    assert OrmQ.objects.count() == 1
    run()
    ready = client_for(cast.manager).get(page).content.decode()
    assert f'href="{page}file/"' in ready
    response = fetch(cast.manager, page)
    assert response["Content-Disposition"] == 'attachment; filename="action-plans-2026-27-Q3.xlsx"'
    assert "no-store" in response["Cache-Control"]
    (row,) = rows(open_book(bytes_of(response)), "Actions")
    assert row["Progress this quarter"] == "TARNCANARY words"


def test_progress_is_told_as_rows_are_written(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    told = client_for(cast.manager).get(f"{page}progress/").json()
    assert told == {"percent": 0, "text": "Waiting to start."}
    Export.objects.update(state=ExportState.RUNNING, done_rows=500, total_rows=2000)
    told = client_for(cast.manager).get(f"{page}progress/").json()
    assert told == {"percent": 25, "text": "Being made: 500 of 2000 actions."}
    assert "500 of 2000" in client_for(cast.manager).get(page).content.decode()
    Export.objects.update(state=ExportState.QUEUED)
    run()
    told = client_for(cast.manager).get(f"{page}progress/").json()
    assert told == {
        "percent": 100,
        "text": "Ready: 1 action.",
        "url": f"{page}file/",
        "label": "Download the workbook",
    }


def test_nobody_but_a_business_manager_reaches_the_quarters(cast: Cast, plan: Any) -> None:
    for key, member in cast.members.items():
        expected = 200 if member.role == Role.BUSINESS_MANAGER else 403
        assert client_for(member).get("/quarters/").status_code == expected, key
        if expected == 403:
            assert client_for(member).post("/quarters/2026-27-Q3/export/").status_code == 403, key
    assert not Export.objects.exists()


def test_a_workbook_is_its_askers_alone(cast: Cast, plan: Any) -> None:
    other = Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency("BUS"),
        partnership=cast.tarn,
        role=Role.BUSINESS_MANAGER,
    )
    page = ask(cast.manager)
    run()
    for member in (other, cast.eller_manager, cast.lead_csc, cast.auditor):
        for address in (page, f"{page}progress/", f"{page}file/"):
            assert client_for(member).get(address).status_code == 404
    assert "2026-27-Q3, asked for" not in client_for(other).get("/quarters/").content.decode()
    assert not AccessEvent.objects.filter(verb="exported").exists()
    assert AccessEvent.objects.filter(verb="refused", object_kind="workbook").count() == 12


def test_a_download_is_recorded_and_a_look_at_the_page_is_not_one(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    export = run()
    client_for(cast.manager).get(page)
    assert not AccessEvent.objects.filter(verb="exported").exists()
    fetch(cast.manager, page)
    event = AccessEvent.objects.get(verb="exported")
    assert (event.actor_id, event.object_ref) == (cast.manager.person_id, "2026-27-Q3")
    assert str(export.pk) in event.detail


@pytest.mark.parametrize("step", ["ask", "fetch"])
def test_an_export_needs_a_code_given_lately(cast: Cast, plan: Any, step: str) -> None:
    page = ask(cast.manager)
    run()
    client = client_for(cast.manager)
    session = client.session
    session["code_at"] -= settings.STEP_UP_SECONDS + 1
    session.save()
    asked = client.post("/quarters/2026-27-Q2/export/") if step == "ask" else client.get(f"{page}file/")
    assert asked.status_code == 302
    assert "confirm" in asked["Location"]
    assert Export.objects.count() == 1
    assert not AccessEvent.objects.filter(verb="exported").exists()


def test_a_double_click_asks_for_one_workbook(cast: Cast, plan: Any) -> None:
    assert len({ask(cast.manager) for _ in range(3)}) == 1
    assert OrmQ.objects.count() == 1
    run()
    ask(cast.manager)
    assert Export.objects.count() == 2


@pytest.mark.parametrize(
    ("label", "words"), [("2026-27-Q9", "is not a quarter"), ("2027-28-Q1", "has not begun")]
)
def test_a_quarter_that_is_none_is_said_in_a_sentence(cast: Cast, label: str, words: str) -> None:
    response: Any = client_for(cast.manager).post(f"/quarters/{label}/export/", follow=True)
    assert words in response.content.decode()
    assert not Export.objects.exists()


def test_asking_opens_the_round_once(cast: Cast, plan: Any) -> None:
    ask(cast.manager)
    ask(cast.manager)
    opened = Round.objects.get()
    assert (opened.partnership, opened.quarter, opened.closed_at) == (cast.tarn, "2026-27-Q3", None)


def test_rights_are_asked_again_when_it_is_made(cast: Cast, plan: Any) -> None:
    ask(cast.manager)
    Membership.objects.filter(pk=cast.manager.pk).update(role=Role.PRACTITIONER)
    assert run().state == ExportState.FAILED
    assert names_on_disk() == set()


def test_a_case_closed_to_the_manager_meanwhile_is_left_out(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    Interest.objects.create(case=plan.case, person=cast.manager.person, kind=Interest.Kind.INVOLVED)
    run()
    book = open_book(bytes_of(fetch(cast.manager, page)))
    assert rows(book, "Actions") == []
    assert "TARNCANARY" not in every_text(book)


def test_rights_are_asked_again_when_it_is_fetched(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    run()
    Membership.objects.create(
        person=cast.manager.person, agency=cast.agency("BUS"), partnership=cast.tarn, role=Role.AUDITOR
    )
    Membership.objects.filter(pk=cast.manager.pk).update(ended_at=NOW)
    assert fetch(cast.manager, page).status_code == 404


def test_the_file_on_disk_tells_nothing(cast: Cast, plan: Any) -> None:
    ask(cast.manager)
    export = run()
    (name,) = names_on_disk()
    assert name == export.file_name
    content = (sealed.folder() / name).read_bytes()
    assert not content[:200].count(b"PK\x03\x04")
    assert b"TARNCANARY" not in content
    assert (sealed.folder() / name).stat().st_mode & 0o077 == 0
    assert not sealed.folder().is_relative_to(settings.MEDIA_ROOT)


def test_queue_mail_and_file_name_carry_no_words_of_the_case(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    task = OrmQ.objects.get().task
    assert task["args"] == (str(Export.objects.get().pk),)
    run()
    message = Message.objects.get(notice="quarter_export_ready")
    text = message.subject + message.text + message.html
    assert page in text
    assert "TARNCANARY" not in text
    assert plan.case.reference not in text


def test_the_mail_is_withheld_from_somebody_who_has_left(cast: Cast, plan: Any) -> None:
    ask(cast.manager)
    run()
    message = Message.objects.get(notice="quarter_export_ready")
    assert guards.allows(message)
    Membership.objects.filter(pk=cast.manager.pk).update(ended_at=NOW)
    assert not guards.allows(message)


# ---- The worker dies, runs twice, fails


def killed(*args: object) -> None:
    raise SystemExit("kill -9")


def test_a_killed_worker_leaves_a_row_that_the_next_run_finishes_once(
    cast: Cast, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(cast.manager)
    with monkeypatch.context() as broken:
        broken.setattr(workbook, "_action_row", killed)
        with pytest.raises(SystemExit):
            run()
    export = Export.objects.get()
    assert export.state == ExportState.RUNNING
    assert fetch(cast.manager, page).status_code == 404
    jobs.run_export(str(export.pk))
    assert Export.objects.get().state == ExportState.RUNNING, "the dead run's lease still holds"
    with at(NOW + LEASE + timedelta(seconds=1)):
        assert jobs.resume() == 1
        assert jobs.resume() == 0
        jobs.run_export(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.attempts) == (ExportState.DONE, 2)
    assert names_on_disk() == {export.file_name}
    assert Message.objects.filter(notice="quarter_export_ready").count() == 1


def test_a_killed_worker_between_file_and_row_leaves_no_file_for_long(
    cast: Cast, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(cast.manager)
    with monkeypatch.context() as broken:
        broken.setattr(services, "_finish", killed)
        with pytest.raises(SystemExit):
            run()
    assert len(names_on_disk()) == 1
    with at(NOW + LEASE + timedelta(seconds=1)):
        jobs.resume()
    export = Export.objects.get()
    assert export.state == ExportState.DONE
    assert len(names_on_disk()) == 2
    services.remove_expired(NOW + timedelta(days=300))
    assert names_on_disk() == set()


def test_a_run_that_was_taken_over_leaves_the_row_and_no_file(
    cast: Cast, plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was only asleep wakes up after another has finished its work."""
    ask(cast.manager)
    pk = Export.objects.get().pk
    store = sealed.store

    def slow(*args: Any) -> str:
        monkeypatch.setattr(sealed, "store", store)
        with at(NOW + LEASE + timedelta(seconds=1)):
            assert services.make(pk)
        return store(*args)

    monkeypatch.setattr(sealed, "store", slow)
    assert not services.make(pk)
    export = Export.objects.get()
    assert (export.state, export.attempts) == (ExportState.DONE, 2)
    assert names_on_disk() == {export.file_name}


def test_a_lost_task_is_found_again(cast: Cast, plan: Any) -> None:
    ask(cast.manager)
    OrmQ.objects.all().delete()
    assert jobs.resume() == 0
    with at(NOW + LEASE + timedelta(seconds=1)):
        assert jobs.resume() == 1
    assert Export.objects.get().state == ExportState.DONE


def test_a_fault_is_tried_again_and_then_said_without_quoting_the_case(
    cast: Cast, plan: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*args: object) -> None:
        raise ValueError("TARNCANARY in a message")

    page = ask(cast.manager)
    monkeypatch.setattr(workbook, "_action_row", fault)
    assert [run().state for _ in range(services.MOST_ATTEMPTS)] == ["queued", "queued", "failed"]
    assert run().attempts == services.MOST_ATTEMPTS
    told = client_for(cast.manager).get(f"{page}progress/").json()
    assert told["failed"] is True
    assert "could not be made" in told["text"]
    assert "TARNCANARY" not in caplog.text
    assert names_on_disk() == set()


def test_workbooks_go_after_a_day(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    run()
    with at(NOW + timedelta(hours=23)):
        assert jobs.remove_expired() == 0
        assert fetch(cast.manager, page).status_code == 200
    with at(NOW + timedelta(hours=25)):
        assert fetch(cast.manager, page).status_code == 404
        assert jobs.remove_expired() == 1
        assert "has been removed" in client_for(cast.manager).get(page).content.decode()
    assert names_on_disk() == set()


def test_a_file_that_is_damaged_or_gone_is_never_half_a_workbook(cast: Cast, plan: Any) -> None:
    page = ask(cast.manager)
    export = run()
    path = sealed.folder() / export.file_name
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:50], whole[:20] + b"\x00" + whole[21:]):
        path.write_bytes(damaged)
        client = client_for(cast.manager)
        client.raise_request_exception = False
        assert client.get(f"{page}file/").status_code == 500
    assert not AccessEvent.objects.filter(verb="exported").exists()


def test_the_jobs_are_on_the_table_of_recurring_jobs(cast: Cast) -> None:
    schedule.sync()
    wanted = {"resume-exports", "remove-expired-exports"}
    assert set(Schedule.objects.filter(name__in=wanted).values_list("name", flat=True)) == wanted


def test_the_list_says_how_many_updates_are_in(cast: Cast, plan: Any) -> None:
    adopted(cast, cast.manager, action(cast, "HOS", "another"))
    page = client_for(cast.manager).get("/quarters/").content.decode()
    assert "1 of 2 actions updated so far" in page
    assert "2026-27-Q2" in page
    assert "2026-27-Q4" not in page
    assert "No open actions" in client_for(cast.eller_manager).get("/quarters/").content.decode()
