"""Bea returns Priya's referral with a question; Priya changes it and sends it again."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caseforms.cases.models import Case, CaseAgency, Draft, Interest, Stage
from caseforms.cases.services import exclude
from caseforms.workflow.services import advance
from tests.caseforms.referrals.filling import (
    FIRST,
    address,
    draft_with,
    fill,
    full,
    hidden,
    main_of,
    send,
    sent_case,
)
from tests.cast import Cast, client_for

QUESTION = "Which hospital was it?"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


@pytest.fixture
def priya(cast: Cast) -> Client:
    return client_for(cast.practitioner)


@pytest.fixture
def case(cast: Cast, priya: Client) -> Case:
    """A referral that Priya sent."""
    draft = draft_with(cast.practitioner, full())
    send(priya, draft)
    return sent_case(draft)


@pytest.fixture
def returned(case: Case, cast: Cast) -> Case:
    """The same, returned with a question."""
    advance(case, "return_with_question", cast.manager, reason=QUESTION)
    return case


def change_page(case: Case) -> str:
    return reverse("referrals:change_sent", args=[case.reference])


def reopened(client: Client, case: Case) -> Draft:
    """Presses the button that opens the answers for change."""
    response = client.post(change_page(case))
    draft = Draft.objects.get(case=case, state=Draft.State.DRAFT)
    assert response["Location"] == address("task_list", draft)
    return draft


def test_the_case_page_offers_the_change_while_the_referral_is_returned(
    priya: Client, returned: Case, cast: Cast
) -> None:
    page = reverse("cases:detail", args=[returned.reference])
    assert change_page(returned) in main_of(priya.get(page))
    assert change_page(returned) not in main_of(client_for(cast.manager).get(page))
    advance(returned, "answer_question", cast.practitioner, reason="In words alone")
    assert change_page(returned) not in main_of(priya.get(page))


def test_the_question_stands_on_every_page_of_the_change(priya: Client, returned: Case) -> None:
    assert QUESTION in main_of(priya.get(change_page(returned)))
    draft = reopened(priya, returned)
    for url in (
        address("task_list", draft),
        address("section", draft, "what-happened"),
        address("section", draft, "children"),
        address("item", draft, "children", 1),
        address("check", draft),
    ):
        assert QUESTION in main_of(priya.get(url)), url


def test_looking_at_the_question_changes_nothing(priya: Client, returned: Case) -> None:
    priya.get(change_page(returned))
    returned.refresh_from_db()
    assert returned.stage == Stage.RETURNED
    assert not Draft.objects.filter(state=Draft.State.DRAFT).exists()


def test_opening_the_change_twice_opens_one_draft_with_what_was_sent(priya: Client, returned: Case) -> None:
    first, second = reopened(priya, returned), reopened(priya, returned)
    assert first == second
    assert f'value="{FIRST}"' in main_of(priya.get(address("item", first, "children", 1)))


def test_the_changed_referral_is_sent_again_and_what_was_sent_before_stays(
    priya: Client, returned: Case, cast: Cast
) -> None:
    draft = reopened(priya, returned)
    other = full()["what-happened"] | {"place": "Tarn Vale Hospital"}
    fill(priya, address("section", draft, "what-happened"), draft, "what-happened", other)
    asked = priya.get(address("remove", draft, "children", 2))
    data = {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")}
    priya.post(address("remove", draft, "children", 2), data)
    response = send(priya, draft, words="It was Tarn Vale")
    assert response["Location"] == address("sent", draft)
    assert "Referral sent again" in main_of(priya.get(address("sent", draft)))
    returned.refresh_from_db()
    assert returned.stage == Stage.SUBMITTED
    before, after = returned.submissions.order_by("version")
    assert (before.version, after.version) == (1, 2)
    assert "place" not in before.answers["what-happened"]
    assert after.answers["what-happened"]["place"] == "Tarn Vale Hospital"
    assert len(before.answers["children"]) == 2
    assert [child.first_name for child in returned.children.all()] == [FIRST]
    event = returned.events.filter(verb="answer_question").get()
    assert (event.text, event.membership) == ("It was Tarn Vale", cast.practitioner)
    assert Case.objects.count() == 1


def test_the_answer_in_words_is_needed_to_send_again(priya: Client, returned: Case) -> None:
    draft = reopened(priya, returned)
    page = send(priya, draft, words="  ")
    assert page.status_code == 200
    assert "There is a problem" in main_of(page)
    returned.refresh_from_db()
    assert returned.stage == Stage.RETURNED


def test_an_agency_that_is_no_longer_named_leaves_the_case_unless_it_was_asked(
    priya: Client, returned: Case, cast: Cast
) -> None:
    CaseAgency.objects.create(case=returned, agency=cast.agency("CSC"), asked_at=timezone.now())
    draft = reopened(priya, returned)
    asked = priya.get(address("remove", draft, "agencies", 1))
    data = {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")}
    priya.post(address("remove", draft, "agencies", 1), data)
    send(priya, draft, words="The police were not involved")
    assert {agency.code for agency in returned.agencies.all()} == {"HOS", "CSC"}
    police = client_for(cast.lead_pol).get(reverse("cases:detail", args=[returned.reference]))
    assert police.status_code == 404


def test_sending_again_twice_sends_once(priya: Client, returned: Case) -> None:
    draft = reopened(priya, returned)
    version = hidden(priya.get(address("check", draft)), "version")
    for _ in range(3):
        response = priya.post(address("check", draft), {"version": version, "words": "Once"})
        assert response["Location"] == address("sent", draft)
    assert returned.submissions.count() == 2
    assert returned.events.filter(verb="answer_question").count() == 1


def test_where_the_manager_was_first_nothing_is_sent_and_the_changes_stay(
    priya: Client, returned: Case, cast: Cast
) -> None:
    draft = reopened(priya, returned)
    other = full()["what-happened"] | {"place": "Kept all the same"}
    fill(priya, address("section", draft, "what-happened"), draft, "what-happened", other)
    version = hidden(priya.get(address("check", draft)), "version")
    returned.refresh_from_db()
    advance(returned, "withdraw", cast.manager, reason="Sent twice by mistake")
    page = priya.post(address("check", draft), {"version": version, "words": "My long answer"})
    assert page.status_code == 409
    assert "not with you any more" in page.content.decode()
    assert "See where the case stands" in main_of(page)
    assert "Kept all the same" in main_of(page)
    assert "My long answer" in main_of(page)
    returned.refresh_from_db()
    assert returned.stage == Stage.WITHDRAWN
    assert returned.submissions.count() == 1


def test_throwing_the_changes_away_leaves_the_referral_as_it_was_sent(priya: Client, returned: Case) -> None:
    draft = reopened(priya, returned)
    response = priya.post(address("delete", draft))
    assert response["Location"] == reverse("cases:detail", args=[returned.reference])
    returned.refresh_from_db()
    assert returned.stage == Stage.RETURNED
    assert returned.children.count() == 2
    assert returned.submissions.count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 403),
        ("lead_hos", 403),
        ("lead_pol", 403),
        ("lead_csc", 404),
        ("eller_manager", 404),
        ("auditor", 404),
    ],
)
def test_nobody_but_the_referrer_changes_a_referral(
    returned: Case, cast: Cast, who: str, status: int
) -> None:
    client = client_for(getattr(cast, who))
    assert client.get(change_page(returned)).status_code == status
    assert client.post(change_page(returned)).status_code == status
    assert not Draft.objects.filter(state=Draft.State.DRAFT).exists()


def test_a_referral_that_is_not_returned_cannot_be_changed(priya: Client, case: Case) -> None:
    for response in (priya.get(change_page(case)), priya.post(change_page(case))):
        assert response["Location"] == reverse("cases:detail", args=[case.reference])
    assert not Draft.objects.filter(state=Draft.State.DRAFT).exists()


def test_a_referrer_with_a_declared_interest_loses_the_draft_and_the_confirmation_too(
    priya: Client, returned: Case, cast: Cast
) -> None:
    draft = reopened(priya, returned)
    first = Draft.objects.get(case=returned, state=Draft.State.SUBMITTED)
    exclude(returned, cast.practitioner.person, Interest.Kind.DECLARED, "A cousin", cast.practitioner)
    for url in (
        address("task_list", draft),
        address("check", draft),
        address("sent", first),
        change_page(returned),
    ):
        assert priya.get(url).status_code == 404, url
