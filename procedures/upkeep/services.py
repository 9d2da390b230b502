"""What happens to the manual's upkeep: a change is approved, a review is set, links are read."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone
from wagtail.models import Page, Revision, TaskState, Workflow, WorkflowState, WorkflowTask

from portal.reminders.services import arm
from procedures.approval import needs_approval
from procedures.models import ChapterPage
from procedures.upkeep import reading
from procedures.upkeep.approvers import may_approve
from procedures.upkeep.models import Address, Kind, Link, ReadChapter, Review, SecondPerson
from procedures.upkeep.tasks import unfit

WORKFLOW = "Approval of the manual"
TASK = "A second person approves"
LONDON = ZoneInfo("Europe/London")
MORNING = time(8, 0)


def install(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After migrations: the workflow of the manual, switched on, again and again without harm."""
    tables = connections[using].introspection.table_names()
    if using != DEFAULT_DB_ALIAS or not {"upkeep_secondperson", "wagtailcore_workflowtask"} <= set(tables):
        return
    ContentType.objects.clear_cache()  # what this process remembers may be from before the tables were emptied
    task = SecondPerson.objects.order_by("pk").first() or SecondPerson.objects.create(name=TASK)
    SecondPerson.objects.filter(pk=task.pk).update(active=True)
    steps = WorkflowTask.objects.filter(task=task).order_by("pk")
    step = steps.first()
    workflow = step.workflow if step else Workflow.objects.create(name=WORKFLOW)
    Workflow.objects.filter(pk=workflow.pk).update(active=True)
    if step is None:
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)


def manual_workflow() -> Workflow | None:
    """The workflow of the manual; None where it has been switched off."""
    tasks = SecondPerson.objects.filter(active=True)
    return Workflow.objects.filter(active=True, workflow_tasks__task__in=tasks).order_by("pk").first()


def publish_approved(state: WorkflowState, user: Any) -> None:
    """What ends a workflow: the page's latest revision is published, or scheduled where it says when.

    For a page of the manual the second person must have approved this very revision in this workflow. A workflow
    comes to its end without that when a task is switched off or another workflow is put together; then nothing is
    published. Raises PermissionDenied.
    """
    page = state.content_object
    if isinstance(page, Page) and needs_approval(page):
        approved = TaskState.objects.filter(
            workflow_state=state,
            status=TaskState.STATUS_APPROVED,
            revision=page.get_latest_revision(),
            task__in=SecondPerson.objects.all(),
            finished_by=user,
        )
        asked_by_another = user is not None and user.pk != state.requested_by_id
        if not (asked_by_another and approved.exists() and may_approve(user, page)) or unfit(page):
            raise PermissionDenied
        page.get_latest_revision().publish(user=user, skip_permission_checks=True)
        return
    page.get_latest_revision().publish(user=user)


def on_published(
    sender: type, instance: ChapterPage, revision: Revision | None = None, **kwargs: Any
) -> None:
    """Wagtail's page_published."""
    set_review(instance)
    read_links(instance)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished: nobody is reminded of a chapter that nobody reads, and its links bother nobody."""
    Review.objects.filter(page_id=instance.pk).delete()
    Link.objects.filter(page_id=instance.pk).delete()
    ReadChapter.objects.filter(page_id=instance.pk).delete()


def set_review(page: ChapterPage) -> Review | None:
    """Have the owner reminded of a live chapter's review; None where it has no date or has been withdrawn. Publishing
    again with the same date reminds nobody twice."""
    if not page.live or page.review_by is None or page.withdrawn_at is not None:
        Review.objects.filter(page_id=page.pk).delete()
        return None
    due_at = datetime.combine(page.review_by, MORNING, tzinfo=LONDON).astimezone(UTC)
    with transaction.atomic():
        review, made = Review.objects.get_or_create(page=page, defaults={"due_at": due_at})
        if made or review.due_at != due_at:
            review.due_at = due_at
            arm(review)
            review.save()
    return review


def read_links(page: ChapterPage) -> int:
    """Write down where a chapter leads to, anew; the number of its links. None of a chapter that is not live."""
    now = timezone.now()
    links = reading.links(page) if page.live else []
    with transaction.atomic():
        Link.objects.filter(page_id=page.pk).delete()
        Link.objects.bulk_create(links)
        addresses = {one.target for one in links if one.kind == Kind.EXTERNAL}
        Address.objects.bulk_create(
            [Address(url=url, next_at=now) for url in sorted(addresses)], ignore_conflicts=True
        )
        ReadChapter.objects.update_or_create(page_id=page.pk, defaults={"read_at": now})
    return len(links)
