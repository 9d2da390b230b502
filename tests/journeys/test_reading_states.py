"""The manual's pages in their rarer states: local, in a part, to be read, withdrawn, gone, a word explained, a phone's
menu, a narrowed and a mistyped search, a copy that failed. Each is looked at like every other page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.portal_process import PortalProcess
from tests.journeys.test_reading_pages import anyone, bea, priya, seen, tab_to
from tests.journeys.visitor import PHONE, Visitor, picture

pytestmark = pytest.mark.browser
MUST_READ = "/manual/3-serious-incident-review-group/"
WITHDRAWN = "/manual/8-early-help-and-the-right-level-of-support/"
NOTICE = "Early help is now described with the thresholds. This text is kept for reference."
A_PART = """
from procedures.models import ChapterPage, ManualIndexPage
manual = ManualIndexPage.objects.get(slug="manual")
part = manual.add_child(instance=ManualIndexPage(title="Part of the estuary", slug="estuary"))
ChapterPage.objects.get(number="14").move(part, pos="last-child")
"""
A_FAILED_COPY = """
from procedures.exporting.models import Copy, CopyState
copy = Copy.objects.order_by("-asked_at").first()
Copy.objects.filter(pk=copy.pk).update(state=CopyState.FAILED, problem="The copy could not be made. Nothing is lost.")
print(copy.pk)
"""
TOMORROWS_DIGEST = """
from datetime import timedelta
from django.utils import timezone
from procedures.readers.jobs import send_digests
print(send_digests(timezone.localtime().replace(hour=8, minute=0) + timedelta(days=1)))
"""

__all__ = ["anyone", "bea", "priya"]  # fixtures


@pytest.fixture
def grace(browser: Browser, portal: PortalProcess) -> Iterator[Visitor]:
    """The independent chair, who has not yet read the change that everybody must read."""
    visitor = Visitor(browser, portal, "grace.whitlock@tarnbrook.example")
    yield visitor
    visitor.leave()


def key_of(portal: PortalProcess, number: str) -> str:
    """The database's key of a chapter."""
    asked = f"from procedures.models import ChapterPage; print(ChapterPage.objects.get(number='{number}').pk)"
    return portal.manage("shell", "--verbosity", "0", "-c", asked).strip()


def test_a_local_chapter_and_one_in_a_part(anyone: Visitor, portal: PortalProcess) -> None:
    portal.manage("shell", "--verbosity", "0", "-c", A_PART)
    anyone.open("/manual/").press("15 Tarnbrook: the multi-agency hub", "Tarnbrook: the multi-agency hub")
    assert "Local" in anyone.words()
    seen(anyone, "local-chapter")
    seen(anyone.open("/manual/estuary/"), "part")
    assert "Families, publication and learning" in anyone.words()


def test_a_change_that_must_be_read_is_confirmed_by_keyboard(grace: Visitor) -> None:
    page = grace.open(MUST_READ).page
    seen(grace, "must-read-banner")
    tab_to(page, "I have read and understood it", most=120)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("button", name="I have read and understood it").count() == 0
    seen(grace, "must-read-confirmed")


def test_a_word_explained_and_the_menu_of_a_phone(anyone: Visitor, priya: Visitor) -> None:
    page = anyone.open(MUST_READ).page
    page.locator("button.portal-term").first.click()
    expect(page.locator(".portal-term-meaning:popover-open")).to_be_visible()
    seen(anyone, "term-open")
    page = priya.open("/manual/").page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#navigation")).to_be_visible()
    picture(page, "pages-phone-menu-390")
    page.get_by_role("link", name="My work").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_search_that_is_narrowed_and_one_that_is_mistyped(anyone: Visitor) -> None:
    page = anyone.open("/search/?q=refer+a+case").page
    page.get_by_text("Search in a part of the manual only").click()
    page.locator("#search-in").select_option(index=2)
    anyone.go(page.get_by_role("button", name="Search there"))
    seen(anyone, "search-narrowed")
    seen(anyone.open("/search/?q=refferal+panle"), "search-mistyped")
    assert "Did you mean" in anyone.words() or "Showing results for" in anyone.words()


def test_a_copy_that_could_not_be_made_says_so_and_is_made_again(
    priya: Visitor, portal: PortalProcess
) -> None:
    priya.open("/copies/").press("Make it")
    expect(priya.page.get_by_role("link", name="Download the offline copy")).to_be_visible(timeout=60_000)
    failed = portal.manage("shell", "--verbosity", "0", "-c", A_FAILED_COPY).strip()
    seen(priya.open(f"/copies/{failed}/"), "copy-failed")
    assert "could not be made" in priya.words()
    priya.press("Make a new one")
    expect(priya.page.get_by_role("link", name="Download the offline copy")).to_be_visible(timeout=60_000)


def test_a_chapter_is_withdrawn_and_brought_back_and_an_edition_restored(
    bea: Visitor, anyone: Visitor, portal: PortalProcess
) -> None:
    number = key_of(portal, "8")
    seen(bea.open(f"/cms/editions/{number}/withdraw/"), "withdraw")
    bea.press("Withdraw the chapter")
    assert "Write the notice that readers will see" in bea.words()
    seen(bea, "withdraw-error")
    bea.fill(notice=NOTICE).press("Withdraw the chapter")
    anyone.open(WITHDRAWN)
    assert NOTICE in anyone.words()
    seen(anyone, "withdrawn")
    assert "Early help" not in anyone.open("/manual/").words()
    seen(bea.open(f"/cms/editions/{number}/reinstate/"), "reinstate")
    bea.fill(why="The new chapter is not ready yet.").press("Bring it into force again")
    assert "Early help" in anyone.open("/manual/").words()
    bea.open(f"/editions/chapter/{number}/")
    bea.go(bea.page.locator("main").get_by_role("link", name=re.compile("^Edition")).last)
    seen(bea, "edition-to-restore")
    bea.press("Restore this edition as a draft")
    assert "draft" in bea.page.inner_text("body").lower()


def test_a_section_that_is_gone_leads_to_its_chapter(anyone: Visitor, portal: PortalProcess) -> None:
    anchor = portal.manage(
        "shell", "--verbosity", "0", "-c",
        "from procedures.models import Section\n"
        "row = Section.objects.filter(live=True, page__number='9').last()\n"
        "Section.objects.filter(pk=row.pk).update(live=False); print(row.anchor)",
    ).strip()  # fmt: skip
    anyone.open(f"/guide/section/{anchor}/")
    anyone.troubles.clear()  # the browser notes 410 as an error
    seen(anyone, "section-gone")
    assert "9 " in anyone.words()


def test_mail_about_amendments_is_stopped_without_signing_in(
    bea: Visitor, priya: Visitor, anyone: Visitor, portal: PortalProcess
) -> None:
    assert int(portal.manage("shell", "--verbosity", "0", "-c", TOMORROWS_DIGEST)) >= 1
    bea.open("/messages/")
    bea.page.locator("tr", has_text="The procedures manual has been amended").first.get_by_role(
        "link"
    ).click()
    bea.page.wait_for_load_state()
    address = re.search(r"https?://\S+/readers/unsubscribe/\S+", bea.words())
    assert address
    seen(anyone.open(address.group()), "unsubscribe")
    anyone.press("Stop these e-mails")
    assert "You will get no more e-mails about amendments" in anyone.words()
    seen(anyone, "unsubscribed")
    assert "You follow nothing yet" in priya.open("/readers/mine/").words()
