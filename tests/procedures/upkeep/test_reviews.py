"""Review dates: the owner is reminded before, on and after the day, once each; the report shows what is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Membership
from portal.outbox import guards
from portal.outbox.models import Message
from portal.reminders.jobs import chase
from procedures.models import ChapterPage
from procedures.upkeep.models import Review
from tests.cast import Cast
from tests.procedures.upkeep.conftest import draft_of

pytestmark = pytest.mark.django_db


def publish(page: ChapterPage, **values: object) -> ChapterPage:
    draft = draft_of(page)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save_revision().publish()
    return ChapterPage.objects.get(pk=page.pk)


def morning(day: date) -> datetime:
    """Nine in London, an hour after the reminders of the day."""
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC)


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def reminders() -> list[str]:
    return sorted(Message.objects.filter(notice="manual_review").values_list("to", flat=True))


def test_the_owner_is_reminded_before_on_and_after_once_each(cast: Cast, bruises: ChapterPage) -> None:
    due = in_days(100)
    publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    expected = 0
    for days in (-60, -28, -27, -7, 0, 7, 28, 60):
        moment = morning(due + timedelta(days=days))
        chase(moment)
        chase(moment)
        expected += days in (-28, -7, 0, 7, 28)
        assert reminders() == [cast.lead_hos.person.email] * expected, days


def test_an_owner_who_has_left_is_not_reminded_and_the_business_managers_are(
    cast: Cast, bruises: ChapterPage
) -> None:
    due = in_days(40)
    publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    Membership.objects.filter(person=cast.lead_hos.person).update(ended_at=timezone.now())
    chase(morning(due))
    assert reminders() == sorted([cast.manager.person.email, cast.eller_manager.person.email])


def test_a_local_chapter_is_nobody_elses_business(cast: Cast, bruises: ChapterPage) -> None:
    due = in_days(40)
    publish(bruises, review_by=due, partnership=cast.eller)
    chase(morning(due))
    assert reminders() == [cast.eller_manager.person.email]


def test_an_owner_from_another_partnership_is_not_told_of_a_local_chapter(
    cast: Cast, bruises: ChapterPage
) -> None:
    due = in_days(40)
    publish(bruises, review_by=due, partnership=cast.eller, keeper=cast.lead_hos.person)
    chase(morning(due))
    assert reminders() == [cast.eller_manager.person.email]


def test_a_new_date_ends_the_old_reminders_and_starts_new_ones(cast: Cast, bruises: ChapterPage) -> None:
    due = in_days(40)
    publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    chase(morning(due))
    publish(bruises, review_by=due)
    chase(morning(due))
    assert len(reminders()) == 1, "publishing again with the same date reminds nobody twice"
    publish(bruises, review_by=due + timedelta(days=365))
    chase(morning(due + timedelta(days=28)))
    assert len(reminders()) == 1
    chase(morning(due + timedelta(days=365)))
    assert len(reminders()) == 2
    assert Review.objects.count() == 1


@pytest.mark.parametrize("gone", ["unpublished", "undated", "withdrawn", "deleted"])
def test_nobody_is_reminded_of_what_is_gone(cast: Cast, bruises: ChapterPage, gone: str) -> None:
    due = in_days(40)
    page = publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    if gone == "unpublished":
        page.unpublish()
    elif gone == "undated":
        publish(page, review_by=None)
    elif gone == "withdrawn":
        publish(page, withdrawn_at=timezone.now())
    else:
        page.delete()
    chase(morning(due))
    assert reminders() == []


def test_a_reminder_is_withheld_when_its_reason_has_gone_meanwhile(cast: Cast, bruises: ChapterPage) -> None:
    due = in_days(40)
    page = publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    chase(morning(due))
    message = Message.objects.get(notice="manual_review")
    assert guards.allows(message)
    Membership.objects.filter(person=cast.lead_hos.person).update(ended_at=timezone.now())
    assert not guards.allows(message)
    Membership.objects.filter(person=cast.lead_hos.person).update(ended_at=None)
    page.unpublish()
    assert not guards.allows(message)


def test_a_reminder_says_which_chapter_and_when(cast: Cast, bruises: ChapterPage) -> None:
    due = in_days(40)
    publish(bruises, review_by=due, keeper=cast.lead_hos.person)
    chase(morning(due + timedelta(days=8)))
    message = Message.objects.get(notice="manual_review")
    assert message.subject == "The review of a chapter is overdue: 6 Bruises on babies"
    assert bruises.get_url() in message.text


def test_the_report_and_the_desk_show_what_is_due_undated_and_without_an_owner(
    bea: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    publish(bruises, review_by=in_days(-3), keeper=cast.lead_hos.person)
    Membership.objects.filter(person=cast.lead_hos.person).update(ended_at=timezone.now())
    html = bea.get("/cms/upkeep/reviews/").content.decode()
    assert "Overdue (1)" in html
    assert "the owner has left" in html
    assert "Without a review date (1)" in html
    assert f"/cms/pages/{missing.pk}/edit/" in html
    desk = bea.get("/cms/").content.decode()
    assert "Chapters due for review (1)" in desk
    assert "6 Bruises on babies" in desk


def test_the_report_leaves_out_what_is_local_to_others(
    bea: Client, jo: Client, cast: Cast, bruises: ChapterPage
) -> None:
    publish(bruises, review_by=in_days(-3), partnership=cast.eller)
    for address in ("/cms/upkeep/reviews/", "/cms/"):
        assert "Bruises" not in bea.get(address).content.decode()
        assert "Bruises" in jo.get(address).content.decode()


def test_reports_of_an_empty_manual_say_so(bea: Client, manual: object) -> None:
    assert "No chapter has been published yet" in bea.get("/cms/upkeep/reviews/").content.decode()
    assert "No link inside the portal is broken" in bea.get("/cms/upkeep/links/").content.decode()
    assert "No chapter is due within four weeks" in bea.get("/cms/").content.decode()
