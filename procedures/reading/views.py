"""The pages of the manual as people read them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import get_script_prefix
from wagtail import views as wagtail_views

from portal.accounts.access import Level, level_of_page, reader
from procedures import generation
from procedures.models import ChapterPage, GlossaryTerm, Section
from procedures.privacy import hidden_paths, numbers_of, reader_of
from procedures.reading.framing import filled, frame, made_frame
from procedures.reading.gate import refusal
from procedures.reading.listing import letters
from procedures.reading.shown import Around, made
from procedures.rendering import render_chapter
from procedures.selectors import front_page
from procedures.tree import Place, tree


@reader
def front(request: HttpRequest) -> HttpResponse:
    """Sends the reader to the first manual that they may read."""
    page = front_page(reader_of(request))
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


# ---- A chapter ------------------------------------------------------------------------------------------------


def level(request: HttpRequest, path: str) -> Level:
    """The access level of the page at a path: that of the manual for a chapter, else what Wagtail's page says."""
    return Level.READER if _chapter_at(request, path) else level_of_page(request, path)


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Every page of the tree. Chapters are found and shown without Wagtail's walk from page to page; the rest is
    Wagtail's."""
    place = _chapter_at(request, path)
    if place is None:
        return wagtail_views.serve(request, path)
    return refusal(place.path, request) or _live(request, place.pk)


def _chapter_at(request: HttpRequest, path: str) -> Place | None:
    """The live chapter at a path; None where Wagtail has to tell several sites apart."""
    places = tree(generation.numbers_of(request))
    place = places.by_address.get(f"{get_script_prefix()}{path}") if places.one_site else None
    return place if place and place.chapter else None


def chapter(request: HttpRequest, page: ChapterPage) -> HttpResponse:
    """A live chapter that Wagtail has found, once it has asked who may read."""
    return _live(request, page.pk)


def _live(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(filled(request, frame(request, pk)))


def preview(request: HttpRequest, page: ChapterPage) -> HttpResponse:
    """A chapter as it stands in the editor."""
    manual = tree().by_pk.get(page.get_parent().pk)
    found = made(request, page, render_chapter(page), None)
    return HttpResponse(filled(request, made_frame(request, found, Around(manual, None, None))))


# ---- Ways in --------------------------------------------------------------------------------------------------


@reader
def section(request: HttpRequest, anchor: str) -> HttpResponse:
    """The permanent address of a section: leads to wherever it is now. One that is gone says so, with the way to its
    chapter; to whoever may not read the chapter it was never there."""
    reading = reader_of(request)
    places = tree(numbers_of(reading))
    hidden = hidden_paths(reading)
    gone: tuple[Section, Place] | None = None
    for row in Section.objects.filter(anchor=anchor).order_by("-live", "-pk"):
        place = places.by_pk.get(row.page_id)
        if place is None or not place.live or any(place.path.startswith(path) for path in hidden):
            continue
        if row.live:
            return redirect(f"{place.address}#{row.anchor}")
        gone = gone or (row, place)
    if gone is None:
        raise Http404
    context = {"section": gone[0], "place": gone[1]}
    return TemplateResponse(request, "procedures/reading/section_gone.html", context, status=410)


@reader
def a_to_z(request: HttpRequest) -> HttpResponse:
    """Chapters, their main sections and the glossary, by letter."""
    context = {"letters": letters(reader_of(request)), "front": front_page(reader_of(request))}
    return TemplateResponse(request, "procedures/reading/a_to_z.html", context)


@reader
def glossary_page(request: HttpRequest) -> HttpResponse:
    """Every term with its meaning."""
    context = {"terms": GlossaryTerm.objects.all(), "front": front_page(reader_of(request))}
    return TemplateResponse(request, "procedures/reading/glossary.html", context)
