"""Joining by invitation, leaving at once, and the people page of those who manage a partnership."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client, override_settings

from home.demo_people import PASSWORD
from portal.accounts import services
from portal.accounts.models import Invitation, Membership, User
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for, load_cast
from tests.portal.accounts.helpers import give_password, link_in, shared_database, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
NEW = {"first_name": "Ivy", "last_name": "Lark", "password": "violet-kettle-mountain"}


def invite(cast: Cast, email: str = "ivy.lark@police.example", role: str = "practitioner") -> str:
    """Invites as the manager does, and returns path and query of the link in the message."""
    pol = cast.agency("POL")
    response = client_for(cast.manager).post(
        "/people/invite/", {"email": email, "agency": str(pol.pk), "role": role}
    )
    assert response.status_code == 302, response.content.decode()
    return link_in(mail.outbox[-1])


def open_link(client: Client, link: str):  # noqa: ANN201
    return client.get(link, follow=True)


def test_an_invited_person_gives_name_and_password_and_is_led_to_the_second_factor(cast: Cast) -> None:
    link = invite(cast)
    client = Client()
    page = open_link(client, link)
    assert page.redirect_chain == [("/invitation/", 302)], "the secret leaves the address"
    assert "Tarnshire Police" in page.content.decode()
    response = client.post("/invitation/", NEW)
    assert response.url == "/sign-in/set-up/"
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/set-up/")
    person = User.objects.get(email="ivy.lark@police.example")
    member = Membership.objects.current().get(person=person)
    assert (member.role, member.agency.code, member.partnership.code) == ("practitioner", "POL", "TARN")
    assert AccessEvent.objects.filter(verb="invited").count() == 2


def test_the_link_works_once(cast: Cast) -> None:
    link = invite(cast)
    open_link(first := Client(), link)
    open_link(second := Client(), link)
    first.post("/invitation/", NEW)
    assert second.post("/invitation/", {**NEW, "first_name": "Mallory"}).status_code == 404
    assert open_link(Client(), link).status_code == 404
    assert User.objects.filter(email="ivy.lark@police.example").count() == 1
    assert not User.objects.filter(first_name="Mallory").exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_make_one_account(tmp_path: Path) -> None:
    cast = load_cast()
    invited, _ = services.invite(
        email="ivy.lark@police.example",
        agency=cast.agency("POL"),
        partnership=cast.tarn,
        role="practitioner",
        actor=None,
    )
    join = shared_database(tmp_path)

    def accept(_: int) -> int:
        join()
        try:
            services.accept_as_new(invited, **NEW)
        except Exception:
            return 0
        else:
            return 1
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(accept, range(4))) == 1


def test_the_link_runs_out_after_a_week(cast: Cast) -> None:
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False) as clock:
        link = invite(cast)
        clock.shift(7 * 24 * 3600 - 1)
        assert open_link(Client(), link).status_code == 200
        clock.shift(2)
        page = open_link(Client(), link)
        assert page.status_code == 404
        assert "cannot be used" in page.content.decode()


def test_a_made_up_link_gets_the_same_words_as_a_used_one(cast: Cast) -> None:
    link = invite(cast)
    client = Client()
    open_link(client, link)
    client.post("/invitation/", NEW)
    used = open_link(Client(), link)
    made_up = open_link(Client(), "/invitation/?secret=abc")
    assert used.status_code == made_up.status_code == 404
    assert used.content.decode().split("<main")[1] == made_up.content.decode().split("<main")[1]


def test_a_newer_invitation_or_a_withdrawal_ends_an_older_one(cast: Cast) -> None:
    old = invite(cast)
    newer = invite(cast)
    assert open_link(Client(), old).status_code == 404
    assert open_link(Client(), newer).status_code == 200
    invitation = Invitation.objects.usable().get()
    assert (
        client_for(cast.eller_manager).post(f"/people/invitations/{invitation.pk}/withdraw/").status_code
        == 404
    )
    client_for(cast.manager).post(f"/people/invitations/{invitation.pk}/withdraw/")
    assert open_link(Client(), newer).status_code == 404


@pytest.mark.parametrize("password", ["short-one", "password1234", "ivy.lark@police"])
def test_weak_passwords_are_refused_and_long_plain_ones_are_not(cast: Cast, password: str) -> None:
    link = invite(cast)
    client = Client()
    open_link(client, link)
    assert client.post("/invitation/", {**NEW, "password": password}).status_code == 200
    assert not User.objects.filter(email="ivy.lark@police.example").exists()
    assert (
        client.post("/invitation/", {**NEW, "password": "all lower case words are fine"}).status_code == 302
    )


def test_somebody_who_has_an_account_signs_in_with_both_factors_first(cast: Cast) -> None:
    link = invite(cast, cast.eller_lead_pol.person.email, "agency_lead")
    client = Client()
    page = open_link(client, link).content.decode()
    assert "You have an account already" in page
    assert client.post("/invitation/", NEW).status_code == 200
    give_password(client, cast.eller_lead_pol)
    client.post("/invitation/", NEW)
    assert Membership.objects.filter(person=cast.eller_lead_pol.person).count() == 1, (
        "the password is not enough"
    )

    assert sign_in(client, cast.eller_lead_pol).url == "/invitation/"
    client.post("/invitation/")
    assert (
        Membership.objects.current().filter(person=cast.eller_lead_pol.person, partnership=cast.tarn).count()
        == 1
    )
    assert cast.eller_lead_pol.person.check_password(PASSWORD)


def test_another_person_cannot_accept_somebodys_invitation(cast: Cast) -> None:
    link = invite(cast, cast.eller_lead_pol.person.email, "agency_lead")
    thief = client_for(cast.lead_edu)
    open_link(thief, link)
    thief.post("/invitation/")
    assert not Membership.objects.filter(person=cast.lead_edu.person, agency__code="POL").exists()
    assert not Membership.objects.filter(person=cast.eller_lead_pol.person, partnership=cast.tarn).exists()


def test_inviting_tells_nobody_who_has_an_account(cast: Cast) -> None:
    def told(email: str) -> str:
        invite(cast, email)
        message = mail.outbox[-1]
        return message.subject + message.body.split("http")[0]

    assert told("nobody@nowhere.example") == told(cast.lead_edu.person.email)


def test_somebody_whose_access_has_ended_can_be_invited_back(cast: Cast) -> None:
    member = cast.practitioner
    services.end_membership(member, cast.manager)
    link = invite(cast, member.person.email)
    client = Client()
    open_link(client, link)
    assert sign_in(client, member).url == "/invitation/"
    client.post("/invitation/")
    assert client.get("/probe/unmarked/").status_code == 200


def test_the_secret_is_stored_as_a_digest_and_the_link_points_at_one_fixed_address(cast: Cast) -> None:
    with override_settings(BASE_URL="https://portal.example"):
        client_for(cast.manager).post(
            "/people/invite/",
            {"email": "x@police.example", "agency": str(cast.agency("POL").pk), "role": "practitioner"},
            headers={"Host": cast.eller.hostname},
        )
    body = mail.outbox[-1].body
    assert "https://portal.example/invitation/?secret=" in body
    secret = body.split("secret=")[1].split()[0]
    assert secret not in str(Invitation.objects.values())


# ---- Who may --------------------------------------------------------------------------------------------


def test_people_are_shown_to_those_who_manage_the_partnership_and_to_nobody_else(cast: Cast) -> None:
    for member in (cast.manager, cast.administrator):
        page = client_for(member).get("/people/").content.decode()
        assert "Priya Nair" in page
        assert "Lena Holt" not in page, "another partnership's people"
    for member in (cast.practitioner, cast.lead_pol, cast.chair, cast.panel, cast.auditor, cast.author):
        assert client_for(member).get("/people/").status_code == 403
        assert client_for(member).get("/people/invite/").status_code == 403
    assert "Priya" not in client_for(cast.eller_manager).get("/people/").content.decode()
    assert AccessEvent.objects.filter(verb="refused", object_kind="people").exists()


def test_only_an_administrator_makes_an_administrator(cast: Cast) -> None:
    data = {"email": "x@police.example", "agency": str(cast.agency("POL").pk), "role": "administrator"}
    assert client_for(cast.manager).post("/people/invite/", data).status_code == 200
    assert not Invitation.objects.exists()
    assert client_for(cast.administrator).post("/people/invite/", data).status_code == 302


def test_an_agency_of_another_partnership_cannot_be_chosen(cast: Cast) -> None:
    data = {"email": "x@elc.example", "agency": str(cast.agency("ELC").pk), "role": "practitioner"}
    assert client_for(cast.manager).post("/people/invite/", data).status_code == 200
    assert not Invitation.objects.exists()


def test_ending_a_membership_is_asked_done_at_once_told_and_on_record(cast: Cast) -> None:
    theirs = client_for(cast.practitioner)
    manager = client_for(cast.manager)
    path = f"/people/{cast.practitioner.pk}/end/"
    assert "End this access?" in manager.get(path).content.decode()
    assert theirs.get("/probe/unmarked/").status_code == 200, "asking ends nothing"
    manager.post(path)
    assert theirs.get("/probe/unmarked/").status_code == 302
    assert "has ended" in mail.outbox[-1].subject
    event = AccessEvent.objects.get(verb="membership_ended")
    assert (event.actor_id, event.object_ref) == (cast.manager.person_id, str(cast.practitioner.pk))
    assert "Priya Nair" in manager.get("/people/").content.decode().split("Past members")[1]
    assert manager.post(path).status_code == 404, "twice is not possible"


def test_nobody_ends_a_membership_of_another_partnership_their_own_or_above_their_station(cast: Cast) -> None:
    manager = client_for(cast.manager)
    assert manager.post(f"/people/{cast.eller_practitioner.pk}/end/").status_code == 404
    assert manager.post(f"/people/{cast.manager.pk}/end/").status_code == 403
    assert manager.post(f"/people/{cast.administrator.pk}/end/").status_code == 403
    assert client_for(cast.lead_pol).post(f"/people/{cast.practitioner.pk}/end/").status_code == 403
    assert Membership.objects.filter(ended_at__isnull=False).count() == 0


def test_a_membership_ends_by_itself_after_its_last_day(cast: Cast) -> None:
    with time_machine.travel("2026-11-24T12:00:00+00:00", tick=False) as clock:
        Membership.objects.filter(pk=cast.practitioner.pk).update(
            starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 24)
        )
        client = client_for(cast.practitioner)
        assert client.get("/probe/unmarked/").status_code == 200
        clock.shift(12 * 3600)
        assert client_for(cast.practitioner).get("/probe/unmarked/").url.startswith("/sign-in/no-access/")


# ---- From the console -------------------------------------------------------------------------------------


def test_the_console_invites_the_first_administrator(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "First@Tarn.example", agency="BUS", partnership="TARN", role="administrator")
    said = capsys.readouterr().out
    assert "on its way to first@tarn.example" in said
    assert link_in(mail.outbox[-1]) in said, "the demo prints the link"
    assert AccessEvent.objects.get(verb="invited").actor_label == "system"
    with override_settings(DEMO_MODE=False):
        call_command("invite", "second@tarn.example", agency="BUS", partnership="TARN", role="practitioner")
    assert "secret" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("email", "agency", "partnership", "says"),
    [
        ("x@tarn.example", "NONE", "TARN", "no agency NONE"),
        ("x@tarn.example", "BUS", "NONE", "no partnership NONE"),
        ("x@tarn.example", "ELC", "TARN", "does not take part"),
        ("not-an-address", "BUS", "TARN", "not an e-mail address"),
    ],
)
def test_the_console_says_what_is_wrong(
    cast: Cast, email: str, agency: str, partnership: str, says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("invite", email, agency=agency, partnership=partnership, role="practitioner")
    assert not Invitation.objects.exists()
