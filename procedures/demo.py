"""The manual of the demo: a short set of chapters in plain text, imported as anybody's would be."""

import uuid
from datetime import date
from pathlib import Path

from django.db import transaction
from wagtail.blocks import StreamValue
from wagtail.models import Page

from procedures.editing.demo import CHAPTER, MOVED, as_it_was, load_demo_editions
from procedures.finding.models import BestBet
from procedures.importing.parse import parse_chapter
from procedures.importing.stream import NAMESPACE
from procedures.intake.services import note_findings
from procedures.models import ChapterPage, ManualIndexPage
from procedures.reading import demo as reading
from procedures.services import import_chapter
from procedures.sharing.demo import load_local_demo
from procedures.upkeep.demo import finish_demo_manual

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
    "7": "From the strategy discussion to the end of a child protection plan.",
    "8": "Support before harm is done, and when to step up or down.",
    "9": "Missing from home or care, exploited by adults, harmed online.",
    "10": "Domestic abuse, illness, drink and drugs, unborn children, safe sleep.",
    "11": "What may be shared, with whom, and how long records are kept.",
    "12": "Writing an agency report, its chronology, and checking it.",
    "13": "What to do when another agency does not do what a child needs.",
    "14": "Families, the overview report, the press, and learning.",
}
BEST_BET = "refer a case\nreferral form\nmake a referral"
FORMS = {("2", "Appendix A"): "case-referral"}  # (chapter, section) -> code of a registered entry point


def load_demo_manual(parent: Page) -> ManualIndexPage:
    """Place the demo manual, published, under a page (the site's home page). Does nothing where there
    is a manual under that page already, except for what is local and was never there, so that it may be run again
    and never undoes an editor's work."""
    manual = ManualIndexPage.objects.child_of(parent).first()
    if manual is not None:
        load_local_demo(manual)
        return manual
    with transaction.atomic():
        manual = ManualIndexPage(
            title="Safeguarding procedures manual", slug="manual", intro=INTRO, show_in_menus=True
        )
        parent.add_child(instance=manual)
        files = sorted(FOLDER.glob("*.txt"), key=lambda one: int(one.name.partition("-")[0]))
        chapters = [parse_chapter(as_it_was(path.read_text(encoding="utf-8"))) for path in files]
        pages = [import_chapter(chapter, parent=manual).page for chapter in chapters]
        reading.explain_words()
        for page, chapter in zip(pages, chapters, strict=True):
            note_findings(page, [(one.kind, one.section, one.text) for one in chapter.problems])
            _finish(page, {one.number: one for one in pages})
        load_local_demo(manual)
        finish_demo_manual(manual)
        for code in FORMS.values():
            BestBet.objects.get_or_create(form=code, defaults={"questions": BEST_BET})
        load_demo_editions(manual)
    return manual


def _finish(page: ChapterPage, pages: dict[str, ChapterPage]) -> None:
    """What plain text cannot say: edition, summary, a flow chart, links to related chapters, and the button that opens
    a form. `pages` are all chapters by number."""
    draft = page.get_latest_revision_as_object()
    draft.edition_date, draft.review_by = EDITION, REVIEW_BY
    draft.search_description = SUMMARIES[draft.number]
    if draft.number == CHAPTER:  # of which the demo has an older edition
        draft.change_what = MOVED
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
    raw = reading.with_flow_chart(draft.number, raw)
    draft.body = StreamValue(draft.body.stream_block, raw, is_lazy=True)
    boxes = [*draft.boxes.raw_data, *reading.related_box(draft.number, pages)]
    draft.boxes = StreamValue(draft.boxes.stream_block, boxes, is_lazy=True)
    draft.save_revision().publish()
