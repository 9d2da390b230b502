"""How a view comes by a case: through the policy, and never without a trace."""

from caseforms.cases import policy
from caseforms.cases.models import Case
from caseforms.cases.policy import Action
from portal.accounts.acting import PortalRequest
from portal.accounts.models import Membership, User
from portal.audit import services as audit


def person_of(request: PortalRequest) -> User:
    """The signed-in person; every case page is reached with a verified session only."""
    assert isinstance(request.user, User)
    return request.user


def open_case(request: PortalRequest, ref: str, action: Action = Action.SEE, *, verb: str = "viewed") -> Case:
    """The case for this page, and one access event for the request (`verb`: viewed, printed or exported).

    Raises Http404 to a stranger and PermissionDenied to somebody on the case without this right.
    """
    user, acting = person_of(request), request.acting
    case, standing = policy.opened(user, action, ref, acting=acting)
    if request.method in ("GET", "HEAD"):
        request.standing = {case.pk: standing}  # type: ignore[attr-defined]
    if not getattr(request, "case_logged", False):
        member = policy.acting_in(standing, Action.SEE, acting)
        page = request.resolver_match.view_name if request.resolver_match else ""
        audit.record(
            verb,
            actor=member,
            kind="case",
            ref=case.reference,
            partnership_id=case.partnership_id,
            detail=page,
        )
        request.case_logged = True  # type: ignore[attr-defined]
    return case


def rights_here(request: PortalRequest, case: Case) -> set[Action]:
    """Everything that the person may do with a case; asked once in a request that only reads."""
    standing = getattr(request, "standing", {}).get(case.pk)
    return policy.rights(person_of(request), case) if standing is None else policy.given(standing)


def member_for(request: PortalRequest, action: Action, case: Case) -> Membership:
    """The membership in which the person does this. Raises PermissionDenied where none gives the right."""
    return policy.acting_membership(person_of(request), action, case, request.acting)
