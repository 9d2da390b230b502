"""What the demo shows of upkeep: owners and review dates, a cross reference, a link that leads nowhere, and a change
that waits for approval."""

import uuid
from datetime import timedelta

from django.utils import timezone

from portal.accounts.models import Membership, Role
from procedures.importing.stream import NAMESPACE
from procedures.models import ChapterPage, ManualIndexPage

OVERDUE, SOON = timedelta(days=-9), timedelta(days=17)


def finish_demo_manual(manual: ManualIndexPage) -> None:
    """For a manual that has just been made: chapters 4 to 6 as they come to a desk. Needs the demo's people; without
    them nobody owns anything and nothing waits."""
    chapters = {page.number: page for page in ChapterPage.objects.child_of(manual)}
    managers = Membership.objects.current().filter(role=Role.BUSINESS_MANAGER, partnership__code="TARN")
    manager = managers.select_related("person").first()
    person = manager.person if manager else None
    today = timezone.localdate()
    target = next((one for one in chapters["3"].sections() if one.heading == "Quorum"), None)
    _say(
        chapters["4"],
        f'<p>Who must be there when the group decides: <a linktype="section" id="{target.anchor}">{target.name}</a>. '
        'The <a href="/manual/old-action-plan/">form that was used before 2026</a> is no longer accepted.</p>'
        if target
        else "",
        review_by=today + OVERDUE,
        keeper=person,
        change_what="Says who must be there when the group decides.",
        change_why="Two meetings could not decide because too few agencies had come.",
    )
    _say(
        chapters["6"],
        "",
        review_by=today + SOON,
        change_what="Has a date by which it is reviewed.",
        change_why="Telephone numbers change.",
    )
    if person is not None:
        draft = chapters["5"].get_latest_revision_as_object()
        draft.change_what = "Says that the designated officer is also told of concerns outside work."
        draft.change_why = "Asked for by the designated officer."
        draft.save_revision(user=person)
        page = ChapterPage.objects.get(pk=draft.pk)
        workflow = page.get_workflow()
        if workflow is not None:
            workflow.start(page, person)


def _say(page: ChapterPage, html: str, **values: object) -> None:
    """Publishes a chapter with a paragraph more in its first section."""
    draft = page.get_latest_revision_as_object()
    for name, value in values.items():
        setattr(draft, name, value)
    if html:
        raw = [dict(block) for block in draft.body.raw_data]
        text = {"type": "text", "id": str(uuid.uuid5(NAMESPACE, f"demo upkeep {page.number}")), "value": html}
        raw[0]["value"] = {**raw[0]["value"], "content": [*raw[0]["value"]["content"], text]}
        draft.body = draft.body.stream_block.to_python(raw)
    draft.save_revision().publish()
