"""Read and understood: who is asked, who has said so, and who may look."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from portal.accounts.models import Membership, Role
from portal.audit.models import AccessEvent
from portal.outbox.models import Message
from portal.spreadsheet import read_rows
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader, may_read
from procedures.readers import policy, services
from procedures.readers.models import Chase, Confirmation
from tests.cast import Cast, client_for
from tests.procedures.readers.scenes import (
    amend,
    delivered,
    leave,
    local_chapter,
    make_local,
    make_private,
)

pytestmark = pytest.mark.django_db
LIST = "/readers/must-read/"
TEMPLATE = "procedures/readers/must_read_banner.html"
BANNER = "Everybody is asked to read it"


def confirm(member: Membership, edition: Any) -> Any:
    return client_for(member).post(f"/readers/confirm/{edition.pk}/")


# ---- The banner -------------------------------------------------------------------------------------------------


def test_who_has_not_confirmed_is_asked_at_the_head_of_the_chapter_and_on_my_work_until_they_do(
    cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises, must_read=True)
    priya = client_for(cast.practitioner)
    html = priya.get(bruises.get_url()).content.decode()
    assert BANNER in html
    assert "Ring within 12 hours." in html
    assert "Read what has changed in 6 Bruises on babies" in priya.get("/my-work/").content.decode()
    response = priya.post(f"/readers/confirm/{edition.pk}/")
    assert response["Location"] == bruises.get_url()
    after = priya.get(bruises.get_url()).content.decode()
    assert BANNER not in after
    assert "It is recorded" in after
    work = priya.get("/my-work/").content.decode()
    assert "Read what has changed" not in work
    assert "amended (must read)" in work
    row = Confirmation.objects.get()
    assert (row.edition, row.person, row.membership) == (edition, cast.practitioner.person, cast.practitioner)
    assert BANNER in client_for(cast.chair).get(bruises.get_url()).content.decode()


def test_nobody_is_asked_for_an_ordinary_change_and_no_stranger_for_any(
    cast: Cast, bruises: ChapterPage
) -> None:
    amend(bruises)
    assert BANNER not in client_for(cast.practitioner).get(bruises.get_url()).content.decode()
    assert "amended (must read)" not in client_for(cast.practitioner).get("/my-work/").content.decode()
    amend(bruises, must_read=True)
    assert BANNER not in Client(HTTP_HOST=cast.tarn.hostname).get(bruises.get_url()).content.decode()


def test_confirming_twice_is_confirming_once(cast: Cast, bruises: ChapterPage) -> None:
    edition = amend(bruises, must_read=True)
    assert [confirm(cast.practitioner, edition).status_code for _ in range(2)] == [302, 302]
    assert Confirmation.objects.count() == 1
    assert client_for(cast.practitioner).get(f"/readers/confirm/{edition.pk}/").status_code == 405


def test_a_later_change_takes_the_place_of_the_earlier_and_asks_everybody_anew(
    cast: Cast, bruises: ChapterPage
) -> None:
    first = amend(bruises, "The first.", must_read=True)
    confirm(cast.practitioner, first)
    second = amend(bruises, "The second.", must_read=True)
    for member in (cast.practitioner, cast.chair):
        html = client_for(member).get(bruises.get_url()).content.decode()
        assert "The second." in html
        assert "The first." not in html.partition("Latest amendments")[0]
    late = client_for(cast.chair)  # the page with the first was still open
    late.post(f"/readers/confirm/{first.pk}/")
    assert "has changed again since" in late.get(bruises.get_url()).content.decode()
    assert not Confirmation.objects.filter(person=cast.chair.person).exists()
    confirm(cast.chair, second)
    assert Confirmation.objects.count() == 2


def test_an_ordinary_change_afterwards_does_not_lift_the_question(cast: Cast, bruises: ChapterPage) -> None:
    amend(bruises, "Must be read.", must_read=True)
    amend(bruises, "A comma.")
    html = client_for(cast.practitioner).get(bruises.get_url()).content.decode()
    assert "Must be read." in html


def test_one_confirms_nothing_that_one_may_not_read_and_nothing_ordinary(
    cast: Cast, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    private, ordinary = amend(bruises, must_read=True), amend(missing)
    make_private(bruises)
    local = amend(local_chapter(manual, cast.eller), must_read=True)
    for edition in (private, ordinary, local):
        assert confirm(cast.practitioner, edition).status_code == 404
    assert "Bruises" not in client_for(cast.practitioner).get("/my-work/").content.decode()
    assert confirm(cast.eller_practitioner, local).status_code == 302
    assert Confirmation.objects.count() == 1


def test_a_chapter_that_is_taken_down_is_asked_of_nobody(cast: Cast, bruises: ChapterPage) -> None:
    edition = amend(bruises, must_read=True)
    bruises.unpublish()
    assert confirm(cast.practitioner, edition).status_code == 404
    assert "Read what has changed" not in client_for(cast.practitioner).get("/my-work/").content.decode()
    assert "No change has to be read" in client_for(cast.manager).get(LIST).content.decode()


def test_the_banner_costs_two_queries_and_a_stranger_none(
    cast: Cast, bruises: ChapterPage, django_assert_num_queries: Any, rf: Any
) -> None:
    amend(bruises, must_read=True)
    request = rf.get("/")
    request.user, request.verified = cast.practitioner.person, True

    def head() -> str:
        return render_to_string(TEMPLATE, {"page_id": bruises.pk, "request": request})

    with django_assert_num_queries(2):  # which edition, and whether this person has confirmed it
        assert BANNER in head()
    request.verified = False
    with django_assert_num_queries(0):
        assert not head().strip()


# ---- The list ---------------------------------------------------------------------------------------------------


def test_the_manager_sees_who_in_which_agency_has_and_has_not(cast: Cast, bruises: ChapterPage) -> None:
    bea = client_for(cast.manager)
    assert "No change has to be read" in bea.get(LIST).content.decode()
    edition = amend(bruises, must_read=True)
    confirm(cast.lead_csc, edition)
    listed = bea.get(LIST).content.decode()
    assert "6 Bruises on babies" in listed
    assert "1 of 14 (7%)" in listed
    html = bea.get(f"{LIST}{edition.pk}/").content.decode()
    assert "1 of 2" in html  # social care: its lead and the chair
    assert "50%" in html
    for name in ("Callum Reid", "Ruth Amadi", "Priya Nair"):
        assert name in html
    for other in ("Lena Holt", "Sam Birk", "Jo Finch"):
        assert other not in html
    theirs = client_for(cast.eller_manager).get(f"{LIST}{edition.pk}/").content.decode()
    assert "Lena Holt" in theirs
    assert "Priya Nair" not in theirs


def test_a_lead_sees_their_own_agency_and_may_neither_remind_nor_take_the_list_away(
    cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises, must_read=True)
    dana = client_for(cast.lead_pol)
    html = dana.get(f"{LIST}{edition.pk}/").content.decode()
    assert "Nina Kowal" in html
    for other in (
        "Priya Nair",
        "Callum Reid",
        "Sam Birk",
    ):  # Sam is the same force's lead in the other partnership
        assert other not in html
    assert "0 of 2 (0%)" in dana.get(LIST).content.decode()
    assert dana.post(f"{LIST}{edition.pk}/remind/").status_code == 403
    assert dana.get(f"{LIST}{edition.pk}/workbook/").status_code == 403
    assert not Chase.objects.exists()
    assert not AccessEvent.objects.filter(verb="exported").exists()


@pytest.mark.parametrize("key", ["practitioner", "chair", "panel", "author", "auditor", "eller_practitioner"])
def test_nobody_else_may_look(cast: Cast, bruises: ChapterPage, key: str) -> None:
    edition = amend(bruises, must_read=True)
    client = client_for(getattr(cast, key))
    for address in (LIST, f"{LIST}{edition.pk}/", f"{LIST}{edition.pk}/workbook/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}{edition.pk}/remind/").status_code == 403


def test_whoever_leaves_is_off_the_list_and_a_role_more_counts_no_person_twice(
    cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises, must_read=True)
    leave(cast.lead_edu)
    Membership.objects.create(
        person=cast.lead_csc.person, agency=cast.agency("CSC"), partnership=cast.tarn, role=Role.PRACTITIONER
    )
    bea = client_for(cast.manager)
    assert "0 of 13 (0%)" in bea.get(LIST).content.decode()
    html = bea.get(f"{LIST}{edition.pk}/").content.decode()
    assert "Tom Ashworth" not in html
    assert html.count("Callum Reid") == 1


def test_a_local_chapter_concerns_its_own_people_and_is_not_listed_elsewhere(
    cast: Cast, manual: ManualIndexPage
) -> None:
    edition = amend(local_chapter(manual, cast.eller), must_read=True)
    bea = client_for(cast.manager)
    assert "Only in Ellerfold" not in bea.get(LIST).content.decode()
    for act in ("", "workbook/"):
        assert bea.get(f"{LIST}{edition.pk}/{act}").status_code == 404
    assert bea.post(f"{LIST}{edition.pk}/remind/").status_code == 404
    assert "Only in Ellerfold" in client_for(cast.eller_manager).get(LIST).content.decode()


def test_a_private_chapter_is_asked_of_its_readers_and_shown_to_a_manager_who_is_one(
    cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises, must_read=True)
    make_private(bruises).user_set.add(cast.chair.person, cast.administrator.person)
    bea = client_for(cast.manager)
    assert "Bruises" not in bea.get(LIST).content.decode()
    assert bea.get(f"{LIST}{edition.pk}/").status_code == 404
    adil = client_for(cast.administrator)
    assert "0 of 2 (0%)" in adil.get(LIST).content.decode()
    html = adil.get(f"{LIST}{edition.pk}/").content.decode()
    assert "Ruth Amadi" in html
    assert "Priya Nair" not in html
    adil.post(f"{LIST}{edition.pk}/remind/")
    assert {to for to, _ in delivered()} == {cast.chair.person.email, cast.administrator.person.email}


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    restrict=st.sampled_from(["", "login", "groups", "password"]),
    above=st.booleans(),
    local=st.sampled_from(["", "TARN", "ELLER"]),
    inside=st.sets(st.sampled_from(["practitioner", "manager", "eller_practitioner", "auditor"])),
)
def test_asked_of_many_is_the_same_as_asked_of_each(
    cast: Cast, bruises: ChapterPage, restrict: str, above: bool, local: str, inside: set[str]
) -> None:
    """`readers_among` must never part from the manual's own privacy."""
    PageViewRestriction.objects.all().delete()
    partnership = {"": None, "TARN": cast.tarn, "ELLER": cast.eller}[local]
    ChapterPage.objects.filter(pk=bruises.pk).update(partnership=None if above else partnership)
    ManualIndexPage.objects.update(partnership=partnership if above else None)
    if restrict:
        place = bruises.get_parent() if above else bruises
        made = PageViewRestriction.objects.create(page=place, restriction_type=restrict, password="x")
        if restrict == "groups":
            group, _ = Group.objects.get_or_create(name="Drawn")
            group.user_set.set([getattr(cast, key).person for key in inside])
            made.groups.add(group)
    page = ChapterPage.objects.get(pk=bruises.pk)
    members = Membership.objects.current()
    found = {member.pk for member in policy.readers_among(page, members)}
    assert found == {one.pk for one in members if may_read(page, Reader(one.person, one.partnership_id))}


# ---- Reminding --------------------------------------------------------------------------------------------------


def test_the_manager_reminds_those_who_have_not_once_a_day(cast: Cast, bruises: ChapterPage) -> None:
    edition = amend(bruises, must_read=True)
    confirm(cast.practitioner, edition)
    bea = client_for(cast.manager)
    address = f"{LIST}{edition.pk}/"
    assert "Remind the 13 who have not" in bea.get(address).content.decode()
    for _ in range(2):
        assert bea.post(f"{address}remind/").status_code == 302
    out = delivered()
    assert len(out) == len({to for to, _ in out}) == 13
    told = {to for to, _ in out}
    assert cast.practitioner.person.email not in told
    assert not {one for one in told if one.endswith("@ellerfold.example")}
    assert all("6 Bruises on babies" in words and "Ring within" not in words for _, words in out)
    html = bea.get(address).content.decode()
    assert "Remind the" not in html
    assert "Last reminder:" in html
    Chase.objects.update(day=timezone.localdate() - timedelta(days=1))
    Message.objects.all().delete()
    bea.post(f"{address}remind/")
    assert len(delivered()) == 13


def test_where_everybody_has_read_it_nobody_is_reminded(cast: Cast, bruises: ChapterPage) -> None:
    edition = amend(bruises, must_read=True)
    for member in cast.members.values():
        services.confirm(edition, member)
    bea = client_for(cast.manager)
    bea.post(f"{LIST}{edition.pk}/remind/")
    html = bea.get(f"{LIST}{edition.pk}/").content.decode()
    assert "There is nobody to remind" in html
    assert "100%" in html
    assert delivered() == []
    assert not Chase.objects.exists()


@pytest.mark.parametrize("happens", ["confirmed", "left", "private", "local", "replaced", "unpublished"])
def test_a_reminder_is_thought_over_once_more_when_it_goes_out(
    cast: Cast, bruises: ChapterPage, happens: str
) -> None:
    edition = amend(bruises, must_read=True)
    client_for(cast.manager).post(f"{LIST}{edition.pk}/remind/")
    if happens == "confirmed":
        confirm(cast.practitioner, edition)
    elif happens == "left":
        leave(cast.practitioner)
    elif happens == "private":
        make_private(bruises)
    elif happens == "local":
        make_local(bruises, cast.eller)
    elif happens == "replaced":
        amend(bruises, must_read=True)
    else:
        bruises.unpublish()
    told = {to for to, _ in delivered()}
    assert cast.practitioner.person.email not in told
    assert len(told) == (13 if happens in ("confirmed", "left") else 0)


# ---- The workbook -----------------------------------------------------------------------------------------------


def test_the_manager_takes_the_list_away_with_a_fresh_code_and_that_is_recorded(
    cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises, must_read=True)
    confirm(cast.practitioner, edition)
    cast.chair.person.last_name = '=HYPERLINK("http://evil.example")'
    cast.chair.person.save()
    bea = client_for(cast.manager)
    response = bea.get(f"{LIST}{edition.pk}/workbook/")
    assert "no-store" in response["Cache-Control"]
    assert "attachment" in response["Content-Disposition"]
    heading, *rows = read_rows(BytesIO(response.content))
    assert len(rows) == 14
    by_mail = {row[3]: row for row in rows}
    assert by_mail[cast.practitioner.person.email][5] == "Yes"
    chair = by_mail[cast.chair.person.email]
    assert (chair[1], chair[5], chair[6]) == ('=HYPERLINK("http://evil.example")', "No", None)
    assert b"<f>" not in response.content
    assert not [address for address in by_mail if "ellerfold" in address]
    event = AccessEvent.objects.get(verb="exported")
    assert (event.actor_id, event.object_ref, event.detail) == (
        cast.manager.person_id,
        str(edition.pk),
        "14 rows",
    )


def test_without_a_fresh_code_there_is_no_workbook(cast: Cast, bruises: ChapterPage) -> None:
    edition = amend(bruises, must_read=True)
    bea = client_for(cast.manager)
    session = bea.session
    session["code_at"] -= settings.STEP_UP_SECONDS + 1
    session.save()
    assert "confirm" in bea.get(f"{LIST}{edition.pk}/workbook/")["Location"]
    assert not AccessEvent.objects.filter(verb="exported").exists()
