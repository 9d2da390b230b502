"""No address of the CMS that names another partnership's local page leads anywhere: it is as if there were none.

Wagtail's views ask for rights one by one, and answer differently. This asks once for all of them, before the view.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from wagtail.models import Page

from portal.accounts.acting import PortalRequest
from portal.accounts.policy import may_enter_cms
from procedures.policy import kept_elsewhere, paths_kept_elsewhere, without_kept_elsewhere

CMS = "cms/"
IN_ADDRESS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk")
# What forms, choosers and lists of pages send; the numbers of pages and of nothing else.
ASKED = (
    "parent_page_id", "target_pages[]", "new_parent_page", "parent_page", "chooser", "childOf", "child_of",
    "descendant_of", "ancestor_of", "translation_of",
)  # fmt: skip
PAGE_LISTS = ("wagtail_bulk_action", "wagtailadmin_choose_page_chosen_multiple")  # here `id` is a page's
# They count or list pages without asking who may see them.
UNSCOPED = (
    "wagtailadmin_reports:page_types_usage",
    "wagtailadmin_reports:page_types_usage_results",
    "wagtailadmin_workflows:usage",
    "wagtailadmin_workflows:usage_results",
)
# They list whatever somebody has locked, also what they have lost the right to since.
LOCKED = ("wagtailadmin_reports:locked_pages", "wagtailadmin_reports:locked_pages_results")


class LocalPagesGate:
    """Middleware: before a view of the CMS, for those who may enter it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: PortalRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if match is None or not match.route.startswith(CMS) or not may_enter_cms(request.memberships):
            return
        if not paths_kept_elsewhere(request.user):
            return
        if match.view_name in UNSCOPED or (match.view_name in LOCKED and _holds_lost_locks(request.user)):
            raise Http404
        if match.view_name == "wagtail_bulk_action" and "all" in request.GET.getlist("id"):
            request.GET = _all_of_own(request)  # type: ignore[assignment]
        named = set(_named(request, kwargs, match.view_name))
        if any(kept_elsewhere(request.user, page) for page in Page.objects.filter(pk__in=named)):
            raise Http404


def _holds_lost_locks(user: Any) -> bool:
    return any(kept_elsewhere(user, page) for page in Page.objects.filter(locked=True, locked_by=user))


def _named(request: HttpRequest, kwargs: dict[str, Any], view_name: str) -> Iterator[int]:
    """The numbers of pages in an address and in what is sent with it."""
    given = [kwargs.get(name) for name in IN_ADDRESS]
    if view_name.startswith("wagtailadmin_pages:"):
        given.append(kwargs.get("pk"))
    pages = kwargs.get("model_name") == "page" and kwargs.get("app_label") == "wagtailcore"
    names = (*ASKED, "id") if view_name in PAGE_LISTS and (pages or "bulk" not in view_name) else ASKED
    for name in names:
        given += request.GET.getlist(name) + request.POST.getlist(name)
    for number in given:
        if number is not None and str(number).isdecimal():
            yield int(number)


def _all_of_own(request: HttpRequest) -> QueryDict:
    """“All” of a list, as the numbers of those that this person is shown: Wagtail would name the others, to say that
    they may not be changed."""
    asked = request.GET.copy()
    parent = asked.get("childOf", "")
    pages = Page.objects.filter(pk=parent).first() if parent.isdecimal() else None
    listed = Page.objects.all() if pages is None else pages.get_children()
    own = without_kept_elsewhere(request.user, listed)
    asked.setlist("id", [str(pk) for pk in own.values_list("pk", flat=True)])
    return asked
