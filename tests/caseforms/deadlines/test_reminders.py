"""Reminders: when they go out, to whom, what they say, and who must never get one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from caseforms.cases import policy
from caseforms.cases.models import Case, CaseParticipant, Interest, Stage
from caseforms.cases.policy import Action
from caseforms.deadlines import reminders, services
from caseforms.deadlines.limits import LONDON, local_day
from caseforms.deadlines.models import Deadline, DeadlineRule
from portal.accounts.models import Membership, Partnership
from portal.outbox.jobs import deliver
from portal.outbox.models import Message, State
from portal.reminders.jobs import chase
from tests.caseforms.deadlines.world import case_in, london
from tests.cast import Cast

NOTIFIED = london(2026, 11, 2, 9, 30)  # decision due Wed 2 Dec, information (10 working days) due Mon 16 Nov


@pytest.fixture(autouse=True)
def _a_fixed_today() -> Iterator[None]:
    with time_machine.travel(NOTIFIED, tick=False):
        yield


def recipients() -> set[str]:
    return set(Message.objects.filter(notice="deadline_reminder").values_list("to", flat=True))


def only(case: Case, code: str, agency: str = "") -> Deadline:
    """Leaves one deadline of the case running, so that a test speaks of one thing."""
    wanted = Deadline.objects.filter(case=case, rule__code=code)
    if agency:
        wanted = wanted.filter(owner_agency__code=agency)
    deadline = wanted.get()
    Deadline.objects.filter(case=case).exclude(pk=deadline.pk).update(next_chase_at=None)
    return deadline


def asked(cast: Cast, agency: str = "POL") -> Deadline:
    case = case_in(cast, Stage.GATHERING, asked=True)
    services.start(case, "asked", NOTIFIED, cast.manager)
    return only(case, "information", agency)


def test_reminders_go_out_before_on_and_after_the_day_at_eight(cast: Cast) -> None:
    deadline = asked(cast)
    assert [moment.astimezone(LONDON) for moment in reminders.moments(deadline)] == [
        london(2026, 11, 9, 8),
        london(2026, 11, 13, 8),
        london(2026, 11, 16, 8),
        london(2026, 11, 17, 8),
        london(2026, 11, 19, 8),
        london(2026, 11, 23, 8),
    ]


def test_reminders_stay_at_eight_by_the_clock_on_both_sides_of_the_autumn_change(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 10, 26, 9), cast.practitioner)
    deadline = Deadline.objects.get(case=case, rule__code="secure-files")
    before, *_, after = reminders.moments(deadline)
    assert before == datetime(2026, 10, 21, 7, 0, tzinfo=UTC)
    assert after == datetime(2026, 11, 4, 8, 0, tzinfo=UTC)


def test_reminders_jump_over_christmas_and_its_substitute_day(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 12, 23, 9), cast.practitioner)
    deadline = Deadline.objects.get(case=case, rule__code="secure-files")
    days = [local_day(moment).isoformat() for moment in reminders.moments(deadline)]
    assert days == ["2026-12-18", "2026-12-24", "2026-12-29", "2026-12-30", "2027-01-04", "2027-01-06"]


def test_a_month_limit_on_a_saturday_is_reminded_of_on_friday_and_on_the_saturday(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 10, 7, 9), cast.practitioner)
    deadline = Deadline.objects.get(case=case, rule__code="decision")
    days = [f"{local_day(moment):%a %d}" for moment in reminders.moments(deadline)]
    assert days == ["Mon 02", "Fri 06", "Sat 07", "Mon 09", "Wed 11", "Fri 13"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_reminders_of_any_date_come_in_order_three_until_the_due_moment_and_three_after(
    due: datetime,
) -> None:
    deadline = Deadline(case=Case(partnership=Partnership()), due_at=due)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reminders, "closed_days", lambda *args: frozenset())
        moments = reminders.moments(deadline)
    assert moments == sorted(set(moments))
    assert [moment <= due for moment in moments] == [True, True, True, False, False, False]


def test_the_owner_is_reminded_first_then_the_next_person_up_each_time(cast: Cast) -> None:
    asked(cast)
    told: list[set[str]] = []
    for day in (9, 13, 16, 17, 19, 23):
        chase(london(2026, 11, day, 8, 5))
        told.append(recipients())
        Message.objects.all().delete()
    owner, manager, chair = (one.person.email for one in (cast.lead_pol, cast.manager, cast.chair))
    assert told == [
        {owner},
        {owner},
        {owner},
        {owner, manager},
        {owner, manager, chair},
        {owner, manager, chair},
    ]


def test_other_agencies_and_the_other_partnership_hear_nothing(cast: Cast) -> None:
    asked(cast)
    chase(london(2026, 11, 23, 8, 5))
    strangers = {
        cast.lead_csc,
        cast.lead_icb,
        cast.eller_lead_pol,
        cast.eller_manager,
        cast.auditor,
        cast.conflicted,
    }
    assert recipients() & {member.person.email for member in strangers} == set()


def test_the_referrer_is_reminded_of_a_referral_s_limit(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "consultation", NOTIFIED, cast.practitioner)
    only(case, "referral")
    chase(london(2026, 11, 3, 9))
    assert recipients() == {cast.practitioner.person.email}


def test_nothing_goes_out_before_its_time_and_nothing_twice(cast: Cast) -> None:
    asked(cast)
    assert chase(london(2026, 11, 9, 7, 59)).messages == 0
    assert chase(london(2026, 11, 9, 8, 0)).messages == 1
    assert chase(london(2026, 11, 9, 8, 5)).messages == 0
    assert chase(london(2026, 11, 12, 8, 0)).messages == 0


def test_reminders_whose_moment_is_over_when_the_clock_begins_are_left_out(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    only(case, "secure-files")
    chase(NOTIFIED + timedelta(minutes=5))
    assert recipients() == set()
    chase(london(2026, 11, 3, 8, 5))
    assert recipients() == {cast.manager.person.email}


def test_a_task_that_is_done_is_never_chased(cast: Cast) -> None:
    deadline = asked(cast)
    services.stop(
        deadline.case, "give_information", london(2026, 11, 5, 9), cast.lead_pol, agency=cast.agency("POL")
    )
    chase(london(2026, 11, 23, 8, 5))
    assert recipients() == set()


def test_a_reminder_carries_reference_task_date_and_link_and_nothing_else(cast: Cast) -> None:
    deadline = asked(cast)
    chase(london(2026, 11, 17, 8, 5))
    message = Message.objects.get(to=cast.lead_pol.person.email)
    reference = deadline.case.reference
    assert message.subject == f"{reference}: a task is late"
    assert "Give your agency's information" in message.text
    assert "Monday 16 November 2026, 17:00" in message.text
    assert f"/cases/{reference}/" in message.text
    for part in (message.text, message.html, message.subject):
        assert "Police" not in part
        assert "Priya" not in part
        assert "&#x27;" not in message.text
    assert message.partnership_id == cast.tarn.pk


def test_who_lost_their_membership_between_queue_and_delivery_gets_nothing(cast: Cast) -> None:
    asked(cast)
    chase(london(2026, 11, 9, 8, 5))
    Membership.objects.filter(pk=cast.lead_pol.pk).update(ended_at=timezone.now())
    deliver()
    assert mail.outbox == []
    assert Message.objects.get().state == State.WITHHELD


def test_who_declared_an_interest_between_queue_and_delivery_gets_nothing(cast: Cast) -> None:
    deadline = asked(cast)
    chase(london(2026, 11, 9, 8, 5))
    Interest.objects.create(
        case=deadline.case, person=cast.lead_pol.person, kind="declared", reason="knows a parent"
    )
    deliver()
    assert mail.outbox == []


def test_a_reminder_of_a_task_done_meanwhile_is_withheld(cast: Cast) -> None:
    deadline = asked(cast)
    chase(london(2026, 11, 9, 8, 5))
    services.stop(deadline.case, "give_information", NOTIFIED, cast.lead_pol, agency=cast.agency("POL"))
    deliver()
    assert mail.outbox == []


def test_who_still_has_the_right_gets_it_once(cast: Cast) -> None:
    asked(cast)
    chase(london(2026, 11, 9, 8, 5))
    deliver()
    deliver()
    assert [message.to for message in mail.outbox] == [[cast.lead_pol.person.email]]


def test_a_deputy_is_reminded_in_place_of_a_lead_with_an_interest(cast: Cast) -> None:
    deadline = asked(cast)
    Interest.objects.create(
        case=deadline.case, person=cast.lead_pol.person, kind="declared", reason="knows a parent"
    )
    CaseParticipant.objects.create(case=deadline.case, membership=cast.conflicted, kind="deputy")
    chase(london(2026, 11, 9, 8, 5))
    assert recipients() == {cast.conflicted.person.email}


def test_where_nobody_may_be_told_the_next_person_up_hears_at_once(cast: Cast) -> None:
    deadline = asked(cast)
    Interest.objects.create(
        case=deadline.case, person=cast.lead_pol.person, kind="declared", reason="knows a parent"
    )
    chase(london(2026, 11, 9, 8, 5))
    assert recipients() == {cast.manager.person.email}


def test_the_chair_is_not_told_of_a_case_that_the_review_group_does_not_see_yet(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    only(case, "secure-files")
    chase(london(2026, 11, 11, 8, 5))
    assert recipients() == {cast.manager.person.email}


def test_an_extended_deadline_is_reminded_of_anew(cast: Cast) -> None:
    deadline = asked(cast)
    chase(london(2026, 11, 16, 8, 5))
    deadline.refresh_from_db()
    services.extend(
        deadline, london(2026, 11, 30, 17), "Records are archived", "independent chair", cast.manager
    )
    chase(london(2026, 11, 23, 8, 5))
    texts = list(Message.objects.order_by("created_at").values_list("key", flat=True))
    assert len(texts) == 2, "one for the old date, one for the new"
    assert "Monday 30 November 2026" in Message.objects.get(key__contains="20261130").text


def test_a_task_in_a_rule_cannot_smuggle_markup_into_the_message(cast: Cast) -> None:
    DeadlineRule.objects.all().delete()
    services.install_default_rules(cast.tarn)
    DeadlineRule.objects.filter(code="information").update(task="<b>Send</b>")
    asked(cast)
    chase(london(2026, 11, 9, 8, 5))
    message = Message.objects.get()
    assert "<b>Send</b>" not in message.html
    assert "<b>Send</b>" in message.text


def test_many_cases_at_once_are_judged_as_each_is_by_itself(cast: Cast) -> None:
    cases = [case_in(cast, stage, asked=asked) for stage in Stage for asked in (True, False)]
    Interest.objects.create(
        case=cases[4], person=cast.lead_pol.person, kind="declared", reason="knows a parent"
    )
    CaseParticipant.objects.create(case=cases[4], membership=cast.conflicted, kind="deputy")
    for action in (Action.SEE, Action.GIVE_INFORMATION, Action.RECOMMEND):
        together = {(member.case_pk, member.pk) for member in policy.members_who_in(action, cases)}
        each = {(case.pk, member.pk) for case in cases for member in policy.members_who(action, case)}
        assert together == each
        assert together


def test_a_batch_takes_as_many_queries_as_one_deadline(
    cast: Cast, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for _ in range(5):
        services.start(case_in(cast, Stage.GATHERING, asked=True), "asked", NOTIFIED, cast.manager)
    with django_assert_max_num_queries(16):
        assert chase(london(2026, 11, 19, 8, 5)).messages == 5 * 3 * 3
