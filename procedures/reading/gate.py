"""What a reader gets who asks for a page of the manual that they may not read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from procedures.privacy import local_paths, private_paths, reader_of


def refusal(path: str, request: HttpRequest) -> HttpResponse | None:
    """None for a page (by its tree path) that this reader may read; else the way to sign in.

    Raises Http404 for somebody who is signed in and still may not read it, so that it looks like a page that does not
    exist (Wagtail would send them to sign in, round and round); and to everybody for one that is local to another
    partnership.
    """
    reader = reader_of(request)
    if any(path.startswith(local) for local in local_paths(reader)):
        raise Http404
    if any(path.startswith(private) for private in private_paths(reader)):
        return to_sign_in(request)
    return None


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Somebody who is not signed in may do so and come back. Raises Http404 for anybody else."""
    if request.user.is_authenticated:
        raise Http404
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': request.get_full_path()})}")
