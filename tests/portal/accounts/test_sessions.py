"""A session locks when nobody is there, ends after a working day, and loses nothing that was typed."""

import html
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client, override_settings

from portal.accounts import jobs, services
from portal.accounts.models import KeptPost, TOTPDevice
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for
from tests.portal.accounts import urls
from tests.portal.accounts.helpers import fresh_code, give_password, sign_in, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
NOON = "2026-11-24T12:00:00+00:00"
TYPED = {
    "what_happened": "Marker-Quillfeather fell\nfrom the wall",
    "who": ["a", "b"],
    "password_hint": "hunter2",
}


@pytest.fixture
def clock():  # noqa: ANN201
    with time_machine.travel(NOON, tick=False) as traveller:
        urls.received.clear()
        yield traveller


def unlock(client: Client, member: object):  # noqa: ANN201
    return client.post("/sign-in/locked/", {"code": fresh_code(member)})  # type: ignore[arg-type]


def offered_form(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page that offers what was kept, as a browser would send them."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return fields


def test_a_session_locks_after_fifteen_idle_minutes_and_not_before(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(14 * 60 + 59)
    assert client.get("/probe/unmarked/").status_code == 200
    clock.shift(14 * 60 + 59)
    assert client.get("/probe/unmarked/").status_code == 200, "reading keeps it open"
    clock.shift(15 * 60)
    response = client.get("/probe/unmarked/?a=1")
    assert response.status_code == 302
    assert response.url == "/sign-in/locked/?next=%2Fprobe%2Funmarked%2F%3Fa%3D1"
    assert AccessEvent.objects.filter(verb="locked").count() == 1
    client.get("/probe/unmarked/")
    assert AccessEvent.objects.filter(verb="locked").count() == 1, "one lock is one event"


def test_a_fresh_code_opens_a_locked_session_where_it_was(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    page = client.get("/probe/unmarked/?a=1", follow=True)
    assert "Your session is locked" in page.content.decode()
    before = client.session.session_key
    client.post("/sign-in/locked/", {"code": wrong_code(cast.practitioner)})
    assert client.get("/probe/unmarked/").status_code == 302, "a wrong code opens nothing"
    clock.shift(5)
    assert unlock(client, cast.practitioner).url == "/probe/unmarked/?a=1"
    assert client.session.session_key != before
    assert client.get("/probe/unmarked/").status_code == 200
    assert AccessEvent.objects.filter(verb="unlocked").count() == 1


def test_a_locked_session_shows_nothing_to_whoever_sits_down_at_it(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.manager)
    clock.shift(20 * 60)
    for path in ("/people/", "/account/", "/cms/", "/probe/export/"):
        assert client.get(path).status_code == 302
    reading = client.get("/probe/reader/").content.decode()
    assert "Bea" not in reading


def test_the_password_alone_does_not_open_a_locked_session(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    give_password(client, cast.practitioner)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/code/")
    client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)})
    assert client.get("/probe/unmarked/").status_code == 200, "but password and code do"


def test_a_session_ends_eight_hours_after_its_first_code_whatever_happens(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    for _ in range(8 * 6 - 1):
        clock.shift(10 * 60)
        assert client.get("/probe/unmarked/").status_code == 200
    clock.shift(20 * 60)  # locked, and over
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next=")
    assert "_auth_user_id" not in client.session


def test_unlocking_does_not_make_the_day_longer(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(7 * 3600)
    unlock(client, cast.practitioner)
    assert client.get("/probe/unmarked/").status_code == 200
    clock.shift(3600)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next=")


def test_a_session_that_waits_for_its_code_does_not_wait_all_day(cast: Cast, clock) -> None:  # noqa: ANN001
    client_for(cast.practitioner)
    client = Client()
    give_password(client, cast.practitioner)
    clock.shift(31 * 60)
    client.post("/sign-in/code/", {"code": fresh_code(cast.practitioner)})
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next=")


def test_staying_signed_in_starts_the_clock_again_and_needs_an_open_session(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    for _ in range(3):
        clock.shift(14 * 60)
        answer = client.post("/sign-in/stay/", headers={"Accept": "application/json"})
        assert answer.status_code == 204
    clock.shift(15 * 60)
    assert client.post("/sign-in/stay/", headers={"Accept": "application/json"}).status_code == 403


def test_what_a_browser_asks_by_itself_does_not_keep_a_session_open(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    for _ in range(2):
        clock.shift(14 * 60)
        response = client.get("/probe/passive/")
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/locked/")


def test_an_editor_left_open_overnight_does_not_keep_the_session_open(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.manager)
    for _ in range(2):
        clock.shift(14 * 60)
        client.post(
            "/cms/editing-sessions/ping/wagtailcore/page/1/1/", headers={"Accept": "application/json"}
        )
    assert client.get("/cms/").url.startswith("/sign-in/locked/")


def test_the_page_carries_the_clocks_only_in_an_open_session(cast: Cast) -> None:
    assert (
        'data-session-idle-seconds="900"' in client_for(cast.practitioner).get("/account/").content.decode()
    )
    assert "data-session-idle-seconds" not in Client().get("/sign-in/").content.decode()


# ---- What was typed ---------------------------------------------------------------------------------------


def test_what_is_sent_from_a_locked_session_is_kept_and_offered_again(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    assert client.post("/probe/unmarked/?step=2", TYPED).url == "/sign-in/locked/"
    assert urls.received == [], "nothing is done in a locked session"

    offered = unlock(client, cast.practitioner)
    assert offered.url.startswith("/sign-in/kept/")
    page = client.get(offered.url).content.decode()
    assert "We kept what you typed" in page
    assert 'action="/probe/unmarked/?step=2"' in page
    fields = offered_form(page)
    assert fields["what_happened"] == [TYPED["what_happened"]]
    assert fields["who"] == ["a", "b"]

    client.post("/probe/unmarked/?step=2", fields)
    assert urls.received[0]["what_happened"] == [TYPED["what_happened"]]
    assert not KeptPost.objects.exists(), "it is deleted once it is used"
    assert unlockable(client)


def unlockable(client: Client) -> bool:
    return client.get("/probe/unmarked/").status_code == 200


def test_what_is_kept_cannot_be_read_in_the_database_and_holds_no_password(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    client.post("/probe/unmarked/", TYPED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_keptpost")
        row = cursor.fetchone()
    assert b"Quillfeather" not in b"".join(
        bytes(value) for value in row if isinstance(value, bytes | memoryview)
    )
    assert [name for name, _ in KeptPost.objects.get().fields] == ["what_happened", "who", "who"]


def test_it_is_offered_to_that_person_alone(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    client.post("/probe/unmarked/", TYPED)
    kept = KeptPost.objects.get()

    other = Client()
    other.cookies = client.cookies
    assert sign_in(other, cast.manager).url == "/"
    assert other.get(f"/sign-in/kept/{kept.pk}/").status_code == 404
    assert other.post(f"/sign-in/kept/{kept.pk}/discard/").status_code == 404

    clock.shift(60)
    assert sign_in(Client(), cast.practitioner).url == f"/sign-in/kept/{kept.pk}/"


def test_a_session_that_is_over_keeps_a_draft_until_the_person_signs_in_again(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(9 * 3600)
    response = client.post("/probe/unmarked/", TYPED)
    assert response.url == "/sign-in/"
    assert "You were signed out" in client.get("/sign-in/").content.decode()
    offered = sign_in(client, cast.practitioner)
    assert offered.url.startswith("/sign-in/kept/")
    assert offered_form(client.get(offered.url).content.decode())["who"] == ["a", "b"]


def test_a_changed_csrf_token_loses_nothing_in_a_locked_session(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    client.handler.enforce_csrf_checks = True
    clock.shift(20 * 60)
    client.post(
        "/probe/unmarked/", {**TYPED, "csrfmiddlewaretoken": "old"}, headers={"Origin": origin(client)}
    )
    assert KeptPost.objects.count() == 1


def test_a_changed_csrf_token_loses_nothing_after_signing_in_again_in_another_tab(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    client.handler.enforce_csrf_checks = True
    response = client.post(
        "/probe/unmarked/", {**TYPED, "csrfmiddlewaretoken": "x" * 64}, headers={"Origin": origin(client)}
    )
    assert urls.received == [], "a post without a good token is never acted upon"
    kept = KeptPost.objects.get()
    assert response.url == f"/sign-in/kept/{kept.pk}/"
    page = client.get(response.url).content.decode()
    assert (
        client.post("/probe/unmarked/", offered_form(page), headers={"Origin": origin(client)}).status_code
        == 200
    )
    assert urls.received[0]["who"] == ["a", "b"]


def origin(client: Client) -> str:
    return f"http://{client.defaults.get('HTTP_HOST', 'testserver')}"


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_sites_post_is_neither_done_nor_kept(cast: Cast, clock, headers: dict) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    client.handler.enforce_csrf_checks = True
    assert client.post("/probe/unmarked/", TYPED, headers=headers).status_code == 403
    clock.shift(20 * 60)
    client.post("/probe/unmarked/", TYPED, headers=headers)
    assert urls.received == []
    assert not KeptPost.objects.exists()


def test_passwords_and_codes_are_never_kept(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    client.post("/probe/secret/", {"code": "123456"})
    client.post("/account/password/", {"current": "one", "password": "two"})
    client.post("/sign-in/confirm/", {"code": "123456"})
    client.post("/sign-in/", {"email": "a@b.example", "password": "secret"})
    assert not KeptPost.objects.exists()


def test_a_script_that_finds_the_session_locked_is_told_so(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    response = client.post("/probe/unmarked/", TYPED, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403
    assert response.json()["sign_in"] == "/sign-in/locked/"


def test_what_was_kept_can_be_thrown_away_and_is_gone_after_a_day(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(20 * 60)
    for page in ("/probe/unmarked/", "/probe/unmarked/?b", "/probe/unmarked/?b"):
        client.post(page, TYPED)
    assert KeptPost.objects.count() == 2, "one for each page"
    kept = unlock(client, cast.practitioner).url
    client.post(f"{kept}discard/")
    assert KeptPost.objects.count() == 1
    clock.shift(24 * 3600 + 1)
    jobs.tidy()
    assert not KeptPost.objects.exists()


@pytest.mark.parametrize(("path", "status"), [("/probe/broken/", 500), ("/probe/refused/", 403)])
def test_what_was_kept_stays_kept_when_the_page_does_not_take_it(
    cast: Cast, clock, path: str, status: int
) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    client.raise_request_exception = False
    clock.shift(20 * 60)
    client.post(path, TYPED)
    page = client.get(unlock(client, cast.practitioner).url).content.decode()
    assert client.post(path, offered_form(page)).status_code == status
    assert KeptPost.objects.count() == 1


# ---- A fresh code before what matters ---------------------------------------------------------------------


def test_an_export_needs_a_code_of_the_last_five_minutes(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.manager)
    clock.shift(4 * 60 + 59)
    assert client.get("/probe/export/").status_code == 200
    clock.shift(1)
    response = client.get("/probe/export/?q=2")
    assert response.url == "/sign-in/confirm/?next=%2Fprobe%2Fexport%2F%3Fq%3D2"
    client.get(response.url)
    assert client.post("/sign-in/confirm/", {"code": wrong_code(cast.manager)}).status_code == 200
    assert client.get("/probe/export/").status_code == 302
    clock.shift(5)
    assert client.post("/sign-in/confirm/", {"code": fresh_code(cast.manager)}).url == "/probe/export/?q=2"
    assert client.get("/probe/export/").status_code == 200


def test_what_was_being_sent_to_it_is_kept_meanwhile_unless_it_is_secret(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.manager)
    clock.shift(6 * 60)
    client.post("/probe/secret-export/", TYPED)
    assert not KeptPost.objects.exists()
    assert client.post("/probe/export/", TYPED).url.startswith("/sign-in/confirm/")
    assert urls.received == []
    offered = client.post("/sign-in/confirm/", {"code": fresh_code(cast.manager)})
    client.post("/probe/export/", offered_form(client.get(offered.url).content.decode()))
    assert urls.received[0]["who"] == ["a", "b"]


def test_a_script_is_told_that_a_fresh_code_is_needed(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.manager)
    clock.shift(6 * 60)
    response = client.post("/probe/export/", {}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403
    assert response.json()["confirm_code"] == "/sign-in/confirm/"


# ---- Ends -------------------------------------------------------------------------------------------------


def test_ending_the_last_membership_ends_access_at_the_next_request(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    assert client.get("/probe/unmarked/").status_code == 200
    services.end_membership(cast.practitioner, cast.manager)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next=")


def test_signing_out_everywhere_leaves_no_session(cast: Cast) -> None:
    here, there = client_for(cast.practitioner), client_for(cast.practitioner)
    here.post("/account/sign-out-everywhere/")
    for client in (here, there):
        assert client.get("/probe/unmarked/").url.startswith("/sign-in/?next=")


@override_settings(SESSION_IDLE_SECONDS=60)
def test_the_limits_are_settings(cast: Cast, clock) -> None:  # noqa: ANN001
    client = client_for(cast.practitioner)
    clock.shift(61)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/locked/")


def test_a_device_that_was_taken_away_no_longer_verifies_a_session(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    TOTPDevice.objects.all().delete()
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/")
