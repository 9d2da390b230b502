"""One's own account, and a password that was forgotten."""

import re

import pytest
import time_machine
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.test import Client, override_settings

from home.demo_people import PASSWORD
from portal.accounts import services
from portal.accounts.models import KeptPost
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for, device_of
from tests.portal.accounts.helpers import fresh_code, give_password, link_in, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
NEW = "violet-kettle-mountain"


def test_the_account_page_shows_ones_own_things_and_no_secret(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    page = client.get("/account/").content.decode()
    assert "priya.nair@tarnvale.example" in page
    assert "Tarn Vale Hospitals" in page
    assert device_of(cast.practitioner.person).typed_key not in page


def test_a_name_is_changed_and_nothing_else_that_a_form_may_carry(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    data = {
        "first_name": "Pri",
        "last_name": "Nair",
        "is_superuser": "on",
        "email": "x@x.example",
        "is_staff": "on",
    }
    assert client.post("/account/name/", data).url == "/account/"
    person = cast.practitioner.person
    person.refresh_from_db()
    assert person.first_name == "Pri"
    assert not person.is_superuser
    assert person.email == "priya.nair@tarnvale.example"


def test_another_password_needs_the_old_one_and_a_fresh_code_and_ends_other_sessions(cast: Cast) -> None:
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False) as clock:
        here, there = client_for(cast.practitioner), client_for(cast.practitioner)
        data = {"current": PASSWORD, "password": NEW}
        clock.shift(6 * 60)
        assert here.post("/account/password/", data).url.startswith("/sign-in/confirm/")
        assert not KeptPost.objects.exists()
        here.post("/sign-in/confirm/", {"code": fresh_code(cast.practitioner)})

        assert (
            "not your current password"
            in here.post("/account/password/", {**data, "current": "x"}).content.decode()
        )
        assert here.post("/account/password/", {**data, "password": "short"}).status_code == 200
        assert there.get("/probe/unmarked/").status_code == 200
        assert here.post("/account/password/", data).url == "/account/"
        assert here.get("/probe/unmarked/").status_code == 200
        assert there.get("/probe/unmarked/").status_code == 302
        assert "password was changed" in mail.outbox[-1].subject
        assert give_password(Client(), cast.practitioner).status_code == 200
        assert give_password(Client(), cast.practitioner, NEW).status_code == 302


def test_passwords_are_hashed_with_argon2_in_production(cast: Cast) -> None:
    person = cast.practitioner.person
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        person.set_password(NEW)
        assert identify_hasher(person.password).algorithm == "argon2"


# ---- Forgotten --------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_link_and_the_second_factor_stays(cast: Cast) -> None:
    theirs = client_for(cast.practitioner)
    device = device_of(cast.practitioner.person)
    client = Client()
    assert (
        client.post("/password-reset/", {"email": "Priya.Nair@tarnvale.example"}).url
        == "/password-reset/sent/"
    )
    link = link_in(mail.outbox[-1])
    page = client.get(link, follow=True)
    assert page.redirect_chain == [("/password-reset/new/", 302)], "the secret leaves the address"
    assert client.post("/password-reset/new/", {"password": "short"}).status_code == 200
    assert client.post("/password-reset/new/", {"password": NEW}).url == "/sign-in/"
    assert client.get("/probe/unmarked/").status_code == 302, "a reset signs nobody in"
    assert theirs.get("/probe/unmarked/").status_code == 302, "old sessions are dead"
    assert device_of(cast.practitioner.person).pk == device.pk
    assert sign_in(Client(), cast.practitioner, NEW).url == "/"
    assert AccessEvent.objects.filter(verb="password_reset").count() == 1

    assert Client().get(link, follow=True).status_code == 404, "the link works once"


def test_the_link_runs_out_after_an_hour(cast: Cast) -> None:
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False) as clock:
        Client().post("/password-reset/", {"email": cast.practitioner.person.email})
        link = link_in(mail.outbox[-1])
        clock.shift(3599)
        assert Client().get(link, follow=True).status_code == 200
        clock.shift(2)
        assert Client().get(link, follow=True).status_code == 404


def test_asking_tells_nobody_whether_an_address_is_known(cast: Cast) -> None:
    def answer(email: str) -> tuple[int, str]:
        response = Client().post("/password-reset/", {"email": email}, follow=True)
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
        return response.status_code, page

    assert answer(cast.practitioner.person.email) == answer("nobody@nowhere.example")
    assert len(mail.outbox) == 1
    services.disable(cast.manager.person, None)
    answer(cast.manager.person.email)
    assert len(mail.outbox) == 1, "a disabled account gets no link"


def test_a_mailbox_is_not_flooded_with_links(cast: Cast) -> None:
    for _ in range(20):
        Client().post("/password-reset/", {"email": cast.practitioner.person.email})
    assert len(mail.outbox) == 3
    Client().post("/password-reset/", {"email": cast.manager.person.email})
    assert len(mail.outbox) == 4, "others are not affected"


def test_one_address_cannot_ask_for_everybody(cast: Cast) -> None:
    for number in range(40):
        Client().post("/password-reset/", {"email": f"a{number}@x.example"})
    Client().post("/password-reset/", {"email": cast.practitioner.person.email})
    assert mail.outbox == []


def test_the_link_goes_to_one_fixed_address_whatever_host_was_asked(cast: Cast) -> None:
    with override_settings(BASE_URL="https://portal.example"):
        Client().post(
            "/password-reset/", {"email": cast.manager.person.email}, headers={"Host": "evil.localhost"}
        )
    assert "https://portal.example/password-reset/new/?" in mail.outbox[-1].body
    assert "evil" not in mail.outbox[-1].body
    refused = Client().post(
        "/password-reset/", {"email": cast.manager.person.email}, headers={"Host": "evil.invalid"}
    )
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "query", ["person=1&token=x", "person=&token=", f"person={'0' * 32}&token=a-b", "token=%00"]
)
def test_a_made_up_link_is_refused(cast: Cast, query: str) -> None:
    response = Client().get(f"/password-reset/new/?{query}", follow=True)
    assert response.status_code == 404
    assert "cannot be used" in response.content.decode()


def test_one_persons_link_does_not_change_anothers_password(cast: Cast) -> None:
    Client().post("/password-reset/", {"email": cast.practitioner.person.email})
    link = link_in(mail.outbox[-1]).replace(cast.practitioner.person_id.hex, cast.manager.person_id.hex)
    assert Client().get(link, follow=True).status_code == 404


def test_messages_about_accounts_hold_no_password_code_or_key(cast: Cast) -> None:
    person = cast.practitioner.person
    device = device_of(person)
    services.set_password(person, NEW, reset=True)
    services.new_recovery_codes(person)
    services.keep_recovery_codes(person)
    services.reset_second_factor(person, cast.administrator, checked="in person")
    text = " ".join(message.body + message.subject + str(message.alternatives) for message in mail.outbox)
    for secret in (NEW, device.seed, device.typed_key):
        assert secret not in text
    assert len(mail.outbox) == 3
