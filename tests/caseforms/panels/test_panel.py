"""Meetings, the panel's recommendation and the independent chair's decision."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from caseforms.cases.models import Case, Draft, Interest, Outcome, Stage
from caseforms.panels import services
from caseforms.panels.models import Decision, Meeting, Recommendation
from caseforms.panels.selectors import quorum_of
from portal.outbox.models import Message
from tests.caseforms.cases import world
from tests.caseforms.workflow.test_pages import posted
from tests.cast import Cast, client_for

TYPED = "What the panel could not agree about"


def url(case: Case, page: str) -> str:
    return reverse(f"panels:{page}", args=[case.reference])


def on(day: Any, name: str = "decided_on") -> dict[str, int]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def full(meeting: Meeting, **more: str) -> dict[str, str]:
    return {**posted(world.RECOMMENDED), "meeting": str(meeting.pk), **more}


def test_the_chair_records_a_meeting_and_who_was_there(cast: Cast) -> None:
    client = client_for(cast.chair)
    today = timezone.localdate()
    response = client.post(reverse("panels:meetings"), on(today, "held_on"))
    meeting = Meeting.objects.get()
    assert response.headers["Location"] == reverse("panels:meeting", args=[meeting.pk])
    present = [str(cast.members[key].pk) for key in ("chair", "panel", "lead_pol")]
    page = reverse("panels:meeting", args=[meeting.pk])
    assert client.post(page, {"present": present, "version": "1"}).status_code == 302
    assert "3 agencies count; quorate" in client.get(reverse("panels:meetings")).content.decode()
    client.post(reverse("panels:meetings"), on(today, "held_on"))
    assert Meeting.objects.count() == 1


def test_a_meeting_cannot_lie_in_the_future_nor_be_attended_by_strangers(cast: Cast) -> None:
    client = client_for(cast.chair)
    tomorrow = timezone.localdate() + timedelta(1)
    assert client.post(reverse("panels:meetings"), on(tomorrow, "held_on")).status_code == 200
    assert not Meeting.objects.exists()
    meeting = services.hold_meeting(cast.tarn, timezone.localdate(), cast.manager)
    for key in ("eller_lead_pol", "auditor", "practitioner"):
        with pytest.raises(ValueError, match="members of this review group"):
            services.record_attendance(meeting, [cast.members[key]], cast.chair, seen=1)
    assert not meeting.attendances.exists()


def test_meetings_are_for_the_review_group_of_their_own_partnership(cast: Cast) -> None:
    meeting = world.held(cast)
    page = reverse("panels:meeting", args=[meeting.pk])
    for key in ("manager", "chair", "panel", "independent_chair"):
        assert client_for(cast.members[key]).get(page).status_code == 200, key
    for key in ("eller_manager", "practitioner", "lead_pol", "auditor", "administrator"):
        client = client_for(cast.members[key])
        assert client.get(page).status_code == 404, key
        assert client.post(page, {"present": [], "version": "2"}).status_code == 404, key
    for key in ("practitioner", "lead_pol", "auditor", "administrator", "author"):
        assert client_for(cast.members[key]).get(reverse("panels:meetings")).status_code == 403, key
    member = client_for(cast.panel)
    assert member.post(page, {"present": [], "version": "2"}).status_code == 403
    assert member.post(reverse("panels:meetings"), on(timezone.localdate(), "held_on")).status_code == 403
    with pytest.raises(PermissionDenied):
        services.hold_meeting(cast.tarn, timezone.localdate(), cast.eller_manager)
    with pytest.raises(PermissionDenied):
        services.record_attendance(meeting, [], cast.panel, seen=2)
    assert meeting.attendances.count() == 3


def test_two_who_record_the_attendance_do_not_overwrite_each_other_unseen(cast: Cast) -> None:
    meeting = services.hold_meeting(cast.tarn, timezone.localdate(), cast.chair)
    client, page = client_for(cast.chair), reverse("panels:meeting", args=[meeting.pk])
    assert client.post(page, {"present": [str(cast.panel.pk)], "version": "1"}).status_code == 302
    refused = client.post(page, {"present": [str(cast.lead_csc.pk)], "version": "1"})
    assert refused.status_code == 409
    assert "Owen Price" in refused.content.decode().split("Recorded now")[1].split(". Saving")[0]
    assert [row.member for row in meeting.attendances.all()] == [cast.panel]


def test_the_panel_reads_what_every_agency_said_side_by_side(cast: Cast) -> None:
    case = world.gathering(cast, "POL", "CSC")
    world.give(case, cast.lead_pol)
    world.give(case, cast.lead_csc, world.NIL)
    paper = client_for(cast.panel).get(url(case, "paper")).content.decode()
    for words in (
        "Seen in the emergency department twice",
        "All three record systems",
        "stairgate",
        "Nil return",
    ):
        assert words in paper
    lead = client_for(cast.lead_pol).get(url(case, "paper")).content.decode()
    for words in ("All three record systems", "Seen in the emergency", "stairgate"):
        assert words not in lead
    assert client_for(cast.practitioner).get(url(case, "paper")).status_code == 403
    assert client_for(cast.lead_edu).get(url(case, "paper")).status_code == 404


def test_the_chair_saves_the_recommendation_and_sends_it_from_a_quorate_meeting(cast: Cast) -> None:
    case, meeting = world.gathering(cast), world.held(cast)
    client, page = client_for(cast.chair), url(case, "recommendation")
    data = {**world.form_data(client, page), **full(meeting, **{"recommendation-0-dissent": TYPED})}
    assert client.post(page, {**data, "save": "yes"}).status_code == 302
    again = client.get(page)
    assert TYPED in again.content.decode()
    assert again.context["at_meeting"]["meeting"].value() == str(meeting.pk)
    response = client.post(page, {**data, "version": "1", "send": "yes"})
    assert response.status_code == 302
    made = Recommendation.objects.get()
    assert (made.case, made.outcome, made.agencies_present, made.meeting) == (case, "review", 3, meeting)
    assert made.submission.answers["recommendation"]["dissent"] == TYPED
    assert Case.objects.get(pk=case.pk).stage == Stage.RECOMMENDED
    assert set(Message.objects.filter(notice="case_decision_needed").values_list("to", flat=True)) == {
        cast.independent_chair.person.email
    }


@pytest.mark.parametrize(
    "present", [(), ("chair", "panel"), ("panel", "lead_icb", "lead_hos"), ("chair", "panel", "manager")]
)
def test_a_meeting_without_a_quorum_recommends_nothing_and_says_why(
    cast: Cast, present: tuple[str, ...]
) -> None:
    case = world.gathering(cast)
    meeting = services.hold_meeting(cast.tarn, timezone.localdate(), cast.chair)
    services.record_attendance(meeting, [cast.members[key] for key in present], cast.chair, seen=1)
    client, page = client_for(cast.chair), url(case, "recommendation")
    response = client.post(page, {**world.form_data(client, page), **full(meeting), "send": "yes"})
    text = response.content.decode()
    assert response.status_code == 200
    assert "The panel cannot recommend from this meeting" in text
    assert "not quorate: 3 different agencies are needed" in text
    assert world.SECRET in text  # what was typed is still there, and saved
    assert Case.objects.get(pk=case.pk).stage == Stage.GATHERING
    assert not Recommendation.objects.exists()
    assert Draft.objects.get(case=case).state == Draft.State.DRAFT


def test_somebody_kept_out_of_the_case_does_not_count_towards_its_quorum(cast: Cast) -> None:
    case, other = world.gathering(cast), world.gathering(cast)
    meeting = world.held(cast, "chair", "panel", "conflicted")
    world.services.exclude(case, cast.conflicted.person, Interest.Kind.DECLARED, "", cast.conflicted)
    assert not quorum_of(meeting, case).quorate
    assert quorum_of(meeting, other).quorate
    assert quorum_of(meeting).quorate
    with pytest.raises(services.NotQuorate, match="2 agencies count"):
        services.recommend(
            case,
            world.stored(case, "panel-recommendation", cast.chair, world.RECOMMENDED),
            meeting,
            cast.chair,
        )
    assert not Recommendation.objects.exists()


def test_a_recommendation_needs_a_meeting_of_its_own_partnership_and_every_answer(cast: Cast) -> None:
    case = world.gathering(cast)
    foreign = Meeting.objects.create(partnership=cast.eller, held_on=timezone.localdate())
    client, page = client_for(cast.chair), url(case, "recommendation")
    data = {**world.form_data(client, page), **full(foreign), "send": "yes"}
    refused = client.post(page, data)
    assert refused.status_code == 200
    assert "Choose the meeting" in refused.content.decode()
    draft = Draft.objects.get(case=case)
    with pytest.raises(ValueError, match="another partnership"):
        services.recommend(case, draft, foreign, cast.chair)
    meeting = world.held(cast)
    missing = {**full(meeting), "recommendation-0-reasons": "", "version": str(draft.version), "send": "yes"}
    incomplete = client.post(page, {**data, **missing})
    assert incomplete.status_code == 200
    assert "Answer “" in incomplete.content.decode()
    assert not Recommendation.objects.exists()


def test_of_two_chairs_the_second_sees_the_first_ones_recommendation_and_keeps_the_typing(cast: Cast) -> None:
    case, meeting = world.gathering(cast), world.held(cast)
    client, page = client_for(cast.chair), url(case, "recommendation")
    data = {
        **world.form_data(client, page),
        **full(meeting, **{"recommendation-0-dissent": TYPED}),
        "send": "yes",
    }
    services.recommend(
        case, world.stored(case, "panel-recommendation", cast.chair, world.RECOMMENDED), meeting, cast.chair
    )
    response = client.post(page, data)
    text = response.content.decode()
    assert response.status_code == 409
    assert TYPED in text
    assert "Recommendation made (Review group chair" in text
    assert Recommendation.objects.count() == 1


def test_the_independent_chair_decides_with_reasons_and_those_concerned_are_told(cast: Cast) -> None:
    case = world.recommended(cast)
    client, page = client_for(cast.independent_chair), url(case, "decision")
    assert "Three agencies knew parts of it" in client.get(page).content.decode()
    data = {
        **world.form_data(client, page),
        "outcome": "review",
        "reasons": TYPED,
        **on(timezone.localdate()),
    }
    assert client.post(page, data).status_code == 302
    made = Decision.objects.get()
    assert (made.outcome, made.reasons, made.decided_by) == ("review", TYPED, cast.independent_chair)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.stage, stored.outcome) == (Stage.DECIDED, "review")
    assert TYPED in client_for(cast.lead_pol).get(url(case, "paper")).content.decode()
    assert client_for(cast.practitioner).get(url(case, "paper")).status_code == 403
    told = set(Message.objects.filter(notice="case_decision_made").values_list("to", flat=True))
    assert cast.practitioner.person.email in told
    assert cast.lead_pol.person.email in told
    assert cast.lead_edu.person.email not in told
    assert cast.independent_chair.person.email not in told


def test_only_the_independent_chair_decides(cast: Cast) -> None:
    case = world.recommended(cast)
    for key in ("manager", "chair", "panel", "lead_pol", "practitioner"):
        client = client_for(cast.members[key])
        assert client.get(url(case, "decision")).status_code == 403, key
        data = {"outcome": "review", "reasons": "x", **on(timezone.localdate())}
        assert client.post(url(case, "decision"), data).status_code == 403, key
    assert not Decision.objects.exists()


def test_a_decision_is_dated_between_the_recommendation_and_today(cast: Cast) -> None:
    case = world.recommended(cast)
    client, page = client_for(cast.independent_chair), url(case, "decision")
    data = {**world.form_data(client, page), "outcome": "review", "reasons": TYPED}
    today = timezone.localdate()
    for day in (today + timedelta(1), today - timedelta(1)):
        response = client.post(page, {**data, **on(day)})
        assert response.status_code == 200
        assert TYPED in response.content.decode()
    assert not Decision.objects.exists()


def test_the_second_of_two_decisions_is_not_taken_and_its_reasons_are_kept_on_the_page(cast: Cast) -> None:
    case = world.recommended(cast)
    client, page = client_for(cast.independent_chair), url(case, "decision")
    data = {
        **world.form_data(client, page),
        "outcome": "no_review",
        "reasons": TYPED,
        **on(timezone.localdate()),
    }
    services.decide(case, Outcome.REVIEW, "First", timezone.localdate(), cast.independent_chair)
    response = client.post(page, data)
    assert response.status_code == 409
    assert TYPED in response.content.decode()
    assert "Decision made: hold a review" in response.content.decode()
    assert Decision.objects.get().outcome == "review"


def test_a_deferred_case_comes_back_to_the_panel_and_is_decided_on_a_second_recommendation(
    cast: Cast,
) -> None:
    case = world.decided(cast, Outcome.DEFERRED)
    assert case.stage == Stage.GATHERING
    world.recommended(cast, case)
    services.decide(case, Outcome.NO_REVIEW, "Enough is known", timezone.localdate(), cast.independent_chair)
    assert Case.objects.get(pk=case.pk).stage == Stage.CLOSED
    assert [row.outcome for row in case.decisions.all()] == ["deferred", "no_review"]
    assert case.recommendations.count() == 2
