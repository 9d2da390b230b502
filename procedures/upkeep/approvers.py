"""Who may approve a change of a page of the manual: the policy behind the workflow's task.

It is no policy.py, because the task is a model, and what a model asks must lie below the models.
"""

from collections.abc import Iterable
from uuid import UUID

from wagtail.models import Page, Revision

from portal.accounts.models import Membership, User
from portal.accounts.policy import MANAGING_ROLES
from procedures.models import ManualIndexPage


def partnerships_of(page: Page) -> set[UUID]:
    """The partnerships that a page is local to, as it is and as its draft says, its parts above included; empty for a
    page that everybody shares."""
    specific = page.specific
    draft = specific.get_latest_revision_as_object()
    above = ManualIndexPage.objects.ancestor_of(page).values_list("partnership_id", flat=True)
    found = {getattr(specific, "partnership_id", None), getattr(draft, "partnership_id", None), *above}
    return {one for one in found if one}


def managers_of(page: Page) -> list[User]:
    """Those who manage every partnership that the page is local to; for a shared page, those who manage any."""
    local = partnerships_of(page)
    memberships = Membership.objects.current().filter(role__in=MANAGING_ROLES).select_related("person")
    managed: dict[UUID, set[UUID]] = {}
    people: dict[UUID, User] = {}
    for membership in memberships:
        managed.setdefault(membership.person_id, set()).add(membership.partnership_id)
        people[membership.person_id] = membership.person
    found = [person for key, person in people.items() if local <= managed[key]]
    return sorted(found, key=lambda person: (person.last_name, person.first_name, person.email))


def unpublished_revisions(page: Page) -> Iterable[Revision]:
    """The revisions whose words no reader has seen, oldest first: all that came after the published one."""
    revisions = page.revisions.order_by("created_at", "pk")
    live = page.live_revision
    return list(revisions.filter(created_at__gt=live.created_at) if live else revisions)


def approvers(page: Page) -> list[User]:
    """Those who may approve the draft of a page as it stands, by surname.

    Nobody whose words are in it: neither who saved it last nor anybody who saved it since the last publication, nor
    who submitted it. Where everybody who manages has had a hand in it, that would be nobody for ever; then those may
    who neither saved it last nor submitted it, since a colleague has worked through their words.
    """
    managers = managers_of(page)
    revisions = list(unpublished_revisions(page))
    state = page.current_workflow_state
    submitted_by = {state.requested_by_id} if state else set()
    worked = {one.user_id for one in revisions} | submitted_by
    strict = [person for person in managers if person.pk not in worked]
    if strict:
        return strict
    last = {revisions[-1].user_id} if revisions else set()
    return [person for person in managers if person.pk not in last | submitted_by]


def may_approve(user: User, page: Page) -> bool:
    """Whether this person may approve the draft of a page as it stands."""
    return any(person.pk == user.pk for person in approvers(page))
