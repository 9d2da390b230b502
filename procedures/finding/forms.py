"""What may be chosen beside a search: a part or chapter of the manual, and a kind of result."""

from dataclasses import dataclass

from django.http import QueryDict

from procedures.finding.visibility import Filters
from procedures.models import ChapterPage, ManualIndexPage, natural
from procedures.privacy import Reader, readable

KINDS = (
    ("", "Everything"),
    ("shared", "Shared by all partnerships"),
    ("local", "Local to our partnership"),
    ("documents", "Documents"),
)
MOST_CHAPTERS = 200  # in the list; of a larger manual the parts are offered alone


@dataclass(frozen=True)
class Choice:
    """One entry of the list of parts and chapters."""

    value: str
    label: str
    path: str


def places(reader: Reader) -> list[Choice]:
    """The parts and chapters that this reader may read: parts in the order of the tree, chapters by number."""
    parts = readable(ManualIndexPage.objects.live().order_by("path"), reader)
    found = [Choice(str(pk), title, path) for pk, title, path in parts.values_list("pk", "title", "path")]
    chapters = readable(ChapterPage.objects.live(), reader)
    rows = list(chapters.values_list("pk", "number", "title", "path")[: MOST_CHAPTERS + 1])
    if len(rows) > MOST_CHAPTERS:
        return found
    rows.sort(key=lambda row: natural(row[1]))
    return found + [Choice(str(pk), f"{number} {title}".strip(), path) for pk, number, title, path in rows]


def filters_of(asked: QueryDict, choices: list[Choice]) -> Filters:
    """What was chosen; anything that is not in the lists counts as not chosen."""
    below = next((one.path for one in choices if one.value == asked.get("in", "")), "")
    kind = asked.get("kind", "")
    return Filters(below, kind if kind in dict(KINDS) else "")
