"""Signing in: password, then code; nothing in between, nothing told to strangers, nothing twice."""

import threading
import time
from pathlib import Path

import django_otp
import pytest
import time_machine
from django.db import connection, connections
from django.test import Client

from portal.accounts import services, throttle
from portal.accounts.models import TOTPDevice
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for, device_of, load_cast
from tests.portal.accounts.helpers import fresh_code, give_password, shared_database, sign_in, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
NOON = "2026-11-24T12:00:00+00:00"


def test_password_and_code_open_the_portal_and_it_is_on_record(cast: Cast) -> None:
    client = Client()
    device_of(cast.practitioner.person)
    assert give_password(client, cast.practitioner).url == "/sign-in/code/"
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/code/")
    assert client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)}).url == "/"
    assert client.get("/probe/unmarked/").status_code == 200
    event = AccessEvent.objects.get(verb="signed_in")
    assert event.actor_id == cast.practitioner.person_id


def test_afterwards_one_is_where_one_wanted_to_go_but_never_on_another_site(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    for wanted, reached in [
        ("/probe/unmarked/?a=1", "/probe/unmarked/?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ]:
        client = Client()
        client.get("/sign-in/", {"next": wanted})
        give_password(client, cast.practitioner)
        with time_machine.travel(NOON):
            TOTPDevice.objects.update(last_step=-1)
            assert client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)}).url in (
                reached,
                "/sign-in/",
            )
            TOTPDevice.objects.update(last_step=-1)
        assert "evil" not in str(client.session.items())


def test_the_session_id_changes_at_the_password_and_at_the_code(cast: Cast) -> None:
    client = Client()
    client.get("/sign-in/", {"next": "/account/"})
    ids = [client.session.session_key]
    device_of(cast.practitioner.person)
    give_password(client, cast.practitioner)
    ids.append(client.session.session_key)
    client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)})
    ids.append(client.session.session_key)
    assert len(set(ids)) == 3

    before = Client()
    before.cookies["session"] = str(ids[1])
    assert before.get("/probe/unmarked/").url.startswith("/sign-in/?next")


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(cast: Cast) -> None:
    def answer(email: str) -> tuple[int, str]:
        client = Client()
        response = client.post("/sign-in/", {"email": email, "password": "not-the-password"})
        return response.status_code, response.content.decode().replace(email, "ADDRESS")

    known, unknown = answer(cast.practitioner.person.email), answer("nobody@nowhere.example")
    assert known[0] == unknown[0] == 200
    assert "is not right" in known[1]
    strip = lambda page: page.split('name="csrfmiddlewaretoken"')[0][-200:]  # noqa: E731
    assert strip(known[1]) == strip(unknown[1])
    assert AccessEvent.objects.filter(verb="sign_in_failed").count() == 2
    assert not AccessEvent.objects.filter(object_ref__contains="@").exists()


def test_a_disabled_person_is_answered_as_a_stranger_and_their_sessions_are_dead(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    assert client.get("/probe/unmarked/").status_code == 200
    services.disable(cast.practitioner.person, None)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next")
    assert "is not right" in give_password(Client(), cast.practitioner).content.decode()


# ---- Passwords are throttled ------------------------------------------------------------------------------


def test_many_wrong_passwords_lock_this_name_from_this_address_and_nobody_else(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    client = Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(5):
        response = give_password(client, cast.practitioner, "wrong-password-1")
    assert response.status_code == 429
    assert "Too many wrong passwords" in response.content.decode()
    assert give_password(client, cast.practitioner).status_code == 429, "even the right one has to wait"

    assert give_password(Client(REMOTE_ADDR="192.0.2.1"), cast.manager).status_code == 302
    assert give_password(Client(REMOTE_ADDR="192.0.2.2"), cast.practitioner).status_code == 302


def test_capitals_and_blanks_in_the_address_do_not_buy_more_tries(cast: Cast) -> None:
    email = cast.practitioner.person.email
    for written in (email, email.upper(), f" {email}", email.title(), f"{email} "):
        response = Client().post("/sign-in/", {"email": written, "password": "wrong-password-1"})
    assert response.status_code == 429


def test_the_wait_ends_after_a_quarter_of_an_hour(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(6):
            give_password(Client(), cast.practitioner, "wrong-password-1")
        clock.shift(16 * 60)
        assert give_password(Client(), cast.practitioner).status_code == 302


def test_an_address_that_tries_many_names_is_stopped_as_a_whole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_FAILURE_LIMIT", 6)
    for number in range(6):
        Client().post("/sign-in/", {"email": f"guess{number}@x.example", "password": "wrong-password-1"})
    response = give_password(Client(), cast.practitioner)
    assert response.status_code == 429
    assert "Too many" in response.content.decode()
    assert give_password(Client(REMOTE_ADDR="192.0.2.9"), cast.practitioner).status_code == 302


# ---- Codes ------------------------------------------------------------------------------------------------


def test_a_wrong_code_opens_nothing_and_makes_the_next_one_wait(cast: Cast) -> None:
    device = device_of(cast.practitioner.person)
    with time_machine.travel(NOON, tick=False) as clock:
        client = Client()
        give_password(client, cast.practitioner)
        response = client.post("/sign-in/code/", {"code": wrong_code(cast.practitioner)})
        assert "was not accepted" in response.content.decode()
        right_but_too_soon = client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)})
        assert right_but_too_soon.status_code == 200
        assert client.get("/probe/unmarked/").url.startswith("/sign-in/code/")
        clock.shift(60)
        assert client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)}).status_code == 302
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


def test_many_wrong_codes_wait_longer_up_to_an_hour_and_the_person_is_told(
    cast: Cast, mailoutbox: list
) -> None:
    device = device_of(cast.practitioner.person)
    with time_machine.travel(NOON, tick=False) as clock:
        client = Client()
        for _ in range(14):
            TOTPDevice.objects.filter(pk=device.pk).update(throttling_failure_timestamp=None)
            give_password(client, cast.practitioner)
            response = client.post("/sign-in/code/", {"code": wrong_code(cast.practitioner)})
        assert response.status_code == 429
        assert "Too many wrong codes" in response.content.decode()
        assert [message.to for message in mailoutbox] == [[cast.practitioner.person.email]]
        clock.shift(3601)
        assert sign_in(Client(), cast.practitioner).status_code == 302


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000; DROP TABLE"])
def test_what_is_not_six_digits_is_refused_before_it_costs_a_try(cast: Cast, code: str) -> None:
    device = device_of(cast.practitioner.person)
    client = Client()
    give_password(client, cast.practitioner)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 200
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


def test_blanks_between_the_digits_do_not_matter(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    client = Client()
    give_password(client, cast.practitioner)
    code = fresh_code(cast.practitioner)
    assert client.post("/sign-in/code/", {"code": f" {code[:3]} {code[3:]}"}).status_code == 302


def test_a_code_works_once(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        device_of(cast.practitioner.person)
        code = fresh_code(cast.practitioner)
        first, second = Client(), Client()
        for client in (first, second):
            give_password(client, cast.practitioner)
        assert first.post("/sign-in/code/", {"code": code}).status_code == 302
        assert second.post("/sign-in/code/", {"code": code}).status_code == 200
        assert second.get("/probe/unmarked/").url.startswith("/sign-in/code/")


def test_an_older_code_does_not_work_after_a_newer_one(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        device = device_of(cast.practitioner.person)
        now = int(time.time()) // 30
        assert services.check_code(cast.practitioner.person, device.code_at(now + 1)) is not None
        assert services.check_code(cast.practitioner.person, device.code_at(now)) is None


def test_one_persons_code_does_not_open_anothers_account(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    device_of(cast.manager.person)
    client = Client()
    give_password(client, cast.practitioner)
    client.post("/sign-in/code/", {"code": fresh_code(cast.manager)})
    assert client.get("/probe/unmarked/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_six_times_at_once_is_accepted_once(tmp_path: Path) -> None:
    cast = load_cast()
    person = cast.practitioner.person
    device = device_of(person)
    code = fresh_code(cast.practitioner)
    at_once, accepted, join = threading.Barrier(6), [], shared_database(tmp_path)

    def send() -> None:
        join()
        try:
            at_once.wait()
            accepted.append(django_otp.verify_token(person, device.persistent_id, code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 6, f"some failed on {connection.vendor}"
    assert sum(one is not None for one in accepted) == 1


def test_seeds_and_codes_cannot_be_read_from_the_database(cast: Cast) -> None:
    device = device_of(cast.practitioner.person)
    codes = services.new_recovery_codes(cast.practitioner.person)
    services.keep_recovery_codes(cast.practitioner.person)
    seed = device.seed
    with connection.cursor() as cursor:
        rows = []
        for table in (
            "accounts_totpdevice",
            "accounts_recoverycode",
            "accounts_recoverydevice",
            "django_session",
        ):
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()
    dump = " ".join(
        value.hex() + str(bytes(value)) if isinstance(value, bytes | memoryview) else str(value)
        for row in rows
        for value in row
    )
    for secret in (
        seed,
        device.typed_key.replace(" ", ""),
        bytes.fromhex(seed).hex(),
        *codes,
        *(c.replace("-", "") for c in codes),
    ):
        assert secret not in dump


# ---- Without the phone ------------------------------------------------------------------------------------


def test_a_recovery_code_opens_the_account_once_and_the_person_is_told(cast: Cast, mailoutbox: list) -> None:
    person = cast.practitioner.person
    device_of(person)
    codes = services.new_recovery_codes(person)
    services.keep_recovery_codes(person, tell=False)
    client = Client()
    give_password(client, cast.practitioner)
    assert (
        client.post("/sign-in/recovery-code/", {"code": codes[0].upper().replace("-", " ")}).status_code
        == 302
    )
    assert client.get("/probe/unmarked/").status_code == 200
    assert "9 left" in mailoutbox[-1].body

    again = Client()
    give_password(again, cast.practitioner)
    assert again.post("/sign-in/recovery-code/", {"code": codes[0]}).status_code == 200
    assert again.get("/probe/unmarked/").status_code == 302


def test_recovery_codes_that_were_not_confirmed_as_kept_open_nothing(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    codes = services.new_recovery_codes(cast.practitioner.person)
    client = Client()
    give_password(client, cast.practitioner)
    assert client.post("/sign-in/recovery-code/", {"code": codes[0]}).status_code == 200
    assert client.get("/probe/unmarked/").status_code == 302


def test_signing_out_ends_the_session_and_empties_the_browsers_cache(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 405, "a link must not sign anybody out"
    response = client.post("/sign-out/")
    assert "cache" in response.headers["Clear-Site-Data"]
    client.cookies["session"] = str(key)
    assert client.get("/probe/unmarked/").status_code == 302


def test_every_page_of_signing_in_forbids_the_browser_to_keep_it(cast: Cast) -> None:
    for path in ("/sign-in/", "/password-reset/", "/invitation/"):
        assert "no-store" in Client().get(path).headers["Cache-Control"]
    assert "no-store" in client_for(cast.practitioner).get("/account/").headers["Cache-Control"]
