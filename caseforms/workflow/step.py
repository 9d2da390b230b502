"""What the pages of a case's steps share: they notice that a colleague was first, and lose nothing typed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from caseforms.cases import drafts, selectors, timeline
from caseforms.cases.models import Case, Stage
from caseforms.cases.opening import rights_here
from caseforms.cases.sheet import Sheet
from caseforms.cases.views import frame
from caseforms.questions.answers import SectionSummary, summary
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Membership

CONFLICT = 409


class Step:
    """One page of one step. A form posts `seen`, the stage as its page was drawn; another stage is a
    conflict."""

    def __init__(self, request: PortalRequest, case: Case, *stages: Stage) -> None:
        self.request = request
        self.case = case
        self.stages = stages
        self.overtaken = request.method == "POST" and request.POST.get("seen", "") != self.token

    @property
    def token(self) -> str:
        """The stage and when it began: a case may come to the same stage twice."""
        return f"{self.case.stage} {self.case.stage_since.isoformat()}"

    @property
    def is_open(self) -> bool:
        """Whether the step can be taken at the case's stage."""
        return self.case.stage in self.stages

    @property
    def may_save(self) -> bool:
        """Whether what was posted was typed with the present stage in view."""
        return self.request.method == "POST" and not self.overtaken

    def overtake(self) -> None:
        """A colleague was first: the page is shown again, with what they did and with all that was typed."""
        self.case.refresh_from_db()
        self.overtaken = True

    def closed(self) -> HttpResponse | None:
        """Where the step cannot be taken now and nothing was typed: back to the case, which says where it
        stands."""
        if self.is_open or self.request.method == "POST":
            return None
        messages.info(
            self.request, "This step is not open at the moment. The case stands where you see it here."
        )
        return redirect("cases:detail", self.case.reference)

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return CONFLICT if self.overtaken else 200

    def context(self, **more: Any) -> dict[str, Any]:
        """The frame of the case page, the hidden field, and where there was a conflict what the colleague
        did."""
        granted = rights_here(self.request, self.case)
        event = timeline.last_change(self.case) if self.overtaken else None
        return {
            **frame(self.case, self.request, granted),
            "seen": self.token,
            "step_open": self.is_open,
            "overtaken": self.overtaken,
            "overtaken_by": timeline.in_words(event) if event else "",
            "overtaken_at": event.recorded_at if event else None,
            **more,
        }


class SheetPage:
    """A question set that an agency fills in over several visits, perhaps in two tabs or by two
    colleagues."""

    def __init__(
        self,
        request: PortalRequest,
        case: Case,
        code: str,
        member: Membership,
        *,
        agencies: Mapping[str, str] | None = None,
        prefill: Mapping[str, Any] | None = None,
    ) -> None:
        self.case, self.code, self.member = case, code, member
        self._agencies = agencies
        posted = request.POST if request.method == "POST" else None
        self.draft = drafts.of_agency(case, code, member) or drafts.blank(case, code, member, prefill)
        self.sheet = Sheet(self.draft.question_set, self.draft.answers, data=posted, agencies=agencies)
        typed = str(posted.get("version", "")) if posted is not None else ""
        self.version = int(typed) if typed.isascii() and typed.isdigit() else self.draft.version
        self.stored: list[SectionSummary] | None = None

    def save(self, **more: Any) -> bool:
        """Stores what was typed (and `more`, beside the sections); False where it does not fit or is
        overtaken."""
        if not self.sheet.is_valid():
            return False
        try:
            if self.version != self.draft.version:
                raise drafts.StaleDraft
            self.draft = drafts.save(self.draft, self.version, {**self.sheet.answers, **more})
        except drafts.StaleDraft:
            self.show_stored()
            return False
        self.version = self.draft.version
        return True

    def show_stored(self) -> None:
        """Somebody saved or sent the form meanwhile: theirs is shown beside what was typed here, which can be
        saved over it."""
        current = drafts.of_agency(self.case, self.code, self.member)
        if current is not None:
            self.draft, answers, question_set = current, current.answers, current.question_set
        else:
            sent = selectors.latest_submission(self.case, self.code, self.member.agency)
            self.draft = drafts.blank(self.case, self.code, self.member)
            question_set = sent.question_set if sent else self.draft.question_set
            answers = sent.answers if sent else {}
        self.version = self.draft.version
        self.stored = summary(question_set, answers, agencies=self._agencies)

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 200 if self.stored is None else CONFLICT

    def context(self) -> dict[str, Any]:
        """What templates/cases/sheet.html needs."""
        return {
            "sheet": self.sheet,
            "forms": self.sheet.forms,
            "version": self.version,
            "stored": self.stored,
            "saved_at": self.draft.saved_at,
        }
