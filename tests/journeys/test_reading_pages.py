"""Every page of the manual that somebody reads or sends something from: accessible at both widths and enlarged, by
keyboard alone, and without scripts. (Front, chapter, A to Z and glossary: tests/procedures/reading; importer pages:
test_import_chapters.py and test_the_managers_day.py.)"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
CHAPTER = "/manual/1-recognising-that-a-child-may-be-harmed/"


@pytest.fixture(scope="module")
def priya(browser: Browser, portal: PortalProcess) -> Iterator[Visitor]:
    """A practitioner, signed in once."""
    visitor = Visitor(browser, portal, "priya.nair@tarnvale.example")
    yield visitor
    visitor.leave()


@pytest.fixture(scope="module")
def bea(browser: Browser, portal: PortalProcess) -> Iterator[Visitor]:
    """The business manager, signed in once."""
    visitor = Visitor(browser, portal, "bea.lindqvist@tarnbrook.example")
    yield visitor
    visitor.leave()


@pytest.fixture
def anyone(browser: Browser, portal: PortalProcess) -> Iterator[Visitor]:
    """Somebody without an account."""
    visitor = Visitor(browser, portal)
    yield visitor
    visitor.leave()


def seen(visitor: Visitor, name: str, *, keyboard: bool = True) -> Visitor:
    """At both widths, enlarged to 200 %, and by the tab key (which would close what is open on the page)."""
    return visitor.looked_at(f"pages-{name}", enlarged=True, keyboard=keyboard)


def tab_to(page: Page, name: str, most: int = 80) -> None:
    """Presses the tab key until the element with this accessible name has the focus."""
    says = "e => (e.ariaLabel || (e.labels && e.labels[0] ? e.labels[0].innerText : '') || e.innerText || '').trim()"
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"({says})(document.activeElement)").startswith(name):
            return
    raise AssertionError(f"{most} tabs do not lead to {name} on {page.url}")


def test_what_anybody_reads(anyone: Visitor) -> None:
    seen(anyone.open("/search/"), "search")
    seen(anyone.open("/search/?q=refer+a+case"), "search-results")
    seen(anyone.open("/search/?q=zzyzx+qwvk"), "search-none")
    assert "Nothing found" in anyone.words()
    seen(anyone.open("/contacts/"), "contacts")
    seen(anyone.open("/editions/"), "amendments")
    row = anyone.page.locator("tr", has_text="Recognising that a child may be harmed").first
    anyone.go(row.get_by_role("link", name="Recognising").first)
    anyone.go(anyone.page.locator("main").get_by_role("link", name=re.compile("^Changes")).first)
    assert anyone.page.locator("del").count() > 0
    seen(anyone, "comparison")
    anyone.go(anyone.page.get_by_role("link", name="Back to the editions of this chapter"))
    seen(anyone, "editions")
    anyone.go(anyone.page.locator("main").get_by_role("link", name=re.compile("^Edition")).last)
    assert "Not the edition in force" in anyone.words()
    seen(anyone, "edition")


def test_a_chapter_as_it_stood_on_a_day(anyone: Visitor) -> None:
    anyone.open(CHAPTER).press("All editions of this chapter")
    anyone.date("on", 1, 6, 2026).press("Read it as it stood")
    assert "within two working days to confirm" in anyone.words()
    assert "within one working day to confirm" not in anyone.words()
    anyone.open(CHAPTER).press("All editions of this chapter")
    anyone.date("on", 1, 1, 2020).press("Read it as it stood")
    assert "There is a problem" in anyone.words()
    assert anyone.field("on_year").input_value() == "2020"
    seen(anyone, "editions-too-early")


def test_a_report_is_written_and_sent_by_keyboard_alone(anyone: Visitor) -> None:
    page = anyone.open(CHAPTER).page
    tab_to(page, "Something wrong or out of date here?", most=150)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    seen(anyone, "report")
    tab_to(page, "Send to the chapter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    seen(anyone, "report-error")
    tab_to(page, "What")
    page.keyboard.type("The duty desk has a new number.")
    tab_to(page, "Send to the chapter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    seen(anyone, "reported")
    tab_to(page, "Go back to where you were reading")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"{CHAPTER}#s-"))
    assert anyone.troubles == []


def test_suggestions_are_taken_by_keyboard_alone(anyone: Visitor) -> None:
    page = anyone.open("/manual/").page
    tab_to(page, "Search the manual")
    page.keyboard.type("strat")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    seen(anyone, "suggestions", keyboard=False)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=strat"))


def test_what_is_ones_own(priya: Visitor) -> None:
    seen(priya.open(CHAPTER), "chapter-signed-in")
    priya.press("Get an e-mail when this chapter")
    seen(priya, "follow")
    seen(priya.open("/readers/mine/"), "mine")
    priya.open("/copies/")
    seen(priya, "copies")
    priya.press("Make it")
    seen(priya, "copy")
    expect(priya.page.get_by_role("link", name="Download the offline copy")).to_be_visible(timeout=60_000)
    seen(priya, "copy-made")


def test_what_the_business_manager_asks_and_answers(bea: Visitor) -> None:
    seen(bea.open("/readers/must-read/"), "must-read")
    bea.go(bea.page.locator("main a[href^='/readers/must-read/']").last)
    seen(bea, "must-read-one")
    seen(bea.open("/readers/feedback/"), "feedback")
    bea.go(bea.page.locator("main a[href^='/readers/feedback/']").last)
    seen(bea, "feedback-one")


def test_without_scripts_one_reads_searches_and_reports(browser: Browser, portal: PortalProcess) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal.address}/manual/")
    page.locator("#manual-search").fill("time limit for a decision")
    page.get_by_role("button", name="Search").first.click()
    page.locator("main .portal-results a").first.click()
    assert "#s-" in page.url
    page.get_by_role("link", name=re.compile("^Something wrong or out of date here")).first.click()
    page.locator("main textarea").first.fill("Section 2 says five days, the form says three.")
    page.get_by_role("button", name=re.compile("^Send to the chapter")).click()
    assert page.get_by_role("heading", name="Thank you").is_visible()
    context.close()
