"""The step of the workflow at which a second person approves."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from wagtail.locks import WorkflowLock
from wagtail.models import Page, Task, TaskState

from procedures.models import ChapterPage
from procedures.upkeep.approvers import may_approve
from procedures.upkeep.references import lost, unusable


class Frozen(WorkflowLock):
    """While a change waits for approval nobody changes it: what is approved is what was read."""

    def get_message(self, user: Any) -> str:
        return ""  # said at the head of the page, with who may approve and how to take it back


class SecondPerson(Task):
    """Approved by somebody who manages a partnership and had no hand in the change (approvers.py)."""

    lock_class = Frozen

    class Meta:
        verbose_name = "approval by a second person"
        verbose_name_plural = "approvals by a second person"

    @classmethod
    def get_description(cls) -> str:
        """For whoever puts together a workflow."""
        return "Somebody who manages a partnership and did not change the chapter approves it"

    def user_can_access_editor(self, obj: Page, user: Any) -> bool:
        """Whoever may approve may see the page in the editor."""
        return may_approve(user, obj)

    def locked_for_user(self, obj: Page, user: Any) -> bool:
        """For everybody: see Frozen."""
        return True

    def get_actions(self, obj: Page, user: Any) -> list[tuple[str, str, bool]]:
        """What this person may do about the change, as (name, label, whether it opens a form)."""
        if not may_approve(user, obj):
            return []
        asking = [("reject", "Ask for changes", True)]
        if unfit(obj):
            return asking
        return [*asking, ("approve", "Approve", False), ("approve", "Approve with comment", True)]

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Asks again: the button may be an hour old. Raises PermissionDenied where the answer is no (any more)."""
        with transaction.atomic():
            # Of two who press at once, the second waits here and then finds it decided.
            state = TaskState.objects.select_for_update().get(pk=task_state.pk)
            page = state.workflow_state.content_object
            allowed = action_name in {name for name, _, _ in self.get_actions(page, user)}
            if not allowed or state.status != TaskState.STATUS_IN_PROGRESS:
                raise PermissionDenied
            return super().on_action(state, user, action_name, **kwargs)

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> QuerySet[TaskState]:
        """What waits for this person's approval."""
        waiting = self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS).select_related(
            "workflow_state"
        )
        theirs = [one.pk for one in waiting if may_approve(user, one.workflow_state.content_object)]
        states: QuerySet[TaskState] = TaskState.objects.filter(pk__in=theirs)
        return states


def unfit(page: Page) -> bool:
    """Whether publishing the draft of a page would leave a cross reference that leads nowhere, or an amendment without
    its note."""
    draft = page.specific.get_latest_revision_as_object()
    return isinstance(draft, ChapterPage) and bool(draft.lacks_note or lost(draft) or unusable(draft))
