"""python tests/benchmarks/export_actions.py [ROWS]: the quarter's workbook of 10,000 actions.

Peer: openpyxl's write-only mode fed with the same rows, unstyled. Limit: the same rows as bare sheet XML in a zip.
All three read and decrypt from the database in the same way, so the ratios are about making the file.
"""

import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
FOLDER = tempfile.TemporaryDirectory(prefix="bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/bench.sqlite3"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from caseforms.actionplans.models import Action, ActionQuerySet, ActionUpdate, Plan, Recommendation  # noqa: E402
from caseforms.cases.models import Case  # noqa: E402
from caseforms.quarterly.workbook import Making, sheets  # noqa: E402
from home.demo_people import load_people  # noqa: E402
from portal.accounts.models import Membership  # noqa: E402
from portal.spreadsheet import Sheet, write_workbook  # noqa: E402
from portal.workdays import Quarter  # noqa: E402
from tests.benchmarks.measure import alternate, record  # noqa: E402

ACTIONS_IN_PLAN = 100
WORDS = "Agencies met, agreed what each of them knows, and wrote down who does what by when. " * 3


def fill(manager: Membership, count: int) -> None:
    """So many actions with one update each, in plans of a hundred."""
    agencies = list(manager.partnership.agencies.all())
    quarter = Quarter.containing(timezone.localdate(), settings.FINANCIAL_YEAR_START_MONTH)
    for first in range(0, count, ACTIONS_IN_PLAN):
        case = Case.objects.create(partnership=manager.partnership, referred_by=manager, stage="planned")
        plan = Plan.objects.create(case=case, kind="case", title=f"Plan {first}", adopted_by=manager)
        recommendation = Recommendation.objects.create(plan=plan, number=1, text=WORDS, outcome=WORDS)
        actions = Action.objects.bulk_create(
            Action(
                recommendation=recommendation,
                number=number,
                text=f"{number} {WORDS}",
                lead_agency=agencies[number % len(agencies)],
                lead_role="Head of safeguarding",
                due_on=date(2026, 1, 1) + timedelta(days=number),
                evidence_required=WORDS,
                status="on_track",
                version=1,
            )
            for number in range(1, ACTIONS_IN_PLAN + 1)
        )
        ActionUpdate.objects.bulk_create(
            ActionUpdate(
                action=action,
                version=1,
                quarter=quarter.label,
                status="on_track",
                progress=WORDS,
                evidence=WORDS,
                by=manager,
            )
            for action in actions
        )


def ours(made: Iterable[Sheet]) -> None:
    write_workbook(made, BytesIO())


def peer(made: Iterable[Sheet]) -> None:
    book = Workbook(write_only=True)
    for sheet in made:
        page = book.create_sheet(sheet.title)
        page.append([column.heading for column in sheet.columns])
        for row in sheet.rows:
            page.append(
                [value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in row]
            )
    book.save(BytesIO())


def limit(made: Iterable[Sheet]) -> None:
    with zipfile.ZipFile(BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in made:
            with archive.open(f"{sheet.title}.xml", "w") as part:
                for row in sheet.rows:
                    part.write(_bare(row))


def _bare(row: Sequence[Any]) -> bytes:
    cells = "".join(
        f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>' for value in row if value is not None
    )
    return f"<row>{cells}</row>".encode()


def seconds(manager: Membership, actions: ActionQuerySet) -> dict[str, float]:
    def made() -> Iterable[Sheet]:
        now = timezone.now()
        quarter = Quarter.containing(timezone.localdate(now), settings.FINANCIAL_YEAR_START_MONTH)
        return sheets(Making(manager.partnership, quarter, manager, now), actions)

    works: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(made()),
        "peer": lambda: peer(made()),
        "limit": lambda: limit(made()),
    }
    return alternate(works)


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    manager = load_people()["manager"]
    everything = Action.objects.of_partnership(manager.partnership_id)
    fill(manager, count // 10)
    small = seconds(manager, everything)
    fill(manager, count - count // 10)
    large = seconds(manager, everything)
    for name, taken in large.items():
        print(f"{name}: {taken:.2f} CPU s for {count} actions, {small[name]:.2f} for {count // 10}")
    record(
        f"export of {count} actions",
        ratio_to_limit=large["ours"] / large["limit"],
        ratio_to_peer=large["ours"] / large["peer"],
        growth=large["ours"] / small["ours"],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
