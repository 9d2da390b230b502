"""What happens to a case apart from its stage: its history grows, people are let in or kept out."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from caseforms.cases import notices
from caseforms.cases.models import Case, CaseAgency, CaseEvent, CaseParticipant, Interest
from portal.accounts.models import Agency, Membership, User
from portal.encryption import text_digest


def record_event(
    case: Case,
    verb: str,
    actor: Membership | None,
    *,
    text: str = "",
    facts: dict[str, Any] | None = None,
    from_stage: str = "",
    to_stage: str = "",
) -> CaseEvent:
    """Adds one event to the case's history, with the membership, role and agency it was done in.

    `facts` are typed and identify nobody (an outcome, a date, a number); words that a person typed go to
    `text`, which is encrypted and stands in the audit chain by its digest. `actor` is None for the console
    and the worker.
    """
    return CaseEvent.objects.create(
        case=case,
        verb=verb,
        membership=actor,
        role=actor.role if actor else "",
        agency=actor.agency if actor else None,
        from_stage=from_stage,
        to_stage=to_stage,
        facts=facts or {},
        text=text,
        text_digest=text_digest(text) if text else "",
    )


def add_agencies(case: Case, agencies: list[Agency]) -> list[CaseAgency]:
    """Makes agencies take part in the case, each once; returns their rows in the order given."""
    return [CaseAgency.objects.get_or_create(case=case, agency=agency)[0] for agency in agencies]


@transaction.atomic
def exclude(case: Case, person: User, kind: Interest.Kind, reason: str, actor: Membership) -> Interest:
    """Declares or records an interest: from now on the person sees nothing of the case. Doing it twice
    changes nothing."""
    interest, created = Interest.objects.get_or_create(
        case=case, person=person, lifted_at=None, defaults={"kind": kind, "reason": reason}
    )
    if created:
        event = record_event(
            case, "interest", actor, facts={"kind": kind.value, "interest": str(interest.pk)}
        )
        notices.interest_recorded(case, event)
    return interest


@transaction.atomic
def lift(interest: Interest, reason: str, actor: Membership) -> bool:
    """The independent chair allows an appeal: the person's rights come back. False where it was lifted
    already."""
    lifted = Interest.objects.filter(pk=interest.pk, lifted_at__isnull=True).update(lifted_at=timezone.now())
    if lifted:
        record_event(
            interest.case, "interest_lifted", actor, text=reason, facts={"interest": str(interest.pk)}
        )
    return bool(lifted)


@transaction.atomic
def let_in(
    case: Case,
    membership: Membership,
    kind: CaseParticipant.Kind,
    actor: Membership,
    *,
    starts_on: date,
    ends_on: date | None,
) -> CaseParticipant:
    """Names an author or a deputy for this one case, between two days (both included); naming again changes
    the days."""
    participant, _ = CaseParticipant.objects.update_or_create(
        case=case, membership=membership, kind=kind, defaults={"starts_on": starts_on, "ends_on": ends_on}
    )
    facts = {
        "kind": kind.value,
        "agency": membership.agency.code,
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat() if ends_on else "",
    }
    record_event(case, "access_given", actor, facts=facts)
    return participant
