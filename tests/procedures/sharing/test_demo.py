"""The demo's local content: loaded once, one seamless chapter for each partnership's readers."""

import pytest
from django.test import Client

from home.demo import load_home
from procedures.demo import load_demo_manual
from procedures.models import ChapterPage
from procedures.sharing.models import Contact, LocalBox
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing_and_undoes_no_editors_work(cast: Cast) -> None:
    load_demo_manual(load_home())
    assert LocalBox.objects.count() == 4
    ChapterPage.objects.get(partnership=cast.eller).delete()
    Contact.objects.filter(partnership=cast.tarn).delete()
    load_demo_manual(load_home())
    assert LocalBox.objects.count() == 4
    assert not ChapterPage.objects.filter(partnership=cast.eller).exists()
    assert not Contact.objects.filter(partnership=cast.tarn).exists()


def test_each_partnership_reads_its_own(cast: Cast) -> None:
    load_demo_manual(load_home())
    page = ChapterPage.objects.get(number="1")
    for client, own, other in (
        (Client(HTTP_HOST=cast.tarn.hostname), "Tarnbrook", "Ellerfold"),
        (client_for(cast.eller_practitioner), "Ellerfold", "Tarnbrook"),
    ):
        html = client.get(page.get_url()).content.decode()
        assert f"Whom to ring in {own}" in html
        assert f"Whom to ring in {other}" not in html
        listed = client.get("/manual/").content.decode()
        assert f"15 {own}" in listed
        assert f"15 {other}" not in listed
        contacts = client.get("/contacts/").content.decode()
        assert f"{own} children’s duty desk" in contacts
        assert f"{other} children’s duty desk" not in contacts
