"""The verbs of readers and of those who answer them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import Page

from portal.accounts.models import Membership, Partnership, User
from portal.accounts.throttle import allowed
from portal.audit import services as audit
from portal.outbox import services as outbox
from procedures.editing.models import Edition
from procedures.models import ChapterPage
from procedures.readers import notices, policy, selectors
from procedures.readers.models import (
    Chase,
    Confirmation,
    Digest,
    Feedback,
    FeedbackState,
    Outcome,
    Subscription,
)
from procedures.readers.policy import Scope

AN_HOUR = 3600
REPORTS_OF_A_PERSON = 20  # an hour
REPORTS_OF_AN_ADDRESS = 30  # an hour; a whole office may stand behind one address
DIGEST_AT = time(7)  # local time: a digest tells what was published up to then
SETTLED = timedelta(minutes=10)  # by then whatever was published at that moment has been committed


class TooMany(Exception):
    """This person, or this address, has reported too often within the hour."""


class Overtaken(Exception):
    """Somebody else was faster; nothing was written."""


@dataclass(frozen=True)
class Place:
    """A section that somebody reports on: its chapter, its address, and its name as they see it."""

    page: ChapterPage
    anchor: str
    section: str


# ---- Reports ---------------------------------------------------------------------------------------------------


def report(
    place: Place,
    text: str,
    *,
    key: UUID,
    partnership: Partnership,
    person: User | None = None,
    address: str = "",
    sender: str = "",
) -> Feedback:
    """Store a report and make it its owner's task. The same `key` again gives the report that is there already.

    `address` is where somebody without an account wants the answer, or empty; `sender` is the network address, which
    is counted (as a digest) and not kept. Raises TooMany.
    """
    page = place.page
    edition = Edition.objects.filter(page=page).defer("rendered").first()
    with transaction.atomic():
        try:
            with transaction.atomic():
                feedback = Feedback.objects.create(
                    key=key,
                    page=page,
                    chapter=page.name[:300],
                    anchor=place.anchor,
                    section=place.section[:300],
                    edition=edition,
                    partnership=page.partnership or partnership,
                    person=person,
                    address="" if person else address,
                    text=text,
                )
        except IntegrityError:
            return Feedback.objects.get(key=key)
        # Asked only now, so that one form sent eight times counts once.
        if not _may_report(person, sender):
            raise TooMany
        for owner in policy.owners_of(feedback):
            notices.received(feedback, owner)
    return feedback


def _may_report(person: User | None, sender: str) -> bool:
    if person:
        return allowed("manual-report", str(person.pk), times=REPORTS_OF_A_PERSON, seconds=AN_HOUR)
    return allowed("manual-report-at", sender, times=REPORTS_OF_AN_ADDRESS, seconds=AN_HOUR)


def answer(feedback: Feedback, outcome: Outcome, words: str, actor: Membership) -> None:
    """Say what came of a report; its sender is told. Raises Overtaken where it is no longer open."""
    with transaction.atomic():
        _settle(feedback, FeedbackState.ANSWERED, actor, outcome=outcome)
        feedback.answer = words
        notices.answered(feedback)
        feedback.address = ""
        feedback.save(update_fields=["answer", "address"])
        audit.record(
            "answered",
            actor=actor,
            kind="manual feedback",
            ref=str(feedback.pk),
            partnership_id=feedback.partnership_id,
            detail=outcome.value,
        )


def set_aside(feedback: Feedback, actor: Membership) -> None:
    """Close a report without an answer and erase its words. Raises Overtaken where it is no longer open."""
    with transaction.atomic():
        _settle(feedback, FeedbackState.CLOSED, actor)
        feedback.text = feedback.address = ""
        feedback.save(update_fields=["text", "address"])
        audit.record(
            "set_aside",
            actor=actor,
            kind="manual feedback",
            ref=str(feedback.pk),
            partnership_id=feedback.partnership_id,
        )


def _settle(feedback: Feedback, state: FeedbackState, actor: Membership, outcome: str = "") -> None:
    now = timezone.now()
    settled = Feedback.objects.open().filter(pk=feedback.pk)
    if not settled.update(state=state, outcome=outcome, answered_by=actor, answered_at=now):
        raise Overtaken
    feedback.state, feedback.outcome, feedback.answered_by, feedback.answered_at = state, outcome, actor, now


# ---- Following -------------------------------------------------------------------------------------------------


def follow(page: Page, person: User) -> Subscription:
    """The person is told of amendments to this chapter, or to all chapters below this manual; again is the same."""
    return Subscription.objects.get_or_create(person=person, page=Page(pk=page.pk))[0]


def unfollow(person: User, subscription_id: UUID | None = None) -> int:
    """End one subscription of a person, or all; returns how many there were."""
    rows = Subscription.objects.filter(person=person)
    return (rows.filter(pk=subscription_id) if subscription_id else rows).delete()[0]


def send_digests(now: datetime | None = None) -> int:
    """Tell those who follow something what was amended; the number of mails stored.

    A digest is about what was published up to seven o'clock this morning. Run again, killed half-way or by two
    workers at once, it stores one message for each person and day: the row that claims the day and the message are
    written together. Somebody for whom there is nothing new gets no mail.
    """
    until = digest_until(now or timezone.now())
    editions = selectors.recent_editions(until)
    if not editions:
        return 0
    told = selectors.already_told(Subscription.objects.values_list("person_id", flat=True).distinct())
    sent = 0
    for person, subscriptions in _followers():
        since = told.get(person.pk)
        news = [
            edition
            for edition in editions
            if selectors.covered(edition, subscriptions) and (since is None or edition.published_at > since)
        ]
        if news and (news := selectors.still_for(person, news)):
            sent += _send_digest(person, until, news)
    return sent


def digest_until(now: datetime) -> datetime:
    """The latest moment up to which a digest may tell: seven o'clock, local time, of today or of yesterday."""
    settled = timezone.localtime(now - SETTLED)
    day = settled.date() if settled.time() >= DIGEST_AT else settled.date() - timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, DIGEST_AT))


def _followers() -> Iterable[tuple[User, list[Subscription]]]:
    rows: dict[UUID, list[Subscription]] = {}
    for row in Subscription.objects.select_related("person", "page"):
        rows.setdefault(row.person_id, []).append(row)
    return [(mine[0].person, mine) for mine in rows.values()]


def _send_digest(person: User, until: datetime, news: list[Edition]) -> int:
    try:
        with transaction.atomic():
            row = Digest.objects.create(person=person, day=timezone.localdate(until), until=until)
            row.editions.set(news)
            return outbox.store([notices.digest(row, news)])
    except IntegrityError:
        return 0  # this person has had today's


# ---- Read and understood ---------------------------------------------------------------------------------------


def confirm(edition: Edition, membership: Membership) -> bool:
    """Write down that a person has read and understood an edition; False where they had said so before."""
    _, new = Confirmation.objects.get_or_create(
        edition=edition, person=membership.person, defaults={"membership": membership}
    )
    return new


def chase(edition: Edition, scope: Scope) -> int:
    """Remind everybody in the scope who has not confirmed an edition; the number of people. Raises Overtaken where that
    was done today."""
    people = selectors.unread_by(scope, edition)
    if not people:
        return 0
    try:
        with transaction.atomic():
            row = Chase.objects.create(
                edition=edition, partnership=scope.partnership, by=scope.membership, people=len(people)
            )
            outbox.store([notices.must_read(row, person) for person in people])
            audit.record(
                "chased",
                actor=scope.membership,
                kind="must read",
                ref=str(edition.pk),
                detail=f"{len(people)} people",
            )
    except IntegrityError:
        raise Overtaken from None
    return len(people)
