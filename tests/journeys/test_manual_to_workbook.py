"""One case, end to end: from the manual to a row in the quarterly workbook, in a real browser with a real worker."""

import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

CHILD = {"first_name": "Junipera", "last_name": "Quillfeather", "address": "99 Zephyrine Crescent"}
BORN = (7, 8, 2017)
ACTION = "Ring back within a day when a child was not brought"
PROGRESS = "Zinnia wards ring back the same day"


@pytest.fixture(scope="module")
def journey(
    browser: Browser, portal: PortalProcess, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    """Walks the whole way once; the tests below look at what is left."""
    reference = refer_from_the_manual(browser, portal)
    manage(browser, portal, reference)
    for email in (
        "callum.reid@socialcare.example",
        "dana.okoro@police.example",
        "yusuf.demir@tarnvale.example",
    ):
        give_information(browser, portal, reference, email)
    recommend(browser, portal, reference)
    decide(browser, portal, reference)
    agree_scope_and_adopt_plan(browser, portal, reference)
    update_action(browser, portal, reference)
    workbook = take_workbook(browser, portal, Path(tmp_path_factory.mktemp("workbook")))
    look_at_the_rest(browser, portal, reference)
    return {"reference": reference, "workbook": workbook}


def refer_from_the_manual(browser: Browser, portal: PortalProcess) -> str:
    reader = Visitor(browser, portal).open("/").looked_at("01-manual")
    reader.page.locator('main [name="q"]').first.fill("refer a case")
    with reader.page.expect_navigation():
        reader.page.keyboard.press("Enter")
    reader.looked_at("02-search")
    reader.page.locator('main a[href^="/manual/"]', has_text=re.compile("refer", re.I)).first.click()
    reader.page.wait_for_load_state()
    reader.looked_at("03-chapter")
    reader.press("Refer a case")
    assert "/sign-in/" in reader.page.url
    reader.looked_at("04-sign-in")
    reader.email = "priya.nair@tarnvale.example"
    reader.fill(email=reader.email, password="not the password")
    reader.press("Continue", "Sign in")
    reader.looked_at("05-sign-in-error")
    reader.fill(email=reader.email, password="tarn-lantern-orchard-42")
    reader.press("Continue", "Sign in")
    reader.looked_at("06-code")
    reader.give_code()
    reader.looked_at("07-before-you-start")
    reader.press("Start a new referral")
    reader.looked_at("08-task-list-empty")

    yesterday = date.today() - timedelta(days=1)
    reader.press("About you")
    reader.looked_at("09-about-you")
    reader.fill(job_title="Ward sister", telephone="01632 960 777", consulted_name="Dr Teague")
    reader.date("consulted_at", 31, 2, 2026)
    reader.press("Save and continue")
    assert "There is a problem" in reader.words()
    assert reader.page.locator('[name="telephone"]').input_value() == "01632 960 777"
    reader.looked_at("10-about-you-error")
    reader.fill(consulted_role="Named doctor", consulted_at_time="18:10")
    reader.date("consulted_at", yesterday.day, yesterday.month, yesterday.year)
    reader.press("Save and continue")

    reader.open(task_list(reader)).press("The child or children")
    reader.looked_at("11-children-empty")
    reader.press("Add")
    reader.fill(**CHILD).date("date_of_birth", *BORN).choose(died="no")
    reader.looked_at("12-child")
    reader.press("Save and continue")
    reader.looked_at("13-children")
    reader.open(task_list(reader)).press("What happened")
    incident = date.today() - timedelta(days=2)
    reader.date("incident_date", incident.day, incident.month, incident.year)
    reader.fill(account="Swallowed tablets that were left open.").choose(others_safe="yes")
    reader.looked_at("14-what-happened")
    reader.press("Save and come back later")
    reader.leave()

    again = (
        Visitor(browser, portal, "priya.nair@tarnvale.example")
        .open("/my-work/")
        .looked_at("15-my-work-draft")
    )
    again.press("Draft referral")
    again.press("Agencies and professionals")
    again.press("Add")
    again.choose(listed="yes")
    again.field("agency").select_option(label="Tarnbrook Children's Social Care")
    again.press("Save and continue")
    again.open(task_list(again)).press("Check and send")
    again.looked_at("16-check-missing")
    again.open(task_list(again)).press("Why you think it meets the criteria")
    again.choose(criteria="harmed", working_together="yes")
    again.fill(reasons="Two services each knew half of it.")
    again.looked_at("17-criteria")
    again.press("Save and continue")
    again.open(task_list(again)).looked_at("18-task-list")
    again.press("Check and send")
    again.looked_at("19-check")
    again.press("Send the referral", "Send")
    again.looked_at("20-sent")
    reference = re.search(r"CR-\w{4}-\w{4}", again.words())
    assert reference, again.words()
    again.leave()
    return reference.group()


def task_list(visitor: Visitor) -> str:
    """The address of the draft that the visitor is in."""
    draft = re.search(r"/refer/[0-9a-f-]{36}/", visitor.page.url)
    assert draft, visitor.page.url
    return draft.group()


def manage(browser: Browser, portal: PortalProcess, reference: str) -> None:
    manager = (
        Visitor(browser, portal, "bea.lindqvist@tarnbrook.example").open("/my-work/").looked_at("21-manager")
    )
    manager.open("/cases/").looked_at("22-cases")
    manager.open(f"/cases/{reference}/").looked_at("23-case-submitted")
    manager.press("Look at the referral").looked_at("24-triage")
    manager.choose(decision="accept").press("Save", "Continue", "Record", "Confirm")
    manager.open(f"/cases/{reference}/").press("Ask agencies for information")
    manager.tick("Tarnbrook Children's Social Care", "Tarnshire Police", "Tarn Vale Hospitals")
    manager.looked_at("25-ask-agencies")
    manager.press("Ask")
    manager.open(f"/cases/{reference}/agencies/").looked_at("26-agencies")
    manager.leave()


def give_information(browser: Browser, portal: PortalProcess, reference: str, email: str) -> None:
    lead = Visitor(browser, portal, email).open("/my-work/")
    lead.page.locator("main a", has_text=reference).first.click()
    lead.page.wait_for_load_state()
    if "hospitals" in email or "tarnvale" in email:
        lead.choose(involved="no").fill(checked="Patient records and the emergency department's log.")
    else:
        lead.choose(involved="yes").date("period_from", 1, 3, 2024)
        lead.fill(
            summary="Known for two years.",
            concerns="A worry was not passed on.",
            secured_by="Records manager",
        )
        today = date.today()
        lead.date("secured_on", today.day, today.month, today.year)
    if email.startswith("callum"):
        lead.looked_at("27-information")
    lead.press("Send")
    if email.startswith("callum"):
        lead.looked_at("28-information-sent")
    lead.leave()


def recommend(browser: Browser, portal: PortalProcess, reference: str) -> None:
    chair = Visitor(browser, portal, "ruth.amadi@socialcare.example").open("/my-work/").looked_at("29-chair")
    today = date.today()
    chair.open("/cases/meetings/").looked_at("30-meetings")
    chair.date("held_on", today.day, today.month, today.year).press("Continue")
    for name in ("Ruth Amadi", "Owen Price", "Dana Okoro", "Tom Ashworth"):
        chair.page.get_by_label(re.compile(name)).first.check()
    chair.looked_at("31-attendance")
    chair.press("Save", "Record")
    chair.open(f"/cases/{reference}/panel/").looked_at("32-panel-paper")
    chair.open(f"/cases/{reference}/recommendation/")
    chair.field("meeting").select_option(index=1)
    for question in (
        "risk_recognised", "risk_shared", "risk_acted_on", "concerns_unheard", "wider_failings",
        "several_agencies", "procedures_change",
    ):  # fmt: skip
        chair.choose(**{question: "yes"})
    chair.choose(recommendation="review").fill(reasons="Several agencies each held part of the picture.")
    chair.looked_at("33-recommendation")
    chair.press("Send", "Record")
    chair.open(f"/cases/{reference}/").looked_at("34-case-recommended")
    chair.leave()


def decide(browser: Browser, portal: PortalProcess, reference: str) -> None:
    independent = Visitor(browser, portal, "grace.whitlock@tarnbrook.example").open(
        f"/cases/{reference}/decision/"
    )
    today = date.today()
    independent.choose(outcome="review").fill(reasons="The criteria are met.")
    independent.date("decided_on", today.day, today.month, today.year).looked_at("35-decision")
    independent.press("Record", "Save", "Decide")
    independent.leave()


def agree_scope_and_adopt_plan(browser: Browser, portal: PortalProcess, reference: str) -> None:
    manager = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example").open(
        f"/cases/{reference}/scope/agree/"
    )
    agree_scope(manager)
    manager.open(f"/cases/{reference}/scope/").looked_at("37-scope")
    manager.open(f"/cases/{reference}/plan/adopt/")
    due = date.today() + timedelta(days=60)
    manager.fill(
        **{"plan-title": "Plan of this review", "r0-text": "A child who is not brought is followed up."}
    )
    manager.choose(**{"plan-kind": "case"}).fill(**{"r0-outcome": "No child is lost from sight."})
    manager.fill(
        **{"r0a0-text": ACTION, "r0a0-lead_role": "Ward manager", "r0a0-evidence_required": "Monthly sample"}
    )
    manager.field("lead_agency").select_option(label="Tarn Vale Hospitals")
    manager.date("r0a0-due_on", due.day, due.month, due.year).looked_at("38-adopt-plan")
    manager.press("Adopt the plan")
    manager.open(f"/cases/{reference}/plan/").looked_at("39-plan")
    manager.open(f"/cases/{reference}/timeline/").looked_at("40-timeline")
    manager.leave()


def agree_scope(manager: Visitor) -> None:
    today = date.today()
    manager.fill(key_issues="Follow-up of missed appointments.", family_who="Both parents.")
    manager.date("period_from", 1, 1, 2024).date("period_to", today.day, today.month, today.year)
    manager.choose(parallel="no")
    manager.field("agency").select_option(label="Tarnbrook Children's Social Care")
    manager.looked_at("36-agree-scope")
    manager.press("Agree")


def update_action(browser: Browser, portal: PortalProcess, reference: str) -> None:
    lead = Visitor(browser, portal, "yusuf.demir@tarnvale.example").open("/actions/").looked_at("41-actions")
    lead.choose(status="on_track").fill(progress=PROGRESS, evidence="=1+1 in the sample log")
    lead.looked_at("42-update")
    lead.press("Save update")
    lead.open("/actions/").looked_at("43-actions-done")
    lead.leave()


def take_workbook(browser: Browser, portal: PortalProcess, folder: Path) -> Path:
    manager = (
        Visitor(browser, portal, "bea.lindqvist@tarnbrook.example")
        .open("/quarters/")
        .looked_at("44-quarters")
    )
    manager.press("Make the workbook")
    if "/sign-in/confirm/" in manager.page.url:
        manager.looked_at("45-confirm-code")
        manager.give_code()
    manager.page.get_by_role("link", name="Download the workbook").wait_for(timeout=60_000)
    manager.looked_at("46-export")
    taken = manager.download("Download the workbook")
    assert taken.suggested_filename.endswith(".xlsx")
    taken.save_as(folder / taken.suggested_filename)
    manager.leave()
    return folder / taken.suggested_filename


def look_at_the_rest(browser: Browser, portal: PortalProcess, reference: str) -> None:
    """Every page that the way did not pass."""
    manager = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example")
    for name, path in (
        ("47-people", "/people/"),
        ("48-invite", "/people/invite/"),
        ("49-messages", "/messages/"),
        ("50-deadlines", "/deadlines/"),
        ("51-account", "/account/"),
        ("52-case-people", f"/cases/{reference}/people/"),
        ("53-case-forms", f"/cases/{reference}/forms/"),
        ("54-case-access", f"/cases/{reference}/access/"),
        ("55-find-person", "/cases/find-a-person/"),
        ("56-print", f"/cases/{reference}/print/"),
    ):
        manager.open(path).looked_at(name)
    manager.leave()
    auditor = Visitor(browser, portal, "sunita.rao@audit.example").open("/audit/").looked_at("57-audit")
    auditor.open("/my-work/").looked_at("58-nothing-waits")
    auditor.leave()
    stranger = Visitor(browser, portal, "sam.birk@police.example")
    stranger.open(f"/cases/{reference}/")
    stranger.troubles.clear()  # Chromium reports the 404 itself
    stranger.looked_at("59-not-found")
    stranger.leave()
    Visitor(browser, portal).open("/demo/codes/").looked_at("60-demo-codes").leave()


def rows_of(workbook: Path) -> list[list[object]]:
    book = load_workbook(workbook)
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def test_the_case_ends_as_a_row_of_the_quarterly_workbook(journey: dict[str, object]) -> None:
    rows = [row for row in rows_of(Path(str(journey["workbook"]))) if journey["reference"] in row]
    assert len(rows) == 1
    assert ACTION in rows[0]
    assert PROGRESS in rows[0]


def test_no_cell_of_the_workbook_is_a_formula_and_no_child_is_named(journey: dict[str, object]) -> None:
    book = load_workbook(Path(str(journey["workbook"])))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=1+1 in the sample log" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert not any(word in str(cell.value) for cell in cells for word in CHILD.values())


def test_a_dump_of_the_database_tells_nothing_about_the_child(
    journey: dict[str, object], portal: PortalProcess
) -> None:
    with sqlite3.connect(portal.folder / "portal.sqlite3") as database:
        dump = "\n".join(database.iterdump())
    assert str(journey["reference"]) in dump
    found = [
        word for word in (*CHILD.values(), "2017-08-07", "7 August 2017", "Swallowed tablets") if word in dump
    ]
    assert found == []
    as_hex = [word for word in CHILD.values() if word.encode().hex() in dump.lower()]
    assert as_hex == []


def test_log_lines_hold_no_name_and_no_query(journey: dict[str, object], portal: PortalProcess) -> None:
    log = portal.log.read_text()
    assert "/refer/" in log
    assert "?" not in re.sub(r"[^\s]*/static/[^\s]*", "", log)
    assert not any(word in log for word in CHILD.values())


def test_the_audit_chain_is_whole_after_the_journey(
    journey: dict[str, object], portal: PortalProcess
) -> None:
    assert "damage" not in portal.manage("verify_audit").lower()


def test_ctrl_c_stops_web_and_worker_cleanly(browser: Browser, tmp_path: Path) -> None:
    portal = PortalProcess(tmp_path)
    portal.start()
    assert portal.stop() == 0
    left = [line for line in processes() if str(portal.port) in line]
    assert left == []


def processes() -> list[str]:
    """The command line and environment marks of every process of this machine that we may read."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().decode(errors="replace")
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "qcluster" in command or "gunicorn" in command:
            found.append(command + environment)
    return found
