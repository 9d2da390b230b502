"""The demo: two fictional partnerships with their people, a manual, and cases at different stages.

Everything is made through the services that the pages use, so that every demo case has its events, time limits and
messages. Nothing here is about a real child, family or agency.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Site

from caseforms.actionplans import services as plans
from caseforms.actionplans.models import Plan, Status
from caseforms.actionplans.rag import install_key
from caseforms.cases import drafts
from caseforms.cases import services as cases
from caseforms.cases.models import Case, CaseParticipant, Interest, Outcome
from caseforms.deadlines.services import install_default_rules
from caseforms.panels import services as panels
from caseforms.questions.answers import write_datetime
from caseforms.questions.services import install_shipped_sets
from caseforms.referrals import services as referrals
from caseforms.scoping import services as scoping
from caseforms.workflow import services as workflow
from home.demo_people import load_people
from home.models import HomePage
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.services import enrol_demo
from procedures.demo import load_demo_manual
from procedures.readers.demo import load_demo_readers

Members = dict[str, Membership]
Answers = dict[str, Any]


@transaction.atomic
def load_demo() -> bool:
    """Makes whatever of the demo is missing; True where the cases were made now. Twice changes nothing."""
    members = load_people()
    for member in members.values():
        enrol_demo(member.person, hashlib.sha256(f"demo {member.person.email}".encode()).hexdigest()[:40])
    install_shipped_sets()
    for partnership in Partnership.objects.all():
        install_default_rules(partnership)
        install_key(partnership)
    load_demo_readers(load_demo_manual(load_home()), members)
    if Case.objects.exists():
        return False
    submitted_case(members)
    gathering_case(members)
    planned_case(members)
    ellerfold_case(members)
    return True


def load_home() -> HomePage:
    """The root of the page tree, served as the default site; Wagtail's welcome page makes way for it."""
    home = HomePage.objects.first()
    if home is None:
        root = Page.get_first_root_node()
        home = root.add_child(instance=HomePage(title="Home", slug="portal-home"))
        site = Site.objects.filter(is_default_site=True).first() or Site(
            hostname="localhost", is_default_site=True
        )
        welcome, site.root_page = site.root_page_id and site.root_page, home
        site.site_name = "Safeguarding partnership portal"
        site.save()
        if welcome and welcome.specific_class is Page:
            welcome.delete()
    return home


def refer(
    actor: Membership, child: Sequence[str], account: str, agencies: Sequence[str], hours_ago: int = 20
) -> Case:
    """A referral that was written and sent; `child` is first name, last name, date of birth, address."""
    draft = referrals.begin(actor)
    draft.answers = referral_answers(child, account, agencies, timezone.now() - timedelta(hours=hours_ago))
    draft.version += 1
    draft.save()
    return referrals.submit(draft, actor, draft.version)


def referral_answers(
    child: Sequence[str], account: str, agencies: Sequence[str], consulted_at: datetime
) -> Answers:
    """Answers to the case referral, complete enough to be sent."""
    first_name, last_name, born, address = child
    named = Agency.objects.filter(code__in=agencies).order_by("code")
    return {
        "about-you": {
            "job_title": "Paediatric liaison nurse",
            "telephone": "01632 960 123",
            "consulted_name": "Dr Alma Teague",
            "consulted_role": "Named doctor",
            "consulted_at": write_datetime(consulted_at.replace(second=0, microsecond=0)),
        },
        "children": [
            {
                "first_name": first_name,
                "last_name": last_name,
                "date_of_birth": born,
                "died": "no",
                "sex": "not_known",
                "address": address,
                "where_now": "In hospital, visited by a foster carer",
            }
        ],
        "family": [
            {"first_name": "Robin", "last_name": last_name, "relationship": "Parent", "same_address": "yes"}
        ],
        "what-happened": {
            "incident_date": (timezone.localdate() - timedelta(days=3)).isoformat(),
            "place": "At home",
            "account": account,
            "others_safe": {"answer": "yes", "comment": "A younger brother stays with an aunt"},
        },
        "agencies": [
            {"listed": "yes", "agency": str(agency.pk), "still_involved": {"answer": "yes", "comment": ""}}
            for agency in named
        ],
        "criteria": {
            "criteria": ["harmed"],
            "reasons": "The injuries were life-threatening; two agencies held worries that were never put together.",
            "working_together": {"answer": "yes", "comment": "A missed appointment was not passed on"},
        },
        "proceedings": {"proceedings": ["police"]},
    }


def submitted_case(members: Members) -> Case:
    """A referral that waits for the business manager."""
    child = ("Marigold", "Fenwick", "2021-03-14", "3 Mill Lane, Tarnbrook")
    account = "Brought to the emergency department with a broken arm that the explanation given does not fit."
    return refer(members["practitioner"], child, account, ["CSC"])


def accept_and_ask(case: Case, manager: Membership, codes: Sequence[str]) -> None:
    """The business manager accepts the referral and asks these agencies."""
    workflow.advance(case, "triage", manager, reason="Enough is known to ask the agencies.")
    workflow.ask_agencies(case, Agency.objects.filter(code__in=codes), manager)


def answer(case: Case, lead: Membership, summary: str) -> None:
    """An agency's information, sent by its lead."""
    answers = {
        "involvement": {
            "involved": "yes",
            "period_from": "2024-01-10",
            "summary": summary,
            "strengths": "Records were clear and up to date.",
            "concerns": "Two missed appointments were not followed up.",
            "secured_on": timezone.localdate().isoformat(),
            "secured_by": "Records manager",
        }
    }
    draft = drafts.save(drafts.blank(case, "agency-information", lead), 0, answers)
    workflow.give_information(case, draft, lead)


def gathering_case(members: Members) -> Case:
    """A case in which one agency has answered, one has not, and a panel member has declared an interest."""
    child = ("Teodor", "Vasik", "2016-09-02", "Flat 8, Quay Court, Tarnbrook")
    account = "Found alone and unwell after three days without an adult at home."
    case = refer(members["lead_csc"], child, account, ["POL", "HOS"], hours_ago=10)
    accept_and_ask(case, members["manager"], ["CSC", "POL", "HOS"])
    answer(
        case, members["lead_csc"], "Known since birth; two assessments, the second closed after one visit."
    )
    cases.exclude(
        case,
        members["conflicted"].person,
        Interest.Kind.DECLARED,
        "Led the first enquiry",
        members["conflicted"],
    )
    cases.let_in(
        case,
        members["author"],
        CaseParticipant.Kind.AUTHOR,
        members["manager"],
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate() + timedelta(days=180),
    )
    return case


def decide_review(case: Case, members: Members) -> None:
    """Panel, decision and scope, up to the point where a plan can be adopted."""
    meeting = panels.hold_meeting(case.partnership, timezone.localdate(), members["chair"])
    present = [members[key] for key in ("chair", "panel", "lead_pol", "lead_edu") if key in members]
    panels.record_attendance(meeting, present, members["chair"], seen=meeting.version)
    yes = {"answer": "yes", "comment": ""}
    asked = ("risk_recognised", "risk_shared", "risk_acted_on", "concerns_unheard", "wider_failings")
    answers: Answers = {
        "questions": dict.fromkeys((*asked, "several_agencies", "procedures_change"), yes),
        "recommendation": {
            "recommendation": "review",
            "reasons": "Four agencies each held part of the picture.",
        },
    }
    draft = drafts.save(drafts.blank(case, "panel-recommendation", members["chair"]), 0, answers)
    panels.recommend(case, draft, meeting, members["chair"])
    panels.decide(
        case, Outcome.REVIEW, "The criteria are met.", timezone.localdate(), members["independent_chair"]
    )
    police, social_care = (Agency.objects.get(code=code) for code in ("POL", "CSC"))
    answers = {
        "key-issues": {
            "key_issues": "How worries were shared between hospital, school and social care.",
            "period_from": "2024-01-01",
            "period_to": timezone.localdate().isoformat(),
        },
        "family": {"family_who": "Both parents and the grandmother are asked to contribute."},
        "parallel": {"parallel": {"answer": "no", "comment": ""}},
        "agencies": [{"agency": str(agency.pk)} for agency in (police, social_care)],
    }
    draft = drafts.save(drafts.blank(case, "scope", members["manager"]), 0, answers)
    scoping.agree(case, draft, members["manager"])


def planned_case(members: Members) -> Case:
    """A case whose action plan is part-way: some actions on track, one at risk, one complete, one silent."""
    child = ("Ines", "Calder", "2019-11-30", "17 Harbour Street, Tarnbrook")
    account = "Seriously injured at home while subject to a child protection plan."
    case = refer(members["practitioner"], child, account, ["CSC", "POL", "EDU"], hours_ago=22)
    accept_and_ask(case, members["manager"], ["CSC", "POL", "EDU"])
    for key in ("lead_csc", "lead_pol", "lead_edu"):
        answer(
            case, members[key], "Regular contact over two years; worries were noted and not always passed on."
        )
    decide_review(case, members)
    # Adopted and first reported on last quarter, so that two quarters of the workbook have something to show.
    last_quarter = timezone.now() - timedelta(days=timezone.localdate().day + 75)
    plan = adopt_demo_plan(case, members["manager"], last_quarter - timedelta(days=14))
    actions = [
        action for recommendation in plan.recommendations.all() for action in recommendation.actions.all()
    ]
    now = timezone.now()
    for action, key, status, progress, at in (
        (actions[0], "lead_csc", Status.ON_TRACK, "The shared form has been drafted.", last_quarter),
        (actions[1], "lead_pol", Status.ON_TRACK, "A trainer has been found.", last_quarter),
        (actions[0], "lead_csc", Status.ON_TRACK, "The shared form is in use in two of four teams.", now),
        (
            actions[1],
            "lead_pol",
            Status.AT_RISK,
            "Training had to be moved twice; new dates are in January.",
            now,
        ),
        (
            actions[2],
            "lead_csc",
            Status.COMPLETE,
            "Every missed appointment is followed up in two days.",
            now,
        ),
    ):
        action.refresh_from_db()
        plans.post_update(
            action,
            version=action.version,
            status=status,
            progress=progress,
            evidence="Audit of 20 records" if status == Status.COMPLETE else "",
            actor=members[key],
            at=at,
        )
    return case


def adopt_demo_plan(case: Case, manager: Membership, at: datetime) -> Plan:
    """Three recommendations with five actions."""
    agency = {agency.code: agency for agency in Agency.objects.all()}

    def action(text: str, code: str, role: str, days: int, evidence: str) -> plans.NewAction:
        due_on: date = timezone.localdate() + timedelta(days=days)
        return plans.NewAction(text, agency[code], role, due_on, evidence)

    return plans.adopt(
        case,
        title="Plan of this review",
        kind=Plan.Kind.CASE,
        actor=manager,
        at=at,
        recommendations=[
            plans.NewRecommendation(
                "Worries about one child reach every agency that knows the child.",
                "No agency learns of another's worry only after harm has been done.",
                [
                    action(
                        "Use one shared concern form", "CSC", "Service manager", 60, "Audit of 20 records"
                    ),
                    action(
                        "Train response officers in using it", "POL", "Learning lead", 90, "Attendance, 85 %"
                    ),
                ],
            ),
            plans.NewRecommendation(
                "A missed appointment is followed up at once.",
                "A child who is not brought is seen within two working days.",
                [
                    action(
                        "Follow up every missed appointment", "CSC", "Team managers", 30, "Monthly sample"
                    ),
                    action(
                        "Tell the school nurse of a missed appointment",
                        "EDU",
                        "Head of pastoral care",
                        45,
                        "Log",
                    ),
                ],
            ),
            plans.NewRecommendation(
                "Children say what they want to happen.",
                "Every plan holds the child's own words.",
                [action("Record the child's words at each visit", "CSC", "Practice lead", 120, "Dip sample")],
            ),
        ],
    )


def ellerfold_case(members: Members) -> Case:
    """The other partnership's case, in which the shared police force takes part."""
    child = ("Wren", "Aldous", "2018-06-21", "The Old Forge, Ellerfold")
    account = "Serious harm while living away from home; two areas were involved."
    case = refer(members["eller_practitioner"], child, account, ["POL"], hours_ago=6)
    accept_and_ask(case, members["eller_manager"], ["POL", "ELC"])
    return case
