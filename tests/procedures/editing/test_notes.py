"""Each published change says what, why, when and who; nothing is published in the editor without it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowPage, WorkflowTask
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast, client_for

pytestmark = pytest.mark.django_db
WHAT, WHY = "Ring within 4 hours.", "A review found that a day is too long."


def form_of(page: ChapterPage, **fields: object) -> dict[str, object]:
    """What the editor posts: a chapter with one section."""
    section = {"numbering": "automatic", "number": "", "heading": "Referring", "level": "1"}
    section |= {"content": streamfield([("text", rich_text("<p>Ring.</p>"))])}  # type: ignore[dict-item]
    data = {
        "title": page.title, "slug": page.slug, "number": page.number, "partnership": "", "change_what": "",
        "change_why": "", "edition_date": "", "review_by": "", "kept_by": "Business unit", "keeper": "",
        "seo_title": "", "search_description": "", "go_live_at": "", "expire_at": "",
        "boxes": streamfield([]), "body": streamfield([("section", section)]),
        "wagtail_admin_comments": {
            "TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": ""
        },
        **fields,
    }  # fmt: skip
    flat: dict[str, object] = nested_form_data(data)
    return {name.replace("wagtail_admin_comments", "comments"): value for name, value in flat.items()}


def post(client: Client, page: ChapterPage, **fields: object):
    return client.post(f"/cms/pages/{page.pk}/edit/", form_of(page, **fields))


def note_fields(client: Client, page: ChapterPage) -> tuple[str, str, bool]:
    form = client.get(f"/cms/pages/{page.pk}/edit/").context["form"]
    return tuple(form[name].value() for name in ("change_what", "change_why", "must_read"))


def test_a_change_is_not_published_without_its_note(bea: Client, bruises: ChapterPage) -> None:
    response = post(bea, bruises, **{"action-publish": "1"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Say what has changed" in html
    assert "Say why it has changed" in html
    assert Edition.objects.filter(page=bruises).count() == 1
    post(bea, bruises, change_what=WHAT, change_why=" ", **{"action-publish": "1"})
    assert Edition.objects.filter(page=bruises).count() == 1


def test_with_its_note_it_is_and_the_edition_carries_it(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    response = post(bea, bruises, change_what=WHAT, change_why=WHY, must_read="on", **{"action-publish": "1"})
    assert response.status_code == 302
    edition = Edition.objects.filter(page=bruises).first()
    assert (edition.what, edition.why, edition.must_read) == (WHAT, WHY, True)
    assert edition.published_by == cast.manager.person
    assert [one.heading for one in edition.chapter.sections] == ["Referring"]


def test_the_note_does_not_linger_into_the_next_change(bea: Client, bruises: ChapterPage) -> None:
    post(bea, bruises, change_what=WHAT, change_why=WHY, must_read="on", **{"action-publish": "1"})
    assert note_fields(bea, bruises) == ("", "", False)
    post(bea, bruises, **{"action-publish": "1"})
    assert Edition.objects.filter(page=bruises).count() == 2


def test_a_draft_needs_no_note_and_keeps_the_one_it_has(bea: Client, bruises: ChapterPage) -> None:
    assert post(bea, bruises).status_code == 302
    assert post(bea, bruises, change_what=WHAT).status_code == 302
    assert note_fields(bea, bruises) == (WHAT, "", False)
    assert Edition.objects.filter(page=bruises).count() == 1


def test_a_first_publication_needs_no_note_and_gets_its_own(bea: Client, manual: ManualIndexPage) -> None:
    page = ChapterPage(title="New", slug="new", number="9", live=False)
    manual.add_child(instance=page)
    page.save_revision()
    assert post(bea, page, **{"action-publish": "1"}).status_code == 302
    edition = Edition.objects.get(page=page)
    assert edition.what == "Published for the first time."


def test_an_import_at_the_console_gets_a_note_that_says_so(
    cast: Cast, manual: ManualIndexPage, tmp_path
) -> None:
    file = tmp_path / "chapter.txt"
    for text in ("One.", "Two."):
        file.write_text(f"9 Imported\n\n1. Section\n\n{text}\n")
        call_command("import_manual", str(file), "--publish", "--json")
    newest, first = Edition.objects.filter(title="Imported")
    for edition in (newest, first):
        assert "Imported" in edition.what
        assert "operator" in edition.what
        assert edition.published_by is None
        assert not edition.must_read


def test_importing_again_does_not_take_over_the_note_of_the_last_change(
    bea: Client, cast: Cast, amend: Callable[..., Edition], manual: ManualIndexPage, tmp_path
) -> None:
    file = tmp_path / "chapter.txt"
    file.write_text("9 Imported\n\n1. Section\n\nOne.\n")
    call_command("import_manual", str(file), "--publish", "--json")
    page = ChapterPage.objects.get(number="9")
    amend(page, "One.", "Two.", must_read=True)
    call_command("import_manual", str(file), "--json")
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    assert (draft.change_what, draft.change_why, draft.must_read) == ("", "", False)


def test_a_scheduled_change_carries_the_note_and_the_one_who_set_the_time(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    go_live = timezone.localtime() + timedelta(hours=1)
    fields = {"go_live_at": go_live.strftime("%Y-%m-%d %H:%M"), "action-publish": "1"}
    assert post(bea, bruises, **fields).status_code == 200
    assert post(bea, bruises, change_what=WHAT, change_why=WHY, **fields).status_code == 302
    assert Edition.objects.filter(page=bruises).count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        call_command("publish_scheduled")
        edition = Edition.objects.filter(page=bruises).first()
        assert (edition.what, edition.why) == (WHAT, WHY)
        assert edition.published_by == cast.manager.person


def test_an_approved_change_carries_the_note_and_the_approver(
    cast: Cast, bea: Client, bruises: ChapterPage
) -> None:
    workflow = Workflow.objects.create(name="Second pair of eyes")
    task = GroupApprovalTask.objects.create(name="Approve")
    task.groups.set(Group.objects.all())
    WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr)
    WorkflowPage.objects.update_or_create(
        page=Page.objects.get(pk=bruises.pk), defaults={"workflow": workflow}
    )
    assert post(bea, bruises, **{"action-submit": "1"}).status_code == 200
    assert post(bea, bruises, change_what=WHAT, change_why=WHY, **{"action-submit": "1"}).status_code == 302
    assert Edition.objects.filter(page=bruises).count() == 1
    administrator = client_for(cast.administrator)
    state = ChapterPage.objects.get(pk=bruises.pk).current_workflow_state.current_task_state
    address = f"/cms/pages/workflow/action/{bruises.pk}/approve/{state.pk}/"
    assert administrator.post(address, {"comment": ""}).status_code in (200, 302)
    edition = Edition.objects.filter(page=bruises).first()
    assert (edition.what, edition.why) == (WHAT, WHY)
    assert edition.published_by == cast.administrator.person


def test_nothing_is_published_in_bulk_without_a_note(
    bea: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    post(bea, bruises)
    address = f"/cms/bulk/wagtailcore/page/publish/?id={bruises.pk}&id={missing.pk}&next=/cms/"
    response = bea.post(address, {"include_descendants": ""}, follow=True)
    assert "Nothing was published" in response.content.decode()
    assert Edition.objects.filter(page=bruises).count() == 1
    for page in (bruises, missing):
        post(bea, page, change_what=WHAT, change_why=WHY)
    bea.post(address, {"include_descendants": ""})
    assert Edition.objects.filter(page=bruises).first().what == WHAT


def test_a_change_that_a_program_publishes_without_a_note_says_that_there_is_none(
    cast: Cast, bruises: ChapterPage
) -> None:
    draft = bruises.get_latest_revision_as_object()
    draft.change_what = ""
    draft.save_revision().publish()
    edition = Edition.objects.filter(page=bruises).first()
    assert edition.what == "Changed. No note was written."
    assert edition.published_by is None
