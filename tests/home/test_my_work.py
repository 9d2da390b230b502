"""My work: each person's own tasks, with the time limit that each task stops, and nobody else's."""

import pytest
from django.test import Client

from caseforms.cases.models import Case, Stage
from tests.cast import Cast, client_for, password_only_client_for

pytestmark = pytest.mark.django_db


def reference(stage: Stage, partnership: str = "TARN") -> str:
    return Case.objects.get(stage=stage, partnership__code=partnership).reference


def work(demo: Cast, key: str) -> str:
    return client_for(getattr(demo, key)).get("/my-work/").content.decode()


def test_the_manager_sees_the_new_referral_and_the_cases_by_stage_but_not_the_other_partnerships(
    demo: Cast,
) -> None:
    page = work(demo, "manager")
    assert "Look at the referral" in page
    assert reference(Stage.SUBMITTED) in page
    assert "The partnership's open cases" in page
    assert reference(Stage.GATHERING, "ELLER") not in page


def test_what_the_manager_must_do_outside_the_portal_waits_with_its_time_limit_and_for_nobody_else(
    demo: Cast,
) -> None:
    """The national notification is the shortest limit of all, and no step of the portal ends it."""
    task = (
        f'Notify the national body <span class="govuk-!-font-weight-regular">({reference(Stage.SUBMITTED)})'
    )
    page = work(demo, "manager")
    assert task in page
    assert "Record as done" in page
    assert task not in work(demo, "eller_manager")
    for key in ("lead_csc", "practitioner", "chair", "auditor"):
        assert "Notify the national body" not in work(demo, key), key


def test_a_new_referral_waits_until_agencies_must_be_asked(demo: Cast) -> None:
    task = f'Look at the referral <span class="govuk-!-font-weight-regular">({reference(Stage.SUBMITTED)})'
    after = work(demo, "manager").partition(task)[2]
    assert "in 2 working days" in after[:600]


def test_an_agency_that_owes_information_sees_by_when_and_one_that_has_answered_does_not(demo: Cast) -> None:
    task = 'agency&#x27;s information <span class="govuk-!-font-weight-regular">'
    owing = f"{task}({reference(Stage.GATHERING)})"
    page = work(demo, "lead_pol")
    assert owing in page
    assert "in 10 working days" in page
    assert owing not in work(demo, "lead_csc")


def test_the_shared_police_force_sees_each_partnerships_case_only_there(demo: Cast) -> None:
    assert reference(Stage.GATHERING, "ELLER") in work(demo, "eller_lead_pol")
    assert reference(Stage.GATHERING, "ELLER") not in work(demo, "lead_pol")
    assert reference(Stage.GATHERING) not in work(demo, "eller_lead_pol")


def test_somebody_with_a_declared_interest_sees_nothing_of_that_case(demo: Cast) -> None:
    page = work(demo, "conflicted")
    assert reference(Stage.GATHERING) not in page
    assert reference(Stage.PLANNED) in page


def test_an_agency_that_has_not_updated_its_action_is_asked_to(demo: Cast) -> None:
    assert "Update 1 action" in work(demo, "lead_edu")
    assert "Update" not in work(demo, "lead_hos")


def test_a_draft_waits_for_its_writer_alone(demo: Cast) -> None:
    client_for(demo.practitioner).post("/refer/")
    assert "Draft referral" in work(demo, "practitioner")
    assert "Draft referral" not in work(demo, "lead_hos")
    assert "Draft referral" not in work(demo, "manager")


def test_an_auditor_for_whom_nothing_waits_reads_what_would_be_here(demo: Cast) -> None:
    page = work(demo, "auditor")
    assert "Nothing is waiting for you" in page
    assert "CR-" not in page


def test_the_front_page_is_the_manual_to_a_stranger_and_my_work_to_a_verified_person(demo: Cast) -> None:
    assert Client(HTTP_HOST="localhost").get("/").url == "/manual/"
    assert password_only_client_for(demo.manager).get("/", HTTP_HOST="localhost").url == "/manual/"
    assert client_for(demo.manager).get("/").url == "/my-work/"
    assert Client(HTTP_HOST="localhost").get("/my-work/").url.startswith("/sign-in/")


def test_health_says_ok_to_anyone_and_nothing_more(demo: Cast) -> None:
    assert Client(HTTP_HOST="localhost").get("/health/").json() == {"status": "ok"}


@pytest.mark.parametrize("name", ["../portal.sqlite3", "..%2f..%2fetc/passwd", "nothing.png", "%00.png"])
def test_the_address_of_the_manuals_pictures_serves_nothing_else(demo: Cast, name: str) -> None:
    assert Client(HTTP_HOST="localhost").get(f"/media/images/{name}").status_code == 404


def test_wagtails_own_sign_in_leads_to_ours(demo: Cast) -> None:
    answer = Client(HTTP_HOST="localhost").post(
        "/_util/login/?next=/cms/", {"username": "x", "password": "y"}
    )
    assert answer.status_code in {302, 403}
    assert Client(HTTP_HOST="localhost").get("/_util/login/?next=/cms/").url == "/sign-in/?next=%2Fcms%2F"
