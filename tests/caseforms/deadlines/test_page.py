"""The list of deadlines, and extending one: who sees what, what is kept, what a colleague's change does."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from caseforms.cases.models import Case, CaseParticipant, Interest, Stage
from caseforms.deadlines import services
from caseforms.deadlines.models import Deadline, Extension, State
from portal.accounts.models import Membership
from portal.audit.models import AccessEvent
from tests.caseforms.deadlines.world import case_in, london
from tests.cast import Cast, client_for, password_only_client_for

NOTIFIED = london(2026, 11, 2, 9, 30)
TYPED = {
    "new_due_day": "14",
    "new_due_month": "12",
    "new_due_year": "2026",
    "reason": "Two agencies are still searching their archives.",
    "asked_by": "Agency lead, police",
    "agreed_by": "Independent chair",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOTIFIED + timedelta(hours=1), tick=False) as traveller:
        yield traveller


def gathering(cast: Cast) -> Case:
    case = case_in(cast, Stage.GATHERING, asked=True)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    services.start(case, "asked", NOTIFIED, cast.manager)
    return case


def decision(case: Case) -> Deadline:
    return Deadline.objects.get(case=case, rule__code="decision")


def page(member: Membership, query: str = "") -> str:
    response = client_for(member).get(f"/deadlines/{query}")
    assert response.status_code == 200
    return response.content.decode()


def send(member: Membership, deadline: Deadline, **changes: str) -> HttpResponse:
    data = {**TYPED, "seen_due": deadline.due_at.isoformat(), **changes}
    response: HttpResponse = client_for(member).post(f"/deadlines/{deadline.pk}/extend/", data)  # type: ignore[assignment]
    return response


def test_a_deadline_is_shown_with_task_date_source_and_how_it_came_about(cast: Cast) -> None:
    case = gathering(cast)
    shown = page(cast.manager)
    assert case.reference in shown
    assert "Decide whether to hold a review" in shown
    assert "Wednesday 2 December 2026, 17:00 (in 22 working days)" in shown
    assert "notified Mon 2 Nov 2026 + 1 month (Knowsley 7)" in shown
    assert "Statutory or national guidance" in shown


def test_an_empty_list_says_what_will_appear(cast: Cast) -> None:
    assert "No deadline is running." in page(cast.manager)
    assert "Nothing yet." in page(cast.manager, "?show=ended")


def test_an_agency_lead_sees_their_own_agency_s_task_and_not_another_agency_s(cast: Cast) -> None:
    gathering(cast)
    shown = page(cast.lead_pol)
    assert "Tarnshire Police" in shown
    assert "Tarn Vale Hospitals" not in shown
    assert "Decide whether to hold a review" in shown


@pytest.mark.parametrize(
    "stranger", ["lead_icb", "eller_manager", "eller_lead_pol", "auditor", "administrator"]
)
def test_a_stranger_sees_no_deadline_of_the_case(cast: Cast, stranger: str) -> None:
    case = gathering(cast)
    assert case.reference not in page(getattr(cast, stranger))


def test_somebody_with_an_interest_sees_no_deadline_of_the_case(cast: Cast) -> None:
    case = gathering(cast)
    Interest.objects.create(case=case, person=cast.lead_pol.person, kind="declared", reason="knows a parent")
    assert case.reference not in page(cast.lead_pol)


def test_the_list_of_one_case_does_not_tell_a_stranger_that_it_exists(cast: Cast) -> None:
    case = gathering(cast)
    address = f"?case={case.reference}"
    shown = page(cast.eller_manager, address)
    assert case.reference not in shown.replace(address, ""), (
        "nothing but the address that they typed themselves"
    )
    assert "No deadline is running." in shown


def test_the_list_of_one_case_leaves_other_cases_out(cast: Cast) -> None:
    case, other = gathering(cast), gathering(cast)
    shown = page(cast.manager, f"?case={case.reference}")
    assert case.reference in shown
    assert other.reference not in shown


def test_what_is_late_says_so_in_a_word(cast: Cast, clock: time_machine.Traveller) -> None:
    gathering(cast)
    assert "Late</strong>" not in page(cast.manager)
    clock.move_to(london(2026, 11, 4, 17, 1))
    assert "Late</strong>" in page(cast.manager)


def test_what_is_done_moves_to_the_other_list_with_its_dates(cast: Cast) -> None:
    case = gathering(cast)
    services.stop(case, "decide", london(2026, 11, 2, 10), cast.independent_chair)
    assert "Decide whether" not in page(cast.manager)
    ended = page(cast.manager, "?show=ended")
    assert "Decide whether" in ended
    assert "Met</strong>" in ended


def test_nobody_but_the_business_manager_is_offered_an_extension(cast: Cast) -> None:
    gathering(cast)
    assert "/extend/" in page(cast.manager)
    for key in ("lead_pol", "chair", "panel", "independent_chair", "practitioner"):
        assert "/extend/" not in page(getattr(cast, key))


def test_the_business_manager_extends_with_a_reason_and_the_old_date_stays_on_record(cast: Cast) -> None:
    deadline = decision(gathering(cast))
    response = send(cast.manager, deadline)
    assert response.status_code == 302
    deadline.refresh_from_db()
    assert deadline.due_at == london(2026, 12, 14, 17)
    assert deadline.original_due_at == london(2026, 12, 2, 17)
    extension = deadline.extensions.get()
    assert (extension.old_due, extension.new_due) == (london(2026, 12, 2, 17), london(2026, 12, 14, 17))
    assert extension.reason == TYPED["reason"]
    assert extension.recorded_by == cast.manager
    shown = page(cast.manager)
    assert "Extended once" in shown
    assert "Wednesday 2 December 2026, 17:00 became Monday 14 December 2026, 17:00" in shown
    assert TYPED["reason"] in shown
    event = deadline.case.events.latest("id")
    assert (event.verb, event.membership) == ("deadline_extended", cast.manager)
    assert TYPED["reason"] in event.text


def test_the_reason_is_for_those_who_may_see_the_people_of_the_case(cast: Cast) -> None:
    case = gathering(cast)
    case.case_agencies.update(asked_at=None)
    send(cast.manager, decision(case))
    assert "became Monday 14 December 2026" in page(cast.lead_csc)
    assert TYPED["reason"] not in page(cast.lead_csc)


def test_the_reason_is_encrypted_in_the_database(cast: Cast) -> None:
    send(cast.manager, decision(gathering(cast)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason, asked_by, agreed_by FROM deadlines_extension")
        stored = b"|".join(bytes(value) for value in cursor.fetchone())
    for words in (b"archives", b"police", b"chair"):
        assert words not in stored


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Say why more time is needed"),
        ({"reason": "   "}, "Say why more time is needed"),
        ({"agreed_by": ""}, "Say who agreed to the new date"),
        ({"asked_by": ""}, "Say who asked for more time"),
        ({"new_due_day": "31", "new_due_month": "11"}, "real date"),
        ({"new_due_month": "10"}, "The new date must be later than now"),
        ({"new_due_day": "30", "new_due_month": "11"}, "The new date must be later than the old one"),
        ({"new_due_day": "2"}, "The new date must be later than the old one"),
        ({"new_due_year": ""}, "year"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_what_was_typed_is_kept(
    cast: Cast, changes: dict[str, str], words: str
) -> None:
    deadline = decision(gathering(cast))
    response = send(cast.manager, deadline, **changes)
    shown = response.content.decode()
    assert response.status_code == 200
    assert words in shown
    kept = {**TYPED, **changes}
    assert kept["reason"].strip() in shown
    assert f'value="{kept["new_due_month"]}"' in shown
    deadline.refresh_from_db()
    assert deadline.due_at == london(2026, 12, 2, 17)
    assert not Extension.objects.exists()


def test_a_colleague_s_extension_is_shown_and_what_was_typed_is_kept(cast: Cast) -> None:
    deadline = decision(gathering(cast))
    services.extend(
        Deadline.objects.get(pk=deadline.pk),
        london(2026, 12, 9, 17),
        "First",
        "independent chair",
        cast.manager,
    )
    response = send(cast.manager, deadline)
    shown = response.content.decode()
    assert response.status_code == 409
    assert "A colleague has changed this date" in shown
    assert "Wednesday 9 December 2026" in shown
    assert TYPED["reason"] in shown
    assert Extension.objects.count() == 1
    deadline.refresh_from_db()
    assert deadline.due_at == london(2026, 12, 9, 17)


def test_after_a_colleague_s_extension_the_second_try_goes_through(cast: Cast) -> None:
    deadline = decision(gathering(cast))
    services.extend(
        Deadline.objects.get(pk=deadline.pk),
        london(2026, 12, 9, 17),
        "First",
        "independent chair",
        cast.manager,
    )
    first = send(cast.manager, deadline).content.decode()
    deadline.refresh_from_db()
    assert f'value="{deadline.due_at.isoformat()}"' in first
    assert send(cast.manager, deadline).status_code == 302
    assert [extension.new_due for extension in deadline.extensions.all()] == [
        london(2026, 12, 9, 17),
        london(2026, 12, 14, 17),
    ]


def test_the_same_extension_sent_twice_is_recorded_once(cast: Cast) -> None:
    deadline = decision(gathering(cast))
    assert [send(cast.manager, deadline).status_code for _ in range(2)] == [302, 409]
    assert Extension.objects.count() == 1


def test_a_deadline_met_meanwhile_is_not_extended_and_nothing_typed_is_lost(cast: Cast) -> None:
    case = gathering(cast)
    deadline = decision(case)
    services.stop(case, "decide", london(2026, 11, 2, 10), cast.independent_chair)
    response = send(cast.manager, deadline)
    assert response.status_code == 409
    assert "This deadline is over" in response.content.decode()
    assert TYPED["reason"] in response.content.decode()
    assert not Extension.objects.exists()


@pytest.mark.parametrize("key", ["lead_pol", "chair", "practitioner", "independent_chair"])
def test_a_participant_without_the_right_is_refused_and_the_refusal_recorded(cast: Cast, key: str) -> None:
    deadline = decision(gathering(cast))
    assert send(getattr(cast, key), deadline).status_code == 403
    assert not Extension.objects.exists()
    assert AccessEvent.objects.filter(verb="refused", object_ref=deadline.case.reference).count() == 1


@pytest.mark.parametrize("key", ["eller_manager", "lead_icb", "auditor", "administrator"])
def test_a_stranger_gets_the_same_not_found_as_for_a_deadline_that_does_not_exist(
    cast: Cast, key: str
) -> None:
    deadline = decision(gathering(cast))
    client = client_for(getattr(cast, key))
    theirs = client.get(f"/deadlines/{deadline.pk}/extend/")
    nobodys = client.get(f"/deadlines/{uuid4()}/extend/")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert send(getattr(cast, key), deadline).status_code == 404
    assert not Extension.objects.exists()


def test_without_a_second_factor_no_deadline_is_shown(cast: Cast) -> None:
    case = gathering(cast)
    for address in ("/deadlines/", f"/deadlines/{decision(case).pk}/extend/"):
        response = password_only_client_for(cast.manager).get(address)
        assert response.status_code == 302
        assert case.reference not in response.content.decode()


def test_a_task_outside_the_portal_is_recorded_as_done(cast: Cast) -> None:
    case = gathering(cast)
    deadline = Deadline.objects.get(case=case, rule__code="national-notification")
    client = client_for(cast.manager)
    assert f"/deadlines/{deadline.pk}/done/" in page(cast.manager)
    data = {"done_at_day": "2", "done_at_month": "11", "done_at_year": "2026", "done_at_time": "10:00"}
    assert client.post(f"/deadlines/{deadline.pk}/done/", data).status_code == 302
    deadline.refresh_from_db()
    assert (deadline.state, deadline.met_at) == (State.MET, london(2026, 11, 2, 10))
    again = client.post(f"/deadlines/{deadline.pk}/done/", data)
    assert again.status_code == 409
    assert "This deadline is over" in again.content.decode()


@pytest.mark.parametrize(
    ("day", "time", "words"), [("1", "10:00", "before the time limit"), ("3", "10:00", "past")]
)
def test_a_task_is_not_done_before_it_began_nor_in_the_future(
    cast: Cast, day: str, time: str, words: str
) -> None:
    deadline = Deadline.objects.get(case=gathering(cast), rule__code="national-notification")
    data = {"done_at_day": day, "done_at_month": "11", "done_at_year": "2026", "done_at_time": time}
    response = client_for(cast.manager).post(f"/deadlines/{deadline.pk}/done/", data)
    assert words in response.content.decode()
    deadline.refresh_from_db()
    assert deadline.state == State.OPEN


def test_a_step_of_the_case_cannot_be_recorded_as_done_here(cast: Cast) -> None:
    deadline = decision(gathering(cast))
    assert client_for(cast.manager).get(f"/deadlines/{deadline.pk}/done/").status_code == 404


def test_the_list_asks_the_database_no_more_often_for_more_deadlines(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for _ in range(6):
        gathering(cast)
    client = client_for(cast.manager)
    client.get("/deadlines/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        shown = client.get("/deadlines/").content.decode()
    assert shown.count("Why this date") > 20


def test_the_case_page_names_the_next_time_limit(cast: Cast) -> None:
    case = gathering(cast)
    shown = client_for(cast.manager).get(f"/cases/{case.reference}/").content.decode()
    assert "Next time limit" in shown
    assert "Notify the national body: by Wednesday 4 November 2026, 09:30" in shown


def test_an_author_sees_the_deadlines_of_their_one_case(cast: Cast) -> None:
    case, other = gathering(cast), gathering(cast)
    CaseParticipant.objects.create(
        case=case, membership=cast.author, kind="author", starts_on=timezone.localdate()
    )
    shown = page(cast.author)
    assert case.reference in shown
    assert other.reference not in shown
