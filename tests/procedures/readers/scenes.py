"""What the tests of readers do again and again: report, amend, hide, deliver."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.accounts.models import Membership, Partnership
from portal.outbox.jobs import deliver
from procedures.editing.models import Edition
from procedures.models import ChapterPage
from procedures.readers import services
from procedures.readers.models import Feedback, Outcome
from procedures.readers.services import Place
from tests.procedures.conftest import publish

CANARY = "CanaryTypedByAReader"
LOCAL = """9 Only in Ellerfold

1. Whom to ring

The Ellerfold desk.

2. When

Always.
"""


def section_of(page: ChapterPage, place: int = 1) -> Any:
    return page.sections()[place]


def address(page: ChapterPage, place: int = 1) -> str:
    return f"/readers/report/{page.pk}/{section_of(page, place).anchor}/"


def hidden(html: str, name: str) -> str:
    """The value of a hidden field of a page's form."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    return found[1] if found else ""


def report(client: Client, page: ChapterPage, text: str = CANARY, **more: str) -> Any:
    """Opens the form, fills it in and sends it."""
    html = client.get(address(page)).content.decode()
    fields = {"key": hidden(html, "key"), "as_member": hidden(html, "as_member"), "text": text, **more}
    return client.post(address(page), fields)


def reported(
    page: ChapterPage, member: Membership | None = None, partnership: Partnership | None = None, to: str = ""
) -> Feedback:
    """A report that is there already, sent by a member or by somebody without an account."""
    section = section_of(page)
    where = partnership or (member.partnership if member else None)
    assert where is not None
    return services.report(
        Place(page, section.anchor, section.name),
        CANARY,
        key=uuid4(),
        partnership=where,
        person=member.person if member else None,
        address=to,
        sender="192.0.2.7",
    )


def answered(feedback: Feedback, actor: Membership, words: str = "CanaryTypedInAnswer") -> Feedback:
    services.answer(feedback, Outcome.CHANGED, words, actor)
    return feedback


def amend(page: ChapterPage, what: str = "Ring within 12 hours.", *, must_read: bool = False) -> Edition:
    """Publishes a change, with its note."""
    draft = page.get_latest_revision_as_object()
    draft.change_what, draft.change_why, draft.must_read = what, "A review asked for it.", must_read
    draft.save_revision().publish()
    edition = Edition.objects.filter(page=page).first()
    assert edition is not None
    return edition


def make_private(page: ChapterPage) -> Group:
    """From now on only people of a group read this chapter."""
    group = Group.objects.create(name="A few")
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(group)
    return group


def make_local(page: ChapterPage, partnership: Partnership) -> ChapterPage:
    """From now on the chapter belongs to one partnership."""
    draft = page.get_latest_revision_as_object()
    draft.partnership = partnership
    draft.save_revision().publish()
    page.refresh_from_db()
    return page


def local_chapter(parent: Any, partnership: Partnership) -> ChapterPage:
    return make_local(publish(LOCAL, parent), partnership)


def leave(member: Membership) -> None:
    """The last day of this membership was yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(pk=member.pk).update(ends_on=yesterday)


def delivered() -> list[Any]:
    """What goes out now, as (address, subject and words)."""
    mail.outbox.clear()
    deliver(limit=500)
    return [(one.to[0], f"{one.subject}\n{one.body}\n{one.alternatives[0].content}") for one in mail.outbox]
