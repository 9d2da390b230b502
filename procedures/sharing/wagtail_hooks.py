"""What is local in the CMS: its registers, and lists without another partnership's pages."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.models import Page
from wagtail_modeladmin.options import modeladmin_register

from procedures.policy import without_kept_elsewhere
from procedures.sharing import dashboard
from procedures.sharing.registers import LocalGroup

modeladmin_register(LocalGroup)


@hooks.register("construct_page_chooser_queryset")
def choose_among_own(pages: Any, request: HttpRequest) -> Any:
    """Choosers of pages, browsed and searched."""
    return without_kept_elsewhere(request.user, pages)


@hooks.register("construct_explorer_page_queryset")
def explore_own(parent_page: Page, pages: Any, request: HttpRequest) -> Any:
    """The explorer, also where its search looks past Wagtail's policy."""
    return without_kept_elsewhere(request.user, pages)


@hooks.register("construct_homepage_panels", order=1000)
def panels_of_own(request: HttpRequest, panels: list[Any]) -> None:
    """The lists on the CMS's first page."""
    dashboard.scope(panels)
