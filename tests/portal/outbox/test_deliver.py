"""Delivery: each message once, however many workers there are; after a crash or an outage, all the same."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from portal.outbox import delivery, guards
from portal.outbox.jobs import deliver
from portal.outbox.models import LEASE, Message, State
from portal.outbox.services import compose_plain, store


def waiting(count: int = 1, **columns: object) -> list[Message]:
    messages = [
        compose_plain(to=f"person{n}@tarnvale.example", subject=f"Task {n}", text="Words")
        for n in range(count)
    ]
    for message in messages:
        for name, value in columns.items():
            setattr(message, name, value)
    store(messages)
    return messages


class Server(EmailBackend):
    """A mail server that can be made to fail; `calls` counts the attempts."""

    error: Exception | None = None
    calls = 0

    def send_messages(self, messages) -> int:
        Server.calls += 1
        if Server.error:
            raise Server.error
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def server(settings, db: None) -> type[Server]:
    settings.OUTBOX_DELIVERY_BACKEND = f"{__name__}.Server"
    Server.error, Server.calls = None, 0
    return Server


def later(**columns: object) -> None:
    """Time passes: everything that waits becomes due."""
    Message.objects.filter(state=State.QUEUED).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1), **columns
    )


def test_a_message_goes_out_once_with_its_own_message_id() -> None:
    (message,) = waiting()
    assert deliver() == 1
    assert deliver() == 0
    (sent,) = mail.outbox
    assert sent.message()["Message-ID"] == message.message_id
    assert (sent.to, sent.subject, sent.body) == (["person0@tarnvale.example"], "Task 0", "Words")
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (State.SENT, 1, "")
    assert message.sent_at is not None


def test_nothing_to_send_costs_one_query(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        deliver()


def test_a_message_that_another_worker_is_sending_is_left_alone() -> None:
    waiting(state=State.SENDING, claimed_at=timezone.now(), attempts=1)
    assert deliver() == 0
    assert mail.outbox == []


def test_a_message_taken_by_another_worker_after_we_looked_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (message,) = waiting()
    original = Message.objects.due

    def due_then_taken(now):
        found = original(now)
        rows = list(found)
        Message.objects.update(state=State.SENDING, claimed_at=timezone.now(), attempts=1)
        monkeypatch.undo()
        return type("Seen", (), {"filter": lambda self, **k: self, "first": lambda self: rows[0]})()

    monkeypatch.setattr(Message.objects, "due", due_then_taken)
    assert delivery._claim(message.pk) is None


def test_a_worker_that_died_while_sending_is_followed_by_another_with_the_same_message_id() -> None:
    (message,) = waiting(
        state=State.SENDING, claimed_at=timezone.now() - LEASE - timedelta(seconds=1), attempts=1
    )
    assert deliver() == 1
    assert mail.outbox[0].message()["Message-ID"] == message.message_id
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 2)


def test_a_message_that_kills_every_worker_is_given_up() -> None:
    (message,) = waiting(
        state=State.SENDING, claimed_at=timezone.now() - LEASE * 2, attempts=delivery.MAX_ATTEMPTS
    )
    assert deliver() == 0
    message.refresh_from_db()
    assert message.state == State.FAILED
    assert mail.outbox == []


def test_a_worker_that_wakes_up_late_does_not_overwrite_what_its_successor_did() -> None:
    (message,) = waiting()
    slow = delivery._claim(message.pk)
    assert slow is not None
    Message.objects.update(claimed_at=timezone.now() - LEASE * 2)
    assert deliver() == 1
    delivery._note_failure(slow, ConnectionResetError())
    message.refresh_from_db()
    assert message.state == State.SENT


def test_while_the_mail_server_is_down_a_message_waits_and_then_goes_out_once(server: type[Server]) -> None:
    (message,) = waiting()
    server.error = ConnectionRefusedError("to person0@tarnvale.example")
    assert deliver() == 0
    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.QUEUED, "ConnectionRefusedError")
    assert message.next_attempt_at > timezone.now()
    assert deliver() == 0  # not before its time
    assert server.calls == 1
    server.error = None
    later()
    assert deliver() == 1
    assert len(mail.outbox) == 1


def test_a_server_out_of_reach_is_not_asked_again_for_each_message(server: type[Server]) -> None:
    waiting(5)
    server.error = ConnectionRefusedError()
    deliver()
    assert server.calls == 1
    assert Message.objects.filter(attempts=0).count() == 4


def test_one_refused_address_does_not_hold_up_the_others(server: type[Server], monkeypatch) -> None:
    first, *_ = waiting(3)

    def refuse_first(self, messages) -> int:
        if messages[0].to == [first.to]:
            raise smtplib.SMTPRecipientsRefused({first.to: (550, b"no such person0@tarnvale.example")})
        return EmailBackend.send_messages(self, messages)

    monkeypatch.setattr(Server, "send_messages", refuse_first)
    assert deliver() == 2
    first.refresh_from_db()
    assert first.state == State.QUEUED


def test_after_many_failures_a_message_is_shown_as_failed_without_its_address(
    server: type[Server], caplog
) -> None:
    (message,) = waiting()
    server.error = smtplib.SMTPDataError(554, b"rejected person0@tarnvale.example")
    for _ in range(delivery.MAX_ATTEMPTS + 3):
        deliver()
        later()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.FAILED, delivery.MAX_ATTEMPTS)
    assert server.calls == delivery.MAX_ATTEMPTS
    assert message.last_error == "SMTPDataError 554"
    assert "person0" not in caplog.text


class TestGuards:
    """Whether the recipient may still get it is asked when the message goes out, not when it was written."""

    @pytest.fixture(autouse=True)
    def own_guards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(guards, "_guards", {})

    def test_who_may_no_longer_get_it_gets_nothing(self) -> None:
        guards.register("still-there", lambda message: False)
        (message,) = waiting(guard="still-there")
        assert deliver() == 0
        message.refresh_from_db()
        assert message.state == State.WITHHELD
        assert mail.outbox == []
        later()
        assert deliver() == 0

    def test_who_may_gets_it(self) -> None:
        guards.register("still-there", lambda message: message.to.startswith("person0"))
        waiting(2, guard="still-there")
        assert deliver() == 1

    def test_a_guard_that_nobody_knows_lets_nothing_through(self) -> None:
        (message,) = waiting(guard="forgotten")
        deliver()
        message.refresh_from_db()
        assert message.state == State.WITHHELD

    def test_a_guard_that_breaks_sends_nothing_and_is_asked_again(self) -> None:
        def broken(message: Message) -> bool:
            raise RuntimeError("Amy Smith")

        guards.register("broken", broken)
        (message,) = waiting(guard="broken")
        assert deliver() == 0
        message.refresh_from_db()
        assert (message.state, message.last_error) == (State.QUEUED, "RuntimeError")
        assert mail.outbox == []
