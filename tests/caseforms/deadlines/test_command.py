"""`manage.py chase_deadlines`: the worker's job by hand, at any time one likes to ask about."""

from collections.abc import Iterator
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from caseforms.cases.models import Stage
from caseforms.deadlines import services
from portal.outbox.models import Message
from tests.caseforms.deadlines.world import case_in, london
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _a_fixed_today() -> Iterator[None]:
    with time_machine.travel(london(2026, 11, 2, 10), tick=False):
        yield


@pytest.fixture(autouse=True)
def _asked(_a_fixed_today: None, cast: Cast) -> None:
    case = case_in(cast, Stage.GATHERING, asked=True)
    services.start(case, "asked", london(2026, 11, 2, 9), cast.manager)


def chase(*args: str) -> str:
    out = StringIO()
    call_command("chase_deadlines", *args, stdout=out)
    return out.getvalue()


def test_before_the_first_reminder_nothing_is_due() -> None:
    assert chase() == "0 due, 0 messages stored, 0 failed.\n"


def test_it_stores_what_is_due_at_a_given_local_time_and_only_once() -> None:
    assert chase("--at", "2026-11-09T08:00") == "3 due, 3 messages stored, 0 failed.\n"
    assert chase("--at", "2026-11-09T08:00") == "0 due, 0 messages stored, 0 failed.\n"
    assert Message.objects.count() == 3


def test_a_time_may_carry_its_offset() -> None:
    assert chase("--at", "2026-11-09T07:59:59+00:00").startswith("0 due")
    assert chase("--at", "2026-11-09T09:00+01:00").startswith("3 due")


def test_a_dry_run_says_what_it_would_send_by_reference_and_sends_nothing() -> None:
    shown = chase("--at", "2026-11-09T08:00", "--dry-run")
    assert shown.count("Give your agency's information: reminder 1 to 1 person") == 3
    assert "CR-" in shown
    assert shown.endswith("3 due; nothing was sent.\n")
    assert not Message.objects.exists()
    assert "@" not in shown, "no address"
    assert chase("--at", "2026-11-09T08:00").startswith("3 due")


@pytest.mark.parametrize("text", ["tomorrow", "", "2026-13-01", "2026-11-09T25:00", "09:00", "soon-ish"])
def test_a_bad_time_is_refused_with_a_sentence_and_exit_code_2(text: str) -> None:
    with pytest.raises(CommandError, match="is not a time. Write it like 2026-12-04T09:00") as refused:
        chase("--at", text)
    assert refused.value.returncode == 2
    assert not Message.objects.exists()


@pytest.mark.parametrize("text", ["0001-01-02", "9999-12-30T23:59"])
def test_a_time_at_the_edge_of_the_calendar_breaks_nothing(text: str) -> None:
    assert chase("--at", text, "--dry-run").endswith("nothing was sent.\n")


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(CommandError, match="is not a time"):
        chase("--at", "0001-01-01T00:00+14:00")
