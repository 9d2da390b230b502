"""What a chapter page says of its editions."""

from typing import Any

from django import template

from procedures.editing.selectors import latest_of, who
from procedures.models import ChapterPage
from procedures.privacy import may_read, reader_of

register = template.Library()
SHOWN = 3


@register.simple_tag(takes_context=True)
def latest_amendments(context: template.Context, page: ChapterPage) -> list[Any]:
    """The newest amendments of a chapter as {edition, who}: one query. None in a preview of a page that has no row."""
    if not page.pk:
        return []
    request = context["request"]
    editions = latest_of(page, reader_of(request).partnership_id, SHOWN)
    return [{"edition": one, "who": who(one, request.user)} for one in editions]


@register.simple_tag(takes_context=True)
def replacement(context: template.Context, page: ChapterPage) -> ChapterPage | None:
    """The chapter that replaces a withdrawn one, where it is published and this reader may read it."""
    found = page.replaced_by
    if found is None or not found.live or not may_read(found, reader_of(context["request"])):
        return None
    chapter: ChapterPage = found.specific
    return chapter
