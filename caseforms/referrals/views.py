"""Refer a case: before you start, the task list, a page for each section, check your answers, sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caseforms.cases.drafts import StaleDraft
from caseforms.cases.models import Case, Draft, Stage
from caseforms.cases.opening import member_for, open_case, person_of
from caseforms.cases.policy import Action
from caseforms.questions import answers as question_answers
from caseforms.questions.answers import InvalidAnswers, item_heading, with_article
from caseforms.questions.forms import SectionForm, section_form
from caseforms.questions.schema import Section
from caseforms.referrals import items, policy, selectors, services
from caseforms.referrals.forms import SendAgainForm, SendForm
from caseforms.workflow.services import StaleState
from portal.accounts.acting import PortalRequest

CONFLICT = 409
CHANGED_ELSEWHERE = "It was changed in another window, so it was not removed. Look at it again."
STALE_CHECK = "The draft was changed in another window. Check it again before you send it."


# ---- Beginning, and the list of what is to be done
# -------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def start(request: PortalRequest) -> HttpResponse:
    """Before you start; the button begins a draft."""
    if not policy.may_refer(request.acting):
        raise PermissionDenied
    assert request.acting is not None
    if request.method == "POST":
        draft = services.begin(request.acting)
        return redirect("referrals:task_list", draft.pk)
    unfinished = policy.drafts_of(person_of(request)).filter(state=Draft.State.DRAFT, version__gt=1)
    return render(request, "referrals/start.html", {"unfinished": unfinished})


@require_safe
def task_list(request: PortalRequest, draft_id: UUID) -> HttpResponse:
    """The sections with how far each is, and by when the referral is due."""
    draft = _draft(request, draft_id)
    if draft.state == Draft.State.SUBMITTED:
        return redirect("referrals:sent", draft.pk)
    due = selectors.due_of(draft)
    context = {
        **_frame(request, draft),
        "tasks": selectors.tasks(draft),
        "due": due,
        "late": selectors.is_late(due),
        "missing": len(question_answers.missing(draft.question_set, draft.answers)),
    }
    return render(request, "referrals/task_list.html", context)


@require_http_methods(["GET", "POST"])
def delete(request: PortalRequest, draft_id: UUID) -> HttpResponse:
    """Asks once, then erases the draft."""
    draft = _open_draft(request, draft_id)
    if request.method == "POST":
        services.discard(draft)
        messages.success(request, "The draft is deleted.")
        return redirect("cases:detail", draft.case.reference) if draft.case else redirect("referrals:start")
    return render(request, "referrals/delete.html", _frame(request, draft))


# ---- The pages of questions
# ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section(request: PortalRequest, draft_id: UUID, code: str) -> HttpResponse:
    """A section's questions; the people or agencies added so far where the section repeats."""
    draft = _open_draft(request, draft_id)
    part = _section(draft, code)
    if part.repeating is not None:
        return _item_list(request, draft, part)
    stored = draft.answers.get(code)
    page = PartPage(request, draft, part, stored)
    if page.posted:
        saved = page.save(lambda values: services.save_section(draft, part, values, page.seen))
        if saved is not None:
            return _onwards(request, saved, part)
    return page.render("referrals/section.html")


def _item_list(request: PortalRequest, draft: Draft, part: Section) -> HttpResponse:
    """Who has been added to a repeating section; its button goes on to the next section."""
    if request.method == "POST":
        return _onwards(request, draft, part)
    agencies = selectors.agencies_of(draft.owner.partnership, active=False)
    shown = question_answers.section_summary(part, draft.answers, agencies=agencies)
    assert part.repeating is not None
    context: dict[str, Any] = {
        **_frame(request, draft),
        "section": part,
        "items": shown.items,
        "unfinished": {gap.item for gap in question_answers.missing_in(part, draft.answers)},
        "may_add": len(shown.items) < part.repeating.maximum,
        "place": selectors.place_of(draft, part),
        "add_words": f"Add another {part.repeating.item}" if shown.items else f"Add {with_article(part)}",
        "empty_text": f"When you add {with_article(part)}, what you said appears here.",
    }
    return render(request, "referrals/items.html", context)


@require_http_methods(["GET", "POST"])
def add_item(request: PortalRequest, draft_id: UUID, code: str) -> HttpResponse:
    """One more child, person or agency."""
    draft = _open_draft(request, draft_id)
    part = _repeating(draft, code)
    return _item(request, draft, part, len(draft.answers.get(code) or []) + 1, None)


@require_http_methods(["GET", "POST"])
def change_item(request: PortalRequest, draft_id: UUID, code: str, number: int) -> HttpResponse:
    """A child, person or agency that was added before."""
    draft = _open_draft(request, draft_id)
    part = _repeating(draft, code)
    return _item(request, draft, part, number, _stored_item(draft, part, number))


def _item(
    request: PortalRequest, draft: Draft, part: Section, number: int, stored: Mapping[str, Any] | None
) -> HttpResponse:
    typed = request.POST.get("key", "")
    key = (
        typed if items.is_key(typed) else items.new_key() if stored is None else items.key_of(stored, number)
    )
    page = PartPage(request, draft, part, items.plain(stored) if stored else None)
    if page.posted:
        try:
            saved = page.save(lambda values: services.save_item(draft, part, key, values, page.seen))
        except services.TooMany as full:
            page.form.add_error(None, str(full))
        else:
            if saved is not None:
                return _onwards(request, saved, part, to_list=True)
    return page.render("referrals/item.html", heading=item_heading(part, number), key=key)


@require_http_methods(["GET", "POST"])
def remove_item(request: PortalRequest, draft_id: UUID, code: str, number: int) -> HttpResponse:
    """Asks once, then takes the item out."""
    draft = _open_draft(request, draft_id)
    part = _repeating(draft, code)
    if request.method == "POST":
        try:
            services.remove_item(draft, part, request.POST.get("key", ""), request.POST.get("seen", ""))
        except services.PartChanged:
            messages.warning(request, CHANGED_ELSEWHERE)
        return redirect("referrals:section", draft.pk, code)
    stored = _stored_item(draft, part, number)
    agencies = selectors.agencies_of(draft.owner.partnership, active=False)
    shown = question_answers.section_summary(part, {code: [stored]}, agencies=agencies)
    context = {
        **_frame(request, draft),
        "section": part,
        "heading": item_heading(part, number),
        "rows": shown.items[0].rows,
        "key": items.key_of(stored, number),
        "seen": services.fingerprint(items.plain(stored)),
    }
    return render(request, "referrals/remove.html", context)


class PartPage:
    """A form over stored answers that notices when another window was first, and then shows both texts."""

    def __init__(
        self, request: PortalRequest, draft: Draft, part: Section, stored: Mapping[str, Any] | None
    ) -> None:
        self.request, self.draft, self.part = request, draft, part
        self.agencies = selectors.agencies_of(draft.owner.partnership)
        self.posted = request.method == "POST"
        self.form: SectionForm = section_form(
            draft.question_set,
            part.code,
            data=request.POST if self.posted else None,
            initial=stored,
            agencies=self.agencies,
        )
        self.seen = request.POST.get("seen", "") if self.posted else services.fingerprint(stored)
        self.changed: services.PartChanged | None = None

    def save(self, store: Any) -> Draft | None:
        """The draft as `store` saved it; None where what was typed does not fit, or a window was first."""
        if not self.form.is_valid():
            return None
        try:
            saved: Draft = store(self.form.answers)
        except services.PartChanged as changed:
            # The next save is made with their text in view, so it may take its place.
            self.changed, self.seen = changed, services.fingerprint(changed.stored)
            return None
        return saved

    def render(self, template: str, **more: Any) -> HttpResponse:
        """The page, with what the other window saved where it differs."""
        theirs = self.changed.stored if self.changed else None
        context = {
            **_frame(self.request, self.draft),
            "section": self.part,
            "place": selectors.place_of(self.draft, self.part),
            "form": self.form,
            "seen": self.seen,
            "conflict": self.changed is not None,
            "removed": self.changed is not None and theirs is None,
            "theirs": selectors.differences(self.part, theirs, self.form.answers, self.agencies)
            if theirs
            else (),
            **more,
        }
        return render(self.request, template, context, status=CONFLICT if self.changed else 200)


def _onwards(request: PortalRequest, draft: Draft, part: Section, *, to_list: bool = False) -> HttpResponse:
    """Where the two buttons of a section lead."""
    if "later" in request.POST:
        messages.success(request, "Your draft is saved.")
        return redirect("referrals:task_list", draft.pk)
    if to_list:
        return redirect("referrals:section", draft.pk, part.code)
    following = selectors.section_after(draft, part)
    if following is None:
        return redirect("referrals:task_list", draft.pk)
    return redirect("referrals:section", draft.pk, following.code)


# ---- Checking and sending
# --------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def check(request: PortalRequest, draft_id: UUID) -> HttpResponse:
    """Check your answers; the button sends the referral, or sends it again with the answer to a question."""
    draft = _draft(request, draft_id)
    if draft.state == Draft.State.SUBMITTED:
        return redirect("referrals:sent", draft.pk)
    kind = SendAgainForm if draft.case else SendForm
    form: SendForm = kind(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, draft, form)
        except (services.NotReady, InvalidAnswers):
            pass  # the page lists what is wrong
        except services.DraftClosed:
            raise Http404 from None
        except StaleDraft:
            messages.warning(request, STALE_CHECK)
            status = CONFLICT
        except StaleState:
            messages.warning(request, "The referral is not with you any more, so nothing was sent.")
            status = CONFLICT
        else:
            return redirect("referrals:sent", draft.pk)
        draft = _draft(request, draft_id)
    return render(request, "referrals/check.html", _check_context(request, draft, form), status=status)


def _send(request: PortalRequest, draft: Draft, form: SendForm) -> Case:
    version = form.cleaned_data["version"]
    if draft.case is None:
        return services.submit(draft, draft.owner, version)
    member = member_for(request, Action.ANSWER_QUESTION, draft.case)
    return services.send_answer(draft, member, version, form.cleaned_data["words"])


def _check_context(request: PortalRequest, draft: Draft, form: SendForm) -> dict[str, Any]:
    partnership = draft.owner.partnership
    agencies = selectors.agencies_of(partnership, active=False)
    due = selectors.due_of(draft)
    return {
        **_frame(request, draft),
        "form": form,
        "sections": question_answers.summary(draft.question_set, draft.answers, agencies=agencies),
        "still_needed": selectors.gaps(draft) + selectors.misfits(draft),
        "due": due,
        "late": selectors.is_late(due),
    }


@require_safe
def sent(request: PortalRequest, draft_id: UUID) -> HttpResponse:
    """The referral is sent: its reference, what happens next and when, whom to ring."""
    draft = _draft(request, draft_id)
    if draft.state != Draft.State.SUBMITTED or draft.case is None:
        return redirect("referrals:task_list", draft.pk)
    case = open_case(request, draft.case.reference)
    context = {
        "case": case,
        "again": draft.submission.version > 1,
        "deadlines": selectors.what_is_due(case, person_of(request)),
        "partnership": case.partnership,
    }
    return render(request, "referrals/sent.html", context)


@require_http_methods(["GET", "POST"])
def change_sent(request: PortalRequest, ref: str) -> HttpResponse:
    """The business manager has returned the referral with a question: read it, change the answers, send
    again."""
    case = open_case(request, ref, Action.ANSWER_QUESTION)
    if case.stage != Stage.RETURNED:
        messages.info(request, "The referral is not with you at the moment. This is where the case stands.")
        return redirect("cases:detail", case.reference)
    if request.method == "POST":
        try:
            draft = services.reopen(case, member_for(request, Action.ANSWER_QUESTION, case))
        except StaleState:
            messages.info(request, "A colleague has just changed this case. This is where it stands.")
            return redirect("cases:detail", case.reference)
        return redirect("referrals:task_list", draft.pk)
    return render(
        request, "referrals/change_sent.html", {"case": case, "asked": selectors.question_asked(case)}
    )


# ---- What every page does first
# --------------------------------------------------------------------------------------


def _draft(request: PortalRequest, draft_id: UUID) -> Draft:
    """The drafter's own draft, open or sent; 404 to everybody else, colleagues and managers included."""
    return get_object_or_404(policy.drafts_of(person_of(request)), pk=draft_id)


def _open_draft(request: PortalRequest, draft_id: UUID) -> Draft:
    """The same, while it can still be changed; 404 once it has been sent."""
    draft = _draft(request, draft_id)
    if draft.state != Draft.State.DRAFT:
        raise Http404
    return draft


def _section(draft: Draft, code: str) -> Section:
    try:
        part = draft.question_set.parsed.section(code)
    except KeyError:
        raise Http404 from None
    if question_answers.section_status(draft.question_set, code, draft.answers) == "cannot_start":
        raise Http404
    return part


def _repeating(draft: Draft, code: str) -> Section:
    part = _section(draft, code)
    if part.repeating is None:
        raise Http404
    return part


def _stored_item(draft: Draft, part: Section, number: int) -> dict[str, Any]:
    stored = draft.answers.get(part.code) or []
    if not 1 <= number <= len(stored):
        raise Http404
    item: dict[str, Any] = stored[number - 1]
    return item


def _frame(request: PortalRequest, draft: Draft) -> dict[str, Any]:
    """What every page of a draft shows: when it was saved, and the question where it answers one."""
    asked = selectors.question_asked(draft.case) if draft.case else None
    return {
        "draft": draft,
        "saved_today": timezone.localdate(draft.saved_at) == timezone.localdate(),
        "asked": asked,
        "with_us": draft.case is not None and draft.case.stage != Stage.RETURNED,
    }
