"""Eight people press the button in the same moment: one is first, and nobody's words or rows are doubled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from caseforms.actionplans import services
from caseforms.actionplans.models import Action, ActionUpdate, Plan
from caseforms.actionplans.services import StaleUpdate
from caseforms.cases.models import Case, CaseEvent
from caseforms.quarterly.models import Export
from caseforms.quarterly.services import ask
from caseforms.workflow.services import StaleState
from tests.caseforms.actionplans.scenes import NOW, action, adopted, led_by, scoped_case
from tests.cast import load_cast
from tests.portal.accounts.helpers import shared_database

EIGHT = 8


def at_once(folder: Path, act: Callable[[int], Any], then: Callable[[], Any]) -> tuple[list[Any], Any]:
    """Runs the act eight times in the same moment; what each returned, and what is in the database then."""
    barrier, join = Barrier(EIGHT), shared_database(folder)

    def joined(act: Callable[[], Any]) -> Any:
        join()
        try:
            return act()
        finally:
            connections.close_all()

    def one(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(EIGHT) as pool:
        returned = list(pool.map(lambda number: joined(lambda: one(number)), range(EIGHT)))
        return returned, pool.submit(joined, then).result()


@pytest.mark.django_db(transaction=True)
def test_eight_updates_at_once_are_one_update_and_seven_who_are_shown_it(tmp_path: Path) -> None:
    cast = load_cast()
    row = led_by(adopted(cast, cast.manager, action(cast, "CSC", "weekly call")), "CSC")

    def post(number: int) -> str:
        mine = Action.objects.get(pk=row.pk)
        try:
            services.post_update(
                mine,
                version=0,
                status="on_track",
                progress=f"words {number}",
                evidence="",
                actor=cast.lead_csc,
            )
        except StaleUpdate as stale:
            return stale.latest.progress
        return f"words {number}"

    heard, kept = at_once(
        tmp_path,
        post,
        lambda: (
            [update.progress for update in ActionUpdate.objects.all()]
            + [CaseEvent.objects.filter(verb="action_updated").count()]
        ),
    )
    assert heard == [kept[0]] * EIGHT
    assert kept[1:] == [1]


@pytest.mark.django_db(transaction=True)
def test_eight_adoptions_at_once_are_one_plan(tmp_path: Path) -> None:
    cast = load_cast()
    case = scoped_case(cast.manager, "CSC")

    def adopt(number: int) -> bool:
        try:
            adopted(
                cast,
                cast.manager,
                action(cast, "CSC", f"{number}"),
                case=Case.objects.get(pk=case.pk),
                when=NOW,
            )
        except StaleState:
            return False
        return True

    first, rows = at_once(tmp_path, adopt, lambda: (Plan.objects.count(), Action.objects.count()))
    assert sum(first) == 1
    assert rows == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_askings_at_once_are_one_workbook(tmp_path: Path) -> None:
    cast = load_cast()
    quarter = services.quarter_at(NOW)
    answers, rows = at_once(
        tmp_path, lambda _: ask(cast.tarn, quarter.previous(), cast.manager), Export.objects.count
    )
    assert len({export.pk for export, _ in answers}) == 1
    assert sum(new for _, new in answers) == 1
    assert rows == 1
