"""Eight posts in the same moment, two workers, a worker that is killed: each thing happens exactly once."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from portal.outbox.models import Message
from procedures.models import ChapterPage, ManualIndexPage
from procedures.readers import jobs, services
from procedures.readers.models import Chase, Confirmation, Digest, Feedback, Subscription
from procedures.services import site_root
from tests.caseforms.referrals.test_at_once import EIGHT, at_once
from tests.cast import Cast, client_for, load_cast
from tests.portal.reminders.processes import SharedDatabase
from tests.procedures.conftest import BRUISES, publish
from tests.procedures.readers.scenes import CANARY, address, amend, reported

pytestmark = pytest.mark.django_db(transaction=True)
SEND = """
from datetime import timedelta
from django.utils import timezone
from procedures.readers import jobs
print(jobs.send_digests(timezone.now() + timedelta(days=2)))
"""
KILLED = """
import os, signal
from portal.outbox import services as outbox
store = outbox.store
calls = 0
def die(messages):
    global calls
    calls += 1
    if calls == 3 and {before}: os.kill(os.getpid(), signal.SIGKILL)
    result = store(messages)
    if calls == 3: os.kill(os.getpid(), signal.SIGKILL)
    return result
outbox.store = die
"""


@pytest.fixture
def scene(transactional_db: None) -> tuple[Cast, ChapterPage]:
    cast = load_cast()
    manual = ManualIndexPage(title="Manual", slug="manual")
    site_root().add_child(instance=manual)
    return cast, publish(BRUISES, manual)


def counts() -> dict[str, int]:
    models: tuple[Any, ...] = (Feedback, Message, Confirmation, Chase, Digest, Subscription)
    return {model.__name__: model._default_manager.count() for model in models}


def test_eight_posts_of_one_form_make_one_report(scene: tuple[Cast, ChapterPage], tmp_path: Path) -> None:
    cast, page = scene
    where, fields = address(page), {"key": str(uuid4()), "text": CANARY}
    strangers = [Client(HTTP_HOST=cast.tarn.hostname) for _ in range(EIGHT)]

    def post(number: int) -> tuple[int, str]:
        response = strangers[number].post(where, fields)
        return response.status_code, response.headers.get("Location", "")

    returned, found = at_once(tmp_path, post, counts)
    assert returned == [(302, f"{where}sent/")] * EIGHT
    assert (found["Feedback"], found["Message"]) == (1, 1)


def test_eight_who_confirm_answer_follow_and_remind_at_once_do_it_once(
    scene: tuple[Cast, ChapterPage], tmp_path: Path
) -> None:
    cast, page = scene
    edition = amend(page, must_read=True)
    feedback = reported(page, cast.practitioner)
    clients = [client_for(cast.manager) for _ in range(EIGHT)]
    before = counts()["Message"]
    answer = {"outcome": "changed", "words": "Words"}

    def acts(number: int) -> list[int]:
        client = clients[number]
        return [
            client.post(f"/readers/confirm/{edition.pk}/").status_code,
            client.post(f"/readers/follow/{page.pk}/", {"page": str(page.pk)}).status_code,
            client.post(f"/readers/must-read/{edition.pk}/remind/").status_code,
            client.post(f"/readers/feedback/{feedback.pk}/", answer).status_code,
        ]

    returned, found = at_once(tmp_path, acts, counts)
    assert [codes[:3] for codes in returned] == [[302, 302, 302]] * EIGHT
    answers = [codes[3] for codes in returned]
    assert answers.count(302) == 1
    assert set(answers) == {302, 409}
    assert (found["Confirmation"], found["Subscription"], found["Chase"]) == (1, 1, 1)
    assert found["Message"] - before == 13 + 1  # one reminder for each who has not, one answer


def test_eight_workers_send_each_digest_once(scene: tuple[Cast, ChapterPage], tmp_path: Path) -> None:
    cast, page = scene
    for member in cast.members.values():
        services.follow(page, member.person)
    amend(page)
    then = timezone.now() + timedelta(days=2)
    returned, found = at_once(tmp_path, lambda _: jobs.send_digests(then), counts)
    assert sum(returned) == found["Digest"] == found["Message"] == len(cast.members)


@pytest.mark.parametrize("before", [True, False])
def test_a_worker_killed_among_the_digests_leaves_nothing_out_and_nothing_twice(
    scene: tuple[Cast, ChapterPage], tmp_path: Path, before: bool
) -> None:
    cast, page = scene
    for member in cast.members.values():
        services.follow(page, member.person)
    amend(page)
    shared = SharedDatabase(tmp_path)
    killed = shared.start(KILLED.format(before=before) + SEND)
    output, _ = killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL, output
    assert shared.number("SELECT count(*) FROM outbox_message") == 2
    assert shared.number("SELECT count(*) FROM readers_digest") == 2
    again = shared.start(SEND)
    output, _ = again.communicate(timeout=120)
    assert again.returncode == 0, output
    for table in ("outbox_message", "readers_digest"):
        assert shared.number(f"SELECT count(*) FROM {table}") == len(cast.members)
    assert shared.number("SELECT count(DISTINCT recipient_id) FROM outbox_message") == len(cast.members)
