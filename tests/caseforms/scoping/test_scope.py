"""Agreeing the scope, amending it, and reading every version."""

from typing import Any

import pytest
from django.urls import reverse

from caseforms.cases.models import Case, Stage
from caseforms.deadlines.models import Deadline
from caseforms.scoping import services
from caseforms.scoping.models import Scope
from caseforms.workflow.services import StaleState
from portal.outbox.models import Message
from tests.caseforms.cases import world
from tests.caseforms.workflow.test_pages import posted
from tests.cast import Cast, client_for

TYPED = "How the two wards hand over"


def url(case: Case, page: str = "agree", *args: Any) -> str:
    return reverse(f"scoping:{page}", args=[case.reference, *args])


def boxes(cast: Cast, *agencies: str, **key_issues: str) -> dict[str, str]:
    """The scope as its page posts it."""
    answers = world.scope_answers(cast, *agencies, **key_issues)
    reports = answers.pop("agencies")
    data = posted(answers)
    data["agencies-count"] = str(len(reports) + 1)
    for number, report in enumerate(reports):
        data |= posted({"agencies": report}, number=number)
    return data


def test_the_manager_writes_the_scope_saves_it_and_agrees_it(cast: Cast) -> None:
    case = world.decided(cast)
    client = client_for(cast.manager)
    data = {**world.form_data(client, url(case)), **boxes(cast, "POL", "EDU", key_issues=TYPED)}
    assert client.post(url(case), {**data, "save": "yes"}).status_code == 302
    page = client.get(url(case)).content.decode()
    assert TYPED in page
    assert page.count("Which agency?") == 3  # the two chosen and an empty one more
    assert Case.objects.get(pk=case.pk).stage == Stage.DECIDED
    assert client.post(url(case), {**data, "version": "1", "send": "yes"}).status_code == 302
    scope = Scope.objects.get()
    assert (scope.version, str(scope.period_from), str(scope.period_to)) == (1, "2024-01-01", "2026-06-30")
    assert {agency.code for agency in scope.agencies.all()} == {"POL", "EDU"}
    assert Case.objects.get(pk=case.pk).stage == Stage.SCOPED
    reporting = case.case_agencies.filter(report_asked_at__isnull=False).values_list(
        "agency__code", flat=True
    )
    assert set(reporting) == {"POL", "EDU"}
    assert cast.lead_edu.person.email in Message.objects.filter(notice="case_scope_agreed").values_list(
        "to", flat=True
    )
    assert TYPED in client_for(cast.lead_edu).get(url(case, "scope")).content.decode()


def test_an_incomplete_scope_and_a_period_that_runs_backwards_are_not_agreed(cast: Cast) -> None:
    case = world.decided(cast)
    client = client_for(cast.chair)
    none = client.post(url(case), {**world.form_data(client, url(case)), **boxes(cast), "send": "yes"})
    assert none.status_code == 200
    assert "There is a problem" in none.content.decode()
    backwards = boxes(cast, "POL", period_to="2023-12-31", key_issues=TYPED)
    response = client.post(url(case), {**world.form_data(client, url(case)), **backwards, "send": "yes"})
    assert response.status_code == 200
    assert "The period must end after it begins" in response.content.decode()
    assert TYPED in response.content.decode()
    assert not Scope.objects.exists()
    assert Case.objects.get(pk=case.pk).stage == Stage.DECIDED


def test_an_agency_of_another_partnership_cannot_be_asked_to_report(cast: Cast) -> None:
    case = world.decided(cast)
    client = client_for(cast.manager)
    response = client.post(
        url(case), {**world.form_data(client, url(case)), **boxes(cast, "ELC"), "send": "yes"}
    )
    assert response.status_code == 200
    assert not Scope.objects.exists()
    draft = world.stored(case, "scope", cast.manager, world.scope_answers(cast, "ELC"))
    with pytest.raises(ValueError, match="agency"):
        services.agree(case, draft, cast.manager)
    assert not Scope.objects.exists()


def test_an_amended_scope_is_a_new_version_and_the_old_one_can_still_be_read(cast: Cast) -> None:
    case = world.scoped(cast, "POL")
    first_due = Deadline.objects.get(case=case, rule__code="agency-report").due_at
    client = client_for(cast.chair)
    assert "How visits are passed on" in client.get(url(case)).content.decode()  # begins with what was agreed
    data = {
        **world.form_data(client, url(case)),
        **boxes(cast, "POL", "CSC", key_issues=TYPED),
        "send": "yes",
    }
    assert client.post(url(case), data).status_code == 302
    assert [scope.version for scope in case.scopes.all()] == [1, 2]
    assert Case.objects.get(pk=case.pk).stage == Stage.SCOPED
    latest = client.get(url(case, "scope")).content.decode()
    assert TYPED in latest
    assert "How visits are passed on" in client.get(url(case, "version", 1)).content.decode()
    assert client.get(url(case, "version", 3)).status_code == 404
    owed = Deadline.objects.open().filter(case=case, rule__code="agency-report")
    assert {row.owner_agency.code: row.due_at for row in owed if row.owner_agency} == {
        "POL": first_due,
        "CSC": first_due,
    }
    assert case.events.filter(verb="amend_scope").count() == 1
    assert Message.objects.filter(notice="case_scope_amended").exists()


def test_the_scope_is_for_those_who_may_read_the_decision_and_agreed_by_manager_or_chair(cast: Cast) -> None:
    case = world.scoped(cast, "POL")
    for key, read, agree in (
        ("manager", 200, 200),
        ("chair", 200, 200),
        ("panel", 200, 403),
        ("lead_pol", 200, 403),
        ("practitioner", 403, 403),
        ("lead_edu", 404, 404),
        ("eller_manager", 404, 404),
    ):
        client = client_for(cast.members[key])
        assert client.get(url(case, "scope")).status_code == read, key
        assert client.get(url(case)).status_code == agree, key


def test_the_second_of_two_who_agree_the_scope_keeps_what_was_typed(cast: Cast) -> None:
    case = world.decided(cast)
    client = client_for(cast.chair)
    data = {**world.form_data(client, url(case)), **boxes(cast, "POL", key_issues=TYPED), "send": "yes"}
    draft = world.stored(case, "scope", cast.manager, world.scope_answers(cast, "CSC"))
    services.agree(case, draft, cast.manager)
    response = client.post(url(case), data)
    text = response.content.decode()
    assert response.status_code == 409
    assert TYPED in text
    assert "Scope agreed (Business manager" in text
    assert Scope.objects.count() == 1
    assert {agency.code for agency in Scope.objects.get().agencies.all()} == {"CSC"}


def test_a_scope_is_not_agreed_by_whoever_read_an_older_stage(cast: Cast) -> None:
    case = world.recommended(cast)
    draft = world.stored(case, "scope", cast.manager, world.scope_answers(cast, "POL"))
    with pytest.raises(StaleState):
        services.agree(case, draft, cast.manager)
    assert not Scope.objects.exists()
