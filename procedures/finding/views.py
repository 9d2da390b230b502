"""The search page, and what its box offers while somebody types."""

from urllib.parse import urlencode

from axes.helpers import get_client_ip_address
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from portal.accounts.access import passive, reader
from procedures.finding import missed
from procedures.finding.asking import clean
from procedures.finding.forms import KINDS, filters_of, places
from procedures.finding.search import SHOWN, Answer, answer
from procedures.finding.suggestions import suggestions
from procedures.finding.visibility import EVERYTHING
from procedures.privacy import reader_of
from procedures.selectors import front_page

SHOWN_QUERY = 200  # characters of a question that go back into the box


@reader
def search(request: HttpRequest) -> HttpResponse:
    """GET q, in (a part or chapter), kind, exact: what answers the question, best first; without a question, what one
    may ask."""
    query = clean(request.GET.get("q", ""))
    asked, who = bool(query.strip()), reader_of(request)
    choices = places(who) if asked else []
    filters = filters_of(request.GET, choices)
    given = answer(query, who, filters, exact="exact" in request.GET) if asked else Answer([])
    nothing = asked and not given.found and not given.best
    if nothing and filters == EVERYTHING and request.method == "GET":
        missed.note(query, request.partnership, get_client_ip_address(request) or "")  # type: ignore[attr-defined]
    shown = query.strip()[:SHOWN_QUERY]
    context = {
        "query": shown,
        "asked": asked,
        "answer": given,
        "results": given.found,
        "full": len(given.found) == SHOWN,
        "front": front_page(who),
        "places": choices,
        "kinds": KINDS,
        "filters": filters,
        "filtered": filters != EVERYTHING,
        "as_typed": f"{reverse('procedures:search')}?{urlencode({'q': shown, 'exact': 1})}",
        "meant_url": f"{reverse('procedures:search')}?{urlencode({'q': given.meant})}",
        "everywhere": f"{reverse('procedures:search')}?{urlencode({'q': shown})}",
        "tell": urlencode(
            {"subject": "Not found in the manual", "body": f"I searched the manual for: {shown}"}
        ).replace("+", "%20"),
    }
    return TemplateResponse(request, "procedures/search.html", context)


@reader
@passive
def suggest(request: HttpRequest) -> HttpResponse:
    """GET q: JSON {"suggestions": [{"label", "chapter", "url"}]}, of what this reader may read."""
    found = suggestions(request.GET.get("q", ""), reader_of(request))
    rows = [
        {"label": one.section, "chapter": one.title if one.title != one.section else "", "url": one.url}
        for one in found
    ]
    return JsonResponse({"suggestions": rows})
