"""`manage.py index_manual`: writes everything that search looks in anew, documents included."""

from typing import Any

from django.core.management.base import BaseCommand

from procedures.finding import documents
from procedures.finding.services import index_everything


class Command(BaseCommand):
    help = "Indexes every published chapter of the manual, and every document that one links to, again."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = index_everything()
        read = sum(documents.read_document(pk) for pk in set(documents.linked()))
        self.stdout.write(f"{rows} sections and heads of chapters indexed, {read} documents read.")
