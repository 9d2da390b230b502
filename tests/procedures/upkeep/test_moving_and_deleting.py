"""Moving or deleting a page that others link to warns, and the old address leads on."""

from typing import Any

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from portal.accounts.models import User
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast
from tests.procedures.upkeep.conftest import decide, draft_of, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(cast: Cast) -> Client:
    """Somebody without an account, where anybody may read the manual."""
    return Client(HTTP_HOST=cast.tarn.hostname)


def link(source: ChapterPage, target: Page) -> None:
    """Publishes a chapter whose first section links to a page."""
    draft = draft_of(source)
    raw = [dict(block) for block in draft.body.raw_data]
    text = f'<p>See <a linktype="page" id="{target.pk}">that chapter</a>.</p>'
    raw[0]["value"]["content"] = [{"type": "text", "value": text}]
    draft.body = draft.body.stream_block.to_python(raw)
    draft.save_revision().publish()


def leads_to(client: Client, address: str) -> str:
    response: Any = client.get(address)
    return str(response["Location"]) if response.status_code in (301, 302) else str(response.status_code)


def part(manual: ManualIndexPage, slug: str) -> ManualIndexPage:
    page = ManualIndexPage(title=slug.capitalize(), slug=slug)
    manual.add_child(instance=page)
    return page


def test_a_new_slug_leaves_a_redirect(
    bea: Client,
    adil: Client,
    reader: Client,
    bruises: ChapterPage,
    django_capture_on_commit_callbacks: Any,
) -> None:
    old = bruises.get_url()
    submit(bea, bruises, slug="bruises-now")
    with django_capture_on_commit_callbacks(execute=True):
        decide(adil, bruises)
    assert leads_to(reader, old).endswith("/manual/bruises-now/")


def test_a_part_that_moves_takes_the_addresses_of_its_chapters_along(
    bea: Client, reader: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    one, two = part(manual, "one"), part(manual, "two")
    bruises.move(one, pos="last-child")
    old = ChapterPage.objects.get(pk=bruises.pk).get_url()
    bea.post(f"/cms/pages/{one.pk}/move/{two.pk}/confirm/")
    assert leads_to(reader, old).endswith(f"/manual/two/one/{bruises.slug}/")


def test_moving_says_who_links_there_and_the_links_follow(
    bea: Client, reader: Client, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    link(bruises, missing)
    one = part(manual, "one")
    html = bea.get(f"/cms/pages/{missing.pk}/move/{one.pk}/confirm/").content.decode()
    assert "Others link to this page" in html
    assert f'href="/cms/pages/{bruises.pk}/edit/"' in html
    bea.post(f"/cms/pages/{missing.pk}/move/{one.pk}/confirm/")
    assert f"/manual/one/{missing.slug}/" in reader.get(bruises.get_url()).content.decode()


def test_moving_what_nobody_links_to_warns_of_nothing(
    bea: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    one = part(manual, "one")
    assert "Others link" not in bea.get(f"/cms/pages/{bruises.pk}/move/{one.pk}/confirm/").content.decode()


def test_deleting_says_who_links_there_and_leads_to_the_page_above_it(
    bea: Client, reader: Client, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    link(bruises, missing)
    old = missing.get_url()
    html = bea.get(f"/cms/pages/{missing.pk}/delete/").content.decode()
    assert "1 other page links to it" in html
    assert f'href="/cms/pages/{bruises.pk}/edit/"' in html
    assert f'<option value="{manual.pk}" selected>' in html
    assert ChapterPage.objects.filter(pk=missing.pk).exists(), "asking deletes nothing"
    bea.post(f"/cms/pages/{missing.pk}/delete/", {"leads_to": manual.pk})
    assert not ChapterPage.objects.filter(pk=missing.pk).exists()
    assert leads_to(reader, old).endswith("/manual/")


def test_the_editor_chooses_where_the_address_leads(
    bea: Client, reader: Client, manual: ManualIndexPage, bruises: ChapterPage, missing: ChapterPage
) -> None:
    old = missing.get_url()
    bea.post(f"/cms/pages/{missing.pk}/delete/", {"leads_to": bruises.pk})
    assert leads_to(reader, old).endswith(f"/manual/{bruises.slug}/")


def test_nowhere_is_a_choice_too(bea: Client, reader: Client, missing: ChapterPage) -> None:
    old = missing.get_url()
    bea.post(f"/cms/pages/{missing.pk}/delete/", {"leads_to": ""})
    assert leads_to(reader, old) == "404"


def test_an_address_does_not_lead_into_what_is_deleted_with_it(
    bea: Client, cast: Cast, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    User.objects.filter(pk=cast.manager.person_id).update(is_superuser=True)
    one = part(manual, "one")
    bruises.move(one, pos="last-child")
    bea.post(f"/cms/pages/{one.pk}/delete/", {"leads_to": bruises.pk})
    assert ChapterPage.objects.filter(pk=bruises.pk).exists()


def test_chapters_below_and_older_addresses_lead_on_as_well(
    bea: Client, cast: Cast, reader: Client, manual: ManualIndexPage, bruises: ChapterPage
) -> None:
    User.objects.filter(pk=cast.manager.person_id).update(is_superuser=True)
    one = part(manual, "one")
    oldest = bruises.get_url()
    bea.post(f"/cms/pages/{bruises.pk}/move/{one.pk}/confirm/")
    old = ChapterPage.objects.get(pk=bruises.pk).get_url()
    bea.post(f"/cms/pages/{one.pk}/delete/", {"leads_to": manual.pk})
    for address in (oldest, old, "/manual/one/"):
        assert leads_to(reader, address).endswith("/manual/"), address


def test_a_draft_leaves_no_redirect(bea: Client, manual: ManualIndexPage, bruises: ChapterPage) -> None:
    ChapterPage.objects.filter(pk=bruises.pk).update(live=False)
    bea.post(f"/cms/pages/{bruises.pk}/delete/", {"leads_to": manual.pk})
    assert not Redirect.objects.exists()


def test_many_at_once_lead_to_the_page_above_and_what_others_link_to_is_not_among_them(
    bea: Client, reader: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    link(bruises, missing)
    html = bea.post(f"/cms/bulk/wagtailcore/page/delete/?id={missing.pk}", follow=True).content.decode()
    assert "Nothing was deleted, because others link to these pages" in html
    assert ChapterPage.objects.filter(pk=missing.pk).exists()
    old = bruises.get_url()
    bea.post(f"/cms/bulk/wagtailcore/page/delete/?id={bruises.pk}")
    assert leads_to(reader, old).endswith("/manual/")


def test_unpublishing_says_who_still_links_there(
    bea: Client, bruises: ChapterPage, missing: ChapterPage
) -> None:
    link(bruises, missing)
    html = bea.post(f"/cms/pages/{missing.pk}/unpublish/", follow=True).content.decode()
    assert "Still linked to by" in html
    assert not Page.objects.get(pk=missing.pk).live
