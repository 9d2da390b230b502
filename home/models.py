"""The root of the page tree."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.models import Page

from procedures.privacy import readable_children, reader_of


class HomePage(Page):
    """The top of the page tree; its children are the manual and whatever else the business manager publishes."""

    access_level = "reader"
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]

    def serve(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Sends the reader on: "my work" to a verified session, the manual's front page to anyone else."""
        if getattr(request, "verified", False):
            return redirect("home:my_work")
        front = readable_children(self, reader_of(request)).first()
        return redirect(front.get_url(request) if front else "accounts:sign_in")
