"""A question that matters only after a certain answer waits for it; what was typed in it is never lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


def child_of_a_new_referral(visitor: Visitor) -> Page:
    """The page on which the first child of a referral is described."""
    visitor.open("/refer/").press("Start now", "Start a referral", "Start")
    visitor.press("The child or children")
    if visitor.page.locator("main [name$=died]").count() == 0:
        visitor.press("Add a child")
    return visitor.page


def test_a_question_waits_for_its_answer_and_keeps_what_was_typed(
    browser: Browser, portal: PortalProcess
) -> None:
    priya = Visitor(browser, portal, "priya.nair@tarnvale.example")
    page = child_of_a_new_referral(priya)
    died, where = priya.field("date_of_death_year"), priya.field("where_now")
    expect(died).to_be_hidden()
    expect(where).to_be_hidden()
    priya.looked_at("questions-1-nothing-chosen")
    priya.choose(died="no")
    expect(where).to_be_visible()
    expect(died).to_be_hidden()
    assert "Only if you answered" not in priya.words()
    where.fill("In hospital")
    priya.choose(died="yes")
    expect(where).to_be_hidden()
    expect(died).to_be_visible()
    priya.looked_at("questions-2-chosen")
    priya.choose(died="no")
    expect(where).to_have_value("In hospital")
    # What is wrong is shown, also where its question would wait.
    priya.choose(died="yes").fill(date_of_death_year="20")
    priya.choose(died="no").press("Save and continue")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(priya.field("date_of_death_year")).to_be_visible()
    assert priya.field("date_of_death_year").input_value() == "20"
    priya.leave()


def test_without_scripts_every_question_is_there_and_says_when_it_matters(
    browser: Browser, portal: PortalProcess
) -> None:
    owen = Visitor(browser, portal, "yusuf.demir@tarnvale.example")
    address = child_of_a_new_referral(owen).url
    plain = browser.new_context(java_script_enabled=False, storage_state=owen.context.storage_state())
    page = plain.new_page()
    page.goto(address)
    expect(page.locator("main [name$=date_of_death_year]")).to_be_visible()
    expect(page.get_by_text("Only if you answered “Yes” to").first).to_be_visible()
    plain.close()
    owen.leave()
