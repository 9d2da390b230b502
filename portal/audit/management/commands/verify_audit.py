"""Recomputes the hash chain over the audit trail and every case's events; exit code 1 where it is broken."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.audit import chain


class Command(BaseCommand):
    help = "Checks that no sealed event has been changed, deleted or slipped in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--head", default="", metavar="DIGEST", help="a head noted down earlier: it must still be there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = chain.verify(options["head"])
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not found.problems, **asdict(found)}, indent=2))
        else:
            for problem in found.problems:
                self.stdout.write(f"DAMAGED: {problem}")
            self.stdout.write(f"{found.seals} seals over {found.rows} rows checked.")
            for model, count in found.unsealed.items():
                self.stdout.write(f"{model}: {count} not yet sealed.")
            self.stdout.write(f"Head: {found.head}")
        if found.problems:
            sys.exit(1)
