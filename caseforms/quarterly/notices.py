"""The e-mails of the quarter: a case or a quarter, a task, a date and a link, and nothing about anybody."""

from django.conf import settings
from django.urls import reverse

from caseforms.quarterly import policy
from caseforms.quarterly.models import Export
from portal.outbox.models import Message
from portal.outbox.services import send


def export_ready(export: Export) -> None:
    """Tells the person who asked that their workbook can be fetched, and until when."""
    person = export.asked_by.person
    send(
        notice="quarter_export_ready",
        to=person.email,
        key=f"quarter_export_ready:{export.pk}",
        context={
            "quarter": export.quarter,
            "expires_at": export.expires_at,
            "url": f"{settings.BASE_URL}{reverse('quarterly:export', args=[export.pk])}",
        },
        subject_id=export.pk,
        guard="workbook",
        recipient_id=person.pk,
        partnership_id=export.partnership_id,
    )


def may_still_fetch(message: Message) -> bool:
    """Guard: whether the person may still fetch the workbook, asked when the message goes out."""
    if message.subject_id is None:
        return False
    export = Export.objects.select_related("asked_by__person").filter(pk=message.subject_id).first()
    return export is not None and policy.exports_for(export.asked_by.person).filter(pk=export.pk).exists()
