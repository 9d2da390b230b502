"""The demo: loaded once, harmless twice, impossible in production."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from caseforms.actionplans.models import ActionUpdate
from caseforms.cases.models import Case, Stage
from home.demo_people import PEOPLE
from portal.accounts.models import Membership, Role, User
from portal.outbox.models import Message
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Membership, Case, ActionUpdate, Message))


def test_it_is_refused_outside_demo_mode_and_makes_nothing(cast: Cast) -> None:
    before = counts()
    with override_settings(DEMO_MODE=False), pytest.raises(CommandError):
        call_command("load_demo")
    assert counts() == before
    assert not Case.objects.exists()


def test_the_demo_has_every_role_and_cases_at_different_stages(db: None, demo: Cast) -> None:
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    stages = set(Case.objects.filter(partnership__code="TARN").values_list("stage", flat=True))
    assert stages == {Stage.SUBMITTED, Stage.GATHERING, Stage.PLANNED}
    assert Case.objects.filter(partnership__code="ELLER", agencies__code="POL").exists()


def test_loading_it_again_changes_nothing(db: None, demo: Cast) -> None:
    before = counts()
    call_command("load_demo")
    call_command("load_demo", "--if-empty")
    assert counts() == before


def test_demo_codes_are_not_found_outside_demo_mode(db: None, demo: Cast) -> None:
    manager = Membership.objects.get(person__email=PEOPLE[6].email)
    with override_settings(DEMO_MODE=False):
        assert client_for(manager).get("/demo/codes/").status_code == 404
        with pytest.raises(CommandError):
            call_command("demo_code", PEOPLE[6].email)


def test_welcome_says_where_to_go_and_whom_to_sign_in_as(
    db: None, demo: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("welcome")
    said = capsys.readouterr().out
    assert "http://localhost:" in said
    assert all(person.email in said for person in PEOPLE)
