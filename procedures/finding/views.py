"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from portal.accounts.access import reader
from procedures.finding.search import SHOWN, search_manual
from procedures.privacy import reader_of
from procedures.selectors import front_page

SHOWN_QUERY = 200  # characters of a question that go back into the box


@reader
def search(request: HttpRequest) -> HttpResponse:
    """GET q: the sections that answer it, best first; without a question, what one may ask."""
    query = request.GET.get("q", "")
    found = search_manual(query, SHOWN, reader_of(request)) if query.strip() else []
    context = {
        "query": query[:SHOWN_QUERY],
        "asked": bool(query.strip()),
        "results": found,
        "full": len(found) == SHOWN,
        "front": front_page(reader_of(request)),
    }
    return TemplateResponse(request, "procedures/search.html", context)
