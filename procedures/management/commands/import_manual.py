"""`manage.py import_manual FILE-OR-FOLDER`: chapters become draft pages of the manual, with a report."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.audit import services as audit
from procedures.importing.files import UnreadableChapter, WordsLost, read_chapter
from procedures.importing.folder import files_in, part_title
from procedures.importing.report import as_text, report
from procedures.importing.structure import Chapter
from procedures.importing.word import MAXIMUM_BYTES
from procedures.models import ManualIndexPage
from procedures.services import (
    NoSuchParent,
    Note,
    PageInUse,
    Placed,
    ensure_manual,
    import_chapter,
    manual_at,
    mend_links,
    part_of,
)

WHY = "Published by the operator from the console (manage.py import_manual --publish)."


class Command(BaseCommand):
    help = "Imports chapters (plain text, Word, HTML) as drafts of the manual and reports what it found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="a chapter (text shorter than 5 MB, .docx or .html), or a folder of them"
        )
        parser.add_argument(
            "--parent", default="", help="path of the manual to place it in, for example /manual/"
        )
        parser.add_argument("--publish", action="store_true", help="publish it; otherwise it is a draft")
        parser.add_argument("--dry-run", action="store_true", help="report only; nothing is saved")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 2 where a file cannot be read as a chapter (of that file nothing is saved) or the parent is no
        manual."""
        path = Path(options["file"])
        if path.is_dir():
            self._folder(path, options)
        else:
            self._file(path, options)

    # one file

    def _file(self, path: Path, options: dict[str, Any]) -> None:
        try:
            chapter = read(path)
        except UnreadableChapter as error:
            raise CommandError(str(error), returncode=2) from error
        facts = report(chapter)
        if not options["dry_run"]:
            try:
                with transaction.atomic():
                    placed = import_chapter(
                        chapter,
                        parent=self._parent(options),
                        publish=options["publish"],
                        note=note(path.name) if options["publish"] else None,
                    )
                    if options["publish"]:
                        self._log(placed)
            except (NoSuchParent, PageInUse) as error:
                raise CommandError(str(error), returncode=2) from error
            add_page(facts, placed)
        if options["json"]:
            self.stdout.write(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        self.stdout.write(as_text(facts))
        self.stdout.write("")
        self.stdout.write(outcome(facts))

    # a folder

    def _folder(self, folder: Path, options: dict[str, Any]) -> None:
        try:
            paths = files_in(folder)
        except UnreadableChapter as error:
            raise CommandError(f"{folder}: {error}", returncode=2) from error
        try:
            parent = None if options["dry_run"] else self._parent(options)
        except NoSuchParent as error:
            raise CommandError(str(error), returncode=2) from error
        files: list[dict[str, Any]] = []
        placed: dict[str, tuple[Placed, Chapter]] = {}
        for path in paths:
            facts = self._one(folder, path, parent, placed, options)
            files.append(facts)
            if not options["json"]:
                self.stdout.write(line_for(facts))
        links: dict[str, Any] = {"mended": 0, "broken": []}
        if parent is not None:
            links = self._links(files, placed, options)
        failed = [facts["file"] for facts in files if "error" in facts]
        if options["json"]:
            self.stdout.write(json.dumps({"files": files, "links": links}, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("")
            self.stdout.write(
                f"{len(files) - len(failed)} of {len(files)} files read; links mended: {links['mended']}; "
                f"links that lead nowhere: {len(links['broken'])}"
            )
            for one in links["broken"]:
                self.stdout.write(f"  {one['file']}: “{one['words']}” leads to {one['address']}")
            if options["dry_run"]:
                self.stdout.write("Dry run: nothing was saved.")
        if failed:
            raise CommandError(f"Not imported: {', '.join(failed)}", returncode=2)

    def _one(
        self,
        folder: Path,
        path: str,
        parent: ManualIndexPage | None,
        placed: dict[str, tuple[Placed, Chapter]],
        options: dict[str, Any],
    ) -> dict[str, Any]:
        try:
            chapter = read(folder / path)
            facts: dict[str, Any] = {"file": path, **report(chapter)}
            if parent is None:
                return facts
            note_of_it = note(path) if options["publish"] else None
            with transaction.atomic():
                here = ManualIndexPage.objects.get(pk=parent.pk)  # not as before a transaction that failed
                for step in path.split("/")[:-1]:
                    here = part_of(here, part_title(step), live=options["publish"])
                one = import_chapter(chapter, parent=here, note=note_of_it, others=True)
                same = [other for other, (before, _) in placed.items() if before.page.pk == one.page.pk]
                if same:
                    raise UnreadableChapter(
                        f"It has the same number and title as {same[0]}, which was imported."
                    )
        except (UnreadableChapter, PageInUse) as error:
            return {"file": path, "error": str(error)}
        placed[path] = (one, chapter)
        return add_page(facts, one)

    def _links(
        self, files: list[dict[str, Any]], placed: dict[str, tuple[Placed, Chapter]], options: dict[str, Any]
    ) -> dict[str, Any]:
        pages = {path: (one.page, chapter) for path, (one, chapter) in placed.items()}
        results = mend_links(pages, publish=options["publish"])
        total, broken_links = 0, []
        for facts in files:
            if facts["file"] not in results:
                continue
            mended, broken = results[facts["file"]]
            total += mended
            broken = [*placed[facts["file"]][0].broken, *broken]
            broken_links += [
                {"file": facts["file"], "words": one.words, "address": one.address} for one in broken
            ]
            facts["page"]["live"] = placed[facts["file"]][0].page.live
            if options["publish"]:
                self._log(placed[facts["file"]][0])
        return {"mended": total, "broken": broken_links}

    # both

    def _parent(self, options: dict[str, Any]) -> ManualIndexPage:
        return manual_at(options["parent"]) if options["parent"].strip("/") else ensure_manual()

    def _log(self, placed: Placed) -> None:
        partnership = placed.page.partnership_id
        audit.record(
            "published", actor=None, kind="chapter", ref=str(placed.page.pk), partnership_id=partnership,
            detail="imported and published at the console",
        )  # fmt: skip


def read(path: Path) -> Chapter:
    """A chapter from a file on disk. Raises UnreadableChapter, with the file's name."""
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
        return read_chapter(path.name, data)
    except OSError as error:
        raise UnreadableChapter(f"{path} cannot be read: {error.strerror}.") from error
    except (UnreadableChapter, WordsLost) as error:
        raise UnreadableChapter(f"{path.name}: {error}") from error


def note(name: str) -> Note:
    """The amendment note of what the operator publishes."""
    return Note(f"Imported from the file {name}.", WHY)


def add_page(facts: dict[str, Any], placed: Placed) -> dict[str, Any]:
    """The report with what became of the chapter."""
    page = placed.page
    facts["page"] = {"id": page.pk, "path": page.get_url(), "live": page.live, "made": placed.made}
    facts["changes"] = {
        "added": list(placed.changes.added),
        "removed": list(placed.changes.removed),
        "changed": list(placed.changes.changed),
    }
    facts["problems"] += [
        {
            "kind": "lost link",
            "section": "",
            "text": f"“{one.words}” led to {one.address}, which is not there.",
            "line": 1,
        }
        for one in placed.broken
    ]
    return facts


def outcome(facts: dict[str, Any]) -> str:
    """What became of one file, in a sentence or two."""
    page = facts.get("page")
    if page is None:
        return "Dry run: nothing was saved."
    state = "live" if page["live"] else "draft"
    if page["made"]:
        return f"New chapter, {state}: {page['path']}"
    lines = [f"Chapter updated, {state}: {page['path']}"]
    for verb, names in facts["changes"].items():
        lines += [f"  {verb}: {name}" for name in names]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  No section changed."])


def line_for(facts: dict[str, Any]) -> str:
    """One file of a folder, in a line."""
    if "error" in facts:
        return f"NOT IMPORTED  {facts['error']}"
    name = f"{facts['number']} {facts['title']}".strip()
    what = "" if "page" not in facts else " new" if facts["page"]["made"] else " updated"
    return (
        f"{facts['file']}: {name}:{what} {len(facts['sections'])} sections, {facts['words_placed']} of "
        f"{facts['words_in']} words placed, {len(facts['problems'])} to be looked at"
    )
