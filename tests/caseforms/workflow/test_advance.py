"""The one writer of a case's stage: every step of the table, who was told, and what two at once do."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.utils import timezone

from caseforms.cases.models import Case, CaseEvent, Outcome, Stage
from caseforms.cases.policy import Action
from caseforms.deadlines.models import Deadline
from caseforms.workflow import services, transitions
from caseforms.workflow.services import StaleState, advance
from caseforms.workflow.transitions import TABLE, UnknownTransition
from portal.accounts.models import Membership
from portal.outbox.models import Message
from tests.caseforms.cases import world
from tests.cast import Cast

S = Stage
LIFE = {
    ("submit", ""): ({S.SUBMITTED}, S.SUBMITTED, Action.SUBMIT),
    ("return_with_question", ""): ({S.SUBMITTED}, S.RETURNED, Action.RETURN),
    ("answer_question", ""): ({S.RETURNED}, S.SUBMITTED, Action.ANSWER_QUESTION),
    ("withdraw", ""): ({S.SUBMITTED, S.RETURNED, S.TRIAGED}, S.WITHDRAWN, Action.WITHDRAW),
    ("triage", ""): ({S.SUBMITTED}, S.TRIAGED, Action.TRIAGE),
    ("ask_agencies", ""): ({S.TRIAGED}, S.GATHERING, Action.ASK_AGENCIES),
    ("recommend", ""): ({S.GATHERING}, S.RECOMMENDED, Action.RECOMMEND),
    ("decide", "review"): ({S.RECOMMENDED}, S.DECIDED, Action.DECIDE),
    ("decide", "other_review"): ({S.RECOMMENDED}, S.DECIDED, Action.DECIDE),
    ("decide", "no_review"): ({S.RECOMMENDED}, S.CLOSED, Action.DECIDE),
    ("decide", "deferred"): ({S.RECOMMENDED}, S.GATHERING, Action.DECIDE),
    ("agree_scope", ""): ({S.DECIDED}, S.SCOPED, Action.AGREE_SCOPE),
    ("adopt_plan", ""): ({S.SCOPED}, S.PLANNED, Action.ADOPT_PLAN),
    ("close", ""): ({S.PLANNED}, S.CLOSED, Action.CLOSE),
}
WHO = {
    Action.SUBMIT: "practitioner",
    Action.ANSWER_QUESTION: "practitioner",
    Action.RECOMMEND: "chair",
    Action.DECIDE: "independent_chair",
}


def who(cast: Cast, action: Action) -> Membership:
    return cast.members[WHO.get(action, "manager")]


def told(notice: str) -> set[str]:
    return set(Message.objects.filter(notice=notice).values_list("to", flat=True))


def test_the_table_is_the_life_of_a_case_and_nothing_more() -> None:
    assert {(row.name, outcome) for row in TABLE for outcome in (row.outcomes or {""})} == set(LIFE)
    for (name, outcome), (stages, to_stage, action) in LIFE.items():
        row = transitions.find(name, outcome)
        assert (row.from_stages, row.to_stage, row.action) == (stages, to_stage, action), name


@pytest.mark.parametrize(("name", "outcome"), [("decide", ""), ("decide", "maybe"), ("reopen", "")])
def test_a_step_that_is_not_in_the_table_does_not_exist(name: str, outcome: str) -> None:
    with pytest.raises(UnknownTransition):
        transitions.find(name, outcome)


@pytest.mark.parametrize(("name", "outcome"), sorted(LIFE))
def test_each_step_is_taken_from_its_stages_and_from_no_other(cast: Cast, name: str, outcome: str) -> None:
    stages, to_stage, action = LIFE[name, outcome]
    for stage in Stage:
        case = world.gathering(cast)
        Case.objects.filter(pk=case.pk).update(stage=stage)
        case.refresh_from_db()
        events = case.events.count()
        if stage in stages and (
            action not in WHO or action in WHO and stage != S.SUBMITTED or name == "submit"
        ):
            event = advance(case, name, who(cast, action), facts={"outcome": outcome} if outcome else None)
            stored = Case.objects.get(pk=case.pk)
            assert (stored.stage, case.stage) == (to_stage, to_stage)
            assert stored.stage_since == case.stage_since
            assert event.verb == name
            assert (event.from_stage, event.to_stage) == ("" if name == "submit" else stage, to_stage)
            assert (event.role, event.agency) == (who(cast, action).role, who(cast, action).agency)
        else:
            with pytest.raises((StaleState, PermissionDenied)):
                advance(case, name, who(cast, action), facts={"outcome": outcome} if outcome else None)
            assert Case.objects.get(pk=case.pk).stage == stage
            assert case.events.count() == events


def test_a_step_needs_the_right_and_the_membership_that_gives_it(cast: Cast) -> None:
    case = world.referred(cast)
    for key in ("practitioner", "lead_hos", "chair", "administrator", "eller_manager"):
        with pytest.raises(PermissionDenied):
            advance(case, "triage", cast.members[key])
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED
    assert not case.events.filter(verb="triage").exists()


def test_whoever_read_an_older_stage_changes_nothing(cast: Cast) -> None:
    case = world.referred(cast)
    seen_by_colleague = Case.objects.get(pk=case.pk)
    advance(case, "triage", cast.manager)
    messages = Message.objects.count()
    with pytest.raises(StaleState):
        advance(seen_by_colleague, "return_with_question", cast.manager, reason="Which ward?")
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED
    assert not case.events.filter(verb="return_with_question").exists()
    assert Message.objects.count() == messages


def test_a_case_that_came_back_to_the_same_stage_is_not_the_one_that_was_read(cast: Cast) -> None:
    case = world.referred(cast)
    read_before = Case.objects.get(pk=case.pk)
    advance(case, "return_with_question", cast.manager, reason="Which ward?")
    advance(case, "answer_question", cast.practitioner, reason="The second")
    with pytest.raises(StaleState):
        advance(read_before, "triage", cast.manager)
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED


def test_when_the_notice_cannot_be_stored_nothing_has_happened(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.referred(cast)
    events = case.events.count()

    def broken(*args: object) -> None:
        raise RuntimeError("no outbox")

    monkeypatch.setitem(services.notices.NOTICES, "accepted", broken)
    with pytest.raises(RuntimeError):
        advance(case, "triage", cast.manager)
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED
    assert case.events.count() == events


def test_a_referral_starts_its_time_limits_and_tells_referrer_and_manager_without_a_word_about_it(
    cast: Cast,
) -> None:
    case = world.referred(cast, "practitioner", "CSC")
    rules = {row.rule.code: row.state for row in Deadline.objects.filter(case=case).select_related("rule")}
    assert rules["referral"] == "met"
    assert rules["decision"] == "open"
    assert told("case_received") == {cast.practitioner.person.email}
    assert told("case_to_triage") == {cast.manager.person.email}
    for message in Message.objects.all():
        words = message.subject + message.text + message.html
        assert case.reference in words
        for never in (
            world.CHILD,
            world.SURNAME,
            "Marram",
            "stairgate",
            "Social Care",
            "Tarn Vale",
            "injur",
            "died",
        ):
            assert never not in words, never


def test_a_referral_consulted_too_long_ago_is_shown_as_late(cast: Cast) -> None:
    world.install_default_rules(cast.tarn)
    case = services.open_case(cast.practitioner, consulted_at=timezone.now() - timedelta(hours=30))
    services.submit(case, cast.practitioner)
    assert Deadline.objects.get(case=case, rule__code="referral").state == "late-met"


def test_a_referral_is_submitted_once(cast: Cast) -> None:
    case = world.referred(cast)
    with pytest.raises(StaleState):
        services.submit(case, cast.practitioner)
    assert case.events.filter(verb="submit").count() == 1


def test_a_case_gets_a_random_reference_and_the_referrers_agency_takes_part_once(cast: Cast) -> None:
    references = {
        services.open_case(cast.practitioner, agencies=[cast.agency("HOS")]).reference for _ in range(5)
    }
    assert len(references) == 5
    for case in Case.objects.all():
        assert [row.agency.code for row in case.case_agencies.all()] == ["HOS"]


def test_withdrawing_ends_every_time_limit_and_tells_the_other_side(cast: Cast) -> None:
    case = world.referred(cast)
    advance(case, "withdraw", cast.practitioner, reason="The family moved")
    assert not Deadline.objects.open().filter(case=case).exists()
    assert told("case_withdrawn") == {cast.manager.person.email}


def test_asking_agencies_sets_their_time_limit_and_tells_their_leads_alone(cast: Cast) -> None:
    case = world.gathering(cast, "POL", "CSC")
    limits = Deadline.objects.open().filter(case=case, rule__code="information")
    assert {row.owner_agency.code for row in limits if row.owner_agency} == {"POL", "CSC"}
    leads = {cast.lead_pol.person.email, cast.lead_csc.person.email}
    assert told("case_information_asked") == leads
    assert cast.eller_lead_pol.person.email not in told("case_information_asked")
    due = Message.objects.filter(notice="case_information_asked").first()
    assert due is not None
    assert "This is due by" in due.text


def test_agencies_of_another_partnership_and_inactive_ones_cannot_be_asked(cast: Cast) -> None:
    case = world.triaged(cast)
    school = cast.agency("EDU")
    school.active = False
    school.save()
    for agencies in ([cast.agency("ELC")], [school], [], [cast.agency("POL"), cast.agency("ELC")]):
        with pytest.raises(ValueError, match="agency of this partnership"):
            services.ask_agencies(case, agencies, cast.manager)
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED
    assert not case.case_agencies.filter(asked_at__isnull=False).exists()


def test_a_lead_with_an_interest_is_not_written_to_and_the_deputy_is(cast: Cast) -> None:
    case = world.triaged(cast, "POL")
    world.services.exclude(case, cast.lead_pol.person, world.Interest.Kind.INVOLVED, "", cast.manager)
    deputy = Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency("POL"),
        partnership=cast.tarn,
        role="practitioner",
    )
    world.services.let_in(
        case,
        deputy,
        world.CaseParticipant.Kind.DEPUTY,
        cast.manager,
        starts_on=timezone.localdate(),
        ends_on=None,
    )
    services.ask_agencies(case, [cast.agency("POL")], cast.manager)
    assert told("case_information_asked") == {deputy.person.email}


def test_deferring_keeps_the_time_limit_for_deciding_and_no_review_ends_them_all(cast: Cast) -> None:
    case = world.decided(cast, Outcome.DEFERRED)
    assert (case.stage, Case.objects.get(pk=case.pk).outcome) == (Stage.GATHERING, "deferred")
    assert Case.objects.get(pk=case.pk).decided_at is None
    assert Deadline.objects.open().filter(case=case, rule__code="decision").exists()
    other = world.decided(cast, Outcome.NO_REVIEW)
    assert Case.objects.get(pk=other.pk).stage == Stage.CLOSED
    assert not Deadline.objects.open().filter(case=other).exists()


def test_reports_are_owed_from_the_decision_by_the_agencies_that_the_scope_names(cast: Cast) -> None:
    case = world.decided(cast)
    assert not Deadline.objects.filter(case=case, rule__code="agency-report").exists()
    case = world.scoped(cast, "POL", "EDU")
    owed = Deadline.objects.open().filter(case=case, rule__code="agency-report")
    assert {row.owner_agency.code for row in owed if row.owner_agency} == {"POL", "EDU"}
    assert {row.started_at for row in owed} == {case.decided_at}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_triage_at_once_one_does_and_seven_learn_of_it() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory, as the tests have it, lets no two connections write")
    cast = world.load_cast()
    case = world.referred(cast)
    barrier, outcomes = threading.Barrier(8), []

    def act() -> None:
        read = Case.objects.get(pk=case.pk)
        barrier.wait()
        try:
            advance(read, "triage", cast.manager)
            outcomes.append("done")
        except StaleState:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["stale"] * 7]
    assert CaseEvent.objects.filter(case=case, verb="triage").count() == 1
    assert Message.objects.filter(notice="case_accepted").count() == 1
