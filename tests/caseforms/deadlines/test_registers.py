"""The registers of rules and closed days: each manager keeps their own partnership's, and nobody else's."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from caseforms.cases.models import Stage
from caseforms.deadlines import services
from caseforms.deadlines.models import ClosedDay, Deadline, DeadlineRule
from portal.accounts import groups
from portal.accounts.models import Membership, Partnership
from tests.caseforms.deadlines.world import case_in, london
from tests.cast import Cast, client_for

RULES, DAYS = "/cms/time-limits/", "/cms/closed-days/"


@pytest.fixture(autouse=True)
def _a_fixed_today() -> Iterator[None]:
    with time_machine.travel(london(2026, 11, 2, 10), tick=False):
        yield


@pytest.fixture(autouse=True)
def _managers_may_enter_the_cms(_a_fixed_today: None, cast: Cast) -> None:
    for member in (cast.manager, cast.eller_manager, cast.administrator):
        groups.sync(member.person)


def rule_of(partnership: Partnership, code: str = "decision") -> DeadlineRule:
    services.install_default_rules(partnership)
    return DeadlineRule.objects.get(partnership=partnership, code=code)


def posted(rule: DeadlineRule, **changes: object) -> dict[str, object]:
    fields = (
        *("partnership_id", "code", "task", "length", "unit", "starts_on", "stops_on", "lapses_on"),
        *("owner_role", "escalates_to", "then_to", "authority", "source", "valid_from"),
    )
    data = {field.removesuffix("_id"): getattr(rule, field) for field in fields}
    return {**data, "active": "on", **changes}


def save(member: Membership, rule: DeadlineRule, **changes: object) -> int:
    return client_for(member).post(f"{RULES}edit/{rule.pk}/", posted(rule, **changes)).status_code


def test_a_manager_lists_the_rules_of_their_own_partnership_only(cast: Cast) -> None:
    rule_of(cast.tarn)
    rule_of(cast.eller)
    DeadlineRule.objects.filter(partnership=cast.eller, code="decision").update(task="Ellerfold decides")
    shown = client_for(cast.manager).get(RULES).content.decode()
    assert "Decide whether to hold a review" in shown
    assert "Ellerfold" not in shown
    assert "Ellerfold decides" in client_for(cast.eller_manager).get(RULES).content.decode()


def test_a_rule_of_the_other_partnership_cannot_be_opened_or_changed_by_its_id(cast: Cast) -> None:
    theirs = rule_of(cast.eller)
    client = client_for(cast.manager)
    assert client.get(f"{RULES}edit/{theirs.pk}/").status_code == 404
    assert save(cast.manager, theirs, length=9) == 404
    assert client.get(f"{RULES}edit/{uuid4()}/").status_code == 404
    assert client.get(f"{RULES}edit/no-id-at-all/").status_code == 404
    assert DeadlineRule.objects.get(pk=theirs.pk).length == 1


def test_a_rule_cannot_be_made_for_the_other_partnership(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    data = posted(rule, partnership=cast.eller.pk, code="smuggled")
    response = client_for(cast.manager).post(f"{RULES}create/", data)
    assert response.status_code == 200
    assert not DeadlineRule.objects.filter(code="smuggled").exists()


def test_a_rule_cannot_be_moved_to_the_other_partnership(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    save(cast.manager, rule, partnership=cast.eller.pk)
    assert not DeadlineRule.objects.filter(partnership=cast.eller).exists()


def test_the_register_says_in_words_which_rules_are_in_use(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    DeadlineRule.objects.filter(pk=rule.pk).update(active=False)
    shown = client_for(cast.manager).get(RULES).content.decode()
    assert "1, not used from Sat 1 Jan 2000" in shown
    assert "1, from Sat 1 Jan 2000" in shown
    assert "icon-no" not in shown, "the picture belongs to an app that is not installed"


def test_the_form_names_no_other_partnership(cast: Cast) -> None:
    rule_of(cast.tarn)
    assert "Ellerfold" not in client_for(cast.manager).get(f"{RULES}create/").content.decode()


@pytest.mark.parametrize(
    "key", ["practitioner", "lead_pol", "chair", "panel", "independent_chair", "author", "auditor"]
)
def test_nobody_but_managers_and_administrators_reaches_the_registers(cast: Cast, key: str) -> None:
    rule = rule_of(cast.tarn)
    client = client_for(getattr(cast, key))
    for address in (RULES, DAYS, f"{RULES}create/", f"{RULES}edit/{rule.pk}/", f"{DAYS}create/"):
        assert client.get(address).status_code in (302, 403, 404), address
    assert save(getattr(cast, key), rule, length=9) in (302, 403, 404)
    assert DeadlineRule.objects.get(pk=rule.pk).length == 1


def test_an_unused_rule_is_changed_in_place(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    assert save(cast.manager, rule, length=2) == 302
    assert list(DeadlineRule.objects.filter(code="decision").values_list("version", "length")) == [(1, 2)]


def test_changing_a_rule_that_was_used_makes_its_next_version_and_running_deadlines_keep_theirs(
    cast: Cast,
) -> None:
    case = case_in(cast)
    services.start(case, "notification", london(2026, 11, 2, 9), cast.practitioner)
    rule = rule_of(cast.tarn)
    assert save(cast.manager, rule, length=2, valid_from="2026-11-10") == 302
    versions = DeadlineRule.objects.filter(code="decision").order_by("version")
    assert [(one.version, one.length, one.valid_from) for one in versions] == [
        (1, 1, date(2000, 1, 1)),
        (2, 2, date(2026, 11, 10)),
    ]
    assert Deadline.objects.get(case=case, rule__code="decision").rule == rule


def test_two_changes_make_two_versions(cast: Cast) -> None:
    services.start(case_in(cast), "notification", london(2026, 11, 2, 9), cast.practitioner)
    rule = rule_of(cast.tarn)
    save(cast.manager, rule, length=2)
    save(cast.manager, rule, length=3)
    assert list(
        DeadlineRule.objects.filter(code="decision").order_by("version").values_list("length", flat=True)
    ) == [
        1,
        2,
        3,
    ]


def test_a_code_is_taken_once(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    response = client_for(cast.manager).post(f"{RULES}create/", posted(rule))
    assert "There is a time limit with this code" in response.content.decode()
    assert DeadlineRule.objects.filter(code="decision").count() == 1


@pytest.mark.parametrize("length", ["0", "-1", "99999", "", "a month"])
def test_a_length_must_be_a_sensible_number(cast: Cast, length: str) -> None:
    rule = rule_of(cast.tarn)
    assert save(cast.manager, rule, length=length) == 200
    assert DeadlineRule.objects.get(pk=rule.pk).length == 1


def test_a_rule_is_never_deleted(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    assert client_for(cast.manager).post(f"{RULES}delete/{rule.pk}/").status_code in (302, 403)
    assert DeadlineRule.objects.filter(pk=rule.pk).exists()


def test_a_new_rule_starts_deadlines(cast: Cast) -> None:
    template = rule_of(cast.tarn)
    data = posted(
        template, code="acknowledge", task="Acknowledge the referral", length=5, unit="working_days"
    )
    assert client_for(cast.manager).post(f"{RULES}create/", data).status_code == 302
    case = case_in(cast)
    services.start(case, "notification", london(2026, 11, 2, 9), cast.practitioner)
    assert Deadline.objects.get(case=case, rule__code="acknowledge").due_at == london(2026, 11, 9, 17)


def test_a_closed_day_is_added_and_taken_away_by_its_own_manager(cast: Cast) -> None:
    client = client_for(cast.manager)
    data = {"partnership": cast.tarn.pk, "date": "2026-12-24", "reason": "Offices closed"}
    assert client.post(f"{DAYS}create/", data).status_code == 302
    day = ClosedDay.objects.get()
    assert "Offices closed" in client.get(DAYS).content.decode()
    assert client.post(f"{DAYS}delete/{day.pk}/").status_code == 302
    assert not ClosedDay.objects.exists()


def test_a_closed_day_of_the_other_partnership_cannot_be_seen_changed_or_deleted(cast: Cast) -> None:
    day = ClosedDay.objects.create(partnership=cast.eller, date=date(2026, 12, 24), reason="Ellerfold closed")
    client = client_for(cast.manager)
    data = {"partnership": cast.tarn.pk, "date": "2026-12-24", "reason": "Taken over"}
    assert "Ellerfold closed" not in client.get(DAYS).content.decode()
    assert client.post(f"{DAYS}edit/{day.pk}/", data).status_code == 404
    assert client.post(f"{DAYS}delete/{day.pk}/").status_code == 404
    day.refresh_from_db()
    assert (day.partnership, day.reason) == (cast.eller, "Ellerfold closed")


def test_a_manager_who_left_loses_the_registers_at_the_next_request(cast: Cast) -> None:
    rule = rule_of(cast.tarn)
    client: Client = client_for(cast.manager)
    assert client.get(RULES).status_code == 200
    Membership.objects.filter(pk=cast.manager.pk).update(ended_at=london(2026, 11, 2, 9))
    assert client.get(RULES).status_code in (302, 403)
    assert client.post(f"{RULES}edit/{rule.pk}/", posted(rule, length=9)).status_code in (302, 403)
    assert DeadlineRule.objects.get(pk=rule.pk).length == 1


def test_no_case_is_shown_in_the_registers(cast: Cast) -> None:
    case = case_in(cast, Stage.GATHERING, asked=True)
    services.start(case, "notification", london(2026, 11, 2, 9), cast.practitioner)
    assert case.reference not in client_for(cast.manager).get(RULES).content.decode()
