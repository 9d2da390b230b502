"""THE policy: who may do what with which case (decision 0070). Nothing else in the portal decides this.

One table of rules, RULES, drives everything: `cases_for` (which cases), `people_who` (which people), `rights_in` (what
may be done with cases at hand), `can` and `acting_membership` (in which membership). It is read in two ways: as a
condition of the database where cases or people are looked for, from rows where the case is known; the tests hold both
against the same matrix. A rule names roles and a tie between a membership and a case. Rights are the union over a
person's current memberships; a standing interest takes the whole case away, whatever the memberships say. Who may act
*now* also depends on the stage of the case: that is in caseforms/workflow/transitions.py, except where a stage hides
the case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import (
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
)
from django.http import Http404
from django.utils import timezone

from caseforms.cases.models import Case, CaseAgency, CaseParticipant, Interest, Stage
from portal.accounts.models import Membership, Role, User
from portal.audit import services as audit

Someone = User | AnonymousUser


class Action(TextChoices):
    """What a person may be allowed to do with a case."""

    SEE = "see", "See that the case exists, its stage and its history"
    SEE_PEOPLE = "see_people", "See the names in the case and the referral"
    READ_RETURNS = "read_returns", "Read every agency's information and the panel's papers"
    READ_DECISION = "read_decision", "Read the decision with its reasons, and the scope"
    SUBMIT = "submit", "Send the referral"
    TRIAGE = "triage", "Accept the referral for consideration"
    RETURN = "return", "Return the referral with a question"
    WITHDRAW = "withdraw", "Withdraw the referral"
    ANSWER_QUESTION = "answer_question", "Answer a question about the referral"
    ASK_AGENCIES = "ask_agencies", "Ask agencies for information"
    GIVE_INFORMATION = "give_information", "Give an agency's information"
    RECOMMEND = "recommend", "Record the panel's recommendation"
    DECIDE = "decide", "Decide"
    AGREE_SCOPE = "agree_scope", "Agree the scope"
    ADOPT_PLAN = "adopt_plan", "Adopt the action plan"
    CLOSE = "close", "Close the case"
    DECLARE_INTEREST = "declare_interest", "Declare an interest of one's own"
    RECORD_INTEREST = "record_interest", "Record somebody's direct involvement"
    LIFT_INTEREST = "lift_interest", "Decide an appeal about an interest"
    GIVE_ACCESS = "give_access", "See who may see the case, and name a deputy or an author"
    EXTEND_DEADLINE = "extend_deadline", "Extend a time limit"
    EXPORT = "export", "Take a file away"


# Administrators manage people and auditors read the audit trail: neither reads cases, nor can they be let in
# (T22).
CASEWORK_ROLES = frozenset(Role) - {Role.ADMINISTRATOR, Role.AUDITOR}
MAY_REFER = CASEWORK_ROLES - {Role.AUTHOR, Role.INDEPENDENT_CHAIR}
MAY_DEPUTISE = frozenset({Role.PRACTITIONER, Role.AGENCY_LEAD, Role.PANEL_MEMBER})
ALL_STAGES = frozenset(Stage)
# The review group meets a case only when agencies are asked about it.
PANEL_STAGES = frozenset(
    {Stage.GATHERING, Stage.RECOMMENDED, Stage.DECIDED, Stage.SCOPED, Stage.PLANNED, Stage.CLOSED}
)


class Tie(TextChoices):
    """What must join a membership to a case beyond the partnership, which is always the same."""

    PARTNERSHIP = "partnership"
    REFERRER = "referrer"
    REFERRING_AGENCY = "referring_agency"
    AGENCY = "agency"
    ASKED_AGENCY = "asked_agency"
    AUTHOR = "author"
    DEPUTY = "deputy"
    ASKED_DEPUTY = "asked_deputy"


@dataclass(frozen=True)
class Rule:
    """Any of these roles, tied to the case in this way, while the case is in one of these stages."""

    roles: frozenset[Role]
    tie: Tie = Tie.PARTNERSHIP
    stages: frozenset[Stage] = ALL_STAGES


MANAGER = Rule(frozenset({Role.BUSINESS_MANAGER}))
REFERRER = Rule(MAY_REFER, Tie.REFERRER)
LEAD = Rule(frozenset({Role.AGENCY_LEAD}), Tie.AGENCY)
LEAD_OF_REFERRER = Rule(frozenset({Role.AGENCY_LEAD}), Tie.REFERRING_AGENCY)
ASKED_LEAD = Rule(frozenset({Role.AGENCY_LEAD}), Tie.ASKED_AGENCY)
DEPUTY = Rule(MAY_DEPUTISE, Tie.DEPUTY)
ASKED_DEPUTY = Rule(MAY_DEPUTISE, Tie.ASKED_DEPUTY)
CHAIR = Rule(frozenset({Role.CHAIR}), stages=PANEL_STAGES)
PANEL = Rule(frozenset({Role.CHAIR, Role.PANEL_MEMBER, Role.INDEPENDENT_CHAIR}), stages=PANEL_STAGES)
INDEPENDENT_CHAIR = Rule(frozenset({Role.INDEPENDENT_CHAIR}), stages=PANEL_STAGES)
AUTHOR = Rule(frozenset({Role.AUTHOR}), Tie.AUTHOR)

EVERYBODY_ON_IT = (MANAGER, REFERRER, LEAD, DEPUTY, PANEL, AUTHOR)
RULES: dict[Action, tuple[Rule, ...]] = {
    Action.SEE: EVERYBODY_ON_IT,
    Action.SEE_PEOPLE: (MANAGER, REFERRER, LEAD_OF_REFERRER, ASKED_LEAD, ASKED_DEPUTY, PANEL, AUTHOR),
    Action.READ_RETURNS: (MANAGER, PANEL, AUTHOR),
    Action.READ_DECISION: (MANAGER, ASKED_LEAD, ASKED_DEPUTY, PANEL, AUTHOR),
    Action.SUBMIT: (REFERRER,),
    Action.TRIAGE: (MANAGER,),
    Action.RETURN: (MANAGER,),
    Action.WITHDRAW: (MANAGER, REFERRER),
    Action.ANSWER_QUESTION: (REFERRER,),
    Action.ASK_AGENCIES: (MANAGER,),
    Action.GIVE_INFORMATION: (ASKED_LEAD, ASKED_DEPUTY),
    Action.RECOMMEND: (CHAIR,),
    Action.DECIDE: (INDEPENDENT_CHAIR,),
    Action.AGREE_SCOPE: (MANAGER, CHAIR),
    Action.ADOPT_PLAN: (MANAGER,),
    Action.CLOSE: (MANAGER,),
    Action.DECLARE_INTEREST: EVERYBODY_ON_IT,
    Action.RECORD_INTEREST: (MANAGER,),
    Action.LIFT_INTEREST: (INDEPENDENT_CHAIR,),
    Action.GIVE_ACCESS: (MANAGER,),
    Action.EXTEND_DEADLINE: (MANAGER,),
    Action.EXPORT: (MANAGER,),
}


def _agency(**asked: Any) -> Q:
    return Q(
        Exists(CaseAgency.objects.filter(case=OuterRef(OuterRef("pk")), agency=OuterRef("agency"), **asked))
    )


def _taking_part(kind: CaseParticipant.Kind) -> Q:
    today = timezone.localdate()
    within = CaseParticipant.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        case=OuterRef(OuterRef("pk")),
        membership=OuterRef("pk"),
        kind=kind,
        starts_on__lte=today,
    )
    return Q(Exists(within))


def _tied(tie: Tie) -> Q:
    """The tie as a condition on Membership, inside a query on Case."""
    match tie:
        case Tie.PARTNERSHIP:
            return Q()
        case Tie.REFERRER:
            return Q(agency=OuterRef("referred_by__agency"), person=OuterRef("referred_by__person"))
        case Tie.REFERRING_AGENCY:
            return Q(agency=OuterRef("referred_by__agency"))
        case Tie.AGENCY:
            return _agency()
        case Tie.ASKED_AGENCY:
            return _agency(asked_at__isnull=False)
        case Tie.AUTHOR:
            return _taking_part(CaseParticipant.Kind.AUTHOR)
        case Tie.DEPUTY:
            return _taking_part(CaseParticipant.Kind.DEPUTY) & _agency()
        case Tie.ASKED_DEPUTY:
            return _taking_part(CaseParticipant.Kind.DEPUTY) & _agency(asked_at__isnull=False)


@lru_cache(maxsize=256)
def _holding(rules: tuple[Rule, ...], today: date) -> QuerySet[Membership]:
    """The memberships that give one of the rights today, inside a query on Case. Never asked by itself, so it is put
    together once a day: a page asks the policy dozens of times, and that took longer than the database."""
    some = Q()
    for rule in rules:
        one = Q(role__in=rule.roles) & _tied(rule.tie)
        if rule.stages != ALL_STAGES:
            one &= Q(case_stage__in=rule.stages)
        some |= one
    stage = ExpressionWrapper(OuterRef("stage"), output_field=CharField())
    members = Membership.objects.current().alias(case_stage=stage)
    return members.filter(some, partnership=OuterRef("partnership"))


def _held(rules: Iterable[Rule], **member: Any) -> Q:
    """A condition on Case: one of the rules holds for a current membership picked by `member`."""
    return Q(Exists(_holding(tuple(rules), timezone.localdate()).filter(**member)))


def _kept_out(person: Any) -> Q:
    """A condition on Case: the person has a standing interest."""
    return Q(Exists(Interest.objects.filter(case=OuterRef("pk"), person=person, lifted_at__isnull=True)))


def _allowed(action: Action, person: Any) -> Q:
    """A condition on Case: this person may do this. `person` is a key, or an OuterRef two levels up."""
    allowed = _held(RULES[Action.SEE], person=person) & ~_kept_out(person)
    return allowed if action == Action.SEE else allowed & _held(RULES[action], person=person)


def cases_for(user: Someone, action: Action) -> QuerySet[Case]:
    """The cases with which this person may do this, by their memberships of today; none for anybody
    anonymous."""
    if not user.is_authenticated:
        return Case.objects.none()
    return Case.objects.filter(_allowed(action, user.pk))


def can(user: Someone, action: Action, case: Case) -> bool:
    """Whether the case is one of `cases_for(user, action)`."""
    return user.is_authenticated and action in rights(user, case)


def people_who(action: Action, case: Case) -> QuerySet[User]:
    """Everybody who may do this with this case: the same rules, asked the other way round."""
    this = Case.objects.filter(_allowed(action, OuterRef(OuterRef("pk"))), pk=case.pk)
    return User.objects.filter(Exists(this))


def members_who(action: Action, case: Case) -> QuerySet[Membership]:
    """The current memberships that give somebody this right in this case; a person may have several."""
    by_membership = Case.objects.filter(_held(RULES[action], pk=OuterRef(OuterRef("pk"))), pk=case.pk)
    by_person = Case.objects.filter(_allowed(action, OuterRef(OuterRef("person"))), pk=case.pk)
    members = Membership.objects.current().filter(Exists(by_membership), Exists(by_person))
    return members.select_related("agency", "partnership")


def members_who_in(action: Action, cases: Iterable[Case]) -> QuerySet[Membership]:
    """`members_who` for many cases in one query: a row for each membership and case, which is `case_pk`."""
    this_case = OuterRef("case_pk")
    by_membership = Case.objects.filter(_held(RULES[action], pk=OuterRef(OuterRef("pk"))), pk=this_case)
    by_person = Case.objects.filter(_allowed(action, OuterRef(OuterRef("person"))), pk=this_case)
    members = Membership.objects.current().filter(partnership__cases__in=[case.pk for case in cases])
    members = members.annotate(case_pk=F("partnership__cases__pk")).filter(
        Exists(by_membership), Exists(by_person)
    )
    return members.select_related("agency", "partnership")


@dataclass(frozen=True)
class Standing:
    """A current membership in a case's partnership and the rules that hold for it there today."""

    member: Membership
    rules: frozenset[Rule]


def _standing(user: User, cases: Iterable[Case]) -> dict[UUID, list[Standing]]:
    """How the person stands in each of these cases (by key); nowhere in a case in which they have a standing interest.

    Answers for known cases what `cases_for` answers for all, from the few rows that matter instead of one long
    condition: a page asks several times, and putting that condition together took most of its time (decision 0070).
    """
    today = timezone.localdate()
    members = list(
        Membership.objects.current(today).filter(person=user.pk).select_related("agency", "partnership")
    )
    keys = [case.pk for case in cases]
    interests = Interest.objects.filter(case__in=keys, person=user.pk, lifted_at__isnull=True)
    kept_out = set(interests.values_list("case", flat=True))
    agencies = CaseAgency.objects.filter(case__in=keys, agency__in={member.agency_id for member in members})
    asked_at = {(case, agency): at for case, agency, at in agencies.values_list("case", "agency", "asked_at")}
    parts = CaseParticipant.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        case__in=keys,
        membership__in=[member.pk for member in members],
        starts_on__lte=today,
    )
    taking_part = set(parts.values_list("case", "membership", "kind"))

    def ties(case: UUID, member: Membership, referrer: UUID, referring_agency: UUID) -> Iterator[Tie]:
        agency = member.agency_id
        asked = asked_at.get((case, agency)) is not None
        yield Tie.PARTNERSHIP
        if agency == referring_agency:
            yield Tie.REFERRING_AGENCY
            if user.pk == referrer:
                yield Tie.REFERRER
        if (case, agency) in asked_at:
            yield Tie.AGENCY
        if asked:
            yield Tie.ASKED_AGENCY
        if (case, member.pk, CaseParticipant.Kind.AUTHOR) in taking_part:
            yield Tie.AUTHOR
        if (case, member.pk, CaseParticipant.Kind.DEPUTY) in taking_part and (case, agency) in asked_at:
            yield Tie.DEPUTY
            if asked:
                yield Tie.ASKED_DEPUTY

    every_rule = {rule for rules in RULES.values() for rule in rules}
    # The stage is asked for anew: the caller may have read the case before a colleague moved it on.
    stored = Case.objects.filter(pk__in=keys).values_list(
        "pk", "partnership", "stage", "referred_by__person", "referred_by__agency"
    )
    found: dict[UUID, list[Standing]] = {}
    for case, partnership, stage, referrer, referring_agency in stored:
        here = [] if case in kept_out else [one for one in members if one.partnership_id == partnership]
        for member in here:
            tied = set(ties(case, member, referrer, referring_agency))
            rules = frozenset(
                rule
                for rule in every_rule
                if member.role in rule.roles and stage in rule.stages and rule.tie in tied
            )
            found.setdefault(case, []).append(Standing(member, rules))
    return found


def given(standing: Iterable[Standing]) -> set[Action]:
    """Everything that may be done by somebody who stands in a case like this, whatever its stage."""
    held = {rule for one in standing for rule in one.rules}
    if not held.intersection(RULES[Action.SEE]):
        return set()
    return {action for action in Action if held.intersection(RULES[action])}


def rights_in(user: User, cases: Iterable[Case]) -> dict[UUID, set[Action]]:
    """Everything that this person may do with each of these cases, by the case's key and whatever its stage; a fixed
    number of queries however many cases there are. A case with which they may do nothing is left out."""
    found = {case: given(standing) for case, standing in _standing(user, cases).items()}
    return {case: actions for case, actions in found.items() if actions}


def rights(user: User, case: Case) -> set[Action]:
    """Everything that this person may do with this case, whatever its stage."""
    return rights_in(user, [case]).get(case.pk, set())


def memberships_for(user: User, action: Action, case: Case) -> list[Membership]:
    """The person's current memberships by which they may do this; none where they may not."""
    return _by(_standing(user, [case]).get(case.pk, []), action)


def _by(standing: list[Standing], action: Action) -> list[Membership]:
    if action not in given(standing):
        return []
    return [one.member for one in standing if one.rules.intersection(RULES[action])]


def acting_membership(user: User, action: Action, case: Case, preferred: Membership | None) -> Membership:
    """The membership in which the act is done: the preferred one where it gives the right, else the first
    that does.

    Raises PermissionDenied where the person may not.
    """
    return acting_in(_standing(user, [case]).get(case.pk, []), action, preferred)


def acting_in(standing: list[Standing], action: Action, preferred: Membership | None) -> Membership:
    """The same, of somebody whose standing in the case is known."""
    found = _by(standing, action)
    if not found:
        raise PermissionDenied
    return next((member for member in found if preferred and member.pk == preferred.pk), found[0])


def get_or_404(user: User, action: Action, ref: str, *, acting: Membership | None = None) -> Case:
    """The case of `opened`, without how the person stands in it."""
    return opened(user, action, ref, acting=acting)[0]


def opened(
    user: User, action: Action, ref: str, *, acting: Membership | None = None
) -> tuple[Case, list[Standing]]:
    """The case with this reference, if this person may do this with it, and how they stand in it; every refusal is
    recorded.

    Raises Http404 to a stranger, who cannot tell a case that is not theirs from one that does not exist, and
    PermissionDenied to somebody who sees the case but may not do this. `acting` is kept with the refusal.
    """
    cases = Case.objects.select_related("partnership", "referred_by__agency", "referred_by__person")
    case = cases.filter(reference=ref).first()
    standing = _standing(user, [case]).get(case.pk, []) if case else []
    granted = given(standing)
    if case and action in granted:
        return case, standing
    actor = acting or Membership.objects.current().filter(person=user).first()
    # The auditor of the case's own partnership must learn of a stranger who tried.
    audit.record(
        "refused",
        actor=actor,
        kind="case",
        ref=ref,
        partnership_id=case.partnership_id if case else (actor.partnership_id if actor else None),
        detail=action.value,
    )
    if Action.SEE not in granted:
        raise Http404
    raise PermissionDenied
