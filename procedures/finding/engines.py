# ruff: noqa: S608  (what is put together here are our own constants; what people type is always a parameter)
"""The database's own full-text index, asked straight: FTS5 on SQLite, tsvector on PostgreSQL.

A query is a list of terms; a term is a list of words or phrases any of which will do. Each is quoted or passed as a
parameter, so that nothing in it is an operator.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection

from procedures.finding.visibility import Limits

Term = tuple[str, ...]
START, END = "\ue000", "\ue001"  # around a found word, until the text has been escaped


class Engine(Protocol):
    """What search asks of a database."""

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        """Entries with every term, or with any, best first."""

    def known(self, terms: Sequence[Term], limits: Limits) -> list[bool]:
        """For each term, whether any entry has it."""

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        """SQL, with its parameters, for the entries whose chapter or heading has words that begin so."""

    def snippets(self, terms: Sequence[Term], ids: Sequence[int]) -> dict[int, str]:
        """Where the terms stand in the text of these entries."""


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


class Sqlite:
    """FTS5 with the porter stemmer; bm25 is lower for the better match."""

    WEIGHTS = "3.0, 3.0, 8.0, 1.0"
    RANKED = (
        f"SELECT rowid, bm25(finding_fts, {WEIGHTS}) AS score FROM finding_fts WHERE finding_fts MATCH %s"
    )
    SNIPPETS = (
        "SELECT rowid, snippet(finding_fts, 3, %s, %s, '…', 40) FROM finding_fts"
        " WHERE finding_fts MATCH %s AND rowid IN ("
    )
    NAMED = "SELECT rowid FROM finding_names WHERE finding_names MATCH %s"
    KNOWN = "SELECT EXISTS(SELECT 1 FROM finding_fts WHERE finding_fts MATCH %s"

    def match(self, terms: Sequence[Term], every: bool) -> str:
        """The terms as an FTS5 query."""
        groups = ["(" + " OR ".join(f'"{form}"' for form in term) + ")" for term in terms]
        return (" AND " if every else " OR ").join(groups)

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        sql = f"{self.RANKED}{limits.on('rowid')} ORDER BY score, rowid LIMIT %s"
        return [row[0] for row in rows(sql, [self.match(terms, every), *limits.parameters, limit])]

    def known(self, terms: Sequence[Term], limits: Limits) -> list[bool]:
        parts = [f"{self.KNOWN}{limits.on('rowid')})" for _ in terms]
        values = [value for term in terms for value in (self.match([term], True), *limits.parameters)]
        return [bool(row[0]) for row in rows(" UNION ALL ".join(parts), values)]

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        match = " AND ".join(f'"{word}"*' for word in words)
        sql = f"{self.NAMED}{limits.on('rowid')} ORDER BY bm25(finding_names, 1.0, 2.0), rowid LIMIT %s"
        return sql, [match, *limits.parameters, limit]

    def snippets(self, terms: Sequence[Term], ids: Sequence[int]) -> dict[int, str]:
        if not ids:
            return {}
        sql = self.SNIPPETS + ", ".join(["%s"] * len(ids)) + ")"
        found = rows(sql, [START, END, self.match(terms, False), *ids])
        return {row[0]: row[1] for row in found}


class Postgresql:
    """tsvector with English stems. ts_rank knows nothing of how rare a word is, so each term's share is divided by how
    many entries have it, as bm25 does; where other words mean the same, the best of them counts."""

    PHRASE = "phraseto_tsquery('english', %s)"
    RANK = f"ts_rank('{{0.5, 0.2, 0.2, 1.0}}', e.search, {PHRASE}, 1)"
    COMMONNESS = "(1 + ln(1 + (SELECT count(*) FROM finding_entry c WHERE c.search @@ ({0}))))^1.5"
    OPTIONS = (
        f'StartSel="{START}", StopSel="{END}", MaxWords=40, MinWords=20, MaxFragments=1, '
        'FragmentDelimiter=" … "'
    )

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        score, values = self._score(terms)
        joined = (" && " if every else " || ").join(f"({self._query(term)})" for term in terms)
        forms = [form for term in terms for form in term]
        sql = (
            f"SELECT e.id, {score} AS score FROM finding_entry e WHERE e.search @@ ({joined}){limits.on('e.id')}"
            " ORDER BY score DESC, e.id LIMIT %s"
        )
        return [row[0] for row in rows(sql, [*values, *forms, *limits.parameters, limit])]

    def _query(self, term: Term) -> str:
        return " || ".join([self.PHRASE] * len(term))

    def _score(self, terms: Sequence[Term]) -> tuple[str, list[str]]:
        shares: list[str] = []
        values: list[str] = []
        for term in terms:
            share = f"GREATEST({', '.join([self.RANK] * len(term))})"
            values += term
            if len(terms) > 1:
                share += f" / {self.COMMONNESS.format(self._query(term))}"
                values += term
            shares.append(share)
        return " + ".join(shares), values

    def known(self, terms: Sequence[Term], limits: Limits) -> list[bool]:
        sql, values = [], []
        for term in terms:
            query = self._query(term)
            # A word that the stemmer leaves out ("the") is in every text.
            sql.append(
                f"SELECT numnode({query}) = 0 OR EXISTS(SELECT 1 FROM finding_entry e"
                f" WHERE e.search @@ ({query}){limits.on('e.id')})"
            )
            values += [*term, *term, *limits.parameters]
        return [bool(row[0]) for row in rows(" UNION ALL ".join(sql), values)]

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        query = " && ".join(["to_tsquery('simple', %s)"] * len(words))
        sql = (
            f"SELECT e.id FROM finding_entry e WHERE e.names @@ ({query}){limits.on('e.id')}"
            f" ORDER BY ts_rank(e.names, {query}, 1) DESC, e.id LIMIT %s"
        )
        begun = [f"{word}:*" for word in words]
        return sql, [*begun, *limits.parameters, *begun, limit]

    def snippets(self, terms: Sequence[Term], ids: Sequence[int]) -> dict[int, str]:
        if not ids:
            return {}
        forms = [form for term in terms for form in term]
        sql = (
            f"WITH q AS (SELECT {' || '.join([self.PHRASE] * len(forms))} AS query)"
            " SELECT e.id, ts_headline('english', e.text, q.query, %s) FROM q, finding_entry e WHERE e.id = ANY(%s)"
        )
        return {row[0]: row[1] for row in rows(sql, [*forms, self.OPTIONS, list(ids)])}


SQLITE, POSTGRESQL = Sqlite(), Postgresql()


def engine() -> Engine:
    """The one for the database that is used."""
    return SQLITE if connection.vendor == "sqlite" else POSTGRESQL
