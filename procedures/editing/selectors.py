"""Reads of editions that several pages share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from procedures.editing.models import Edition, Kind, TakenDown
from procedures.models import ChapterPage

OPERATOR = "the operator"


@dataclass(frozen=True)
class Standing:
    """An edition and the time in which it stood: until the next one, or until the chapter was taken down. `until` is
    None for the one that stands now."""

    edition: Edition
    until: datetime | None

    @property
    def last_day(self) -> date | None:
        """The last day in the United Kingdom on which one could read it."""
        return timezone.localdate(self.until) if self.until else None

    @property
    def in_force(self) -> bool:
        """Whether it is what readers are told to follow today."""
        return self.until is None and self.edition.kind != Kind.WITHDRAWN


def end_of(day: date) -> datetime:
    """The first moment after a day in the United Kingdom."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def standings(editions: Sequence[Edition], taken_down: Sequence[datetime]) -> list[Standing]:
    """Editions of one page, newest first, each with the moment at which it ceased to stand."""
    found = []
    following: datetime | None = None
    for edition in editions:
        ends = [moment for moment in taken_down if moment >= edition.published_at]
        ends += [following] if following else []
        found.append(Standing(edition, min(ends) if ends else None))
        following = edition.published_at
    return found


def standing_of(edition: Edition) -> Standing:
    """One edition with the moment at which it ceased to stand; that of a deleted chapter has only its beginning."""
    if edition.page_id is None:
        return Standing(edition, None)
    later = Edition.objects.filter(page=edition.page_id, published_at__gt=edition.published_at)
    ends = list(later.order_by("published_at").values_list("published_at", flat=True)[:1])
    down = TakenDown.objects.filter(page=edition.page_id, at__gte=edition.published_at)
    ends += down.order_by("at").values_list("at", flat=True)[:1]
    return Standing(edition, min(ends) if ends else None)


def shown_at(standing: Standing, day: date | None = None) -> datetime:
    """The moment whose local boxes stand in an edition: the end of the day that is asked for, else the last moment at
    which the edition stood, else now."""
    at = end_of(day) if day else standing.until or timezone.now()
    return min(at, standing.until or at) - timedelta(microseconds=1)


def standing_on(editions: QuerySet[Edition], page: ChapterPage, day: date) -> Standing | None:
    """What stood at the end of a day in the United Kingdom; None where nothing was published then."""
    edition = editions.filter(page=page, published_at__lt=end_of(day)).order_by("-published_at").first()
    if edition is None:
        return None
    standing = standing_of(edition)
    if standing.until and standing.until < end_of(day):
        return None
    return standing


def with_one_before(editions: QuerySet[Edition]) -> QuerySet[Edition]:
    """Adds `before`: the id of the same chapter's edition before each, where this reader may read it."""
    before = editions.filter(page=OuterRef("page"), published_at__lt=OuterRef("published_at"))
    return editions.annotate(before=Subquery(before.order_by("-published_at").values("pk")[:1]))


def one_before(editions: QuerySet[Edition], edition: Edition) -> UUID | None:
    """The id of the same chapter's edition before one, where this reader may read it."""
    if edition.page_id is None:
        return None
    before = editions.filter(page=edition.page_id, published_at__lt=edition.published_at)
    return before.order_by("-published_at").values_list("pk", flat=True).first()


def latest_of(page: ChapterPage, partnership_id: UUID | None, number: int) -> list[Edition]:
    """The newest amendments of a chapter that its reader has before them, without their text: one query."""
    theirs = Q(partnership__isnull=True) | Q(partnership=partnership_id)
    editions = with_one_before(Edition.objects.filter(theirs, page=page))
    slim = editions.defer("rendered", "source").select_related("published_by")
    return list(slim.order_by("-published_at")[:number])


def who(edition: Edition, user: Any) -> str:
    """Who published or approved it. Colleagues are named to people who are signed in; the public is told that the
    business unit did."""
    if edition.published_by is None:
        return OPERATOR
    if not getattr(user, "is_authenticated", False):
        return "the business unit"
    return str(edition.published_by.get_full_name() or "the business unit")
