"""manage.py export_quarter: what stands in the workbook, and what the command refuses."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from caseforms.actionplans import policy as plans_policy
from caseforms.actionplans.models import RagDefinition, Status
from caseforms.cases.models import Interest
from caseforms.quarterly import workbook
from portal.accounts.models import Membership, Partnership, Role
from portal.audit.models import AccessEvent
from tests.caseforms.actionplans.scenes import NOW, action, adopted, at, led_by, said, scoped_case
from tests.caseforms.deadlines.world import london
from tests.caseforms.quarterly.books import cover, every_text, open_book, rows
from tests.cast import Cast

Q2_LAST_MINUTE = london(2026, 9, 30, 23, 59)
Q3_FIRST_MINUTE = london(2026, 10, 1, 0, 0)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "quarter.xlsx"


def export(out: Path, quarter: str = "2026-27-Q2", *options: str) -> Any:
    call_command("export_quarter", quarter, "--out", str(out), "--partnership", "TARN", *options)
    return open_book(out)


def refused(*arguments: str) -> str:
    """What the operator reads when the command ends with exit code 2."""
    with pytest.raises(CommandError) as error:
        call_command("export_quarter", *arguments)
    assert error.value.returncode == 2
    return str(error.value)


def test_one_row_per_action_with_words_as_text_and_days_as_dates(cast: Cast, out: Path) -> None:
    plan = adopted(cast, cast.manager, action(cast, "CSC", "weekly call", due_on=date(2026, 9, 10)))
    said(led_by(plan, "CSC"), cast.lead_csc, "Calls began", london(2026, 9, 1, 12), "at_risk", "Minutes")
    (row,) = rows(export(out), "Actions")
    assert row == {
        "Case reference": plan.case.reference,
        "Plan": "Plan following the review",
        "Recommendation": "Recommendation about weekly call",
        "Number": "1.1",
        "Action": "weekly call",
        "Lead agency": "Tarnbrook Children's Social Care",
        "Lead role": "Head of safeguarding",
        "Due": datetime(2026, 9, 10),
        "Status": "At risk",
        "RAG": "Amber",
        "Progress this quarter": "Calls began",
        "Evidence": "Minutes",
        "Updated on": datetime(2026, 9, 1),
        "Days overdue": 20,
    }


def test_the_cover_says_what_it_is_and_what_is_left_out(cast: Cast, out: Path) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "weekly call"))
    RagDefinition.objects.filter(partnership=cast.tarn, status=Status.AT_RISK).update(
        definition="Local words."
    )
    book = export(out, "2026-27-Q2", "--as", cast.manager.person.email)
    told = cover(book)
    assert told["Marking"] == "OFFICIAL-SENSITIVE"
    assert told["Partnership"] == cast.tarn.name
    assert told["Quarter"] == "2026-27-Q2"
    assert (told["First day"], told["Last day"]) == (datetime(2026, 7, 1), datetime(2026, 9, 30))
    assert told["Made by"] == "Bea Lindqvist (Business manager, Tarnbrook Business Unit)"
    assert told["Made at"] == datetime(2026, 11, 23, 10, 0)
    assert told["Figures as at"] == datetime(2026, 9, 30)
    assert told["Key: At risk"] == "Amber. Local words."
    assert told["Key: Complete"].startswith("Blue. ")
    assert [label for label, _ in book["Cover"].iter_rows(min_row=2, values_only=True)].count("Left out") == 4
    assert book.sheetnames == ["Cover", "Summary", "Actions"]


def test_the_summary_counts_by_agency_and_status(cast: Cast, out: Path) -> None:
    late = date(2026, 8, 31)
    plan = adopted(
        cast, cast.manager, action(cast, "CSC", "a", late), action(cast, "CSC", "b"), action(cast, "HOS", "c")
    )
    said(led_by(plan, "HOS"), cast.lead_hos, "done", london(2026, 9, 2, 9), "complete", "audit")
    by_agency = {row["Lead agency"]: row for row in rows(export(out), "Summary")}
    social = by_agency["Tarnbrook Children's Social Care"]
    assert (social["Not started"], social["All"], social["Past the due date"]) == (2, 2, 1)
    assert (by_agency["Tarn Vale Hospitals"]["Complete"], by_agency["All agencies"]["All"]) == (1, 3)
    assert list(by_agency)[-1] == "All agencies"


@pytest.mark.parametrize(
    "words", ["=1+1", "+44", "-cmd|' /C calc'!A0", "@SUM(A1)", '=HYPERLINK("http://x")', "#N/A"]
)
def test_text_that_looks_like_a_formula_stays_text(cast: Cast, out: Path, words: str) -> None:
    plan = adopted(cast, cast.manager, action(cast, "CSC", words), title=words)
    said(led_by(plan, "CSC"), cast.lead_csc, words, london(2026, 9, 1, 12), evidence=words)
    sheet = export(out)["Actions"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == words]
    assert len(cells) == 4
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [
        cell for page in open_book(out) for row in page.iter_rows() for cell in row if cell.data_type == "f"
    ]


def test_figures_are_as_at_the_quarters_last_minute(cast: Cast, out: Path) -> None:
    plan = adopted(cast, cast.manager, action(cast, "CSC", "weekly call"))
    row = led_by(plan, "CSC")
    said(row, cast.lead_csc, "In time", Q2_LAST_MINUTE, "at_risk")
    said(row, cast.lead_csc, "TOOLATE", Q3_FIRST_MINUTE, "complete", "TOOLATE audit")
    second = export(out)
    (figures,) = rows(second, "Actions")
    assert (figures["Status"], figures["Progress this quarter"]) == ("At risk", "In time")
    assert "TOOLATE" not in every_text(second)
    (figures,) = rows(export(out, "2026-27-Q3"), "Actions")
    assert (figures["Status"], figures["RAG"], figures["Days overdue"]) == ("Complete", "Blue", 0)
    assert figures["Progress this quarter"] == "TOOLATE"


def test_a_plan_adopted_after_the_quarter_is_not_in_it(cast: Cast, out: Path) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "before"), when=Q2_LAST_MINUTE)
    adopted(cast, cast.manager, action(cast, "CSC", "after"), when=Q3_FIRST_MINUTE)
    assert [row["Action"] for row in rows(export(out), "Actions")] == ["before"]
    assert {row["Action"] for row in rows(export(out, "2026-27-Q3"), "Actions")} == {"before", "after"}


def test_silence_is_said_and_the_last_known_status_stays(cast: Cast, out: Path) -> None:
    plan = adopted(cast, cast.manager, action(cast, "CSC", "weekly call"), when=london(2026, 5, 1, 9))
    said(led_by(plan, "CSC"), cast.lead_csc, "First quarter words", london(2026, 6, 1, 9), "on_track")
    (row,) = rows(export(out), "Actions")
    assert row["Progress this quarter"] == "No update this quarter"
    assert (row["Status"], row["Updated on"]) == ("On track", datetime(2026, 6, 1))


def test_a_quarter_that_still_runs_is_as_at_now(cast: Cast, out: Path) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "weekly call", due_on=date(2026, 11, 20)))
    book = export(out, "2026-27-Q3")
    assert rows(book, "Actions")[0]["Days overdue"] == 3
    assert cover(book)["Figures as at"] == datetime(2026, 11, 23)


def test_a_quarter_without_actions_is_a_workbook_without_rows(cast: Cast, out: Path) -> None:
    book = export(out)
    assert rows(book, "Actions") == []
    assert [row["All"] for row in rows(book, "Summary")] == [0]


def test_nothing_of_the_other_partnership_is_in_it_not_even_of_the_shared_police(
    cast: Cast, out: Path
) -> None:
    adopted(cast, cast.manager, action(cast, "POL", "OURCANARY"))
    theirs = scoped_case(cast.eller_manager, "POL")
    adopted(cast, cast.eller_manager, action(cast, "POL", "THEIRCANARY"), case=theirs, title="THEIRCANARY")
    for options in ((), ("--as", cast.manager.person.email)):
        text = every_text(export(out, "2026-27-Q2", *options))
        assert "OURCANARY" in text
        assert "THEIRCANARY" not in text
        assert theirs.reference not in text
        assert "Ellerfold" not in text


def test_what_is_in_the_workbook_is_what_its_maker_may_see(cast: Cast, out: Path) -> None:
    """A manager with an interest in one case gets a workbook without it, and without a hint of it."""
    open_plan = adopted(cast, cast.manager, action(cast, "CSC", "open"), action(cast, "POL", "also open"))
    barred = adopted(cast, cast.manager, action(cast, "CSC", "BARREDCANARY"))
    Interest.objects.create(case=barred.case, person=cast.manager.person, kind=Interest.Kind.DECLARED)
    book = export(out, "2026-27-Q2", "--as", cast.manager.person.email)
    visible = plans_policy.actions_for(cast.manager.person, plans_policy.Verb.READ).of_partnership(
        cast.tarn.pk
    )
    in_file = {(row["Case reference"], row["Number"]) for row in rows(book, "Actions")}
    assert in_file == {(row.recommendation.plan.case.reference, row.label) for row in visible}
    assert {reference for reference, _ in in_file} == {open_plan.case.reference}
    assert "BARREDCANARY" not in every_text(book)
    assert rows(book, "Summary")[-1]["All"] == 2
    assert cover(book)["Actions in this workbook"] == "2"


def test_without_as_the_operator_is_the_recorded_maker(cast: Cast, out: Path) -> None:
    assert cover(export(out))["Made by"] == "The operator at the console"
    event = AccessEvent.objects.get(verb="exported")
    assert (event.actor_id, event.actor_label, event.object_ref) == (None, "system", "2026-27-Q2")
    assert event.partnership_id == cast.tarn.pk


def test_with_as_the_person_is_the_recorded_maker(cast: Cast, out: Path) -> None:
    export(out, "2026-27-Q2", "--as", "  BEA.Lindqvist@tarnbrook.example ")
    event = AccessEvent.objects.get(verb="exported")
    assert (event.actor_id, event.membership_id) == (cast.manager.person_id, cast.manager.pk)


@pytest.mark.parametrize(
    "who", ["lead_csc", "chair", "auditor", "administrator", "practitioner", "eller_manager"]
)
def test_only_a_business_manager_of_the_partnership_may_be_named(cast: Cast, out: Path, who: str) -> None:
    email = getattr(cast, who).person.email
    message = refused("2026-27-Q2", "--partnership", "TARN", "--as", email, "--out", str(out))
    assert "may not export" in message
    assert not out.exists()
    assert not AccessEvent.objects.filter(verb="exported").exists()


def test_a_manager_who_has_left_may_not_be_named(cast: Cast, out: Path) -> None:
    Membership.objects.filter(pk=cast.manager.pk).update(
        starts_on=NOW.date() - timedelta(days=9), ends_on=NOW.date() - timedelta(days=1)
    )
    assert "may not export" in refused(
        "2026-27-Q2", "--partnership", "TARN", "--as", cast.manager.person.email, "--out", str(out)
    )


@pytest.mark.parametrize(
    "label", ["2026-27-Q5", "2026-27-Q0", "2026-28-Q1", "2026-Q2", "Q2", "", "=1+1", "9" * 200]
)
def test_a_quarter_that_is_none_is_refused_in_a_sentence(cast: Cast, out: Path, label: str) -> None:
    message = refused(label, "--partnership", "TARN", "--out", str(out))
    assert "is not a quarter" in message
    assert "2026-27-Q" in message
    assert len(message) < 200
    assert not out.exists()


def test_a_quarter_of_the_future_is_refused(cast: Cast, out: Path) -> None:
    assert "has not begun" in refused("2026-27-Q4", "--partnership", "TARN", "--out", str(out))
    assert not out.exists()


def test_where_years_start_in_january_quarters_read_so(cast: Cast, out: Path, settings: Any) -> None:
    settings.FINANCIAL_YEAR_START_MONTH = 1
    adopted(cast, cast.manager, action(cast, "CSC", "weekly call"), when=london(2026, 5, 4, 9))
    assert cover(export(out, "2026-Q2"))["Last day"] == datetime(2026, 6, 30)
    assert "is not a quarter" in refused("2026-27-Q2", "--partnership", "TARN", "--out", str(out))


def test_the_partnership_must_be_said_where_there_are_several(cast: Cast, out: Path) -> None:
    message = refused("2026-27-Q2", "--out", str(out))
    assert "--partnership" in message
    assert "ELLER, TARN" in message
    assert not out.exists()


def test_the_only_partnership_need_not_be_said(cast: Cast, out: Path) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "weekly call"))
    call_command("export_quarter", "2026-27-Q2", "--as", cast.manager.person.email, "--out", str(out))
    assert len(rows(open_book(out), "Actions")) == 1
    Membership.objects.create(
        person=cast.manager.person,
        agency=cast.agency("ELC"),
        partnership=cast.eller,
        role=Role.BUSINESS_MANAGER,
    )
    assert "--partnership" in refused("2026-27-Q2", "--as", cast.manager.person.email, "--out", str(out))


def test_unknown_partnerships_and_people_are_said_in_a_sentence(cast: Cast, out: Path) -> None:
    assert "no partnership NOWHERE" in refused("2026-27-Q2", "--partnership", "NOWHERE", "--out", str(out))
    assert "Nobody signs in as" in refused(
        "2026-27-Q2", "--partnership", "TARN", "--as", "nobody@nowhere.example", "--out", str(out)
    )
    Partnership.objects.filter(code="TARN").update(name="Renamed")
    assert cover(export(out))["Partnership"] == "Renamed"


def test_a_folder_that_is_not_there_is_said_in_a_sentence(cast: Cast, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "q.xlsx"
    assert "cannot be written" in refused("2026-27-Q2", "--partnership", "TARN", "--out", str(target))
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_the_old_file_and_nothing_beside_it(
    cast: Cast, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopted(cast, cast.manager, action(cast, "CSC", "weekly call"))
    out.write_bytes(b"the workbook of yesterday")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "_action_row", full)
    assert "No space left" in refused("2026-27-Q2", "--partnership", "TARN", "--out", str(out))
    assert out.read_bytes() == b"the workbook of yesterday"
    assert list(out.parent.iterdir()) == [out]
    assert not AccessEvent.objects.filter(verb="exported").exists()


def test_memory_stays_flat_because_rows_are_asked_for_in_batches(
    cast: Cast, out: Path, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(workbook, "BATCH", 4)
    adopted(cast, cast.manager, *(action(cast, "CSC", f"action {number}") for number in range(10)))
    with django_assert_max_num_queries(30):
        assert [row["Action"] for row in rows(export(out), "Actions")] == [f"action {n}" for n in range(10)]


def test_the_process_ends_with_exit_code_2_and_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "export_quarter", "nonsense", "--out", "x.xlsx"],
        capture_output=True,
        text=True,
        env={"DJANGO_SETTINGS_MODULE": "portal.settings.test", "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 2
    assert "is not a quarter" in run.stderr
    assert "Traceback" not in run.stderr
