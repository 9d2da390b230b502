"""Read and understood: confirming, and for managers and agency leads who has."""

from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.acting import PortalRequest
from portal.accounts.stepup import step_up_required
from portal.audit import services as audit
from portal.spreadsheet import Column, Sheet, write_workbook
from procedures.editing.models import Edition
from procedures.privacy import may_read, reader_of
from procedures.readers import policy, selectors, services
from procedures.readers.links import path_of
from procedures.readers.models import Chase
from procedures.readers.policy import Scope
from procedures.readers.views.tabs import tabs_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    Column("Agency", 34),
    Column("Surname", 20),
    Column("First name", 20),
    Column("E-mail", 34),
    Column("Role", 22),
    Column("Read and understood", 14),
    Column("When", 18, "date"),
)


@require_POST
def confirm(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """The person says that they have read and understood an edition; saying it twice is saying it once."""
    edition = (
        Edition.objects.filter(pk=edition_id, must_read=True).select_related("page").defer("rendered").first()
    )
    page = edition.page if edition else None
    if edition is None or page is None or not page.live or not may_read(page, reader_of(request)):
        raise Http404
    assert request.acting is not None  # a verified session has a current membership
    if not policy.asked_editions().filter(pk=edition.pk).exists():
        messages.info(
            request, "This chapter has changed again since you opened it. Please read it as it is now."
        )
    else:
        services.confirm(edition, request.acting)
        messages.success(request, "Thank you. It is recorded that you have read and understood this change.")
    return redirect(path_of(page))


@require_safe
def must_read(request: PortalRequest) -> HttpResponse:
    """Every edition that is asked for, and how far its reading has come."""
    scope = _scope(request)
    context = {"scope": scope, "totals": selectors.totals(scope), "tabs": tabs_for(request, "must_read")}
    return TemplateResponse(request, "procedures/readers/must_read.html", context)


@require_safe
def must_read_edition(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """One edition: who, in which agency, has confirmed it and who has not."""
    scope = _scope(request)
    edition = policy.edition_or_404(scope, edition_id)
    agencies = selectors.reading(scope, edition)
    last = Chase.objects.filter(edition=edition, partnership=scope.partnership).first()
    context = {
        "scope": scope,
        "edition": edition,
        "agencies": agencies,
        "unread": len(selectors.unread_by(scope, edition)),
        "last_chase": last,
        "chased_today": last is not None and last.day == timezone.localdate(),
    }
    return TemplateResponse(request, "procedures/readers/must_read_edition.html", context)


@require_POST
def chase(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """Reminds everybody in the partnership who has not confirmed, once a day at most."""
    scope = policy.managing_scope(_scope(request))
    edition = policy.edition_or_404(scope, edition_id)
    try:
        count = services.chase(edition, scope)
        words = "1 person gets" if count == 1 else f"{count} people get"
        messages.success(
            request, f"{words} an e-mail." if count else "There is nobody to remind: everybody has read it."
        )
    except services.Overtaken:
        messages.info(request, "They have been reminded today already. You can remind them again tomorrow.")
    return redirect("readers:must_read_edition", edition_id=edition_id)


@require_safe
@never_cache
@step_up_required
def export(request: PortalRequest, edition_id: UUID) -> HttpResponse:
    """The same list as a workbook; recorded as an export."""
    scope = policy.managing_scope(_scope(request))
    edition = policy.edition_or_404(scope, edition_id)
    rows = [
        (
            agency.name,
            member.person.last_name,
            member.person.first_name,
            member.person.email,
            member.get_role_display(),
            "Yes" if at else "No",
            timezone.localtime(at) if at else None,
        )
        for agency in selectors.reading(scope, edition)
        for member, at in agency.people
    ]
    book = BytesIO()
    write_workbook([Sheet(edition.name, COLUMNS, rows)], book)
    audit.record(
        "exported",
        actor=scope.membership,
        kind="must read",
        ref=str(edition.pk),
        detail=f"{len(rows)} rows",
    )
    response = HttpResponse(book.getvalue(), content_type=XLSX)
    name = f"read-and-understood-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response


def _scope(request: PortalRequest) -> Scope:
    return policy.scope_of(request.memberships, request.acting, request.partnership)
