"""Puts upkeep into the CMS: the guards, the reports, the desk, and the editor's button."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.rich_text.feature_registry import FeatureRegistry

from procedures.desk import trays
from procedures.upkeep import guards, rich_text, views
from procedures.upkeep.chooser import section_chooser

hooks.register("before_create_page", guards.before_create)
hooks.register("before_edit_page", guards.before_edit)
hooks.register("before_unpublish_page", guards.before_unpublish)
hooks.register("before_move_page", guards.before_move)
hooks.register("before_delete_page", guards.before_delete)
hooks.register("after_delete_page", guards.after_delete)
hooks.register("before_bulk_action", guards.before_bulk)
hooks.register("after_bulk_action", guards.after_bulk)


@hooks.register("register_rich_text_features")
def cross_references(features: FeatureRegistry) -> None:
    """The button “Refer to a section”."""
    rich_text.register(features)


@hooks.register("register_admin_viewset")
def sections() -> Any:
    """The dialogue in which a section is chosen."""
    return section_chooser


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    """Upkeep's pages below /cms/."""
    return [
        path("upkeep/approve/<int:page_id>/", views.approve, name="upkeep_approve"),
        path("upkeep/reviews/", views.reviews_report, name="upkeep_reviews"),
        path("upkeep/links/", views.links_report, name="upkeep_links"),
    ]


@hooks.register("register_reports_menu_item")
def reviews_item() -> MenuItem:
    """Reports › Review dates."""
    return MenuItem("Review dates", reverse("upkeep_reviews"), icon_name="calendar", order=50)


@hooks.register("register_reports_menu_item")
def links_item() -> MenuItem:
    """Reports › Links of the manual."""
    return MenuItem("Links of the manual", reverse("upkeep_links"), icon_name="link", order=60)


class Desk(Component):
    """The editor's desk on the first page of the CMS."""

    name = "desk"
    order = 50
    template_name = "procedures/upkeep/desk.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        """The lists of all areas for this person."""
        return {"trays": trays(parent_context["request"])}


@hooks.register("construct_homepage_panels")
def desk(request: HttpRequest, panels: list[Component]) -> None:
    """Above what was edited last, and below what waits for one's approval."""
    for panel in panels:
        if isinstance(panel, WorkflowObjectsToModeratePanel):
            panel.order = Desk.order - 10
    panels.append(Desk())
