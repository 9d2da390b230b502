"""What the search box offers while somebody types: best bets, and sections by the beginnings of the words of their
names. Two queries, whatever the size of the manual."""

from procedures.finding.asking import WORD, clean, folded, lexicon_of
from procedures.finding.engines import engine
from procedures.finding.models import Entry
from procedures.finding.search import Found, address_of, readable_bets
from procedures.finding.visibility import limits_of
from procedures.privacy import Reader

SHORTEST = 2  # letters, before anything is offered
MOST = 8
MOST_WORDS = 6


def suggestions(typed: str, reader: Reader) -> list[Found]:
    """At most eight places that what was typed so far may mean, of what this reader may read."""
    words = [word.lower()[:40] for word in WORD.findall(clean(typed)[:200])][:MOST_WORDS]
    if not words or len("".join(words)) < SHORTEST:
        return []
    lexicon = lexicon_of(reader)
    begun = folded(" ".join(words))

    def begins(question: str) -> bool:
        return question.startswith(begun)

    best = readable_bets([bet for bet in lexicon.bets if any(map(begins, bet.questions))], reader)
    ids = engine().named(words, limits_of(reader), MOST + 4)
    rows = Entry.objects.select_related("page", "document").defer("text").in_bulk(ids)
    found = [
        Found(
            row.chapter,
            row.heading or row.chapter,
            address_of(row),
            kind="document" if row.document else "section",
        )
        for row in (rows[pk] for pk in ids if pk in rows)
        if row.page is None or row.page.live
    ]
    unique = {one.url: one for one in [*best, *found] if one.url}
    return list(unique.values())[:MOST]
