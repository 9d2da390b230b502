"""Search over the sections of the manual: ranked, stemmed, only what the reader may read.

Own rows and the database's own full-text index (FTS5 on SQLite, tsvector on PostgreSQL), asked straight.
Sections that hold every word come first; where they are few, sections that hold some of the words follow.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.db import connection
from django.utils.safestring import SafeString, mark_safe

from procedures.models import SectionIndex
from procedures.privacy import Reader, hidden_paths

SHOWN = 20
NOBODY = Reader()
MOST = 200
LONGEST_QUERY = 1_000  # characters that are looked at
MOST_TERMS = 16
LONGEST_WORD = 60
START, END = "\ue000", "\ue001"  # around a found word, until the text has been escaped
PHRASE = re.compile(r'"([^"]*)"')
WORD = re.compile(r"[^\W_]+")
COMMON = {
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does",
    "for", "from", "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "may", "me", "must",
    "my", "of", "on", "or", "our", "shall", "should", "so", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when", "where",
    "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A section that answers the query. `snippet` has START and END around the found words."""

    title: str
    section: str
    url: str
    snippet: str

    @property
    def snippet_text(self) -> str:
        """The snippet as plain text."""
        return self.snippet.replace(START, "").replace(END, "")

    @property
    def snippet_html(self) -> SafeString:
        """The snippet escaped, with the found words in <mark>."""
        text = escape(self.snippet).replace(START, "<mark>").replace(END, "</mark>")
        return mark_safe(text)  # noqa: S308  (escaped in the line above)


def terms_of(query: str) -> list[str]:
    """Words and "quoted phrases" of any input at all; common words only where there are no others."""
    text = query[:LONGEST_QUERY]
    phrases = [" ".join(WORD.findall(phrase)) for phrase in PHRASE.findall(text)]
    words = WORD.findall(PHRASE.sub(" ", text))
    telling = [word for word in words if word.lower() not in COMMON]
    terms = [*phrases, *(telling or ([] if any(phrases) else words))]
    unique = dict.fromkeys(term[:LONGEST_WORD] if " " not in term else term for term in terms if term)
    return list(unique)[:MOST_TERMS]


def search_manual(query: str, limit: int = SHOWN, reader: Reader = NOBODY) -> list[Found]:
    """The best `limit` (1 to 200) sections for a query, best first; without a reader, what somebody without an account
    finds."""
    limit = max(1, min(limit, MOST))
    terms = terms_of(query)
    if not terms:
        return []
    hidden = [f"{path}%" for path in hidden_paths(reader)]
    engine = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    ranked = engine.ranked(terms, " AND ", hidden, limit)
    if len(ranked) < limit and len(terms) > 1:
        ranked += [pk for pk in engine.ranked(terms, " OR ", hidden, limit) if pk not in set(ranked)]
    ranked = ranked[:limit]
    snippets = engine.snippets(terms, ranked)
    rows = SectionIndex.objects.select_related("page").in_bulk(ranked)
    return [_found(rows[pk], snippets.get(pk, "")) for pk in ranked if pk in rows]


def _found(row: SectionIndex, snippet: str) -> Found:
    address = row.page.get_url() or ""
    url = f"{address}#{row.anchor}" if row.anchor else address
    return Found(title=row.chapter, section=row.heading or row.chapter, url=url, snippet=snippet)


def _rows(sql: str, parameters: Sequence[str | int | list[int]]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(row[0], row[1]) for row in cursor.fetchall()]


class Sqlite:
    """FTS5 with the porter stemmer; bm25 is lower for the better match."""

    RANKED = (
        "SELECT f.rowid, bm25(procedures_section_fts, 3.0, 8.0, 1.0) AS score"
        " FROM procedures_section_fts f"
        " JOIN procedures_sectionindex s ON s.id = f.rowid"
        " JOIN wagtailcore_page p ON p.id = s.page_id"
        " WHERE procedures_section_fts MATCH %s AND p.live"
    )
    SNIPPETS = (
        "SELECT rowid, snippet(procedures_section_fts, 2, %s, %s, '…', 40) FROM procedures_section_fts"
        " WHERE procedures_section_fts MATCH %s AND rowid IN ("
    )

    def match(self, terms: Sequence[str], joined: str) -> str:
        """The terms as an FTS5 query; each is quoted, so that nothing in it is an operator."""
        return joined.join(f'"{term}"' for term in terms)

    def ranked(self, terms: Sequence[str], joined: str, hidden: Sequence[str], limit: int) -> list[int]:
        sql = self.RANKED + " AND p.path NOT LIKE %s" * len(hidden) + " ORDER BY score, f.rowid LIMIT %s"
        return [pk for pk, _ in _rows(sql, [self.match(terms, joined), *hidden, limit])]

    def snippets(self, terms: Sequence[str], ids: Sequence[int]) -> dict[int, str]:
        if not ids:
            return {}
        sql = self.SNIPPETS + ", ".join(["%s"] * len(ids)) + ")"
        return dict(_rows(sql, [START, END, self.match(terms, " OR "), *ids]))


class Postgresql:
    """tsvector with English stems; ts_rank weighs heading, chapter and text, and long sections less."""

    TERM = "phraseto_tsquery('english', %s)"
    RANKED = (
        " SELECT s.id, ts_rank('{0.1, 0.2, 0.4, 1.0}', s.search, q.query, 1) AS score"
        " FROM q, procedures_sectionindex s JOIN wagtailcore_page p ON p.id = s.page_id"
        " WHERE s.search @@ q.query AND p.live"
    )
    SNIPPETS = (
        " SELECT s.id, ts_headline('english', s.text, q.query, %s)"
        " FROM q, procedures_sectionindex s WHERE s.id = ANY(%s)"
    )
    OPTIONS = (
        f'StartSel="{START}", StopSel="{END}", MaxWords=40, MinWords=20, MaxFragments=1, '
        'FragmentDelimiter=" … "'
    )

    def query(self, terms: Sequence[str], joined: str) -> str:
        operator = " && " if joined == " AND " else " || "
        return "WITH q AS (SELECT " + operator.join([self.TERM] * len(terms)) + " AS query)"

    def ranked(self, terms: Sequence[str], joined: str, hidden: Sequence[str], limit: int) -> list[int]:
        sql = self.query(terms, joined) + self.RANKED + " AND p.path NOT LIKE %s" * len(hidden)
        sql += " ORDER BY score DESC, s.id LIMIT %s"
        return [pk for pk, _ in _rows(sql, [*terms, *hidden, limit])]

    def snippets(self, terms: Sequence[str], ids: Sequence[int]) -> dict[int, str]:
        if not ids:
            return {}
        return dict(_rows(self.query(terms, " OR ") + self.SNIPPETS, [*terms, self.OPTIONS, list(ids)]))


SQLITE, POSTGRESQL = Sqlite(), Postgresql()
