"""Pages of copies: one chapter at once as PDF, Word or text; a whole manual, asked for, watched and fetched."""

from typing import Any
from uuid import UUID

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.access import passive, reader
from portal.accounts.acting import PortalRequest
from portal.accounts.throttle import allowed
from portal.audit import services as audit
from portal.schedule import enqueue
from procedures import generation
from procedures.editing.policy import editions_for
from procedures.editing.selectors import shown_at, standing_of
from procedures.exporting import files, jobs, pdf, policy, selectors, services
from procedures.exporting.document import Chapter
from procedures.exporting.models import Copy, CopyState, Kind
from procedures.exporting.selectors import Holding
from procedures.exporting.trouble import Trouble
from procedures.exporting.walking import chapter_document, with_words
from procedures.privacy import reader_of
from procedures.sharing.composition import with_local_parts

TYPES = {
    Kind.OFFLINE: "application/zip",
    Kind.PDF: services.FORMATS["pdf"],
    Kind.WORD: services.FORMATS["docx"],
}
TOO_MANY = "That is enough for now from your network. Sign in, or try again in an hour."
COPIES_WITHOUT_ACCOUNT = 10  # an hour and network address


@reader
@require_safe
def copies(request: PortalRequest) -> HttpResponse:
    """What can be taken away of each manual and part: offline copy, PDF, Word, and how far each has come."""
    who = reader_of(request)
    found = list(policy.copies_for(who).exclude(state=CopyState.EXPIRED).order_by("-asked_at")[:200])
    current = generation.current()
    lines = [
        _line(held, [copy for copy in found if copy.scope_id == held.page.pk], current)
        for held in selectors.holdings(list(policy.scopes(who).order_by("path")), who)
    ]
    context = {"lines": lines, "missing": "" if pdf.available() else pdf.MISSING}
    return TemplateResponse(request, "procedures/exporting/copies.html", context)


@reader
@require_POST
def ask(request: PortalRequest) -> HttpResponse:
    """Puts a copy on the queue, where there is none yet, and goes to the page that watches it."""
    who = reader_of(request)
    scope = policy.scope_or_404(who, _number(request.POST.get("scope", "")))
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        raise Http404
    if kind == Kind.PDF and not pdf.available():
        messages.error(request, pdf.MISSING)
        return redirect("exporting:copies")
    if (
        services.existing(kind, scope, who) is None
        and not who.user.is_authenticated
        and not _may_ask(request)
    ):
        messages.error(request, TOO_MANY)
        return redirect("exporting:copies")
    copy, new = services.ask(kind, scope, who)
    if new:
        enqueue(jobs.make_copy, str(copy.pk))
    return redirect("exporting:copy", copy_id=copy.pk)


@reader
@require_safe
def copy(request: PortalRequest, copy_id: UUID) -> HttpResponse:
    """How far a copy has come; its link once it is ready. Reloading the page is all that it needs."""
    wanted = policy.copy_or_404(reader_of(request), copy_id)
    context = {
        "copy": wanted,
        "state": CopyState,
        "fresh": policy.is_fresh(wanted),
        "text": _in_words(wanted),
        "is_offline": wanted.kind == Kind.OFFLINE,
    }
    return TemplateResponse(request, "procedures/exporting/copy.html", context)


@reader
@passive
@require_safe
def progress(request: PortalRequest, copy_id: UUID) -> JsonResponse:
    """The same for the script on that page: `percent`, `text`, and `url` with `label` once ready, or `failed`."""
    wanted = policy.copy_or_404(reader_of(request), copy_id)
    answer: dict[str, object] = {"percent": wanted.percent, "text": _in_words(wanted)}
    if policy.is_fresh(wanted):
        answer |= {"url": reverse("exporting:download", args=[wanted.pk]), "label": _label(wanted)}
    elif wanted.state not in (CopyState.QUEUED, CopyState.RUNNING):
        answer["failed"] = True
    return JsonResponse(answer)


@reader
@require_safe
def download(request: PortalRequest, copy_id: UUID) -> HttpResponseBase:
    """The file, to whoever may read now all that is in it; recorded for people who are signed in."""
    wanted = policy.copy_or_404(reader_of(request), copy_id)
    if not policy.is_fresh(wanted) or (wanted.expires_at and wanted.expires_at <= timezone.now()):
        raise Http404
    try:
        file = files.open_stored(wanted.file_name)
    except FileNotFoundError:
        raise Http404 from None
    _record(request, f"manual {wanted.kind}", str(wanted.scope_id), f"copy {wanted.pk}")
    response = FileResponse(file, content_type=TYPES[Kind(wanted.kind)])
    return _as_file(response, wanted.download_name)


@reader
@require_safe
def chapter(request: PortalRequest, page_id: int, form: str) -> HttpResponse:
    """One chapter as it stands for this reader, as PDF, Word or text."""
    who = reader_of(request)
    page = policy.chapter_or_404(who, page_id)
    back = page.get_url(request) or "/"
    return _file(request, form, selectors.chapter_for(page, who), page.slug, f"chapter {page.pk}", back)


@reader
@require_safe
def edition(request: PortalRequest, edition_id: UUID, form: str) -> HttpResponse:
    """An earlier edition of a chapter as it stood, with what was local to the reader's partnership then."""
    who = reader_of(request)
    kept = get_object_or_404(editions_for(who).select_related("page"), pk=edition_id)
    page = kept.page
    rendered = kept.chapter
    path, back = "", reverse("editing:edition", args=[kept.pk])
    if page is not None:
        rendered = with_local_parts(rendered, page, who, at=shown_at(standing_of(kept)))
        path = selectors.path_of(page)
    document = with_words(chapter_document(rendered, path, kept.dated), rendered)
    name = f"{slugify(kept.name)}-{kept.day:%Y-%m-%d}"
    return _file(request, form, document, name, f"edition {kept.pk}", back)


def _file(
    request: PortalRequest, form: str, document: Chapter, name: str, ref: str, back: str
) -> HttpResponse:
    if form not in services.FORMATS:
        raise Http404
    stamp = selectors.stamp_for(request.partnership, timezone.now())
    try:
        content = services.write_chapter(form, document, stamp)
    except Trouble as trouble:
        messages.error(request, str(trouble))
        return redirect(back)
    _record(request, f"manual {form}", ref, "")
    response = HttpResponse(content, content_type=services.FORMATS[form])
    return _as_file(response, f"{slugify(name) or 'chapter'}.{form}")


def _as_file(response: Any, name: str) -> Any:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response


def _record(request: PortalRequest, kind: str, ref: str, detail: str) -> None:
    """Recorded where people who are signed in take something away; a reader without an account is nobody."""
    if request.acting is not None:
        audit.record("exported", actor=request.acting, kind=kind, ref=ref, detail=detail)


def _line(held: Holding, found: list[Copy], current: int) -> dict[str, Any]:
    """A manual or part on the page of copies, with the latest copy of each kind."""
    kinds = []
    for kind in Kind:
        latest = next((copy for copy in found if copy.kind == kind), None)
        state = latest.state if latest else ""
        ready = latest is not None and state == CopyState.DONE and latest.generation == current
        kinds.append(
            {
                "kind": kind,
                "copy": latest,
                "ready": ready,
                "busy": state in (CopyState.QUEUED, CopyState.RUNNING),
                "failed": state == CopyState.FAILED,
                "old": state == CopyState.DONE and not ready,
            }
        )
    return {"held": held, "kinds": kinds}


def _in_words(wanted: Copy) -> str:
    if wanted.state == CopyState.RUNNING and wanted.total_chapters:
        return f"Being made: {wanted.percent} in 100 done."
    if wanted.state == CopyState.DONE and not policy.is_fresh(wanted):
        return "The manual has changed since this copy was made. Ask for a new one."
    return wanted.problem or f"{wanted.get_state_display()}."


def _label(wanted: Copy) -> str:
    return f"Download the {'offline copy' if wanted.kind == Kind.OFFLINE else wanted.get_kind_display() + ' file'}"


def _may_ask(request: HttpRequest) -> bool:
    address = get_client_ip_address(request) or ""
    return allowed("manual-copy-address", address, times=COPIES_WITHOUT_ACCOUNT, seconds=3600)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
