"""E-mails about a case: the reference, a task, a date and a link, and nothing else (T19)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from caseforms.cases import policy
from caseforms.cases.models import Case, CaseEvent
from caseforms.cases.policy import Action
from portal.accounts.models import User
from portal.outbox import services as outbox

GUARD = "case"


def tell(
    notice: str,
    case: Case,
    event: CaseEvent,
    people: Iterable[User],
    *,
    url_name: str = "cases:detail",
    due_at: datetime | None = None,
) -> None:
    """Stores one message for each person and event, however often it is called.

    At delivery the policy is asked again whether that person may still see the case.
    """
    link = settings.BASE_URL + reverse(url_name, args=[case.reference])
    for person in people:
        outbox.send(
            notice=notice,
            to=person.email,
            key=f"{notice}:{event.uid}:{person.pk}",
            context={"reference": case.reference, "due_at": due_at, "link": link},
            guard=GUARD,
            subject_id=case.pk,
            recipient_id=person.pk,
            partnership_id=case.partnership_id,
        )


def may_still_see(message: Any) -> bool:
    """Outbox guard: whether the recipient may see the case at the moment of delivery."""
    person = User.objects.filter(pk=message.recipient_id).first()
    case = Case.objects.filter(pk=message.subject_id).first()
    return person is not None and case is not None and policy.can(person, Action.SEE, case)


def interest_recorded(case: Case, event: CaseEvent) -> None:
    """To those who may name a deputy: somebody is out of the case. Who, is on the page."""
    tell("case_interest", case, event, policy.people_who(Action.GIVE_ACCESS, case), url_name="cases:access")
