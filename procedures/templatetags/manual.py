"""Rich text of the manual in GOV.UK's classes."""

from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from wagtail.images.models import Image
from wagtail.rich_text import expand_db_html

from procedures.blocks import BOX_KINDS, PICTURE, with_classes

register = template.Library()
KINDS = dict(BOX_KINDS)


@register.filter
def manual_text(value: Any) -> SafeString:
    """A rich text value by itself as HTML. Editors' rich text is whitelisted when it is saved; imported text
    is escaped."""
    return mark_safe(with_classes(expand_db_html(getattr(value, "source", value or ""))))  # noqa: S308


@register.filter
def manual_source(value: Any) -> SafeString:
    """A rich text value inside a chapter, where rendering.py expands the links of all of them together."""
    return mark_safe(getattr(value, "source", value or ""))  # noqa: S308


@register.simple_tag(takes_context=True)
def picture_of(context: Context, picture: Any) -> tuple[str, int, int] | None:
    """Address, width and height of a picture (or its key) as flow charts show it; made on the first showing. None for
    one that was deleted."""
    key = getattr(picture, "pk", picture)
    sizes = context.get("sizes")
    known = sizes().get(key) if sizes else None
    if known:
        return known
    image = Image.objects.filter(pk=key).first()
    if image is None:
        return None
    made = image.get_rendition(PICTURE)
    return made.url, made.width, made.height


@register.filter
def box_title(value: Any) -> str:
    """A box's title, else what its kind is called."""
    return value["title"] or KINDS.get(value["kind"], "")


@register.filter
def has_headings(table: Any) -> bool:
    """Whether any column of a table is named."""
    return any(column["heading"] for column in table.columns)


@register.filter
def labelled(row: Any, table: Any) -> list[tuple[str, Any]]:
    """Each cell of a table's row with the heading of its column."""
    return [(column["heading"], cell) for column, cell in zip(table.columns, row["values"], strict=False)]
