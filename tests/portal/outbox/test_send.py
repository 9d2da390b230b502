"""A message is stored before it is sent: once, unreadable in the database, whoever wrote it."""

from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, send_mail
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from portal.outbox.models import Message, State
from portal.outbox.services import send
from tests.cast import Cast

TEXT = "The task is due on Friday."


@pytest.fixture(autouse=True)
def templates(settings, tmp_path) -> None:
    """A notice of the tests' own."""
    emails = tmp_path / "emails"
    emails.mkdir()
    (emails / "task.subject.txt").write_text("{{ reference }}:\n {{ task }}\n")
    (emails / "task.txt").write_text("{{ task }} {{ base_url }}/cases/{{ reference }}/")
    (emails / "task.html").write_text("<p>{{ task }}</p>")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]


def post(key: str = "k1", **changes) -> Message | None:
    wanted = {
        "notice": "task",
        "to": "priya.nair@tarnvale.example",
        "key": key,
        "context": {"reference": "CR-2222-3333", "task": "Agency's return"},
    }
    return send(**{**wanted, **changes})


def test_a_message_waits_in_the_outbox_and_has_not_been_sent(db: None) -> None:
    message = post()
    assert message is not None
    stored = Message.objects.get()
    assert (stored.state, stored.subject) == (State.QUEUED, "CR-2222-3333: Agency's return")
    assert stored.text == "Agency's return http://testserver/cases/CR-2222-3333/"
    assert stored.html == "<p>Agency&#x27;s return</p>"
    assert stored.message_id == f"<{stored.id}@testserver>"
    assert mail.outbox == []


def test_the_same_key_stores_nothing_a_second_time(db: None) -> None:
    assert post("same") is not None
    assert post("same", context={"reference": "CR-9999-9999", "task": "Other"}) is None
    assert Message.objects.get().subject.startswith("CR-2222-3333")


def test_the_words_of_a_message_cannot_be_read_in_the_database(db: None) -> None:
    message = post()
    assert message is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, html FROM outbox_message")
        text, html = cursor.fetchone()
    assert b"return" not in bytes(text)
    assert b"return" not in bytes(html)


def test_a_rolled_back_transaction_leaves_no_message(db: None) -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "address", ["nobody", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", ""]
)
def test_an_address_that_is_none_or_more_than_one_is_refused(db: None, address: str) -> None:
    with pytest.raises(ValidationError):
        post(to=address)
    assert not Message.objects.exists()


def test_a_line_break_in_a_subject_starts_no_header(db: None) -> None:
    post(context={"reference": "CR-2222-3333\nBcc: x@y.example", "task": "t"})
    assert "\n" not in Message.objects.get().subject


def test_committing_wakes_the_worker_and_rolling_back_does_not(
    django_capture_on_commit_callbacks, db: None
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert OrmQ.objects.get().task["func"] == "portal.outbox.delivery.deliver"
    OrmQ.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert post() is None  # nothing new: nothing to wake anybody for
    assert not OrmQ.objects.exists()


def test_a_queue_that_is_down_does_not_stop_the_act(
    monkeypatch, django_capture_on_commit_callbacks, db: None
) -> None:
    def down(*args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("portal.schedule.async_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert Message.objects.get().state == State.QUEUED


class TestWhatDjangoAndWagtailSend:
    """The outbox is Django's e-mail backend, so nothing can mail round it."""

    @pytest.fixture(autouse=True)
    def backend(self, settings) -> None:
        settings.EMAIL_BACKEND = (
            "portal.outbox.backend.OutboxBackend"  # pytest-django puts locmem in its place
        )

    def test_it_is_stored_for_each_recipient_by_itself(self, db: None) -> None:
        sent = send_mail(
            "Page approved", TEXT, "x@y.example", ["a@b.example", "c@d.example"], html_message="<b>t</b>"
        )
        assert sent == 1
        assert mail.outbox == []
        assert set(Message.objects.values_list("to", "state")) == {
            ("a@b.example", "queued"),
            ("c@d.example", "queued"),
        }
        assert {(m.text, m.html) for m in Message.objects.all()} == {(TEXT, "<b>t</b>")}

    def test_two_equal_mails_are_two_messages(self, db: None) -> None:
        for _ in range(2):
            send_mail("Reset", TEXT, None, ["a@b.example"])
        assert Message.objects.count() == 2

    def test_an_attachment_is_refused(self, db: None) -> None:
        letter = EmailMessage("Subject", TEXT, to=["a@b.example"])
        letter.attach("case.txt", "x", "text/plain")
        with pytest.raises(ValueError, match="no attachments"):
            letter.send()
        assert not Message.objects.exists()

    def test_the_project_really_uses_it(self) -> None:
        from portal.settings import base  # noqa: PLC0415

        assert base.EMAIL_BACKEND == "portal.outbox.backend.OutboxBackend"


def test_the_database_itself_holds_one_row_for_a_key(cast: Cast) -> None:
    post("same", recipient_id=cast.practitioner.person_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            id=uuid4(), key="same", notice="n", to="a@b.example", subject="s", message_id="m"
        )
