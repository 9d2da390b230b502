"""What the search box offers while somebody types: best bets, and sections by the beginnings of the words of their
names. Two queries, whatever the size of the manual."""

from django.db.models.expressions import RawSQL

from procedures import generation
from procedures.finding.asking import WORD, clean, folded, lexicon_of
from procedures.finding.engines import engine
from procedures.finding.models import Entry
from procedures.finding.search import Found, address_of, readable_bets
from procedures.finding.visibility import hidden_from, limits_of
from procedures.privacy import Reader

SHORTEST = 2  # letters, before anything is offered
MOST = 8
MOST_WORDS = 6


def suggestions(typed: str, reader: Reader) -> list[Found]:
    """At most eight places that what was typed so far may mean, of what this reader may read."""
    words = [word.lower()[:40] for word in WORD.findall(clean(typed)[:200])][:MOST_WORDS]
    if not words or len("".join(words)) < SHORTEST:
        return []
    number = generation.current()
    begun = folded(" ".join(words))
    bets = [
        bet
        for bet in lexicon_of(reader, number).bets
        if any(question.startswith(begun) for question in bet.questions)
    ]
    best = readable_bets(bets[:MOST], hidden_from(reader, number))
    sql, parameters = engine().named(words, limits_of(reader, number), MOST + 4)
    rows = Entry.objects.filter(pk__in=RawSQL(sql, parameters)).select_related("page", "document")  # noqa: S611
    found = [
        Found(
            row.chapter,
            row.heading or row.chapter,
            address_of(row),
            kind="document" if row.document else "section",
        )
        for row in sorted(rows.defer("text"), key=lambda row: _nearness(row, words))
        if row.page is None or row.page.live
    ]
    unique = {one.url: one for one in [*best, *found] if one.url}
    return list(unique.values())[:MOST]


def _nearness(row: Entry, words: list[str]) -> tuple[int, int, int]:
    """Names that have most of the words come first, the shortest of them before the longer."""
    name = WORD.findall((row.heading or row.chapter).lower())
    missing = sum(not any(one.startswith(word) for one in name) for word in words)
    return missing, len(name), row.pk
