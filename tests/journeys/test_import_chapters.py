"""The business manager imports chapters in the CMS: sends files, looks at the preview, imports drafts, ticks findings
off; in a real browser with a real worker."""

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

WEB = """<html><head><title>Manual</title></head><body><nav><a href="/">Home</a></nav><main>
<h1>12 Private fostering</h1><h2>1. What it is</h2><p>A child lives with others for 28 days or more. See
<a href="13 bullying.docx">bullying</a>.</p><h2>2. Telling us</h2><p>Click here for the form.</p></main>
</body></html>"""


def bullying() -> bytes:
    """A Word document with a list, a table and a deletion."""
    document = Document()
    document.add_heading("13 Bullying", 0)
    document.add_heading("Scope of this chapter", 1)
    document.add_paragraph("For schools and clubs.")
    document.add_heading("1. Signs", 1)
    document.add_paragraph("Look for:")
    for text in ("torn clothes", "missing things"):
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("2. Who does what", 1)
    table = document.add_table(2, 2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells], ("Who", "What", "School", "Policy"), strict=True
    ):
        cell.text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def a_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manual/12 private fostering.html", WEB)
        archive.writestr("manual/13 bullying.docx", bullying())
        archive.writestr("manual/14 scan.txt", b"\x00\x01\x02")
    return path


def test_files_are_read_looked_at_and_imported_as_drafts(
    browser: Browser, portal: PortalProcess, tmp_path: Path
) -> None:
    bea = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example").open("/cms/import/")
    bea.looked_at("import-1-start", enlarged=True)
    bea.press("Read the files")
    assert "Choose a file" in bea.words()
    bea.looked_at("import-2-nothing-chosen", enlarged=True)
    bea.page.locator('input[type="file"]').set_input_files(a_zip(tmp_path / "manual.zip"))
    bea.press("Read the files")
    bea.page.get_by_role("button", name="Import as drafts").wait_for(timeout=60_000)
    for summary in bea.page.locator("summary").all():
        if not summary.evaluate("summary => summary.parentElement.open"):
            summary.click()
    shown = bea.words()
    for words in (
        "1 What it is",
        "list of 2 (bullets)",
        "table, 2 × 2",
        "box: scope",
        "binary",
        "(page furniture)",
        "Lost link",
    ):
        assert words in shown, words
    bea.looked_at("import-3-preview", enlarged=True)
    bea.press("Import as drafts")
    bea.page.get_by_text("2 chapters imported as drafts").wait_for(timeout=60_000)
    bea.looked_at("import-4-result", enlarged=True)
    bea.go(bea.page.get_by_role("link", name="to be looked at").first)
    bea.looked_at("import-5-findings", enlarged=True)
    bea.go(bea.page.locator("main").get_by_role("button", name="Done").first)
    assert "Not done after all" in bea.words()
    bea.looked_at("import-6-ticked", enlarged=True)

    reader = Visitor(browser, portal).open("/")
    assert "Private fostering" not in reader.words()
    bea.leave()
    reader.leave()
