"""Saving a chapter in the CMS: from a form that is out of date, and with cross references that would dangle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from wagtail.models import Page, Revision

from procedures.forms import AmendmentNoteForm
from procedures.local import LocalPageForm
from procedures.models import ChapterPage
from procedures.policy import without_kept_elsewhere
from procedures.upkeep.references import lost, unusable

OVERTAKEN = "overtaken"
SAVE_OVER = "save-over"
FOR_READERS = ("action-submit", "action-restart-workflow")


def version(revision: Revision) -> str:
    """What tells a stored draft from every other: a draft that is saved again and again keeps its key."""
    return f"{revision.pk} {revision.created_at.isoformat()}"


def overtaken_by(posted: Mapping[str, Any], page: Page, user: Any) -> Revision | None:
    """The draft that somebody else has stored since this form was opened; None where there is none, or where the editor
    has seen it and says that theirs is to replace it. One's own drafts do not count: the editor stores them by itself
    while one types, and each window's stay in the history."""
    latest = page.get_latest_revision()
    if latest is None:
        return None
    if posted.get(SAVE_OVER):
        return latest if posted[SAVE_OVER] != version(latest) else None
    if posted.get(OVERTAKEN):
        return latest
    # A form that has stored a draft by itself before names that draft, any other the one that it was opened with.
    known = posted.get("overwrite_revision_id") or posted.get("loaded_revision_id") or ""
    base = page.revisions.filter(pk=known).first() if known.isdecimal() and len(known) < 19 else None
    if base is None:
        return latest if known else None
    since = base.created_at
    if not posted.get("overwrite_revision_id"):
        since = _moment(posted.get("loaded_revision_created_at", "")) or since
    newer = page.revisions.filter(created_at__gt=since).exclude(user=user)
    return newer.order_by("-created_at", "-pk").first()


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


class ManualPageForm(LocalPageForm):
    """Refuses to replace what somebody else has stored meanwhile, and keeps what was typed."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.instance.pk and overtaken_by(self.data, self.instance, self.for_user):
            raise forms.ValidationError("Somebody else has saved this page since you opened it.")
        return cleaned


class ChapterForm(ManualPageForm, AmendmentNoteForm):
    """Does not submit for approval what would leave a cross reference that leads nowhere."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if any(self.data.get(name) for name in FOR_READERS):
            draft = ChapterPage(title=cleaned.get("title", ""), path=self.instance.path or "")
            draft.pk, draft.partnership = self.instance.pk, cleaned.get("partnership")
            draft.boxes, draft.body = cleaned.get("boxes"), cleaned.get("body")
            if draft.body is not None:
                draft.body.get_prep_value()  # gives an address to a section that was posted without one
            for sentence in objections(draft):
                self.add_error(None, sentence)
        return cleaned


def reasons_against(draft: ChapterPage) -> list[str]:
    """Why a draft that waits cannot be approved: the same, and a note that is missing (in the editor, the form says so
    beside the fields)."""
    note = (
        ["It does not say what has changed and why, for the list of amendments."] if draft.lacks_note else []
    )
    return note + objections(draft)


def objections(draft: ChapterPage) -> list[str]:
    """Why a draft cannot be published, in sentences; empty where it can."""
    if draft.body is None:
        return []
    said = unusable(draft)
    if draft.pk:
        said += [
            f"“{link.page.name}” refers to a section that this draft no longer has (“{link.words}”): "
            "keep the section, or change that chapter first."
            for link in lost(draft)
        ]
    return said


@dataclass(frozen=True)
class Decision:
    """What the second person decided."""

    approve: bool
    comment: str


class DecisionForm(forms.Form):
    """Approve, or ask for changes and say which."""

    version = forms.CharField(widget=forms.HiddenInput)
    comment = forms.CharField(
        required=False,
        max_length=2000,
        label="Comment",
        help_text="Whoever submitted the change reads it. Needed when you ask for changes.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.data.get("decision") != "approve" and not cleaned.get("comment", "").strip():
            self.add_error("comment", "Say what is to be changed.")
        return cleaned

    def decision(self) -> Decision:
        """After `is_valid`."""
        return Decision(self.data.get("decision") == "approve", self.cleaned_data["comment"].strip())


class WhereToForm(forms.Form):
    """Where the old address of a page that is deleted leads: to a page that its editor keeps too."""

    def __init__(self, *args: Any, page: Page, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = Page.objects.live().filter(depth__gt=1).exclude(path__startswith=page.path).order_by("path")
        choices = without_kept_elsewhere(user, live)
        self.fields["leads_to"] = forms.ModelChoiceField(
            queryset=choices,
            required=False,
            initial=page.get_parent().pk,
            label="Its address, and those of the pages below it, will lead to",
            empty_label="Nowhere: readers are told that the page does not exist",
        )
