"""Import in the CMS: send files, look at what was found, import it as drafts, look at what is left."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.access import passive
from portal.schedule import enqueue
from procedures.intake import jobs, policy, services
from procedures.intake.forms import PlaceForm, UploadForm
from procedures.intake.models import FileState, Finding, Run, RunState


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The form that takes files, and the runs of the last days."""
    user = request.user
    form = UploadForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        actor = policy.acting_for(getattr(request, "memberships", []), getattr(request, "partnership", None))
        if actor is not None:
            uploads = [(one.name or "file", one.chunks()) for one in form.cleaned_data["chapters"]]
            run, new = services.begin(form.cleaned_data["run"], actor, form.cleaned_data["parent"], uploads)
            if new:
                enqueue(jobs.read, str(run.pk))
            return redirect("intake:run", run_id=run.pk)
    context = {
        "form": form,
        "runs": policy.runs_for(user)
        .select_related("asked_by__person", "parent")
        .prefetch_related("files")[:15],
        "parents": policy.parents_for(user),
    }
    return TemplateResponse(request, "procedures/intake/start.html", context)


@require_safe
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A run as far as it has come: progress, preview or result."""
    found = policy.run_or_404(request.user, run_id)
    files = list(found.files.select_related("page"))
    context: dict[str, Any] = {
        "run": found,
        "state": RunState,
        "file_state": FileState,
        "files": files,
        "progress": _progress(found),
        "readable": [one for one in files if one.state == FileState.READ],
        "held": [one for one in files if one.state == FileState.HELD],
    }
    if found.state == RunState.READY:
        context["form"] = PlaceForm(initial={"parent": found.parent_id}, user=request.user)
    if found.state == RunState.DONE:
        pages = [one.page_id for one in files if one.page_id]
        open_findings = Finding.objects.filter(page__in=pages, seen_at=None).values_list("page_id", flat=True)
        counts = Counter(open_findings)
        imported = [one for one in files if one.state == FileState.IMPORTED]
        context["results"] = [(one, counts[one.page.pk]) for one in imported if one.page]
    return TemplateResponse(request, "procedures/intake/run.html", context)


@passive
@require_safe
def progress(request: HttpRequest, run_id: UUID) -> JsonResponse:
    """The same for the script on that page: `percent`, `text`, and `ready` once there is something to look at."""
    return JsonResponse(_progress(policy.run_or_404(request.user, run_id)))


def _progress(found: Run) -> dict[str, Any]:
    waiting = FileState.WAITING if found.state == RunState.READING else FileState.READ
    states = list(found.files.values_list("state", flat=True))
    total, done = len(states), sum(state != waiting for state in states)
    verb = "read" if found.state == RunState.READING else "imported"
    return {
        "percent": done * 100 // max(1, total),
        "text": f"{done} of {total} files {verb}.",
        "ready": found.state not in (RunState.READING, RunState.IMPORTING),
    }


@require_POST
def import_files(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Imports what was ticked, as drafts."""
    found = policy.run_or_404(request.user, run_id)
    form = PlaceForm({"parent": request.POST.get("parent") or found.parent_id}, user=request.user)
    include = [int(one) for one in request.POST.getlist("include") if one.isdigit()]
    over = [int(one) for one in request.POST.getlist("over") if one.isdigit()]
    if not form.is_valid():
        messages.error(request, "Choose where to place the chapters.")
    elif not include and not over and found.state in (RunState.READY, RunState.DONE):
        messages.error(request, "Tick at least one file.")
    elif services.ask_import(found, form.cleaned_data["parent"], include, over):
        enqueue(jobs.import_run, str(found.pk))
    return redirect("intake:run", run_id=found.pk)


@require_POST
def discard(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Gives a run up; its files are removed."""
    found = policy.run_or_404(request.user, run_id)
    if services.discard(found):
        messages.success(request, "Nothing was imported, and the files were removed.")
    return redirect("intake:start")


@require_safe
def findings(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the import of a chapter found, to be ticked off."""
    page = policy.chapter_or_404(request.user, page_id)
    found = page.findings.select_related("seen_by")
    context = {
        "page": page,
        "open": [one for one in found if one.seen_at is None],
        "seen": [one for one in found if one.seen_at is not None],
        "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
    }
    return TemplateResponse(request, "procedures/intake/findings.html", context)


@require_POST
def tick(request: HttpRequest, page_id: int, finding_id: int) -> HttpResponse:
    """Ticks one off, or takes the tick back."""
    page = policy.chapter_or_404(request.user, page_id)
    finding = get_object_or_404(Finding, pk=finding_id, page=page)
    services.tick(finding, request.user, seen=request.POST.get("seen") == "1")
    return redirect("intake:findings", page_id=page.pk)
