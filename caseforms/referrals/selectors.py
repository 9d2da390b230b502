"""What the pages of a referral show: its tasks, what is missing, by when it is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from caseforms.cases.models import Case, CaseEvent, Draft
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.policy import deadlines_for
from caseforms.deadlines.services import due_for_draft
from caseforms.questions import answers as question_answers
from caseforms.questions.answers import InvalidAnswers, MissingAnswer, Row, item_heading
from caseforms.questions.schema import Section
from caseforms.referrals.columns import consulted_at
from portal.accounts.models import Partnership, User

STATUS = {
    "cannot_start": ("Cannot start yet", ""),
    "not_started": ("Not started", "grey"),
    "in_progress": ("In progress", "light-blue"),
    "completed": ("Completed", ""),
}


@dataclass(frozen=True)
class Gap:
    """A missing answer with the page on which it can be given; `place` says where, without a name."""

    label: str
    place: str
    url: str


def agencies_of(partnership: Partnership, *, active: bool = True) -> dict[str, str]:
    """UUID and name of the agencies of a partnership; those that are no longer active too, for reading."""
    found = partnership.agencies.filter(active=True) if active else partnership.agencies.all()
    return {str(agency.pk): agency.name for agency in found}


def due_of(draft: Draft) -> datetime | None:
    """By when the draft must be sent, counted from the consultation; None until that is answered."""
    moment = consulted_at(draft.question_set, draft.answers)
    return due_for_draft(draft.owner.partnership, moment) if moment and draft.case_id is None else None


def tasks(draft: Draft) -> list[dict[str, Any]]:
    """The sections as rows of templates/includes/task_list.html: {title, url?, hint, status, colour}."""
    found = []
    for number, section in enumerate(draft.question_set.parsed.sections, start=1):
        status = question_answers.section_status(draft.question_set, section.code, draft.answers)
        words, colour = STATUS[status]
        row = {"title": f"{number}. {section.title}", "status": words, "colour": colour, "hint": ""}
        if status == "cannot_start":
            needed = draft.question_set.parsed.section(section.needs)
            row["hint"] = f"Answer “{needed.title}” first"
        else:
            row["url"] = reverse("referrals:section", args=[draft.pk, section.code])
            row["hint"] = {"in_progress": _counted, "not_started": _optional}.get(status, _no_hint)(
                section, draft
            )
        found.append(row)
    return found


def _counted(section: Section, draft: Draft) -> str:
    """“1 of 2 complete” where items were added."""
    items = question_answers.items_of(section, draft.answers)
    if section.repeating is None or not items:
        return ""
    gaps = question_answers.missing_in(section, draft.answers)
    unfinished = {gap.item for gap in gaps if gap.item}
    return f"{len(items) - len(unfinished)} of {len(items)} complete"


def _no_hint(section: Section, draft: Draft) -> str:
    return ""


def _optional(section: Section, draft: Draft) -> str:
    needed = any(question.required_to_submit for question in section.questions)
    if section.repeating is not None:
        needed = section.repeating.minimum > 0
    return "" if needed else "You can leave this out"


def gaps(draft: Draft, missing: list[MissingAnswer] | None = None) -> list[Gap]:
    """What is still missing, each with the link to the page where it can be answered."""
    found = question_answers.missing(draft.question_set, draft.answers) if missing is None else missing
    return [_gap(draft, gap) for gap in found]


def _gap(draft: Draft, gap: MissingAnswer) -> Gap:
    section = draft.question_set.parsed.section(gap.section)
    if gap.item is not None:
        url = reverse("referrals:item", args=[draft.pk, section.code, gap.item])
        return Gap(gap.label, item_heading(section, gap.item), f"{url}#id_{gap.question}")
    name = "referrals:section" if gap.question else "referrals:add"
    url = reverse(name, args=[draft.pk, section.code])
    return Gap(gap.label, section.title, f"{url}#id_{gap.question}" if gap.question else url)


def place_of(draft: Draft, section: Section) -> str:
    """“Section 2 of 7”."""
    sections = draft.question_set.parsed.sections
    return f"Section {sections.index(section) + 1} of {len(sections)}"


def misfits(draft: Draft) -> list[Gap]:
    """Answers that no longer fit their questions, such as an agency that has left; each with its page."""
    try:
        question_answers.clean(
            draft.question_set, draft.answers, agencies=agencies_of(draft.owner.partnership)
        )
    except InvalidAnswers as invalid:
        return [
            _gap(draft, MissingAnswer(one.section, one.question, f"“{one.label}” {one.fault}", one.item))
            for one in invalid.misfits
        ]
    return []


def differences(
    section: Section, theirs: Mapping[str, Any], mine: Mapping[str, Any], agencies: Mapping[str, str]
) -> list[Row]:
    """The answers of another window that are not what was typed here, as words."""
    rows = question_answers.in_rows(section, theirs, agencies=agencies)
    return [row for row in rows if theirs.get(row.question) != mine.get(row.question)]


def section_after(draft: Draft, section: Section) -> Section | None:
    """The next section that can be started, None after the last."""
    sections = draft.question_set.parsed.sections
    for later in sections[sections.index(section) + 1 :]:
        if question_answers.section_status(draft.question_set, later.code, draft.answers) != "cannot_start":
            return later
    return None


def question_asked(case: Case) -> CaseEvent | None:
    """The event with which the business manager returned the referral last; its text is the question."""
    return case.events.filter(verb="return_with_question").order_by("-id").first()


def what_is_due(case: Case, user: User) -> list[Deadline]:
    """The running time limits of the case that the referrer may see, soonest first."""
    return list(deadlines_for(user).open().filter(case=case).order_by("due_at"))


def is_late(due: datetime | None) -> bool:
    """Whether a time limit is over."""
    return due is not None and due < timezone.now()
