"""Django's e-mail backend: whatever anybody sends by e-mail goes through the outbox, Wagtail's notices
included.
"""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from portal.outbox import services


class OutboxBackend(BaseEmailBackend):
    """Stores one message for each address in To, Cc and Bcc. The sender is always DEFAULT_FROM_EMAIL."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Stores the messages; the number of mails taken. Raises ValueError for an attachment: files stay
        here.
        """
        taken = 0
        for mail in email_messages:
            if mail.attachments:
                raise ValueError("The portal sends no attachments: people follow a link and sign in.")
            html = ""
            if isinstance(mail, EmailMultiAlternatives):
                html = next((str(part) for part, kind in mail.alternatives if kind == "text/html"), "")
            rows = [
                services.compose_plain(to=address, subject=str(mail.subject), text=str(mail.body), html=html)
                for address in dict.fromkeys(mail.recipients())
            ]
            taken += bool(services.store(rows))
        return taken
