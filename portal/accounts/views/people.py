"""The people of a partnership, for those who manage it: who is in it, inviting, ending, resetting a second
factor."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.accounts import policy, services
from portal.accounts.acting import PortalRequest
from portal.accounts.forms import InviteForm, ResetFactorForm
from portal.accounts.models import Membership, User
from portal.accounts.selectors import memberships_in, open_invitations
from portal.accounts.stepup import step_up_required
from portal.accounts.views.onward import posted
from portal.audit.services import record


def people(request: PortalRequest) -> HttpResponse:
    """Current members, open invitations, past members."""
    actor = _manager(request)
    current, past = memberships_in(actor.partnership)
    context = {
        "actor": actor,
        "current": [(member, policy.may_end(actor, member), _may_reset(actor, member)) for member in current],
        "past": past,
        "invitations": open_invitations(actor.partnership),
    }
    return render(request, "accounts/people.html", context)


def invite(request: PortalRequest) -> HttpResponse:
    """Sends an invitation; the answer is the same whether the address has an account or not."""
    actor = _manager(request)
    form = InviteForm(posted(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        services.invite(
            email=form.cleaned_data["email"],
            agency=form.cleaned_data["agency"],
            partnership=actor.partnership,
            role=form.cleaned_data["role"],
            actor=actor,
        )
        messages.success(request, f"The invitation is on its way to {form.cleaned_data['email']}.")
        return redirect("accounts:people")
    return render(request, "accounts/invite.html", {"form": form, "actor": actor})


@require_POST
def withdraw_invitation(request: PortalRequest, invitation: UUID) -> HttpResponse:
    """Makes an invitation's link useless."""
    actor = _manager(request)
    services.withdraw_invitation(get_object_or_404(open_invitations(actor.partnership), pk=invitation), actor)
    messages.success(request, "The invitation is withdrawn.")
    return redirect("accounts:people")


def end_membership(request: PortalRequest, membership: UUID) -> HttpResponse:
    """Asks, then ends a membership at once."""
    actor = _manager(request)
    current, _ = memberships_in(actor.partnership)
    member = get_object_or_404(current, pk=membership)
    if not policy.may_end(actor, member):
        return _refuse(actor, str(member.pk))
    if request.method == "POST":
        services.end_membership(member, actor)
        messages.success(request, f"{member.person} no longer has this access.")
        return redirect("accounts:people")
    return render(request, "accounts/end_membership.html", {"member": member})


@step_up_required
def reset_second_factor(request: PortalRequest, person: UUID) -> HttpResponse:
    """An administrator removes the second factor of somebody who has lost it, having checked who asks."""
    actor = _manager(request)
    current, _ = memberships_in(actor.partnership)
    user = get_object_or_404(User.objects.filter(memberships__in=current).distinct(), pk=person)
    if not policy.may_reset_second_factor(actor, user):
        return _refuse(actor, str(user.pk))
    form = ResetFactorForm(posted(request))
    if request.method == "POST" and form.is_valid():
        services.reset_second_factor(user, actor, checked=form.cleaned_data["checked"])
        messages.success(
            request, f"{user} is signed out everywhere and sets up a new app at the next sign-in."
        )
        return redirect("accounts:people")
    return render(request, "accounts/reset_second_factor.html", {"form": form, "person": user})


def _manager(request: PortalRequest) -> Membership:
    """The membership in which this person manages the partnership of the page, else one that they do manage.

    Raises PermissionDenied, and writes it down, where there is none.
    """
    actor = policy.manager_in(request.memberships, request.partnership)
    actor = actor or next(iter(policy.managing(request.memberships)), None)
    if actor is None:
        record("refused", actor=request.acting, kind="people", ref="")
        raise PermissionDenied
    return actor


def _may_reset(actor: Membership, member: Membership) -> bool:
    return actor.role == "administrator" and member.person_id != actor.person_id


def _refuse(actor: Membership, ref: str) -> HttpResponse:
    record("refused", actor=actor, kind="people", ref=ref)
    raise PermissionDenied
