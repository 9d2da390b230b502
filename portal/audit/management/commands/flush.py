"""Django's flush, which would meet the append-only triggers: refused where the data may be real."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections, transaction

from portal.audit import triggers


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        """Empties a demo or test database, with the triggers lifted inside the same transaction."""
        if not settings.DEMO_ALLOWED:
            raise CommandError("The audit trail cannot be flushed. To start anew, make a new database.")
        alias = options["database"]
        with transaction.atomic(using=alias), triggers.lifted(connections[alias]):
            super().handle(**options)
