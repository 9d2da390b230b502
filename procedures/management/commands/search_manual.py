"""`manage.py search_manual QUERY`: the sections of the manual that answer it, as a reader without an account sees."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.models import Partnership
from procedures.finding.search import SHOWN, search_manual
from procedures.privacy import Reader


class Command(BaseCommand):
    help = "Searches the manual; pages that need a sign-in of their own are left out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument(
            "--limit", type=int, default=SHOWN, help=f"how many sections at most (default {SHOWN})"
        )
        parser.add_argument("--partnership", default="", help="code: what is local to it is searched as well")
        parser.add_argument(
            "--json", action="store_true", help="print a JSON list of title, section, url, snippet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["partnership"]
        partnership = Partnership.objects.filter(code__iexact=code).first() if code else None
        if code and partnership is None:
            raise CommandError(f"There is no partnership with the code {code!r}.")
        reader = Reader(partnership_id=partnership.pk if partnership else None)
        results = search_manual(options["query"], options["limit"], reader)
        if options["json"]:
            rows = [
                {"title": one.title, "section": one.section, "url": one.url, "snippet": one.snippet_text}
                for one in results
            ]
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        for one in results:
            self.stdout.write(f"{one.title} › {one.section}\n  {one.url}\n  {one.snippet_text}\n")
        if not results:
            self.stdout.write("Nothing found.")
