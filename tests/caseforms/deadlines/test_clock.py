"""Deadlines begin, end and are cancelled with the case; each once, each with an event that says so."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine

from caseforms.cases.models import Case, Outcome, Stage
from caseforms.deadlines import services
from caseforms.deadlines.models import ClosedDay, Deadline, DeadlineRule, State
from caseforms.deadlines.vocabulary import Start, Stop
from tests.caseforms.deadlines.world import case_in, london
from tests.cast import Cast

NOTIFIED = london(2026, 11, 2, 9, 30)


def running(case: Case) -> dict[str, Deadline]:
    return {deadline.rule.code: deadline for deadline in Deadline.objects.open().filter(case=case)}


def verbs(case: Case) -> list[str]:
    return list(case.events.values_list("verb", flat=True))


def test_a_notification_starts_what_knowsley_and_working_together_ask_for(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    assert {code: deadline.due_at for code, deadline in running(case).items()} == {
        "national-notification": london(2026, 11, 4, 9, 30),
        "secure-files": london(2026, 11, 4, 17, 0),
        "rapid-review": london(2026, 11, 23, 17, 0),
        "decision": london(2026, 12, 2, 17, 0),
    }


def test_a_deadline_says_how_its_date_came_about(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    assert running(case)["decision"].how == "notified Mon 2 Nov 2026 + 1 month (Knowsley 7)"


def test_starting_twice_starts_nothing_twice(cast: Cast) -> None:
    case = case_in(cast)
    first = services.start(case, "notification", NOTIFIED, cast.practitioner)
    again = services.start(case, "notification", NOTIFIED + timedelta(days=3), cast.practitioner)
    assert len(first) == 4
    assert again == []
    assert Deadline.objects.filter(case=case).count() == 4
    assert verbs(case).count("deadline_started") == 4


def test_the_database_itself_refuses_a_second_running_deadline_of_a_rule(cast: Cast) -> None:
    case = case_in(cast)
    [twin, *_] = services.start(case, "notification", NOTIFIED, cast.practitioner)
    twin.pk = None
    twin._state.adding = True
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        twin.save(force_insert=True)


def test_every_agency_that_takes_part_has_the_request_for_information_to_itself(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "asked", NOTIFIED, cast.manager)
    asked = Deadline.objects.filter(case=case)
    assert {deadline.owner_agency.code for deadline in asked if deadline.owner_agency} == {
        "HOS",
        "CSC",
        "POL",
    }
    assert {deadline.due_at for deadline in asked} == {london(2026, 11, 16, 17)}
    assert verbs(case) == ["deadline_started"]


def test_asking_one_more_agency_later_starts_only_its_own(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "asked", NOTIFIED, cast.manager, agencies=[cast.agency("POL")])
    services.start(case, "asked", london(2026, 11, 5, 9), cast.manager)
    by_agency = {
        deadline.owner_agency.code: deadline.due_at
        for deadline in Deadline.objects.filter(case=case)
        if deadline.owner_agency
    }
    assert by_agency == {
        "POL": london(2026, 11, 16, 17),
        "HOS": london(2026, 11, 19, 17),
        "CSC": london(2026, 11, 19, 17),
    }


def test_one_agency_s_answer_stops_only_its_own_clock(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "asked", NOTIFIED, cast.manager)
    services.stop(
        case, Stop.GIVE_INFORMATION, london(2026, 11, 10, 9), cast.lead_pol, agency=cast.agency("POL")
    )
    states = {
        deadline.owner_agency.code: deadline.state
        for deadline in Deadline.objects.filter(case=case)
        if deadline.owner_agency
    }
    assert states == {"POL": State.MET, "HOS": State.OPEN, "CSC": State.OPEN}


def test_a_task_done_in_time_is_met_and_no_longer_chased(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    [met] = services.stop(case, "ask_agencies", london(2026, 11, 4, 17, 0), cast.manager)
    met.refresh_from_db()
    assert (met.rule.code, met.state, met.met_at) == ("secure-files", State.MET, london(2026, 11, 4, 17))
    assert met.next_chase_at is None
    assert verbs(case)[-1] == "deadline_met"


def test_a_task_done_a_minute_too_late_is_met_late(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    [late] = services.stop(case, "ask_agencies", london(2026, 11, 4, 17, 1), cast.manager)
    assert late.state == State.LATE_MET
    assert verbs(case)[-1] == "deadline_met_late"


def test_stopping_twice_changes_nothing(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    services.stop(case, "decide", london(2026, 11, 20, 9), cast.independent_chair)
    assert services.stop(case, "decide", london(2026, 12, 20, 9), cast.independent_chair) == []
    assert Deadline.objects.get(case=case, rule__code="decision").met_at == london(2026, 11, 20, 9)
    assert verbs(case).count("deadline_met") == 1


def test_the_referral_s_24_hours_begin_with_the_case_and_end_with_it(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, Start.CONSULTATION, london(2026, 11, 2, 18, 10), cast.practitioner)
    [met] = services.stop(case, "submit", london(2026, 11, 3, 18, 0), cast.practitioner)
    assert met.how == "consulted Mon 2 Nov 2026 18:10 + 24 hours (Bracknell Forest B.1 ii)"
    assert met.state == State.MET


def test_a_withdrawn_referral_leaves_nothing_running(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    services.stop(case, "withdraw", london(2026, 11, 3, 9), cast.practitioner)
    assert running(case) == {}
    assert set(Deadline.objects.filter(case=case).values_list("state", flat=True)) == {State.CANCELLED}
    assert verbs(case).count("deadline_cancelled") == 4


def test_a_decision_not_to_review_meets_its_own_limit_and_cancels_the_rest(cast: Cast) -> None:
    case = case_in(cast, Stage.RECOMMENDED)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED, outcome=Outcome.NO_REVIEW)
    services.stop(case, "decide", london(2026, 11, 20, 9), cast.independent_chair)
    states = dict(Deadline.objects.filter(case=case).values_list("rule__code", "state"))
    assert states["decision"] == State.MET
    assert set(states.values()) == {State.MET, State.CANCELLED}
    assert services.start(case, "decision", london(2026, 11, 20, 9), cast.independent_chair) == []


def test_a_review_starts_the_agency_reports_and_the_six_months(cast: Cast) -> None:
    case = case_in(cast, Stage.DECIDED, outcome=Outcome.REVIEW)
    services.start(case, "decision", london(2026, 8, 31, 12), cast.independent_chair)
    due = {(deadline.rule.code, deadline.due_at) for deadline in Deadline.objects.filter(case=case)}
    assert due == {("agency-report", london(2026, 10, 31, 17)), ("review", london(2027, 2, 28, 17))}


def test_a_deferred_decision_starts_no_review(cast: Cast) -> None:
    case = case_in(cast, Stage.GATHERING, outcome=Outcome.DEFERRED)
    assert services.start(case, "decision", NOTIFIED, cast.independent_chair) == []


def test_what_a_recommendation_makes_unnecessary_is_cancelled_not_met(cast: Cast) -> None:
    case = case_in(cast, Stage.GATHERING)
    services.start(case, "asked", NOTIFIED, cast.manager)
    services.stop(case, "recommend", london(2026, 11, 12, 9), cast.chair)
    assert set(Deadline.objects.filter(case=case).values_list("state", "met_at")) == {(State.CANCELLED, None)}


def test_christmas_2026_is_left_out_with_its_substitute_monday(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 12, 23, 10), cast.practitioner)
    assert running(case)["secure-files"].due_at == london(2026, 12, 29, 17)
    assert running(case)["secure-files"].how.endswith("(Knowsley 6); closed: Fri 25 Dec, Mon 28 Dec")


def test_a_local_closure_counts_for_its_own_partnership_only(cast: Cast) -> None:
    ClosedDay.objects.create(partnership=cast.eller, date=date(2026, 11, 3), reason="Office move")
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    assert running(case)["secure-files"].due_at == london(2026, 11, 4, 17)
    ClosedDay.objects.create(partnership=cast.tarn, date=date(2026, 11, 3), reason="Office move")
    other = case_in(cast)
    services.start(other, "notification", NOTIFIED, cast.practitioner)
    assert running(other)["secure-files"].due_at == london(2026, 11, 5, 17)


def test_the_autumn_clock_change_moves_no_day_limit(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 10, 23, 10), cast.practitioner)
    assert running(case)["secure-files"].due_at == london(2026, 10, 27, 17)
    assert running(case)["national-notification"].due_at == london(2026, 10, 25, 9), "48 elapsed hours"


def test_a_draft_shows_the_limit_it_will_be_judged_by_and_has_no_deadline_row(cast: Cast) -> None:
    services.install_default_rules(cast.tarn)
    due = services.due_for_draft(cast.tarn, london(2026, 11, 20, 18, 10))
    assert due == london(2026, 11, 21, 18, 10)
    assert not Deadline.objects.exists()


def test_a_partnership_without_such_a_rule_has_no_limit_for_drafts(cast: Cast) -> None:
    services.install_default_rules(cast.tarn)
    assert services.due_for_draft(cast.eller, NOTIFIED) is None


def test_default_rules_are_installed_once_and_never_overwrite_a_change(cast: Cast) -> None:
    assert services.install_default_rules(cast.tarn) == 8
    DeadlineRule.objects.filter(code="decision").update(length=2)
    assert services.install_default_rules(cast.tarn) == 0
    assert DeadlineRule.objects.get(partnership=cast.tarn, code="decision").length == 2


def test_a_new_version_counts_from_its_day_and_the_old_one_until_then(cast: Cast) -> None:
    services.install_default_rules(cast.tarn)
    rule = DeadlineRule.objects.get(partnership=cast.tarn, code="secure-files")
    rule.pk, rule.version, rule.length, rule.valid_from = None, 2, 5, date(2026, 11, 10)
    rule._state.adding = True
    rule.save()
    before, after = case_in(cast), case_in(cast)
    services.start(before, "notification", london(2026, 11, 9, 9), cast.practitioner)
    services.start(after, "notification", london(2026, 11, 10, 9), cast.practitioner)
    assert running(before)["secure-files"].due_at == london(2026, 11, 11, 17)
    assert running(after)["secure-files"].due_at == london(2026, 11, 17, 17)


def test_a_rule_switched_off_starts_nothing(cast: Cast) -> None:
    case = case_in(cast)
    DeadlineRule.objects.filter(code="rapid-review").update(active=False)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    assert "rapid-review" not in running(case)


def test_an_act_outside_the_portal_is_recorded_by_hand(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    services.record_done(running(case)["national-notification"], london(2026, 11, 3, 9), cast.manager)
    assert Deadline.objects.get(rule__code="national-notification").state == State.MET


def test_a_step_of_the_case_cannot_be_recorded_by_hand(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    with pytest.raises(ValueError, match="not by hand"):
        services.record_done(running(case)["decision"], london(2026, 11, 3, 9), cast.manager)


def test_an_event_names_the_task_and_the_date_and_no_person(cast: Cast) -> None:
    case = case_in(cast)
    services.start(case, "asked", NOTIFIED, cast.manager)
    event = case.events.get(verb="deadline_started")
    assert event.text == (
        "Give your agency's information: by Monday 16 November 2026, 17:00.\n"
        "asked Mon 2 Nov 2026 + 10 working days (Local default)"
    )
    assert event.facts["agencies"] == ["CSC", "HOS", "POL"]
    assert event.membership == cast.manager


@pytest.fixture(autouse=True)
def _a_fixed_today() -> Iterator[None]:
    with time_machine.travel(london(2026, 11, 2, 10), tick=False):
        yield


def decision_of(cast: Cast) -> Deadline:
    case = case_in(cast)
    services.start(case, "notification", NOTIFIED, cast.practitioner)
    return running(case)["decision"]


@pytest.mark.parametrize(
    ("new_due", "reason", "agreed_by", "words"),
    [
        (london(2026, 12, 14, 17), " ", "independent chair", "why more time"),
        (london(2026, 12, 14, 17), "archives", "", "who agreed"),
        (london(2026, 11, 2, 9), "archives", "independent chair", "later than now"),
        (london(2026, 12, 2, 17), "archives", "independent chair", "later than the old one"),
    ],
)
def test_an_extension_needs_a_reason_somebody_who_agreed_and_a_later_date(
    cast: Cast, new_due: datetime, reason: str, agreed_by: str, words: str
) -> None:
    deadline = decision_of(cast)
    with pytest.raises(services.ExtensionRefused, match=words):
        services.extend(deadline, new_due, reason, agreed_by, cast.manager)
    deadline.refresh_from_db()
    assert deadline.due_at == london(2026, 12, 2, 17)
    assert not deadline.extensions.exists()
    assert "deadline_extended" not in verbs(deadline.case)


def test_of_two_who_extend_what_they_saw_the_second_is_told(cast: Cast) -> None:
    deadline = decision_of(cast)
    mine, hers = Deadline.objects.get(pk=deadline.pk), Deadline.objects.get(pk=deadline.pk)
    services.extend(mine, london(2026, 12, 9, 17), "archives", "independent chair", cast.manager)
    with pytest.raises(services.StaleDeadline):
        services.extend(hers, london(2026, 12, 14, 17), "leave", "independent chair", cast.manager)
    assert deadline.extensions.count() == 1
    assert verbs(deadline.case).count("deadline_extended") == 1


def test_a_met_deadline_is_not_extended(cast: Cast) -> None:
    deadline = decision_of(cast)
    services.stop(deadline.case, "decide", london(2026, 11, 20, 9), cast.independent_chair)
    with pytest.raises(services.StaleDeadline):
        services.extend(deadline, london(2026, 12, 14, 17), "archives", "independent chair", cast.manager)


def test_a_late_task_that_was_extended_is_met_in_time_by_the_new_date(cast: Cast) -> None:
    deadline = decision_of(cast)
    services.extend(deadline, london(2026, 12, 14, 17), "archives", "independent chair", cast.manager)
    [met] = services.stop(deadline.case, "decide", london(2026, 12, 10, 9), cast.independent_chair)
    assert (met.state, met.original_due_at) == (State.MET, london(2026, 12, 2, 17))
