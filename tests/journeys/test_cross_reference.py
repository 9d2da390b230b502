"""In the real editor: Bea refers to a section, Adil approves, the section is renamed, the page says its new name."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
SOURCE, TARGET = "Recognising that a child may be harmed", "Serious incident review group"


def edit(visitor: Visitor, title: str) -> Page:
    """Opens a chapter in the editor, from the list of the manual's pages."""
    visitor.open("/cms/pages/")
    page = visitor.page
    page.goto(f"{visitor.portal.address}/cms/pages/search/?q={title.split()[0]}")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_load_state()
    expect(page.locator(".Draftail-Editor").first).to_be_visible(timeout=30_000)
    return page


def submit(page: Page) -> str:
    """Says what has changed and submits what is in the editor; the address of the editor."""
    address = page.url
    page.locator("[name=change_what]").fill("A section is called otherwise, or is referred to.")
    page.locator("[name=change_why]").fill("So that it is found.")
    page.locator("footer .w-dropdown__toggle, footer [aria-expanded]").first.click()
    page.locator("[name=action-submit]").click()
    expect(page.get_by_text("has been submitted for moderation")).to_be_visible(timeout=30_000)
    return address


def approve(visitor: Visitor, editor: str) -> None:
    """Follows the message in the editor to the question, and says yes."""
    visitor.open(editor)
    visitor.go(visitor.page.get_by_role("link", name="See the change"))
    visitor.page.get_by_role("button", name="Approve and publish").click()
    visitor.page.wait_for_load_state()
    assert "Approved and published" in visitor.page.inner_text("body")


def read(visitor: Visitor) -> str:
    visitor.open("/manual/").page.get_by_role("link", name=SOURCE).first.click()
    visitor.page.wait_for_load_state()
    return visitor.words()


def test_a_reference_that_is_picked_in_the_editor_follows_its_section(
    browser: Browser, portal: PortalProcess
) -> None:
    bea = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example")
    adil = Visitor(browser, portal, "adil.shah@tarnbrook.example")
    page = edit(bea, SOURCE)
    text = page.locator(".Draftail-Editor [contenteditable=true]").first
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" See /refer")
    expect(page.get_by_text("Refer to a section").first).to_be_visible()
    page.keyboard.press("Enter")
    page.locator(".modal input[name=q]").fill("quorum")
    choice = page.locator("[data-chooser-modal-choice]", has_text="3.1 Quorum")
    choice.click(timeout=30_000)
    expect(text).to_contain_text("3.1 Quorum")
    approve(adil, submit(page))
    assert "3.1 Quorum (3 Serious incident review group)" in read(bea)

    page = edit(adil, TARGET)
    heading = page.locator("input[name$='-heading']")
    place = next(n for n in range(heading.count()) if heading.nth(n).input_value() == "Quorum")
    heading.nth(place).fill("Who must be there")
    approve(bea, submit(page))
    words = read(adil)
    assert "3.1 Who must be there (3 Serious incident review group)" in words
    assert "3.1 Quorum (3" not in words
    assert bea.troubles + adil.troubles == []
