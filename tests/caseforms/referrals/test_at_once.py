"""Eight identical submissions at once make one case; and what fails half-way leaves nothing behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from caseforms.cases.models import Case, CaseEvent, CasePerson, Child, Draft, Submission
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.services import install_default_rules
from caseforms.referrals import services
from caseforms.workflow import notices
from portal.outbox.models import Message
from tests.caseforms.referrals.filling import address, draft_with, full, hidden
from tests.cast import Cast, client_for, load_cast
from tests.portal.accounts.helpers import shared_database

EIGHT = 8


def at_once(folder: Path, act: Callable[[int], Any], then: Callable[[], Any]) -> tuple[list[Any], Any]:
    """Runs the act eight times in the same moment; what each returned, and what is in the database then."""
    barrier, join = Barrier(EIGHT), shared_database(folder)

    def joined(work: Callable[[], Any]) -> Any:
        join()
        try:
            return work()
        finally:
            connections.close_all()

    def one(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(EIGHT) as pool:
        returned = list(pool.map(lambda number: joined(lambda: one(number)), range(EIGHT)))
        return returned, pool.submit(joined, then).result()


def counts() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in (Case, Child, CasePerson, Submission, Draft, Deadline, Message)
    } | {"submit": CaseEvent.objects.filter(verb="submit").count()}


@pytest.mark.django_db(transaction=True)
def test_eight_submissions_at_once_make_one_case(tmp_path: Path) -> None:
    cast = load_cast()
    install_default_rules(cast.tarn)
    draft = draft_with(cast.practitioner, full())
    clients = [client_for(cast.practitioner) for _ in range(EIGHT)]
    version = hidden(clients[0].get(address("check", draft)), "version")

    def post(number: int) -> tuple[int, str]:
        response = clients[number].post(address("check", draft), {"version": version})
        return response.status_code, response.headers.get("Location", "")

    returned, found = at_once(tmp_path, post, counts)
    assert returned == [(302, address("sent", draft))] * EIGHT
    assert (found["Case"], found["Submission"], found["submit"]) == (1, 1, 1)
    assert (found["Child"], found["CasePerson"]) == (2, 1)
    assert found["Message"] == 2  # the acknowledgement, and the word to the business manager
    assert found["Deadline"] > 0


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_on_start_at_once_begin_one_draft(tmp_path: Path) -> None:
    cast = load_cast()
    _, found = at_once(tmp_path, lambda _: services.begin(cast.practitioner), counts)
    assert found["Draft"] == 1


@pytest.mark.django_db(transaction=True)
def test_eight_windows_that_save_different_sections_at_once_all_keep_theirs(tmp_path: Path) -> None:
    cast = load_cast()
    draft = draft_with(cast.practitioner, {})
    sections = draft.question_set.parsed.sections
    seen = services.fingerprint(None)

    def save(number: int) -> None:
        mine = Draft.objects.get(pk=draft.pk)
        key = f"{number:032x}"
        services.save_item(mine, sections[1], key, {"first_name": f"Child of window {number}"}, seen)

    _, stored = at_once(tmp_path, save, lambda: Draft.objects.get(pk=draft.pk).answers)
    names = {child["first_name"] for child in stored["children"]}
    assert names == {f"Child of window {number}" for number in range(EIGHT)}


def test_a_submission_that_fails_half_way_stores_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = draft_with(cast.practitioner, full())
    before = counts()

    def fail(*args: Any) -> None:
        raise RuntimeError("the last step fails")

    monkeypatch.setitem(notices.NOTICES, "to_triage", fail)
    with pytest.raises(RuntimeError):
        services.submit(draft, cast.practitioner, draft.version)
    assert counts() == before
    draft.refresh_from_db()
    assert (draft.state, draft.case) == (Draft.State.DRAFT, None)
    assert draft.answers["about-you"]["job_title"] == "Ward sister"
