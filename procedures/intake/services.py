"""The verbs of an import in the CMS: take files, read them, import them as drafts, take old files away."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Membership
from portal.audit import services as audit
from procedures.importing.files import UnreadableChapter, WordsLost, read_chapter
from procedures.importing.folder import files_in_zip, in_order, part_title
from procedures.importing.package import Package
from procedures.importing.report import outline, report
from procedures.importing.structure import Chapter
from procedures.intake import policy, stored
from procedures.intake.models import LEASE, WORKING, File, FileState, Finding, Run, RunState
from procedures.models import ChapterPage, ManualIndexPage
from procedures.services import PageInUse, Placed, import_chapter, imported_before, mend_links, part_of

logger = logging.getLogger("procedures.intake")

KEPT = timedelta(days=1)
MOST_ATTEMPTS = 3
ORPHANED = timedelta(hours=2)
GONE = "The file is no longer there. Send it again."
TWICE = "It has the same number and title as {}, which stands before it. Leave one of the two out."

Upload = tuple[str, Iterable[bytes]]  # name, bytes in pieces


class ClaimLost(Exception):
    """Another worker has taken this run over, because this one was silent for too long."""


class Refused(Exception):
    """This file is not imported; the message says why."""


def begin(
    run_id: UUID, actor: Membership, parent: ManualIndexPage, uploads: Sequence[Upload]
) -> tuple[Run, bool]:
    """A run for these files, and whether it is new: sending the same form twice gives the first run again.

    The caller puts jobs.read on the queue for a new one; where that does not happen, jobs.resume finds it.
    """
    names: list[tuple[str, str]] = []
    try:
        for name, pieces in uploads:
            names.append((_free(name[-400:], [taken for taken, _ in names]), stored.store(pieces)))
        order = in_order([name for name, _ in names])
        with transaction.atomic():
            run = Run.objects.create(
                pk=run_id,
                partnership=actor.partnership,
                asked_by=actor,
                parent=parent,
                expires_at=timezone.now() + KEPT,
            )
            File.objects.bulk_create(
                File(run=run, position=order.index(name), path=name, stored=kept) for name, kept in names
            )
    except IntegrityError:
        _forget(kept for _, kept in names)
        return Run.objects.get(pk=run_id), False
    except BaseException:
        _forget(kept for _, kept in names)
        raise
    return run, True


def _free(name: str, taken: Sequence[str]) -> str:
    free, place = name, 2
    while free in taken:
        free, place = f"{place}-{name}"[:400], place + 1
    return free


def read(run_id: UUID) -> bool:
    """Read the files of a run and keep their reports; returns whether this worker finished it.

    1. Claim the run: only where it waits, or where the worker that had it has been silent for longer than LEASE.
    2. Unpack zips: each file in them becomes a file of the run.
    3. Read each file that waits; what cannot be read says why.
    4. Finish the run only while the claim is still ours.
    """
    claim = _claim(run_id, RunState.READING)
    if claim is None:
        return False
    try:
        run = Run.objects.get(pk=run_id)
        for file in run.files.filter(state=FileState.WAITING, path__iendswith=".zip"):
            _unpack(file)
            _beat(run_id, claim)
        for file in run.files.filter(state=FileState.WAITING):
            _read(file)
            _beat(run_id, claim)
    except ClaimLost:
        return False
    return _close(run_id, claim, RunState.READY)


def _unpack(file: File) -> None:
    try:
        package = Package(stored.read(file.stored))
        paths = files_in_zip(package)
        contents = [(path, package.read(path)) for path in paths]
    except (UnreadableChapter, FileNotFoundError) as error:
        _unreadable(file, GONE if isinstance(error, FileNotFoundError) else str(error))
        return
    tops = {path.partition("/")[0] for path in paths}
    # a zip of a folder has the folder itself on top
    cut = len(next(iter(tops))) + 1 if len(tops) == 1 and all("/" in path for path in paths) else 0
    names = [(path[cut:][-400:], stored.store([data])) for path, data in contents]
    try:
        with transaction.atomic():
            taken = set(file.run.files.values_list("path", flat=True))
            after = file.run.files.count()
            File.objects.bulk_create(
                File(run=file.run, position=after + place, path=path, stored=kept)
                for place, (path, kept) in enumerate(names)
                if path not in taken
            )
            file.delete()
    except BaseException:
        _forget(kept for _, kept in names)
        raise
    stored.remove(file.stored)


def _read(file: File) -> None:
    try:
        chapter = read_chapter(file.path, stored.read(file.stored))
    except FileNotFoundError:
        _unreadable(file, GONE)
        return
    except (UnreadableChapter, WordsLost) as error:
        _unreadable(file, str(error))
        return
    File.objects.filter(pk=file.pk, state=FileState.WAITING).update(
        state=FileState.READ, read_at=timezone.now(), report=report(chapter), outline=outline(chapter)
    )


def _unreadable(file: File, problem: str) -> None:
    File.objects.filter(pk=file.pk).update(
        state=FileState.UNREADABLE, include=False, problem=problem[:400], stored=""
    )
    stored.remove(file.stored)


def ask_import(run: Run, parent: ManualIndexPage, include: Iterable[int], over: Iterable[int] = ()) -> bool:
    """What a manager decided after the preview; whether the run is to be imported now. A second click changes nothing.

    The caller puts jobs.import_run on the queue.
    """
    with transaction.atomic():
        begun = Run.objects.filter(pk=run.pk, state__in=[RunState.READY, RunState.DONE], claim=None).update(
            state=RunState.IMPORTING, parent=parent, touched_at=timezone.now(), attempts=0, problem=""
        )
        if not begun:
            return False
        over = list(over)
        run.files.filter(state=FileState.HELD, pk__in=over).update(
            state=FileState.READ, import_over=True, problem="", include=True
        )
        if run.state == RunState.READY:
            run.files.filter(state=FileState.READ).exclude(pk__in=list(include)).update(
                state=FileState.LEFT_OUT, include=False
            )
    return True


def import_run(run_id: UUID) -> bool:
    """Import the files of a run as drafts; returns whether this worker finished it. Nothing is published.

    Each file is placed and marked as placed in one transaction, so that a worker that is killed leaves whole files
    behind it and the next goes on after them. Links between the files are mended when all are there.
    """
    claim = _claim(run_id, RunState.IMPORTING)
    if claim is None:
        return False
    run = Run.objects.select_related("asked_by__person", "parent", "partnership").get(pk=run_id)
    user = run.asked_by.person
    if run.parent is None or not (policy.still_manages(run.asked_by) and policy.may_place(user, run.parent)):
        return _close(run_id, claim, RunState.FAILED, problem="You may not place chapters there any more.")
    placed: dict[str, tuple[ChapterPage, Chapter]] = {}
    try:
        for file in run.files.filter(state__in=[FileState.READ, FileState.IMPORTED]):
            one = _import(run, file, run.parent, user, placed)
            if one is not None:
                placed[file.path] = one
            _beat(run_id, claim)
        mended = _mend(placed, user)
    except ClaimLost:
        return False
    with transaction.atomic():
        finished = _close(run_id, claim, RunState.DONE, links_mended=F("links_mended") + mended)
        if finished:
            audit.record(
                "imported",
                actor=run.asked_by,
                kind="chapters",
                ref=str(run_id),
                partnership_id=run.partnership_id,
                detail=f"{len(placed)} drafts",
            )
    if finished:
        _forget_files(run.files.exclude(state=FileState.HELD))
    return finished


def _import(
    run: Run, file: File, parent: ManualIndexPage, user: Any, placed: dict[str, tuple[ChapterPage, Chapter]]
) -> tuple[ChapterPage, Chapter] | None:
    try:
        chapter = read_chapter(file.path, stored.read(file.stored))
        if file.state == FileState.IMPORTED:  # by a worker that was killed before the links were mended
            return (file.page, chapter) if file.page is not None else None
        with transaction.atomic():
            if not File.objects.filter(pk=file.pk, state=FileState.READ).update(state=FileState.IMPORTED):
                return None
            here = ManualIndexPage.objects.get(pk=parent.pk)  # not as it was before a transaction that failed
            for step in file.path.split("/")[:-1]:
                here = part_of(here, part_title(step), live=False, user=user)
            known = policy.chapters_of(user)
            page = imported_before(chapter, here, known)
            _may_import(file, page, user, placed)
            one = import_chapter(chapter, parent=here, user=user, others=True, known=known)
            _keep(file, one)
    except FileNotFoundError:
        _hold(file, GONE)
        return None
    except (UnreadableChapter, WordsLost, PageInUse, Refused) as error:
        _hold(file, str(error))
        return None
    return one.page, chapter


def _may_import(
    file: File, page: ChapterPage | None, user: Any, placed: dict[str, tuple[ChapterPage, Chapter]]
) -> None:
    if page is None:
        return
    same = next((path for path, (other, _) in placed.items() if other.pk == page.pk), "")
    if same:
        raise Refused(TWICE.format(same))
    if not policy.may_edit(user, page):
        raise Refused(f"You may not edit “{page.name}”.")
    latest = page.latest_revision
    if latest is not None and file.read_at and latest.created_at > file.read_at and not file.import_over:
        who = latest.user.get_full_name() if latest.user else "somebody"
        raise Refused(
            f"“{page.name}” was edited by {who} after this file was read "
            f"({timezone.localtime(latest.created_at):%H:%M}). Nothing of theirs was changed. Look at the page first; "
            "if you import all the same, their edition stays in the page's history."
        )


def _keep(file: File, one: Placed) -> None:
    """What became of a file, and what is to be looked at on its page."""
    changes = one.changes
    File.objects.filter(pk=file.pk).update(
        page=one.page,
        made=one.made,
        problem="",
        changes={"added": changes.added, "removed": changes.removed, "changed": changes.changed},
    )
    found = [(piece["kind"], piece["section"], piece["text"]) for piece in file.report.get("problems", [])]
    found += [("lost link", "", _lost(link.words, link.address)) for link in one.broken]
    Finding.objects.filter(page=one.page, seen_at=None).delete()
    note_findings(one.page, found)


def _lost(words: str, address: str) -> str:
    return f"“{words}” led to {address}, which is not there."


def note_findings(page: ChapterPage, found: Iterable[tuple[str, str, str]]) -> None:
    """Findings that nobody has ticked off before."""
    known = set(Finding.objects.filter(page=page).values_list("kind", "section", "text"))
    rows = [(kind[:80], section[:300], text) for kind, section, text in found]
    Finding.objects.bulk_create(
        Finding(page=page, kind=kind, section=section, text=text)
        for kind, section, text in dict.fromkeys(rows)
        if (kind, section, text) not in known
    )


def _mend(placed: dict[str, tuple[ChapterPage, Chapter]], user: Any) -> int:
    total = 0
    for path, (mended, broken) in mend_links(placed, user=user).items():
        total += mended
        note_findings(
            placed[path][0], [("lost link", "", _lost(link.words, link.address)) for link in broken]
        )
    return total


def _hold(file: File, problem: str) -> None:
    File.objects.filter(pk=file.pk).update(state=FileState.HELD, problem=problem[:400])


def discard(run: Run) -> bool:
    """Give a run up before it is imported; its files go at once."""
    given_up = Run.objects.filter(pk=run.pk, state=RunState.READY, claim=None).update(state=RunState.REMOVED)
    if given_up:
        _forget_files(run.files.all())
    return bool(given_up)


def tick(finding: Finding, user: Any, *, seen: bool) -> None:
    """Tick a finding off, or take the tick back."""
    Finding.objects.filter(pk=finding.pk).update(
        seen_at=timezone.now() if seen else None, seen_by=user if seen else None
    )


def remove_expired(now: datetime | None = None) -> int:
    """Take away the files of runs past their day, and files that no row names; returns how many runs expired."""
    moment = now or timezone.now()
    expired = 0
    for run in Run.objects.expired(moment):
        _forget_files(run.files.all())
        if run.state != RunState.DONE:
            expired += Run.objects.filter(pk=run.pk).update(state=RunState.REMOVED, claim=None)
    named = set(File.objects.exclude(stored="").values_list("stored", flat=True))
    for path in stored.folder().iterdir():
        if path.name not in named and path.stat().st_mtime < (moment - ORPHANED).timestamp():
            path.unlink(missing_ok=True)
    return expired


def _forget(names: Iterable[str]) -> None:
    for name in names:
        stored.remove(name)


def _forget_files(files: Any) -> None:
    names = list(files.exclude(stored="").values_list("stored", flat=True))
    files.exclude(stored="").update(stored="")
    _forget(names)


def _claim(run_id: UUID, state: str) -> UUID | None:
    claim, now = uuid4(), timezone.now()
    free = Q(claim=None) | Q(touched_at__lt=now - LEASE)
    waiting = Run.objects.filter(free, pk=run_id, state=state)
    claimed = waiting.filter(attempts__lt=MOST_ATTEMPTS).update(
        claim=claim, touched_at=now, attempts=F("attempts") + 1
    )
    if claimed:
        return claim
    given_up = waiting.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=RunState.FAILED,
        claim=None,
        problem="It was tried three times and stopped each time. Send the files one by one.",
    )
    if given_up:
        logger.error("import %s given up", run_id)
    return None


def _beat(run_id: UUID, claim: UUID) -> None:
    if not Run.objects.filter(pk=run_id, claim=claim, state__in=WORKING).update(touched_at=timezone.now()):
        raise ClaimLost


def _close(run_id: UUID, claim: UUID, state: str, **columns: Any) -> bool:
    mine = Run.objects.filter(pk=run_id, claim=claim, state__in=WORKING)
    return bool(mine.update(state=state, claim=None, touched_at=timezone.now(), attempts=0, **columns))
