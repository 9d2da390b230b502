"""Puts the import into the CMS: its addresses, its entry in the menu, and a note above a page that needs a look."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button
from wagtail.models import Page

from procedures.intake import policy
from procedures.models import ChapterPage


class ImportMenuItem(MenuItem):
    """Shown to whoever manages a partnership."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(policy.partnerships_of(request.user))


@hooks.register("register_admin_urls")
def import_urls() -> list[Any]:
    """/cms/import/"""
    return [path("import/", include("procedures.intake.urls", namespace="intake"))]


@hooks.register("register_admin_menu_item")
def import_menu_item() -> MenuItem:
    """ "Import chapters" in the CMS menu."""
    return ImportMenuItem(
        "Import chapters", reverse("intake:start"), name="import-chapters", icon_name="upload", order=250
    )


@hooks.register("register_page_header_buttons")
def findings_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Any:
    """A button that leads from the page's editor to what its import found."""
    if isinstance(page.specific, ChapterPage) and page.specific.findings.exists():
        from_import = page.specific.findings.filter(seen_at=None).count()
        address = reverse("intake:findings", args=[page.pk])
        yield Button(f"Findings of the import ({from_import})", address, icon_name="warning", priority=70)


@hooks.register("before_edit_page")
def findings_waiting(request: HttpRequest, page: Page) -> None:
    """Says above the editor that the import found something: the button alone is hidden in a menu."""
    if request.method != "GET" or not isinstance(page, ChapterPage):
        return
    left = page.findings.filter(seen_at=None).count()
    if left:
        button = messages.button(reverse("intake:findings", args=[page.pk]), "See them", new_window=False)
        sentence = "1 finding of the import is" if left == 1 else f"{left} findings of the import are"
        messages.warning(request, f"{sentence} still to be looked at.", buttons=[button])
