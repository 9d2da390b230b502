"""How Wagtail serves a page of the manual: who may read it; and the glossary in the CMS."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import Page

from procedures.models import GlossaryTerm
from procedures.reading.gate import refusal, to_sign_in


@hooks.register("before_serve_page", order=-10)
def answer_for_private_pages(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> HttpResponse | None:
    """Before Wagtail's own check. Chapters are asked about earlier (views.serve)."""
    return refusal(page.path, request)


@hooks.register("before_serve_document", order=-10)
def answer_for_private_documents(document: Any, request: HttpRequest) -> HttpResponse | None:
    """The same for a document of a private collection: Wagtail's own check looks for a sign-in page of
    Wagtail's, and there is none."""
    restrictions = document.collection.get_view_restrictions()
    if all(restriction.accept_request(request) for restriction in restrictions):
        return None
    return to_sign_in(request)


class GlossaryViewSet(ModelViewSet):
    """Terms that readers may not know. They belong to everybody's manual, so every business manager edits them."""

    model = GlossaryTerm
    icon = "openquote"
    menu_label = "Glossary"
    menu_order = 260
    add_to_admin_menu = True
    form_fields = ["term", "other_forms", "meaning"]
    list_display = ["term", "meaning"]
    search_fields = ["term", "other_forms", "meaning"]
    inspect_view_enabled = False
    copy_view_enabled = False


@hooks.register("register_admin_viewset")
def glossary_viewset() -> GlossaryViewSet:
    """The glossary's pages in the CMS."""
    return GlossaryViewSet("glossary")
