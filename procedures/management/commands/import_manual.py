"""`manage.py import_manual FILE`: a plain-text chapter becomes a draft page of the manual, with a report."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from procedures.importing.parse import WordsLost, parse_chapter
from procedures.importing.reading import MAXIMUM_BYTES, UnreadableChapter, read_text
from procedures.importing.report import as_text, report
from procedures.importing.structure import Chapter
from procedures.services import NoSuchParent, ensure_manual, import_chapter, manual_at


class Command(BaseCommand):
    help = "Imports a plain-text chapter as a draft of the manual and reports what it found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a chapter as plain text (UTF-8), shorter than 5 MB")
        parser.add_argument(
            "--parent", default="", help="path of the manual to place it in, for example /manual/"
        )
        parser.add_argument("--publish", action="store_true", help="publish it; otherwise it is a draft")
        parser.add_argument("--dry-run", action="store_true", help="report only; nothing is saved")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 2, nothing saved, where the file cannot be read as a chapter or the parent is no
        manual."""
        chapter = self._read(Path(options["file"]))
        facts = report(chapter)
        if not options["dry_run"]:
            try:
                with transaction.atomic():
                    parent = manual_at(options["parent"]) if options["parent"].strip("/") else ensure_manual()
                    placed = import_chapter(chapter, parent=parent, publish=options["publish"])
            except NoSuchParent as error:
                raise CommandError(str(error), returncode=2) from error
            page = placed.page
            facts["page"] = {"id": page.pk, "path": page.get_url(), "live": page.live, "made": placed.made}
        if options["json"]:
            self.stdout.write(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        self.stdout.write(as_text(facts))
        self.stdout.write("")
        self.stdout.write(self._outcome(facts))

    def _read(self, path: Path) -> Chapter:
        try:
            with path.open("rb") as file:
                data = file.read(MAXIMUM_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error
        try:
            chapter = parse_chapter(read_text(data))
        except (UnreadableChapter, WordsLost) as error:
            raise CommandError(f"{path.name}: {error}", returncode=2) from error
        if not chapter.title:
            chapter.title = path.stem.replace("-", " ").replace("_", " ").strip().capitalize() or "Chapter"
        return chapter

    def _outcome(self, facts: dict[str, Any]) -> str:
        page = facts.get("page")
        if page is None:
            return "Dry run: nothing was saved."
        what = "New chapter" if page["made"] else "Chapter updated"
        return f"{what}, {'live' if page['live'] else 'draft'}: {page['path']}"
