"""Search over the manual: ranked, stemmed, forgiving, and only in what the reader may read.

Entries with every term come first; where they are few, those with some of them follow. Where none has every term and
a word is in no text at all, the nearest word is searched instead, and the reader is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.documents import get_document_model
from wagtail.models import Page

from portal import entrypoints
from procedures import generation
from procedures.finding import spelling
from procedures.finding.asking import Bet, Question, folded, lexicon_of, question_of
from procedures.finding.documents import file_of
from procedures.finding.engines import END, START, engine
from procedures.finding.models import DocumentText, Entry
from procedures.finding.visibility import EVERYTHING, Filters, Hidden, Limits, hidden_from, limits_of
from procedures.models import Section
from procedures.privacy import Reader

SHOWN = 20
MOST = 200
NOBODY = Reader()


@dataclass(frozen=True)
class Found:
    """A section, document or form that answers the query. `snippet` has START and END around the found words."""

    title: str
    section: str
    url: str
    snippet: str = ""
    kind: str = "section"
    local: bool = False

    @property
    def snippet_text(self) -> str:
        """The snippet as plain text."""
        return self.snippet.replace(START, "").replace(END, "")

    @property
    def snippet_html(self) -> SafeString:
        """The snippet escaped, with the found words in <mark>."""
        text = escape(self.snippet).replace(START, "<mark>").replace(END, "</mark>")
        return mark_safe(text)  # noqa: S308  (escaped in the line above)


@dataclass(frozen=True)
class Answer:
    """What a search gave. `instead` is the question that was answered in place of the one that was typed, and
    `meant` one that may have been meant."""

    found: Sequence[Found]
    best: Sequence[Found] = ()
    instead: str = ""
    meant: str = ""


def search_manual(query: str, limit: int = SHOWN, reader: Reader = NOBODY) -> list[Found]:
    """The best `limit` (1 to 200) answers to a query, best first, best bets before the rest; without a reader, what
    somebody without an account finds."""
    limit = max(1, min(limit, MOST))
    given = answer(query, reader, limit=limit)
    best = {one.url for one in given.best}
    return [*given.best, *(one for one in given.found if one.url not in best)][:limit]


def answer(
    query: str, reader: Reader, filters: Filters = EVERYTHING, limit: int = SHOWN, *, exact: bool = False
) -> Answer:
    """Search as a page does; `exact` takes what was typed as it is."""
    number = generation.current()
    lexicon = lexicon_of(reader, number)
    question = question_of(query, lexicon.same)
    if not question.terms:
        return Answer([])
    limits = limits_of(reader, number, filters)
    best = best_bets(lexicon.bets, question, hidden_from(reader, number))
    ids, complete = _ranked(question, limits, limit)
    if complete or exact:
        return Answer(_found(question, ids, limit), best)
    anywhere = limits if filters == EVERYTHING else limits_of(reader, number)
    better = _corrected(question, anywhere)
    if not better:
        return Answer(_found(question, ids, limit), best)
    second = question_of(better, lexicon.same)
    second_ids, second_complete = _ranked(second, limits, limit)
    best = best or best_bets(lexicon.bets, second, hidden_from(reader, number))
    if second_ids and (second_complete or not ids):
        return Answer(_found(second, second_ids, limit), best, instead=better)
    return Answer(_found(question, ids, limit), best, meant=better)


def _ranked(question: Question, limits: Limits, limit: int) -> tuple[list[int], bool]:
    """Entries, best first, and whether any has every term. A document is several entries, so we ask for some more."""
    asked, wanted = engine(), limit + 10
    ids = asked.ranked(question.terms, True, limits, wanted)
    complete = bool(ids)
    if len(ids) < wanted and len(question.wider) > 1:
        first = set(ids)
        ids += [pk for pk in asked.ranked(question.wider, False, limits, wanted) if pk not in first]
    return ids, complete


def _corrected(question: Question, limits: Limits) -> str:
    """The question without its slips of the pen; empty where nothing is to be changed."""
    words = question.words
    if not words:
        return ""
    known = engine().known([(word,) for word in words], limits)
    unknown = [word for word, is_known in zip(words, known, strict=True) if not is_known]
    changes = spelling.corrections(words, unknown, limits)
    return spelling.replaced(question.typed, changes) if changes else ""


def _found(question: Question, ids: Sequence[int], limit: int) -> list[Found]:
    """Entries as results: each document once, nothing that is live no more."""
    fields = ("page", "document", "document__collection")
    rows = Entry.objects.select_related(*fields).defer("text").in_bulk(ids[: limit + 10])
    chosen: dict[object, Entry] = {}
    read = None
    for pk in ids:
        row = rows.get(pk)
        if row is None or (row.page is not None and not row.page.live):
            continue
        if row.document is not None:
            read = _files_read() if read is None else read
            if read.get(row.document.pk) != file_of(row.document):
                continue
        chosen.setdefault(("document", row.document_id) if row.document_id else row.pk, row)
        if len(chosen) == limit:
            break
    snippets = engine().snippets(question.wider, [row.pk for row in chosen.values()])
    return [_result(row, snippets.get(row.pk, "")) for row in chosen.values()]


def _files_read() -> dict[int, str]:
    # A document whose file has been replaced is not found by what the old file said.
    return dict(DocumentText.objects.values_list("document_id", "file"))


def _result(row: Entry, snippet: str) -> Found:
    if row.document is not None:
        return Found(row.chapter, row.chapter, row.document.url, snippet, "document")
    local = row.partnership_id is not None
    return Found(row.chapter, row.heading or row.chapter, address_of(row), snippet, "section", local)


def address_of(row: Entry) -> str:
    """Where a row is read: the section of its chapter, or the document."""
    if row.document is not None:
        return str(row.document.url)
    address = (row.page.get_url() if row.page else None) or ""
    return f"{address}#{row.anchor}" if row.anchor else address


def best_bets(bets: Sequence[Bet], question: Question, hidden: Hidden) -> list[Found]:
    """The best bets for a question, of what this reader may read."""
    asked = folded(question.typed)
    return readable_bets([bet for bet in bets if asked in bet.questions], hidden)


def readable_bets(bets: Sequence[Bet], hidden: Hidden) -> list[Found]:
    """Best bets as results, without those that are hidden from the reader."""
    found = [_bet(bet, hidden) for bet in bets]
    return [one for one in found if one is not None]


def _bet(bet: Bet, hidden: Hidden) -> Found | None:
    if bet.form:
        return _form(bet.form)
    if bet.document_id:
        document = get_document_model().objects.filter(pk=bet.document_id).first()
        if document is None or document.collection_id in hidden.collections:
            return None
        return Found(document.title, document.title, document.url, "", "document")
    page = Page.objects.live().filter(pk=bet.page_id).first()
    if page is None or any(page.path.startswith(path) for path in hidden.paths):
        return None
    name = page.specific_deferred.name if hasattr(page.specific_class, "name") else page.title
    section = (
        Section.objects.filter(page=page.pk, anchor=bet.anchor, live=True).first() if bet.anchor else None
    )
    url = page.get_url() or ""
    return Found(name, section.name if section else name, f"{url}#{section.anchor}" if section else url)


def _form(code: str) -> Found | None:
    entry = entrypoints.get(code)
    try:
        return Found(entry.label, entry.label, reverse(entry.url_name), "", "form") if entry else None
    except NoReverseMatch:
        return None
