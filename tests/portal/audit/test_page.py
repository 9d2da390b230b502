"""The audit page: for auditors and administrators, of their own partnership, without names."""

import pytest
from django.urls import reverse

from portal.audit.services import record
from tests.cast import Cast, client_for


@pytest.fixture
def trail(cast: Cast) -> Cast:
    record("viewed", actor=cast.manager, kind="case", ref="CR-TARN-0001")
    record("exported", actor=cast.manager, kind="quarter", ref="2026-27-Q2")
    record("viewed", actor=cast.eller_manager, kind="case", ref="CR-ELLE-0001")
    return cast


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_those_who_may_see_what_was_done_in_their_partnership(trail: Cast, role: str) -> None:
    page = client_for(getattr(trail, role)).get(reverse("audit:list")).content.decode()
    assert "CR-TARN-0001" in page
    assert "CR-ELLE-0001" not in page
    assert "Business manager, BUS" in page
    assert trail.manager.person.last_name not in page


@pytest.mark.parametrize("role", ["manager", "practitioner", "lead_icb"])
def test_others_are_refused(trail: Cast, role: str) -> None:
    assert client_for(getattr(trail, role)).get(reverse("audit:list")).status_code == 403


def test_an_auditor_of_one_partnership_is_refused_on_the_host_of_another(trail: Cast) -> None:
    client = client_for(trail.auditor)
    client.defaults["HTTP_HOST"] = trail.eller.hostname
    response = client.get(reverse("audit:list"))
    assert response.status_code != 200
    assert "CR-ELLE-0001" not in response.content.decode()


def test_the_list_can_be_narrowed_to_one_verb(trail: Cast) -> None:
    client = client_for(trail.auditor)
    page = client.get(reverse("audit:list"), {"verb": "exported"}).content.decode()
    assert "2026-27-Q2" in page
    assert "CR-TARN-0001" not in page
    assert (
        "Nobody has done this yet" in client.get(reverse("audit:list"), {"verb": "printed"}).content.decode()
    )


def test_the_list_comes_in_pages(trail: Cast) -> None:
    for _ in range(60):
        record("printed", actor=trail.manager, kind="case", ref="CR-TARN-0002")
    client = client_for(trail.auditor)
    first = client.get(reverse("audit:list")).content.decode()
    assert "CR-TARN-0001" not in first
    assert 'rel="next"' in first
    assert "CR-TARN-0001" in client.get(reverse("audit:list"), {"page": 2}).content.decode()
    assert client.get(reverse("audit:list"), {"page": "rubbish"}).status_code == 200


def test_nothing_can_be_posted_to_it(trail: Cast) -> None:
    assert client_for(trail.auditor).post(reverse("audit:list")).status_code == 405
