"""The offline copy, opened from disk in a browser with no server behind it."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from procedures.exporting import offline
from procedures.exporting.document import Part, Stamp
from procedures.exporting.walking import chapter_document
from procedures.models import GlossaryTerm
from procedures.rendering import RenderedChapter, RenderedSection
from procedures.sharing.models import Contact
from tests.journeys.visitor import ENLARGED, PHONE, WIDE, by_keyboard, picture
from tests.procedures.exporting.test_files import BOX, LIST, NUMBERED, PICTURE, TABLE

pytestmark = pytest.mark.django_db
STAMP = Stamp("Tarnbrook Partnership", "https://tarn.example", "26 November 2026 at 09:00")
CONTACTS = [
    Contact(service="Duty desk", what_for="Worries & doubts", telephone="01632 960 000", urgent=True),
    Contact(service="Records office", email="records@tarn.example"),
]
WIDTHS = {"1280": WIDE, "390": PHONE, "200": ENLARGED}
TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth && !one.closest(".portal-table-scroll"))
    .map(one => one.tagName + " " + one.className)"""


def png(source: str) -> bytes | None:
    buffer = BytesIO()
    Image.new("RGB", (800, 400), "#dddddd").save(buffer, "PNG")
    return None if "gone" in source else buffer.getvalue()


def a_chapter(number: str, title: str, slug: str, html: str, *more: str) -> offline.Written:
    sections = [RenderedSection(f"s-{number}1", "1", "What to look for", 2, html)]
    sections += [
        RenderedSection(f"s-{number}{place}", f"1.{place}", "A section inside", 3, one)
        for place, one in enumerate(more, 2)
    ]
    rendered = RenderedChapter(title, number, BOX, tuple(sections))
    document = chapter_document(rendered, f"/manual/{slug}/", date(2026, 11, 2))
    return offline.Written(rendered, document, f"{slug}.html")


@pytest.fixture
def unzipped(tmp_path: Path) -> Path:
    """The copy of a manual of three chapters and a part, taken out of its zip."""
    GlossaryTerm.objects.create(term="CPIR", meaning="A review of what\nhappened.")
    links = (
        '<p class="govuk-body">See <a class="govuk-link" href="/manual/missing/#s-72">the interview</a>, '
        '<a class="govuk-link" href="/manual/missing/">the chapter</a>, '
        '<a class="govuk-link" href="/refer/">the form</a>, <a class="govuk-link" href="/contacts/">contacts</a>, '
        f'<a class="govuk-link" href="/contacts/#contact-{CONTACTS[0].pk}">the duty desk</a>, '
        '<a class="govuk-link" href="https://example.org/">elsewhere</a>. '
        "Referrals are made within a day. &lt;script&gt;</p>"
    )
    written = [
        a_chapter("6", "Bruises on babies", "bruises", links + NUMBERED + LIST + TABLE + PICTURE),
        a_chapter("7", "Children who go missing", "missing", "<p class='govuk-body'>The police decide.</p>",
                  '<p class="govuk-body">Somebody independent talks with the child. <mark>café</mark></p>'),
        a_chapter("8", "Élan & more", "elan", "<p class='govuk-body'>Nothing.</p>"),
    ]  # fmt: skip
    part = Part(
        "Manual of the valley",
        tuple(one.document for one in written[:2]),
        (Part("The second part", (written[2].document,)),),
    )
    file = tmp_path / "copy.zip"
    with file.open("wb") as target:
        chapters = {one.document.path: one for one in written}
        offline.Site(target, part, chapters, CONTACTS, STAMP, png, "manual").write(lambda: None)
    with zipfile.ZipFile(file) as package:
        package.extractall(tmp_path)
    return tmp_path / "manual"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser without a network."""
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def test_nothing_in_the_copy_needs_a_server(unzipped: Path) -> None:
    for file in unzipped.glob("*.html"):
        html = file.read_text(encoding="utf-8")
        assert 'type="module"' not in html
        assert " style=" not in html
        assert "<script>" not in html
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', html):
            assert not address.startswith(("/", "file:", "//")), f"{file.name}: {address}"
            if not address.startswith(("https://", "#", "tel:", "mailto:")):
                target, _, anchor = address.partition("#")
                assert (unzipped / target).is_file(), f"{file.name}: {address}"
                if anchor:
                    assert f'id="{anchor}"' in (unzipped / target).read_text(encoding="utf-8")
    script = (unzipped / "assets" / "offline.js").read_text(encoding="utf-8")
    assert not re.search(r"\b(import|fetch|XMLHttpRequest)\b\s*\(", script)
    assert (unzipped / "READ ME.txt").is_file()


def test_every_page_says_that_it_is_a_copy_and_from_when(unzipped: Path) -> None:
    for file in unzipped.glob("*.html"):
        html = file.read_text(encoding="utf-8")
        assert "made on 26 November 2026 at 09:00" in html
        assert "Tarnbrook Partnership" in html
    assert "https://tarn.example/manual/bruises/" in (unzipped / "bruises.html").read_text(encoding="utf-8")


def test_links_lead_to_pages_of_the_copy_and_else_to_the_live_manual(unzipped: Path) -> None:
    html = (unzipped / "bruises.html").read_text(encoding="utf-8")
    for address in (
        "missing.html#s-72",
        "missing.html",
        "https://tarn.example/refer/",
        "contacts.html",
        f"contacts.html#contact-{CONTACTS[0].pk}",
        "https://example.org/",
    ):
        assert f'href="{address}"' in html
    assert 'src="pictures/1.png"' in html
    assert (unzipped / "pictures" / "1.png").is_file()


def test_two_chapters_of_one_name_have_a_file_each() -> None:
    assert list(offline.file_names(["a", "a", "index", "", "search"])) == [
        "a.html", "a-2.html", "index-2.html", "chapter.html", "search-2.html",
    ]  # fmt: skip


@pytest.mark.browser
def test_contents_links_and_search_work_from_disk_without_a_server(unzipped: Path, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((unzipped / "index.html").as_uri())
    page.get_by_role("link", name="6 Bruises on babies").click()
    assert page.url.endswith("/bruises.html")
    assert page.get_by_role("button", name="Print this chapter").is_visible()
    page.get_by_role("link", name="the interview").click()
    assert page.url.endswith("/missing.html#s-72")
    page.get_by_label("Search this copy").fill("referring")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search.html?q=referring")
    assert page.get_by_role("heading", name="1 section").is_visible()
    assert page.locator("mark").first.inner_text() == "Referrals"
    page.locator("ol.portal-results a").first.click()
    assert page.url.endswith("/bruises.html#s-61")
    for typed, expected in (
        ("independent child", "1.2 A section inside"),
        ("cafe", "1.2 A section inside"),
        ("<script>", "6 Bruises on babies › 1 What to look for"),
        ("01632 worries", "Contacts › Duty desk"),
        ("zebra", "Nothing found"),
        ("x" * 1000 + "()[]*+", "Nothing found"),
        ("", "Type a few words"),
    ):
        page.goto((unzipped / "search.html").as_uri())
        page.get_by_label("Search this copy").fill(typed)
        page.get_by_role("button", name="Search").click()
        page.wait_for_load_state()
        assert expected in page.locator("main").inner_text(), typed
    assert errors == []


@pytest.mark.browser
def test_every_page_of_the_copy_is_accessible_at_every_width_and_by_keyboard(
    unzipped: Path, page: Page
) -> None:
    for name in (
        "index.html",
        "bruises.html",
        "a-z.html",
        "glossary.html",
        "contacts.html",
        "search.html?q=police decide",
    ):
        for width, size in WIDTHS.items():
            page.set_viewport_size(size)  # type: ignore[arg-type]
            file, _, query = name.partition("?")
            page.goto((unzipped / file).as_uri() + (f"?{query}" if query else ""))
            picture(page, f"offline-{file[:-5]}-{width}")
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
            too_wide = page.evaluate(TOO_WIDE)
            assert too_wide == [], f"{name} at {width} scrolls sideways"
            by_keyboard(page, f"{name} at {width}")


def test_the_index_holds_every_word_of_every_section(unzipped: Path) -> None:
    index = (unzipped / "assets" / "search-index.js").read_text(encoding="utf-8")
    assert index.startswith("window.manualIndex = [")
    assert "Ring the duty desk" in index
