"""Text size and high visibility: kept with the account, or in this browser for whoever has none."""

import pytest
from django.test import Client

from tests.cast import Cast, client_for, password_only_client_for

pytestmark = pytest.mark.django_db
LARGE = {"text_size": "large", "high_visibility": "on"}


def classes(client: Client, address: str = "/sign-in/") -> str:
    html = client.get(address).content.decode()
    return html.partition('<html lang="en" class="')[2].partition('"')[0]


def test_a_signed_in_persons_choice_holds_on_every_page_and_in_every_browser(cast: Cast) -> None:
    client_for(cast.practitioner).post("/display/", LARGE)
    elsewhere = client_for(cast.practitioner)
    for address in ("/my-work/", "/account/", "/display/"):
        assert classes(elsewhere, address) == "govuk-template portal-text-large portal-high-visibility"
    assert classes(client_for(cast.lead_pol), "/my-work/") == "govuk-template"


def test_without_an_account_the_browser_remembers(cast: Cast) -> None:
    browser = Client(HTTP_HOST=cast.tarn.hostname)
    browser.post("/display/", LARGE)
    assert classes(browser) == "govuk-template portal-text-large portal-high-visibility"
    assert classes(Client(HTTP_HOST=cast.tarn.hostname)) == "govuk-template"
    browser.post("/display/", {"text_size": "small"})
    assert classes(browser) == "govuk-template portal-text-small"


def test_a_password_without_a_code_changes_no_account(cast: Cast) -> None:
    half = password_only_client_for(cast.practitioner)
    half.post("/display/", LARGE)
    cast.practitioner.person.refresh_from_db()
    assert cast.practitioner.person.text_size == ""


def test_it_leads_back_to_where_one_was_and_nowhere_else(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    assert client.post("/display/", {**LARGE, "next": "/account/"})["Location"] == "/account/"
    for foreign in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert client.post("/display/", {**LARGE, "next": foreign})["Location"] == "/display/"


@pytest.mark.parametrize("cookie", ["", "huge", "large.high.x", "<script>", "large" * 500])
def test_a_cookie_of_any_kind_breaks_no_page(cast: Cast, cookie: str) -> None:
    browser = Client(HTTP_HOST=cast.tarn.hostname)
    browser.cookies["display"] = cookie
    assert browser.get("/sign-in/").status_code == 200
    assert "script" not in classes(browser)


def test_a_size_that_there_is_not_is_refused_beside_the_field(cast: Cast) -> None:
    html = client_for(cast.practitioner).post("/display/", {"text_size": "huge"}).content.decode()
    assert "There is a problem" in html
