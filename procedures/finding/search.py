"""Search over the manual: ranked, stemmed, forgiving, and only in what the reader may read.

The database's index gives the candidates: entries with every term, and where they are few, those with some of them.
ranking.py puts them into order, the same on every database. Where none has every term and
a word is in no text at all, the nearest word is searched instead, and the reader is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page

from portal import entrypoints
from procedures.finding import spelling
from procedures.finding.asking import Bet, Question, folded, lexicon_of, question_of
from procedures.finding.documents import file_of
from procedures.finding.engines import MOST_COUNTED, engine
from procedures.finding.everyday import PLAIN
from procedures.finding.models import DocumentText, Entry
from procedures.finding.ranking import END, START, Asked, Sought, Term, Text, best_first, snippet, sought
from procedures.finding.visibility import (
    EVERYTHING,
    Filters,
    Hidden,
    Limits,
    hidden_from,
    limits_of,
    shown_documents,
)
from procedures.models import Section
from procedures.privacy import Reader, generation_of

SHOWN = 20
MOST = 200
CANDIDATES = 50  # that are read and put into order
COLUMNS = (
    "pk", "page_id", "page__live", "page__path", "page__url_path", "page__locale_id", "document_id", "partnership_id",
    "anchor", "chapter", "above", "heading", "text",
)  # fmt: skip
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
    number = generation_of(reader)
    lexicon = lexicon_of(reader, number)
    question = question_of(query, lexicon.same)
    if not question.terms:
        return Answer([])
    hidden, limits = hidden_from(reader, number), limits_of(reader, number, filters)
    best = best_bets(lexicon.bets, question, hidden)
    first = _ranked(question, limits, limit, hidden)
    if first.complete or exact:
        return Answer(_found(first, limit, hidden), best)
    anywhere = limits if filters == EVERYTHING else limits_of(reader, number)
    changes = _corrections(question, anywhere)
    if not changes:
        return Answer(_found(first, limit, hidden), best)
    better = spelling.replaced(question.typed, changes)
    corrected = question_of(better, lexicon.same)
    second = _ranked(corrected, limits, limit, hidden)
    best = best or best_bets(lexicon.bets, corrected, hidden)
    if second.rows and (second.complete or not first.rows or spelling.certain(changes)):
        return Answer(_found(second, limit, hidden), best, instead=better)
    return Answer(_found(first, limit, hidden), best, meant=better)


@dataclass(frozen=True)
class Ranked:
    """Candidates, best first; whether any has every term; and what was sought in them."""

    rows: Sequence[Any]
    complete: bool
    terms: Sequence[Sought]


def _ranked(question: Question, limits: Limits, limit: int, hidden: Hidden) -> Ranked:
    """The candidates, in the order in which they answer the question."""
    asked, wanted = engine(), max(CANDIDATES, limit + 10)
    ids = asked.ranked(question.terms, True, limits, wanted)
    complete = bool(ids)
    several = len(question.wider) > 1 or bool(question.related)
    # How rare one word is does not matter where there is no other.
    having = asked.counted(question.wider, limits) if several else [1] * len(question.wider)
    known = dict(zip(question.wider, having, strict=True))
    if len(ids) < wanted and several:
        first = set(ids)
        some = _telling(question, known)
        ids += [pk for pk in asked.ranked(some, False, limits, wanted) if pk not in first]
    entries = MOST_COUNTED if max(having) >= MOST_COUNTED else hidden.entries
    terms = sought(
        question.terms, [known.get(term, 1) for term in question.terms], entries, question.related, PLAIN
    )
    rows = {row.pk: row for row in Entry.objects.filter(pk__in=ids).values_list(*COLUMNS, named=True)}
    texts = {pk: Text(row.chapter, row.above, row.heading, row.text) for pk, row in rows.items()}
    ordered = best_first(Asked(terms, question.asking, question.for_time), texts, ids, entries)
    shown = sought(question.wider, having, entries, question.related)
    return Ranked([rows[pk] for pk in ordered], complete, shown)


def _telling(question: Question, having: Mapping[Term, int]) -> list[Term]:
    """Of what was typed, with what may be written instead, that which is not in nearly every entry; all of it where
    there is nothing else."""
    rare = [term for term in question.wider if having[term] < MOST_COUNTED]
    return [term + question.related.get(term, ()) for term in rare or question.wider]


def _corrections(question: Question, limits: Limits) -> dict[str, str]:
    """Slips of the pen in a question, and what may have been meant."""
    words = question.words
    if not words:
        return {}
    having = engine().counted([(word,) for word in words], limits)
    understood = {word for term in question.related for word in term}
    unknown = [
        word for word, count in zip(words, having, strict=True) if not count and word not in understood
    ]
    return spelling.corrections(words, unknown, limits)


def _found(ranked: Ranked, limit: int, hidden: Hidden) -> list[Found]:
    """Entries as results: each document once, nothing that is live no more."""
    chosen: dict[object, Any] = {}
    for row in ranked.rows:
        if row.page_id is None or row.page__live:
            chosen.setdefault(("document", row.document_id) if row.document_id else row.pk, row)
    documents = _documents([row.document_id for row in chosen.values() if row.document_id])
    found: list[Found] = []
    for row in chosen.values():
        if row.document_id is not None:
            if row.document_id not in documents:
                continue
            url = documents[row.document_id].url
            found.append(Found(row.chapter, row.chapter, url, snippet(ranked.terms, row.text), "document"))
        else:
            local = row.partnership_id is not None or any(map(row.page__path.startswith, hidden.ours))
            found.append(
                Found(
                    row.chapter,
                    row.heading or row.chapter,
                    _address(row.page_id, row.page__url_path, row.page__locale_id, row.anchor),
                    snippet(ranked.terms, row.text),
                    local=local,
                )
            )
        if len(found) == limit:
            break
    return found


def _documents(ids: Sequence[int]) -> dict[int, AbstractDocument]:
    """Documents whose file is the one that was read: what was replaced is not found by what the old file said."""
    if not ids:
        return {}
    read = dict(DocumentText.objects.filter(document__in=ids).values_list("document_id", "file"))
    there = get_document_model().objects.filter(pk__in=ids)
    return {document.pk: document for document in there if read.get(document.pk) == file_of(document)}


def _address(page_id: int, url_path: str, locale_id: int, anchor: str) -> str:
    """Where a section is read, of a page of which we have only what its address is made of."""
    address = Page(pk=page_id, url_path=url_path, locale_id=locale_id).get_url() or ""
    return f"{address}#{anchor}" if anchor else address


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
        if document is None or document.pk not in set(shown_documents(hidden)):
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
