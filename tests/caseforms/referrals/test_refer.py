"""Priya refers a case: begins, saves, comes back, checks, sends. Nobody else sees her draft."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from caseforms.cases.models import Case, Draft, Stage
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.services import install_default_rules
from portal import entrypoints
from portal.outbox.models import Message
from tests.caseforms.referrals.filling import (
    CONSULTED_AT,
    FIRST,
    LAST,
    STREET,
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

NOW = "2026-11-22T09:00:00Z"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def priya(cast: Cast) -> Client:
    install_default_rules(cast.tarn)
    return client_for(cast.practitioner)


# ---- Beginning ------------------------------------------------------------------------------------------


def test_the_manual_is_offered_the_referral_by_its_code() -> None:
    entry = entrypoints.get("case-referral")
    assert entry is not None
    assert (entry.label, entry.url_name) == ("Refer a case", "referrals:start")


def test_opening_the_first_page_begins_nothing_and_pressing_its_button_twice_begins_one_draft(
    priya: Client, cast: Cast
) -> None:
    page = priya.get(reverse("referrals:start"))
    assert page.status_code == 200
    assert "Before you start" in main_of(page)
    assert not Draft.objects.exists()
    first = priya.post(reverse("referrals:start"))
    second = priya.post(reverse("referrals:start"))
    draft = Draft.objects.get()
    assert first["Location"] == second["Location"] == address("task_list", draft)
    assert (draft.owner, draft.state, draft.case) == (cast.practitioner, Draft.State.DRAFT, None)


@pytest.mark.parametrize(
    "who", ["practitioner", "lead_csc", "lead_pol", "manager", "chair", "panel", "eller_practitioner"]
)
def test_these_may_refer(cast: Cast, who: str) -> None:
    assert client_for(getattr(cast, who)).post(reverse("referrals:start")).status_code == 302
    assert Draft.objects.get().owner == getattr(cast, who)


@pytest.mark.parametrize("who", ["author", "auditor", "administrator", "independent_chair"])
def test_these_may_not_refer(cast: Cast, who: str) -> None:
    client = client_for(getattr(cast, who))
    assert client.get(reverse("referrals:start")).status_code == 403
    assert client.post(reverse("referrals:start")).status_code == 403
    assert not Draft.objects.exists()


def test_a_draft_is_seen_by_its_drafter_alone(cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    pages = [
        address("task_list", draft),
        address("check", draft),
        address("delete", draft),
        address("sent", draft),
        address("section", draft, "about-you"),
        address("section", draft, "children"),
        address("add", draft, "children"),
        address("item", draft, "children", 1),
        address("remove", draft, "children", 1),
    ]
    for who, member in cast.members.items():
        client = client_for(member)
        for url in pages:
            if who == "practitioner":
                assert client.get(url).status_code in (200, 302), url
            else:
                assert client.get(url).status_code == 404, (who, url)
                assert client.post(url, {"version": "5"}).status_code in (404, 405), (who, url)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == (Draft.State.DRAFT, 5)


def test_a_drafter_who_has_left_the_agency_has_the_draft_no_more(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    cast.practitioner.ends_on = cast.practitioner.starts_on
    cast.practitioner.save()
    with time_machine.travel("2036-01-01T09:00:00Z"):
        response = client_for(cast.practitioner).get(address("task_list", draft))
    assert response.status_code != 200


# ---- Filling in -----------------------------------------------------------------------------------------


def test_an_empty_section_can_be_saved_and_is_then_in_progress(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    response = fill(priya, address("section", draft, "about-you"), draft, "about-you", {})
    assert response["Location"] == address("section", draft, "children")
    assert "In progress" in main_of(priya.get(address("task_list", draft)))


def test_saving_and_coming_back_later_keeps_everything_encrypted(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    values = full()["about-you"]
    response = fill(priya, address("section", draft, "about-you"), draft, "about-you", values, later="1")
    assert response["Location"] == address("task_list", draft)
    page = priya.get(address("section", draft, "about-you"))
    assert 'value="Orla Fennimore"' in page.content.decode()
    draft.refresh_from_db()
    assert draft.answers["about-you"] == values
    assert b"Fennimore" not in bytes(draft.__class__.objects.get(pk=draft.pk).__dict__["answers"])


def test_the_task_list_says_by_when_the_referral_is_due_once_the_consultation_is_known(
    priya: Client, cast: Cast
) -> None:
    draft = draft_with(cast.practitioner, {})
    assert "Say when you consulted" in main_of(priya.get(address("task_list", draft)))
    draft = draft_with(cast.practitioner, {"about-you": {"consulted_at": CONSULTED_AT}})
    assert "due by Sunday 22 November 2026, 18:10" in " ".join(
        main_of(priya.get(address("task_list", draft))).replace("<strong>", "").split()
    )
    with time_machine.travel("2026-11-22T18:11:00Z", tick=False):
        late = client_for(cast.practitioner).get(address("task_list", draft))
        assert "was due by Sunday 22 November 2026, 18:10" in main_of(late)


def test_a_section_that_needs_another_cannot_be_opened_before_it(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    page = main_of(priya.get(address("task_list", draft)))
    assert "Cannot start yet" in page
    assert address("section", draft, "criteria") not in page
    assert priya.get(address("section", draft, "criteria")).status_code == 404
    draft = draft_with(cast.practitioner, {"what-happened": {"account": "Begun"}})
    assert priya.get(address("section", draft, "criteria")).status_code == 200


def test_a_wrong_answer_is_not_saved_and_nothing_typed_is_lost(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    values = {"first_name": FIRST, "last_name": LAST, "date_of_birth": "2024-13"}
    page = fill(priya, address("add", draft, "children"), draft, "children", values)
    assert page.status_code == 200
    assert "There is a problem" in main_of(page)
    assert f'value="{FIRST}"' in main_of(page)
    assert 'value="13"' in main_of(page)
    draft.refresh_from_db()
    assert draft.answers == {}


@pytest.mark.parametrize("text", ["x" * 100_000, "nul\0byte"])
def test_a_text_that_is_too_long_or_holds_a_null_character_is_refused_in_words(
    priya: Client, cast: Cast, text: str
) -> None:
    draft = draft_with(cast.practitioner, {})
    page = fill(priya, address("section", draft, "what-happened"), draft, "what-happened", {"account": text})
    assert page.status_code == 200
    said = main_of(page)
    assert "must be 10000 characters or fewer" in said or "Null characters are not allowed" in said
    draft.refresh_from_db()
    assert draft.answers == {}


def test_strange_text_is_shown_as_text_and_never_as_markup(priya: Client, cast: Cast) -> None:
    text = "<script>alert(1)</script> {{ 7 }} ' OR 1=1 -- =cmd|' \u202e"
    draft = draft_with(cast.practitioner, {})
    fill(priya, address("section", draft, "what-happened"), draft, "what-happened", {"account": text})
    for url in (address("check", draft), address("section", draft, "what-happened")):
        page = priya.get(url).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
    draft.refresh_from_db()
    assert draft.answers["what-happened"]["account"] == text


def test_children_are_added_changed_and_removed_as_cards(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    one, two = full()["children"]
    for child in (one, two):
        response = fill(priya, address("add", draft, "children"), draft, "children", child)
        assert response["Location"] == address("section", draft, "children")
    page = main_of(priya.get(address("section", draft, "children")))
    assert page.index("Child 1") < page.index(FIRST) < page.index("Child 2")
    assert "Add another child" in page
    fill(priya, address("item", draft, "children", 2), draft, "children", two | {"first_name": "Renamed"})
    url = address("remove", draft, "children", 1)
    assert "Remove Child 1?" in main_of(priya.get(url))
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == [FIRST, "Renamed"]
    asked = priya.get(url)
    priya.post(url, {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")})
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["Renamed"]
    priya.post(url, {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")})
    draft.refresh_from_db()
    assert len(draft.answers["children"]) == 1


def test_children_that_were_written_without_keys_can_be_changed_and_removed(
    priya: Client, cast: Cast
) -> None:
    draft = draft_with(cast.practitioner, {})
    draft.answers = {"children": [{"first_name": "One"}, {"first_name": "Two"}]}
    draft.save()
    fill(priya, address("item", draft, "children", 2), draft, "children", {"first_name": "Changed"})
    asked = priya.get(address("remove", draft, "children", 1))
    data = {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")}
    priya.post(address("remove", draft, "children", 1), data)
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["Changed"]


@pytest.mark.parametrize("number", [0, 3, 99999])
def test_an_item_that_is_not_there_is_not_found(priya: Client, cast: Cast, number: int) -> None:
    draft = draft_with(cast.practitioner, full())
    assert priya.get(address("item", draft, "children", number)).status_code == 404
    assert priya.get(address("remove", draft, "children", number)).status_code == 404
    assert priya.get(address("item", draft, "about-you", 1)).status_code == 404
    assert priya.get(address("section", draft, "elsewhere")).status_code == 404


def test_a_section_takes_no_more_items_than_it_may(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {"children": [{"first_name": f"C{n}"} for n in range(20)]})
    assert "Add another" not in main_of(priya.get(address("section", draft, "children")))
    page = fill(priya, address("add", draft, "children"), draft, "children", {"first_name": "One more"})
    assert "You can add 20 at most" in main_of(page)
    draft.refresh_from_db()
    assert len(draft.answers["children"]) == 20


def test_only_agencies_of_the_own_partnership_are_offered_and_accepted(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    url = address("add", draft, "agencies")
    page = priya.get(url)
    assert "Tarnshire Police" in main_of(page)
    assert "Ellerfold" not in main_of(page)
    foreign = {"listed": "yes", "agency": str(cast.agency("ELC").pk)}
    page = fill(priya, url, draft, "agencies", foreign)
    assert "There is a problem" in main_of(page)
    draft.refresh_from_db()
    assert draft.answers == {}


def test_no_name_stands_in_a_title_or_an_address(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    for url in (
        address("section", draft, "children"),
        address("item", draft, "children", 1),
        address("remove", draft, "children", 1),
        address("check", draft),
        address("task_list", draft),
    ):
        page = priya.get(url).content.decode()
        title = page.split("<title>")[1].split("</title>")[0]
        links = " ".join(part.split('"')[0] for part in page.split('href="')[1:])
        for word in (FIRST, LAST, STREET, "Ambrosine"):
            assert word not in title + links + url
    assert "Child 1" in priya.get(address("item", draft, "children", 1)).content.decode().split("</title>")[0]


# ---- Two windows ----------------------------------------------------------------------------------------


def test_the_second_window_sees_what_the_first_saved_and_loses_nothing(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {"what-happened": {"account": "Before", "place": "Same"}})
    url = address("section", draft, "what-happened")
    seen = hidden(priya.get(url), "seen")
    priya.post(url, {"account": "From the first window", "place": "Same", "seen": seen})
    page = priya.post(url, {"account": "From the second window", "place": "Same", "seen": seen})
    assert page.status_code == 409
    said = main_of(page)
    assert "saved in another window" in said
    assert "From the first window" in said
    assert "From the second window" in said
    draft.refresh_from_db()
    assert draft.answers["what-happened"]["account"] == "From the first window"
    data = {"account": "Both together", "place": "Same", "seen": hidden(page, "seen")}
    assert priya.post(url, data).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["what-happened"]["account"] == "Both together"


def test_two_windows_on_different_sections_do_not_disturb_each_other(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    one, two = address("section", draft, "what-happened"), address("section", draft, "proceedings")
    seen_one, seen_two = hidden(priya.get(one), "seen"), hidden(priya.get(two), "seen")
    assert priya.post(one, {"account": "A", "seen": seen_one}).status_code == 302
    assert priya.post(two, {"proceedings_details": "B", "seen": seen_two}).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["what-happened"] == {"account": "A"}
    assert draft.answers["proceedings"] == {"proceedings_details": "B"}


def test_a_double_click_on_add_adds_one_child(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    url = address("add", draft, "children")
    page = priya.get(url)
    data = {"first_name": FIRST, "seen": hidden(page, "seen"), "key": hidden(page, "key")}
    assert [priya.post(url, data).status_code for _ in range(3)] == [302, 302, 302]
    draft.refresh_from_db()
    assert len(draft.answers["children"]) == 1


def test_two_windows_that_each_add_a_child_add_two(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {})
    url = address("add", draft, "children")
    pages = [priya.get(url), priya.get(url)]
    for name, page in zip(("One", "Two"), pages, strict=True):
        data = {"first_name": name, "seen": hidden(page, "seen"), "key": hidden(page, "key")}
        assert priya.post(url, data).status_code == 302
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["One", "Two"]


def test_changing_a_child_whose_number_moved_meanwhile_changes_that_child_and_no_other(
    priya: Client, cast: Cast
) -> None:
    draft = draft_with(cast.practitioner, full())
    url = address("item", draft, "children", 2)
    page = priya.get(url)
    remove = address("remove", draft, "children", 1)
    asked = priya.get(remove)
    priya.post(remove, {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")})
    data = {"first_name": "Changed", "seen": hidden(page, "seen"), "key": hidden(page, "key")}
    assert priya.post(address("item", draft, "children", 1), data).status_code == 302
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["Changed"]


def test_a_child_removed_in_the_other_window_can_be_put_back(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {"children": [{"first_name": "One"}, {"first_name": "Two"}]})
    url = address("item", draft, "children", 1)
    page = priya.get(url)
    remove = address("remove", draft, "children", 1)
    asked = priya.get(remove)
    priya.post(remove, {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")})
    data = {"first_name": "Typed meanwhile", "seen": hidden(page, "seen"), "key": hidden(page, "key")}
    page = priya.post(url, data)
    assert page.status_code == 409
    assert "removed in another window" in main_of(page)
    assert "Typed meanwhile" in main_of(page)
    assert priya.post(url, data | {"seen": hidden(page, "seen")}).status_code == 302
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["Two", "Typed meanwhile"]


def test_a_child_changed_in_the_other_window_is_not_removed_unseen(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, {"children": [{"first_name": "One"}]})
    remove = address("remove", draft, "children", 1)
    asked = priya.get(remove)
    fill(priya, address("item", draft, "children", 1), draft, "children", {"first_name": "New"})
    priya.post(remove, {"key": hidden(asked, "key"), "seen": hidden(asked, "seen")})
    draft.refresh_from_db()
    assert [child["first_name"] for child in draft.answers["children"]] == ["New"]


# ---- Checking and sending -------------------------------------------------------------------------------


def test_a_referral_with_gaps_cannot_be_sent_and_says_what_is_missing(priya: Client, cast: Cast) -> None:
    answers = full()
    del answers["children"][1]["last_name"]
    del answers["criteria"]["reasons"]
    draft = draft_with(cast.practitioner, answers)
    page = main_of(priya.get(address("check", draft)))
    assert f'href="{address("item", draft, "children", 2)}#id_last_name"' in page
    assert f'href="{address("section", draft, "criteria")}#id_reasons"' in page
    assert "Send the referral" not in page
    assert "2 answers are still needed. What you have entered is saved." in page
    assert page.index("#id_last_name") < page.index("Not ready to send") < page.rindex("#id_last_name")
    assert priya.post(address("check", draft), {"version": "5"}).status_code == 200
    assert not Case.objects.exists()


def test_an_agency_that_has_left_must_be_taken_out_before_sending(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    cast.agency("POL").partnerships.remove(cast.tarn)
    page = main_of(priya.get(address("check", draft)))
    assert "is not an agency of this partnership" in page
    assert "Send the referral" not in page
    priya.post(address("check", draft), {"version": "5"})
    assert not Case.objects.exists()


def test_sending_makes_the_case_with_its_people_agencies_time_limits_and_acknowledgement(
    priya: Client, cast: Cast
) -> None:
    answers = full()
    draft = draft_with(cast.practitioner, answers)
    response = send(priya, draft)
    case = sent_case(draft)
    assert response["Location"] == address("sent", draft)
    assert (case.stage, case.partnership, case.referred_by) == (Stage.SUBMITTED, cast.tarn, cast.practitioner)
    assert case.consulted_at is not None
    assert case.consulted_at.isoformat() == CONSULTED_AT
    first, second = case.children.all()
    assert (first.first_name, first.last_name, first.address) == (FIRST, LAST, STREET)
    assert (first.date_of_birth, first.date_of_death, second.date_of_death) == ("2024-03", "2026-11-20", "")
    assert first.details == {"died": "yes", "sex": "female"}
    assert second.first_name == "Second"
    [mother] = case.people.all()
    assert (mother.first_name, mother.relationship, mother.order) == ("Ambrosine", "Mother", 1)
    assert {agency.code for agency in case.agencies.all()} == {"HOS", "POL"}
    submission = case.submissions.get()
    assert (submission.answers, submission.question_set) == (answers, draft.question_set)
    assert (submission.submitted_by, submission.agency) == (cast.practitioner, cast.agency("HOS"))
    assert [event.verb for event in case.events.filter(verb="submit")] == ["submit"]
    assert Deadline.objects.open().filter(case=case).exists()
    told = Message.objects.get(to=cast.practitioner.person.email)
    assert case.reference in told.text
    assert Message.objects.filter(to=cast.manager.person.email).count() == 1
    for message in Message.objects.all():
        for word in (FIRST, LAST, STREET, "Police", "died"):
            assert word not in message.subject + message.text + message.html


def test_the_confirmation_says_reference_dates_and_whom_to_ring(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    send(priya, draft)
    page = main_of(priya.get(address("sent", draft)))
    assert sent_case(draft).reference in page
    assert "01632 960110" in page
    assert "December 2026" in page
    for word in (FIRST, LAST, STREET):
        assert word not in page


def test_a_sent_draft_is_read_only_and_holds_no_second_copy(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    url = address("section", draft, "what-happened")
    seen = hidden(priya.get(url), "seen")
    send(priya, draft)
    assert priya.get(url).status_code == 404
    assert priya.post(url, {"account": "Too late", "seen": seen}).status_code == 404
    assert priya.get(address("delete", draft)).status_code == 404
    assert priya.post(address("delete", draft)).status_code == 404
    assert priya.get(address("task_list", draft))["Location"] == address("sent", draft)
    assert priya.get(address("check", draft))["Location"] == address("sent", draft)
    draft.refresh_from_db()
    assert draft.answers == {}
    assert sent_case(draft).submissions.get().answers["what-happened"]["account"] != "Too late"


def test_sending_again_answers_with_the_same_case(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    version = hidden(priya.get(address("check", draft)), "version")
    for _ in range(3):
        response = priya.post(address("check", draft), {"version": version})
        assert response["Location"] == address("sent", draft)
    assert Case.objects.count() == 1


def test_what_is_sent_is_what_was_checked(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    version = hidden(priya.get(address("check", draft)), "version")
    other = full()["what-happened"] | {"account": "Changed after the check"}
    fill(priya, address("section", draft, "what-happened"), draft, "what-happened", other)
    page = priya.post(address("check", draft), {"version": version})
    assert page.status_code == 409
    assert "changed in another window" in main_of(page)
    assert not Case.objects.exists()
    assert send(priya, draft).status_code == 302
    assert Case.objects.count() == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "1e3", "9" * 400])
def test_a_broken_version_sends_nothing(priya: Client, cast: Cast, version: str) -> None:
    draft = draft_with(cast.practitioner, full())
    assert priya.post(address("check", draft), {"version": version}).status_code in (200, 409)
    assert not Case.objects.exists()


def test_hidden_answers_are_not_sent(priya: Client, cast: Cast) -> None:
    answers = full()
    answers["children"][1] |= {"date_of_death": "2020-02-02"}  # says that the child has not died
    draft = draft_with(cast.practitioner, answers)
    assert "2 February 2020" not in main_of(priya.get(address("check", draft)))
    send(priya, draft)
    case = sent_case(draft)
    assert case.children.get(order=2).date_of_death == ""
    assert "date_of_death" not in case.submissions.get().answers["children"][1]


def test_the_referral_of_one_partnership_is_not_seen_in_the_other(cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    send(client_for(cast.practitioner), draft)
    reference = sent_case(draft).reference
    for member in (cast.eller_manager, cast.eller_lead_pol, cast.eller_practitioner):
        client = client_for(member)
        assert client.get(reverse("cases:detail", args=[reference])).status_code == 404
        assert client.get(address("sent", draft)).status_code == 404


# ---- Deleting -------------------------------------------------------------------------------------------


def test_a_draft_is_deleted_only_after_asking_and_its_answers_are_erased(priya: Client, cast: Cast) -> None:
    draft = draft_with(cast.practitioner, full())
    assert "Delete this draft?" in main_of(priya.get(address("delete", draft)))
    draft.refresh_from_db()
    assert draft.answers
    assert priya.post(address("delete", draft))["Location"] == reverse("referrals:start")
    draft.refresh_from_db()
    assert (draft.state, draft.answers) == (Draft.State.WITHDRAWN, {})
    assert priya.get(address("task_list", draft)).status_code == 404
    assert not Case.objects.exists()


def test_a_draft_with_answers_is_offered_again_on_the_first_page_and_an_untouched_one_is_not(
    priya: Client, cast: Cast
) -> None:
    priya.post(reverse("referrals:start"))
    assert "Referrals you have not sent" not in main_of(priya.get(reverse("referrals:start")))
    draft = draft_with(cast.practitioner, full())
    page = main_of(priya.get(reverse("referrals:start")))
    assert address("task_list", draft) in page
    assert FIRST not in page
