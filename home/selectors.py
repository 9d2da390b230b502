""" "My work": what waits for one person, put together from the other apps' policy querysets."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from caseforms.actionplans.selectors import quarter_tasks
from caseforms.cases import page, policy, timeline
from caseforms.cases import selectors as case_selectors
from caseforms.cases.models import Case, CaseEvent, Draft, Stage
from caseforms.cases.policy import Action
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.policy import deadlines_for
from caseforms.deadlines.vocabulary import BY_HAND, Stop
from portal.accounts.models import Membership, Role, User
from portal.accounts.selectors import memberships_of
from portal.workdays import Quarter
from procedures.editing.models import Edition
from procedures.readers import selectors as readers

# Acts of a case with a lower order than this are somebody's task; the others (withdraw, declare …) are only possible.
TASKS_BEFORE = 60
RECENT = timedelta(days=7)
# A step without a time limit of its own is due when the one is that cannot be taken before it.
COMES_BEFORE = {Stop.TRIAGE.value: Stop.ASK_AGENCIES.value}


@dataclass
class Waiting:
    """One line of "waiting for you": what, for which case if any, until when if known."""

    title: str
    url: str
    button: str
    reference: str = ""
    due_at: datetime | None = None
    hint: str = ""


@dataclass
class StageCount:
    """How many cases of a partnership stand at a stage, the longest there, and how many are over a time limit."""

    label: str
    stage: str
    count: int = 0
    oldest: datetime | None = None
    late: int = 0


@dataclass
class MyWork:
    """Everything that the page shows."""

    waiting: list[Waiting] = field(default_factory=list)
    late: list[Waiting] = field(default_factory=list)
    recent: list[tuple[str, timeline.Entry]] = field(default_factory=list)
    amended: list[Edition] = field(default_factory=list)
    stages: list[StageCount] = field(default_factory=list)
    may_refer: bool = False


def my_work(person: User, acting: Membership, now: datetime) -> MyWork:
    """What waits for this person across all their memberships; the stages of cases for a business manager."""
    cases = list(case_selectors.listed(person).exclude(stage__in=[Stage.CLOSED, Stage.WITHDRAWN]))
    open_deadlines = list(
        deadlines_for(person)
        .open()
        .filter(case__in=[case.pk for case in cases])
        .order_by("due_at")
        .select_related("rule")
    )
    work = MyWork(may_refer=acting.role in policy.MAY_REFER)
    granted = policy.rights_in(person, cases)
    lines = [
        *_tasks(cases, person, open_deadlines, granted),
        *_by_hand(cases, person, open_deadlines, granted),
        *_actions(person, now),
        *_drafts(person),
        *_manual(person, acting),
    ]
    lines.sort(key=lambda line: (line.due_at is None, line.due_at or now))
    work.late = [line for line in lines if line.due_at and line.due_at < now]
    work.waiting = [line for line in lines if line not in work.late]
    work.recent = _recent(person, now - RECENT)
    work.amended = readers.must_read_since(person, now - RECENT)
    if acting.role == Role.BUSINESS_MANAGER:
        own = [case for case in cases if case.partnership_id == acting.partnership_id]
        work.stages = _stages(own, open_deadlines, now)
    return work


def _tasks(
    cases: Iterable[Case], person: User, deadlines: Iterable[Deadline], granted: Mapping[UUID, set[Action]]
) -> list[Waiting]:
    """The acts that the next step of each case needs from this person."""
    # A time limit belongs to the act that stops it: the two are called by the same name.
    due = {
        (deadline.case_id, deadline.rule.stops_on): deadline.due_at for deadline in reversed(list(deadlines))
    }

    def due_at(case: Case, step: str) -> datetime | None:
        return due.get((case.pk, step)) or due.get((case.pk, COMES_BEFORE.get(step, "")))

    return [
        Waiting(
            title=act.label,
            url=reverse(act.url_name, args=[case.reference]),
            button="Start",
            reference=case.reference,
            due_at=due_at(case, act.action.value),
        )
        for case in cases
        for act in page.acts_now(case, person, granted.get(case.pk, set()))
        if act.order < TASKS_BEFORE
    ]


def _by_hand(
    cases: Iterable[Case], person: User, deadlines: Iterable[Deadline], granted: Mapping[UUID, set[Action]]
) -> list[Waiting]:
    """What this person, or their agency, must do outside the portal by a time limit; whoever keeps the time limits of
    the case records there that it was done."""
    held = {(member.partnership_id, member.role, member.agency_id) for member in memberships_of(person)}
    by_key = {case.pk: case for case in cases}

    def is_theirs(deadline: Deadline, case: Case) -> bool:
        agency = deadline.owner_agency_id
        return any(
            (partnership, role) == (case.partnership_id, deadline.rule.owner_role)
            and agency in (None, own_agency)
            for partnership, role, own_agency in held
        )

    lines = []
    for deadline in deadlines:
        case = by_key[deadline.case_id]
        if deadline.rule.stops_on in BY_HAND and is_theirs(deadline, case):
            records = Action.EXTEND_DEADLINE in granted.get(case.pk, set())
            page_of_all = f"{reverse('deadlines:list')}?case={case.reference}"
            lines.append(
                Waiting(
                    title=deadline.task,
                    url=reverse("deadlines:done", args=[deadline.pk]) if records else page_of_all,
                    button="Record as done" if records else "See the time limit",
                    reference=case.reference,
                    due_at=deadline.due_at,
                )
            )
    return lines


def _actions(person: User, now: datetime) -> list[Waiting]:
    """What this person's agency still owes to action plans this quarter."""
    quarter = Quarter.containing(timezone.localtime(now).date(), settings.FINANCIAL_YEAR_START_MONTH)
    return [
        Waiting(
            title=f"Update {task.total} {'action' if task.total == 1 else 'actions'}, {task.quarter}",
            url=reverse("actionplans:mine"),
            button="Continue" if task.done else "Start",
            reference=task.case_reference,
            due_at=timezone.make_aware(datetime(task.due_on.year, task.due_on.month, task.due_on.day, 17)),
            hint=f"{task.done} of {task.total} updated",
        )
        for task in quarter_tasks(person, quarter)
        if task.done < task.total
    ]


def _drafts(person: User) -> list[Waiting]:
    """Referrals that this person has begun and not sent."""
    mine = Draft.objects.filter(
        owner__person=person, owner__in=Membership.objects.current(), state=Draft.State.DRAFT
    )
    referrals = mine.filter(
        Q(case__isnull=True) | Q(case__in=policy.cases_for(person, Action.ANSWER_QUESTION))
    )
    return [
        Waiting(
            title="Draft referral",
            url=reverse("referrals:task_list", args=[draft.pk]),
            button="Continue",
            hint=f"Saved {timezone.localtime(draft.saved_at):%-d %B, %H:%M}, not yet sent",
        )
        for draft in referrals.filter(question_set__code="case-referral")
    ]


def _manual(person: User, acting: Membership) -> list[Waiting]:
    """What the manual asks of this person: reports of readers, changes that must be read."""
    return [
        Waiting(title=task.title, url=task.url, button=task.button, hint=task.hint)
        for task in readers.tasks(person, acting)
    ]


def _recent(person: User, since: datetime) -> list[tuple[str, timeline.Entry]]:
    """What happened since a moment in the cases that this person sees: reference and event, newest first, ten."""
    moved = CaseEvent.objects.filter(recorded_at__gte=since).values("case")
    cases = list(case_selectors.listed(person).filter(pk__in=moved))
    granted = policy.rights_in(person, cases)
    happened = [
        (case.reference, entry)
        for case in cases
        for entry in timeline.entries(case, granted.get(case.pk, set()) | {Action.SEE})
        if entry.at >= since and entry.kind != timeline.TIME_LIMITS
    ]
    return sorted(happened, key=lambda line: line[1].at, reverse=True)[:10]


def _stages(cases: Iterable[Case], deadlines: Iterable[Deadline], now: datetime) -> list[StageCount]:
    """One row for each stage that a case stands at, in the order of a case's life."""
    late = Counter(deadline.case_id for deadline in deadlines if deadline.due_at < now)
    rows = {stage.value: StageCount(str(stage.label), stage.value) for stage in Stage}
    for case in cases:
        row = rows[case.stage]
        row.count += 1
        row.oldest = min(row.oldest or case.stage_since, case.stage_since)
        row.late += case.pk in late
    return [row for row in rows.values() if row.count]
