"""A small world on top of the cast, for the proofs: cases of both partnerships at many stages, marked throughout.

Everything is made through the services that the pages call. Every name, date of birth, address and free text of a
case carries a marker that is unique to the case and to the kind of field (tests/proofs/canaries.py). Who may meet
which marker is written by hand in tests/proofs/who.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import TestCase, override_settings
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from caseforms.actionplans import services as plans
from caseforms.actionplans.models import Action, Plan, Status
from caseforms.actionplans.rag import install_key
from caseforms.cases import drafts
from caseforms.cases import services as cases
from caseforms.cases.models import Case, CaseParticipant, Draft, Interest, Outcome, Submission
from caseforms.deadlines import services as deadlines
from caseforms.deadlines.models import Deadline
from caseforms.deadlines.services import install_default_rules
from caseforms.panels import services as panels
from caseforms.panels.models import Meeting
from caseforms.quarterly import services as quarterly
from caseforms.quarterly.models import Export
from caseforms.questions.answers import write_datetime
from caseforms.questions.services import install_shipped_sets
from caseforms.referrals import items
from caseforms.referrals import services as referrals
from caseforms.scoping import services as scoping
from caseforms.workflow import services as workflow
from home.demo import load_home
from portal.accounts import groups
from portal.accounts import services as accounts
from portal.accounts.models import (
    Agency,
    Invitation,
    KeptPost,
    Membership,
    Partnership,
    Role,
    Sector,
    User,
)
from portal.workdays import Quarter
from procedures.editing.models import Edition
from procedures.importing.parse import parse_chapter
from procedures.models import ManualIndexPage
from procedures.readers import services as readers
from procedures.readers.models import Feedback
from procedures.readers.services import Place
from procedures.services import import_chapter
from procedures.sharing import services as sharing
from procedures.sharing.models import Contact, LocalBox
from tests.cast import Cast, device_of, load_cast
from tests.proofs.canaries import BORN, word

QUARTER_START = 4
Answers = dict[str, Any]


@dataclass
class World:
    """The cast, with the rows that the proofs knock at by name."""

    cast: Cast
    people: dict[str, User] = field(
        default_factory=dict
    )  # those who are not members today, and the newcomers
    cases: dict[str, Case] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    kept: dict[str, KeptPost] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    boxes: dict[str, LocalBox] = field(default_factory=dict)
    reports: dict[str, Feedback] = field(default_factory=dict)
    editions: dict[str, Edition] = field(default_factory=dict)

    def person(self, key: str) -> User:
        """Somebody of the cast, or of those whom the world adds."""
        return self.people[key] if key in self.people else self.cast.members[key].person

    def member(self, key: str) -> Membership:
        return self.cast.members[key]

    def action(self, case: str, agency: str) -> Action:
        """The action of a case's plan that an agency leads."""
        return Action.objects.get(recommendation__plan__case=self.cases[case], lead_agency__code=agency)

    def form(self, case: str, code: str, agency: str = "") -> Submission:
        """A form as it was sent in a case."""
        rows = Submission.objects.filter(case=self.cases[case], question_set__code=code)
        return rows.filter(agency__code=agency).get() if agency else rows.get()

    def deadline(self, case: str, code: str) -> Deadline:
        """A case's time limit by the code of its rule (the first, where each agency has one)."""
        found = Deadline.objects.filter(case=self.cases[case], rule__code=code).order_by("state").first()
        assert found is not None, f"{case} has no time limit {code}"
        return found

    @property
    def quarter(self) -> Quarter:
        return Quarter.containing(timezone.localdate(), QUARTER_START)


@contextmanager
def built() -> Iterator[World]:
    """The world for as long as the block lasts; everything is rolled back afterwards.

    Not the demo: messages are listed only to those who manage a partnership, and there is no page with codes. Nobody's
    session locks, and no code goes stale, because a proof takes longer than a cup of tea.
    """
    calm = override_settings(DEMO_MODE=False, SESSION_IDLE_SECONDS=3600, STEP_UP_SECONDS=3600)
    with calm, transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            world = _build()
        yield world
        transaction.set_rollback(True)


def _build() -> World:
    world = World(load_cast())
    install_shipped_sets()
    _add_people(world)
    for partnership in (world.cast.tarn, world.cast.eller):
        install_default_rules(partnership)
        install_key(partnership)
    _tarnbrook(world)
    _ellerfold(world)
    _add_outsiders(world)
    _add_manual(world)
    _add_readers(world)
    _add_rows(world)
    return world


# ---- People -----------------------------------------------------------------------------------------------


def _add_people(world: World) -> None:
    """Ellerfold's review group, without which no case of Ellerfold could come to a plan."""
    eller = world.cast.eller
    health, _ = Agency.objects.get_or_create(
        code="ELH", defaults={"name": "Ellerfold Health Board", "sector": Sector.HEALTH}
    )
    health.partnerships.add(eller)
    for key, role, agency in (
        ("eller_chair", Role.CHAIR, "ELC"),
        ("eller_panel", Role.PANEL_MEMBER, "ELH"),
        ("eller_independent_chair", Role.INDEPENDENT_CHAIR, "ELC"),
    ):
        person = User.objects.create_user(
            f"{key}@ellerfold.example", "a-password-of-the-world", first_name=key
        )
        world.cast.members[key] = accounts.start_membership(person, world.cast.agency(agency), eller, role)
    for member in world.cast.members.values():
        device_of(member.person)


def _add_outsiders(world: World) -> None:
    """Those whom the access levels keep out although each is, or was, as mighty as a business manager."""
    tarn, unit = world.cast.tarn, world.cast.agency("BUS")
    today = timezone.localdate()
    for key in ("unverified", "ended", "disabled"):
        person = User.objects.create_user(
            f"{key}@tarnbrook.example", "a-password-of-the-world", first_name=key
        )
        world.people[key] = person
        member = accounts.start_membership(person, unit, tarn, Role.BUSINESS_MANAGER)
        if key == "ended":
            # The last day has passed by itself: nobody pressed a button, and the CMS groups are still there.
            Membership.objects.filter(pk=member.pk).update(
                starts_on=today - timedelta(days=30), ends_on=today - timedelta(days=1)
            )
    accounts.disable(world.people["disabled"], None)
    world.people["superuser"] = User.objects.create_superuser(
        "root@portal.example", "a-password-of-the-world"
    )
    for key in ("ended", "disabled", "superuser"):
        device_of(world.people[key])
    assert world.people["ended"].groups.exists()


# ---- Cases ------------------------------------------------------------------------------------------------


def _tarnbrook(world: World) -> None:
    member = world.cast.members
    world.drafts["draft"] = _draft(member["practitioner"], "draft", ["CSC"])

    _refer(world, "submitted", "practitioner", ["CSC"])

    returned = _refer(world, "returned", "practitioner", ["CSC"])
    workflow.advance(returned, "return_with_question", member["manager"], reason=word("returned", "asked"))

    withdrawn = _refer(world, "withdrawn", "practitioner", ["CSC"])
    workflow.advance(withdrawn, "withdraw", member["practitioner"], reason=word("withdrawn", "withdrawal"))

    gathering = _refer(world, "gathering", "practitioner", ["CSC", "POL"])
    _ask(world, "gathering", ["HOS", "CSC", "POL"], "manager")
    _inform(world, "gathering", "lead_csc", "infocsc")
    begun = _information("gathering", "draftpol")
    drafts.save(drafts.blank(gathering, "agency-information", member["lead_pol"]), 0, begun)
    unsent = {"questions": {}, "recommendation": {"reasons": word("gathering", "draftpanel")}}
    drafts.save(drafts.blank(gathering, "panel-recommendation", member["chair"]), 0, unsent)
    conflicted, author = member["conflicted"], member["author"]
    cases.exclude(
        gathering, conflicted.person, Interest.Kind.DECLARED, word("gathering", "interest"), conflicted
    )
    cases.let_in(
        gathering,
        author,
        CaseParticipant.Kind.AUTHOR,
        member["manager"],
        starts_on=timezone.localdate(),
        ends_on=None,
    )
    deadlines.extend(
        Deadline.objects.get(case=gathering, rule__code="rapid-review"),
        timezone.now() + timedelta(days=60),
        word("gathering", "extension"),
        word("gathering", "agreedby"),
        member["manager"],
        asked_by=word("gathering", "askedby"),
    )

    _refer(world, "recommended", "lead_pol", ["CSC"])
    _ask(world, "recommended", ["POL", "CSC"], "manager")
    _inform(world, "recommended", "lead_pol", "infopol")
    meeting = _meeting(world, "tarn", ["chair", "panel", "conflicted"], "chair")
    _recommend(world, "recommended", meeting, "chair")

    decided = _refer(world, "decided", "lead_pol", ["CSC"])
    _ask(world, "decided", ["POL", "CSC"], "manager")
    _inform(world, "decided", "lead_pol", "infopol")
    _recommend(world, "decided", meeting, "chair")
    _decide(world, "decided", "independent_chair")
    begun = {"key-issues": {"key_issues": word("decided", "draftscope")}}
    drafts.save(drafts.blank(decided, "scope", member["manager"]), 0, begun)

    _refer(world, "planned", "lead_csc", ["POL"])
    _ask(world, "planned", ["CSC", "POL"], "manager")
    for key, kind in (("lead_csc", "infocsc"), ("lead_pol", "infopol")):
        _inform(world, "planned", key, kind)
    _recommend(world, "planned", meeting, "chair")
    _decide(world, "planned", "independent_chair")
    _scope(world, "planned", ["CSC", "POL"], "manager")
    _adopt(world, "planned", ["CSC", "POL", "ICB"], "manager")
    _update(world, "planned", "CSC", "lead_csc", "updatecsc")


def _ellerfold(world: World) -> None:
    world.drafts["ellerdraft"] = _draft(world.member("eller_practitioner"), "ellerdraft", ["POL"])
    _refer(world, "ellernew", "eller_practitioner", ["POL"])
    _refer(world, "eller", "eller_practitioner", ["POL"])
    _ask(world, "eller", ["ELC", "POL"], "eller_manager")
    _inform(world, "eller", "eller_lead_pol", "infopol")
    meeting = _meeting(world, "eller", ["eller_chair", "eller_panel", "eller_lead_pol"], "eller_chair")
    _recommend(world, "eller", meeting, "eller_chair")
    _decide(world, "eller", "eller_independent_chair")
    _scope(world, "eller", ["ELC", "POL"], "eller_manager")
    _adopt(world, "eller", ["POL", "ELC"], "eller_manager")
    _update(world, "eller", "POL", "eller_lead_pol", "updatepol")


def _refer(world: World, name: str, referrer: str, agencies: list[str]) -> Case:
    """A referral that was filled in and sent."""
    draft = _draft(world.member(referrer), name, agencies)
    case = referrals.submit(draft, world.member(referrer), draft.version)
    world.drafts[f"sent {name}"] = Draft.objects.get(pk=draft.pk)
    world.cases[name] = case
    return case


def _draft(referrer: Membership, name: str, agencies: list[str]) -> Draft:
    """A referral whose every question is answered, section by section as its pages do."""
    draft = referrals.begin(referrer)
    unseen = referrals.fingerprint(None)
    for section in draft.question_set.parsed.sections:
        given = _referral(name, agencies)[section.code]
        if section.repeating is None:
            draft = referrals.save_section(draft, section, given, unseen)
        else:
            for item in given:
                draft = referrals.save_item(draft, section, items.new_key(), item, unseen)
    return draft


def _referral(name: str, agencies: list[str]) -> Answers:
    """Every answer of a referral; a kind of field is never used twice."""

    def said(kind: str) -> str:
        return word(name, kind)

    def partly(kind: str) -> dict[str, str]:
        return {"answer": "partly", "comment": said(kind)}

    consulted = (timezone.now() - timedelta(hours=3)).replace(second=0, microsecond=0)
    named = [
        {
            "listed": "yes",
            "agency": str(agency.pk),
            "professional": said("professional"),
            "still_involved": partly("involvedcomment"),
        }
        for agency in Agency.objects.filter(code__in=agencies).order_by("code")
    ]
    return {
        "about-you": {
            "job_title": said("job"),
            "telephone": said("telephone")[:40],
            "consulted_name": said("consulted"),
            "consulted_role": said("consultedrole"),
            "consulted_at": write_datetime(consulted),
        },
        "children": [
            {
                "first_name": said("first"),
                "last_name": said("last"),
                "other_names": said("other"),
                "date_of_birth": BORN[name].isoformat(),
                "died": "no",
                "sex": "female",
                "address": said("address"),
                "where_now": said("where"),
            }
        ],
        "family": [
            {
                "first_name": said("familyfirst"),
                "last_name": said("familylast"),
                "relationship": said("relationship"),
                "same_address": "no",
                "address": said("familyaddress"),
            }
        ],
        "what-happened": {
            "incident_date": (timezone.localdate() - timedelta(days=3)).isoformat(),
            "place": said("place"),
            "account": said("account"),
            "injuries": said("injuries"),
            "others_safe": partly("safecomment"),
        },
        "agencies": [*named, {"listed": "no", "other_agency": said("otheragency")}],
        "criteria": {
            "criteria": ["harmed"],
            "reasons": said("reasons"),
            "working_together": partly("togethercomment"),
            "good_practice": said("practice"),
            "hoped_for": said("hoped"),
        },
        "proceedings": {
            "proceedings": ["police"],
            "proceedings_details": said("details"),
            "media": partly("mediacomment"),
            "family_told": partly("toldcomment"),
        },
    }


def _ask(world: World, name: str, codes: list[str], manager: str) -> None:
    """The business manager accepts the referral and asks these agencies for information."""
    case, actor = world.cases[name], world.member(manager)
    workflow.advance(case, "triage", actor, reason=word(name, "triagewords"))
    workflow.ask_agencies(case, Agency.objects.filter(code__in=codes), actor)


def _information(name: str, kind: str) -> Answers:
    said = word(name, kind)
    return {
        "involvement": {
            "involved": "yes",
            "period_from": "2024-01-10",
            "summary": said,
            "strengths": said,
            "concerns": said,
            "actions_taken": said,
            "secured_on": timezone.localdate().isoformat(),
            "secured_by": said,
            "secured_place": said,
        }
    }


def _inform(world: World, name: str, lead: str, kind: str) -> None:
    """An agency's lead saves and sends its information."""
    case, actor = world.cases[name], world.member(lead)
    draft = drafts.save(drafts.blank(case, "agency-information", actor), 0, _information(name, kind))
    workflow.give_information(case, draft, actor)


def _meeting(world: World, name: str, present: list[str], keeper: str) -> Meeting:
    """A quorate meeting of the review group, today."""
    actor = world.member(keeper)
    meeting = panels.hold_meeting(actor.partnership, timezone.localdate(), actor)
    panels.record_attendance(meeting, [world.member(key) for key in present], actor, seen=meeting.version)
    world.meetings[name] = meeting
    return meeting


def _recommend(world: World, name: str, meeting: Meeting, chair: str) -> None:
    case, actor = world.cases[name], world.member(chair)
    yes = {"answer": "yes", "comment": word(name, "riskcomment")}
    codes = ("risk_recognised", "risk_acted_on", "concerns_unheard", "wider_failings", "several_agencies")
    answers: Answers = {
        "questions": {
            **dict.fromkeys(codes, yes),
            "risk_shared": {"answer": "yes", "comment": word(name, "sharedcomment")},
            "procedures_change": yes,
        },
        "recommendation": {
            "recommendation": "review",
            "reasons": word(name, "panelreasons"),
            "dissent": word(name, "dissent"),
        },
    }
    draft = drafts.save(drafts.blank(case, "panel-recommendation", actor), 0, answers)
    panels.recommend(case, draft, meeting, actor)


def _decide(world: World, name: str, chair: str) -> None:
    reasons, today = word(name, "decisionreasons"), timezone.localdate()
    panels.decide(world.cases[name], Outcome.REVIEW, reasons, today, world.member(chair))


def _scope(world: World, name: str, codes: list[str], manager: str) -> None:
    case, actor = world.cases[name], world.member(manager)
    answers: Answers = {
        "key-issues": {
            "key_issues": word(name, "keyissues"),
            "period_from": "2024-01-01",
            "period_to": timezone.localdate().isoformat(),
            "period_reasons": word(name, "period"),
        },
        "family": {"family_who": word(name, "familywho"), "family_how": word(name, "familyhow")},
        "parallel": {
            "parallel": {"answer": "yes", "comment": word(name, "parallelhow")},
            "parallel_how": word(name, "parallelhow"),
        },
        "agencies": [
            {"agency": str(agency.pk), "asked_for": word(name, "reportasks")}
            for agency in Agency.objects.filter(code__in=codes)
        ],
    }
    scoping.agree(case, drafts.save(drafts.blank(case, "scope", actor), 0, answers), actor)


def _adopt(world: World, name: str, codes: list[str], manager: str) -> None:
    """A plan with one recommendation for each agency, so that what each reads of it differs."""

    def recommendation(code: str) -> plans.NewRecommendation:
        said, due = word(name, f"plan{code.lower()}"), timezone.localdate() + timedelta(days=60)
        action = plans.NewAction(said, Agency.objects.get(code=code), "Head of safeguarding", due, said)
        return plans.NewRecommendation(said, said, [action])

    plans.adopt(
        world.cases[name],
        title="Plan of this review",
        kind=Plan.Kind.CASE,
        recommendations=[recommendation(code) for code in codes],
        actor=world.member(manager),
    )


def _update(world: World, name: str, code: str, lead: str, kind: str) -> None:
    action, said = world.action(name, code), word(name, kind)
    plans.post_update(
        action,
        version=action.version,
        status=Status.ON_TRACK,
        progress=said,
        evidence=said,
        actor=world.member(lead),
    )


# ---- The manual, and single rows ----------------------------------------------------------------------------


def _add_manual(world: World) -> None:
    """A manual with an open chapter, one for people who are signed in, one for managers, and one unpublished."""
    manual = ManualIndexPage(title="Safeguarding procedures manual", slug="manual")
    load_home().add_child(instance=manual)
    world.pages["manual"] = manual

    def chapter(number: int, kind: str, *, publish: bool = True) -> Page:
        said = word("manual", kind)
        text = f"{number} Chapter {said}\n\n1. Section {said}\n\nWords about {said} and bruises.\n"
        world.pages[kind] = import_chapter(parse_chapter(text), parent=manual, publish=publish).page
        return world.pages[kind]

    chapter(1, "open")
    chapter(4, "unpublished", publish=False)
    PageViewRestriction.objects.create(page=chapter(2, "login"), restriction_type=PageViewRestriction.LOGIN)
    managers = Group.objects.get(name=groups.MANAGERS)
    restriction = PageViewRestriction.objects.create(
        page=chapter(3, "private"), restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(managers)
    for kind in ("open", "login", "private"):  # a second edition of each
        draft = world.pages[kind].get_latest_revision_as_object()
        draft.change_what = f"Something about {word('manual', kind)}."
        draft.save_revision().publish()
    # A page of a type that nobody has marked: it is for verified sessions, however open the manual is.
    plain = Page(title="Unmarked", slug="unmarked")
    manual.get_parent().add_child(instance=plain)
    world.pages["unmarked"] = plain

    for name, partnership in (("tarn", world.cast.tarn), ("eller", world.cast.eller)):
        _add_local(world, name, partnership, chapter)

    root = Collection.get_first_root_node()
    collection = root.add_child(name="For managers")
    kept = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type=CollectionViewRestriction.GROUPS
    )
    kept.groups.add(managers)
    for kind, place in (("openfile", root), ("privatefile", collection)):
        file = ContentFile(word("manual", kind).encode(), name=f"{kind}.txt")
        world.documents[kind] = Document.objects.create(title=kind, file=file, collection=place)


def _add_local(world: World, name: str, partnership: Partnership, chapter: Callable[..., Page]) -> None:
    """What is local to a partnership: a chapter, a box in the open chapter, a contact."""
    page = chapter(
        11 if name == "tarn" else 12, f"{name}local", publish=False
    ).get_latest_revision_as_object()
    page.partnership = partnership
    page.save_revision().publish()
    world.pages[f"{name}local"].refresh_from_db()
    opened = world.pages["open"].specific
    said = word("manual", f"{name}box")
    box = LocalBox(
        page=opened,
        partnership=partnership,
        anchor=opened.sections()[0].anchor,
        title=f"Box {said}",
        text=f"<p>Bruises: {said}.</p>",
    )
    world.boxes[name] = sharing.save_box(box, None)
    Contact.objects.create(
        partnership=partnership, service=word("manual", f"{name}contact"), telephone="01632 960 001"
    )


def _add_readers(world: World) -> None:
    """Reports of both partnerships' readers, and a change that must be read in an open and in a private chapter."""
    for name, chapter, key in (
        ("tarn", "open", "practitioner"),
        ("eller", "open", "eller_practitioner"),
        ("private", "private", "manager"),
    ):
        page, member = world.pages[chapter], world.member(key)
        section = page.sections()[0]
        world.reports[name] = readers.report(
            Place(page, section.anchor, section.name),
            word("report", name),
            key=uuid4(),
            partnership=member.partnership,
            person=member.person,
        )
    for kind in ("open", "private"):
        draft = world.pages[kind].get_latest_revision_as_object()
        draft.change_what, draft.must_read = word("manual", kind), True
        draft.save_revision().publish()
        world.editions[kind] = Edition.objects.filter(page=world.pages[kind], must_read=True).get()


def _add_rows(world: World) -> None:
    """Workbooks, invitations and a kept post of each partnership."""
    bea, jo = world.member("manager"), world.member("eller_manager")
    for name, actor in (("tarn", bea), ("eller", jo)):
        export, _ = quarterly.ask(actor.partnership, world.quarter, actor)
        assert quarterly.make(export.pk)
        world.exports[name] = Export.objects.get(pk=export.pk)
        world.invitations[name], _ = accounts.invite(
            email=f"new.person@{name}.example",
            agency=actor.agency,
            partnership=actor.partnership,
            role=Role.PRACTITIONER,
            actor=actor,
        )
    # As portal.accounts.kept stores what a locked session sends.
    world.kept["kept"] = KeptPost.objects.create(
        person=world.person("practitioner"),
        path=f"/refer/{world.drafts['draft'].pk}/section/about-you/",
        fields=[["job_title", word("draft", "kept")]],
    )
