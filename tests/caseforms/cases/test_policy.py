"""Who may do what with which case, written out person by person: a change of a rule is a change here too."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from caseforms.cases import policy, services
from caseforms.cases.models import Case, CaseParticipant, Interest, Stage
from caseforms.cases.opening import open_case, rights_here
from caseforms.cases.policy import Action
from portal.accounts.models import Membership, Role
from portal.audit.models import AccessEvent
from tests.caseforms.cases import world
from tests.cast import Cast

NOTHING: set[Action] = set()
SEES = {Action.SEE, Action.DECLARE_INTEREST}
REFERRER = SEES | {Action.SEE_PEOPLE, Action.SUBMIT, Action.WITHDRAW, Action.ANSWER_QUESTION}
ASKED = SEES | {Action.SEE_PEOPLE, Action.READ_DECISION, Action.GIVE_INFORMATION}
PANEL = SEES | {Action.SEE_PEOPLE, Action.READ_RETURNS, Action.READ_DECISION}
MANAGER = PANEL | {
    Action.TRIAGE, Action.RETURN, Action.WITHDRAW, Action.ASK_AGENCIES, Action.AGREE_SCOPE, Action.ADOPT_PLAN,
    Action.CLOSE, Action.RECORD_INTEREST, Action.GIVE_ACCESS, Action.EXTEND_DEADLINE, Action.EXPORT,
}  # fmt: skip

# A referral by the hospital, naming social care; nobody has been asked yet.
JUST_REFERRED = {
    "practitioner": REFERRER,
    "lead_hos": SEES | {Action.SEE_PEOPLE},
    "lead_csc": SEES,
    "manager": MANAGER,
}
# Police, social care and the health board have been asked; the hospital takes part because it referred.
GATHERING = {
    "practitioner": REFERRER,
    "lead_hos": SEES | {Action.SEE_PEOPLE},
    "lead_csc": ASKED,
    "lead_pol": ASKED,
    "lead_icb": ASKED,
    "manager": MANAGER,
    "chair": PANEL | {Action.RECOMMEND, Action.AGREE_SCOPE},
    "panel": PANEL,
    "conflicted": PANEL,
    "independent_chair": PANEL | {Action.DECIDE, Action.LIFT_INTEREST},
}
# Administrators, the auditor, the school (not on it), the author (not named) and Ellerfold have no right.


def assert_matrix(cast: Cast, case: Case, expected: dict[str, set[Action]]) -> None:
    """Every member of the cast has exactly these rights, whichever way the policy is asked."""
    for key, member in cast.members.items():
        wanted = expected.get(key, NOTHING)
        assert policy.rights(member.person, case) == wanted, key
    for action in Action:
        wanted_people = {
            member.person for key, member in cast.members.items() if action in expected.get(key, NOTHING)
        }
        assert set(policy.people_who(action, case)) == wanted_people, action
        members = {member.person for member in policy.members_who(action, case)}
        assert members == wanted_people, action


def test_a_case_just_referred_is_for_referrer_manager_and_the_leads_of_agencies_on_it_alone(
    cast: Cast,
) -> None:
    assert_matrix(cast, world.referred(cast, "practitioner", "CSC"), JUST_REFERRED)


def test_once_agencies_are_asked_they_and_the_panel_see_it_and_nobody_else(cast: Cast) -> None:
    assert_matrix(cast, world.gathering(cast), GATHERING)


def test_can_and_cases_for_say_the_same_as_the_matrix(cast: Cast) -> None:
    case, _ = world.gathering(cast), world.referred(cast, "eller_practitioner", "POL")
    for key, member in cast.members.items():
        for action in Action:
            wanted = action in GATHERING.get(key, NOTHING)
            assert policy.can(member.person, action, case) == wanted, (key, action)
            assert (case in policy.cases_for(member.person, action)) == wanted, (key, action)


def test_another_partnerships_case_is_closed_to_everybody_here_though_both_share_the_police(
    cast: Cast,
) -> None:
    case = world.referred(cast, "eller_practitioner", "POL")
    expected = {"eller_practitioner": REFERRER, "eller_manager": MANAGER, "eller_lead_pol": SEES}
    assert_matrix(cast, case, expected)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in policy.PANEL_STAGES])
def test_the_panel_does_not_see_a_case_that_agencies_have_not_been_asked_about(
    cast: Cast, stage: Stage
) -> None:
    case = world.gathering(cast)
    Case.objects.filter(pk=case.pk).update(stage=stage)
    for key in ("chair", "panel", "independent_chair"):
        assert not policy.can(cast.members[key].person, Action.SEE, case), key
    assert policy.can(cast.manager.person, Action.SEE, case)


@pytest.mark.parametrize(
    "stage", [Stage.GATHERING, Stage.RECOMMENDED, Stage.DECIDED, Stage.SCOPED, Stage.PLANNED, Stage.CLOSED]
)
def test_the_panel_sees_a_case_from_then_until_it_is_closed(cast: Cast, stage: Stage) -> None:
    case = world.gathering(cast)
    Case.objects.filter(pk=case.pk).update(stage=stage)
    for key in ("chair", "panel", "independent_chair"):
        assert policy.can(cast.members[key].person, Action.SEE_PEOPLE, case), key


def test_a_standing_interest_takes_everything_from_whoever_holds_it_and_nothing_from_others(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    for key in ("conflicted", "lead_csc", "manager", "practitioner"):
        member = cast.members[key]
        services.exclude(case, member.person, Interest.Kind.DECLARED, "I know them", member)
    left = {
        key: rights
        for key, rights in GATHERING.items()
        if key not in {"conflicted", "lead_csc", "manager", "practitioner"}
    }
    assert_matrix(cast, case, left)


def test_an_interest_in_one_case_leaves_the_persons_other_cases_alone(cast: Cast) -> None:
    conflicted, other = world.gathering(cast), world.gathering(cast)
    services.exclude(conflicted, cast.panel.person, Interest.Kind.INVOLVED, "", cast.manager)
    assert list(policy.cases_for(cast.panel.person, Action.SEE)) == [other]


def test_an_interest_that_was_lifted_on_appeal_keeps_nobody_out(cast: Cast) -> None:
    case = world.gathering(cast)
    interest = services.exclude(case, cast.panel.person, Interest.Kind.DECLARED, "", cast.panel)
    assert not policy.can(cast.panel.person, Action.SEE, case)
    assert services.lift(interest, "Not close enough", cast.independent_chair)
    assert policy.can(cast.panel.person, Action.SEE, case)


def test_an_interest_holds_in_every_role_that_the_person_has(cast: Cast) -> None:
    case = world.gathering(cast)
    also_lead = Membership.objects.create(
        person=cast.panel.person, agency=cast.agency("POL"), partnership=cast.tarn, role=Role.AGENCY_LEAD
    )
    assert policy.can(cast.panel.person, Action.GIVE_INFORMATION, case)
    services.exclude(case, cast.panel.person, Interest.Kind.DECLARED, "", also_lead)
    assert not any(policy.can(cast.panel.person, action, case) for action in Action)


def test_a_deputy_does_the_agencys_part_within_their_days_and_no_longer(cast: Cast) -> None:
    case = world.gathering(cast)
    deputy = Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency("POL"),
        partnership=cast.tarn,
        role=Role.PRACTITIONER,
    )
    today = timezone.localdate()
    assert not policy.can(deputy.person, Action.SEE, case)
    kind = CaseParticipant.Kind.DEPUTY
    services.let_in(case, deputy, kind, cast.manager, starts_on=today, ends_on=today)
    assert policy.rights(deputy.person, case) == ASKED
    services.let_in(
        case, deputy, kind, cast.manager, starts_on=today - timedelta(2), ends_on=today - timedelta(1)
    )
    assert not policy.can(deputy.person, Action.SEE, case)
    services.let_in(case, deputy, kind, cast.manager, starts_on=today + timedelta(1), ends_on=None)
    assert not policy.can(deputy.person, Action.SEE, case)


def test_a_deputy_of_an_agency_that_was_not_asked_sees_the_case_without_its_people(cast: Cast) -> None:
    case = world.referred(cast, "practitioner", "POL")
    deputy = Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency("POL"),
        partnership=cast.tarn,
        role=Role.PRACTITIONER,
    )
    services.let_in(
        case, deputy, CaseParticipant.Kind.DEPUTY, cast.manager, starts_on=timezone.localdate(), ends_on=None
    )
    assert policy.rights(deputy.person, case) == SEES


def test_a_deputy_whose_agency_is_not_on_the_case_sees_nothing(cast: Cast) -> None:
    case = world.gathering(cast)
    services.let_in(
        case,
        cast.lead_edu,
        CaseParticipant.Kind.DEPUTY,
        cast.manager,
        starts_on=timezone.localdate(),
        ends_on=None,
    )
    assert not policy.can(cast.lead_edu.person, Action.SEE, case)


def test_an_author_sees_the_one_case_they_were_let_into_within_their_days(cast: Cast) -> None:
    case, other = world.gathering(cast), world.gathering(cast)
    today = timezone.localdate()
    services.let_in(
        case, cast.author, CaseParticipant.Kind.AUTHOR, cast.manager, starts_on=today, ends_on=today
    )
    assert policy.rights(cast.author.person, case) == PANEL
    assert not policy.can(cast.author.person, Action.SEE, other)
    services.let_in(
        case, cast.author, CaseParticipant.Kind.AUTHOR, cast.manager, starts_on=today - timedelta(9),
        ends_on=today - timedelta(1),
    )  # fmt: skip
    assert not policy.can(cast.author.person, Action.SEE, case)


@pytest.mark.parametrize("kind", list(CaseParticipant.Kind))
@pytest.mark.parametrize("key", ["administrator", "auditor"])
def test_administrator_and_auditor_cannot_be_let_into_a_case(
    cast: Cast, key: str, kind: CaseParticipant.Kind
) -> None:
    case = world.gathering(cast, "BUS")
    services.let_in(case, cast.members[key], kind, cast.manager, starts_on=timezone.localdate(), ends_on=None)
    assert not any(policy.can(cast.members[key].person, action, case) for action in Action)


def test_an_administrator_who_refers_a_case_is_refused(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        world.referred(cast, "administrator")
    assert not Case.objects.exists()


def test_leaving_ends_every_right_at_once_and_a_membership_to_come_gives_none_yet(cast: Cast) -> None:
    case = world.gathering(cast)
    Membership.objects.filter(pk=cast.practitioner.pk).update(ended_at=timezone.now())
    yesterday = timezone.localdate() - timedelta(1)
    Membership.objects.filter(pk=cast.lead_pol.pk).update(starts_on=yesterday, ends_on=yesterday)
    Membership.objects.filter(pk=cast.panel.pk).update(starts_on=timezone.localdate() + timedelta(1))
    for key in ("practitioner", "lead_pol", "panel"):
        person = cast.members[key].person
        assert not any(policy.can(person, action, case) for action in Action), key
        assert person not in policy.people_who(Action.SEE, case), key


def test_an_inactive_person_an_inactive_agency_and_nobody_at_all_see_nothing(cast: Cast) -> None:
    case = world.gathering(cast)
    cast.manager.person.is_active = False
    cast.manager.person.save()
    assert not policy.can(cast.manager.person, Action.SEE, case)
    police = cast.agency("POL")
    police.active = False
    police.save()
    assert not policy.can(cast.lead_pol.person, Action.SEE, case)
    assert not policy.can(AnonymousUser(), Action.SEE, case)


def test_a_superuser_without_a_membership_sees_no_case(cast: Cast) -> None:
    case = world.gathering(cast)
    person = cast.administrator.person
    person.is_superuser = person.is_staff = True
    person.save()
    assert not policy.can(person, Action.SEE, case)


def test_a_referrer_who_now_works_for_another_agency_no_longer_sees_the_referral(cast: Cast) -> None:
    case = world.referred(cast)
    Membership.objects.filter(pk=cast.practitioner.pk).update(ended_at=timezone.now())
    person = cast.practitioner.person
    Membership.objects.create(
        person=person, agency=cast.agency("EDU"), partnership=cast.tarn, role=Role.PRACTITIONER
    )
    assert not policy.can(person, Action.SEE, case)
    Membership.objects.create(
        person=person, agency=cast.agency("HOS"), partnership=cast.tarn, role=Role.PANEL_MEMBER
    )
    assert policy.can(person, Action.ANSWER_QUESTION, case)


def test_an_act_is_done_in_the_membership_chosen_where_it_gives_the_right_else_in_one_that_does(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    person = cast.lead_pol.person
    second = Membership.objects.create(
        person=person, agency=cast.agency("CSC"), partnership=cast.tarn, role=Role.AGENCY_LEAD
    )
    useless = Membership.objects.create(
        person=person, agency=cast.agency("EDU"), partnership=cast.tarn, role=Role.PRACTITIONER
    )
    chosen = policy.acting_membership(person, Action.GIVE_INFORMATION, case, second)
    assert chosen == second
    assert policy.acting_membership(person, Action.GIVE_INFORMATION, case, cast.lead_pol) == cast.lead_pol
    assert policy.acting_membership(person, Action.GIVE_INFORMATION, case, useless) in {second, cast.lead_pol}
    assert policy.acting_membership(person, Action.GIVE_INFORMATION, case, None) in {second, cast.lead_pol}
    with pytest.raises(PermissionDenied):
        policy.acting_membership(person, Action.DECIDE, case, second)
    with pytest.raises(PermissionDenied):
        policy.acting_membership(cast.lead_edu.person, Action.SEE, case, cast.lead_edu)


def test_what_may_be_done_to_each_case_of_a_list_takes_as_many_queries_as_for_one(
    cast: Cast, django_assert_num_queries: object
) -> None:
    case = world.gathering(cast)
    other = world.referred(cast)
    for cases in ([case], [case, other]):
        with django_assert_num_queries(5):  # type: ignore[operator]
            found = policy.rights_in(cast.chair.person, cases)
        assert found == {case.pk: GATHERING["chair"]}


def test_a_stranger_gets_404_and_a_participant_without_the_right_403_and_both_are_recorded(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    with pytest.raises(Http404):
        policy.get_or_404(cast.eller_manager.person, Action.SEE, case.reference, acting=cast.eller_manager)
    with pytest.raises(Http404):
        policy.get_or_404(cast.lead_edu.person, Action.DECIDE, case.reference)
    with pytest.raises(PermissionDenied):
        policy.get_or_404(cast.practitioner.person, Action.DECIDE, case.reference, acting=cast.practitioner)
    with pytest.raises(Http404):
        policy.get_or_404(cast.manager.person, Action.SEE, "CR-2222-2222", acting=cast.manager)
    assert policy.get_or_404(cast.independent_chair.person, Action.DECIDE, case.reference) == case
    refused = AccessEvent.objects.filter(verb="refused").order_by("id")
    assert [(row.object_ref, row.actor_id, row.detail) for row in refused] == [
        (case.reference, cast.eller_manager.person_id, "see"),
        (case.reference, cast.lead_edu.person_id, "decide"),
        (case.reference, cast.practitioner.person_id, "decide"),
        ("CR-2222-2222", cast.manager.person_id, "see"),
    ]
    # The auditor of the case's partnership learns of the stranger, the stranger's own does not.
    assert refused[0].partnership_id == cast.tarn.pk


def test_the_memberships_of_many_cases_are_found_in_one_query_and_are_those_of_each(
    cast: Cast, django_assert_num_queries: object
) -> None:
    cases = [world.gathering(cast), world.referred(cast)]
    for action in (Action.SEE, Action.GIVE_INFORMATION):
        wanted = {(member.pk, case.pk) for case in cases for member in policy.members_who(action, case)}
        with django_assert_num_queries(1):  # type: ignore[operator]
            found = {(member.pk, member.case_pk) for member in policy.members_who_in(action, cases)}
        assert found == wanted


BY_ROLE = {
    Role.BUSINESS_MANAGER: MANAGER,
    Role.CHAIR: GATHERING["chair"],
    Role.PANEL_MEMBER: PANEL,
    Role.INDEPENDENT_CHAIR: GATHERING["independent_chair"],
}


def rights_in_role(member: Membership, role: Role, case: Case) -> set[Action]:
    """What the membership would give if it were in this role."""
    Membership.objects.filter(pk=member.pk).update(role=role)
    return policy.rights(member.person, case)


def newcomer(cast: Cast, agency: str) -> Membership:
    """A membership of somebody who holds no other one."""
    Membership.objects.filter(pk=cast.administrator.pk).update(ended_at=timezone.now())
    return Membership.objects.create(
        person=cast.administrator.person,
        agency=cast.agency(agency),
        partnership=cast.tarn,
        role=Role.PRACTITIONER,
    )


@pytest.mark.parametrize(
    ("agency", "lead"), [("POL", ASKED), ("HOS", SEES | {Action.SEE_PEOPLE}), ("EDU", NOTHING)]
)
def test_a_role_gives_its_own_rights_and_none_of_anothers_in_whatever_agency(
    cast: Cast, agency: str, lead: set[Action]
) -> None:
    case, member = world.gathering(cast), newcomer(cast, agency)
    for role in Role:
        expected = {**BY_ROLE, Role.AGENCY_LEAD: lead}.get(role, NOTHING)
        assert rights_in_role(member, role, case) == expected, role


def test_the_referrer_keeps_the_referral_in_every_role_that_may_refer_and_in_no_other(cast: Cast) -> None:
    case, member = world.gathering(cast, "POL"), cast.practitioner
    may = {Role.PRACTITIONER, Role.AGENCY_LEAD, Role.BUSINESS_MANAGER, Role.CHAIR, Role.PANEL_MEMBER}
    for role in Role:
        expected = BY_ROLE.get(role, NOTHING) | (REFERRER if role in may else NOTHING)
        assert rights_in_role(member, role, case) == expected, role


def test_a_deputy_is_a_practitioner_lead_or_panel_member_and_an_author_an_author(cast: Cast) -> None:
    case, deputy = world.gathering(cast), newcomer(cast, "POL")
    today = timezone.localdate()
    for kind in CaseParticipant.Kind:
        services.let_in(case, deputy, kind, cast.manager, starts_on=today, ends_on=None)
    expected = {
        **BY_ROLE,
        Role.PRACTITIONER: ASKED,
        Role.AGENCY_LEAD: ASKED,
        Role.PANEL_MEMBER: ASKED | PANEL,
        Role.AUTHOR: PANEL,
    }
    for role in Role:
        assert rights_in_role(deputy, role, case) == expected.get(role, NOTHING), role


def test_being_let_in_as_author_makes_no_deputy_and_the_other_way_round(cast: Cast) -> None:
    case, person = world.gathering(cast), newcomer(cast, "POL")
    services.let_in(
        case,
        person,
        CaseParticipant.Kind.AUTHOR,
        cast.manager,
        starts_on=timezone.localdate(),
        ends_on=None,
    )
    assert rights_in_role(person, Role.PRACTITIONER, case) == NOTHING
    services.let_in(
        case,
        cast.author,
        CaseParticipant.Kind.DEPUTY,
        cast.manager,
        starts_on=timezone.localdate(),
        ends_on=None,
    )
    assert policy.rights(cast.author.person, case) == NOTHING


@pytest.mark.parametrize("agency", ["POL", "HOS", "EDU"])
def test_a_second_role_that_has_no_part_in_cases_adds_nothing_for_somebody_who_sees_one(
    cast: Cast, agency: str
) -> None:
    case, second = world.gathering(cast), newcomer(cast, agency)
    Membership.objects.create(
        person=second.person, agency=cast.agency("CSC"), partnership=cast.tarn, role=Role.PANEL_MEMBER
    )
    for role in (Role.PRACTITIONER, Role.AUTHOR, Role.ADMINISTRATOR, Role.AUDITOR):
        assert rights_in_role(second, role, case) == PANEL, role
        person = second.person
        assert second not in policy.memberships_for(person, Action.SEE, case), role


def test_a_request_that_writes_asks_again_what_may_be_done(cast: Cast, rf: RequestFactory) -> None:
    """What one request has asked is kept while it only reads: what it wrote itself may have changed the answer."""
    case = world.gathering(cast)
    request: Any = rf.post("/")
    request.user, request.acting, request.resolver_match = cast.manager.person, cast.manager, None
    open_case(request, case.reference)
    assert rights_here(request, case) == MANAGER
    services.exclude(case, cast.manager.person, Interest.Kind.DECLARED, "Knows the family", cast.manager)
    assert rights_here(request, case) == NOTHING
