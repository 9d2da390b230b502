"""The lists on the CMS's first page ask no policy: here they leave out another partnership's pages, which somebody may
have edited, locked or submitted before they lost the right to."""

from collections.abc import Callable
from typing import Any

from wagtail.admin.views import home
from wagtail.models import Page

from procedures.policy import kept_elsewhere


class RecentEdits(home.RecentEditsPanel):
    def get_context_data(self, parent_context: Any) -> Any:
        return _without(super().get_context_data(parent_context), "last_edits", lambda row: row[1])


class Locked(home.LockedPagesPanel):
    def get_context_data(self, parent_context: Any) -> Any:
        return _without(super().get_context_data(parent_context), "locked_pages", lambda row: row)


class Submitted(home.UserObjectsInWorkflowModerationPanel):
    def get_context_data(self, parent_context: Any) -> Any:
        return _without(
            super().get_context_data(parent_context), "workflow_states", lambda row: row.content_object
        )


class ToModerate(home.WorkflowObjectsToModeratePanel):
    def get_context_data(self, parent_context: Any) -> Any:
        return _without(super().get_context_data(parent_context), "states", lambda row: row["obj"])


def _without(context: Any, name: str, page_of: Callable[[Any], Any]) -> Any:
    user = context["request"].user
    context[name] = [
        row
        for row in context[name]
        if not (isinstance(page_of(row), Page) and kept_elsewhere(user, page_of(row)))
    ]
    return context


SCOPED = (RecentEdits, Locked, Submitted, ToModerate)


def scope(panels: list[Any]) -> None:
    """Put our lists in the place of Wagtail's, in the list of panels itself as the hook wants it. Each keeps the order
    that an earlier hook may have given it: what waits for one's approval comes first."""
    for place, panel in enumerate(panels):
        for ours in SCOPED:
            if type(panel) in ours.__bases__:
                panels[place] = ours()
                panels[place].order = panel.order
