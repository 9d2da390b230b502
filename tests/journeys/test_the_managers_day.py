"""The business manager's day: a Word document becomes a chapter, is mended, approved, told of, changed and compared;
in a real browser with a real worker."""

import io
import re
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor, picture

pytestmark = pytest.mark.browser

NAME = "21 Children who are not in school"
WHAT = "A new chapter: what to do about a child who is on the roll of no school."
WHY = "Schools asked whom to tell, and by when."
THEN_WHAT = "Section 2 now gives two school days instead of five."
THEN_WHY = "Five days were too long for the children in last year's audit."
# What the queue runs every quarter of an hour, as it will run tomorrow morning at eight.
TOMORROWS_DIGEST = """
from datetime import timedelta
from django.utils import timezone
from procedures.readers.jobs import send_digests
print(send_digests(timezone.localtime().replace(hour=8, minute=0) + timedelta(days=1)))
"""


def children_not_in_school() -> bytes:
    """A Word document with a box, numbered headings of which one is missing, a list, a table and a lost link."""
    document = Document()
    document.add_heading(NAME, 0)
    document.add_heading("Scope of this chapter", 1)
    document.add_paragraph("For schools, health visitors and everybody who meets a child in school hours.")
    document.add_heading("1. Who this chapter is about", 1)
    document.add_paragraph("A child of school age who is on the roll of no school. The signs are:")
    for text in ("a place that was never taken up", "a family that left no address"):
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("2. What to do", 1)
    document.add_paragraph(
        "Tell the education welfare team within five school days. Click here for the form."
    )
    document.add_heading("4. Who does what", 1)
    table = document.add_table(3, 2)
    words = (
        "Who",
        "What",
        "School",
        "Rings the family",
        "Education welfare",
        "Visits within ten school days",
    )
    for cell, text in zip([cell for row in table.rows for cell in row.cells], words, strict=True):
        cell.text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def pictured(visitor: Visitor, name: str) -> None:
    """Wagtail's own pages: a picture of what is in sight; their accessibility is Wagtail's."""
    picture(visitor.page, f"{name}-1280", whole=False)


def editor(visitor: Visitor) -> Page:
    """The chapter in Wagtail's editor, with its text fields awake."""
    expect(visitor.page.locator(".Draftail-Editor").first).to_be_visible(timeout=30_000)
    return visitor.page


def text_with(page: Page, words: str) -> Locator:
    return page.locator(".Draftail-Editor [contenteditable=true]", has_text=words)


def rewrite(page: Page, old: str, new: str) -> None:
    """Replaces a whole paragraph by typing, as a person does."""
    text_with(page, old).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(new)
    # The editor writes into its hidden field a moment after the last key.
    kept = (
        "words => [...document.querySelectorAll('[name^=body-]')].some(field => field.value.includes(words))"
    )
    page.wait_for_function(f"([was, now]) => ({kept})(now) && !({kept})(was)", arg=[old, new])


def explain(page: Page, what: str, why: str) -> None:
    page.locator("[name=change_what]").fill(what)
    page.locator("[name=change_why]").fill(why)


def submit(page: Page) -> None:
    page.locator("footer [aria-expanded]").first.click()
    page.locator("[name=action-submit]").click()
    expect(page.get_by_text("has been submitted for moderation")).to_be_visible(timeout=30_000)


def bea_imports(bea: Visitor, file: Path) -> None:
    bea.open("/cms/")
    pictured(bea, "day-01-cms")
    bea.go(bea.page.get_by_role("link", name="Import chapters"))
    bea.page.locator('input[type="file"]').set_input_files(file)
    bea.press("Read the files")
    bea.page.get_by_role("button", name="Import as drafts").wait_for(timeout=60_000)
    bea.page.get_by_text("Headings, and what stands under them").click()
    shown = bea.words()
    for words in (
        NAME,
        "box: scope",
        "list of 2 (bullets)",
        "table, 3 × 2",
        "To be looked at (2)",
        "Lost link in 2 What to do",
        "Gap in numbering in 4 Who does what",
    ):
        assert words in shown, words
    bea.looked_at("day-02-preview")
    bea.press("Import as drafts")
    bea.page.get_by_text("1 chapter imported as draft").wait_for(timeout=60_000)
    bea.looked_at("day-03-imported")


def bea_mends(bea: Visitor) -> None:
    """The lost link gets words that need no link, the section its next number; both findings are ticked off."""
    bea.press("Edit the chapter")
    page = editor(bea)
    assert "2 findings of the import are still to be looked at" in page.inner_text("body")
    pictured(bea, "day-04-editor")
    explain(page, WHAT, WHY)
    rewrite(page, "Click here", "Tell the education welfare team within five school days.")
    number = page.locator("input[name^=body-][name$=-number]").last
    expect(number).to_have_value("4")
    number.fill("3")
    pictured(bea, "day-05-mended")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Save draft")).click()
    bea.go(page.get_by_role("link", name="See them"))
    bea.looked_at("day-06-findings")
    for _ in range(2):
        bea.go(bea.page.locator("main").get_by_role("button", name=re.compile("^Done")).first)
    assert "Nothing is left to be looked at" in bea.words()
    bea.looked_at("day-07-nothing-left")
    bea.go(bea.page.get_by_role("link", name="Edit the chapter"))


def bea_submits(bea: Visitor) -> str:
    """Submits; the address of the page where the change is approved, on which she cannot do it herself."""
    page = editor(bea)
    address = page.url
    submit(page)
    bea.open(address)
    bea.go(page.get_by_role("link", name="See the change"))
    assert "You cannot approve this change yourself" in bea.words()
    assert "Adil Shah" in bea.words()
    assert page.get_by_role("button", name="Approve").count() == 0
    return page.url


def adil_approves(adil: Visitor, approval: str, words: str, name: str) -> None:
    adil.open(approval)
    assert words in adil.words()
    assert "Bea Lindqvist" in adil.words()
    adil.looked_at(name, enlarged=True)
    adil.press("Approve and publish")
    assert "Approved and published" in adil.page.inner_text("body")


def priya_follows(priya: Visitor) -> None:
    """She asks for an e-mail about the whole manual, from the head of a chapter; the demo's own is ended first."""
    priya.open("/readers/mine/")
    while priya.page.locator("main").get_by_role("button", name=re.compile("^Stop")).count():
        priya.press("Stop")
    assert "You follow nothing yet" in priya.words()
    priya.open("/manual/")
    priya.go(priya.page.locator("main").get_by_role("link", name=re.compile("Early help")).first)
    priya.press("Get an e-mail when this chapter or the manual is amended")
    priya.looked_at("day-10-follow")
    priya.page.get_by_label(re.compile("All chapters in")).check()
    priya.press("Follow")
    priya.looked_at("day-11-followed")


def priya_hears(portal: PortalProcess, bea: Visitor, priya: Visitor) -> None:
    """Her digest of tomorrow morning names the chapter, says what and why, and leads there. Nobody else follows."""
    assert portal.manage("shell", "--verbosity", "0", "-c", TOMORROWS_DIGEST).strip() == "1"
    bea.open("/messages/")
    rows = bea.page.locator("tr", has_text="The procedures manual has been amended")
    assert rows.count() == 1
    assert priya.email in rows.inner_text()
    bea.go(rows.get_by_role("link"))
    mail = bea.words()
    assert NAME in mail
    assert f"What: {WHAT}" in mail
    assert f"Why: {WHY}" in mail
    assert "8 Early help" not in mail
    bea.looked_at("day-12-digest")
    link = re.search(rf"{re.escape(portal.address)}/\S*not-in-school\S*", mail)
    assert link, mail
    priya.open(link.group())
    assert NAME in priya.words()
    assert "3 Who does what" in priya.words()
    assert "Click here" not in priya.words()
    priya.looked_at("day-13-chapter")


def bea_changes_it_again(bea: Visitor) -> str:
    """Without a note the change is not taken, and nothing that was typed is lost."""
    bea.open("/cms/")
    bea.go(bea.page.get_by_role("link", name=NAME.partition(" ")[2]).first)
    page = editor(bea)
    assert page.locator("[name=change_what]").input_value() == ""
    rewrite(page, "within five school days", "Tell the education welfare team within two school days.")
    page.locator("footer [aria-expanded]").first.click()
    page.locator("[name=action-submit]").click()
    expect(page.get_by_text("Say what has changed").first).to_be_visible(timeout=30_000)
    pictured(bea, "day-14-no-note")
    editor(bea)
    expect(text_with(page, "within two school days")).to_be_visible()
    explain(page, THEN_WHAT, THEN_WHY)
    return bea_submits(bea)


def anyone_looks_back(anyone: Visitor) -> None:
    """Without an account: the amendments, the comparison, and the first edition as it was."""
    anyone.open("/manual/")
    anyone.go(anyone.page.locator("main").get_by_role("link", name=re.compile(NAME)).first)
    assert "within two school days" in anyone.words()
    assert "within five school days" not in anyone.words()
    assert THEN_WHAT in anyone.words()
    anyone.looked_at("day-15-changed")
    anyone.press("What was changed")
    page = anyone.page
    assert any("five" in words for words in page.locator("main del").all_inner_texts())
    assert any("two" in words for words in page.locator("main ins").all_inner_texts())
    assert "Changed: 2 What to do" in anyone.words()
    assert "Changed: 1" not in anyone.words()
    anyone.looked_at("day-16-comparison")
    anyone.go(page.get_by_role("link", name="Back to the editions of this chapter"))
    anyone.looked_at("day-18-editions")
    anyone.go(page.locator("main").get_by_role("link", name=re.compile("^Edition")).last)
    old = anyone.words()
    for words in ("Not the edition in force", "within five school days", WHAT, WHY, "3 Who does what"):
        assert words in old, words
    assert "within two school days" not in old
    anyone.looked_at("day-19-first-edition")
    anyone.open("/editions/")
    row = page.locator("tr", has_text=THEN_WHAT)
    assert "the business unit" in row.inner_text()
    assert "Adil Shah" not in row.inner_text(), "no name to somebody without an account"
    assert page.locator("tr", has_text=WHAT).count() == 1
    anyone.looked_at("day-20-amendments")
    assert anyone.troubles == []


def test_the_managers_day(browser: Browser, portal: PortalProcess, tmp_path: Path) -> None:
    file = tmp_path / "21 children not in school.docx"
    file.write_bytes(children_not_in_school())
    bea = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example")
    adil = Visitor(browser, portal, "adil.shah@tarnbrook.example")
    priya = Visitor(browser, portal, "priya.nair@tarnvale.example")
    anyone = Visitor(browser, portal)

    priya_follows(priya)
    bea_imports(bea, file)
    bea_mends(bea)
    assert NAME not in anyone.open("/manual/").words()
    approval = bea_submits(bea)
    bea.looked_at("day-08-not-by-herself", enlarged=True)
    adil_approves(adil, approval, WHAT, "day-09-approve")
    priya_hears(portal, bea, priya)
    adil_approves(adil, bea_changes_it_again(bea), THEN_WHAT, "day-17-approve-again")
    anyone_looks_back(anyone)
