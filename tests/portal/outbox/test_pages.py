"""The list of messages: whose they are, how far they got, and nobody's one-use links outside the demo."""

import pytest
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.outbox.models import Message, State
from portal.outbox.services import compose_plain, store
from tests.cast import Cast, client_for

SECRET = "https://portal.example/invitation/one-use-token/"


def put(to: str, subject: str, **columns: object) -> Message:
    message = compose_plain(to=to, subject=subject, text=f"Open {SECRET}")
    for name, value in columns.items():
        setattr(message, name, value)
    store([message])
    return message


@pytest.fixture
def sent(cast: Cast, settings) -> Cast:
    settings.DEMO_MODE = False
    put(cast.practitioner.person.email, "CR-TARN-0001: received", partnership_id=cast.tarn.id)
    put(cast.eller_practitioner.person.email, "CR-ELLE-0001: received", partnership_id=cast.eller.id)
    put(cast.lead_hos.person.email, "Your password")
    put("stranger@elsewhere.example", "To a stranger")
    return cast


def page_of(member, name: str = "outbox:list", **query: str) -> str:
    response = client_for(member).get(reverse(name), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_managers_and_administrators_see_the_messages_of_their_partnership(sent: Cast, role: str) -> None:
    page = page_of(getattr(sent, role))
    assert "CR-TARN-0001: received" in page
    assert "Your password" in page  # to somebody who belongs to this partnership alone
    assert "CR-ELLE-0001" not in page
    assert "To a stranger" not in page


def test_the_other_partnership_sees_its_own(sent: Cast) -> None:
    page = page_of(sent.eller_manager)
    assert "CR-ELLE-0001" in page
    assert "CR-TARN-0001" not in page
    assert "Your password" not in page


@pytest.mark.parametrize("role", ["practitioner", "lead_icb", "chair", "auditor"])
def test_nobody_else_may_look(sent: Cast, role: str) -> None:
    client = client_for(getattr(sent, role))
    message = Message.objects.get(subject="CR-TARN-0001: received")
    assert client.get(reverse("outbox:list")).status_code == 403
    assert client.get(reverse("outbox:detail", args=[message.pk])).status_code == 403
    assert client.post(reverse("outbox:retry", args=[message.pk])).status_code == 403


def test_a_person_in_two_partnerships_shows_neither_what_the_other_writes_to_them(sent: Cast) -> None:
    both = sent.eller_lead_pol
    type(both).objects.create(
        person=both.person, agency=both.agency, partnership=sent.tarn, role="agency_lead"
    )
    put(both.person.email, "Without a partnership")
    assert "Without a partnership" not in page_of(sent.manager)


def test_what_a_message_says_is_shown_to_no_administrator(sent: Cast) -> None:
    message = Message.objects.get(subject="Your password")
    response = client_for(sent.administrator).get(reverse("outbox:detail", args=[message.pk]))
    assert response.status_code == 200
    assert "one-use-token" not in response.content.decode()
    assert "Waiting" in response.content.decode()


def test_a_message_of_another_partnership_does_not_exist(sent: Cast) -> None:
    message = Message.objects.get(subject="CR-ELLE-0001: received")
    assert client_for(sent.administrator).get(reverse("outbox:detail", args=[message.pk])).status_code == 404


def test_in_the_demo_the_page_is_everybodys_mailbox(sent: Cast, settings) -> None:
    settings.DEMO_MODE = True
    page = page_of(sent.practitioner)
    assert "CR-TARN-0001" in page
    assert "CR-ELLE-0001" in page
    message = Message.objects.get(subject="Your password")
    detail = client_for(sent.practitioner).get(reverse("outbox:detail", args=[message.pk])).content.decode()
    assert f'href="{SECRET}"' in detail


def test_a_failed_message_can_be_tried_again_by_an_administrator_once(sent: Cast) -> None:
    message = put(
        sent.practitioner.person.email, "CR-TARN-0002: due", partnership_id=sent.tarn.id,
        state=State.FAILED, attempts=11, last_error="SMTPDataError 554",
    )  # fmt: skip
    client = client_for(sent.administrator)
    detail = client.get(reverse("outbox:detail", args=[message.pk])).content.decode()
    assert "SMTPDataError 554" in detail
    assert "Try to send it again" in detail
    client.post(reverse("outbox:retry", args=[message.pk]))
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    client.post(reverse("outbox:retry", args=[message.pk]))
    assert AccessEvent.objects.filter(verb="message_retried", object_ref=str(message.pk)).count() == 1


def test_a_business_manager_sees_the_failure_but_no_button(sent: Cast) -> None:
    message = put("a@b.example", "Failed one", partnership_id=sent.tarn.id, state=State.FAILED)
    client = client_for(sent.manager)
    assert (
        "Try to send it again" not in client.get(reverse("outbox:detail", args=[message.pk])).content.decode()
    )
    assert client.post(reverse("outbox:retry", args=[message.pk])).status_code == 403


def test_a_sent_message_is_not_sent_again_by_the_button(sent: Cast) -> None:
    message = put("a@b.example", "Sent one", partnership_id=sent.tarn.id, state=State.SENT)
    client_for(sent.administrator).post(reverse("outbox:retry", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == State.SENT


def test_looking_at_a_link_tries_nothing_again(sent: Cast) -> None:
    message = put("a@b.example", "Failed one", partnership_id=sent.tarn.id, state=State.FAILED)
    assert client_for(sent.administrator).get(reverse("outbox:retry", args=[message.pk])).status_code == 405


def test_the_list_can_be_narrowed_and_says_when_it_is_empty(sent: Cast) -> None:
    put("a@b.example", "Failed one", partnership_id=sent.tarn.id, state=State.FAILED)
    page = page_of(sent.manager, state="failed")
    assert "Failed one" in page
    assert "CR-TARN-0001" not in page
    assert "No message is in this state" in page_of(sent.manager, state="withheld")
    Message.objects.all().delete()
    assert "No message has been written yet" in page_of(sent.manager)
