"""Four eyes: what Bea changes, readers see when somebody else has approved it, and on no other way."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, Task, Workflow, WorkflowTask

from portal.accounts import groups
from portal.accounts.models import Membership, Role, User
from portal.outbox.models import Message
from portal.reminders.jobs import publish_scheduled
from procedures.importing.parse import parse_chapter
from procedures.models import ChapterPage, ManualIndexPage
from procedures.services import import_chapter, site_root
from procedures.upkeep.models import SecondPerson
from procedures.upkeep.services import install
from tests.cast import Cast, client_for
from tests.procedures.conftest import BRUISES
from tests.procedures.upkeep.conftest import (
    approve_url,
    decide,
    draft_of,
    edit_url,
    fields,
    save,
    submit,
    title_of,
    waits,
)

pytestmark = pytest.mark.django_db
OLD, NEW = "Bruises on babies", "Bruises on babies and toddlers"


def workflow_url(page: Page, action: str) -> str:
    state = Page.objects.get(pk=page.pk).current_workflow_state
    return f"/cms/pages/{page.pk}/workflow/action/{action}/{state.current_task_state_id}/"


def test_a_change_is_read_when_a_second_person_has_approved_it(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW, change_what="Toddlers too")
    assert title_of(bruises) == OLD
    html = adil.get(approve_url(bruises)).content.decode()
    assert "Toddlers too" in html
    assert "Bea Lindqvist" in html
    assert "Approved and published" in decide(adil, bruises).content.decode()
    assert title_of(bruises) == NEW


def test_nobody_approves_their_own_change(bea: Client, bruises: ChapterPage) -> None:
    submit(bea, bruises, title=NEW)
    html = bea.get(approve_url(bruises)).content.decode()
    assert "Adil Shah" in html
    assert 'value="approve"' not in html
    decide(bea, bruises)
    bea.post(workflow_url(bruises, "approve"), {"comment": ""})
    bea.post(
        edit_url(bruises),
        {**fields(bruises), "action-workflow-action": "y", "workflow-action-name": "approve"},
    )
    assert title_of(bruises) == OLD
    assert waits(bruises)


@pytest.mark.parametrize("superuser", [False, True])
def test_publishing_by_hand_is_not_offered_and_does_nothing(
    bea: Client, cast: Cast, bruises: ChapterPage, superuser: bool
) -> None:
    User.objects.filter(pk=cast.manager.person_id).update(is_superuser=superuser)
    assert "action-publish" not in bea.get(edit_url(bruises)).content.decode()
    response = save(bea, bruises, title=NEW, **{"action-publish": "action-publish"})
    assert "Not published" in response.content.decode()
    assert title_of(bruises) == OLD
    assert draft_of(bruises).title == NEW


@pytest.mark.parametrize("superuser", [False, True])
def test_publishing_many_at_once_is_refused(
    bea: Client, cast: Cast, bruises: ChapterPage, superuser: bool
) -> None:
    User.objects.filter(pk=cast.manager.person_id).update(is_superuser=superuser)
    save(bea, bruises, title=NEW)
    bea.post(f"/cms/bulk/wagtailcore/page/publish/?id={bruises.pk}", {"include_descendants": "on"})
    parent = bruises.get_parent()
    bea.post(f"/cms/bulk/wagtailcore/page/publish/?id={parent.pk}", {"include_descendants": "on"})
    assert title_of(bruises) == OLD


def test_a_new_chapter_begins_as_a_draft(bea: Client, manual: ManualIndexPage) -> None:
    add = f"/cms/pages/add/procedures/chapterpage/{manual.pk}/"
    assert "action-publish" not in bea.get(add).content.decode()
    other = import_chapter(parse_chapter(BRUISES), parent=manual).page
    posted = {**fields(other), "title": "Burns", "slug": "burns", "action-publish": "action-publish"}
    bea.post(add, posted)
    page = ChapterPage.objects.get(slug="burns")
    assert not page.live


def test_a_copy_is_a_draft(bea: Client, bruises: ChapterPage) -> None:
    copy = f"/cms/pages/{bruises.pk}/copy/"
    assert "publish_copies" not in bea.get(copy).content.decode()
    parent = bruises.get_parent().pk
    bea.post(
        copy,
        {
            "new_title": "Copy",
            "new_slug": "copy",
            "new_parent_page": parent,
            "publish_copies": "on",
            "alias": "",
        },
    )
    assert not Page.objects.get(slug="copy").live


def test_an_earlier_edition_is_not_published_by_hand_either(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    decide(adil, bruises)
    first = bruises.revisions.order_by("created_at").first()
    revert = f"/cms/pages/{bruises.pk}/revisions/{first.pk}/revert/"
    assert "action-publish" not in bea.get(revert).content.decode()
    bea.post(
        edit_url(bruises), {**fields(bruises), "title": OLD, "revision": first.pk, "action-publish": "y"}
    )
    assert title_of(bruises) == NEW


def test_whoever_had_a_hand_in_the_change_does_not_approve_it(
    bea: Client, adil: Client, jo: Client, cast: Cast, bruises: ChapterPage
) -> None:
    save(bea, bruises, title=NEW)
    submit(adil, bruises, change_what="A comma")
    decide(bea, bruises)
    assert title_of(bruises) == OLD
    html = bea.get(approve_url(bruises)).content.decode()
    assert "Jo Finch" in html
    assert cast.administrator.person.email not in html
    decide(jo, bruises)
    assert title_of(bruises) == NEW


def test_where_everybody_has_worked_on_it_whoever_did_not_save_last_may(
    bea: Client, adil: Client, cast: Cast, bruises: ChapterPage
) -> None:
    Membership.objects.filter(person=cast.eller_manager.person).update(ended_at=timezone.now())
    save(bea, bruises, title=NEW)
    submit(adil, bruises, change_what="A comma")
    decide(adil, bruises)
    assert title_of(bruises) == OLD
    decide(bea, bruises)
    assert title_of(bruises) == NEW


def test_an_approver_who_has_left_neither_approves_nor_blocks(
    bea: Client, adil: Client, jo: Client, cast: Cast, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    Membership.objects.filter(person=cast.administrator.person).update(ended_at=timezone.now())
    assert decide(adil, bruises).status_code in (302, 403, 200)
    assert title_of(bruises) == OLD
    html = bea.get(approve_url(bruises)).content.decode()
    assert "Jo Finch" in html
    assert "Adil Shah" not in html
    decide(jo, bruises)
    assert title_of(bruises) == NEW


def test_an_author_who_has_left_holds_up_nobody(
    bea: Client, adil: Client, cast: Cast, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    Membership.objects.filter(person=cast.manager.person).update(ended_at=timezone.now())
    adil.post(approve_url(bruises), {"take-back": "yes"})
    assert not waits(bruises)
    save(adil, bruises, title=OLD)
    assert draft_of(bruises).title == OLD


def test_the_only_manager_is_told_that_nobody_can_approve(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    others = [cast.administrator.person_id, cast.eller_manager.person_id]
    Membership.objects.filter(person__in=others).update(ended_at=timezone.now())
    assert "Nobody but you manages this manual" in bea.get(edit_url(bruises)).content.decode()
    submit(bea, bruises, title=NEW)
    html = bea.get(approve_url(bruises)).content.decode()
    assert "Have a second business manager or an administrator invited" in html
    decide(bea, bruises)
    assert title_of(bruises) == OLD


def test_a_local_chapter_is_approved_by_its_own_partnership(
    bea: Client, adil: Client, jo: Client, cast: Cast, bruises: ChapterPage
) -> None:
    ChapterPage.objects.filter(pk=bruises.pk).update(partnership=cast.tarn)
    bruises.refresh_from_db()
    bruises.save_revision()
    submit(bea, bruises, title=NEW, partnership=str(cast.tarn.pk))
    assert jo.get(approve_url(bruises)).status_code == 404
    decide(jo, bruises)
    jo.post(workflow_url(bruises, "approve"), {"comment": ""})
    assert title_of(bruises) == OLD
    decide(adil, bruises)
    assert title_of(bruises) == NEW


def test_a_practitioner_cannot_even_see_the_question(cast: Cast, bea: Client, bruises: ChapterPage) -> None:
    submit(bea, bruises, title=NEW)
    assert client_for(cast.practitioner).get(approve_url(bruises)).status_code == 403


def test_what_waits_is_frozen_until_it_is_decided_or_taken_back(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    for client in (bea, adil):
        save(client, bruises, title="Slipped in")
        assert draft_of(bruises).title == NEW
    bea.post(approve_url(bruises), {"take-back": "yes"})
    save(bea, bruises, title="Slipped in")
    assert draft_of(bruises).title == "Slipped in"


def test_what_came_from_the_console_meanwhile_is_not_approved_unseen(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    latest = draft_of(bruises).get_latest_revision()
    seen = f"{latest.pk} {latest.created_at.isoformat()}"
    draft = draft_of(bruises)
    draft.title = "From the console"
    draft.save_revision()
    response = adil.post(approve_url(bruises), {"version": seen, "decision": "approve"}, follow=True)
    assert "has changed since you opened it" in response.content.decode()
    adil.post(workflow_url(bruises, "approve"), {"comment": ""})
    assert title_of(bruises) == OLD


def test_asking_for_changes_needs_words_and_gives_the_page_back(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    assert "Say what is to be changed" in decide(adil, bruises, "reject").content.decode()
    assert waits(bruises)
    decide(adil, bruises, "reject", "Toddlers are another chapter")
    assert not waits(bruises)
    assert title_of(bruises) == OLD
    submit(bea, bruises, title="Bruises on small babies")
    decide(adil, bruises)
    assert title_of(bruises) == "Bruises on small babies"


def test_approving_twice_publishes_once(bea: Client, adil: Client, jo: Client, bruises: ChapterPage) -> None:
    submit(bea, bruises, title=NEW)
    decide(adil, bruises)
    editions = bruises.editions.count()
    assert "no longer waits" in decide(jo, bruises).content.decode()
    assert bruises.editions.count() == editions


def test_a_workflow_put_together_otherwise_publishes_nothing(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    other = GroupApprovalTask.objects.create(name="Anybody")
    other.groups.set(cast.manager.person.groups.all())
    workflow = Workflow.objects.create(name="Quick")
    WorkflowTask.objects.create(workflow=workflow, task=other)
    draft = draft_of(bruises)
    draft.title = NEW
    draft.save_revision(user=cast.manager.person)
    state = workflow.start(bruises, cast.manager.person)
    bea.post(workflow_url(bruises, "approve"), {"comment": ""})
    with pytest.raises(PermissionDenied):
        state.current_task_state.specific.approve(user=cast.manager.person)
    assert title_of(bruises) == OLD


def test_switching_the_task_off_publishes_nothing(bea: Client, cast: Cast, bruises: ChapterPage) -> None:
    submit(bea, bruises, title=NEW)
    with pytest.raises(PermissionDenied):
        SecondPerson.objects.get().deactivate(user=cast.administrator.person)
    assert title_of(bruises) == OLD


def test_switched_off_nothing_is_published_and_the_next_migration_switches_it_on(
    bea: Client, bruises: ChapterPage
) -> None:
    Task.objects.update(active=False)
    submit(bea, bruises, title=NEW)
    assert not waits(bruises)
    assert title_of(bruises) == OLD
    install()
    install()
    assert SecondPerson.objects.filter(active=True).count() == 1
    submit(bea, bruises)
    assert waits(bruises)


def test_a_manual_that_is_made_later_is_under_the_same_rule(
    bea: Client, adil: Client, manual: ManualIndexPage
) -> None:
    later = ManualIndexPage(title="Later", slug="later")
    site_root().add_child(instance=later)
    page = import_chapter(parse_chapter(BRUISES), parent=later, publish=True).page
    submit(bea, page, title=NEW)
    assert title_of(page) == OLD
    decide(adil, page)
    assert title_of(page) == NEW


def test_those_who_may_approve_are_told_once_each(bea: Client, cast: Cast, bruises: ChapterPage) -> None:
    submit(bea, bruises, title=NEW)
    told = Message.objects.filter(notice="manual_approval")
    assert {message.to for message in told} == {
        cast.administrator.person.email,
        cast.eller_manager.person.email,
    }
    assert NEW not in "".join(message.text for message in told)


def test_what_waits_for_me_is_on_my_desk_and_not_on_its_authors(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    submit(bea, bruises, title=NEW)
    assert "Awaiting your review" in adil.get("/cms/").content.decode()
    assert "Awaiting your review" not in bea.get("/cms/").content.decode()


def test_an_approved_change_may_name_the_time_at_which_it_is_published(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    tomorrow = timezone.localtime() + timedelta(days=1)
    submit(bea, bruises, title=NEW, go_live_at=f"{tomorrow:%Y-%m-%d %H:%M}")
    assert "published at the time it names" in decide(adil, bruises).content.decode()
    publish_scheduled()
    assert title_of(bruises) == OLD
    revision = draft_of(bruises).get_latest_revision()
    past = timezone.now() - timedelta(minutes=1)
    type(revision).objects.filter(pk=revision.pk).update(
        approved_go_live_at=past, content={**revision.content, "go_live_at": past.isoformat()}
    )
    publish_scheduled()
    assert title_of(bruises) == NEW


def test_a_time_without_an_approval_publishes_nothing(bea: Client, bruises: ChapterPage) -> None:
    past = timezone.localtime() + timedelta(minutes=1)
    save(bea, bruises, title=NEW, go_live_at=f"{past:%Y-%m-%d %H:%M}")
    assert draft_of(bruises).get_latest_revision().approved_go_live_at is None


def test_the_console_still_publishes(manual: ManualIndexPage) -> None:
    page = import_chapter(parse_chapter(BRUISES), parent=manual, publish=True).page
    assert page.live


def test_comments_stay(bea: Client, bruises: ChapterPage) -> None:
    assert "comments" in bea.get(edit_url(bruises)).content.decode()


def test_an_invited_second_manager_may_approve_at_once(bea: Client, cast: Cast, bruises: ChapterPage) -> None:
    others = [cast.administrator.person_id, cast.eller_manager.person_id]
    Membership.objects.filter(person__in=others).update(ended_at=timezone.now())
    submit(bea, bruises, title=NEW)
    new: Any = Membership.objects.create(
        person=cast.lead_edu.person,
        agency=cast.agency("BUS"),
        partnership=cast.tarn,
        role=Role.BUSINESS_MANAGER,
    )
    groups.sync(new.person)
    decide(client_for(new), bruises)
    assert title_of(bruises) == NEW
