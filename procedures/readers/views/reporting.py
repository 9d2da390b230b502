"""For readers: something is wrong or out of date here."""

from uuid import uuid4

from axes.helpers import get_client_ip_address
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from portal.accounts.access import reader
from portal.accounts.acting import PortalRequest
from portal.accounts.models import User
from procedures.models import ChapterPage, Section
from procedures.privacy import may_read, reader_of
from procedures.readers import notices, services
from procedures.readers.forms import ReportForm
from procedures.readers.services import Place
from procedures.rendering import RenderedSection, render_chapter
from procedures.sharing.composition import with_local_parts

TOO_MANY = (
    "A great many reports have come from you within the hour. Wait a while, or write to the business unit. "
    "What you wrote is still here."
)


@reader
@never_cache
@sensitive_post_parameters("text", "address")
def report(request: PortalRequest, page_id: int, anchor: str) -> HttpResponse:
    """The section as it reads now, and a short form under it."""
    place, section = _place(request, page_id, anchor)
    person = _person(request)
    status = 200
    if request.method == "POST":
        form = ReportForm(request.POST, person=person)
        if form.is_valid():
            try:
                services.report(
                    place,
                    form.cleaned_data["text"],
                    key=form.cleaned_data["key"],
                    partnership=request.partnership,
                    person=person,
                    address=form.cleaned_data.get("address", ""),
                    sender=get_client_ip_address(request) or "",
                )
                return redirect("readers:reported", page_id=page_id, anchor=anchor)
            except services.TooMany:
                form.add_error("text", TOO_MANY)
                status = 429
    else:
        form = ReportForm(person=person, initial={"key": uuid4(), "as_member": "yes" if person else ""})
    context = {"form": form, "page": place.page, "place": place, "section": section, "person": person}
    return TemplateResponse(request, "procedures/readers/report.html", context, status=status)


@reader
@require_safe
def reported(request: PortalRequest, page_id: int, anchor: str) -> HttpResponse:
    """What happens next."""
    place, _ = _place(request, page_id, anchor)
    context = {"page": place.page, "place": place, "person": _person(request)}
    return TemplateResponse(request, "procedures/readers/reported.html", context)


@reader
@never_cache
@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """What came of a report, for a reader without an account who left an address: by the link in the mail."""
    feedback = notices.answer_of(request.GET.get("token", ""))
    if feedback is None or not notices.may_hear_without_account(feedback):
        raise Http404
    return TemplateResponse(request, "procedures/readers/answer.html", {"feedback": feedback})


def _place(request: PortalRequest, page_id: int, anchor: str) -> tuple[Place, RenderedSection | None]:
    """The section at an address, as this reader sees it. One that has gone from its chapter (the link may come from an
    old edition) can still be reported on; it is then not quoted."""
    reading = reader_of(request)
    page = ChapterPage.objects.live().filter(pk=page_id).first()
    if page is None or not may_read(page, reading):
        raise Http404
    chapter = with_local_parts(render_chapter(page), page, reading)
    section = next((one for one in chapter.sections if one.anchor == anchor), None)
    if section is not None:
        return Place(page, anchor, section.name), section
    gone = Section.objects.filter(page=page, anchor=anchor).first()
    if gone is None:
        raise Http404
    return Place(page, anchor, gone.name), None


def _person(request: PortalRequest) -> User | None:
    return request.user if request.verified and request.user.is_authenticated else None
