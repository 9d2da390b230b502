"""Who sees which action: nothing leaks between agencies or partnerships, or past an interest."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from caseforms.actionplans import policy
from caseforms.actionplans.models import Action, ActionUpdate, Plan
from caseforms.actionplans.policy import Verb
from caseforms.cases.models import CaseParticipant, Interest
from portal.accounts.models import Membership, Role
from portal.audit.models import AccessEvent
from tests.caseforms.actionplans.scenes import NOW, action, adopted, at, led_by, said, scoped_case
from tests.cast import Cast, client_for

WORDS = {"HOS": "CANARYHOSPITAL", "CSC": "CANARYSOCIAL", "POL": "CANARYPOLICE"}
FOREIGN = {"POL": "CANARYFOREIGNPOLICE", "ELC": "CANARYELLERFOLD"}
EVERY_CANARY = [*WORDS.values(), *FOREIGN.values()]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """Tarnbrook's plan, and Ellerfold's with an action for the police that they share."""
    theirs = adopted(
        cast,
        cast.eller_manager,
        *(action(cast, agency, word) for agency, word in FOREIGN.items()),
        case=scoped_case(cast.eller_manager, "POL", "ELC"),
    )
    said(led_by(theirs, "POL"), cast.eller_lead_pol, "CANARYFOREIGNPOLICE words", NOW)
    ours = adopted(cast, cast.manager, *(action(cast, agency, word) for agency, word in WORDS.items()))
    for agency, word in WORDS.items():
        said(led_by(ours, agency), cast.manager, f"{word} words", NOW - timedelta(days=1))
    return ours


def seen(member: Membership, plan: Plan) -> set[str]:
    """The canaries that this person finds on any of the pages of plans."""
    client = client_for(member)
    addresses = ["/actions/"]
    for case in {plan.case, *(other.case for other in Plan.objects.all())}:
        addresses.append(f"/cases/{case.reference}/plan/")
    addresses += [f"/actions/{row.pk}/update/" for row in Action.objects.all()]
    text = "".join(_body(client.get(address)) for address in addresses)
    return {word for word in EVERY_CANARY if word in text}


def _body(response: Any) -> str:
    shown: HttpResponse = response
    return shown.content.decode()


def test_an_agency_lead_sees_their_own_agencys_actions_and_no_others(cast: Cast, plan: Plan) -> None:
    assert seen(cast.lead_hos, plan) == {"CANARYHOSPITAL"}
    assert seen(cast.lead_csc, plan) == {"CANARYSOCIAL"}
    assert seen(cast.lead_pol, plan) == {"CANARYPOLICE"}
    assert seen(cast.lead_icb, plan) == set()


def test_a_lead_of_the_shared_police_force_sees_only_the_partnership_they_are_a_member_of(
    cast: Cast, plan: Plan
) -> None:
    assert seen(cast.eller_lead_pol, plan) == {"CANARYFOREIGNPOLICE"}


def test_a_business_manager_sees_all_of_one_partnership(cast: Cast, plan: Plan) -> None:
    assert seen(cast.manager, plan) == set(WORDS.values())
    assert seen(cast.eller_manager, plan) == set(FOREIGN.values())


def test_the_chair_and_the_panel_read_everything_and_update_nothing(cast: Cast, plan: Plan) -> None:
    row = led_by(plan, "CSC")
    for member in (cast.chair, cast.panel, cast.independent_chair):
        assert seen(member, plan) == set(WORDS.values())
        assert client_for(member).get(f"/actions/{row.pk}/update/").status_code == 403
        assert client_for(member).post(f"/actions/{row.pk}/update/", {}).status_code == 403
    assert ActionUpdate.objects.filter(action=row).count() == 1


def test_practitioners_auditors_and_administrators_see_no_action(cast: Cast, plan: Plan) -> None:
    for member in (cast.practitioner, cast.auditor, cast.administrator, cast.eller_practitioner):
        assert seen(member, plan) == set()


def test_an_author_reads_the_plan_of_the_case_they_were_let_into_and_of_no_other(
    cast: Cast, plan: Plan
) -> None:
    other = adopted(cast, cast.manager, action(cast, "HOS", "CANARYELLERFOLD"))
    assert seen(cast.author, plan) == set()
    CaseParticipant.objects.create(case=plan.case, membership=cast.author, kind=CaseParticipant.Kind.AUTHOR)
    assert seen(cast.author, plan) == set(WORDS.values())
    assert client_for(cast.author).get(f"/cases/{other.case.reference}/plan/").status_code == 404
    assert not policy.actions_for(cast.author.person, Verb.UPDATE).exists()


@pytest.mark.parametrize("who", ["lead_csc", "manager", "chair", "conflicted"])
def test_an_interest_takes_every_action_of_the_case_away_even_ones_own(
    cast: Cast, plan: Plan, who: str
) -> None:
    member = getattr(cast, who)
    interest = Interest.objects.create(case=plan.case, person=member.person, kind=Interest.Kind.DECLARED)
    assert seen(member, plan) == set()
    interest.lifted_at = NOW
    interest.save()
    assert seen(member, plan) != set()


def test_a_deputy_does_the_part_of_their_own_agency_in_that_case_only(cast: Cast, plan: Plan) -> None:
    adopted(cast, cast.manager, action(cast, "HOS", "CANARYELLERFOLD"))
    assert seen(cast.practitioner, plan) == set()
    deputy = CaseParticipant.objects.create(
        case=plan.case, membership=cast.practitioner, kind=CaseParticipant.Kind.DEPUTY, starts_on=NOW.date()
    )
    assert seen(cast.practitioner, plan) == {"CANARYHOSPITAL"}
    assert policy.actions_for(cast.practitioner.person, Verb.UPDATE).get() == led_by(plan, "HOS")
    deputy.starts_on = deputy.ends_on = NOW.date() - timedelta(days=1)
    deputy.save()
    assert seen(cast.practitioner, plan) == set()


def test_rights_end_at_the_next_request_when_a_membership_ends(cast: Cast, plan: Plan) -> None:
    client = client_for(cast.lead_csc)
    address = f"/actions/{led_by(plan, 'CSC').pk}/update/"
    assert client.get(address).status_code == 200
    Membership.objects.filter(pk=cast.lead_csc.pk).update(role=Role.PRACTITIONER)
    assert client.get(address).status_code == 404
    assert (
        client.post(address, {"version": "1", "status": "on_track", "progress": "late words"}).status_code
        == 404
    )


def test_a_stranger_cannot_tell_anothers_action_from_none_and_the_try_is_recorded(
    cast: Cast, plan: Plan
) -> None:
    client = client_for(cast.lead_hos)
    foreign = client.get(f"/actions/{led_by(plan, 'CSC').pk}/update/")
    none = client.get("/actions/00000000-0000-4000-8000-000000000000/update/")
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content
    assert AccessEvent.objects.filter(verb="refused", object_ref=plan.case.reference).exists()


def test_looking_at_a_plan_is_recorded_with_the_case_reference_and_no_words(cast: Cast, plan: Plan) -> None:
    client_for(cast.chair).get(f"/cases/{plan.case.reference}/plan/")
    event = AccessEvent.objects.get(verb="viewed", object_kind="plan")
    assert event.object_ref == plan.case.reference
    assert event.actor_label == "chair CSC"


def test_the_plan_page_says_nothing_of_actions_that_are_not_the_readers(cast: Cast, plan: Plan) -> None:
    page = _body(client_for(cast.lead_hos).get(f"/cases/{plan.case.reference}/plan/"))
    assert "Recommendation about CANARYHOSPITAL" in page
    assert "CANARYSOCIAL" not in page
    assert "Recommendation 2" not in page


def test_a_lead_asked_about_the_case_but_given_no_action_is_told_so(cast: Cast) -> None:
    plan = adopted(cast, cast.manager, action(cast, "HOS", "CANARYHOSPITAL"))
    page = _body(client_for(cast.lead_csc).get(f"/cases/{plan.case.reference}/plan/"))
    assert "None of this plan’s actions is led by your agency" in page


def test_what_may_be_read_is_what_the_queryset_holds_for_everybody(cast: Cast, plan: Plan) -> None:
    """The list, the page of one action and the annotation agree, whoever asks."""
    for member in cast.members.values():
        user = member.person
        readable = policy.actions_for(user, Verb.READ)
        updatable = set(policy.actions_for(user, Verb.UPDATE))
        assert updatable <= set(readable)
        assert {row for row in policy.with_rights(readable, user) if row.may_update} == updatable  # type: ignore[attr-defined]
        own = set(policy.own_actions(user))
        assert own <= updatable
        assert {row for row in policy.with_rights(readable, user) if row.is_own} == own  # type: ignore[attr-defined]
        for row in Action.objects.all():
            concerned = policy.leads_of(row.recommendation.plan).filter(pk=user.pk).exists()
            assert concerned or row not in own
