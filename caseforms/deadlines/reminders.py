"""Who is reminded of a deadline, when, and in which words (domain.md, Time limits)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from caseforms.cases import policy
from caseforms.cases.models import CaseParticipant
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


@dataclass
class Prepared:
    """What the reminders of a deadline need to know, fetched once for a batch of them."""

    closed: frozenset[date] = frozenset()
    seeing: list[Membership] = field(default_factory=list)
    deputies: set[UUID] = field(default_factory=set)


def prepare(deadlines: list[Deadline]) -> None:
    """Fetches for many deadlines at once who sees their cases and which days are closed: a few queries."""
    cases = {deadline.case_id: deadline.case for deadline in deadlines}
    seeing: dict[UUID, list[Membership]] = defaultdict(list)
    told = policy.members_who_in(Action.SEE, cases.values()).filter(_may_be_told(deadlines))
    for member in told.select_related("person"):
        seeing[member.case_pk].append(member)  # type: ignore[attr-defined]
    deputies = set(
        CaseParticipant.objects.filter(case__in=cases, kind=CaseParticipant.Kind.DEPUTY).values_list(
            "case", "membership"
        )
    )
    closed = _closed(deadlines)
    for deadline in deadlines:
        deadline.prepared = Prepared(
            closed[deadline.case.partnership_id],
            seeing[deadline.case_id],
            {membership for case, membership in deputies if case == deadline.case_id},
        )


def _may_be_told(deadlines: Iterable[Deadline]) -> Q:
    """The memberships that any of the deadlines could concern: not everybody in every partnership."""
    roles: set[str] = {Role.BUSINESS_MANAGER}
    for deadline in deadlines:
        rule = deadline.rule
        roles |= {rule.owner_role, rule.escalates_to, rule.then_to} - {
            "",
            Role.AGENCY_LEAD,
            Role.PRACTITIONER,
        }
    agencies = {deadline.owner_agency_id for deadline in deadlines} - {None}
    referrers = {deadline.case.referred_by.person_id for deadline in deadlines}
    return Q(role__in=roles) | Q(agency__in=agencies) | Q(person__in=referrers)


def _closed(deadlines: Iterable[Deadline]) -> dict[UUID, frozenset[date]]:
    """The closed days around the dates of the deadlines, by partnership."""
    days: dict[UUID, list[date]] = defaultdict(list)
    partnerships = {}
    for deadline in deadlines:
        partnerships[deadline.case.partnership_id] = deadline.case.partnership
        days[deadline.case.partnership_id].append(local_day(deadline.due_at))
    return {
        key: closed_days(partnership, min(days[key]) - WINDOW, max(days[key]) + WINDOW)
        for key, partnership in partnerships.items()
    }


def moments(deadline: Deadline) -> list[datetime]:
    """When the reminders of a deadline fall due, in order: 08:00 in London on each day of STEPS.

    A limit in hours that ends before eight has its reminder of the day at the end itself.
    """
    due_day = local_day(deadline.due_at)
    closed = deadline.prepared.closed if deadline.prepared else next(iter(_closed([deadline]).values()))
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
    if deadline.prepared is None:
        prepare([deadline])
    levels = _levels(deadline)
    wanted = 1 + max(0, step - FIRST_LATE + 1)
    found: dict[UUID, Recipient] = {}
    for number, members in enumerate(levels):
        if number >= wanted and found:
            break
        for member in members:
            found[member.person_id] = Recipient(member.person_id, member.person.email)
    return list(found.values())


def _levels(deadline: Deadline) -> list[list[Membership]]:
    """Owner, then the roles that the rule names, then the business manager; as the policy sees them today."""
    rule, seeing = deadline.rule, deadline.prepared.seeing
    roles = [role for role in (rule.escalates_to, rule.then_to, Role.BUSINESS_MANAGER) if role]
    return [_owners(deadline), *([member for member in seeing if member.role == role] for role in roles)]


def _owners(deadline: Deadline) -> list[Membership]:
    """The leads of the agency whose task it is, and its deputies; the referrer; or all who have the role."""
    role, seeing = deadline.rule.owner_role, deadline.prepared.seeing
    if deadline.owner_agency_id:
        return [
            member
            for member in seeing
            if member.agency_id == deadline.owner_agency_id
            and (member.role == Role.AGENCY_LEAD or member.pk in deadline.prepared.deputies)
        ]
    if role == Role.PRACTITIONER:
        return [member for member in seeing if member.person_id == deadline.case.referred_by.person_id]
    return [member for member in seeing if member.role == role]


def notice(deadline: Deadline, step: int, recipient: Recipient) -> Notice:
    """The reference, the task, the date and a link: nothing about anybody (T19)."""
    case = deadline.case
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
    prepare=prepare,
)
