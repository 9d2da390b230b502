"""Something wrong or out of date here: a reader says so, and the owner gets it as a task."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Attempt
from portal.outbox.models import Message
from procedures.models import ChapterPage, ManualIndexPage
from procedures.readers import services
from procedures.readers.models import Feedback
from tests.cast import Cast, client_for
from tests.procedures.readers.scenes import (
    CANARY,
    address,
    amend,
    delivered,
    hidden,
    leave,
    local_chapter,
    make_private,
    report,
    reported,
    section_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """A reader without an account, at the partnership whose manual anyone may read."""
    return Client(HTTP_HOST=cast.tarn.hostname)


def test_every_section_has_a_link_to_the_form_and_the_link_is_the_same_for_everybody(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    for client in (stranger, client_for(cast.practitioner)):
        html = client.get(bruises.get_url()).content.decode()
        for place in range(len(bruises.sections())):
            assert f'href="{address(bruises, place)}"' in html


def test_the_form_quotes_the_section_warns_and_asks_a_stranger_for_an_address_but_no_member(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    html = stranger.get(address(bruises)).content.decode()
    assert "Ring the duty desk within 24 hours" in html
    assert "2 Referring" in html
    assert "cannot crawl" not in html  # the section before it
    assert "Do not name a child" in html
    assert 'name="address"' in html
    own = client_for(cast.practitioner).get(address(bruises)).content.decode()
    assert 'name="address"' not in own
    assert "Priya Nair" in own


def test_a_stranger_reports_with_an_address_and_what_is_typed_is_encrypted(
    stranger: Client, cast: Cast, bruises: ChapterPage
) -> None:
    edition = amend(bruises)
    response = report(stranger, bruises, address="reader@else.example")
    assert response.status_code == 302
    assert "Your report is sent" in stranger.get(response["Location"]).content.decode()
    kept = Feedback.objects.get()
    assert (kept.page, kept.anchor, kept.section) == (bruises, section_of(bruises).anchor, "2 Referring")
    assert (kept.chapter, kept.edition, kept.partnership) == ("6 Bruises on babies", edition, cast.tarn)
    assert (kept.person, kept.address, kept.text, kept.state) == (None, "reader@else.example", CANARY, "open")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM readers_feedback")
        row = " ".join(
            str(bytes(value) if isinstance(value, memoryview) else value) for value in cursor.fetchone()
        )
    assert CANARY not in row
    assert "reader@else" not in row


def test_an_address_may_be_left_out_and_must_be_one(stranger: Client, bruises: ChapterPage) -> None:
    wrong = report(stranger, bruises, address="nobody at all")
    assert wrong.status_code == 200
    assert CANARY in wrong.content.decode()  # what was typed is kept
    assert not Feedback.objects.exists()
    assert report(stranger, bruises, address="").status_code == 302
    assert Feedback.objects.get().address == ""


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "nought \x00 byte"])
def test_a_report_without_words_or_with_too_many_is_asked_for_again(
    stranger: Client, bruises: ChapterPage, text: str
) -> None:
    response = report(stranger, bruises, text)
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert not Feedback.objects.exists()
    assert not Attempt.objects.filter(kind__startswith="manual").exists()


def test_a_key_that_is_no_key_is_refused_and_nothing_breaks(stranger: Client, bruises: ChapterPage) -> None:
    response = report(stranger, bruises, key="'; DROP TABLE")
    assert response.status_code == 200
    assert not Feedback.objects.exists()


def test_a_member_is_known_by_the_session_and_cannot_be_another(cast: Cast, bruises: ChapterPage) -> None:
    report(
        client_for(cast.practitioner),
        bruises,
        address="elsewhere@else.example",
        person=str(cast.chair.person_id),
    )
    kept = Feedback.objects.get()
    assert (kept.person, kept.address) == (cast.practitioner.person, "")


def test_somebody_who_was_signed_out_meanwhile_is_asked_once_and_loses_no_word(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    html = client_for(cast.practitioner).get(address(bruises)).content.decode()
    fields = {"key": hidden(html, "key"), "as_member": hidden(html, "as_member"), "text": CANARY}
    again = stranger.post(address(bruises), fields).content.decode()
    assert "You have been signed out meanwhile" in again
    assert CANARY in again
    assert not Feedback.objects.exists()
    fields["as_member"] = hidden(again, "as_member")
    assert stranger.post(address(bruises), fields).status_code == 302
    assert Feedback.objects.get().person is None


def test_one_form_sent_twice_is_one_report_and_one_mail(stranger: Client, bruises: ChapterPage) -> None:
    html = stranger.get(address(bruises)).content.decode()
    fields = {"key": hidden(html, "key"), "text": CANARY}
    first, second = (stranger.post(address(bruises), fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Feedback.objects.count() == Message.objects.count() == 1
    assert Attempt.objects.filter(kind="manual-report-at").count() == 1


def test_somebody_who_reports_too_often_is_told_to_wait_and_others_are_not(
    cast: Cast, stranger: Client, bruises: ChapterPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "REPORTS_OF_A_PERSON", 2)
    monkeypatch.setattr(services, "REPORTS_OF_AN_ADDRESS", 1)
    member = client_for(cast.practitioner)
    assert [report(member, bruises).status_code for _ in range(2)] == [302, 302]
    third = report(member, bruises)
    assert third.status_code == 429
    assert "Wait a while" in third.content.decode()
    assert CANARY in third.content.decode()
    assert report(stranger, bruises).status_code == 302
    assert report(stranger, bruises).status_code == 429
    other = Client(HTTP_HOST=cast.tarn.hostname, REMOTE_ADDR="198.51.100.4")
    assert report(other, bruises).status_code == 302
    assert report(client_for(cast.chair), bruises).status_code == 302
    assert Feedback.objects.count() == 5
    Attempt.objects.update(at=timezone.now() - timedelta(hours=2))
    assert report(member, bruises).status_code == 302


def test_the_keeper_gets_the_task_and_the_managers_do_not(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    bruises.keeper = cast.chair.person
    bruises.save()
    report(stranger, bruises)
    assert [to for to, _ in delivered()] == [cast.chair.person.email]


def test_a_keeper_who_has_left_gets_nothing_and_the_business_manager_does(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    bruises.keeper = cast.chair.person
    bruises.save()
    leave(cast.chair)
    report(stranger, bruises)
    assert [to for to, _ in delivered()] == [cast.manager.person.email]


def test_a_keeper_who_may_not_read_the_chapter_any_more_is_no_owner(cast: Cast, bruises: ChapterPage) -> None:
    bruises.keeper = cast.chair.person
    bruises.save()
    make_private(bruises).user_set.add(cast.manager.person, cast.practitioner.person)
    reported(bruises, cast.practitioner)
    assert [to for to, _ in delivered()] == [cast.manager.person.email]


def test_the_managers_of_the_partnership_in_which_it_was_read_are_told_and_no_others(
    cast: Cast, bruises: ChapterPage
) -> None:
    report(client_for(cast.eller_practitioner), bruises)
    assert [to for to, _ in delivered()] == [cast.eller_manager.person.email]
    report(client_for(cast.practitioner), bruises)
    assert [to for to, _ in delivered()] == [cast.manager.person.email]


def test_a_local_chapter_is_reported_to_its_own_partnership_and_not_there_for_others(
    cast: Cast, manual: ManualIndexPage, stranger: Client
) -> None:
    page = local_chapter(manual, cast.eller)
    assert report(client_for(cast.eller_practitioner), page).status_code == 302
    assert [to for to, _ in delivered()] == [cast.eller_manager.person.email]
    for client in (stranger, client_for(cast.practitioner), client_for(cast.manager)):
        assert client.get(address(page)).status_code == 404
        assert client.post(address(page), {"text": CANARY}).status_code == 404
        assert client.get(f"{address(page)}sent/").status_code == 404
    assert Feedback.objects.count() == 1


def test_the_mail_names_chapter_and_section_and_links_and_nothing_that_was_typed(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    report(stranger, bruises, address="reader@else.example")
    ((_, words),) = delivered()
    assert "6 Bruises on babies" in words
    assert "2 Referring" in words
    assert f"http://localhost/readers/feedback/{Feedback.objects.get().pk}/" in words
    assert CANARY not in words
    assert "reader@else" not in words


def test_whoever_loses_the_right_before_the_mail_goes_gets_none(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    report(stranger, bruises)
    leave(cast.manager)
    assert delivered() == []
    assert Message.objects.get().state == "withheld"


def test_a_report_that_was_answered_meanwhile_is_announced_to_nobody(
    cast: Cast, bruises: ChapterPage
) -> None:
    services.set_aside(reported(bruises, partnership=cast.tarn), cast.manager)
    assert delivered() == []


def test_a_chapter_that_one_may_not_read_has_no_form(
    cast: Cast, stranger: Client, bruises: ChapterPage
) -> None:
    make_private(bruises).user_set.add(cast.chair.person)
    for client in (stranger, client_for(cast.practitioner)):
        assert client.get(address(bruises)).status_code == 404
        assert client.post(address(bruises), {"text": CANARY}).status_code == 404
    assert client_for(cast.chair).get(address(bruises)).status_code == 200
    assert not Feedback.objects.exists()


def test_no_chapter_no_section_no_published_page_no_form(stranger: Client, bruises: ChapterPage) -> None:
    assert stranger.get(f"/readers/report/{bruises.pk}/s-0000000000/").status_code == 404
    assert stranger.get(f"/readers/report/999999/{section_of(bruises).anchor}/").status_code == 404
    bruises.unpublish()
    assert stranger.get(address(bruises)).status_code == 404


def test_a_section_that_has_gone_can_still_be_reported_from_an_old_link(
    stranger: Client, bruises: ChapterPage
) -> None:
    gone = address(bruises)
    draft = bruises.get_latest_revision_as_object()
    del draft.body[1]
    draft.save_revision().publish()
    html = stranger.get(gone).content.decode()
    assert "no longer in the chapter" in html
    assert stranger.post(gone, {"key": hidden(html, "key"), "text": CANARY}).status_code == 302
    assert Feedback.objects.get().section == "2 Referring"


def test_a_closed_manual_takes_reports_from_people_who_are_signed_in_alone(
    cast: Cast, bruises: ChapterPage
) -> None:
    outside = Client(HTTP_HOST=cast.eller.hostname)
    assert "/sign-in/" in outside.get(address(bruises))["Location"]
    assert "/sign-in/" in outside.post(address(bruises), {"text": CANARY})["Location"]
    assert not Feedback.objects.exists()
