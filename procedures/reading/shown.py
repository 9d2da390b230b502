"""A chapter as it is shown, without what is personal: made once for the readers of a partnership and kept in the cache
until anything that it is made of changes."""

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from procedures import generation
from procedures.models import ChapterPage, contents_of
from procedures.privacy import Reader, numbers_of, reader_of
from procedures.rendering import RenderedChapter, explained, glossary, render_plain
from procedures.sharing.composition import with_local_parts
from procedures.tree import Place, tree

SECONDS_KEPT = 24 * 60 * 60
TEXT = ("boxes", "body")


@dataclass(frozen=True)
class Shown:
    """The page without its text, its chapter without HTML, and the HTML as it stands on the page. `key` names it in the
    cache; empty for a preview."""

    key: str
    page: ChapterPage
    chapter: RenderedChapter
    contents: SafeString
    body: SafeString


def shown(request: HttpRequest, pk: int) -> Shown:
    """The live chapter with this key as this reader's partnership sees it. Who may read it was asked before.

    1. The key holds the numbers of everything that pages are made of, read in this request.
    2. What was kept under another key is never asked for again, and the cache drops it in time.
    """
    reader = reader_of(request)
    numbers = numbers_of(reader)
    key = f"chapter:{pk}:{sum(numbers.values())}:{reader.partnership_id}"
    kept: Shown | None = cache.get(key)
    if kept is None:
        page = ChapterPage.objects.get(pk=pk)
        kept = made(request, page, render_plain(page, numbers), reader, key)
        cache.set(key, kept, SECONDS_KEPT)
    return kept


def made(
    request: HttpRequest, page: ChapterPage, rendered: RenderedChapter, reader: Reader | None, key: str = ""
) -> Shown:
    """A rendered chapter, live or draft, put into the page's markup. Without a reader nothing local is put in."""
    if reader is not None:
        rendered = with_local_parts(rendered, page, reader)
    chapter = explained(rendered, glossary(numbers_of(reader) if reader else None))
    context: dict[str, Any] = {
        "page": page,
        "chapter": chapter,
        "contents": contents_of(chapter.sections),
        "request": request,
    }
    light = copy(page)
    for name in TEXT:
        light.__dict__.pop(name, None)  # deferred from now on
    return Shown(
        key,
        light,
        replace(chapter, boxes="", sections=tuple(replace(one, html="") for one in chapter.sections)),
        render_to_string("procedures/reading/contents.html", context),
        render_to_string("procedures/reading/chapter_body.html", context),
    )


@dataclass(frozen=True)
class Around:
    """What lies around a chapter for one reader: the manual it is in, the chapter before and the one after."""

    manual: Place | None
    before: Place | None
    after: Place | None


def around(pk: int, hidden: list[str], known: generation.Numbers) -> Around:
    """The neighbours of a chapter that do not lie in `hidden` subtrees; from memory."""
    places = tree(known)
    here = places.by_pk.get(pk)

    def first(found: Any) -> Place | None:
        return next((one for one in found if not any(one.path.startswith(path) for path in hidden)), None)

    manual = places.parent(here) if here else None
    return Around(manual, first(places.before(pk)), first(places.after(pk)))
