"""The verbs of copies: ask for one of a whole manual, make it, take old ones away; write one chapter at once."""

import errno
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import datetime, timedelta
from functools import partial
from typing import IO
from uuid import UUID, uuid4

from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Partnership
from procedures import generation
from procedures.exporting import files, offline, pdf, plain, policy, selectors, word
from procedures.exporting.document import Chapter, Part, Stamp
from procedures.exporting.models import LEASE, Copy, CopyState, Kind
from procedures.exporting.selectors import Branch
from procedures.exporting.trouble import Trouble
from procedures.exporting.walking import chapter_document
from procedures.models import ManualIndexPage
from procedures.privacy import Reader
from procedures.sharing.models import Contact

logger = logging.getLogger("procedures.exporting")

KEPT = timedelta(hours=24)
MOST_ATTEMPTS = 3
BEAT_SECONDS = 1.0
NO_ROOM = "There was no room for it on the server’s disk. Tell your administrator, then ask again."
RIGHTS_CHANGED = "What you may read has changed since you asked. Ask for it again."
MANUAL_CHANGING = "The manual was being changed while the copy was made. Ask for it again in a while."
FAILED = "It could not be made. Ask for it again, or tell your administrator."
TOO_LONG = "It is too long for one PDF. Take its parts one by one, the Word file or the offline copy."
# The engine holds all of a PDF in memory: a million words took 1.8 GB.
MOST_WORDS_IN_A_PDF = 600_000
NOTHING = "There is no chapter in it that you may read."

FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
}


class ClaimLost(Exception):
    """Another run has taken this copy over, because this one was silent for too long."""


def write_chapter(form: str, chapter: Chapter, stamp: Stamp) -> bytes:
    """One chapter as a file of a kind in FORMATS. Raises Trouble where it cannot be made."""
    if form == "pdf":
        return pdf.write_chapter(chapter, stamp, selectors.picture)
    if form == "docx":
        return word.write_chapter(chapter, stamp, selectors.picture)
    return plain.write(chapter, stamp).encode()


def existing(kind: str, scope: ManualIndexPage, reader: Reader) -> Copy | None:
    """The copy that this reader need not ask for: one that is ready and still true, else one that is being made."""
    same = policy.copies_for(reader).filter(kind=kind, scope=scope)
    return same.fresh(generation.current(), timezone.now()).first() or same.unfinished().first()


def ask(kind: str, scope: ManualIndexPage, reader: Reader) -> tuple[Copy, bool]:
    """The copy of a manual for this reader, and whether it is a new one. Asked for twice at once, one is made.

    The caller puts jobs.make_copy on the queue for a new one; where that does not happen, jobs.resume finds it.
    """
    found = existing(kind, scope, reader)
    if found is not None:
        return found, False
    return Copy.objects.unfinished().get_or_create(
        kind=kind,
        scope=scope,
        rights=policy.rights_of(reader),
        defaults={
            "partnership": policy.partnership_of(reader),
            "asked_by": reader.user if reader.user.is_authenticated else None,
        },
    )


def make(copy_id: UUID) -> bool:
    """Makes the copy that was asked for; returns whether this run finished it.

    1. Claim the row: only where it waits, or where the run that had it has been silent for longer than LEASE.
    2. Ask again what the reader may read: it may have changed since.
    3. Write the file; it has its name only once it is complete.
    4. Finish the row only while the claim is still ours, and only where the manual has not changed meanwhile.

    A run that is killed at any point leaves a row that the next run claims, and at most a file that nothing names.
    """
    claim = _claim(copy_id)
    if claim is None:
        return False
    copy = Copy.objects.select_related("scope", "partnership", "asked_by").get(pk=copy_id)
    try:
        name, size = _write(copy, _Heart(copy_id, claim))
    except ClaimLost:
        return False
    except Trouble as trouble:
        _close(copy_id, claim, state=CopyState.FAILED, problem=str(trouble)[:200])
        return False
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _again(copy, claim, error)
        logger.error("copy %s: no room on the disk", copy_id)
        _close(copy_id, claim, state=CopyState.FAILED, problem=NO_ROOM)
        return False
    except Exception as error:  # whatever went wrong: the row must say so
        return _again(copy, claim, error)
    return _finish(copy, claim, name, size)


def remove_old(now: datetime | None = None) -> int:
    """Removes copies that are past their time or no longer true, and files that no row names; returns how many."""
    moment = now or timezone.now()
    removed = 0
    for copy in Copy.objects.over(generation.current(), moment):
        removed += Copy.objects.filter(pk=copy.pk, state=CopyState.DONE).update(
            state=CopyState.EXPIRED, file_name=""
        )
        files.remove(copy.file_name)
    named = set(Copy.objects.filter(state=CopyState.DONE).values_list("file_name", flat=True))
    files.remove_orphans(named, moment)
    return removed


class _Heart:
    """Says that a run is alive, and how far it is. Raises ClaimLost where the copy is not its own any more."""

    def __init__(self, copy_id: UUID, claim: UUID) -> None:
        self.mine = Copy.objects.filter(pk=copy_id, claim=claim, state=CopyState.RUNNING)
        self.done, self.total = 0, 0

    def begin(self, total: int) -> None:
        """So many chapters are to be done."""
        self.total = total
        self.beat()

    def step(self) -> None:
        """One more chapter is done."""
        self.done += 1
        self.beat()

    def beat(self) -> None:
        """Still alive."""
        columns = {"done_chapters": self.done, "total_chapters": self.total, "touched_at": timezone.now()}
        if not self.mine.update(**columns):
            raise ClaimLost

    def during(self, work: Callable[[], bytes]) -> bytes:
        """Beats while one long piece of work goes on in a thread of its own (it may not touch the database)."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            future = pool.submit(work)
            while True:
                try:
                    return future.result(timeout=BEAT_SECONDS)
                except NotYet:
                    if future.done():
                        raise
                    self.beat()


def _claim(copy_id: UUID) -> UUID | None:
    claim, now = uuid4(), timezone.now()
    free = Q(state=CopyState.QUEUED) | Q(state=CopyState.RUNNING, touched_at__lt=now - LEASE)
    claimed = Copy.objects.filter(free, pk=copy_id).update(
        state=CopyState.RUNNING,
        claim=claim,
        touched_at=now,
        generation=generation.current(),
        attempts=F("attempts") + 1,
        done_chapters=0,
        total_chapters=0,
    )
    return claim if claimed else None


def _write(copy: Copy, heart: _Heart) -> tuple[str, int]:
    """Makes the file; returns its random name and size."""
    reader = policy.reader_for(copy)
    if policy.rights_of(reader) != copy.rights:
        raise Trouble(RIGHTS_CHANGED)
    if not policy.scopes(reader).filter(pk=copy.scope_id).exists():
        raise Trouble(NOTHING)
    branch = selectors.branch_of(copy.scope, reader)
    if not branch.count:
        raise Trouble(NOTHING)
    writer = _site if copy.kind == Kind.OFFLINE else _book
    return files.store(partial(writer, copy, branch, reader, heart))


def _book(copy: Copy, branch: Branch, reader: Reader, heart: _Heart, file: IO[bytes]) -> None:
    """A PDF or Word file of everything."""
    heart.begin(branch.count + 1)  # the last step is the writing itself
    documents: dict[int, Chapter] = {}
    for page in branch.all_chapters():
        documents[page.pk] = selectors.chapter_for(page, reader)
        heart.step()
    part = selectors.part_for(branch, documents)
    if copy.kind == Kind.PDF and sum(map(plain.length, documents.values())) > MOST_WORDS_IN_A_PDF:
        raise Trouble(TOO_LONG)
    stamp = _stamp(copy.partnership)
    write: Callable[[Part, Stamp, pdf.Picture], bytes] = (
        pdf.write_part if copy.kind == Kind.PDF else word.write_part
    )
    file.write(heart.during(partial(write, part, stamp, selectors.picture)))


def _site(copy: Copy, branch: Branch, reader: Reader, heart: _Heart, file: IO[bytes]) -> None:
    """The offline copy."""
    heart.begin(2 * branch.count)  # each chapter is read, then written
    pages = list(branch.all_chapters())
    documents: dict[int, Chapter] = {}
    chapters: dict[str, offline.Written] = {}
    for page, name in zip(pages, offline.file_names(page.slug for page in pages), strict=True):
        rendered = selectors.rendered_for(page, reader)
        document = chapter_document(rendered, selectors.path_of(page), selectors.edition_of(page))
        documents[page.pk] = document
        chapters[document.path] = offline.Written(rendered, document, name)
        heart.step()
    part = selectors.part_for(branch, documents)
    contacts = list(Contact.objects.read_by(reader.partnership_id).select_related("partnership"))
    stamp = _stamp(copy.partnership)
    site = offline.Site(file, part, chapters, contacts, stamp, selectors.picture, copy.scope.slug)
    site.write(heart.step)


def _stamp(partnership: Partnership | None) -> Stamp:
    return selectors.stamp_for(partnership, timezone.now())


def _finish(copy: Copy, claim: UUID, name: str, size: int) -> bool:
    if generation.current() != copy.generation:
        files.remove(name)
        again = copy.attempts < MOST_ATTEMPTS
        state = CopyState.QUEUED if again else CopyState.FAILED
        _close(copy.pk, claim, state=state, problem="" if again else MANUAL_CHANGING)
        return False
    now = timezone.now()
    finished = _close(
        copy.pk, claim, state=CopyState.DONE, file_name=name, size=size, made_at=now, expires_at=now + KEPT
    )
    if not finished:
        files.remove(name)
    return finished


def _again(copy: Copy, claim: UUID, error: Exception) -> bool:
    """Back to the queue, or given up after the last attempt; an error's message may quote a page, so it is not kept."""
    logger.error("copy %s failed: %s", copy.pk, type(error).__name__)
    again = copy.attempts < MOST_ATTEMPTS
    state = CopyState.QUEUED if again else CopyState.FAILED
    _close(copy.pk, claim, state=state, problem="" if again else FAILED)
    return False


def _close(copy_id: UUID, claim: UUID, **columns: object) -> bool:
    mine = Copy.objects.filter(pk=copy_id, claim=claim, state=CopyState.RUNNING)
    return bool(mine.update(claim=None, touched_at=timezone.now(), **columns))
