"""Reads that pages, mails, the workbook and "my work" share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from portal.accounts.models import Membership, Role, User
from portal.outbox.models import Message, State
from procedures.editing.models import Edition
from procedures.models import ManualIndexPage
from procedures.privacy import Reader, readable
from procedures.readers import policy
from procedures.readers.links import page_link, path_of
from procedures.readers.models import Confirmation, Digest, Feedback, Subscription
from procedures.readers.policy import Scope

# Editions older than this are in no digest: whoever was away that long reads the list of amendments.
LOOK_BACK = timedelta(days=31)


# ---- Read and understood ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """The banner on a chapter: the edition to be confirmed and what it changed."""

    id: UUID
    published_at: datetime
    what: str
    why: str


def asked_of(page_id: int) -> Asked | None:
    """The edition of this chapter that everybody is asked to confirm; one query."""
    marked = Edition.objects.filter(page=page_id, must_read=True).order_by("-published_at")
    latest = marked.values_list("id", "published_at", "what", "why").first()
    return Asked(*latest) if latest else None


def has_confirmed(user: User, asked: Asked) -> bool:
    """Whether a person has confirmed an edition; one query."""
    return Confirmation.objects.filter(edition=asked.id, person=user.pk).exists()


def to_confirm(user: User) -> list[Edition]:
    """Editions that the person is asked to confirm and has not, oldest first."""
    mine = Confirmation.objects.filter(edition=OuterRef("pk"), person=user.pk)
    editions = list(policy.asked_editions().exclude(Exists(mine)).order_by("published_at"))
    return _that_may_be_read(user, editions)


def must_read_since(user: User, since: datetime) -> list[Edition]:
    """Chapters amended since a moment that everybody must read, as far as this person may read them."""
    editions = policy.asked_editions().filter(published_at__gte=since).order_by("-published_at")
    return _that_may_be_read(user, list(editions))


def _that_may_be_read(user: User, editions: Sequence[Edition]) -> list[Edition]:
    if not editions:
        return []
    may = policy.may_read_somewhere(user, [edition.page for edition in editions if edition.page])
    return [edition for edition in editions if edition.page_id in may]


@dataclass
class AgencyReading:
    """How an agency stands with an edition: its people, each with the moment of confirming or None."""

    name: str
    people: list[tuple[Membership, datetime | None]] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many have confirmed."""
        return sum(1 for _, at in self.people if at)

    @property
    def percent(self) -> int:
        """The same in per cent, rounded down, so that 100 is everybody."""
        return 100 * self.read // len(self.people) if self.people else 0


def reading(scope: Scope, edition: Edition) -> list[AgencyReading]:
    """Who of the people in the scope that may read the chapter has confirmed an edition, by agency. Somebody with two
    roles in an agency counts once in it."""
    if edition.page is None:
        return []
    at = Confirmation.objects.filter(edition=edition, person=OuterRef("person")).values("at")[:1]
    members = (
        policy.readers_among(edition.page, scope.members())
        .select_related("person", "agency")
        .annotate(confirmed_at=Subquery(at, output_field=DateTimeField()))
        .order_by("agency__name", "person__last_name", "person__first_name", "person_id")
    )
    agencies: dict[UUID, AgencyReading] = {}
    seen: set[tuple[UUID, UUID]] = set()
    for member in members:
        if (member.agency_id, member.person_id) not in seen:
            seen.add((member.agency_id, member.person_id))
            agency = agencies.setdefault(member.agency_id, AgencyReading(member.agency.name))
            agency.people.append((member, member.confirmed_at))
    return list(agencies.values())


@dataclass(frozen=True)
class Total:
    """An edition and how many people of a scope have confirmed it."""

    edition: Edition
    read: int
    people: int

    @property
    def percent(self) -> int:
        """In per cent, rounded down."""
        return 100 * self.read // self.people if self.people else 0


def totals(scope: Scope) -> list[Total]:
    """Every edition that is asked for, with how far its reading has come; latest first. People count once."""
    found = []
    for edition in sorted(policy.editions_in(scope), key=lambda one: one.published_at, reverse=True):
        at = {member.person_id: at for agency in reading(scope, edition) for member, at in agency.people}
        found.append(Total(edition, sum(1 for one in at.values() if one), len(at)))
    return found


def unread_by(scope: Scope, edition: Edition) -> list[User]:
    """People of the scope who have not confirmed an edition, each once."""
    people = {
        member.person_id: member.person
        for agency in reading(scope, edition)
        for member, at in agency.people
        if at is None
    }
    return list(people.values())


# ---- Following -------------------------------------------------------------------------------------------------


def followable(page: Page, reader: Reader) -> list[Page]:
    """What somebody at this page may follow: the page itself, and each manual or part that it stands in."""
    above = readable(ManualIndexPage.objects.live().ancestor_of(page), reader)
    return [page, *sorted((one.page_ptr for one in above), key=lambda one: -one.depth)]


def followed_by(user: User) -> list[tuple[Subscription, Page | None]]:
    """What the person follows, with the page where they may still read it."""
    rows = list(Subscription.objects.filter(person=user.pk).select_related("page").order_by("page__path"))
    may = policy.may_read_somewhere(user, [row.page for row in rows]) if rows else set()
    return [(row, row.page.specific if row.page_id in may else None) for row in rows]


def recent_editions(until: datetime) -> list[Edition]:
    """Editions that a digest made up to a moment may be about, oldest first."""
    return list(
        Edition.objects.filter(
            published_at__gt=until - LOOK_BACK, published_at__lte=until, page__isnull=False
        )
        .select_related("page")
        .defer(*policy.LARGE)
        .order_by("published_at")
    )


def already_told(people: Iterable[UUID]) -> dict[UUID, datetime]:
    """Up to which moment each of these people has been told. A digest that was withheld has told nobody anything."""
    withheld = Message.objects.filter(subject_id=OuterRef("pk"), state=State.WITHHELD)
    told: dict[UUID, datetime] = {}
    rows = Digest.objects.filter(person__in=list(people)).exclude(Exists(withheld))
    for person_id, until in rows.order_by("until").values_list("person_id", "until"):
        told[person_id] = until
    return told


def covered(edition: Edition, subscriptions: Iterable[Subscription]) -> bool:
    """Whether an edition's chapter lies in what is followed, and came after the following began."""
    path = edition.page.path if edition.page else ""
    return any(
        path.startswith(one.page.path) and edition.published_at > one.created_at for one in subscriptions
    )


def still_for(user: User, editions: Sequence[Edition]) -> list[Edition]:
    """Those of the editions that the person follows and may read, now."""
    subscriptions = list(Subscription.objects.filter(person=user.pk).select_related("page"))
    return _that_may_be_read(user, [one for one in editions if covered(one, subscriptions)])


# ---- My work ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """A line of "waiting for you"."""

    title: str
    url: str
    button: str
    hint: str = ""


def tasks(user: User, acting: Membership) -> list[Task]:
    """What the manual asks of this person: reports to answer, changes to read."""
    waiting = feedback_waiting(user)
    lines = []
    if waiting:
        words = "a report" if len(waiting) == 1 else f"{len(waiting)} reports"
        url = reverse("readers:feedback_item", args=[waiting[0].pk])
        oldest = min(one.sent_at for one in waiting)
        lines.append(
            Task(
                title=f"Answer {words} about the manual",
                url=url if len(waiting) == 1 else reverse("readers:feedback"),
                button="Answer",
                hint=f"Sent {timezone.localtime(oldest):%-d %B}" if len(waiting) == 1 else "",
            )
        )
    for edition in to_confirm(user):
        assert edition.page is not None
        on = timezone.localtime(edition.published_at)
        # A chapter that is local to another of their partnerships is there on that one's host name alone.
        elsewhere = edition.page.partnership_id not in (None, acting.partnership_id)
        url = page_link(edition.page, edition.page.partnership) if elsewhere else path_of(edition.page)
        lines.append(Task(f"Read what has changed in {edition.name}", url, "Read", f"Changed {on:%-d %B}"))
    return lines


def feedback_waiting(user: User) -> list[Feedback]:
    """Open reports that are this person's task: about chapters that they keep, and as a manager those that have no
    owner who can see them."""
    managed = [one.partnership_id for one in policy.held_by(user) if one.role == Role.BUSINESS_MANAGER]
    theirs = Q(page__keeper=user.pk) | Q(partnership__in=managed)
    if not Feedback.objects.open().filter(theirs).exists():
        return []
    rows = policy.feedback_for(user).open().filter(theirs)
    rows = rows.select_related("page__keeper").defer("text", "answer", "page__body", "page__boxes")
    seen_by: dict[UUID, set[UUID]] = {}
    found = []
    for row in rows.order_by("sent_at"):
        keeper = row.page.keeper if row.page else None
        if keeper and keeper.pk != user.pk:
            if keeper.pk not in seen_by:
                seen_by[keeper.pk] = set(policy.feedback_for(keeper).open().values_list("pk", flat=True))
            if row.pk in seen_by[keeper.pk]:
                continue
        found.append(row)
    return found
