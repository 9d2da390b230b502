"""The pages of the manual as people read them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.accounts.access import reader
from procedures.models import ChapterPage, contents_of
from procedures.privacy import reader_of
from procedures.rendering import RenderedChapter, render_chapter
from procedures.selectors import front_page
from procedures.sharing.composition import with_local_parts


@reader
def front(request: HttpRequest) -> HttpResponse:
    """Sends the reader to the first manual that they may read."""
    page = front_page(reader_of(request))
    if page is None:
        raise Http404
    return redirect(page.get_url(request))


def chapter(request: HttpRequest, page: ChapterPage) -> HttpResponse:
    """A live chapter; what the reader may read has been asked already."""
    rendered = with_local_parts(render_chapter(page), page, reader_of(request))
    return _in_frame(request, page, rendered)


def preview(request: HttpRequest, page: ChapterPage) -> HttpResponse:
    """A chapter as it stands in the editor."""
    return _in_frame(request, page, render_chapter(page))


def _in_frame(request: HttpRequest, page: ChapterPage, rendered: RenderedChapter) -> HttpResponse:
    context = page.get_context(request)
    context |= {"chapter": rendered, "contents": contents_of(rendered.sections)}
    return TemplateResponse(request, page.template, context)
