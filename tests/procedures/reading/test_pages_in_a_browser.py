"""The reading pages in a real browser: accessible, by keyboard, on a phone, enlarged, in print, scriptless."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.journeys.portal_process import PortalProcess
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
CHAPTER = "/manual/1-recognising-that-a-child-may-be-harmed/"
PAGES = {
    "reading-index": "/manual/",
    "reading-chapter": CHAPTER,
    "reading-chapter-table": "/manual/3-serious-incident-review-group/",
    "reading-a-to-z": "/guide/a-z/",
    "reading-glossary": "/guide/glossary/",
    "reading-display": "/display/",
}


@pytest.fixture
def visitor(browser: Browser, portal: PortalProcess) -> Visitor:  # noqa: F811
    """Somebody without an account."""
    return Visitor(browser, portal)


def test_every_reading_page_is_accessible_at_both_widths_as_it_comes_and_in_high_visibility(
    visitor: Visitor,
) -> None:
    for name, path in PAGES.items():
        visitor.open(path).looked_at(name, enlarged=True)
    visitor.open("/display/?next=/manual/")
    visitor.choose(text_size="large")
    visitor.tick("High visibility").press("Save")
    assert visitor.page.url.endswith("/manual/")
    html = visitor.page.locator("html")
    assert "portal-text-large portal-high-visibility" in (html.get_attribute("class") or "")
    for name, path in PAGES.items():
        visitor.open(path).looked_at(f"{name}-high")


def test_at_200_per_cent_nothing_is_lost_and_nothing_scrolls_sideways(visitor: Visitor) -> None:
    # Zooming in to 200 % is half as many CSS pixels.
    visitor.page.set_viewport_size({"width": 640, "height": 450})
    for path in PAGES.values():
        visitor.open(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path


def test_a_chapter_is_read_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.open(CHAPTER).page
    page.locator(".portal-contents__link").nth(3).focus()
    page.keyboard.press("Enter")
    page.locator("[aria-current=location]", has_text=re.compile("^2 ")).wait_for()
    term = page.locator("button.portal-term").first
    term.focus()
    page.keyboard.press("Enter")
    meaning = page.locator(f"#{term.get_attribute('popovertarget')}")
    assert meaning.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Close")
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    assert page.evaluate("document.activeElement.className") == "portal-term"


def test_on_a_phone_the_contents_are_folded_and_a_table_names_each_cell(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.open("/manual/3-serious-incident-review-group/")
    assert not page.locator(".portal-contents__list").is_visible()
    page.locator(".portal-contents__summary").click()
    page.locator(".portal-contents__link").nth(1).click()
    assert not page.locator(".portal-contents__list").is_visible()
    label = page.locator("td[data-label]").first.evaluate(
        "cell => getComputedStyle(cell, '::before').content"
    )
    assert "Step" in label


def test_a_section_gives_its_permanent_address(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open(CHAPTER).page
    page.get_by_role("link", name=re.compile("Copy link to 3 ")).click()
    page.get_by_text("Link copied").first.wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/guide/section/s-[0-9a-f]{10}/$", address)
    page.goto(address)
    assert re.search(rf"{CHAPTER}#s-[0-9a-f]{{10}}$", page.url)


def test_print_has_the_address_the_edition_and_the_day_on_every_page_and_the_meanings_at_the_end(
    visitor: Visitor,
) -> None:
    visitor.open(CHAPTER)
    pages = [one.extract_text() for one in PdfReader(BytesIO(visitor.page.pdf(format="A4"))).pages]
    assert len(pages) > 1
    for text in pages:
        flat = " ".join(text.split())
        assert "edition of 2 November 2026" in flat
        assert "printed " in flat
        assert "localhost:" in flat
    assert "Words explained" in pages[-1]
    assert not any("Copy link" in text or "In this chapter" in text for text in pages)


def test_without_scripts_everything_is_there(browser: Browser, portal: PortalProcess) -> None:  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal.address}{CHAPTER}")
    assert page.locator(".portal-contents__list").is_visible()
    page.locator("button.portal-term").first.click()
    assert page.locator(".portal-term-meaning").first.is_visible()
    page.get_by_role("link", name=re.compile("Link to 3 ")).click()
    assert "#s-" in page.url
    context.close()
