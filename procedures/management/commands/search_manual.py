"""`manage.py search_manual QUERY`: the sections of the manual that answer it, as a reader without an
account sees."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from procedures.finding.search import SHOWN, search_manual


class Command(BaseCommand):
    help = "Searches the manual; pages that need a sign-in of their own are left out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument(
            "--limit", type=int, default=SHOWN, help=f"how many sections at most (default {SHOWN})"
        )
        parser.add_argument(
            "--json", action="store_true", help="print a JSON list of title, section, url, snippet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = search_manual(options["query"], options["limit"])
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
