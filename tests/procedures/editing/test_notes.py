"""Each published change says what, why, when and who; nothing is submitted or approved without it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from procedures.editing.models import Edition
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast, client_for
from tests.procedures.editing.conftest import changed
from tests.procedures.upkeep.conftest import approve_url, decide, waits

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


def submit(client: Client, page: ChapterPage, **fields: object):
    return post(client, page, **{"action-submit": "1", **fields})


def test_a_change_is_not_submitted_without_its_note(bea: Client, bruises: ChapterPage) -> None:
    response = submit(bea, bruises)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Say what has changed" in html
    assert "Say why it has changed" in html
    assert submit(bea, bruises, change_what=WHAT, change_why=" ").status_code == 200
    assert not waits(bruises)


def test_with_its_note_a_second_person_approves_it_and_the_edition_says_what_why_and_who(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    assert submit(bea, bruises, change_what=WHAT, change_why=WHY, must_read="on").status_code == 302
    assert Edition.objects.filter(page=bruises).count() == 1
    decide(client_for(cast.administrator), bruises)
    edition = Edition.objects.filter(page=bruises).first()
    assert (edition.what, edition.why, edition.must_read) == (WHAT, WHY, True)
    assert edition.published_by == cast.administrator.person
    assert [one.heading for one in edition.chapter.sections] == ["Referring"]


def test_publishing_by_hand_makes_no_edition_with_or_without_a_note(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    post(bea, bruises, **{"action-publish": "1"})
    post(bea, bruises, change_what=WHAT, change_why=WHY, **{"action-publish": "1"})
    address = f"/cms/bulk/wagtailcore/page/publish/?id={bruises.pk}&id={missing.pk}&next=/cms/"
    bea.post(address, {"include_descendants": ""})
    assert Edition.objects.count() == 2  # each chapter's first


def test_what_waits_without_a_note_is_not_approved(bea: Client, cast: Cast, bruises: ChapterPage) -> None:
    """A program may submit what the editor's form does not."""
    draft = changed(ChapterPage.objects.get(pk=bruises.pk), "24 hours", "4 hours")
    draft.change_what = draft.change_why = ""
    draft.save_revision(user=cast.manager.person)
    page = ChapterPage.objects.get(pk=bruises.pk)
    page.get_workflow().start(page, cast.manager.person)
    administrator = client_for(cast.administrator)
    assert "does not say what has changed" in administrator.get(approve_url(page)).content.decode()
    decide(administrator, page)
    assert waits(page)
    assert Edition.objects.filter(page=page).count() == 1


def test_the_note_does_not_linger_into_the_next_change(bea: Client, cast: Cast, bruises: ChapterPage) -> None:
    submit(bea, bruises, change_what=WHAT, change_why=WHY, must_read="on")
    decide(client_for(cast.administrator), bruises)
    assert note_fields(bea, bruises) == ("", "", False)
    assert submit(bea, bruises).status_code == 200
    assert Edition.objects.filter(page=bruises).count() == 2


def test_a_draft_needs_no_note_and_keeps_the_one_it_has(bea: Client, bruises: ChapterPage) -> None:
    assert post(bea, bruises).status_code == 302
    assert post(bea, bruises, change_what=WHAT).status_code == 302
    assert note_fields(bea, bruises) == (WHAT, "", False)
    assert Edition.objects.filter(page=bruises).count() == 1


def test_a_first_publication_needs_no_note_and_gets_its_own(
    bea: Client, cast: Cast, manual: ManualIndexPage
) -> None:
    page = ChapterPage(title="New", slug="new", number="9", live=False)
    manual.add_child(instance=page)
    page.save_revision(user=cast.manager.person)
    assert submit(bea, page).status_code == 302
    decide(client_for(cast.administrator), page)
    edition = Edition.objects.get(page=page)
    assert edition.what == "Published for the first time."
    assert edition.published_by == cast.administrator.person


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
        assert "operator" in f"{edition.what} {edition.why}"
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


def test_a_scheduled_change_carries_the_note_and_who_approved_it(
    bea: Client, cast: Cast, bruises: ChapterPage
) -> None:
    go_live = timezone.localtime() + timedelta(hours=1)
    when = {"go_live_at": go_live.strftime("%Y-%m-%d %H:%M")}
    assert submit(bea, bruises, **when).status_code == 200
    assert submit(bea, bruises, change_what=WHAT, change_why=WHY, **when).status_code == 302
    decide(client_for(cast.administrator), bruises)
    assert Edition.objects.filter(page=bruises).count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        call_command("publish_scheduled")
        edition = Edition.objects.filter(page=bruises).first()
        assert (edition.what, edition.why) == (WHAT, WHY)
        assert edition.published_by == cast.administrator.person


def test_a_change_that_a_program_publishes_without_a_note_says_that_there_is_none(
    cast: Cast, bruises: ChapterPage
) -> None:
    draft = bruises.get_latest_revision_as_object()
    draft.change_what = ""
    draft.save_revision().publish()
    edition = Edition.objects.filter(page=bruises).first()
    assert edition.what == "Changed. No note was written."
    assert edition.published_by is None
