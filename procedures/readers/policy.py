"""Who may see what readers report, who is asked to read a change, and who may look whether they have.

Everything stands on the manual's privacy: a chapter that somebody may not read is not named to them here either.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from wagtail.models import BaseViewRestriction, Page

from portal.accounts import policy as accounts
from portal.accounts.models import Membership, Partnership, Role, User
from portal.audit import services as audit
from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader, hidden_paths
from procedures.readers.models import Feedback, FeedbackQuerySet

# What a list of editions does not need: the text, then and now.
LARGE = ("rendered", "page__body", "page__boxes")
NOBODY: Q = Q(pk__in=[])
ANY: Q = Q(pk__isnull=False)  # an empty Q would count for nothing in "this or that"


# ---- Reading, for somebody who is not asking just now (a mail, a list) -----------------------------------------


def held_by(user: User) -> list[Membership]:
    """The person's current memberships, by partnership."""
    return list(
        Membership.objects.current()
        .filter(person=user.pk)
        .select_related("partnership", "agency")
        .order_by("partnership_id")
    )


def readers_of(user: User) -> list[Reader]:
    """The person as a reader of each partnership that they belong to today; none for somebody who has left."""
    return [Reader(user, partnership_id) for partnership_id, _ in _by_partnership(held_by(user))]


def may_read_somewhere(user: User, pages: Iterable[Page]) -> set[int]:
    """Keys of those pages that are live and that the person may read in one of their partnerships."""
    hidden = [hidden_paths(reader) for reader in readers_of(user)]
    return {
        page.pk
        for page in pages
        if page.live and any(not any(page.path.startswith(path) for path in paths) for paths in hidden)
    }


def readers_among(page: ChapterPage, members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of the memberships in which their holder may read the page: `privacy.may_read`, asked of many."""
    for restriction in page.get_view_restrictions():
        if restriction.restriction_type == BaseViewRestriction.GROUPS:
            allowed = User.objects.filter(
                Q(is_superuser=True) | Q(groups__in=restriction.groups.all()), pk=OuterRef("person")
            )
            members = members.filter(Exists(allowed))
        elif restriction.restriction_type != BaseViewRestriction.LOGIN:
            return members.none()
    local = ManualIndexPage.objects.ancestor_of(page).filter(partnership__isnull=False)
    for partnership_id in {page.partnership_id, *local.values_list("partnership_id", flat=True)} - {None}:
        members = members.filter(partnership=partnership_id)
    return members


def _by_partnership(members: list[Membership]) -> Iterable[tuple[UUID, list[Membership]]]:
    for partnership_id, held in groupby(members, key=lambda member: member.partnership_id):
        yield partnership_id, list(held)


def _not_hidden(reader: Reader) -> Q:
    hidden = Q()
    for path in hidden_paths(reader):
        hidden |= Q(page__path__startswith=path)
    return ~hidden if hidden else ANY


# ---- Reports ---------------------------------------------------------------------------------------------------


def feedback_for(user: User) -> FeedbackQuerySet:
    """The reports that a person may see and answer: those of partnerships that they manage, and those about chapters
    that they keep, as far as they may read the chapter themselves."""
    rights = NOBODY
    for partnership_id, held in _by_partnership(held_by(user)):
        theirs = Q(page__keeper=user.pk)
        if accounts.managing(held):
            theirs |= Q(partnership=partnership_id)
        rights |= theirs & _not_hidden(Reader(user, partnership_id))
    return Feedback.objects.filter(rights)


def sent_by(user: User) -> FeedbackQuerySet:
    """A person's own reports, about chapters that they may still read."""
    rights = NOBODY
    for reader in readers_of(user):
        rights |= _not_hidden(reader)
    return Feedback.objects.filter(rights, person=user.pk)


def feedback_or_404(user: User, feedback_id: UUID, *, acting: Membership | None = None) -> Feedback:
    """A report that the person may answer. Raises Http404 for any other, and records that."""
    rows = feedback_for(user).select_related("page", "partnership", "person", "answered_by__person")
    found = rows.filter(pk=feedback_id).first()
    if found is None:
        audit.record("refused", actor=acting, kind="manual feedback", ref=str(feedback_id))
        raise Http404
    return found


def may_open_feedback(user: User, memberships: Iterable[Membership]) -> bool:
    """Whether the list of reports is this person's at all: who manages a partnership, or keeps a chapter."""
    return bool(accounts.managing(memberships)) or ChapterPage.objects.filter(keeper=user.pk).exists()


def answering_membership(feedback: Feedback, memberships: Iterable[Membership]) -> Membership:
    """In which of their memberships a person answers: one of the report's partnership where there is one.

    Raises PermissionDenied for somebody who has none at all.
    """
    held = sorted(memberships, key=lambda member: member.partnership_id != feedback.partnership_id)
    if not held:
        raise PermissionDenied
    return accounts.manager_in(held, feedback.partnership) or held[0]


def owners_of(feedback: Feedback) -> list[User]:
    """Whose task a report is: the chapter's owner while they still may see it, else the business managers of the
    partnership in which it was sent."""
    keeper = feedback.page.keeper if feedback.page else None
    if keeper and feedback_for(keeper).filter(pk=feedback.pk).exists():
        return [keeper]
    managers = User.objects.filter(
        Exists(
            Membership.objects.current().filter(
                person=OuterRef("pk"), partnership=feedback.partnership_id, role=Role.BUSINESS_MANAGER
            )
        )
    )
    return [one for one in managers if feedback_for(one).filter(pk=feedback.pk).exists()]


# ---- Read and understood ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """Whose reading somebody may look at: a partnership's people, or those of one agency in it."""

    membership: Membership
    whole: bool

    @property
    def partnership(self) -> Partnership:
        return self.membership.partnership

    def members(self) -> QuerySet[Membership]:
        """The current memberships in it."""
        members = Membership.objects.current().filter(partnership=self.membership.partnership_id)
        return members if self.whole else members.filter(agency=self.membership.agency_id)


def scope_of(memberships: Iterable[Membership], acting: Membership | None, partnership: Partnership) -> Scope:
    """What the person may look at on this host: as a manager the partnership, as an agency's lead that agency.

    Raises PermissionDenied for everybody else.
    """
    watching = [one for one in memberships if one.role in {*accounts.MANAGING_ROLES, Role.AGENCY_LEAD}]

    def preference(member: Membership) -> tuple[bool, bool, bool]:
        managing = member.role in accounts.MANAGING_ROLES
        return member.partnership_id != partnership.pk, not managing, member != acting

    chosen = min(watching, key=preference, default=None)
    if chosen is None:
        raise PermissionDenied
    return Scope(chosen, chosen.role in accounts.MANAGING_ROLES)


def asked_editions() -> QuerySet[Edition]:
    """Editions that people are asked to confirm: of each live chapter the latest that must be read. A later one takes
    the place of the one before, which nobody is asked for any more."""
    later = Edition.objects.filter(
        page=OuterRef("page"), must_read=True, published_at__gt=OuterRef("published_at")
    )
    asked = Edition.objects.filter(must_read=True, page__live=True, page__withdrawn_at__isnull=True)
    return asked.exclude(Exists(later)).select_related("page").defer(*LARGE)


def editions_in(scope: Scope) -> list[Edition]:
    """The editions of `asked_editions` that whoever looks may read themselves, in the partnership they look at."""
    hidden = hidden_paths(Reader(scope.membership.person, scope.partnership.pk))
    return [
        edition
        for edition in asked_editions()
        if edition.page and not any(edition.page.path.startswith(path) for path in hidden)
    ]


def edition_or_404(scope: Scope, edition_id: UUID) -> Edition:
    """One of `editions_in`. Raises Http404 for any other, and records that."""
    found = next((edition for edition in editions_in(scope) if edition.pk == edition_id), None)
    if found is None:
        audit.record("refused", actor=scope.membership, kind="must read", ref=str(edition_id))
        raise Http404
    return found


def managing_scope(scope: Scope) -> Scope:
    """The same for acts that are the managers' alone. Raises PermissionDenied for an agency's lead."""
    if not scope.whole:
        audit.record("refused", actor=scope.membership, kind="must read", ref="")
        raise PermissionDenied
    return scope
