"""Who is reminded of a deadline, when, and in which words (domain.md, Time limits)."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.urls import reverse

from caseforms.cases import policy
from caseforms.cases.models import Case
from caseforms.cases.policy import Action
from caseforms.deadlines.limits import LONDON, local_day
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.policy import deadlines_for
from caseforms.deadlines.selectors import closed_days
from portal.accounts.models import Membership, Role, User
from portal.outbox.models import Message
from portal.reminders.registry import Notice, Plan, Recipient
from portal.workdays import add_working_days

GUARD = "deadline"
NOTICE = "deadline_reminder"
STEPS = (-5, -1, 0, 1, 3, 5)  # working days before, on and after the day on which it is due
FIRST_LATE = STEPS.index(1)
REMIND_AT = time(8, 0)  # local time: there when people come to work
WINDOW = timedelta(days=45)


def moments(deadline: Deadline) -> list[datetime]:
    """When the reminders of a deadline fall due, in order: 08:00 in London on each day of STEPS.

    A limit in hours that ends before eight has its reminder of the day at the end itself.
    """
    due_day = local_day(deadline.due_at)
    closed = closed_days(deadline.case.partnership, due_day - WINDOW, due_day + WINDOW)
    mornings = [
        datetime.combine(add_working_days(due_day, step, closed), REMIND_AT, tzinfo=LONDON).astimezone(UTC)
        for step in STEPS
    ]
    mornings[STEPS.index(0)] = min(mornings[STEPS.index(0)], deadline.due_at)
    return mornings


def recipients(deadline: Deadline, step: int) -> list[Recipient]:
    """Whom reminder number `step` goes to: the owner, and with each late one the next person up as well.

    Where nobody may be told at a level (no such person, or one with an interest), the next level hears at
    once: a reminder that reaches nobody helps nobody.
    """
    levels = _levels(deadline)
    wanted = 1 + max(0, step - FIRST_LATE + 1)
    found: dict[object, Recipient] = {}
    for number, members in enumerate(levels):
        if number >= wanted and found:
            break
        for member in members:
            found[member.person_id] = Recipient(member.person_id, member.person.email)
    return list(found.values())


def _levels(deadline: Deadline) -> list[list[Membership]]:
    """Owner, then the roles that the rule names, then the business manager; as the policy sees them today."""
    rule = deadline.rule
    seeing = policy.members_who(Action.SEE, deadline.case).select_related("person")
    roles = [role for role in (rule.escalates_to, rule.then_to, Role.BUSINESS_MANAGER) if role]
    members = list(seeing)
    return [_owners(deadline, members), *([one for one in members if one.role == role] for role in roles)]


def _owners(deadline: Deadline, seeing: list[Membership]) -> list[Membership]:
    case, role = deadline.case, deadline.rule.owner_role
    if deadline.owner_agency_id:
        deputies = case.participants.filter(kind="deputy").values_list("membership", flat=True)
        return [
            member
            for member in seeing
            if member.agency_id == deadline.owner_agency_id
            and (member.role == Role.AGENCY_LEAD or member.pk in deputies)
        ]
    if role == Role.PRACTITIONER:
        return [member for member in seeing if member.person_id == case.referred_by.person_id]
    return [member for member in seeing if member.role == role]


def notice(deadline: Deadline, step: int, recipient: Recipient) -> Notice:
    """The reference, the task, the date and a link: nothing about anybody (T19)."""
    case: Case = deadline.case
    return Notice(
        notice=NOTICE,
        context={
            "reference": case.reference,
            "task": deadline.task,
            "deadline_at": deadline.due_at,
            "late": step >= FIRST_LATE,
            "link": settings.BASE_URL + reverse("cases:detail", args=[case.reference]),
        },
        guard=GUARD,
        subject_id=deadline.pk,
        partnership_id=case.partnership_id,
    )


def may_still_be_told(message: Message) -> bool:
    """Outbox guard: the deadline still runs, and the recipient still sees it, at the moment of delivery."""
    if message.recipient_id is None or message.subject_id is None:
        return False
    person = User.objects.filter(pk=message.recipient_id).first()
    return person is not None and deadlines_for(person).open().filter(pk=message.subject_id).exists()


PLAN = Plan(
    steps=moments,
    recipients=recipients,
    notice=notice,
    related=("case__partnership", "case__referred_by", "rule"),
)
