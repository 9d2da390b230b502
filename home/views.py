"""Pages that belong to no single app: my work, health, the manual's pictures."""

from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils._os import safe_join

from home import selectors
from portal.accounts.acting import PortalRequest


def my_work(request: PortalRequest) -> HttpResponse:
    """What waits for the signed-in person, late things first, and what happened since they were last here."""
    assert request.acting is not None  # a verified session has a current membership
    work = selectors.my_work(request.user, request.acting, timezone.now())
    return TemplateResponse(request, "home/my_work.html", {"work": work})


def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; says nothing else, because anyone may ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Takes the place of Wagtail's sign-in page, which asks for no code."""
    query = request.GET.urlencode()
    return redirect(reverse("accounts:sign_in") + (f"?{query}" if query else ""))


def manual_picture(request: HttpRequest, name: str) -> FileResponse:
    """A rendition of a picture in the manual, for whoever may read the manual. Originals are never served."""
    try:
        safe_join("/images", name)
    except SuspiciousFileOperation:
        raise Http404 from None
    path = str(PurePosixPath("images") / name)
    if not default_storage.exists(path):
        raise Http404
    return FileResponse(default_storage.open(path))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The error page for a request that could not be understood."""
    return render(request, "400.html", status=400)
