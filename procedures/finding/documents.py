"""Documents that chapters link to are found by their text, which a process of its own reads in the queue."""

import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument

from procedures.finding.extract import LARGEST, Unreadable
from procedures.finding.models import DocumentLink, DocumentText, Entry
from procedures.finding.services import MARKS, SPACE, learn_words

SECONDS = 60  # that reading one document may take
PIECE = 6_000  # characters of a document in one row, so that snippets come quickly


def file_of(document: AbstractDocument) -> str:
    """What tells one file of a document from the next."""
    return f"{document.file.name}|{document.file_hash}|{document.file_size}"[:400]


def linked() -> QuerySet[DocumentLink, int]:
    """The ids of documents that chapters link to."""
    return DocumentLink.objects.values_list("document", flat=True)


def waiting() -> list[int]:
    """Documents that a chapter links to and that were not read since their file was put there."""
    there = get_document_model().objects.filter(pk__in=linked())
    read = dict(DocumentText.objects.values_list("document_id", "file"))
    return [document.pk for document in there if read.get(document.pk) != file_of(document)]


def read_document(document_id: int) -> bool:
    """Read a document's file and put its text among the rows of search, in place of what was there; whether there was
    anything to do. Running it twice, or being stopped half-way, does no harm."""
    document = get_document_model().objects.filter(pk=document_id).first()
    if document is None or not DocumentLink.objects.filter(document=document_id).exists():
        return False
    name = file_of(document)
    try:
        text, problem = _text(document), ""
    except Unreadable as refused:
        text, problem = "", str(refused)[:200]
    text = SPACE.sub(" ", text.translate(MARKS)).strip()
    title = document.title.translate(MARKS)
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
    rows = [
        Entry(document_id=document_id, position=place, chapter=title, text=piece)
        for place, piece in enumerate(pieces)
    ]
    with transaction.atomic():
        # Two workers with the same document: the second waits here, and writes the same again.
        list(get_document_model().objects.select_for_update().filter(pk=document_id).values_list("pk"))
        Entry.objects.filter(document=document_id).delete()
        Entry.objects.bulk_create(rows)
        learn_words(rows)
        DocumentText.objects.update_or_create(
            document_id=document_id, defaults={"file": name, "problem": problem, "read_at": timezone.now()}
        )
    return True


def _text(document: AbstractDocument) -> str:
    """Raises Unreadable with a sentence for the business manager."""
    if (document.file_size or document.file.size) > LARGEST:
        raise Unreadable("The file is larger than 20 MB.")
    kind = document.file_extension.lower()
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as copy:
        try:
            with document.open_file() as file:
                for chunk in file.chunks():
                    copy.write(chunk)
        except OSError:
            raise Unreadable("The file is not where it was put.") from None
        copy.flush()
        return _apart(Path(copy.name), kind)


def _apart(path: Path, kind: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (our own module, no shell)
            [sys.executable, "-m", "procedures.finding.extract", str(path), kind],
            cwd=settings.BASE_DIR,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("Reading the file took longer than a minute.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        known = done.returncode == 1 and said and "Error" not in said[-1]
        raise Unreadable(said[-1] if known else "The file is damaged or too large.")
    return done.stdout.decode("utf-8", "replace")
