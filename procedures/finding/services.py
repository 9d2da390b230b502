"""Keeps the index: written when a chapter is published, removed when it no longer is, and made anew on request.

Moving a page needs nothing, because addresses and privacy are asked of the page itself; deleting it deletes its rows.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from wagtail.blocks import StreamValue
from wagtail.documents import get_document_model
from wagtail.models import Page
from wagtail.rich_text import get_text_for_indexing

from procedures.blocks import BOX_KINDS, LIST_STYLES
from procedures.finding.asking import WORD
from procedures.finding.models import DocumentLink, Entry, Word
from procedures.models import ChapterPage, section_views
from procedures.rendering import rich_texts, without_references

LONGEST = 100_000  # characters of one section that are searched; PostgreSQL's tsvector holds 1 MB
LIST_MARKS = {label for _, label in LIST_STYLES}  # an editor's choice, and no text
AT_ONCE = 400  # rows in one statement
SPACE = re.compile(r"\s+")
DOCUMENT = re.compile(r'<a[^>]*\blinktype="document"[^>]*>')
IDENTITY = re.compile(r'\bid="(\d+)"')
# What search puts around a found word (engines.py); never part of a text.
MARKS = str.maketrans("", "", "\x00\ue000\ue001")


@transaction.atomic
def index_chapter(page: ChapterPage) -> int:
    """Write the rows of a chapter anew; the number of them. One that is not live, or is withdrawn, has none."""
    # Whoever publishes the same page at the same moment waits for us, instead of writing the same rows.
    list(Page.objects.select_for_update(of=("self",)).filter(pk=page.pk).values_list("pk"))
    found = page.live and not page.alias_of_id and page.withdrawn_at is None
    rows = entries_of(page) if found else []
    Entry.objects.filter(page=page.pk, box__isnull=True).delete()
    Entry.objects.bulk_create(rows, batch_size=AT_ONCE)
    learn_words(rows)
    _link_documents(page, documents_in(page) if rows else [])
    return len(rows)


def forget_chapter(page_id: int) -> None:
    """A chapter that is no longer published is not found, nor is anything local in it."""
    with transaction.atomic():
        Entry.objects.filter(page=page_id).delete()
        DocumentLink.objects.filter(page=page_id).delete()


def entries_of(page: ChapterPage) -> list[Entry]:
    """The rows of a chapter: its head (title, summary and boxes), then each section. The summary also stands above each
    section, because it says in other words what they are about."""
    own = {section.anchor for section in page.sections()}
    boxes, body = (_searched(stream, own) for stream in (page.boxes, page.body))
    head = [page.search_description]
    for box in boxes:
        kind = dict(BOX_KINDS).get(box.value.get("kind"))
        # A box with a title of its own does not show its kind.
        unseen = {kind} if box.value.get("title") else set()
        head += [part for part in box.block.get_searchable_content(box.value) if part not in unseen]

    def entry(position: int, anchor: str, above: str, heading: str, parts: list[Any]) -> Entry:
        return Entry(
            page_id=page.pk,
            partnership_id=page.partnership_id,
            revision=page.live_revision_id,
            anchor=anchor,
            position=position,
            chapter=page.name.translate(MARKS),
            above=above.translate(MARKS),
            heading=heading.translate(MARKS),
            text=plain(parts),
        )

    rows = [entry(0, "", "", "", head)]
    stack: list[str] = []
    for position, section in enumerate(section_views(body), start=1):
        texts = [
            part
            for part in section.content.stream_block.get_searchable_content(section.content)
            if part not in LIST_MARKS
        ]
        stack[max(section.depth - 2, 0) :] = []
        above = " ".join([page.search_description, *stack])
        rows.append(entry(position, section.anchor, above, section.name, texts))
        stack.append(section.heading)
    return rows


def _searched(stream: StreamValue, own: set[str]) -> StreamValue:
    raw = without_references(stream.get_prep_value(), own)
    return StreamValue(stream.stream_block, raw, is_lazy=True)


def plain(parts: Iterable[Any]) -> str:
    """Texts and rich texts as one line of plain text."""
    text = " ".join(get_text_for_indexing(str(part)) if "<" in str(part) else str(part) for part in parts)
    return SPACE.sub(" ", text.translate(MARKS)).strip()[:LONGEST]


def learn_words(rows: Sequence[Entry]) -> None:
    """Add the words of these rows to those that slips of the pen are compared with. One that is in no text any more
    does no harm, and goes when everything is indexed again."""
    words: set[str] = set()
    for row in rows:
        words.update(WORD.findall(f"{row.chapter} {row.heading} {row.text}".lower()))
    known = [word for word in sorted(words) if 3 <= len(word) <= 40 and not any(map(str.isdigit, word))]
    new = [Word(word=word, length=len(word)) for word in known]
    Word.objects.bulk_create(new, ignore_conflicts=True, batch_size=AT_ONCE)


def documents_in(page: ChapterPage) -> list[int]:
    """The documents that a chapter links to, by id."""
    found: set[int] = set()
    for stream in (page.boxes, page.body):
        for text in rich_texts(stream.get_prep_value() if stream else []):
            for link in DOCUMENT.findall(text):
                match = IDENTITY.search(link)
                found |= {int(match[1])} if match else set()
    return sorted(found)


def _link_documents(page: ChapterPage, documents: Sequence[int]) -> None:
    there = get_document_model().objects.filter(pk__in=documents)
    DocumentLink.objects.filter(page=page.pk).exclude(document__in=documents).delete()
    links = [DocumentLink(page_id=page.pk, document_id=pk) for pk in there.values_list("pk", flat=True)]
    DocumentLink.objects.bulk_create(links, ignore_conflicts=True)


def index_everything() -> int:
    """Write every row of sections anew, and the words; the number of rows. Each chapter is whole at every moment."""
    live = ChapterPage.objects.live().filter(alias_of__isnull=True)
    Entry.objects.filter(page__isnull=False).exclude(page__in=live.values("pk")).delete()
    with transaction.atomic():
        Word.objects.all().delete()
        for row in Entry.objects.exclude(page__isnull=False, box__isnull=True).iterator():
            learn_words([row])
    return sum(index_chapter(page) for page in live.iterator(chunk_size=20))
