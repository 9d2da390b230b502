"""Who is told what about the upkeep of the manual, and when."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from wagtail.models import Page, TaskState

from portal.accounts.models import Membership, Role, User
from portal.outbox import services as outbox
from portal.outbox.models import Message
from portal.reminders.registry import Notice, Plan, Recipient
from procedures.upkeep.approvers import approvers, managers_of, partnerships_of
from procedures.upkeep.models import Review, SecondPerson

APPROVAL = "manual_approval"
REVIEW = "manual_review"
GUARD = "manual-review"
LONDON = ZoneInfo("Europe/London")
STEPS = (-28, -7, 0, 7, 28)  # days before, on and after the review date
FIRST_LATE = STEPS.index(7)


def ask_for_approval(sender: type, instance: TaskState, **kwargs: Any) -> None:
    """Wagtail's task_submitted: everybody who may approve is told, once for each time it is submitted."""
    page = instance.workflow_state.content_object
    if not isinstance(page, Page) or not isinstance(instance.task.specific, SecondPerson):
        return
    for person in approvers(page):
        outbox.send(
            notice=APPROVAL,
            to=person.email,
            key=f"{APPROVAL}:{instance.pk}:{person.pk}",
            context={"link": settings.BASE_URL + reverse("upkeep_approve", args=[page.pk])},
            recipient_id=person.pk,
            partnership_id=next(iter(partnerships_of(page)), None),
        )


def moments(review: Review) -> list[datetime]:
    """When the reminders of a review fall due, in order: eight in the morning on each day of STEPS."""
    # Counted on the calendar, so that it stays eight o'clock when the clocks change.
    local = review.due_at.astimezone(LONDON)
    return [local + timedelta(days=days) for days in STEPS]


def recipients(review: Review, step: int) -> list[Recipient]:
    """The owner's account while it has access; else the business managers, and where there are none, everybody who
    manages the partnership."""
    page = review.page
    keeper = page.keeper
    local = partnerships_of(page)
    if keeper is not None and _has_access(keeper, local):
        return [Recipient(keeper.pk, keeper.email)]
    people = managers_of(page)
    business = set(
        Membership.objects.current()
        .filter(role=Role.BUSINESS_MANAGER, person__in=people)
        .filter(Q(partnership__in=local) if local else Q())
        .values_list("person_id", flat=True)
    )
    chosen = [person for person in people if person.pk in business] or people
    return [Recipient(person.pk, person.email) for person in chosen]


def _has_access(person: User, local: set[Any]) -> bool:
    held = set(Membership.objects.current().filter(person=person).values_list("partnership_id", flat=True))
    return bool(held) and local <= held


def review_notice(review: Review, step: int, recipient: Recipient) -> Notice:
    """The chapter, its review date, and where to see what is due."""
    page = review.page
    return Notice(
        notice=REVIEW,
        context={
            "chapter": page.name,
            "review_by": page.review_by,
            "late": step >= FIRST_LATE,
            "today": STEPS[step] == 0,
            "link": settings.BASE_URL + page.get_url(),
        },
        guard=GUARD,
        subject_id=review.pk,
        partnership_id=page.partnership_id,
    )


def may_still_be_told(message: Message) -> bool:
    """Outbox guard: the review is still to be done, and the recipient would still be reminded of it."""
    if message.subject_id is None:
        return False
    review = Review.objects.select_related("page").filter(pk=message.subject_id).first()
    if review is None or not review.page.live:
        return False
    return message.recipient_id in {one.user_id for one in recipients(review, 0)}


PLAN = Plan(steps=moments, recipients=recipients, notice=review_notice, related=("page",))
