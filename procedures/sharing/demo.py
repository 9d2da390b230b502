"""What is local in the demo: for each partnership a chapter, two boxes and its contacts."""

import uuid
from pathlib import Path

from portal.accounts.models import Partnership
from procedures.importing.parse import parse_chapter
from procedures.importing.stream import NAMESPACE
from procedures.models import ChapterPage, ManualIndexPage, Section
from procedures.services import import_chapter
from procedures.sharing import services
from procedures.sharing.models import Contact, LocalBox, Place

FOLDER = Path(__file__).parent.parent / "demo_local"
# code -> (chapter, section, where, title, text); no section is the head of the chapter
BOXES: dict[str, list[tuple[str, str, Place, str, str]]] = {
    "TARN": [
        (
            "1",
            "2",
            Place.AFTER,
            "Whom to ring in Tarnbrook",
            "<p>The <b>children’s duty desk</b> is at Weir House, 01632 960100. After 17.30 and at weekends, ring the "
            "emergency duty team on 01632 960101. Write to the duty desk through the hub’s form, not by ordinary "
            "e-mail.</p>",
        ),
        (
            "1",
            "3",
            Place.AFTER,
            "",
            "<p>In Tarnbrook’s hospitals, write it on the yellow sheet at the front of the notes:</p>"
            "<ul><li>copy it to the named nurse the same day;</li><li>never leave it in a handover book.</li></ul>",
        ),
    ],
    "ELLER": [
        (
            "1",
            "2",
            Place.AFTER,
            "Whom to ring in Ellerfold",
            "<p>The <b>children’s duty desk</b> of Ellerfold is in the Harbour Office, 01632 960200. At night, one "
            "number serves both shores: 01632 960201.</p>",
        ),
        (
            "2",
            "",
            Place.AFTER,
            "For people in Ellerfold",
            "<p>Ellerfold’s review group meets on the first Tuesday of the month. Send referrals by the Thursday "
            "before it where you can; urgent ones do not wait.</p>",
        ),
    ],
}
# code (empty: everybody's) -> (service, what for, telephone, e-mail, address, hours, urgent)
CONTACTS: dict[str, list[tuple[str, str, str, str, str, str, bool]]] = {
    "": [
        ("Emergency services", "A child is in danger this minute", "999", "", "", "Day and night", True),
        (
            "Designated officer",
            "Somebody who works with children has been accused",
            "01632 960130",
            "designated.officer@tarnshire.example",
            "",
            "Monday to Friday, 9.00 to 17.00",
            False,
        ),
    ],
    "TARN": [
        (
            "Tarnbrook children’s duty desk",
            "You are worried about a child",
            "01632 960100",
            "duty@tarnbrook.example",
            "Weir House, Mill Lane, Tarnbrook",
            "Monday to Friday, 8.30 to 17.30",
            True,
        ),
        (
            "Tarnbrook emergency duty team",
            "Worries that cannot wait",
            "01632 960101",
            "",
            "",
            "Other times",
            True,
        ),
        (
            "Tarnbrook business unit",
            "Referrals, reviews, this manual",
            "01632 960110",
            "business.unit@tarnbrook.example",
            "",
            "",
            False,
        ),
    ],
    "ELLER": [
        (
            "Ellerfold children’s duty desk",
            "You are worried about a child",
            "01632 960200",
            "duty@ellerfold.example",
            "Harbour Office, Quay Street, Ellerfold",
            "Monday to Friday, 8.00 to 18.00",
            True,
        ),
        (
            "Night line of both shores",
            "Worries that cannot wait",
            "01632 960201",
            "",
            "",
            "18.00 to 8.00",
            True,
        ),
    ],
}


def load_local_demo(manual: ManualIndexPage) -> None:
    """Place what is local under the demo's manual, once: what editors change or delete afterwards stays so."""
    if LocalBox.objects.exists():  # their rows are never deleted
        return
    partnerships: dict[str, Partnership | None] = {"": None}
    partnerships |= {one.code: one for one in Partnership.objects.filter(code__in=BOXES)}
    for code, partnership in partnerships.items():
        for place, row in enumerate(CONTACTS[code]):
            service, what_for, telephone, email, address, hours, urgent = row
            Contact.objects.get_or_create(
                partnership=partnership,
                service=service,
                defaults={
                    "what_for": what_for,
                    "telephone": telephone,
                    "email": email,
                    "address": address,
                    "hours": hours,
                    "urgent": urgent,
                    "position": place,
                },
            )
        if partnership is not None:
            _load_chapter(manual, partnership)
            _load_boxes(manual, partnership)


def _load_chapter(manual: ManualIndexPage, partnership: Partnership) -> None:
    chapter = parse_chapter((FOLDER / f"{partnership.code}.txt").read_text(encoding="utf-8"))
    draft = import_chapter(chapter, parent=manual).page.get_latest_revision_as_object()
    draft.partnership = partnership
    draft.search_description = f"How {partnership.short_name} does it."
    draft.save_revision().publish()


def _load_boxes(manual: ManualIndexPage, partnership: Partnership) -> None:
    for number, section, place, title, text in BOXES[partnership.code]:
        key = uuid.uuid5(NAMESPACE, f"demo box {partnership.code} {number} {section}")
        page = ChapterPage.objects.child_of(manual).filter(number=number, partnership=None).first()
        anchors = Section.objects.filter(page=page, number=section) if section else Section.objects.none()
        anchor = anchors.values_list("anchor", flat=True).first() or ""
        if page is None or (section and not anchor):
            continue
        box = LocalBox(
            pk=key, page=page, partnership=partnership, anchor=anchor, place=place, title=title, text=text
        )
        services.save_box(box, None)
