"""The report of what people searched and did not find; in the CMS admin, which asks for a business manager."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from portal.accounts.policy import partnerships_managed_by
from procedures.finding.documents import waiting
from procedures.finding.models import DocumentText, Missed

ON_A_PAGE = 50


def not_found(request: HttpRequest) -> HttpResponse:
    """By month, the commonest first, of the partnerships that the person manages; and documents that could not be
    read."""
    kept = partnerships_managed_by(request.user)
    if not kept:
        raise PermissionDenied
    rows = Missed.objects.filter(partnership__in=kept).select_related("partnership")
    worded = rows.exclude(words="").order_by("-month", "-times", "words")
    context = {
        "rows": Paginator(worded, ON_A_PAGE).get_page(request.GET.get("p")),
        "unworded": rows.filter(words="").aggregate(times=Sum("times"))["times"] or 0,
        "several": len(kept) > 1,
        "unread": DocumentText.objects.exclude(problem="")
        .select_related("document")
        .order_by("document__title"),
        "waiting": len(waiting()),
    }
    return TemplateResponse(request, "procedures/search_report.html", context)
