"""The audit trail of a partnership, for its auditors and administrators."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.audit import policy, selectors
from portal.audit.models import Verb

ROWS_PER_PAGE = 50


@require_safe
def access_events(request: HttpRequest) -> HttpResponse:
    """Who looked, exported, signed in or was refused: roles, agencies and references, no names."""
    partnership = getattr(request, "partnership", None)
    if partnership is None or not policy.may_read(request.user, partnership.id):
        raise PermissionDenied
    verb = request.GET.get("verb", "")
    if verb not in Verb.values:
        verb = ""
    pages = Paginator(selectors.events_of(partnership.id, verb), ROWS_PER_PAGE)
    context = {"page_obj": pages.get_page(request.GET.get("page")), "verb": verb, "verbs": Verb.choices}
    return render(request, "audit/list.html", context)
