"""E-mails about a case: whose rights have gone by the time of sending gets nothing, and nobody gets one twice."""

from django.core import mail
from django.utils import timezone

from caseforms.cases import notices, services
from caseforms.cases.models import Interest
from portal.accounts.models import Membership
from portal.outbox.jobs import deliver
from portal.outbox.models import Message
from tests.caseforms.cases import world
from tests.cast import Cast


def test_whoever_lost_the_right_between_storing_and_sending_gets_nothing(cast: Cast) -> None:
    case = world.gathering(cast)
    services.exclude(case, cast.lead_pol.person, Interest.Kind.INVOLVED, "", cast.manager)
    Membership.objects.filter(pk=cast.lead_csc.pk).update(ended_at=timezone.now())
    deliver()
    sent = {address for message in mail.outbox for address in message.to}
    assert cast.lead_icb.person.email in sent
    assert cast.lead_pol.person.email not in sent
    assert cast.lead_csc.person.email not in sent
    withheld = Message.objects.filter(state="withheld").values_list("to", flat=True)
    assert set(withheld) == {cast.lead_pol.person.email, cast.lead_csc.person.email}


def test_the_same_event_is_told_to_the_same_person_once(cast: Cast) -> None:
    case = world.referred(cast)
    event = case.events.get(verb="submit")
    before = Message.objects.count()
    notices.tell("case_received", case, event, [cast.practitioner.person])
    assert Message.objects.count() == before


def test_the_manager_learns_that_somebody_steps_back_but_not_who_or_why(cast: Cast) -> None:
    case = world.gathering(cast)
    services.exclude(
        case, cast.conflicted.person, Interest.Kind.DECLARED, "My sister's family", cast.conflicted
    )
    services.exclude(case, cast.conflicted.person, Interest.Kind.DECLARED, "again", cast.conflicted)
    message = Message.objects.get(notice="case_interest")
    assert message.to == cast.manager.person.email
    words = message.subject + message.text + message.html
    assert case.reference in words
    for never in ("Nina", "Kowal", "Police", "sister"):
        assert never not in words


def test_every_notice_of_a_whole_life_names_reference_task_date_and_link_alone(cast: Cast) -> None:
    case = world.scoped(cast)
    world.decided(cast)
    assert Message.objects.values("notice").distinct().count() >= 7
    for message in Message.objects.all():
        words = message.subject + message.text + message.html
        assert "CR-" in message.subject, message.notice
        assert "/cases/CR-" in message.text, message.notice
        for never in (
            world.CHILD,
            world.SURNAME,
            "Oriel",
            "Marram",
            "stairgate",
            "Tarn Vale",
            "Nair",
            "Quillfeather",
        ):
            assert never not in words, message.notice
    assert case.reference in " ".join(Message.objects.values_list("subject", flat=True))
