"""Following chapters, and the digest of what was amended in them."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Membership, Role
from portal.outbox.models import Message
from portal.schedule import registered
from procedures.models import ChapterPage, ManualIndexPage
from procedures.readers import jobs, services
from procedures.readers.models import Digest, Subscription
from tests.cast import Cast, client_for
from tests.procedures.conftest import publish
from tests.procedures.readers.scenes import (
    amend,
    delivered,
    leave,
    local_chapter,
    make_local,
    make_private,
)

pytestmark = pytest.mark.django_db
MINE = "/readers/mine/"


def tomorrow(days: int = 1) -> datetime:
    """Eight in the morning, some days from now."""
    local = timezone.localtime() + timedelta(days=days)
    return local.replace(hour=8, minute=0)


def send(days: int = 1) -> int:
    return jobs.send_digests(tomorrow(days))


def follow(client: Client, at: Any, chosen: Any = None) -> Any:
    return client.post(f"/readers/follow/{at.pk}/", {"page": str((chosen or at).pk)})


# ---- Following --------------------------------------------------------------------------------------------------


def test_a_member_follows_from_the_head_of_a_chapter_and_ends_it_among_their_own(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    priya = client_for(cast.practitioner)
    assert "You follow nothing yet" in priya.get(MINE).content.decode()
    assert f'href="/readers/follow/{bruises.pk}/"' in priya.get(bruises.get_url()).content.decode()
    offered = priya.get(f"/readers/follow/{bruises.pk}/").content.decode()
    assert "This chapter: 6 Bruises on babies" in offered
    assert "All chapters in “Manual of the valley”" in offered
    assert follow(priya, bruises, manual).status_code == 302
    follow(priya, bruises, manual)
    row = Subscription.objects.get()
    assert (row.person, row.page_id) == (cast.practitioner.person, manual.pk)
    assert "Manual of the valley" in priya.get(MINE).content.decode()
    assert client_for(cast.chair).post(f"{MINE}{row.pk}/end/").status_code == 302
    assert Subscription.objects.exists()  # it was not theirs
    priya.post(f"{MINE}{row.pk}/end/")
    assert not Subscription.objects.exists()


def test_a_reader_without_an_account_is_offered_nothing_to_follow(cast: Cast, bruises: ChapterPage) -> None:
    stranger = Client(HTTP_HOST=cast.tarn.hostname)
    assert "/readers/follow/" not in stranger.get(bruises.get_url()).content.decode()
    assert "/sign-in/" in stranger.get(f"/readers/follow/{bruises.pk}/")["Location"]
    assert "/sign-in/" in follow(stranger, bruises)["Location"]
    assert not Subscription.objects.exists()


def test_one_follows_nothing_that_one_may_not_read_and_nothing_that_is_not_offered(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    local = local_chapter(manual, cast.eller)
    make_private(bruises)
    priya = client_for(cast.practitioner)
    for page in (bruises, local, manual.get_parent()):
        assert priya.get(f"/readers/follow/{page.pk}/").status_code == 404
        assert follow(priya, page).status_code == 404
    assert follow(priya, missing, bruises).status_code == 200  # asked again
    assert priya.post(f"/readers/follow/{missing.pk}/", {"page": "x"}).status_code == 200
    assert not Subscription.objects.exists()


def test_what_one_follows_and_may_no_longer_read_is_not_named(cast: Cast, bruises: ChapterPage) -> None:
    services.follow(bruises, cast.practitioner.person)
    make_private(bruises)
    html = client_for(cast.practitioner).get(MINE).content.decode()
    assert "A page that you can no longer read" in html
    assert "Bruises" not in html


# ---- The digest -------------------------------------------------------------------------------------------------


def test_a_follower_of_the_manual_gets_one_mail_with_what_and_why(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    services.follow(manual, cast.practitioner.person)
    amend(bruises, "Ring within 12 hours.", must_read=True)
    amend(missing, "The police decide within a day.")
    assert send() == 1
    ((to, words),) = delivered()
    assert to == cast.practitioner.person.email
    for text in (
        "6 Bruises on babies",
        "Ring within 12 hours.",
        "A review asked for it.",
        "everybody must read",
    ):
        assert text in words
    assert "The police decide within a day." in words
    assert f"http://localhost{bruises.get_url()}" in words
    assert f"http://localhost{MINE}" in words


def test_nothing_new_is_no_mail_and_one_mail_a_day_is_the_most(cast: Cast, bruises: ChapterPage) -> None:
    services.follow(bruises, cast.practitioner.person)
    assert send() == 0
    amend(bruises)
    assert [send(), send(), jobs.send_digests(tomorrow() + timedelta(hours=9))] == [1, 0, 0]
    assert send(2) == 0
    assert send(3) == 0
    assert len(delivered()) == 1


def test_what_was_told_is_not_told_again_and_the_next_change_is(cast: Cast, bruises: ChapterPage) -> None:
    services.follow(bruises, cast.practitioner.person)
    amend(bruises, "The first change.")
    send()
    Digest.objects.update(until=timezone.now())  # as if it had been this morning's
    amend(bruises, "The second change.")
    assert send(2) == 1
    first, second = (words for _, words in delivered())
    assert ("The first change." in first, "The second change." in first) == (True, False)
    assert ("The first change." in second, "The second change." in second) == (False, True)


def test_a_digest_tells_what_was_published_before_seven_and_waits_until_that_is_settled() -> None:
    morning = timezone.localtime().replace(hour=7, minute=0, second=0, microsecond=0)
    before = morning - timedelta(days=1)
    assert services.digest_until(morning) == before
    assert services.digest_until(morning + timedelta(minutes=9)) == before
    assert services.digest_until(morning + timedelta(minutes=10)) == morning
    assert services.digest_until(morning + timedelta(hours=23)) == morning


def test_only_what_one_follows_and_what_came_afterwards(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    amend(bruises, "Before the following began.")
    services.follow(bruises, cast.practitioner.person)
    amend(missing, "Of another chapter.")
    assert send() == 0
    services.follow(missing, cast.chair.person)
    assert send() == 0


def test_a_part_of_the_manual_can_be_followed_by_itself(cast: Cast, manual: ManualIndexPage) -> None:
    part = ManualIndexPage(title="Health", slug="health")
    manual.add_child(instance=part)
    inside = publish("11 Inside\n\n1. One\n\nText.\n", part)
    outside = publish("12 Outside\n\n1. One\n\nText.\n", manual)
    services.follow(part, cast.practitioner.person)
    amend(inside)
    amend(outside)
    send()
    ((_, words),) = delivered()
    assert "11 Inside" in words
    assert "12 Outside" not in words


def test_a_private_chapter_is_in_nobodys_digest_who_may_not_read_it(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    make_private(bruises).user_set.add(cast.chair.person)
    for member in (cast.practitioner, cast.chair):
        services.follow(manual, member.person)
    amend(bruises)
    assert send() == 1
    ((to, words),) = delivered()
    assert to == cast.chair.person.email
    assert "Bruises" in words


def test_local_chapters_are_told_to_their_partnerships_people_alone(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    page = local_chapter(manual, cast.eller)
    for member in (cast.practitioner, cast.manager, cast.eller_practitioner):
        services.follow(manual, member.person)
    amend(page, "A new desk.")
    amend(bruises)
    assert send() == 3
    for to, words in delivered():
        assert ("A new desk." in words) == (to == cast.eller_practitioner.person.email)
        assert "Bruises" in words
        if "A new desk." in words:
            assert f"http://ellerfold.localhost{page.get_url()}" in words


def test_somebody_in_two_partnerships_is_told_of_both(cast: Cast, manual: ManualIndexPage) -> None:
    page = local_chapter(manual, cast.eller)
    Membership.objects.create(
        person=cast.practitioner.person,
        agency=cast.agency("ELC"),
        partnership=cast.eller,
        role=Role.PRACTITIONER,
    )
    services.follow(manual, cast.practitioner.person)
    amend(page)
    assert send() == 1


def test_somebody_who_has_left_or_whose_account_is_closed_gets_none(cast: Cast, bruises: ChapterPage) -> None:
    for member in (cast.practitioner, cast.chair):
        services.follow(bruises, member.person)
    amend(bruises)
    leave(cast.practitioner)
    cast.chair.person.is_active = False
    cast.chair.person.save()
    assert send() == 0


@pytest.mark.parametrize("happens", ["left", "private", "local", "unpublished", "ended"])
def test_rights_are_asked_again_when_the_mail_goes_out(
    cast: Cast, bruises: ChapterPage, happens: str
) -> None:
    services.follow(bruises, cast.practitioner.person)
    amend(bruises)
    assert send() == 1
    if happens == "left":
        leave(cast.practitioner)
    elif happens == "private":
        make_private(bruises)
    elif happens == "local":
        make_local(bruises, cast.eller)
    elif happens == "unpublished":
        bruises.unpublish()
    else:
        services.unfollow(cast.practitioner.person)
    assert delivered() == []
    assert Message.objects.get().state == "withheld"


def test_what_else_was_in_a_withheld_digest_is_told_the_next_day(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    services.follow(manual, cast.practitioner.person)
    amend(bruises)
    amend(missing)
    send()
    make_private(bruises)
    assert delivered() == []
    assert send() == 0  # not the same day
    assert send(2) == 1
    ((_, words),) = delivered()
    assert "Children who go missing" in words
    assert "Bruises" not in words


def test_the_link_in_the_mail_ends_it_all_without_signing_in_but_not_by_being_looked_at(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    for page in (manual, bruises):
        services.follow(page, cast.practitioner.person)
    services.follow(bruises, cast.chair.person)
    amend(bruises)
    send()
    words = dict(delivered())[cast.practitioner.person.email]
    found = re.search(r"http://localhost(/readers/unsubscribe/\?token=\S+)", words)
    assert found is not None
    anybody = Client(HTTP_HOST=cast.tarn.hostname, enforce_csrf_checks=True)
    assert "Stop these e-mails" in anybody.get(found[1]).content.decode()
    assert Subscription.objects.count() == 3
    assert "no more e-mails" in anybody.post(found[1]).content.decode()
    assert anybody.post(found[1]).status_code == 200
    assert [row.person for row in Subscription.objects.all()] == [cast.chair.person]
    for token in ("", "x", str(cast.chair.person_id)):
        assert anybody.post(f"/readers/unsubscribe/?token={token}").status_code == 404
    assert Subscription.objects.exists()


def test_the_digest_is_on_the_table_of_recurring_jobs() -> None:
    assert "procedures.readers.services.send_digests" in {job.path for job in registered()}


def test_a_thousand_who_have_nothing_new_cost_a_few_queries(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage, django_assert_max_num_queries: Any
) -> None:
    for member in cast.members.values():
        services.follow(missing, member.person)
    amend(bruises)
    with django_assert_max_num_queries(4):
        assert send() == 0
