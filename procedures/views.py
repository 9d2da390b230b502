"""Search, and the way to the manual's front page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portal.accounts.access import reader
from procedures.search import SHOWN, search_manual
from procedures.selectors import front_page

SHOWN_QUERY = 200  # characters of a question that go back into the box


@reader
def search(request: HttpRequest) -> HttpResponse:
    """GET q: the sections that answer it, best first; without a question, what one may ask."""
    query = request.GET.get("q", "")
    found = search_manual(query, SHOWN, request) if query.strip() else []
    context = {
        "query": query[:SHOWN_QUERY],
        "asked": bool(query.strip()),
        "results": found,
        "full": len(found) == SHOWN,
        "front": front_page(request),
    }
    return TemplateResponse(request, "procedures/search.html", context)


@reader
def front(request: HttpRequest) -> HttpResponse:
    """Sends the reader to the first manual that they may read."""
    page = front_page(request)
    if page is None:
        raise Http404
    return redirect(page.get_url(request))
