"""Marker words: each says which case and which kind of field it stands in, so that a leak names its origin.

`CanarygatheringqaccountQ`-like words survive templates, e-mails, JSON, spreadsheets, log lines and pickles; a date
of birth cannot hold a word, so every case has a day of its own that stands nowhere else.
"""

import re
from collections.abc import Iterable
from datetime import date

CANARY = re.compile(r"canary([a-z]+?)q([a-z]+?)q", re.IGNORECASE)
REFERENCE = re.compile(r"CR-[0-9A-Z]{4}-[0-9A-Z]{4}")

# Days on which nobody else in the world was born: (day of birth).
BORN: dict[str, date] = {
    "draft": date(2003, 1, 9),
    "submitted": date(2003, 2, 11),
    "returned": date(2003, 3, 13),
    "gathering": date(2003, 4, 15),
    "recommended": date(2003, 5, 17),
    "decided": date(2003, 6, 19),
    "planned": date(2003, 7, 21),
    "withdrawn": date(2003, 8, 23),
    "eller": date(2003, 9, 25),
    "ellernew": date(2003, 10, 27),
    "ellerdraft": date(2003, 11, 29),
}

Mark = tuple[str, str]


def word(case: str, kind: str) -> str:
    """The marker of one kind of field in one case; neither name may hold a q."""
    assert "q" not in case + kind
    return f"Canary{case}q{kind}q"


def _spellings(day: date) -> Iterable[str]:
    """The ways in which a page, a form or a workbook could show a day."""
    yield day.isoformat()
    yield f"{day:%-d %B %Y}"
    yield f"{day:%-d %b %Y}"
    yield f"{day:%d/%m/%Y}"
    yield f"{day:%-d/%-m/%Y}"


DAYS: dict[str, Mark] = {
    spelling.lower(): (case, "born") for case, day in BORN.items() for spelling in _spellings(day)
}
DAY = re.compile("|".join(map(re.escape, DAYS)), re.IGNORECASE)


def found_in(text: str) -> set[Mark]:
    """Every (case, kind) whose marker stands in a text."""
    marks = {(case.lower(), kind.lower()) for case, kind in CANARY.findall(text)}
    return marks | {DAYS[spelling.lower()] for spelling in DAY.findall(text)}


def references_in(text: str) -> set[str]:
    """Every case reference that stands in a text."""
    return set(REFERENCE.findall(text))
