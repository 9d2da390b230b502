"""Reads that several pages share; each starts from a policy queryset."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from caseforms.cases import policy
from caseforms.cases.models import Case, CasePerson, Child, Stage, Submission
from caseforms.cases.policy import Action
from portal.accounts.models import Agency, Membership, User
from portal.encryption import blind_index

# The way a case goes when nothing is withdrawn or returned; the progress line of the case page.
LINE: tuple[Stage, ...] = (
    Stage.SUBMITTED,
    Stage.TRIAGED,
    Stage.GATHERING,
    Stage.RECOMMENDED,
    Stage.DECIDED,
    Stage.SCOPED,
    Stage.PLANNED,
    Stage.CLOSED,
)


def listed(user: User, stage: str = "") -> QuerySet[Case]:
    """The cases that the person may see, newest first."""
    cases = (
        policy.cases_for(user, Action.SEE)
        .select_related("partnership")
        .order_by("-submitted_at", "reference")
    )
    if stage:
        cases = cases.filter(stage=stage)
    return cases


def by_reference(user: User, typed: str) -> Case | None:
    """The case whose reference was typed, with or without hyphens, in any case of letters; None for a
    stranger."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(letters) != 10 or not letters.startswith("CR"):
        return None
    reference = f"CR-{letters[2:6]}-{letters[6:]}"
    return policy.cases_for(user, Action.SEE).filter(reference=reference).first()


def by_person(user: User, surname: str, born: date | None) -> QuerySet[Case]:
    """The cases in whose people the surname or the date of birth (both, where both are given) is found.

    Only cases whose people this person may see are looked at. Nothing given finds nothing.
    """
    if not surname.strip() and born is None:
        return Case.objects.none()
    match = Q(case=OuterRef("pk"))
    if surname.strip():
        match &= Q(surname_index=blind_index("surname", surname))
    if born is not None:
        match &= Q(birth_index=blind_index("date of birth", born.isoformat()))
    found = Q(Exists(Child.objects.filter(match))) | Q(Exists(CasePerson.objects.filter(match)))
    return policy.cases_for(user, Action.SEE_PEOPLE).filter(found)


def may_find_people(user: User) -> bool:
    """Whether there is any case in which the person may look for people."""
    return policy.cases_for(user, Action.SEE_PEOPLE).exists()


def progress(case: Case) -> list[dict[str, str]]:
    """The stages as a line: {label, state} with state done, current or to come
    (templates/includes/stages.html)."""
    line = list(LINE)
    if case.stage == Stage.RETURNED:
        line.insert(1, Stage.RETURNED)
    elif case.stage == Stage.WITHDRAWN:
        line = [Stage.SUBMITTED, Stage.WITHDRAWN]
    elif case.stage == Stage.CLOSED and case.outcome == "no_review":
        line = [*LINE[:5], Stage.CLOSED]
    here = line.index(Stage(case.stage))
    return [
        {
            "label": str(stage.label),
            "state": "current" if number == here else "done" if number < here else "to come",
        }
        for number, stage in enumerate(line)
    ]


def latest_submissions(case: Case, code: str) -> list[Submission]:
    """The latest version of a form from each agency that sent one."""
    rows = case.submissions.filter(question_set__code=code).select_related(
        "agency", "question_set", "submitted_by"
    )
    latest = {row.agency_id: row for row in rows.order_by("version")}
    return sorted(latest.values(), key=lambda row: row.agency.name)


def latest_submission(case: Case, code: str, agency: Agency) -> Submission | None:
    """The latest version of a form that one agency sent."""
    rows = case.submissions.filter(question_set__code=code, agency=agency).select_related("question_set")
    return rows.order_by("-version").first()


def last_submission(case: Case, code: str) -> Submission | None:
    """The latest form of this kind that was sent in the case, whichever agency sent it."""
    rows = case.submissions.filter(question_set__code=code).select_related("question_set", "agency")
    return rows.order_by("-submitted_at").first()


def readable_submissions(case: Case, user: User, granted: set[Action]) -> list[Submission]:
    """The forms sent in this case that the reader may read, in the order they came.

    The referral goes with the right to see people; the panel's papers and every agency's information with the
    right to read returns; an agency's own information also with the right to give it; the scope with that to
    read the decision. A form of an unknown kind is for whoever reads returns.
    """
    gives = Action.GIVE_INFORMATION
    own = (
        {member.agency_id for member in policy.memberships_for(user, gives, case)}
        if gives in granted
        else set()
    )
    needed = {
        "case-referral": Action.SEE_PEOPLE,
        "scope": Action.READ_DECISION,
        "decision": Action.READ_DECISION,
    }
    rows = case.submissions.select_related("agency", "question_set", "submitted_by__person").order_by(
        "submitted_at"
    )
    return [
        row
        for row in rows
        if needed.get(row.question_set.code, Action.READ_RETURNS) in granted
        or (row.question_set.code == "agency-information" and row.agency_id in own)
    ]


def agency_names(case: Case) -> dict[str, str]:
    """UUID and name of every agency that a form of this case may name."""
    found = Agency.objects.filter(Q(partnerships=case.partnership) | Q(case_agencies__case=case)).distinct()
    return {str(agency.pk): agency.name for agency in found}


def possible_participants(case: Case) -> QuerySet[Membership]:
    """Memberships that may be let into the case: authors, and people of the agencies taking part."""
    standing = case.interests.filter(lifted_at__isnull=True).values("person")
    return (
        Membership.objects.current()
        .filter(
            Q(role="author") | Q(role__in=policy.MAY_DEPUTISE, agency__case_agencies__case=case),
            partnership=case.partnership,
        )
        .exclude(person__in=standing)
        .select_related("person", "agency", "partnership")
        .order_by("agency__name", "person__last_name")
        .distinct()
    )


def people_to_exclude(case: Case) -> QuerySet[User]:
    """Current members of the case's partnership in whom no interest stands yet."""
    standing = case.interests.filter(lifted_at__isnull=True).values("person")
    members = Membership.objects.current().filter(
        partnership=case.partnership, role__in=policy.CASEWORK_ROLES
    )
    return User.objects.filter(pk__in=members.values("person")).exclude(pk__in=standing)


def readers(case: Case) -> QuerySet[Membership]:
    """Everybody who may see the case today, by the membership that lets them."""
    members = policy.members_who(Action.SEE, case).select_related("person", "agency", "partnership")
    return members.order_by("agency__name", "person__last_name", "role")
