"""The second factor: three steps at the first sign-in, again for another phone, reset by an administrator."""

import re
import time

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client, override_settings

from portal.accounts import services
from portal.accounts.models import RecoveryCode, RecoveryDevice, TOTPDevice
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for, device_of
from tests.portal.accounts.helpers import fresh_code, give_password, sign_in, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
NOON = "2026-11-24T12:00:00+00:00"


def code_on(page: str) -> str:
    """The code that an app shows which has been given the key on the page."""
    key = re.search(r'portal-key">([A-Z2-7 ]+)<', page)
    assert key
    device = TOTPDevice.objects.get(confirmed=False)
    assert device.typed_key == key[1]
    return device.code_at(max(int(time.time()) // 30, device.last_step + 1))


def codes_on(page: str) -> list[str]:
    return re.findall(r"<code>([a-z0-9-]{14})</code>", page)


def test_the_first_sign_in_leads_through_three_steps_and_nothing_else_is_open_meanwhile(
    cast: Cast, mailoutbox: list
) -> None:
    client = Client()
    assert give_password(client, cast.practitioner).url == "/sign-in/code/"
    first = client.get("/sign-in/code/", follow=True)
    assert "Step 1 of 3" in first.content.decode()

    second = client.get("/sign-in/set-up/app/").content.decode()
    assert "<svg" in second
    assert "data:" not in second
    assert "style=" not in second
    assert client.post("/sign-in/set-up/app/", {"code": "000000"}).status_code in (200, 429)
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/set-up/")

    third = client.post("/sign-in/set-up/app/", {"code": code_on(second)}, follow=True).content.decode()
    assert "Step 3 of 3" in third
    codes = codes_on(third)
    assert len(set(codes)) == 10
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/set-up/"), "not before the codes are kept"

    assert "Tick" in client.post("/sign-in/set-up/recovery-codes/", {}).content.decode()
    assert client.post("/sign-in/set-up/recovery-codes/", {"kept": "on"}).url == "/"
    assert client.get("/probe/unmarked/").status_code == 200
    assert client.get("/sign-in/set-up/recovery-codes/").url == "/account/", "shown once"
    assert AccessEvent.objects.filter(verb="enrolled").count() == 1
    assert mailoutbox[-1].to == [cast.practitioner.person.email]


def test_whoever_leaves_before_the_codes_are_kept_begins_again(cast: Cast) -> None:
    client = Client()
    give_password(client, cast.practitioner)
    page = client.get("/sign-in/set-up/app/").content.decode()
    client.post("/sign-in/set-up/app/", {"code": code_on(page)})

    again = Client()
    give_password(again, cast.practitioner)
    assert again.get("/probe/unmarked/").url.startswith("/sign-in/set-up/")
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_enrolment_is_closed_to_strangers_and_to_those_who_have_a_second_factor(cast: Cast) -> None:
    pages = ("/sign-in/set-up/", "/sign-in/set-up/app/", "/sign-in/set-up/recovery-codes/")
    for path in pages:
        assert Client().get(path).url.startswith("/sign-in/")
    device_of(cast.practitioner.person)
    client = Client()
    give_password(client, cast.practitioner)
    for path in pages:
        assert client.get(path).url == "/sign-in/code/", "a stolen password must not set up another phone"
        assert client.post(path, {"kept": "on", "code": "123456"}).url == "/sign-in/code/"


def test_another_phone_needs_a_fresh_code_and_replaces_the_old_one(cast: Cast, mailoutbox: list) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client, elsewhere = client_for(cast.practitioner), client_for(cast.practitioner)
        old = device_of(cast.practitioner.person)
        clock.shift(6 * 60)
        assert client.get("/sign-in/set-up/").url.startswith("/sign-in/confirm/")
        client.post("/sign-in/confirm/", {"code": fresh_code(cast.practitioner)})
        page = client.get("/sign-in/set-up/app/").content.decode()
        client.post("/sign-in/set-up/app/", {"code": code_on(page)})
        assert TOTPDevice.objects.get(confirmed=True) == old, "the old one works until the end"
        client.post("/sign-in/set-up/recovery-codes/", {"kept": "on"})
        assert TOTPDevice.objects.get().pk != old.pk
        assert client.get("/probe/unmarked/").status_code == 200
        assert elsewhere.get("/probe/unmarked/").status_code == 302, "other sessions end"
        assert "were changed" in mailoutbox[-1].subject


def test_new_recovery_codes_replace_the_old_ones_once_they_are_kept(cast: Cast) -> None:
    person = cast.practitioner.person
    client = client_for(cast.practitioner)
    old = services.new_recovery_codes(person)
    services.keep_recovery_codes(person)
    client.post("/account/recovery-codes/")
    new = codes_on(client.get("/sign-in/set-up/recovery-codes/").content.decode())
    assert services.check_recovery_code(person, new[0]) is None
    RecoveryDevice.objects.update(throttling_failure_count=0)
    assert services.check_recovery_code(person, old[0]) is not None
    client.post("/sign-in/set-up/recovery-codes/", {"kept": "on"})
    assert services.check_recovery_code(person, old[1]) is None
    RecoveryDevice.objects.update(throttling_failure_count=0)
    assert services.check_recovery_code(person, new[0]) is not None
    assert RecoveryCode.objects.count() == 10


def test_the_codes_wait_encrypted_in_the_session(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    client.post("/account/recovery-codes/")
    codes = codes_on(client.get("/sign-in/set-up/recovery-codes/").content.decode())
    stored = str(dict(client.session.items()))
    assert not any(code in stored for code in codes)


# ---- Reset by an administrator ----------------------------------------------------------------------------


def test_an_administrator_resets_a_lost_second_factor_and_the_person_is_told(
    cast: Cast, mailoutbox: list
) -> None:
    theirs, admin = client_for(cast.practitioner), client_for(cast.administrator)
    services.new_recovery_codes(cast.practitioner.person)
    services.keep_recovery_codes(cast.practitioner.person)
    path = f"/people/{cast.practitioner.person_id}/reset/"
    assert "An e-mail or a call to you proves nothing" in admin.get(path).content.decode()
    assert admin.post(path, {}).status_code == 200
    assert TOTPDevice.objects.filter(user=cast.practitioner.person).exists(), (
        "not without saying how it was checked"
    )
    assert admin.post(path, {"checked": "in person"}).url == "/people/"

    assert theirs.get("/probe/unmarked/").url.startswith("/sign-in/?next="), "old sessions are dead"
    assert "was reset" in mailoutbox[-1].subject
    event = AccessEvent.objects.get(verb="second_factor_reset")
    assert event.actor_id == cast.administrator.person_id
    assert event.detail == "in person"
    again = Client()
    give_password(again, cast.practitioner)
    assert again.get("/probe/unmarked/").url.startswith("/sign-in/set-up/")
    assert not RecoveryDevice.objects.exists()


def test_nobody_else_resets_a_second_factor_and_nobody_their_own(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    path = f"/people/{cast.practitioner.person_id}/reset/"
    for member in (cast.manager, cast.practitioner, cast.lead_pol, cast.auditor):
        assert client_for(member).post(path, {"checked": "in person"}).status_code == 403
    assert client_for(cast.eller_manager).post(path, {"checked": "in person"}).status_code == 404
    own = f"/people/{cast.administrator.person_id}/reset/"
    assert client_for(cast.administrator).post(own, {"checked": "in person"}).status_code == 403
    foreign = f"/people/{cast.eller_practitioner.person_id}/reset/"
    assert client_for(cast.administrator).post(foreign, {"checked": "in person"}).status_code == 404
    assert TOTPDevice.objects.filter(user=cast.practitioner.person).exists()


def test_a_reset_needs_a_fresh_code_of_the_administrator(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        admin = client_for(cast.administrator)
        device_of(cast.practitioner.person)
        clock.shift(6 * 60)
        response = admin.post(f"/people/{cast.practitioner.person_id}/reset/", {"checked": "in person"})
        assert response.url.startswith("/sign-in/confirm/")
        assert TOTPDevice.objects.filter(user=cast.practitioner.person).exists()


# ---- The demo ---------------------------------------------------------------------------------------------


def test_the_demo_shows_codes_that_work(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    services.enrol_demo(cast.practitioner.person, "00" * 20)
    services.enrol_demo(cast.practitioner.person, "11" * 20)
    assert TOTPDevice.objects.get().seed == "00" * 20, "loading the demo twice changes nothing"
    with time_machine.travel(NOON, tick=False):
        page = Client().get("/demo/codes/").content.decode()
        call_command("demo_code", cast.practitioner.person.email.upper())
        code = capsys.readouterr().out.strip()
        assert code in page
        client = Client()
        give_password(client, cast.practitioner)
        assert client.post("/sign-in/code/", {"code": code}).url == "/"
    call_command("demo_code", cast.practitioner.person.email)
    assert capsys.readouterr().out.strip() != code, "a used code is not shown again"


@override_settings(DEMO_MODE=False)
def test_outside_the_demo_nothing_shows_a_code(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    assert Client().get("/demo/codes/").status_code == 404
    with pytest.raises(CommandError, match="not the demo"):
        call_command("demo_code", cast.practitioner.person.email)


def test_the_demo_command_names_nobody_who_does_not_exist(cast: Cast) -> None:
    with pytest.raises(CommandError, match="Nobody"):
        call_command("demo_code", "nobody@nowhere.example")


def test_signing_in_again_right_away_needs_the_next_code(cast: Cast) -> None:
    device_of(cast.practitioner.person)
    with time_machine.travel(NOON, tick=False):
        assert sign_in(Client(), cast.practitioner).url == "/"
        assert sign_in(Client(), cast.practitioner).url == "/"
        client = Client()
        give_password(client, cast.practitioner)
        client.post("/sign-in/code/", {"code": wrong_code(cast.practitioner)})
        assert client.get("/probe/unmarked/").status_code == 302
