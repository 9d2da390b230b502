"""Where an address of the manual leads whose page has moved."""

from django.http import HttpRequest, HttpResponse
from wagtail.contrib.redirects.middleware import RedirectMiddleware

PAGES = "wagtail_serve"  # the name of the address that takes whatever no other one takes


class ManualRedirects(RedirectMiddleware):
    """Middleware: Wagtail's redirects, for addresses of the page tree. What is not found elsewhere (a case, a form) has
    none, and Wagtail's two queries were a third of such an answer's time."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer, or the way to where the page is now."""
        match = request.resolver_match
        if match is not None and match.view_name != PAGES:
            return response
        return super().process_response(request, response)
