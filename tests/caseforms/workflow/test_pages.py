"""The pages of the steps: who acts, what happens to the second of two, and that nothing typed is lost."""

from typing import Any

import pytest
from django.urls import reverse

from caseforms.cases.models import Case, Draft, Stage
from caseforms.workflow.services import advance
from portal.audit.models import AccessEvent
from tests.caseforms.cases import world
from tests.cast import Cast, client_for

TYPED = "A long and careful note about the second ward round"


def url(case: Case, page: str) -> str:
    return reverse(f"workflow:{page}", args=[case.reference])


def posted(answers: dict[str, dict[str, Any]], *, number: int = 0) -> dict[str, str]:
    """Answers as the boxes of a sheet post them."""
    data = {}
    for section, values in answers.items():
        for code, value in values.items():
            name = f"{section}-{number}-{code}"
            if code in {"secured_on", "period_from", "period_to"} and isinstance(value, str):
                year, _, rest = value.partition("-")
                month, _, day = rest.partition("-")
                data |= {f"{name}_year": year, f"{name}_month": month, f"{name}_day": day}
            elif isinstance(value, dict):
                data[name] = value["answer"]
            else:
                data[name] = value
    return data


def test_the_manager_accepts_a_referral_and_it_leaves_their_page(cast: Cast) -> None:
    case = world.referred(cast)
    client = client_for(cast.manager)
    page = client.get(url(case, "triage")).content.decode()
    assert world.SECRET in page  # what the referrer wrote stands beside the question
    data = {**world.form_data(client, url(case, "triage")), "decision": "accept", "words": TYPED}
    response = client.post(url(case, "triage"), data)
    assert response.headers["Location"] == reverse("cases:detail", args=[case.reference])
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED
    detail = client.get(response.headers["Location"]).content.decode()
    assert url(case, "triage") not in detail
    assert url(case, "ask") in detail


def test_a_question_goes_to_the_referrer_whose_answer_brings_the_referral_back(cast: Cast) -> None:
    case = world.referred(cast)
    manager, referrer = client_for(cast.manager), client_for(cast.practitioner)
    data = {**world.form_data(manager, url(case, "triage")), "decision": "return", "words": ""}
    empty = manager.post(url(case, "triage"), data)
    assert "Enter the question" in empty.content.decode()
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED
    manager.post(url(case, "triage"), {**data, "words": "Which ward was it?"})
    assert (
        url(case, "answer") in referrer.get(reverse("cases:detail", args=[case.reference])).content.decode()
    )
    assert "Which ward was it?" in referrer.get(url(case, "answer")).content.decode()
    assert client_for(cast.manager).get(url(case, "answer")).status_code == 403
    data = {**world.form_data(referrer, url(case, "answer")), "answer": "The second"}
    assert referrer.post(url(case, "answer"), data).status_code == 302
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED
    assert "The second" in manager.get(reverse("cases:timeline", args=[case.reference])).content.decode()


def test_the_second_of_two_who_triage_sees_what_the_first_did_and_loses_nothing_typed(cast: Cast) -> None:
    case = world.referred(cast)
    second = client_for(cast.manager)
    data = {**world.form_data(second, url(case, "triage")), "decision": "return", "words": TYPED}
    advance(case, "triage", cast.manager)
    response = second.post(url(case, "triage"), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert TYPED in page
    assert "Accepted for consideration (Business manager, Tarnbrook Business Unit)" in page
    assert "no longer open" in page
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED
    assert not case.events.filter(verb="return_with_question").exists()


def test_a_page_drawn_before_the_case_went_and_came_back_is_refused_once_and_then_taken(cast: Cast) -> None:
    case = world.referred(cast)
    client = client_for(cast.manager)
    data = {**world.form_data(client, url(case, "triage")), "decision": "accept", "words": TYPED}
    advance(case, "return_with_question", cast.manager, reason="Which ward?")
    advance(case, "answer_question", cast.practitioner, reason="The second")
    refused = client.post(url(case, "triage"), data)
    assert refused.status_code == 409
    assert TYPED in refused.content.decode()
    assert "send it again if it still fits" in refused.content.decode()
    again = client.post(url(case, "triage"), {**data, "seen": refused.context["seen"]})
    assert again.status_code == 302
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED


@pytest.mark.parametrize("seen", ["", "submitted", "nonsense \x00"])
def test_a_form_that_does_not_say_what_it_saw_is_not_taken(cast: Cast, seen: str) -> None:
    case = world.referred(cast)
    response = client_for(cast.manager).post(url(case, "triage"), {"seen": seen, "decision": "accept"})
    assert response.status_code == 409
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED


def test_a_step_that_is_not_open_leads_back_to_the_case(cast: Cast) -> None:
    case = world.referred(cast)
    for key, page in (("manager", "ask"), ("manager", "close"), ("practitioner", "answer")):
        response = client_for(cast.members[key]).get(url(case, page), follow=True)
        assert response.redirect_chain == [(reverse("cases:detail", args=[case.reference]), 302)]
        assert "not open at the moment" in response.content.decode()


def test_each_step_is_for_its_own_people(cast: Cast) -> None:
    case = world.gathering(cast)
    allowed = {
        "triage": {"manager"},
        "withdraw": {"manager", "practitioner"},
        "answer": {"practitioner"},
        "ask": {"manager"},
        "information": {"lead_pol", "lead_csc", "lead_icb"},
        "close": {"manager"},
    }
    sees = {"manager", "practitioner", "lead_hos", "lead_pol", "lead_csc", "lead_icb", "chair", "panel"}
    for key in (*sees, "lead_edu", "auditor", "eller_manager"):
        client = client_for(cast.members[key])
        for page, people in allowed.items():
            status = client.get(url(case, page)).status_code
            assert status in ({200, 302} if key in people else {403} if key in sees else {404}), (key, page)
            if key not in people:
                assert client.post(url(case, page), {"reason": "x"}).status_code == status, (key, page)
    assert Case.objects.get(pk=case.pk).stage == Stage.GATHERING


def test_the_referrer_withdraws_and_a_reason_is_needed(cast: Cast) -> None:
    case = world.referred(cast)
    client = client_for(cast.practitioner)
    data = world.form_data(client, url(case, "withdraw"))
    assert client.post(url(case, "withdraw"), {**data, "reason": ""}).status_code == 200
    assert Case.objects.get(pk=case.pk).stage == Stage.SUBMITTED
    assert client.post(url(case, "withdraw"), {**data, "reason": TYPED}).status_code == 302
    assert Case.objects.get(pk=case.pk).stage == Stage.WITHDRAWN
    assert case.events.get(verb="withdraw").text == TYPED


def test_agencies_are_asked_on_a_page_that_offers_only_the_partnerships_own(cast: Cast) -> None:
    case = world.triaged(cast, "CSC")
    client = client_for(cast.manager)
    page = client.get(url(case, "ask"))
    offered = page.content.decode()
    assert "Ellerfold Children" not in offered
    assert "They must answer by" in offered
    assert set(page.context["form"].initial["agencies"]) == {cast.agency("CSC").pk, cast.agency("HOS").pk}
    data = world.form_data(client, url(case, "ask"))
    foreign = client.post(url(case, "ask"), {**data, "agencies": [str(cast.agency("ELC").pk)]})
    assert foreign.status_code == 200
    assert Case.objects.get(pk=case.pk).stage == Stage.TRIAGED
    chosen = [str(cast.agency(code).pk) for code in ("POL", "CSC")]
    assert client.post(url(case, "ask"), {**data, "agencies": chosen}).status_code == 302
    asked = case.case_agencies.filter(asked_at__isnull=False).values_list("agency__code", flat=True)
    assert set(asked) == {"POL", "CSC"}


def test_an_agency_saves_its_information_comes_back_and_sends_it(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.lead_pol)
    page = url(case, "information")
    data = {**world.form_data(client, page), "involvement-0-involved": "yes", "involvement-0-summary": TYPED}
    assert client.post(page, {**data, "save": "yes"}).status_code == 302
    assert TYPED in client.get(page).content.decode()
    assert not case.submissions.filter(question_set__code="agency-information").exists()
    incomplete = client.post(page, {**world.form_data(client, page), **data, "version": "1", "send": "yes"})
    assert incomplete.status_code == 200
    assert "Answer “What concerns you" in incomplete.content.decode()
    assert not case.submissions.filter(question_set__code="agency-information").exists()
    full = {**world.form_data(client, page), **posted(world.INVOLVED), "send": "yes"}
    full |= {"involvement-0-secured_on_day": "1", "involvement-0-secured_on_month": "11"}
    response = client.post(page, full)
    assert response.status_code == 302
    submission = case.submissions.get(question_set__code="agency-information")
    assert submission.answers["involvement"]["summary"] == world.INVOLVED["involvement"]["summary"]
    row = case.case_agencies.get(agency__code="POL")
    assert row.answered_at is not None
    assert row.involved is True
    assert Draft.objects.get(case=case).answers == {}
    assert client.get(page).headers["Location"] == reverse("cases:form", args=[case.reference, submission.pk])


def test_nobody_else_sees_an_agencys_draft(cast: Cast) -> None:
    case = world.gathering(cast)
    world.stored(
        case, "agency-information", cast.lead_pol, {"involvement": {"involved": "yes", "summary": TYPED}}
    )
    for key in ("manager", "chair", "lead_csc", "practitioner"):
        client = client_for(cast.members[key])
        for name in ("cases:detail", "cases:forms", "cases:timeline", "panels:paper", "workflow:information"):
            assert TYPED not in client.get(reverse(name, args=[case.reference])).content.decode(), (key, name)


def test_a_nil_return_is_a_return(cast: Cast) -> None:
    case = world.gathering(cast, "POL", "CSC")
    world.give(case, cast.lead_pol, world.NIL)
    row = case.case_agencies.get(agency__code="POL")
    assert (row.answered_at is not None, row.involved) == (True, False)
    page = client_for(cast.manager).get(reverse("cases:agencies", args=[case.reference])).content.decode()
    assert "Nil return" in page
    assert "Waiting" in page


def test_two_tabs_on_one_form_lose_nothing(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.lead_pol)
    page = url(case, "information")
    both = {**world.form_data(client, page), "involvement-0-involved": "yes"}
    first = {**both, "involvement-0-summary": "From the first tab", "save": "yes"}
    second = {**both, "involvement-0-summary": TYPED, "save": "yes"}
    assert client.post(page, first).status_code == 302
    refused = client.post(page, second)
    text = refused.content.decode()
    assert refused.status_code == 409
    assert TYPED in text
    assert "From the first tab" in text
    assert Draft.objects.get(case=case).answers["involvement"]["summary"] == "From the first tab"
    again = client.post(page, {**second, "version": refused.context["version"]})
    assert again.status_code == 302
    assert Draft.objects.get(case=case).answers["involvement"]["summary"] == TYPED
    assert Draft.objects.filter(case=case).count() == 1


def test_what_is_typed_after_a_colleague_has_sent_the_form_is_shown_and_not_stored(cast: Cast) -> None:
    case = world.gathering(cast)
    client = client_for(cast.lead_pol)
    page = url(case, "information")
    data = {**world.form_data(client, page), "involvement-0-summary": TYPED, "send": "yes"}
    world.give(case, cast.lead_pol)
    response = client.post(page, data)
    text = response.content.decode()
    assert response.status_code == 409
    assert TYPED in text
    assert "Seen in the emergency department twice" in text
    assert 'name="send"' not in text
    assert case.submissions.filter(question_set__code="agency-information").count() == 1
    assert not Draft.objects.filter(case=case, state=Draft.State.DRAFT).exists()


def test_after_the_recommendation_an_agencys_typing_is_kept_on_the_page_and_changes_nothing(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    client = client_for(cast.lead_icb)
    page = url(case, "information")
    data = {**world.form_data(client, page), **posted(world.NIL), "send": "yes"}
    world.recommended(cast, case)
    response = client.post(page, data)
    assert response.status_code == 409
    assert world.NIL["involvement"]["checked"] in response.content.decode()
    assert not case.submissions.filter(question_set__code="agency-information").exists()
    assert client.get(page).status_code == 302


def test_a_step_page_is_recorded_as_looked_at_once(cast: Cast) -> None:
    case = world.referred(cast)
    client_for(cast.manager).get(url(case, "triage"))
    event = AccessEvent.objects.get(verb="viewed")
    assert (event.object_ref, event.detail) == (case.reference, "workflow:triage")


def test_the_manager_closes_a_planned_case_with_a_reason(cast: Cast) -> None:
    case = world.gathering(cast)
    Case.objects.filter(pk=case.pk).update(stage=Stage.PLANNED)
    client = client_for(cast.manager)
    data = {**world.form_data(client, url(case, "close")), "reason": TYPED}
    assert client.post(url(case, "close"), data).status_code == 302
    assert Case.objects.get(pk=case.pk).stage == Stage.CLOSED


def test_an_agency_that_is_asked_reads_which_child_it_is_about_and_by_when_and_in_no_title(
    cast: Cast,
) -> None:
    case = world.gathering(cast)
    child = case.children.get()
    page = client_for(cast.lead_pol).get(url(case, "information")).content.decode()
    title, main = page.partition("</title>")[0], page.partition("<main")[2]
    assert f"{child.first_name} {child.last_name}" in main
    assert "in 10 working days" in main
    assert child.last_name not in title
    assert client_for(cast.lead_edu).get(url(case, "information")).status_code == 404
