# ruff: noqa: S608  (what is put together here are our own constants; what people type is always a parameter)
"""The database's own full-text index, asked straight: FTS5 on SQLite, tsvector on PostgreSQL.

A query is a list of terms; a term is a list of words or phrases any of which will do. Each is quoted or passed as a
parameter, so that nothing in it is an operator.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import connection

from procedures.finding.ranking import Term
from procedures.finding.visibility import Limits

MOST_COUNTED = 1_000  # entries with a term, beyond which it does not matter how many there are


class Engine(Protocol):
    """What search asks of a database."""

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        """Entries with every term, or with any, best first."""

    def counted(self, terms: Sequence[Term], limits: Limits) -> list[int]:
        """For each term, how many entries have it, up to a thousand."""

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        """SQL, with its parameters, for the entries whose chapter or heading has words that begin so."""


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
    NAMED = "SELECT rowid FROM finding_names WHERE finding_names MATCH %s"
    COUNTED = "SELECT count(*) FROM (SELECT 1 FROM finding_fts WHERE finding_fts MATCH %s"

    def match(self, terms: Sequence[Term], every: bool) -> str:
        """The terms as an FTS5 query."""
        groups = ["(" + " OR ".join(f'"{form}"' for form in term) + ")" for term in terms]
        return (" AND " if every else " OR ").join(groups)

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        sql = f"{self.RANKED}{limits.on('rowid')} ORDER BY score, rowid LIMIT %s"
        return [row[0] for row in rows(sql, [self.match(terms, every), *limits.parameters, limit])]

    def counted(self, terms: Sequence[Term], limits: Limits) -> list[int]:
        part = f"{self.COUNTED}{limits.on('rowid')} LIMIT {MOST_COUNTED})"
        values = [value for term in terms for value in (self.match([term], True), *limits.parameters)]
        return [row[0] for row in rows(" UNION ALL ".join([part] * len(terms)), values)]

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        match = " AND ".join(f'"{word}"*' for word in words)
        sql = f"{self.NAMED}{limits.on('rowid')} ORDER BY bm25(finding_names, 1.0, 2.0), rowid LIMIT %s"
        return sql, [match, *limits.parameters, limit]


class Postgresql:
    """tsvector with English stems. ts_rank is asked once for the whole question, because each call unpacks the vector
    again; it knows nothing of how rare a word is, but only chooses the candidates."""

    PHRASE = "phraseto_tsquery('english', %s)"
    RANK = "ts_rank('{0.5, 0.2, 0.2, 1.0}', e.search, q.query, 1)"

    def ranked(self, terms: Sequence[Term], every: bool, limits: Limits, limit: int) -> list[int]:
        joined = (" && " if every else " || ").join(f"({self._query(term)})" for term in terms)
        forms = [form for term in terms for form in term]
        sql = (
            f"WITH q AS MATERIALIZED (SELECT {joined} AS query)"
            f" SELECT e.id FROM q, finding_entry e WHERE e.search @@ q.query{limits.on('e.id')}"
            f" ORDER BY {self.RANK} DESC, e.id LIMIT %s"
        )
        return [row[0] for row in rows(sql, [*forms, *limits.parameters, limit])]

    def _query(self, term: Term) -> str:
        return " || ".join([self.PHRASE] * len(term))

    def counted(self, terms: Sequence[Term], limits: Limits) -> list[int]:
        sql, values = [], []
        for term in terms:
            query = self._query(term)
            # A word that the stemmer leaves out ("the") is in every text.
            sql.append(
                f"SELECT CASE WHEN numnode({query}) = 0 THEN {MOST_COUNTED} ELSE (SELECT count(*) FROM (SELECT 1"
                f" FROM finding_entry e WHERE e.search @@ ({query}){limits.on('e.id')} LIMIT {MOST_COUNTED}) c) END"
            )
            values += [*term, *term, *limits.parameters]
        return [row[0] for row in rows(" UNION ALL ".join(sql), values)]

    def named(self, words: Sequence[str], limits: Limits, limit: int) -> tuple[str, list[Any]]:
        query = " && ".join(["to_tsquery('simple', %s)"] * len(words))
        sql = (
            f"SELECT e.id FROM finding_entry e WHERE e.names @@ ({query}){limits.on('e.id')}"
            f" ORDER BY ts_rank(e.names, {query}, 1) DESC, e.id LIMIT %s"
        )
        begun = [f"{word}:*" for word in words]
        return sql, [*begun, *limits.parameters, *begun, limit]


SQLITE, POSTGRESQL = Sqlite(), Postgresql()


def engine() -> Engine:
    """The one for the database that is used."""
    return SQLITE if connection.vendor == "sqlite" else POSTGRESQL
