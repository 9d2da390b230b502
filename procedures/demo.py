"""The manual of the demo: a short set of chapters in plain text, imported as anybody's would be."""

import uuid
from datetime import date
from pathlib import Path

from django.db import transaction
from wagtail.blocks import StreamValue
from wagtail.models import Page

from procedures.importing.parse import parse_chapter
from procedures.importing.stream import NAMESPACE
from procedures.intake.services import note_findings
from procedures.models import ChapterPage, ManualIndexPage
from procedures.services import import_chapter

FOLDER = Path(__file__).parent / "demo_chapters"
EDITION = date(2026, 11, 2)
REVIEW_BY = date(2027, 11, 30)
INTRO = (
    "<p>What we do together in Tarnbrook when a child may be harmed, and how we learn when one has been. "
    "Everything in it is invented.</p>"
)
SUMMARIES = {
    "1": "Signs of harm, and what to do when you are worried about a child now.",
    "2": "Who may refer a case for review, when, and what happens next.",
    "3": "The review group: criteria, quorum, time limits, decisions.",
    "4": "Actions after a review, and the update each quarter.",
    "5": "When somebody who works with children is accused.",
    "6": "Whom to ring.",
}
FORMS = {("2", "Appendix A"): "case-referral"}  # (chapter, section) -> code of a registered entry point


def load_demo_manual(parent: Page) -> ManualIndexPage:
    """Place the demo manual, published, under a page (the site's home page). Does nothing where there
    is a manual under that page already, so that it may be run again and never undoes an editor's work."""
    manual = ManualIndexPage.objects.child_of(parent).first()
    if manual is not None:
        return manual
    with transaction.atomic():
        manual = ManualIndexPage(
            title="Safeguarding procedures manual", slug="manual", intro=INTRO, show_in_menus=True
        )
        parent.add_child(instance=manual)
        for path in sorted(FOLDER.glob("*.txt")):
            chapter = parse_chapter(path.read_text(encoding="utf-8"))
            page = import_chapter(chapter, parent=manual).page
            note_findings(page, [(one.kind, one.section, one.text) for one in chapter.problems])
            _finish(page)
    return manual


def _finish(page: ChapterPage) -> None:
    """What plain text cannot say: edition, summary, and the button that opens a form."""
    draft = page.get_latest_revision_as_object()
    draft.edition_date, draft.review_by = EDITION, REVIEW_BY
    draft.search_description = SUMMARIES[draft.number]
    raw = [dict(block) for block in draft.body.raw_data]
    for block in raw:
        code = FORMS.get((draft.number, block["value"]["number"]))
        if code:
            button = {
                "type": "form",
                "id": str(uuid.uuid5(NAMESPACE, f"demo form {code}")),
                "value": {"code": code, "before": ""},
            }
            block["value"] = {**block["value"], "content": [*block["value"]["content"], button]}
    draft.body = StreamValue(draft.body.stream_block, raw, is_lazy=True)
    draft.save_revision().publish()
