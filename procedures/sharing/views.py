"""Contacts, as readers of the manual see them."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from portal.accounts.access import reader
from procedures.privacy import reader_of
from procedures.sharing.models import Contact


@reader
def contacts(request: HttpRequest) -> HttpResponse:
    """Whom to ring: what is urgent first; everybody's and those of the reader's partnership."""
    found = Contact.objects.read_by(reader_of(request).partnership_id).select_related("partnership")
    return TemplateResponse(request, "procedures/sharing/contacts.html", {"contacts": found})
