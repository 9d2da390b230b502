"""What the demo's manual shows of reading: words explained, related chapters, a flow chart with its list."""

import uuid
from io import BytesIO
from typing import Any

from django.core.files.images import ImageFile
from PIL import Image as Canvas
from PIL import ImageDraw, ImageFont
from wagtail.images.models import Image

from procedures.importing.stream import NAMESPACE
from procedures.models import ChapterPage, GlossaryTerm

GLOSSARY = (
    (
        "Rapid review",
        "rapid reviews",
        "A first, quick look at a case by the review group, to decide what to do next.",
    ),
    (
        "Review group",
        "serious incident review group",
        "Senior people of the agencies who look at serious incidents.",
    ),
    ("Designated officer", "LADO", "Looks into allegations against people who work with children."),
    ("Duty desk", "children's duty desk", "Where children's social care takes calls about a child."),
    ("Quorum", "quorate", "The fewest members who must be present for a decision to count."),
    ("Scope", "terms of reference", "What a review looks at: which agencies, which period, which questions."),
)
STEPS = (
    "Is the child in danger this minute? Ring 999.",
    "Otherwise ring the duty desk and say what you have seen.",
    "Tell the safeguarding lead of your agency the same day.",
    "Write to the duty desk within one working day.",
)
WORRIED = ("1", "2")  # the chapter and the section in which the flow chart stands
RELATED = {  # chapter -> those named in its box
    "1": ("2", "5"),
    "2": ("3",),
    "3": ("2", "4"),
    "4": ("3",),
    "7": ("1", "8"),
    "12": ("3",),
}
WIDTH, HEIGHT, GAP = 720, 70, 34  # pixels of a step in the picture


def explain_words() -> None:
    """The glossary, where a term is not there yet."""
    for term, forms, meaning in GLOSSARY:
        GlossaryTerm.objects.get_or_create(term=term, defaults={"other_forms": forms, "meaning": meaning})


def with_flow_chart(chapter: str, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A chapter's stored sections with the flow chart in its place."""
    for block in sections:
        if (chapter, block["value"]["number"]) == WORRIED:
            steps = "".join(f"<li>{step}</li>" for step in STEPS)
            value = {
                "title": "Worried about a child now",
                "picture": _picture().pk,
                "steps": f"<ol>{steps}</ol>",
            }
            block["value"] = {
                **block["value"],
                "content": [*block["value"]["content"], _block("flow", "flow", value)],
            }
    return sections


def related_box(chapter: str, pages: dict[str, ChapterPage]) -> list[dict[str, Any]]:
    """The box of related chapters that a chapter gets, if any; `pages` by number."""
    numbers = RELATED.get(chapter, ())
    if not numbers:
        return []
    links = "".join(
        f'<li><a linktype="page" id="{pages[number].pk}">Chapter {pages[number].name}</a></li>'
        for number in numbers
    )
    text = _block("text", f"related text {chapter}", f"<ul>{links}</ul>")
    return [_block("box", f"related {chapter}", {"kind": "related", "title": "", "content": [text]})]


def _block(kind: str, name: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "id": str(uuid.uuid5(NAMESPACE, f"demo {name}")), "value": value}


def _picture() -> Image:
    """The steps drawn as boxes, one under the other, with arrows."""
    canvas = Canvas.new("RGB", (WIDTH, len(STEPS) * (HEIGHT + GAP) - GAP + 4), "white")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=22)
    for place, step in enumerate(STEPS):
        top = place * (HEIGHT + GAP) + 2
        draw.rectangle((2, top, WIDTH - 3, top + HEIGHT), outline="#0b5351", width=3, fill="#eef5f4")
        draw.text((WIDTH / 2, top + HEIGHT / 2), f"{place + 1}. {step}", font=font, fill="black", anchor="mm")
        if place:
            draw.line((WIDTH / 2, top - GAP, WIDTH / 2, top), fill="#0b5351", width=3)
            draw.polygon(
                [(WIDTH / 2 - 8, top - 12), (WIDTH / 2 + 8, top - 12), (WIDTH / 2, top)], fill="#0b5351"
            )
    data = BytesIO()
    canvas.save(data, "PNG")
    data.seek(0)
    file = ImageFile(data, name="worried-about-a-child-now.png")
    return Image.objects.create(title="Worried about a child now", file=file)
