"""Editions in the CMS: the way to them, and withdrawing a chapter."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.widgets import Button
from wagtail.models import Page

from procedures.editing import cms, policy
from procedures.models import ChapterPage


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return [
        path("editions/<int:page_id>/withdraw/", cms.withdraw, name="withdraw_chapter"),
        path("editions/<int:page_id>/reinstate/", cms.reinstate, name="reinstate_chapter"),
    ]


@hooks.register("register_page_header_buttons")
def header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """In the menu at the head of a chapter: its editions, and withdrawing it or the way back."""
    chapter = page.specific
    if not isinstance(chapter, ChapterPage):
        return
    if chapter.editions.exists():
        address = reverse("editing:chapter", args=[chapter.pk])
        yield Button("Editions and comparison", address, icon_name="history", priority=66)
    if chapter.live and policy.may_withdraw(user, chapter):
        if chapter.withdrawn_at:
            address = reverse("reinstate_chapter", args=[chapter.pk])
            yield Button("Bring into force again", address, icon_name="undo", priority=67)
        else:
            address = reverse("withdraw_chapter", args=[chapter.pk])
            yield Button("Withdraw with a notice", address, icon_name="warning", priority=67)


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("procedures.withdraw", "Withdraw", "Withdrawn with a notice")
    actions.register_action("procedures.reinstate", "Reinstate", "In force again")
