"""One function for each e-mail to readers and owners. They name chapters and sections and carry links; never what a
reader typed, and never what was answered."""

from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.http import urlencode

from portal.accounts.models import Partnership, User
from portal.outbox import services as outbox
from portal.outbox.models import Message
from procedures.editing.models import Edition
from procedures.privacy import Reader, may_read
from procedures.readers import policy, selectors
from procedures.readers.links import page_link, view_link
from procedures.readers.models import Chase, Confirmation, Digest, Feedback, FeedbackState, Outcome

RECEIVED, ANSWERED, DIGEST, MUST_READ = (
    "manual_feedback",
    "manual_answer",
    "manual_digest",
    "manual_must_read",
)
ANSWER_SALT = "procedures.readers.answer"
UNSUBSCRIBE_SALT = "procedures.readers.unsubscribe"


# ---- Reports ---------------------------------------------------------------------------------------------------


def received(feedback: Feedback, owner: User) -> None:
    """To the chapter's owner: a reader has reported something; the report is behind the link."""
    outbox.send(
        notice=RECEIVED,
        to=owner.email,
        key=f"{RECEIVED}:{feedback.pk}:{owner.pk}",
        context={
            "chapter": feedback.chapter,
            "section": feedback.section,
            "link": view_link("readers:feedback_item", feedback.partnership, feedback.pk),
        },
        guard=RECEIVED,
        subject_id=feedback.pk,
        recipient_id=owner.pk,
        partnership_id=feedback.partnership_id,
    )


def may_still_answer(message: Message) -> bool:
    """Guard: the report is still open, and the recipient may still see it."""
    owner = _person(message)
    return owner is not None and policy.feedback_for(owner).open().filter(pk=_about(message)).exists()


def answered(feedback: Feedback) -> None:
    """To whoever sent the report, if they can be reached: what came of it, in one of three sentences, and a link."""
    person = feedback.person
    to = person.email if person else feedback.address
    if not to:
        return
    link = (
        view_link("readers:mine", feedback.partnership)
        if person
        else f"{view_link('readers:answer', feedback.partnership)}?{urlencode({'token': answer_token(feedback)})}"
    )
    outbox.send(
        notice=ANSWERED,
        to=to,
        key=f"{ANSWERED}:{feedback.pk}",
        context={
            "chapter": feedback.chapter,
            "section": feedback.section,
            "outcome": Outcome(feedback.outcome).label,
            "link": link,
            "has_account": person is not None,
        },
        guard=ANSWERED,
        subject_id=feedback.pk,
        recipient_id=person.pk if person else None,
        partnership_id=feedback.partnership_id,
    )


def may_still_hear(message: Message) -> bool:
    """Guard: whoever sent the report may still read the chapter that the mail names."""
    feedback = Feedback.objects.filter(pk=_about(message), state=FeedbackState.ANSWERED).first()
    if feedback is None:
        return False
    if message.recipient_id is not None:
        person = _person(message)
        return person is not None and policy.sent_by(person).filter(pk=feedback.pk).exists()
    return may_hear_without_account(feedback)


def may_hear_without_account(feedback: Feedback) -> bool:
    """Whether somebody without an account, of the report's partnership, may read the chapter today."""
    page = feedback.page
    reader = Reader(partnership_id=feedback.partnership_id)
    return page is not None and page.live and may_read(page, reader)


def answer_token(feedback: Feedback) -> str:
    """What opens the answer for somebody without an account."""
    return signing.dumps(str(feedback.pk), salt=ANSWER_SALT)


def answer_of(token: str) -> Feedback | None:
    """The answered report that a token stands for; None for any other token."""
    feedback_id = _signed(token, ANSWER_SALT)
    rows = Feedback.objects.filter(state=FeedbackState.ANSWERED, person__isnull=True)
    return rows.select_related("page", "partnership").filter(pk=feedback_id).first() if feedback_id else None


# ---- Amendments ------------------------------------------------------------------------------------------------


def digest(row: Digest, editions: list[Edition]) -> Message:
    """To somebody who follows chapters: what was changed in which, and why. Composed, for the caller to store."""
    person = row.person
    held = policy.held_by(person)
    home = held[0].partnership if held else None
    return outbox.compose(
        notice=DIGEST,
        to=person.email,
        key=f"{DIGEST}:{row.pk}",
        context={
            "editions": [(edition, _chapter_link(edition, home)) for edition in editions],
            "mine": view_link("readers:mine", home),
            "unsubscribe": unsubscribe_link(person, home),
        },
        guard=DIGEST,
        subject_id=row.pk,
        recipient_id=person.pk,
    )


def may_still_read_all(message: Message) -> bool:
    """Guard: the recipient still follows, and may still read, every chapter that the digest names. One that was
    withheld counts as not sent: the next day's digest has what may still be told."""
    row = Digest.objects.filter(pk=_about(message)).first()
    person = _person(message)
    if row is None or person is None:
        return False
    editions = list(row.editions.select_related("page").defer(*policy.LARGE))
    return bool(editions) and len(selectors.still_for(person, editions)) == len(editions)


def unsubscribe_link(person: User, partnership: Partnership | None) -> str:
    """The address at which a person ends all that they follow, without signing in."""
    token = signing.dumps(str(person.pk), salt=UNSUBSCRIBE_SALT)
    return f"{view_link('readers:unsubscribe', partnership)}?{urlencode({'token': token})}"


def unsubscriber(token: str) -> User | None:
    """Whose token this is; None for a forged one."""
    person_id = _signed(token, UNSUBSCRIBE_SALT)
    return User.objects.filter(pk=person_id).first() if person_id else None


# ---- Read and understood ---------------------------------------------------------------------------------------


def must_read(chase: Chase, person: User) -> Message:
    """To somebody who has not confirmed an edition. Composed, for the caller to store together with the others."""
    edition = chase.edition
    return outbox.compose(
        notice=MUST_READ,
        to=person.email,
        key=f"{MUST_READ}:{edition.pk}:{chase.day}:{person.pk}",
        context={"chapter": edition.name, "link": _chapter_link(edition, chase.partnership)},
        guard=MUST_READ,
        subject_id=edition.pk,
        recipient_id=person.pk,
        partnership_id=chase.partnership_id,
    )


def is_still_asked(message: Message) -> bool:
    """Guard: the edition is still to be confirmed, and the recipient may read it and has not."""
    person = _person(message)
    if person is None or Confirmation.objects.filter(edition=_about(message), person=person).exists():
        return False
    edition = policy.asked_editions().filter(pk=_about(message)).first()
    return (
        edition is not None
        and edition.page is not None
        and edition.page.pk in policy.may_read_somewhere(person, [edition.page])
    )


def _chapter_link(edition: Edition, partnership: Partnership | None) -> str:
    assert edition.page is not None
    return page_link(edition.page, edition.page.partnership or partnership)


def _person(message: Message) -> User | None:
    recipient: Any = message.recipient_id  # an empty one finds nobody
    return User.objects.filter(pk=recipient, is_active=True).first()


def _about(message: Message) -> Any:
    """The key of the row that a guard asks about; an empty one finds nothing."""
    return message.subject_id


def _signed(token: str, salt: str) -> UUID | None:
    try:
        value: Any = signing.loads(token, salt=salt)
        return UUID(str(value))
    except (signing.BadSignature, ValueError, ValidationError):
        return None
