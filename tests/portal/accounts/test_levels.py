"""Nothing opens by accident: an unmarked view asks for a verified session, whatever it is mounted as."""

import pytest
from django.test import Client
from wagtail.models import Page, Site

from home.models import HomePage
from portal.accounts import services
from portal.accounts.models import Membership, Partnership, User
from portal.audit.models import AccessEvent
from tests.cast import Cast, client_for, password_only_client_for

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.accounts.urls")]
CLOSED = [
    "/probe/unmarked/",
    "/probe/unmarked-class/",
    "/probe/child/",
    "/cms/",
    "/cms/login/",
    "/people/",
    "/account/",
]


@pytest.mark.parametrize("path", CLOSED)
def test_an_unmarked_view_sends_a_stranger_to_the_sign_in_page(cast: Cast, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", CLOSED)
def test_a_password_alone_opens_nothing_and_leads_to_enrolment_or_the_code(cast: Cast, path: str) -> None:
    unenrolled = password_only_client_for(cast.administrator).get(path)
    assert unenrolled.status_code == 302
    assert unenrolled.url.startswith("/sign-in/set-up/")

    client_for(cast.administrator)  # makes the second factor
    enrolled = password_only_client_for(cast.administrator).get(path)
    assert enrolled.status_code == 302
    assert enrolled.url.startswith("/sign-in/code/")


def test_a_verified_member_reaches_an_unmarked_view(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    assert b"unmarked Priya Nair for Practitioner" in client.get("/probe/unmarked/").content
    assert client.get("/probe/unmarked-class/").content == b"unmarked class"


def test_a_public_mark_opens_the_marked_class_but_not_its_child(cast: Cast) -> None:
    assert Client().get("/probe/open/").content == b"open"
    assert Client().get("/probe/child/").status_code == 302


def test_a_script_is_told_no_instead_of_being_sent_to_a_page(cast: Cast) -> None:
    for headers in ({"X-Requested-With": "XMLHttpRequest"}, {"Accept": "application/json"}):
        response = Client().get("/probe/unmarked/", headers=headers)
        assert response.status_code == 403
        assert response.json()["sign_in"] == "/sign-in/"
    posted = password_only_client_for(cast.manager).post(
        "/probe/unmarked/", {}, content_type="application/json"
    )
    assert posted.status_code == 403


def test_the_manual_opens_to_anyone_only_where_the_partnership_says_so(cast: Cast) -> None:
    open_host, closed_host = cast.tarn.hostname, cast.eller.hostname
    assert Client().get("/probe/reader/", headers={"Host": open_host}).status_code == 200
    refused = Client().get("/probe/reader/", headers={"Host": closed_host})
    assert refused.status_code == 302
    assert refused.url.startswith("/sign-in/")
    assert client_for(cast.eller_practitioner).get("/probe/reader/").status_code == 200


def test_an_open_manual_sees_nobody_in_a_session_without_a_code(cast: Cast) -> None:
    client = password_only_client_for(cast.manager)
    response = client.get("/probe/reader/", headers={"Host": cast.tarn.hostname})
    assert response.content == b"reads as AnonymousUser verified=False"
    assert "Bea" not in response.content.decode()


def test_a_person_without_a_current_membership_is_told_so_and_reaches_nothing(cast: Cast) -> None:
    client = client_for(cast.practitioner)
    Membership.objects.filter(pk=cast.practitioner.pk).update(ends_on="2020-01-01", starts_on="2019-01-01")
    response = client.get("/probe/unmarked/")
    assert response.status_code == 302
    assert response.url.startswith("/sign-in/no-access/")
    told = client.get("/sign-in/no-access/")
    assert told.status_code == 403
    assert "You no longer have access" in told.content.decode()


def test_a_superuser_without_a_membership_reaches_nothing(cast: Cast) -> None:
    root = User.objects.create_superuser("root@portal.example", "a-long-password-1")
    client = client_for(root)
    assert client.get("/probe/unmarked/").url.startswith("/sign-in/no-access/")
    assert client.get("/cms/").url.startswith("/sign-in/no-access/")


# ---- Pages: Wagtail serves them all through one view ------------------------------------------------------


@pytest.fixture
def home_page(cast: Cast) -> HomePage:
    root = Page.get_first_root_node()
    for page in HomePage.objects.all():
        page.delete()
    home = root.add_child(instance=HomePage(title="Home", slug="start"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    Site.clear_site_root_paths_cache()
    return home


def test_an_unmarked_page_type_is_verified_even_where_the_manual_is_open(
    home_page: HomePage, cast: Cast
) -> None:
    home_page.add_child(instance=Page(title="Plain", slug="plain"))
    stranger = Client().get("/plain/", headers={"Host": cast.tarn.hostname})
    assert stranger.status_code == 302
    assert stranger.url.startswith("/sign-in/")


def test_a_page_that_does_not_exist_is_not_found_in_an_open_manual_and_asks_to_sign_in_in_a_closed_one(
    home_page: HomePage, cast: Cast
) -> None:
    assert Client().get("/no-such-page/", headers={"Host": cast.tarn.hostname}).status_code == 404
    assert Client().get("/no-such-page/", headers={"Host": cast.eller.hostname}).status_code == 302


def test_wagtails_own_sign_in_is_not_mounted(home_page: HomePage, cast: Cast) -> None:
    for path in ("/_util/login/", "/cms/login/", "/cms/password_reset/"):
        response = Client().post(path, {"username": cast.manager.person.email, "password": "x"})
        assert response.status_code in (302, 404)
        assert "_auth_user_id" not in Client().session


# ---- The CMS admin ----------------------------------------------------------------------------------------


def test_the_cms_opens_to_managers_alone_whatever_groups_somebody_is_left_in(cast: Cast) -> None:
    practitioner = cast.practitioner
    practitioner.person.is_superuser = True
    practitioner.person.save()
    assert client_for(practitioner).get("/cms/").status_code == 403
    assert AccessEvent.objects.filter(verb="refused", object_kind="cms").count() == 1

    services.start_membership(cast.manager.person, cast.manager.agency, cast.tarn, "business_manager")
    assert client_for(cast.manager).get("/cms/").status_code == 200


def test_a_manager_who_leaves_is_out_of_the_cms_at_the_next_request(cast: Cast) -> None:
    manager = cast.manager
    services.start_membership(manager.person, manager.agency, cast.tarn, "business_manager")
    services.start_membership(manager.person, manager.agency, cast.tarn, "practitioner")
    client = client_for(manager)
    assert client.get("/cms/").status_code == 200
    services.end_membership(manager, None)
    assert client.get("/cms/").status_code == 403
    assert not manager.person.groups.exists()


def test_a_group_row_left_behind_opens_nothing_after_the_last_day(cast: Cast) -> None:
    manager = cast.manager
    services.start_membership(manager.person, manager.agency, cast.tarn, "business_manager")
    services.start_membership(manager.person, manager.agency, cast.tarn, "practitioner")
    Membership.objects.filter(pk=manager.pk).update(starts_on="2019-01-01", ends_on="2020-01-01")
    assert manager.person.groups.exists()
    assert client_for(manager).get("/cms/").status_code == 403


# ---- For whom, and where ----------------------------------------------------------------------------------


def test_the_host_name_tells_partnerships_apart(cast: Cast) -> None:
    assert "Ellerfold" in Client().get("/sign-in/", headers={"Host": cast.eller.hostname}).content.decode()
    assert "Ellerfold" not in Client().get("/sign-in/", headers={"Host": cast.tarn.hostname}).content.decode()


def test_one_acts_in_the_membership_one_chose_and_never_in_anothers(cast: Cast) -> None:
    lead = cast.lead_pol
    services.start_membership(lead.person, lead.agency, cast.eller, "practitioner")
    second = Membership.objects.get(person=lead.person, partnership=cast.eller)
    client = client_for(lead.person)
    client.post("/account/act-as/", {"membership": str(second.pk)})
    assert "(Ellerfold)" in client.get("/probe/unmarked/").content.decode()
    client.post("/account/act-as/", {"membership": str(cast.manager.pk)})
    assert "(Ellerfold)" in client.get("/probe/unmarked/").content.decode()

    Membership.objects.filter(pk=second.pk).update(starts_on="2019-01-01", ends_on="2020-01-01")
    assert "(Tarnbrook)" in client.get("/probe/unmarked/").content.decode()


def test_acting_begins_in_the_partnership_of_the_host(cast: Cast) -> None:
    lead = cast.lead_pol
    services.start_membership(lead.person, lead.agency, cast.eller, "agency_lead")
    client = client_for(lead.person)
    for partnership in Partnership.objects.all():
        page = client.get("/probe/unmarked/", headers={"Host": partnership.hostname}).content.decode()
        assert f"({partnership.short_name})" in page
