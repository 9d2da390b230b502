"""Adopting a plan: the business manager types as many rows as it needs, and agencies are told."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse

from caseforms.actionplans.models import Action, Plan
from caseforms.cases.models import Case, CaseEvent, Stage
from caseforms.deadlines import services as deadlines
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.vocabulary import Start
from portal.accounts.models import Membership
from portal.outbox.models import Message
from tests.caseforms.actionplans.scenes import NOW, action, adopted, at, scoped_case
from tests.cast import Cast, client_for

TYPED = {
    "shape": "1",
    "plan-title": "Plan following the review",
    "plan-kind": "multi_agency",
    "r0-text": "Agencies should share what they know",
    "r0-outcome": "Children are seen sooner",
    "r0a0-text": "Set up a weekly call",
    "r0a0-lead_role": "Head of safeguarding",
    "r0a0-due_on_day": "29",
    "r0a0-due_on_month": "1",
    "r0a0-due_on_year": "2027",
    "r0a0-evidence_required": "Minutes of the calls",
}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def case(cast: Cast) -> Case:
    return scoped_case(cast.manager, "HOS", "CSC")


def typed(cast: Cast, agency: str = "CSC", **changes: str) -> dict[str, str]:
    return {**TYPED, "r0a0-lead_agency": str(cast.agency(agency).pk), **changes}


def post(member: Membership, case: Case, data: dict[str, str]) -> HttpResponse:
    response: Any = client_for(member).post(f"/cases/{case.reference}/plan/adopt/", data)
    return response


def test_the_business_manager_adopts_a_plan_and_the_case_moves_on(cast: Cast, case: Case) -> None:
    response = post(cast.manager, case, typed(cast))
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.PLANNED
    assert Action.objects.get().lead_agency == cast.agency("CSC")
    assert CaseEvent.objects.filter(case=case, verb="adopt_plan").count() == 1
    page = client_for(cast.manager).get(response["Location"]).content.decode()
    assert "Set up a weekly call" in page
    assert "29 January 2027" in page


def test_before_adopting_the_manager_reads_what_will_no_longer_be_chased_and_nothing_that_will(
    cast: Cast, case: Case
) -> None:
    """Adopting ends the agencies' time limits for their reports, handed in or not."""
    address = f"/cases/{case.reference}/plan/adopt/"
    assert "no longer chased" not in client_for(cast.manager).get(address).content.decode()
    deadlines.install_default_rules(cast.tarn)
    deadlines.start(case, Start.DECISION, NOW, cast.manager, agencies=[cast.agency("HOS")])
    page = client_for(cast.manager).get(address).content.decode()
    warning = page.partition("no longer chased")[2].partition("</ul>")[0]
    assert f"report: {cast.agency('HOS').name}, due" in unescape(warning)
    assert warning.count("<li>") == 1
    assert post(cast.manager, case, typed(cast)).status_code == 302
    assert not Deadline.objects.open().filter(case=case, owner_agency=cast.agency("HOS")).exists()


def test_nobody_but_the_business_manager_adopts(cast: Cast, case: Case) -> None:
    for member in (cast.chair, cast.panel, cast.lead_csc, cast.lead_hos):
        assert post(member, case, typed(cast)).status_code in (403, 404)
    for stranger in (cast.eller_manager, cast.auditor, cast.administrator, cast.author, cast.lead_edu):
        assert post(stranger, case, typed(cast)).status_code == 404
    assert not Plan.objects.exists()


def test_rows_are_added_without_losing_or_judging_what_was_typed(cast: Cast, case: Case) -> None:
    half = typed(cast, **{"rows": "add-0", "r0a0-due_on_month": "nonsense", "plan-title": ""})
    response = post(cast.manager, case, half)
    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="shape" value="2"' in page
    assert "Set up a weekly call" in page
    assert 'value="nonsense"' in page
    assert "r0a1-text" in page
    assert "There is a problem" not in page
    assert not Plan.objects.exists()


def test_a_second_recommendation_is_added_and_removed_again(cast: Cast, case: Case) -> None:
    page = post(cast.manager, case, typed(cast, rows="add")).content.decode()
    assert 'name="shape" value="1,1"' in page
    assert "Recommendation 2" in page
    both = typed(cast, shape="1,1", **{"r1-text": "The second one"})
    page = post(cast.manager, case, {**both, "rows": "remove-0"}).content.decode()
    assert 'name="shape" value="1"' in page
    assert "The second one" in page
    assert "Set up a weekly call" not in page


@pytest.mark.parametrize("rows", ["remove-0", "remove-0-0", "remove-7", "add-9", "add-x", "drop table", ""])
def test_a_row_command_that_makes_no_sense_changes_nothing(cast: Cast, case: Case, rows: str) -> None:
    page = post(cast.manager, case, typed(cast, rows=rows)).content.decode()
    assert 'name="shape" value="1"' in page
    assert "Set up a weekly call" in page


@pytest.mark.parametrize("shape", ["", "0", "-3", "x", "1e9", "999999999999"])
def test_a_shape_that_makes_no_sense_is_kept_within_bounds(cast: Cast, case: Case, shape: str) -> None:
    response = post(cast.manager, case, typed(cast, shape=shape, rows="look"))
    assert response.status_code == 200
    assert response.content.decode().count("Evidence") <= 50


def test_every_row_must_be_complete_before_the_plan_is_adopted(cast: Cast, case: Case) -> None:
    response = post(cast.manager, case, typed(cast, shape="2"))
    page = response.content.decode()
    assert "There is a problem" in page
    assert "#id_r0a1-text" in page
    case.refresh_from_db()
    assert case.stage == Stage.SCOPED
    assert not Plan.objects.exists()


def test_a_due_date_must_be_a_real_one_and_not_past(cast: Cast, case: Case) -> None:
    assert (
        "There is a problem"
        in post(cast.manager, case, typed(cast, **{"r0a0-due_on_year": "2020"})).content.decode()
    )
    assert (
        "There is a problem"
        in post(
            cast.manager, case, typed(cast, **{"r0a0-due_on_day": "31", "r0a0-due_on_month": "2"})
        ).content.decode()
    )
    assert not Plan.objects.exists()


def test_an_agency_of_another_partnership_is_neither_offered_nor_taken(cast: Cast, case: Case) -> None:
    form = client_for(cast.manager).get(f"/cases/{case.reference}/plan/adopt/").content.decode()
    assert "Tarnbrook Children" in form
    assert "Ellerfold Children" not in form
    assert "There is a problem" in post(cast.manager, case, typed(cast, "ELC")).content.decode()
    assert not Plan.objects.exists()


def test_the_second_of_two_managers_sees_what_the_first_did_and_loses_nothing(cast: Cast, case: Case) -> None:
    adopted(cast, cast.manager, action(cast, "HOS", "the first plan"), case=case, when=NOW)
    response = post(cast.manager, case, typed(cast))
    page = response.content.decode()
    assert response.status_code == 409
    assert "A colleague was first" in page
    assert "Set up a weekly call" in page
    assert Plan.objects.count() == 1
    assert not Action.objects.filter(lead_agency__code="CSC").exists()


def test_once_adopted_the_form_leads_to_the_plan(cast: Cast, case: Case) -> None:
    adopted(cast, cast.manager, action(cast, "HOS", "x"), case=case, when=NOW)
    response: Any = client_for(cast.manager).get(f"/cases/{case.reference}/plan/adopt/")
    assert response["Location"] == f"/cases/{case.reference}/plan/"


def test_a_lead_whose_agency_joins_only_by_the_plan_is_told_without_a_word_about_the_case(
    cast: Cast, case: Case
) -> None:
    post(cast.manager, case, typed(cast, "EDU"))
    message = Message.objects.get(notice="action_plan_adopted")
    assert message.to == cast.lead_edu.person.email
    assert case.reference in message.text
    assert "29 January 2027" in message.text
    assert "weekly call" not in message.text + message.html + message.subject


def test_leads_of_the_same_agency_in_another_partnership_are_not_told(cast: Cast, case: Case) -> None:
    post(cast.manager, case, typed(cast, "POL"))
    told = set(Message.objects.filter(notice="action_plan_adopted").values_list("to", flat=True))
    assert told == {cast.lead_pol.person.email}
