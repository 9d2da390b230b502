"""Wagtail's page privacy, also where pages are only listed: what you may not read you do not find or
count."""

from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet


def hidden_paths(request: HttpRequest | None) -> list[str]:
    """Tree paths of the subtrees that this reader may not read; `None` is a reader without an account."""
    restrictions = PageViewRestriction.objects.select_related("page").prefetch_related("groups")
    return [
        restriction.page.path
        for restriction in restrictions
        if request is None or not restriction.accept_request(request)
    ]


def readable_children(page: Page, request: HttpRequest | None) -> PageQuerySet:
    """The live children of a page that this reader may read, in the order of the tree."""
    children = page.get_children().live()
    for path in hidden_paths(request):
        children = children.exclude(path__startswith=path)
    return children
