"""Contacts: whom to ring, for readers with and without an account, kept by the partnership's managers."""

import pytest
from django.test import Client

from procedures.sharing.models import Contact
from tests.cast import client_for
from tests.procedures.sharing.conftest import Shared

pytestmark = pytest.mark.django_db
PAGE, REGISTER = "/contacts/", "/cms/contacts/"


def text(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_readers_see_everybodys_contacts_and_their_own_partnerships(
    shared: Shared, tarn_client: Client, eller_client: Client
) -> None:
    for client, own, other, name in (
        (tarn_client, "tarncontact", "ellercontact", "Local to Tarnbrook"),
        (eller_client, "ellercontact", "tarncontact", "Local to Ellerfold"),
    ):
        html = text(client)
        assert own in html
        assert name in html
        assert "Everybody&#x27;s helpline" in html
        assert other not in html


def test_what_is_urgent_comes_first_and_numbers_can_be_dialled(shared: Shared, tarn_client: Client) -> None:
    html = text(tarn_client)
    assert (
        html.index("When a child is in danger now") < html.index("tarncontact") < html.index("Other contacts")
    )
    assert 'href="tel:01632960001"' in html
    assert 'href="tel:+441632960002"' in html
    assert "data-print" in html


def test_without_contacts_the_page_says_what_to_do(shared: Shared, tarn_client: Client) -> None:
    Contact.objects.all().delete()
    assert "ring 999" in text(tarn_client)


def test_a_closed_partnerships_contacts_ask_a_stranger_to_sign_in(shared: Shared) -> None:
    response = Client(HTTP_HOST=shared.cast.eller.hostname).get(PAGE)
    assert response.status_code == 302
    assert "/sign-in/" in response["Location"]


def form(**changes: object) -> dict[str, object]:
    return {"partnership": "", "service": "Night line", "telephone": "101", "position": 0, **changes}


def test_a_manager_keeps_own_and_regional_contacts_and_no_others(shared: Shared, tarn_client: Client) -> None:
    bea = client_for(shared.cast.manager)
    assert bea.post(f"{REGISTER}create/", form()).status_code == 302
    own = form(service="Own line", partnership=str(shared.cast.tarn.pk))
    assert bea.post(f"{REGISTER}create/", own).status_code == 302
    planted = form(service="Planted", partnership=str(shared.cast.eller.pk))
    assert bea.post(f"{REGISTER}create/", planted).status_code == 200
    assert not Contact.objects.filter(service="Planted").exists()
    listed = text(bea, REGISTER)
    assert "Night line" in listed
    assert "ellercontact" not in listed
    theirs = Contact.objects.get(service="ellercontact")
    for act in ("edit", "delete"):
        assert bea.post(f"{REGISTER}{act}/{theirs.pk}/", form()).status_code == 404
    regional = Contact.objects.get(service="Night line")
    jo = client_for(shared.cast.eller_manager)
    assert jo.post(f"{REGISTER}edit/{regional.pk}/", form(telephone="102")).status_code == 302
    # nor is what is everybody's taken by one partnership
    jo.post(f"{REGISTER}edit/{regional.pk}/", form(partnership=str(shared.cast.eller.pk)))
    regional.refresh_from_db()
    assert regional.partnership is None
    assert "Night line" in text(tarn_client)


def test_a_contact_without_a_way_to_reach_it_and_a_second_of_the_same_name_are_refused(
    shared: Shared,
) -> None:
    bea = client_for(shared.cast.manager)
    response = bea.post(f"{REGISTER}create/", form(telephone=""))
    assert "Enter a telephone number, an e-mail address or an address." in response.content.decode()
    assert bea.post(f"{REGISTER}create/", form()).status_code == 302
    again = bea.post(f"{REGISTER}create/", form(service="night LINE"))
    assert "There is a contact with this name already" in again.content.decode()
    assert Contact.objects.filter(service__iexact="night line").count() == 1
