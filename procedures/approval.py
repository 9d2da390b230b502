"""What Wagtail is told about every page of the manual: nobody publishes it by hand, approval does.

`upkeep` says which workflow that is (`register`), so that the page models need not know it. The rules stand on the page
types and not in a group's rights or in a row of the page tree: they hold for superusers, for a manual that is made
tomorrow, and cannot be taken away in the CMS.
"""

from collections.abc import Callable
from typing import Any

from wagtail.admin.forms.pages import CopyForm
from wagtail.models import Page, Workflow

from procedures.policy import KeptPermissions

Find = Callable[[], Workflow | None]

_find: list[Find] = []


def register(find: Find) -> None:
    """From `upkeep`'s AppConfig.ready: what finds the workflow of the manual."""
    _find[:] = [find]


def workflow() -> Workflow | None:
    """The workflow that publishes pages of the manual; None where it has been switched off, and then nothing does."""
    return _find[0]() if _find else None


class Permissions(KeptPermissions):
    """Those of policy.py, without publishing: no button, no menu, no POST, no bulk action, whoever asks."""

    def can_publish(self) -> bool:
        return False

    def can_publish_subpage(self) -> bool:
        return False

    def can_set_view_restrictions(self) -> bool:
        return bool(super().can_publish())

    def can_unschedule(self) -> bool:
        return bool(super().can_publish())


class CopyAsDraft(CopyForm):
    """A copy of a page of the manual, wherever it is placed, begins as a draft."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)


class PublishedByApproval:
    """For the page types of the manual."""

    copy_form_class = CopyAsDraft

    def permissions_for_user(self, user: Any) -> Permissions:
        """What this person may do with the page in the CMS."""
        return Permissions(user, self)

    def get_workflow(self) -> Workflow | None:
        """The manual's own workflow, whatever is assigned to the page tree."""
        return workflow()

    @property
    def has_workflow(self) -> bool:
        """Whether it can be submitted."""
        return workflow() is not None


def needs_approval(page: Page) -> bool:
    """Whether this is a page of the manual."""
    return issubclass(page.specific_class or Page, PublishedByApproval)
