"""The editor's desk: how many reports of readers wait for an answer."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.ui.components import Component

from procedures.readers import policy


class FeedbackOpen(Component):
    """Open reports that this person may answer, oldest first, on the CMS admin's front page."""

    name = "feedback_open"
    template_name = "procedures/readers/cms/feedback_open.html"
    order = 120
    shown = 5

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Adds `count` and the first few `reports`; their words are behind the link."""
        waiting = policy.feedback_for(parent_context["request"].user).open().order_by("sent_at")
        return {"count": waiting.count(), "reports": waiting.defer("text", "answer")[: self.shown]}


@hooks.register("construct_homepage_panels")
def add_feedback_panel(request: HttpRequest, panels: list[Component]) -> None:
    panels.append(FeedbackOpen())
