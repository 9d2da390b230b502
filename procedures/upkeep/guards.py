"""What Wagtail asks before and after it edits, moves, unpublishes or deletes a page of the manual (hooks)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail.admin import messages
from wagtail.models import Page, Revision, WorkflowState

from procedures.approval import needs_approval
from procedures.desk import Line
from procedures.models import ChapterPage
from procedures.upkeep.addresses import addresses_below, lead_on
from procedures.upkeep.approvers import approvers, managers_of
from procedures.upkeep.forms import OVERTAKEN, SAVE_OVER, WhereToForm, overtaken_by, version
from procedures.upkeep.links import Link
from procedures.upkeep.references import held_by
from procedures.upkeep.selectors import linking_to

NOT_BY_HAND = (
    "Not published: pages of the manual are published when a second person has approved them. "
    "What you wrote is kept as a draft. Submit it for approval."
)


def before_create(request: HttpRequest, parent: Page, page_class: type[Page]) -> None:
    """Says why nothing was published."""
    if request.POST.get("action-publish") and needs_approval(parent):
        messages.warning(request, NOT_BY_HAND)


def before_edit(request: HttpRequest, page: Page) -> None:
    """Says who may approve what waits, why nothing was published, and that somebody else has saved the page."""
    if not needs_approval(page) or not request.accepts("text/html"):
        return
    if request.method == "POST":
        if request.POST.get("action-publish"):
            messages.warning(request, NOT_BY_HAND)
        theirs = overtaken_by(request.POST, page, request.user)
        if theirs is not None:
            messages.error(request, _overtaken(request, page, theirs))
        return
    state = page.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
        button = messages.button(
            reverse("upkeep_approve", args=[page.pk]), "See the change", new_window=False
        )
        messages.info(request, _waiting(request, page), buttons=[button])
    elif not [one for one in managers_of(page) if one.pk != request.user.pk]:
        messages.warning(request, ALONE)


ALONE = (
    "Nobody but you manages this manual, so nobody can approve what you change. Ask for a second business manager or "
    "an administrator to be invited before you submit it."
)


def _waiting(request: HttpRequest, page: Page) -> str:
    able = approvers(page)
    names = " or ".join(str(person) for person in able)
    if request.user.pk in {person.pk for person in able}:
        return (
            "This change waits for approval, and you may approve it. Until then nobody can change the page."
        )
    if able:
        return (
            f"This change waits for approval by {names}. Until then nobody can change the page; "
            "it can be taken back."
        )
    return (
        "This change waits for approval, but nobody may give it: everybody who manages the manual has worked on it. "
        "Ask for a second business manager or an administrator to be invited, or take it back."
    )


def _overtaken(request: HttpRequest, page: Page, theirs: Revision) -> SafeString:
    opened = request.POST.get("loaded_revision_id", "")
    since = opened if opened.isdecimal() and opened != str(theirs.pk) else "live" if page.live else "earliest"
    who = str(theirs.user) if theirs.user else "The console"
    return format_html(
        "{} saved this page after you opened it. Nothing of yours was saved and nothing of theirs replaced: your "
        "text is still below. See what they changed, take over what you need, then decide. "
        '<a href="{}" target="_blank" rel="noreferrer" class="button button-small button-secondary">'
        "See what they changed (opens in a new tab)</a> "
        '<input type="hidden" form="page-edit-form" name="{}" value="yes">'
        '<button type="submit" form="page-edit-form" name="{}" value="{}" class="button button-small">'
        "Save mine as the newest draft</button> "
        '<a href="{}" class="button button-small button-secondary">Drop mine and open theirs</a>',
        who,
        reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, since, theirs.pk]),
        OVERTAKEN,
        SAVE_OVER,
        version(theirs),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
    )


def before_unpublish(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuses while cross references point into the page; otherwise says who still links to it."""
    if not needs_approval(page) or request.method != "POST":
        return None
    if isinstance(page, ChapterPage) or request.POST.get("include_descendants"):
        held = held_by([page])
        if held:
            messages.error(request, refusal("unpublished", held))
            return redirect("wagtailadmin_pages:edit", page.pk)
    lines = linking_to(page)
    if lines:
        messages.warning(request, format_html("Still linked to by: {}", _list(lines)))
    return None


def before_move(request: HttpRequest, page: Page, destination: Page) -> None:
    """Says who links to the page, before it is moved."""
    if not needs_approval(page) or request.method != "GET":
        return
    lines = linking_to(page)
    if lines:
        messages.warning(
            request,
            format_html(
                "Others link to this page, or to one below it. Their links follow it, and its old address will lead "
                "to the new one. {}",
                _list(lines),
            ),
        )


def before_delete(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Our own question instead of Wagtail's: who links to the page, and where its address is to lead."""
    if not needs_approval(page):
        return None
    held = held_by([page])
    form = _where_to(request, page)
    if request.method == "POST" and not held and form.is_valid():
        # Read now, since the deletion takes the page's own redirects with it; made in after_delete.
        request.old_addresses = addresses_below(page)  # type: ignore[attr-defined]
        request.leads_to = form.cleaned_data["leads_to"]  # type: ignore[attr-defined]
        return None
    below = page.get_descendant_count()
    context = {
        "page": page,
        "held": held,
        "lines": linking_to(page),
        "form": form,
        "below": below,
        "type_to_confirm": below + 1 >= getattr(settings, "WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT", 10),
        "wagtail_site_name": settings.WAGTAIL_SITE_NAME,
        "next": request.GET.get("next", ""),
    }
    return TemplateResponse(request, "procedures/upkeep/confirm_delete.html", context)


def _where_to(request: HttpRequest, page: Page) -> WhereToForm:
    if request.method != "POST":
        return WhereToForm(page=page, user=request.user)
    posted = request.POST.copy()
    # Wagtail's own question, shown after a mistyped confirmation, does not have this field.
    posted.setdefault("leads_to", str(page.get_parent().pk))
    return WhereToForm(posted, page=page, user=request.user)


def after_delete(request: HttpRequest, page: Page) -> None:
    """Leaves the redirects that were asked for."""
    addresses = getattr(request, "old_addresses", None)
    if addresses:
        lead_on(addresses, request.leads_to)  # type: ignore[attr-defined]


def before_bulk(request: HttpRequest, action: str, objects: Sequence[Any], view: Any) -> HttpResponse | None:
    """The same rules for many pages at once. What others link to is deleted one by one, so that each address can be
    led somewhere."""
    pages = [one for one in objects if isinstance(one, Page) and needs_approval(one)]
    if not pages or action not in ("delete", "unpublish"):
        return None
    held = held_by(pages)
    if held:
        messages.error(request, refusal(f"{'deleted' if action == 'delete' else 'unpublished'}", held))
        return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
    if action == "delete":
        lines = [line for page in pages for line in linking_to(page)]
        if lines:
            words = format_html(
                "Nothing was deleted, because others link to these pages. Delete them one by one, and say where "
                "their addresses are to lead. {}",
                _list(lines),
            )
            messages.error(request, words)
            return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
        request.bulk_addresses = [  # type: ignore[attr-defined]
            (addresses_below(page), page.get_parent().pk) for page in pages
        ]
    return None


def after_bulk(request: HttpRequest, action: str, objects: Sequence[Any], view: Any) -> None:
    """After many pages were deleted, the address of each leads to the page above it."""
    for addresses, parent in getattr(request, "bulk_addresses", []):
        lead_on(addresses, Page.objects.filter(pk=parent).first())


def refusal(what: str, held: Sequence[Link]) -> SafeString:
    """Why a page cannot go: the cross references into it, each with where it is changed."""
    pages = {link.page_id: link.page for link in held}.values()
    lines = [Line(page.name, reverse("wagtailadmin_pages:edit", args=[page.pk])) for page in pages]
    return format_html(
        "Not {}: these chapters refer to sections of it, and a cross reference must lead somewhere. Change them "
        "first. {}",
        what,
        _list(lines),
    )


def _list(lines: Sequence[Line]) -> SafeString:
    items = format_html_join(
        "", '<li><a href="{}">{}</a></li>', ((line.url, line.text) for line in lines if line.url)
    ) + format_html_join("", "<li>{}</li>", ((line.text,) for line in lines if not line.url))
    return format_html("<ul>{}</ul>", items)
