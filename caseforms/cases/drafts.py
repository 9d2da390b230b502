"""Forms that are begun, kept and sent. A draft's `version` rises with each save, so that two tabs are
noticed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from caseforms.cases.models import Case, Draft, Submission
from caseforms.questions import answers as question_answers
from caseforms.questions.services import current_set
from portal.accounts.models import Membership


class StaleDraft(Exception):
    """The draft was saved, sent or withdrawn elsewhere since the page was opened."""


def of_agency(case: Case, code: str, member: Membership) -> Draft | None:
    """The draft of this form that the member's agency has open in this case; colleagues there share it."""
    drafts = Draft.objects.filter(
        case=case, question_set__code=code, owner__agency=member.agency, state=Draft.State.DRAFT
    )
    return drafts.select_related("question_set").order_by("created_at").first()


def blank(case: Case, code: str, member: Membership, answers: Mapping[str, Any] | None = None) -> Draft:
    """A draft that is not stored yet (version 0), asking today's version of the questions."""
    question_set = current_set(code, case.partnership)
    return Draft(owner=member, case=case, question_set=question_set, answers=dict(answers or {}), version=0)


@transaction.atomic
def save(draft: Draft, seen: int, answers: Mapping[str, Any]) -> Draft:
    """Stores the answers on top of the version that the person saw; 0 stands for "there was none yet".

    Raises StaleDraft where another version has been stored meanwhile.
    """
    if seen == 0:
        if draft.case is None:
            raise StaleDraft
        # Locking the case lets only one of two first saves make the draft.
        Case.objects.select_for_update().get(pk=draft.case.pk)
        if of_agency(draft.case, draft.question_set.code, draft.owner):
            raise StaleDraft
        draft.answers, draft.version = dict(answers), 1
        draft.save(force_insert=True)
        return draft
    _claim(draft, seen, Draft.State.DRAFT)
    draft.answers = dict(answers)
    draft.save(update_fields=["answers", "saved_at"])
    return draft


@transaction.atomic
def send(
    draft: Draft, answers: Mapping[str, Any], actor: Membership, *, agencies: Mapping[str, str] | None = None
) -> Submission:
    """Turns a stored draft into a submission that keeps the version of the questions; earlier ones of the
    same agency stay, and this one gets the next number.

    Raises StaleDraft where the draft was changed or sent meanwhile, InvalidAnswers where an answer does not
    fit.
    """
    if draft.case is None:
        raise StaleDraft
    kept = question_answers.clean(draft.question_set, answers, agencies=agencies)
    _claim(draft, draft.version, Draft.State.SUBMITTED)
    earlier = Submission.objects.filter(
        case=draft.case, question_set__code=draft.question_set.code, agency=actor.agency
    ).count()
    submission = Submission.objects.create(
        case=draft.case,
        question_set=draft.question_set,
        draft=draft,
        agency=actor.agency,
        submitted_by=actor,
        version=earlier + 1,
        answers=kept,
    )
    # What was sent lives in the submission; a second copy would have to be erased twice.
    draft.answers = {}
    draft.save(update_fields=["answers"])
    return submission


def _claim(draft: Draft, seen: int, state: Draft.State) -> None:
    """Moves the draft on from the version that was seen, if nobody else has."""
    moved = Draft.objects.filter(pk=draft.pk, version=seen, state=Draft.State.DRAFT).update(
        version=F("version") + 1, state=state, saved_at=timezone.now()
    )
    if not moved:
        raise StaleDraft
    draft.version, draft.state = seen + 1, state
