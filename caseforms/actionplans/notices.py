"""The e-mails of action plans: the case reference, a task, a date and a link."""

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse

from caseforms.actionplans import policy
from caseforms.actionplans.models import Plan
from caseforms.cases import policy as cases_policy
from portal.outbox.models import Message
from portal.outbox.services import send


def plan_adopted(plan: Plan) -> None:
    """Tells leads whose agency comes into the case only by its plan; workflow tells everybody else."""
    told = cases_policy.people_who(cases_policy.Action.READ_DECISION, plan.case)
    for person in policy.leads_of(plan).exclude(pk__in=told):
        mine = policy.own_actions(person).filter(recommendation__plan=plan)
        figures = mine.order_by().aggregate(count=Count("pk"), first_due=Min("due_on"))
        send(
            notice="action_plan_adopted",
            to=person.email,
            key=f"action_plan_adopted:{plan.pk}:{person.pk}",
            context={
                "reference": plan.case.reference,
                "count": figures["count"],
                "first_due": figures["first_due"],
                "link": f"{settings.BASE_URL}{reverse('actionplans:mine')}",
            },
            guard="action-plan",
            subject_id=plan.pk,
            recipient_id=person.pk,
            partnership_id=plan.case.partnership_id,
        )


def still_concerns(message: Message) -> bool:
    """Guard: whether the plan still has an action that is the recipient's own, asked when the message goes
    out.
    """
    if message.subject_id is None or message.recipient_id is None:
        return False
    plan = Plan.objects.filter(pk=message.subject_id).first()
    return plan is not None and policy.leads_of(plan).filter(pk=message.recipient_id).exists()
