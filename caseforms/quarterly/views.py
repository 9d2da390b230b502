"""Pages of the quarter: the list of quarters, asking for a workbook, watching it being made, fetching it."""

from itertools import chain
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from caseforms.quarterly import jobs, policy, sealed, selectors, services
from caseforms.quarterly.models import Export, ExportState
from portal.accounts.access import passive
from portal.accounts.acting import PortalRequest
from portal.accounts.stepup import step_up_required
from portal.audit import services as audit
from portal.schedule import enqueue
from portal.workdays import Quarter, UnknownQuarter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def quarters(request: PortalRequest) -> HttpResponse:
    """The quarters of the partnership, each with a button for its workbook, and the workbooks I asked for."""
    policy.acting_membership(request.user, request.partnership, request.acting)
    context = {
        "lines": selectors.lines(request.user, request.partnership),
        "exports": policy.exports_for(request.user).filter(partnership=request.partnership)[:10],
    }
    return TemplateResponse(request, "quarterly/list.html", context)


@require_POST
@step_up_required
def ask_export(request: PortalRequest, label: str) -> HttpResponse:
    """Puts a workbook on the queue and goes to the page that watches it."""
    actor = policy.acting_membership(request.user, request.partnership, request.acting)
    try:
        quarter = Quarter.parse(label, settings.FINANCIAL_YEAR_START_MONTH)
        export, new = services.ask(request.partnership, quarter, actor)
    except (UnknownQuarter, services.NotBegun) as wrong:
        messages.error(request, str(wrong))
        return redirect("quarterly:list")
    if new:
        enqueue(jobs.run_export, str(export.pk))
    return redirect("quarterly:export", export_id=export.pk)


@require_safe
def export(request: PortalRequest, export_id: UUID) -> HttpResponse:
    """How far a workbook has come; its link once it is ready. Reloading the page is all that it needs."""
    wanted = policy.export_or_404(request.user, export_id, acting=request.acting)
    context = {
        "export": wanted,
        "percent": selectors.percent(wanted),
        "state": ExportState,
        "text": _in_words(wanted),
    }
    return TemplateResponse(request, "quarterly/export.html", context)


@passive
@require_safe
def progress(request: PortalRequest, export_id: UUID) -> JsonResponse:
    """The same for the script on that page: `percent`, `text`, and `url` with `label` once ready, or
    `failed`.
    """
    wanted = policy.export_or_404(request.user, export_id, acting=request.acting)
    answer: dict[str, object] = {"percent": selectors.percent(wanted), "text": _in_words(wanted)}
    if wanted.state == ExportState.DONE:
        answer |= {"url": reverse("quarterly:download", args=[wanted.pk]), "label": "Download the workbook"}
    elif wanted.state not in (ExportState.QUEUED, ExportState.RUNNING):
        answer["failed"] = True
    return JsonResponse(answer)


@require_safe
@never_cache
@step_up_required
def download(request: PortalRequest, export_id: UUID) -> HttpResponseBase:
    """The file, to the person who asked for it, while they may still have it; recorded as an export."""
    wanted = policy.export_or_404(request.user, export_id, acting=request.acting)
    if wanted.state != ExportState.DONE or (wanted.expires_at and wanted.expires_at <= timezone.now()):
        raise Http404
    pieces = sealed.read(wanted.pk, wanted.file_name)
    first = next(pieces)  # a file that is gone or damaged is an error page, not half a workbook
    audit.record(
        "exported",
        actor=policy.acting_membership(request.user, wanted.partnership, request.acting),
        kind="workbook",
        ref=wanted.quarter,
        partnership_id=wanted.partnership_id,
        detail=f"{wanted.total_rows} actions, export {wanted.pk}",
    )
    response = StreamingHttpResponse(chain([first], pieces), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, wanted.download_name)
    response["Cache-Control"] = "no-store"
    return response


def _in_words(wanted: Export) -> str:
    if wanted.state == ExportState.RUNNING and wanted.total_rows:
        return f"Being made: {wanted.done_rows} of {wanted.total_rows} actions."
    if wanted.state == ExportState.DONE:
        return f"Ready: {wanted.total_rows} action{'' if wanted.total_rows == 1 else 's'}."
    return wanted.problem or f"{wanted.get_state_display()}."
