"""Cross references: the editor picks them, they are called as their section is called today, and they cannot dangle."""

import json
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

from portal.accounts.models import User
from procedures.blocks import FEATURES
from procedures.models import ChapterPage, ManualIndexPage, Section
from procedures.rendering import render_chapter
from procedures.upkeep.models import Link
from tests.cast import Cast
from tests.procedures.upkeep.conftest import (
    SUBMITTED,
    approve_url,
    decide,
    draft_of,
    edit_url,
    fields,
    save,
    submit,
    title_of,
)

pytestmark = pytest.mark.django_db


def refer(source: ChapterPage, anchor: str, publish: bool = True) -> None:
    """Has the first section of a chapter refer to a section."""
    draft = draft_of(source)
    raw = [dict(block) for block in draft.body.raw_data]
    text = f'<p>See <a linktype="section" id="{anchor}">there</a>.</p>'
    raw[0]["value"]["content"] = [{"type": "text", "id": str(uuid.uuid4()), "value": text}]
    draft.body = draft.body.stream_block.to_python(raw)
    revision = draft.save_revision()
    if publish:
        revision.publish()


def without_section(page: ChapterPage, heading: str) -> dict[str, Any]:
    """The editor's form with one section taken out."""
    data = fields(page)
    for number, section in enumerate(draft_of(page).sections()):
        if section.heading == heading:
            data[f"body-{number}-deleted"] = "1"
    return data


def html_of(page: ChapterPage) -> str:
    chapter = ChapterPage.objects.get(pk=page.pk)
    return "".join(section.html for section in render_chapter(chapter).sections)


def test_a_cross_reference_goes_through_the_editor_and_back_unchanged(bruises: ChapterPage) -> None:
    anchor = bruises.sections()[1].anchor
    source = f'<p data-block-key="abcde">See <a linktype="section" id="{anchor}">2 Referring</a> now.</p>'
    converter = ContentstateConverter(FEATURES)
    state = converter.from_database_format(source)
    entity = next(iter(json.loads(state)["entityMap"].values()))
    assert entity["type"] == "SECTION"
    assert "2 Referring" in entity["data"]["label"]
    back = converter.to_database_format(state)
    assert 'linktype="section"' in back
    assert f'id="{anchor}"' in back
    assert ">2 Referring</a>" in back


def test_it_is_called_as_its_section_is_called_today(
    bea: Client, adil: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    target = missing.sections()[1]
    refer(bruises, target.anchor)
    assert "2 Return interview (7 Children who go missing)" in html_of(bruises)
    submit(bea, missing, **{"body-1-value-heading": "Interview after the return"})
    decide(adil, missing)
    assert "2 Interview after the return (7 Children who go missing)" in html_of(bruises)


def test_two_chapters_may_refer_to_each_other_and_one_to_itself(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    refer(bruises, missing.sections()[0].anchor)
    refer(missing, bruises.sections()[0].anchor)
    assert bruises.sections()[0].anchor in html_of(missing)
    assert missing.sections()[0].anchor in html_of(bruises)
    refer(missing, missing.sections()[0].anchor)
    assert f'href="#{missing.sections()[0].anchor}"' in html_of(missing)
    assert bea.get(edit_url(missing)).status_code == 200
    assert bea.get("/cms/upkeep/links/").status_code == 200


def test_wagtail_knows_who_uses_a_section(bruises: ChapterPage, missing: ChapterPage) -> None:
    refer(bruises, missing.sections()[0].anchor)
    section = Section.objects.get(page=missing, position=1)
    users = [source.pk for source, _ in ReferenceIndex.get_references_to(section).group_by_source_object()]
    assert users == [bruises.pk]


def test_a_chapter_that_others_refer_to_is_neither_deleted_nor_unpublished(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    refer(bruises, missing.sections()[0].anchor)
    parent = missing.get_parent().pk
    ids = f"?id={missing.pk}"
    for url, posted in (
        (f"/cms/pages/{missing.pk}/delete/", {"leads_to": parent}),
        (f"/cms/pages/{missing.pk}/unpublish/", {}),
        (f"/cms/bulk/wagtailcore/page/delete/{ids}", {}),
        (f"/cms/bulk/wagtailcore/page/unpublish/{ids}", {"include_descendants": ""}),
    ):
        html = bea.post(url, posted, follow=True).content.decode()
        assert "a cross reference must lead somewhere" in html, url
        assert f'href="/cms/pages/{bruises.pk}/edit/"' in html, url
        assert Page.objects.get(pk=missing.pk).live, url


def test_a_subtree_that_refers_only_to_itself_may_go(
    bea: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    User.objects.filter(pk=cast.manager.person_id).update(is_superuser=True)
    refer(bruises, missing.sections()[0].anchor)
    bea.post(f"/cms/pages/{bruises.get_parent().pk}/delete/", {"leads_to": ""})
    assert not ChapterPage.objects.exists()


def test_a_draft_without_a_section_that_others_refer_to_is_kept_but_not_submitted(
    bea: Client, adil: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    refer(bruises, missing.sections()[1].anchor)
    html = bea.post(
        edit_url(missing), {**without_section(missing, "Return interview"), **SUBMITTED}
    ).content.decode()
    assert "refers to a section that this draft no longer has" in html
    assert "Bruises on babies" in html
    assert len(draft_of(missing).sections()) == 2
    bea.post(edit_url(missing), without_section(missing, "Return interview"))
    assert len(draft_of(missing).sections()) == 1


def test_a_change_is_not_approved_when_a_reference_was_made_meanwhile(
    bea: Client, adil: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    anchor = missing.sections()[1].anchor
    bea.post(edit_url(missing), {**without_section(missing, "Return interview"), **SUBMITTED})
    refer(bruises, anchor)
    html = adil.get(approve_url(missing)).content.decode()
    assert "cannot be approved as it is" in html
    assert 'value="approve"' not in html
    decide(adil, missing)
    assert len(ChapterPage.objects.get(pk=missing.pk).sections()) == 2


def test_a_reference_to_a_section_that_is_gone_is_not_submitted(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    anchor = missing.sections()[1].anchor
    Section.objects.filter(anchor=anchor).update(live=False)
    refer(bruises, anchor, publish=False)
    state = ContentstateConverter(FEATURES).from_database_format(
        f'<p data-block-key="aaaaa"><a linktype="section" id="{anchor}">there</a></p>'
    )
    posted = {
        "body-0-value-content-count": "1",
        "body-0-value-content-0-deleted": "",
        "body-0-value-content-0-order": "0",
        "body-0-value-content-0-type": "text",
        "body-0-value-content-0-id": str(uuid.uuid4()),
        "body-0-value-content-0-value": state,
    }
    html = submit(bea, bruises, **posted).content.decode()
    assert "which is no longer in the manual" in html


def test_a_shared_chapter_does_not_refer_to_what_only_some_may_read(
    bea: Client, adil: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    anchor = missing.sections()[0].anchor
    refer(bruises, anchor, publish=False)
    PageViewRestriction.objects.create(page=missing, restriction_type=PageViewRestriction.LOGIN)
    draft_of(bruises).get_workflow().start(Page.objects.get(pk=bruises.pk).specific, cast.manager.person)
    html = adil.get(approve_url(bruises)).content.decode()
    assert "not everybody who reads this chapter may read" in html
    decide(adil, bruises)
    assert anchor not in html_of(bruises)


def test_a_reference_to_a_chapter_that_is_not_published_yet_is_let_through(
    bea: Client, adil: Client, bruises: ChapterPage
) -> None:
    refer(bruises, "s-0000000000")
    assert "See there." in html_of(bruises)
    report = bea.get("/cms/upkeep/links/").content.decode()
    assert "has never been published" in report


def choose(client: Client, **query: str) -> str:
    return str(json.loads(client.get("/cms/section-chooser/", query).content)["html"])


def test_the_dialogue_offers_sections_by_number_words_and_chapter(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    assert "2 Return interview" in choose(bea)
    found = choose(bea, q="missing interview")
    assert "2 Return interview" in found
    assert "2 Referring" not in found
    for odd in ('"', "\x00", "x" * 10_000, "🚨", "%"):
        choose(bea, q=odd)
    section = Section.objects.get(page=missing, position=2)
    chosen = bea.get(f"/cms/section-chooser/chosen/{section.pk}/").json()
    assert chosen["result"]["id"] == section.anchor
    assert chosen["result"]["title"] == "2 Return interview"


def test_the_dialogue_shows_nothing_of_another_partnership_and_nothing_that_is_gone(
    bea: Client, cast: Cast, bruises: ChapterPage, missing: ChapterPage
) -> None:
    ChapterPage.objects.filter(pk=missing.pk).update(partnership=cast.eller)
    Section.objects.filter(page=bruises, position=1).update(live=False)
    html = choose(bea)
    assert "Return interview" not in html
    assert "What to look for" not in html
    assert "2 Referring" in html
    hidden = Section.objects.get(page=missing, position=2)
    assert bea.get(f"/cms/section-chooser/chosen/{hidden.pk}/").status_code == 404


def test_links_are_read_at_each_publication(bruises: ChapterPage, missing: ChapterPage) -> None:
    refer(bruises, missing.sections()[0].anchor)
    assert Link.objects.filter(page=bruises, kind="section").count() == 1
    refer(bruises, missing.sections()[1].anchor)
    assert list(Link.objects.filter(page=bruises).values_list("target", flat=True)) == [
        missing.sections()[1].anchor
    ]
    bruises.refresh_from_db()
    bruises.unpublish()
    assert not Link.objects.filter(page=bruises).exists()


def test_the_index_of_references_can_be_made_anew(bruises: ChapterPage, missing: ChapterPage) -> None:
    refer(bruises, missing.sections()[0].anchor)
    call_command("rebuild_references_index", verbosity=0)
    assert title_of(bruises)
    assert save
    assert ManualIndexPage.objects.exists()
