"""A person with a browser: reads, types and presses as a person would, and has every page looked at."""

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Download, Locator, Page

from home.demo_people import PASSWORD
from tests.journeys.portal_process import PortalProcess

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ENLARGED = {"width": 640, "height": 450}  # 1280 x 900 at 200 %: half as many CSS pixels
AXE = Axe()
# Whatever a person can act on in sight, numbered; what gets the focus from now on is noted with whether one sees it.
WATCH_FOCUS = """() => {
  const act = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const there = [...document.querySelectorAll(act)].filter(
    (one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  there.forEach((one, number) => { one.dataset.tabNumber = number; });
  window.focused = [];
  document.addEventListener("focusin", ({ target }) => {
    const look = getComputedStyle(target);
    const drawn = ["radio", "checkbox", "file"].includes(target.type); // on the label, or by the browser
    const seen = drawn || look.outlineStyle !== "none" || look.boxShadow !== "none";
    window.focused.push([target.dataset.tabNumber ?? "", target.type === "radio" ? target.name : "", seen]);
  });
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  const words = (one) => (one.ariaLabel || one.innerText || one.name || one.id || "").trim();
  return there.map((one) => [one.type === "radio" ? one.name : "", words(one)]);
}"""

STILL = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moving = document.getAnimations().map((one) => one.finished);
  await Promise.race([Promise.allSettled(moving), new Promise((done) => setTimeout(done, 500))]); // some never end
}"""


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """A picture of the page, in the folder that PORTAL_SHOTS names: for somebody who wants to look at them."""
    if folder := os.environ.get("PORTAL_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


def by_keyboard(page: Page, name: str) -> None:
    """The tab key alone leads to everything that can be acted on, once round, and one sees where one is."""
    there = page.evaluate(WATCH_FOCUS)
    for _ in range(len(there) + 25):  # what scrolls by itself takes the focus too
        page.keyboard.press("Tab")
    focused = page.evaluate("window.focused")
    page.evaluate("document.activeElement.blur()")
    reached = {number for number, _, _ in focused}
    groups = {group for _, group, _ in focused if group}  # of radios, the arrow keys do the rest
    missed = [
        words
        for number, (group, words) in enumerate(there)
        if str(number) not in reached and group not in groups
    ]
    assert not missed, f"{name}: the tab key does not lead to {missed}"
    unseen = [there[int(number)][1] for number, _, seen in focused if number and not seen]
    assert not unseen, f"{name}: one does not see the focus on {unseen}"


class Visitor:
    """One browser window with its own cookies. Collects console errors; they fail the journey in `looked_at`."""

    def __init__(self, browser: Browser, portal: PortalProcess, email: str = "") -> None:
        self.portal = portal
        self.email = email
        self.context = browser.new_context(viewport=WIDE, accept_downloads=True)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", self._console)
        if email:
            self.sign_in()

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    def open(self, path: str) -> "Visitor":
        self.page.goto(path if path.startswith("http") else self.portal.address + path)
        return self

    def sign_in(self) -> None:
        """Password, then the code that the authenticator app shows."""
        if not self.page.url.startswith(self.portal.address + "/sign-in"):
            self.open("/sign-in/")
        self.fill(email=self.email, password=PASSWORD)
        self.press("Continue", "Sign in")
        self.give_code()

    def give_code(self) -> None:
        """Types the code; a code works once, so right after one use this waits for the next."""
        self.fill(code=self.portal.code_for(self.email))
        self.page.locator("main form button.govuk-button").first.click()
        self.page.wait_for_load_state()

    def field(self, name: str) -> Locator:
        """The first field of this name; forms on one page put a prefix and a hyphen before it."""
        return self.page.locator(f'main [name="{name}"], main [name$="-{name}"]').first

    def fill(self, **fields: str) -> "Visitor":
        """Types into fields by name."""
        for name, value in fields.items():
            self.field(name).fill(value)
        return self

    def choose(self, **fields: str) -> "Visitor":
        """Picks radio buttons, check boxes or list entries by the field's name and the value."""
        for name, value in fields.items():
            if self.field(name).evaluate("field => field.tagName") == "SELECT":
                self.field(name).select_option(value)
            else:
                self.page.locator(
                    f'[name="{name}"][value="{value}"], [name$="-{name}"][value="{value}"]'
                ).check()
        return self

    def tick(self, *labels: str) -> "Visitor":
        """Ticks boxes by their labels."""
        for label in labels:
            self.page.get_by_label(label).check()
        return self

    def date(self, name: str, day: int, month: int, year: int) -> "Visitor":
        return self.fill(**{f"{name}_day": str(day), f"{name}_month": str(month), f"{name}_year": str(year)})

    def press(self, *names: str) -> "Visitor":
        """Presses the first button or link that has one of these names."""
        for name in names:
            exact = re.compile(rf"^\s*(\d+\. )?{re.escape(name)}")
            for role in ("button", "link"):
                found = self.page.locator("main").get_by_role(role, name=exact)  # type: ignore[arg-type]
                if found.count():
                    found.first.click()
                    self.page.wait_for_load_state()
                    return self
        raise AssertionError(f"Nothing to press called {names} on {self.page.url}: {self.words()[:1500]}")

    def go(self, way: Locator) -> "Visitor":
        """Presses a link or a button and waits for the page that it leads to: a click alone does not."""
        with self.page.expect_navigation():
            way.click()
        return self

    def download(self, name: str) -> Download:
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name=re.compile(name)).first.click()
        return started.value

    def words(self) -> str:
        """What the main part of the page says."""
        return self.page.locator("main").inner_text()

    def looked_at(self, name: str, *, enlarged: bool = False, keyboard: bool = True) -> "Visitor":
        """The page at both widths, and where `enlarged` at 200 % too and at all three by keyboard alone: a picture, no
        accessibility violation, no sideways scrolling, nothing blocked."""
        sizes = {"1280": WIDE, "390": PHONE, **({"200": ENLARGED} if enlarged else {})}
        for width, size in sizes.items():
            self.resize(size)
            picture(self.page, f"{name}-{width}")
            found = AXE.run(self.page)
            assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
            overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{name} at {width} scrolls sideways by {overflow} px"
        for width, size in sizes.items() if enlarged and keyboard else ():
            self.resize(size)
            by_keyboard(self.page, f"{name} at {width}")
        self.resize(WIDE)
        assert self.troubles == [], f"{name}: {self.troubles}"
        return self

    def resize(self, size: Any) -> None:
        """Gives the window another size and waits until nothing moves: menus fold a moment later."""
        self.page.set_viewport_size(size)
        self.page.evaluate(STILL)

    def leave(self) -> None:
        self.context.close()
