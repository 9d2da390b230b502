"""What the demo shows of readers: a report that waits, one that is answered, a change that half of them have read."""

from collections.abc import Mapping
from uuid import uuid4

from portal.accounts.models import Membership
from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage, Section
from procedures.readers import policy, services
from procedures.readers.models import Feedback, Outcome
from procedures.readers.services import Place

CHANGED = "3"  # the review group's chapter
WHAT = "Section 4 now says that a time limit is extended only when somebody asks before it has passed."
WHY = "Two extensions last year were asked for afterwards, and nobody could say what the first date had been."
HAVE_READ = ("practitioner", "lead_csc", "lead_pol", "chair", "panel", "manager", "auditor")


def load_demo_readers(manual: ManualIndexPage, members: Mapping[str, Membership]) -> None:
    """Makes whatever of it is missing; twice changes nothing."""
    chapters = {page.number: page for page in ChapterPage.objects.live().child_of(manual)}
    if CHANGED in chapters:
        _must_read(chapters[CHANGED], members)
    if Feedback.objects.exists() or "2" not in chapters or "6" not in chapters:
        return
    _report(
        chapters["6"],
        "2",
        "The emergency duty team's number rang unanswered twice last weekend. Is it still the right one?",
        members["practitioner"],
    )
    answered = _report(
        chapters["2"],
        "3",
        "The table does not say who looks at a referral when the business manager is away.",
        members["lead_hos"],
    )
    services.answer(
        answered,
        Outcome.WILL_CHANGE,
        "You are right. The next edition, in January, names the deputy. Thank you for telling us.",
        members["manager"],
    )
    services.follow(manual, members["practitioner"].person)


def _must_read(page: ChapterPage, members: Mapping[str, Membership]) -> None:
    if not Edition.objects.filter(page=page, must_read=True).exists():
        draft = page.get_latest_revision_as_object()
        draft.change_what, draft.change_why, draft.must_read = WHAT, WHY, True
        draft.save_revision(user=members["manager"].person).publish()
    edition = policy.asked_editions().get(page=page)
    if not edition.confirmations.exists():
        for key in HAVE_READ:
            services.confirm(edition, members[key])


def _report(page: ChapterPage, number: str, text: str, member: Membership) -> Feedback:
    section = Section.objects.get(page=page, live=True, number=number)
    place = Place(page, section.anchor, section.name)
    return services.report(place, text, key=uuid4(), partnership=member.partnership, person=member.person)
