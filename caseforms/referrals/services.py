"""What can be done with a referral: begin it, save a part, send it, answer a question about it, delete it."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from caseforms.cases import drafts
from caseforms.cases.models import Case, CaseAgency, Draft, Stage
from caseforms.cases.policy import Action, acting_membership
from caseforms.cases.services import add_agencies
from caseforms.questions import answers as question_answers
from caseforms.questions.answers import MissingAnswer
from caseforms.questions.schema import Section
from caseforms.questions.services import current_set
from caseforms.referrals.columns import agencies_named, consulted_at, store_people
from caseforms.referrals.items import ITEM_KEY, key_of, keyed, plain
from caseforms.referrals.policy import FORM, may_refer
from caseforms.referrals.selectors import agencies_of
from caseforms.workflow import services as workflow
from portal.accounts.models import Membership
from portal.encryption import text_digest

Part = Mapping[str, Any]


class DraftClosed(Exception):
    """The draft has been sent or deleted since: nothing was written, and it is read-only now."""


class PartChanged(Exception):
    """Another window saved this part since the page was opened. `stored` is what it holds now, None if
    removed."""

    def __init__(self, stored: Part | None) -> None:
        super().__init__("This part was saved elsewhere.")
        self.stored = stored


class NotReady(ValueError):
    """Answers that submission needs are missing; `missing` lists them."""

    def __init__(self, missing: list[MissingAnswer]) -> None:
        super().__init__(f"{len(missing)} answers are missing.")
        self.missing = missing


class TooMany(ValueError):
    """The section already holds as many items as it takes."""


def fingerprint(part: Part | None) -> str:
    """A keyed digest of stored answers, which a page carries so that a second window is noticed."""
    return text_digest(json.dumps(part, sort_keys=True))


@transaction.atomic
def begin(actor: Membership) -> Draft:
    """A draft to fill in, asking today's version of the questions; an untouched one is given again.

    Raises PermissionDenied where the role may not refer.
    """
    if not may_refer(actor):
        raise PermissionDenied
    Membership.objects.select_for_update().get(pk=actor.pk)  # two clicks at once begin one draft
    question_set = current_set(FORM, actor.partnership)
    untouched = Draft.objects.filter(
        owner=actor, question_set=question_set, case=None, state=Draft.State.DRAFT, version=1
    )
    return untouched.first() or Draft.objects.create(owner=actor, question_set=question_set)


@transaction.atomic
def save_section(draft: Draft, section: Section, values: Part, seen: str) -> Draft:
    """Stores the answers of a section that is asked once; `seen` is the fingerprint of what the page showed.

    Saving the same twice changes nothing. Raises DraftClosed, and PartChanged where another window has saved
    something else meanwhile.
    """
    fresh = _locked_open(draft)
    stored = fresh.answers.get(section.code)
    if stored == values:
        return fresh
    if fingerprint(stored) != seen:
        raise PartChanged(stored)
    return drafts.save(fresh, fresh.version, {**fresh.answers, section.code: dict(values)})


@transaction.atomic
def save_item(draft: Draft, section: Section, key: str, values: Part, seen: str) -> Draft:
    """Stores one item of a repeating section: anew under `key`, or in the place of the one that has this key.

    A page that adds makes a new key, so that pressing its button twice adds once. Raises as `save_section`,
    also where the item was removed meanwhile (saving again then puts it back), and TooMany.
    """
    assert section.repeating is not None
    fresh = _locked_open(draft)
    items = list(fresh.answers.get(section.code) or [])
    position = _position(items, key)
    stored = None if position is None else plain(items[position])
    if stored == values:
        return fresh
    if fingerprint(stored) != seen:
        raise PartChanged(stored)
    item = {**values, ITEM_KEY: key}
    if position is not None:
        items[position] = item
    elif len(items) < section.repeating.maximum:
        items.append(item)
    else:
        raise TooMany(f"You can add {section.repeating.maximum} at most")
    return drafts.save(fresh, fresh.version, {**fresh.answers, section.code: items})


@transaction.atomic
def remove_item(draft: Draft, section: Section, key: str, seen: str) -> Draft:
    """Takes one item out of a repeating section, if it is still what was seen. Removing twice removes once.

    Raises DraftClosed, and PartChanged where another window has changed the item meanwhile.
    """
    fresh = _locked_open(draft)
    items = list(fresh.answers.get(section.code) or [])
    position = _position(items, key)
    if position is None:
        return fresh
    if fingerprint(plain(items[position])) != seen:
        raise PartChanged(plain(items[position]))
    del items[position]
    return drafts.save(fresh, fresh.version, {**fresh.answers, section.code: items})


@transaction.atomic
def discard(draft: Draft) -> None:
    """Deletes a draft and erases its answers. Raises DraftClosed where it has been sent or deleted."""
    fresh = _locked_open(draft)
    Draft.objects.filter(pk=fresh.pk).update(state=Draft.State.WITHDRAWN, version=F("version") + 1)
    fresh.answers = {}
    fresh.save(update_fields=["answers", "saved_at"])


@transaction.atomic
def submit(draft: Draft, actor: Membership, seen_version: int) -> Case:
    """Sends a referral: one draft makes one case, however often and from how many windows it is sent.

    1. the draft is locked; already sent, its case is the answer; 2. what was checked (`seen_version`) is what
    is sent, and nothing is missing; 3. case, children, people, agencies; 4. the submission keeps the answers
    with the version of the questions, and the draft is closed; 5. the workflow writes event, time limits and
    notices.

    Raises NotReady, InvalidAnswers, DraftClosed (deleted), PermissionDenied, and drafts.StaleDraft where
    another window changed the draft after it was checked. All or nothing is stored.
    """
    fresh = _locked(draft)
    if fresh.state == Draft.State.SUBMITTED and fresh.case is not None:
        return fresh.case
    answers = _ready(fresh, seen_version)
    named = agencies_named(fresh.question_set, answers, actor.partnership)
    case = workflow.open_case(
        actor,
        agencies=named,
        consulted_at=consulted_at(fresh.question_set, answers),
        submitted_at=timezone.now(),
    )
    store_people(case, fresh.question_set, answers)
    fresh.case = case
    fresh.save(update_fields=["case"])
    drafts.send(fresh, answers, actor, agencies=agencies_of(actor.partnership))
    workflow.submit(case, actor)
    return case


@transaction.atomic
def reopen(case: Case, actor: Membership) -> Draft:
    """The draft in which a returned referral is edited: it begins as what was sent. Asked twice, it is the
    same.

    Raises workflow.StaleState where the referral is not returned (any more), PermissionDenied.
    """
    actor = acting_membership(actor.person, Action.ANSWER_QUESTION, case, actor)
    if Case.objects.select_for_update().get(pk=case.pk).stage != Stage.RETURNED:
        raise workflow.StaleState
    mine = Draft.objects.filter(case=case, owner=actor, question_set__code=FORM, state=Draft.State.DRAFT)
    draft = mine.select_related("question_set").first()
    if draft is not None:
        return draft
    sent = case.submissions.filter(question_set__code=FORM).select_related("question_set").latest("version")
    answers = keyed(sent.question_set.parsed, sent.answers)
    return Draft.objects.create(owner=actor, question_set=sent.question_set, case=case, answers=answers)


@transaction.atomic
def send_answer(draft: Draft, actor: Membership, seen_version: int, words: str) -> Case:
    """Sends a returned referral again, with the answer to the question; what was sent before stays on record.

    People and agencies follow the new answers; an agency that is no longer named stays where it has been
    asked for something. Sent twice, it is sent once. Raises as `submit`, and workflow.StaleState where the
    referral is not returned any more.
    """
    fresh = _locked(draft)
    if fresh.case is None:
        raise DraftClosed
    if fresh.state == Draft.State.SUBMITTED:
        return fresh.case
    answers = _ready(fresh, seen_version)
    case = fresh.case
    drafts.send(fresh, answers, actor, agencies=agencies_of(case.partnership))
    store_people(case, fresh.question_set, answers)
    Case.objects.filter(pk=case.pk).update(consulted_at=consulted_at(fresh.question_set, answers))
    kept = [actor.agency, *agencies_named(fresh.question_set, answers, case.partnership)]
    CaseAgency.objects.filter(case=case, asked_at__isnull=True).exclude(agency__in=kept).delete()
    add_agencies(case, kept)
    workflow.advance(case, "answer_question", actor, reason=words)
    return case


def _position(items: list[dict[str, Any]], key: str) -> int | None:
    return next((place for place, item in enumerate(items) if key_of(item, place + 1) == key), None)


def _locked(draft: Draft) -> Draft:
    """The draft as it is now, whatever its state, locked until the transaction ends."""
    # The case is not joined: PostgreSQL reads a row that it waited for anew, but not the rows joined to it.
    return Draft.objects.select_for_update(of=("self",)).select_related("question_set").get(pk=draft.pk)


def _locked_open(draft: Draft) -> Draft:
    """The same, where it can still be changed. Raises DraftClosed."""
    fresh = _locked(draft)
    if fresh.state != Draft.State.DRAFT:
        raise DraftClosed
    return fresh


def _ready(draft: Draft, seen_version: int) -> dict[str, Any]:
    """The clean answers of a locked draft. Raises DraftClosed, StaleDraft, NotReady, InvalidAnswers."""
    if draft.state != Draft.State.DRAFT:
        raise DraftClosed
    if draft.version != seen_version:
        raise drafts.StaleDraft
    missing = question_answers.missing(draft.question_set, draft.answers)
    if missing:
        raise NotReady(missing)
    agencies = agencies_of(draft.owner.partnership)
    return question_answers.clean(draft.question_set, draft.answers, agencies=agencies)
