"""Each quarter an agency lead says how their actions stand; two people who write at once lose nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from caseforms.actionplans import services
from caseforms.actionplans.models import Action, ActionUpdate, Plan, Status
from caseforms.actionplans.selectors import quarter_tasks
from caseforms.actionplans.services import StaleUpdate, quarter_at
from caseforms.cases.models import CaseEvent
from portal.accounts.models import Agency, Membership, Role
from portal.audit.models import AppendOnlyError
from tests.caseforms.actionplans.scenes import IN_Q2, NOW, action, adopted, at, led_by, said
from tests.cast import Cast, client_for


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return adopted(
        cast, cast.manager, action(cast, "CSC", "weekly call"), action(cast, "POL", "custody check")
    )


def post(member: Membership, row: Action, **changes: str) -> HttpResponse:
    typed = {
        "version": str(row.version),
        "status": "on_track",
        "progress": "Three calls were held",
        "evidence": "",
        **changes,
    }
    response: Any = client_for(member).post(f"/actions/{row.pk}/update/", typed)
    return response


def test_a_lead_updates_their_agencys_action(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    assert post(cast.lead_csc, row).status_code == 302
    update = ActionUpdate.objects.get()
    assert (update.quarter, update.status, update.progress) == (
        "2026-27-Q3",
        "on_track",
        "Three calls were held",
    )
    assert update.by == cast.lead_csc
    row.refresh_from_db()
    assert (row.status, row.version) == (Status.ON_TRACK, 1)
    event = CaseEvent.objects.get(verb="action_updated")
    assert event.facts == {"action": "1.1", "quarter": "2026-27-Q3", "status": "on_track"}
    assert "calls" not in str(event.facts) + event.text


def test_the_page_shows_my_agencys_actions_and_how_many_are_done(cast: Cast, plan: Plan) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "second thing"))
    page = client_for(cast.lead_csc).get("/actions/").content.decode()
    assert "weekly call" in page
    assert "second thing" in page
    assert "custody check" not in page
    assert "0 of 2 actions updated" in page
    post(cast.lead_csc, led_by(plan, "CSC"))
    page = client_for(cast.lead_csc).get("/actions/").content.decode()
    assert "1 of 2 actions updated" in page
    assert "Three calls were held" in page


def test_a_manager_has_every_action_before_them_but_forms_only_one_at_a_time(cast: Cast, plan: Plan) -> None:
    page = client_for(cast.manager).get("/actions/").content.decode()
    assert "weekly call" in page
    assert "custody check" in page
    assert "<textarea" not in page
    assert f'href="/actions/{led_by(plan, "POL").pk}/update/"' in page
    assert "<textarea" in client_for(cast.lead_pol).get("/actions/").content.decode()


def test_somebody_with_no_action_reads_what_will_appear(cast: Cast, plan: Plan) -> None:
    for member in (cast.lead_icb, cast.practitioner, cast.auditor, cast.administrator):
        page = client_for(member).get("/actions/").content.decode()
        assert "No actions yet" in page
        assert "weekly call" not in page


def test_last_quarters_words_and_the_definition_of_each_status_stand_beside_the_form(
    cast: Cast, plan: Plan
) -> None:
    row = led_by(plan, "CSC")
    said(row, cast.lead_csc, "Words of the second quarter", IN_Q2 + timedelta(days=1))
    page = client_for(cast.lead_csc).get("/actions/").content.decode()
    assert "Words of the second quarter" in page
    assert "Amber: Work has slipped" in page
    assert "0 of 1 action updated" in page


def test_complete_needs_evidence_and_gets_a_day(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    response = post(cast.lead_csc, row, status="complete")
    assert "Say what shows that the action is complete" in response.content.decode()
    assert "Three calls were held" in response.content.decode()
    assert not ActionUpdate.objects.exists()
    assert post(cast.lead_csc, row, status="complete", evidence="Audit of May").status_code == 302
    row.refresh_from_db()
    assert row.completed_on == date(2026, 11, 23)


def test_an_action_reopened_has_no_day_of_completion(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    said(row, cast.lead_csc, "done", NOW, "complete", "audit")
    said(row, cast.lead_csc, "not so", NOW, "at_risk")
    row.refresh_from_db()
    assert (row.status, row.completed_on) == (Status.AT_RISK, None)


@pytest.mark.parametrize(
    "changes", [{"progress": ""}, {"status": "ongoing"}, {"version": "x"}, {"progress": "x" * 4001}]
)
def test_an_update_that_is_not_complete_is_shown_again_and_not_kept(
    cast: Cast, plan: Plan, changes: dict[str, str]
) -> None:
    response = post(cast.lead_csc, led_by(plan, "CSC"), **changes)
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert not ActionUpdate.objects.exists()


def test_the_second_writer_sees_the_first_ones_words_and_keeps_their_own(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    said(row, cast.lead_csc, "What the lead wrote", NOW)
    response = post(cast.manager, row, version="0", progress="What the manager wrote", status="at_risk")
    page = response.content.decode()
    assert response.status_code == 409
    assert "What the lead wrote" in page
    assert "What the manager wrote" in page
    assert 'name="version" value="1"' in page
    assert ActionUpdate.objects.count() == 1
    row.refresh_from_db()
    assert row.status == Status.ON_TRACK
    assert post(cast.manager, row, version="1", progress="What the manager wrote").status_code == 302
    assert [update.progress for update in ActionUpdate.objects.order_by("version")] == [
        "What the lead wrote",
        "What the manager wrote",
    ]


def test_a_double_click_is_one_update_and_no_quarrel(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    assert [post(cast.lead_csc, row).status_code for _ in range(3)] == [302, 302, 302]
    assert ActionUpdate.objects.count() == 1


def test_a_stale_version_writes_neither_row_nor_event(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    said(row, cast.lead_csc, "first", NOW)
    with pytest.raises(StaleUpdate) as stale:
        services.post_update(
            row, version=0, status="complete", progress="b", evidence="c", actor=cast.manager
        )
    assert stale.value.latest.progress == "first"
    assert CaseEvent.objects.filter(verb="action_updated").count() == 1


def test_updates_are_never_changed(cast: Cast, plan: Plan) -> None:
    said(led_by(plan, "CSC"), cast.lead_csc, "first", NOW)
    update = ActionUpdate.objects.get()
    update.status = "complete"
    with pytest.raises(AppendOnlyError):
        update.save()
    with pytest.raises(AppendOnlyError):
        update.delete()


def test_an_update_is_made_in_the_membership_that_gives_the_right(cast: Cast, plan: Plan) -> None:
    """Dana also sits on the panel; acting as a panel member, she still updates as the police's lead."""
    panel = Membership.objects.create(
        person=cast.lead_pol.person, agency=cast.agency("POL"), partnership=cast.tarn, role=Role.PANEL_MEMBER
    )
    client = client_for(panel)
    row = led_by(plan, "POL")
    response = client.post(
        f"/actions/{row.pk}/update/", {"version": "0", "status": "on_track", "progress": "x", "evidence": ""}
    )
    assert response.status_code == 302
    assert ActionUpdate.objects.get().by == cast.lead_pol


def test_reading_a_form_changes_nothing(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    assert client_for(cast.lead_csc).get(f"/actions/{row.pk}/update/").status_code == 200
    assert client_for(cast.lead_csc).put(f"/actions/{row.pk}/update/").status_code == 405
    assert not ActionUpdate.objects.exists()


def test_my_work_counts_what_is_said_and_what_is_not(cast: Cast, plan: Plan) -> None:
    quarter = quarter_at(NOW)
    (task,) = quarter_tasks(cast.lead_csc.person, quarter)
    assert (task.case_reference, task.done, task.total, task.due_on) == (
        plan.case.reference,
        0,
        1,
        date(2026, 12, 31),
    )
    said(led_by(plan, "CSC"), cast.lead_csc, "done", NOW, "complete", "audit")
    (task,) = quarter_tasks(cast.lead_csc.person, quarter)
    assert (task.done, task.total) == (1, 1)
    assert quarter_tasks(cast.lead_csc.person, quarter.next()) == []
    assert quarter_tasks(cast.manager.person, quarter) == []
    assert quarter_tasks(cast.eller_lead_pol.person, quarter) == []


def test_words_are_encrypted_at_rest(cast: Cast, plan: Plan) -> None:
    said(led_by(plan, "CSC"), cast.lead_csc, "CANARY progress", NOW)
    with_agency = Agency.objects.get(code="CSC")
    raw = Action._base_manager.raw(
        "SELECT * FROM actionplans_action WHERE lead_agency_id = %s", [with_agency.pk.hex]
    )
    assert all("weekly call" not in str(vars(row)) for row in raw)
    assert "CANARY" not in str(vars(ActionUpdate._base_manager.get()))
