"""The verbs of time limits: start, stop, extend, cancel. Each writes its row and the case's event together.

Every change of a running deadline says in its WHERE what it read, so of two who act at once one wins and the
other learns of it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from caseforms.cases.models import Case, Outcome, Stage
from caseforms.cases.services import record_event
from caseforms.deadlines import limits
from caseforms.deadlines.defaults import DEFAULT_RULES
from caseforms.deadlines.models import Deadline, DeadlineRule, Extension, State
from caseforms.deadlines.selectors import closed_days, rules_started_by
from caseforms.deadlines.vocabulary import BY_HAND, ENDS_EVERYTHING, Start, Stop
from portal.accounts.models import Agency, Membership, Partnership
from portal.reminders.services import arm

DEFAULTS_VALID_FROM = date(2000, 1, 1)  # so that a default also judges what began before it was installed
ENDED = frozenset({Stage.WITHDRAWN, Stage.CLOSED})
REVIEWS = frozenset({Outcome.REVIEW, Outcome.OTHER_REVIEW})


class ExtensionRefused(ValueError):
    """The extension breaks a rule; the message is a sentence for the person."""


class StaleDeadline(Exception):
    """A colleague has changed the deadline meanwhile; nothing was written."""


def install_default_rules(partnership: Partnership) -> int:
    """Gives a partnership the time limits that ship where it has no rule of that code; returns how many."""
    made = 0
    for rule in DEFAULT_RULES:
        if not DeadlineRule.objects.filter(partnership=partnership, code=rule.code).exists():
            DeadlineRule.objects.create(partnership=partnership, valid_from=DEFAULTS_VALID_FROM, **vars(rule))
            made += 1
    return made


@transaction.atomic
def start(
    case: Case,
    trigger: Start | str,
    at: datetime,
    actor: Membership | None,
    *,
    agencies: Iterable[Agency] | None = None,
) -> list[Deadline]:
    """Starts every time limit that this trigger starts, once; returns the deadlines that are new.

    `at` is when it happened (aware), which may be earlier than now. A rule whose owner is the agency lead
    makes one deadline for each of `agencies` (default: every agency that takes part in the case).
    """
    stage, outcome = Case.objects.values_list("stage", "outcome").get(pk=case.pk)
    if stage in ENDED:
        return []
    started: list[Deadline] = []
    for rule in rules_started_by(case.partnership, trigger, at):
        if rule.only_for_reviews and outcome not in REVIEWS:
            continue
        owners: list[Agency | None] = [None]
        if rule.one_per_agency:
            owners = list(case.agencies.all()) if agencies is None else list(agencies)
        made = [deadline for owner in owners if (deadline := _start_one(case, rule, owner, at))]
        if made:
            _record_start(case, rule, made, actor)
        started += made
    return started


def _start_one(case: Case, rule: DeadlineRule, owner: Agency | None, at: datetime) -> Deadline | None:
    """The new deadline, or None where one of this rule (in whatever version) is running already."""
    if Deadline.objects.open().filter(case=case, rule__code=rule.code, owner_agency=owner).exists():
        return None
    day = limits.local_day(at)
    closed = closed_days(case.partnership, day, day + timedelta(days=2 * rule.length + 60))
    due = limits.due_at(at, rule.length, rule.unit, closed)
    deadline, made = Deadline.objects.get_or_create(
        case=case,
        rule=rule,
        owner_agency=owner,
        state=State.OPEN,
        defaults={
            "task": rule.task,
            "how": limits.in_words(
                Start(rule.starts_on).label, at, rule.length, rule.unit, rule.source, closed
            ),
            "started_at": at,
            "due_at": due,
            "original_due_at": due,
        },
    )
    if not made:
        return None
    arm(deadline)
    deadline.save(update_fields=["next_chase_at", "chase_step"])
    return deadline


def _record_start(case: Case, rule: DeadlineRule, made: list[Deadline], actor: Membership | None) -> None:
    facts = {
        "rule": rule.code,
        "version": rule.version,
        "due": made[0].due_at.isoformat(),
        "agencies": sorted(deadline.owner_agency.code for deadline in made if deadline.owner_agency),
    }
    text = f"{rule.task}: by {limits.in_full(made[0].due_at)}.\n{made[0].how}"
    record_event(case, "deadline_started", actor, text=text, facts=facts)


@transaction.atomic
def stop(
    case: Case,
    trigger: Stop | str,
    at: datetime,
    actor: Membership | None,
    *,
    agency: Agency | None = None,
) -> list[Deadline]:
    """Marks what this step or act fulfils as met, or as met late; returns those deadlines.

    With `agency`, of the tasks that each agency has for itself only that agency's. What the step makes
    unnecessary is cancelled, everything where the case ends with it. Doing it twice changes nothing.
    """
    running = Deadline.objects.open().filter(case=case).select_related("rule", "owner_agency", "case")
    met = [
        deadline
        for deadline in running.filter(rule__stops_on=trigger)
        if _concerns(deadline, agency) and _end(deadline, _met_state(deadline, at), at, actor)
    ]
    for deadline in running.filter(rule__lapses_on=trigger):
        _end(deadline, State.CANCELLED, at, actor)
    if trigger in ENDS_EVERYTHING or Case.objects.filter(pk=case.pk, stage__in=ENDED).exists():
        cancel(case, at, actor)
    return met


def _concerns(deadline: Deadline, agency: Agency | None) -> bool:
    return agency is None or deadline.owner_agency_id in (None, agency.pk)


def _met_state(deadline: Deadline, at: datetime) -> State:
    return State.MET if at <= deadline.due_at else State.LATE_MET


def _end(deadline: Deadline, state: State, at: datetime, actor: Membership | None) -> bool:
    """Ends a running deadline and writes the event; False where a colleague ended it first."""
    met_at = None if state == State.CANCELLED else at
    ended = (
        Deadline.objects.open().filter(pk=deadline.pk).update(state=state, met_at=met_at, next_chase_at=None)
    )
    if not ended:
        return False
    deadline.state, deadline.met_at, deadline.next_chase_at = state, met_at, None
    verb = {State.MET: "deadline_met", State.LATE_MET: "deadline_met_late"}.get(state, "deadline_cancelled")
    facts = {
        "rule": deadline.rule.code,
        "due": deadline.due_at.isoformat(),
        "agencies": [deadline.owner_agency.code] if deadline.owner_agency else [],
    }
    record_event(deadline.case, verb, actor, text=deadline.task, facts=facts)
    return True


@transaction.atomic
def cancel(case: Case, at: datetime, actor: Membership | None) -> list[Deadline]:
    """Cancels everything that still runs in a case (it was withdrawn or closed); returns those deadlines."""
    running = Deadline.objects.open().filter(case=case).select_related("rule", "owner_agency", "case")
    return [deadline for deadline in running if _end(deadline, State.CANCELLED, at, actor)]


@transaction.atomic
def record_done(deadline: Deadline, at: datetime, actor: Membership) -> None:
    """Records that a task which is done outside the portal was done at `at` (aware).

    Raises StaleDeadline where it no longer runs, ValueError for a task that a step of the workflow fulfils.
    """
    if deadline.rule.stops_on not in BY_HAND:
        raise ValueError("This task is fulfilled by a step of the case, not by hand.")
    if not _end(deadline, _met_state(deadline, at), at, actor):
        raise StaleDeadline


@transaction.atomic
def extend(
    deadline: Deadline,
    new_due: datetime,
    reason: str,
    agreed_by: str,
    actor: Membership | None,
    *,
    asked_by: str = "",
) -> Extension:
    """Gives a running deadline a later date; the old one stays on record and reminders are set anew.

    `deadline` as the person saw it: StaleDeadline is raised where its date or state has changed since.
    ExtensionRefused is raised for no reason, nobody who agreed, or a date that is not later than both now and
    the old one. domain.md, Time limits: only on request, with a reason, a new date and who agreed it.
    """
    old_due = deadline.due_at
    _check_extension(old_due, new_due, reason, agreed_by)
    changed = Deadline.objects.open().filter(pk=deadline.pk, due_at=old_due).update(due_at=new_due)
    if not changed:
        raise StaleDeadline
    deadline.refresh_from_db()
    arm(deadline)
    deadline.save(update_fields=["next_chase_at", "chase_step"])
    extension = Extension.objects.create(
        deadline=deadline,
        old_due=old_due,
        new_due=new_due,
        reason=reason,
        asked_by=asked_by,
        agreed_by=agreed_by,
        recorded_by=actor,
    )
    facts = {
        "rule": deadline.rule.code,
        "old_due": old_due.isoformat(),
        "due": new_due.isoformat(),
        "agencies": [deadline.owner_agency.code] if deadline.owner_agency else [],
        "extension": str(extension.pk),
    }
    text = f"{deadline.task}: from {limits.in_full(old_due)} to {limits.in_full(new_due)}.\n{reason}"
    record_event(deadline.case, "deadline_extended", actor, text=text, facts=facts)
    return extension


def _check_extension(old_due: datetime, new_due: datetime, reason: str, agreed_by: str) -> None:
    if not reason.strip():
        raise ExtensionRefused("Say why more time is needed")
    if not agreed_by.strip():
        raise ExtensionRefused("Say who agreed to the new date")
    if new_due <= timezone.now():
        raise ExtensionRefused("The new date must be later than now")
    if new_due <= old_due:
        raise ExtensionRefused("The new date must be later than the old one")


def due_for_draft(partnership: Partnership, consulted_at: datetime) -> datetime | None:
    """By when a referral that is still a draft must be sent, if the partnership has such a limit."""
    rule = (
        rules_started_by(partnership, Start.CONSULTATION, consulted_at).filter(stops_on=Stop.SUBMIT).first()
    )
    if rule is None:
        return None
    day = limits.local_day(consulted_at)
    closed = closed_days(partnership, day, day + timedelta(days=2 * rule.length + 60))
    return limits.due_at(consulted_at, rule.length, rule.unit, closed)
