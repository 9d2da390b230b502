"""Who may refer, and whose a draft is: its drafter's alone, not their agency's and not the business
manager's."""

from django.db.models import Q, QuerySet

from caseforms.cases.models import Draft
from caseforms.cases.policy import MAY_REFER, Action, Someone, cases_for
from portal.accounts.models import Membership

FORM = "case-referral"


def may_refer(member: Membership | None) -> bool:
    """Whether a person may refer a case in this membership."""
    return member is not None and member.role in MAY_REFER


def drafts_of(user: Someone) -> QuerySet[Draft]:
    """The referrals that this person has begun, sent or not, in memberships that they still hold.

    A draft that answers a question belongs to its case: it goes when the right to answer goes. A referral
    that was sent stays with its case, and is seen while the case is.
    """
    if not user.is_authenticated:
        return Draft.objects.none()
    holding = Membership.objects.current().filter(person=user, role__in=MAY_REFER)
    open_or_not_sent = Q(case__isnull=True) | Q(case__in=cases_for(user, Action.ANSWER_QUESTION))
    sent = Q(state=Draft.State.SUBMITTED, case__in=cases_for(user, Action.SEE))
    return (
        Draft.objects.filter(open_or_not_sent | sent, owner__in=holding, question_set__code=FORM)
        .exclude(state=Draft.State.WITHDRAWN)
        .select_related("question_set", "case", "owner__person", "owner__agency", "owner__partnership")
    )
