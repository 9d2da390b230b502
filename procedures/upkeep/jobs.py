"""What the queue calls: read the links of chapters that were published before there was a list of them, and ask a few
addresses whether they still answer."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from procedures.models import ChapterPage
from procedures.upkeep import services
from procedures.upkeep.asking import Answer, Outcome, ask
from procedures.upkeep.models import Address, Kind, Link, ReadChapter, Standing

CHAPTERS = 50  # read in one run
ADDRESSES = 10  # asked in one run
LEASE = timedelta(
    minutes=30
)  # longer than a run takes: what a killed worker had taken is asked again after it
WORKING_AGAIN = timedelta(days=7)
OTHERWISE_AGAIN = timedelta(days=1)
OUR_FAULT = "Nothing could be reached from this server"


def check_links(now: datetime | None = None) -> int:
    """Read what is unread and ask the addresses that are due; the number asked."""
    moment = now or timezone.now()
    read_chapters()
    Address.objects.exclude(url__in=Link.objects.filter(kind=Kind.EXTERNAL).values("target")).delete()
    if not settings.LINK_CHECKS:
        return 0
    asked = [(one, ask(one.url, settings.LINK_CHECK_PRIVATE_HOSTS)) for one in _claimed(moment)]
    # Where nobody at all answered, it is more likely that this server cannot go out than that all of them are gone.
    somebody = any(outcome.answer in (Answer.WORKING, Answer.FAILING) for _, outcome in asked)
    for address, outcome in asked:
        _keep(address, outcome, somebody, moment)
    return len(asked)


def read_chapters() -> int:
    """Read the links of live chapters of which they have never been read; their number."""
    known = ReadChapter.objects.values("page")
    unread = list(ChapterPage.objects.live().exclude(pk__in=known).order_by("pk")[:CHAPTERS])
    for page in unread:
        services.set_review(page)
        services.read_links(page)
    return len(unread)


def _claimed(moment: datetime) -> list[Address]:
    due = list(Address.objects.filter(next_at__lte=moment).order_by("next_at", "pk")[:ADDRESSES])
    return [
        one
        for one in due
        if Address.objects.filter(pk=one.pk, next_at=one.next_at).update(next_at=moment + LEASE)
    ]


def _keep(address: Address, outcome: Outcome, somebody: bool, moment: datetime) -> None:
    standing, detail = Standing.UNCHECKED, outcome.detail
    if outcome.answer is Answer.WORKING:
        standing = Standing.WORKING
    elif outcome.answer is Answer.FAILING:
        standing = Standing.FAILING
    elif outcome.answer is Answer.SILENT and outcome.detail == "No answer":
        if somebody:
            standing = Standing.FAILING
        else:
            detail = OUR_FAULT
    known = standing != Standing.UNCHECKED
    Address.objects.filter(pk=address.pk).update(
        standing=standing,
        detail=detail[:120],
        checked_at=timezone.now() if known else None,
        next_at=moment + (WORKING_AGAIN if standing == Standing.WORKING else OTHERWISE_AGAIN),
    )
