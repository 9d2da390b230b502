"""How Wagtail serves a page of the manual: who may read it, and the view that shows it."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from wagtail import hooks
from wagtail.models import Page

from procedures.privacy import local_paths, reader_of


@hooks.register("before_serve_page", order=-10)
def answer_for_private_pages(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> HttpResponse | None:
    """Before Wagtail's own check: somebody who is signed in and may still not read the page is told
    what is told about a page that does not exist (Wagtail would send them to sign in, round and round);
    others may sign in. A page that is local to another partnership is not there at all."""
    if any(page.path.startswith(path) for path in local_paths(reader_of(request))):
        raise Http404
    return _answer(page.get_view_restrictions(), request)


@hooks.register("before_serve_document", order=-10)
def answer_for_private_documents(document: Any, request: HttpRequest) -> HttpResponse | None:
    """The same for a document of a private collection: Wagtail's own check looks for a sign-in page of
    Wagtail's, and there is none."""
    return _answer(document.collection.get_view_restrictions(), request)


def _answer(restrictions: Iterable[Any], request: HttpRequest) -> HttpResponse | None:
    if all(restriction.accept_request(request) for restriction in restrictions):
        return None
    if request.user.is_authenticated:
        raise Http404
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}")
