"""What came of a report: who sees it, who answers it, and how its sender hears."""

import re

import pytest
from django.test import Client

from portal.accounts.models import Membership, Role
from portal.audit.models import AccessEvent
from portal.outbox.models import Message
from procedures.models import ChapterPage, ManualIndexPage
from procedures.readers.models import Feedback
from tests.cast import Cast, client_for
from tests.procedures.readers.scenes import (
    CANARY,
    answered,
    delivered,
    leave,
    local_chapter,
    make_private,
    reported,
)

pytestmark = pytest.mark.django_db
LIST = "/readers/feedback/"
ANSWER = {"outcome": "will_change", "words": "CanaryTypedInAnswer"}


def page_of(feedback: Feedback) -> str:
    return f"{LIST}{feedback.pk}/"


def test_the_manager_finds_it_on_my_work_reads_it_and_answers(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, cast.practitioner)
    bea = client_for(cast.manager)
    work = bea.get("/my-work/").content.decode()
    assert "Answer a report about the manual" in work
    assert f'href="{page_of(feedback)}"' in work
    listed = bea.get(LIST).content.decode()
    assert "6 Bruises on babies › 2 Referring" in listed
    assert CANARY not in listed
    shown = bea.get(page_of(feedback)).content.decode()
    assert CANARY in shown
    assert "Priya Nair" in shown
    response = bea.post(page_of(feedback), ANSWER)
    assert response.status_code == 302
    feedback.refresh_from_db()
    assert (feedback.state, feedback.outcome, feedback.answer) == ("answered", "will_change", ANSWER["words"])
    assert feedback.answered_by == cast.manager
    assert "Answer a report" not in bea.get("/my-work/").content.decode()
    assert AccessEvent.objects.filter(verb="answered", object_ref=str(feedback.pk)).exists()


def test_the_list_is_empty_until_somebody_reports_and_has_the_open_ones_first(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    bea = client_for(cast.manager)
    assert "No report is waiting" in bea.get(LIST).content.decode()
    answered(reported(bruises, cast.practitioner), cast.manager)
    reported(missing, cast.practitioner)
    html = bea.get(LIST).content.decode()
    assert "Waiting for an answer (1)" in html
    assert html.index("7 Children who go missing") < html.index("6 Bruises on babies")


def test_an_answer_needs_an_outcome_and_words_and_keeps_what_was_typed(
    cast: Cast, bruises: ChapterPage
) -> None:
    feedback = reported(bruises, cast.practitioner)
    bea = client_for(cast.manager)
    html = bea.post(page_of(feedback), {"words": "Half an answer"}).content.decode()
    assert "There is a problem" in html
    assert "Half an answer" in html
    assert bea.post(page_of(feedback), {"outcome": "no_change", "words": " "}).status_code == 200
    assert bea.post(page_of(feedback), {"outcome": "burnt", "words": "Words"}).status_code == 200
    feedback.refresh_from_db()
    assert feedback.state == "open"


def test_the_sender_hears_by_mail_and_reads_the_answer_among_their_own(
    cast: Cast, bruises: ChapterPage
) -> None:
    feedback = reported(bruises, cast.practitioner)
    delivered()
    client_for(cast.manager).post(page_of(feedback), ANSWER)
    ((to, words),) = delivered()
    assert to == cast.practitioner.person.email
    assert "The manual will be changed" in words
    assert "2 Referring" in words
    assert "/readers/mine/" in words
    for typed in (CANARY, ANSWER["words"]):
        assert typed not in words
    own = client_for(cast.practitioner).get("/readers/mine/").content.decode()
    assert ANSWER["words"] in own
    assert CANARY in own
    assert ANSWER["words"] not in client_for(cast.chair).get("/readers/mine/").content.decode()


def test_a_reader_without_an_account_reads_the_answer_by_the_link_in_the_mail_alone(
    cast: Cast, bruises: ChapterPage
) -> None:
    feedback = reported(bruises, partnership=cast.tarn, to="reader@else.example")
    delivered()
    client_for(cast.manager).post(page_of(feedback), ANSWER)
    feedback.refresh_from_db()
    assert feedback.address == ""  # it has done its work
    ((to, words),) = delivered()
    assert to == "reader@else.example"
    assert CANARY not in words
    assert ANSWER["words"] not in words
    link = re.search(r"http://localhost(/readers/answer/\?token=\S+)", words)
    assert link is not None
    stranger = Client(HTTP_HOST=cast.tarn.hostname)
    html = stranger.get(link[1]).content.decode()
    assert ANSWER["words"] in html
    assert CANARY not in html
    for token in ("", "forged", link[1].partition("=")[2][:-2] + "AA"):
        assert stranger.get("/readers/answer/", {"token": token}).status_code == 404
    make_private(bruises)
    assert stranger.get(link[1]).status_code == 404


def test_nobody_is_written_to_where_there_is_no_address(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, partnership=cast.tarn)
    delivered()
    answered(feedback, cast.manager)
    assert delivered() == []
    assert not Message.objects.filter(notice="manual_answer").exists()


@pytest.mark.parametrize("happens", ["left", "private"])
def test_a_sender_who_may_not_read_the_chapter_any_more_is_told_nothing(
    cast: Cast, bruises: ChapterPage, happens: str
) -> None:
    mine = reported(bruises, cast.practitioner)
    other = reported(bruises, partnership=cast.tarn, to="reader@else.example")
    for one in (mine, other):
        answered(one, cast.manager)
    if happens == "left":
        leave(cast.practitioner)
        assert [to for to, _ in delivered()] == ["reader@else.example"]
    else:
        make_private(bruises)
        assert delivered() == []
        own = client_for(cast.practitioner).get("/readers/mine/").content.decode()
        assert "Bruises" not in own
        assert "CanaryTypedInAnswer" not in own


def test_two_who_answer_at_once_make_one_answer_and_the_second_loses_no_word(
    cast: Cast, bruises: ChapterPage
) -> None:
    feedback = reported(bruises, cast.practitioner)
    delivered()
    adil = client_for(cast.administrator)
    assert adil.get(page_of(feedback)).status_code == 200
    client_for(cast.manager).post(page_of(feedback), ANSWER)
    late = adil.post(page_of(feedback), {"outcome": "no_change", "words": "Written too late"})
    assert late.status_code == 409
    html = late.content.decode()
    assert "A colleague has settled this report" in html
    assert "Written too late" in html
    assert ANSWER["words"] in html
    feedback.refresh_from_db()
    assert feedback.outcome == "will_change"
    assert len(delivered()) == 1


def test_what_is_set_aside_loses_its_words_and_nobody_is_told(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, cast.practitioner)
    delivered()
    bea = client_for(cast.manager)
    assert bea.get(f"{page_of(feedback)}set-aside/").status_code == 405
    assert bea.post(f"{page_of(feedback)}set-aside/").status_code == 302
    feedback = Feedback.objects.get()
    assert (feedback.state, feedback.text, feedback.address) == ("closed", "", "")
    assert CANARY not in bea.get(page_of(feedback)).content.decode()
    assert delivered() == []
    assert bea.post(page_of(feedback), ANSWER).status_code == 409
    assert bea.post(f"{page_of(feedback)}set-aside/").status_code == 302  # again is the same
    own = client_for(cast.practitioner).get("/readers/mine/").content.decode()
    assert "set aside without an answer" in own


# ---- Who sees which report --------------------------------------------------------------------------------------


def test_a_manager_sees_reports_of_their_own_partnership_and_no_other(
    cast: Cast, bruises: ChapterPage
) -> None:
    ours, theirs = reported(bruises, cast.practitioner), reported(bruises, cast.eller_practitioner)
    for member, seen, unseen in ((cast.manager, ours, theirs), (cast.eller_manager, theirs, ours)):
        client = client_for(member)
        html = client.get(LIST).content.decode()
        assert page_of(seen) in html
        assert page_of(unseen) not in html
        assert "Waiting for an answer (1)" in html
        assert client.get(page_of(seen)).status_code == 200
        assert client.get(page_of(unseen)).status_code == 404
        assert client.post(page_of(unseen), ANSWER).status_code == 404
        assert client.post(f"{page_of(unseen)}set-aside/").status_code == 404
    assert Feedback.objects.open().count() == 2


def test_people_who_manage_nothing_and_keep_nothing_have_no_list(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, cast.practitioner)
    for key in ("practitioner", "lead_csc", "chair", "auditor", "author"):
        client = client_for(getattr(cast, key))
        assert client.get(LIST).status_code == 403, key
        assert client.get(page_of(feedback)).status_code == 404, key
        assert client.post(page_of(feedback), ANSWER).status_code == 404, key
    assert AccessEvent.objects.filter(verb="refused").count() == 15


def test_a_keeper_sees_the_reports_on_their_chapter_and_no_others_and_not_who_of_elsewhere(
    cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    bruises.keeper = cast.chair.person
    bruises.save()
    ours, theirs = reported(bruises, cast.practitioner), reported(bruises, cast.eller_practitioner)
    other = reported(missing, cast.practitioner)
    ruth = client_for(cast.chair)
    html = ruth.get(LIST).content.decode()
    assert page_of(ours) in html
    assert page_of(theirs) in html
    assert page_of(other) not in html
    assert ruth.get(page_of(other)).status_code == 404
    assert "Priya Nair" in ruth.get(page_of(ours)).content.decode()
    elsewhere = ruth.get(page_of(theirs)).content.decode()
    assert "Lena Holt" not in elsewhere
    assert "Somebody of Ellerfold" in elsewhere
    assert "Answer 2 reports about the manual" in ruth.get("/my-work/").content.decode()
    assert (
        "Answer a report" in client_for(cast.manager).get("/my-work/").content.decode()
    )  # the other chapter's
    leave(cast.chair)
    Membership.objects.create(
        person=cast.chair.person, agency=cast.agency("ELC"), partnership=cast.eller, role=Role.PRACTITIONER
    )
    assert (
        client_for(cast.chair.person).get(page_of(ours)).status_code == 200
    )  # still keeps it, and may read it


def test_a_private_chapter_is_named_to_no_manager_who_may_not_read_it(
    cast: Cast, bruises: ChapterPage
) -> None:
    feedback = reported(bruises, cast.practitioner)
    delivered()
    make_private(bruises).user_set.add(cast.administrator.person)
    bea = client_for(cast.manager)
    assert "Bruises" not in bea.get(LIST).content.decode()
    assert bea.get(page_of(feedback)).status_code == 404
    assert "Answer a report" not in bea.get("/my-work/").content.decode()
    assert page_of(feedback) in client_for(cast.administrator).get(LIST).content.decode()


def test_a_local_chapters_reports_stay_in_its_partnership_whoever_keeps_it(
    cast: Cast, manual: ManualIndexPage
) -> None:
    page = local_chapter(manual, cast.eller)
    page.keeper = cast.manager.person  # of the other partnership: a slip in the editor
    page.save()
    feedback = reported(page, cast.eller_practitioner)
    assert [to for to, _ in delivered()] == [cast.eller_manager.person.email]
    bea = client_for(cast.manager)
    assert bea.get(page_of(feedback)).status_code == 404
    assert "Only in Ellerfold" not in bea.get(LIST).content.decode()


def test_whose_membership_has_ended_sees_nothing_on_the_next_click(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, cast.practitioner)
    bea = client_for(cast.manager)
    assert bea.get(page_of(feedback)).status_code == 200
    leave(cast.manager)
    assert "no-access" in bea.get(page_of(feedback))["Location"]


def test_a_report_outlives_its_chapter(cast: Cast, bruises: ChapterPage) -> None:
    feedback = reported(bruises, cast.practitioner)
    bruises.delete()
    html = client_for(cast.manager).get(page_of(feedback)).content.decode()
    assert "The chapter is no longer published" in html
    assert "6 Bruises on babies" in html
