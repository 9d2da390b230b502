"""The time limits that ship (domain.md, Time limits); business managers change them as rows."""

from dataclasses import dataclass

from caseforms.deadlines.limits import Unit
from caseforms.deadlines.vocabulary import Authority, Start, Stop
from portal.accounts.models import Role


@dataclass(frozen=True)
class DefaultRule:
    """What a partnership starts with; `then_to` and `escalates_to` are who hears of it when it is late."""

    code: str
    task: str
    starts_on: Start
    stops_on: Stop
    length: int
    unit: Unit
    owner_role: Role
    escalates_to: Role
    authority: Authority
    source: str
    then_to: Role | str = ""
    lapses_on: Stop | str = ""
    only_for_reviews: bool = False


DEFAULT_RULES = (
    DefaultRule(
        "referral",
        "Send the referral form",
        Start.CONSULTATION,
        Stop.SUBMIT,
        24,
        Unit.HOURS,
        Role.PRACTITIONER,
        Role.BUSINESS_MANAGER,
        Authority.LOCAL,
        "Bracknell Forest B.1 ii",
    ),
    DefaultRule(
        "national-notification",
        "Notify the national body",
        Start.NOTIFICATION,
        Stop.NOTIFY,
        48,
        Unit.HOURS,
        Role.BUSINESS_MANAGER,
        Role.CHAIR,
        Authority.LOCAL,
        "Knowsley 5",
    ),
    DefaultRule(
        "secure-files",
        "Write to agencies to secure their files",
        Start.NOTIFICATION,
        Stop.ASK_AGENCIES,
        2,
        Unit.WORKING_DAYS,
        Role.BUSINESS_MANAGER,
        Role.CHAIR,
        Authority.LOCAL,
        "Knowsley 6",
    ),
    DefaultRule(
        "rapid-review",
        "Complete the rapid review",
        Start.NOTIFICATION,
        Stop.RECOMMEND,
        15,
        Unit.WORKING_DAYS,
        Role.CHAIR,
        Role.BUSINESS_MANAGER,
        Authority.GUIDANCE,
        "Working Together 2023",
    ),
    DefaultRule(
        "decision",
        "Decide whether to hold a review",
        Start.NOTIFICATION,
        Stop.DECIDE,
        1,
        Unit.MONTHS,
        Role.INDEPENDENT_CHAIR,
        Role.BUSINESS_MANAGER,
        Authority.GUIDANCE,
        "Knowsley 7",
        then_to=Role.CHAIR,
    ),
    DefaultRule(
        "information",
        "Give your agency's information",
        Start.ASKED,
        Stop.GIVE_INFORMATION,
        10,
        Unit.WORKING_DAYS,
        Role.AGENCY_LEAD,
        Role.BUSINESS_MANAGER,
        Authority.LOCAL,
        "Local default",
        then_to=Role.CHAIR,
        lapses_on=Stop.RECOMMEND,
    ),
    DefaultRule(
        "agency-report",
        "Hand in your agency's report",
        Start.DECISION,
        Stop.GIVE_REPORT,
        2,
        Unit.MONTHS,
        Role.AGENCY_LEAD,
        Role.BUSINESS_MANAGER,
        Authority.GUIDANCE,
        "Knowsley 9",
        then_to=Role.CHAIR,
        lapses_on=Stop.ADOPT_PLAN,
        only_for_reviews=True,
    ),
    DefaultRule(
        "review",
        "Complete the review",
        Start.DECISION,
        Stop.ADOPT_PLAN,
        6,
        Unit.MONTHS,
        Role.BUSINESS_MANAGER,
        Role.CHAIR,
        Authority.GUIDANCE,
        "Knowsley 8",
        then_to=Role.INDEPENDENT_CHAIR,
        only_for_reviews=True,
    ),
)
