"""Chapters of any length, depth and number of links, made of blocks."""

import uuid
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.blocks import StreamValue
from wagtail.images.models import Image
from wagtail.models import Page

from procedures.models import ChapterPage, anchor_of

WORDS = "Agencies talk with each other early, write down what they heard and who does what by when. "


def block(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "id": str(uuid.uuid4()), "value": value}


def section(heading: str, content: Sequence[dict[str, Any]], level: int = 1) -> dict[str, Any]:
    """A section that numbers itself."""
    value = {
        "numbering": "automatic",
        "number": "",
        "heading": heading,
        "level": level,
        "content": [*content],
    }
    return block("section", value)


def text(words: str) -> dict[str, Any]:
    return block("text", f"<p>{words}</p>")


def table(headings: Sequence[str], *rows: Sequence[str], caption: str = "") -> dict[str, Any]:
    return block(
        "table",
        {
            "columns": [{"type": "text", "heading": heading} for heading in headings],
            "rows": [{"values": [*row]} for row in rows],
            "caption": caption,
        },
    )


def flow(title: str, picture: Image | None, *steps: str) -> dict[str, Any]:
    listed = "".join(f"<li>{step}</li>" for step in steps)
    return block(
        "flow", {"title": title, "picture": picture.pk if picture else None, "steps": f"<ol>{listed}</ol>"}
    )


def box(kind: str, *content: dict[str, Any]) -> dict[str, Any]:
    return block("box", {"kind": kind, "title": "", "content": [*content]})


def link_to(page: Page, words: str = "another chapter") -> str:
    return f'<a linktype="page" id="{page.pk}">{words}</a>'


def reference_to(page: ChapterPage, place: int, words: str = "there") -> str:
    """A cross reference to a section of a page by its place."""
    return f'<a linktype="section" id="{anchor_of(page.body[place].id)}">{words}</a>'


def picture(title: str = "Steps", colour: str = "navy") -> Image:
    """A small picture, kept."""
    data = BytesIO()
    Picture.new("RGB", (80, 40), colour).save(data, "PNG")
    data.seek(0)
    return Image.objects.create(title=title, file=ImageFile(data, name=f"{title}.png"))


def made(
    parent: Page,
    number: str,
    title: str,
    sections: Sequence[dict[str, Any]],
    boxes: Sequence[dict[str, Any]] = (),
    **fields: Any,
) -> ChapterPage:
    """A published chapter."""
    page = ChapterPage(title=title, number=number, slug=f"chapter-{number}".replace(".", "-"), **fields)
    page.body = StreamValue(ChapterPage.body.field.stream_block, [*sections], is_lazy=True)
    page.boxes = StreamValue(ChapterPage.boxes.field.stream_block, [*boxes], is_lazy=True)
    parent.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def changed(page: ChapterPage, sections: Sequence[dict[str, Any]], **fields: Any) -> ChapterPage:
    """The chapter, published with other sections."""
    draft = page.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.body = StreamValue(draft.body.stream_block, [*sections], is_lazy=True)
    draft.save_revision().publish()
    page.refresh_from_db()
    return page
