"""The CMS: another partnership's local pages are not there, by whatever way one comes."""

import json
import re
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from portal.accounts import services as accounts
from portal.accounts.models import Role
from procedures.models import ChapterPage, ManualIndexPage
from procedures.policy import PagePolicy
from tests.cast import Cast, client_for
from tests.procedures.conftest import publish
from tests.procedures.sharing.conftest import Shared, local_chapter
from tests.proofs.routes import all_routes

pytestmark = pytest.mark.django_db
CMS = "/cms/"
PAGE = ("parent_page_id", "page_id", "page_to_move_id", "destination_id", "page_pk")
BROKEN_ON_PURPOSE = ("wagtailadmin_error_test",)
# What Ellerfold's chapter, box and contact say, in addresses too; not the word that was typed into a search.
THEIRS = re.compile(r"(chapter|section|about)[ -]ellerlocal|eller(title|box|contact)", re.IGNORECASE)


@pytest.fixture
def bea(shared: Shared) -> Client:
    """Tarnbrook's manager, to whom Ellerfold's local chapter must not be there."""
    client = client_for(shared.cast.manager)
    client.raise_request_exception = False
    return client


@pytest.fixture
def theirs(shared: Shared) -> ChapterPage:
    return shared.local["eller"]


def addresses(page: Page, other: Page) -> list[tuple[str, str]]:
    """Every address of the CMS with this page's number wherever it could stand, and once with an own page beside it."""
    found = []
    for route in all_routes():
        if not route.pattern.startswith("cms/"):
            continue
        for numbers in (
            dict.fromkeys(PAGE, page.pk),
            dict.fromkeys(PAGE, page.pk) | {"page_to_move_id": other.pk},
        ):
            values = numbers | {
                "pk": page.pk, "instance_pk": uuid4(), "object_id": page.pk, "revision_id": page.latest_revision_id,
                "revision_id_a": "live", "revision_id_b": "latest", "content_type_app_name": "procedures",
                "content_type_model_name": "chapterpage", "app_label": "wagtailcore", "app_name": "procedures",
                "model_name": "page", "action": "delete", "action_name": "unpublish", "document_id": 1, "doc_id": 1,
                "uploaded_file_id": 1, "image_id": 1, "filter_spec": "original", "redirect_id": 1,
                "collection_id": 1, "task_state_id": 1, "task_id": 1, "workflow_pk": 1, "workflow_state_id": 1,
                "session_id": 1, "uidb64": "MQ", "token": "set-password", "_0": "x",
            }  # fmt: skip
            missing = dict.fromkeys(set(route.parameters) - set(values), 1)
            if not str(route.pattern).endswith("^.*/$"):
                found.append((route.name, route.path(values | missing)))
    return sorted(set(found))


def asked(page: Page) -> str:
    """What lists, choosers and bulk actions may be asked about a page."""
    return (
        f"q=ellerlocal&id={page.pk}&child_of={page.get_parent().pk}&target_pages[]={page.pk}&for_explorer=1"
    )


def test_no_address_of_the_cms_tells_anything_of_another_partnerships_page(
    shared: Shared, bea: Client, theirs: ChapterPage
) -> None:
    wrong, opened = [], 0
    for name, address in addresses(theirs, shared.local["tarn"]):
        types = ["?page_type=procedures.ChapterPage"] if "choose" in address else []
        for query in ("", "?q=ellerlocal", f"?{asked(theirs)}", *types):
            response = bea.get(address + query)
            opened += response.status_code == 200
            body = b"".join(response.streaming_content) if response.streaming else response.content
            shown = body.decode(errors="replace") + str(response.headers)
            if THEIRS.search(shown):
                wrong.append(f"{address}{query} shows it ({response.status_code})")
            if response.status_code >= 500 and name not in BROKEN_ON_PURPOSE:
                wrong.append(f"{address}{query}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert opened > 50


def test_the_same_walk_finds_the_page_for_its_own_manager(shared: Shared, theirs: ChapterPage) -> None:
    jo = client_for(shared.cast.eller_manager)
    places = [address for _, address in addresses(theirs, theirs) if f"/{theirs.pk}/" in address]
    shown = [place for place in places if "ellerlocal" in jo.get(place).content.decode(errors="replace")]
    assert f"{CMS}pages/{theirs.pk}/edit/" in shown
    assert f"{CMS}pages/{theirs.pk}/history/" in shown
    assert len(shown) > 8
    for place in (
        f"{CMS}pages/search/?q=ellerlocal",
        f"{CMS}pages/{shared.manual.pk}/",
        f"{CMS}reports/aging-pages/",
    ):
        assert "ellerlocal" in jo.get(place).content.decode(), place


@pytest.mark.parametrize(
    "act",
    [
        "edit", "delete", "unpublish", "copy", "move", "usage", "history", "lock", "unlock", "privacy", "view_draft",
        "edit/preview", "revisions/compare", "convert_alias",
    ],
)  # fmt: skip
def test_nothing_can_be_done_with_it_by_its_number(
    act: str, shared: Shared, bea: Client, theirs: ChapterPage
) -> None:
    before = (theirs.title, theirs.live, theirs.path, theirs.latest_revision_id)
    address = f"{CMS}pages/{theirs.pk}/{act}/"
    if act == "revisions/compare":
        address += "live...latest/"
    sent = {"title": "Taken", "slug": "taken", "action-publish": "1", "new_parent_page": shared.manual.pk}
    assert bea.get(address).status_code == 404
    assert bea.post(address, sent).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.title, theirs.live, theirs.path, theirs.latest_revision_id) == before


@pytest.mark.parametrize("action", ["publish", "unpublish", "move", "delete"])
def test_no_bulk_action_names_or_touches_it(
    action: str, shared: Shared, bea: Client, theirs: ChapterPage
) -> None:
    address = f"{CMS}bulk/wagtailcore/page/{action}/?childOf={shared.manual.pk}&next=/cms/"
    assert bea.get(f"{address}&id={theirs.pk}").status_code == 404
    assert bea.post(f"{address}&id={theirs.pk}&id={shared.local['tarn'].pk}", {}).status_code == 404
    everything = bea.get(f"{address}&id=all").content.decode()
    assert "ellerlocal" not in everything
    bea.post(f"{address}&id=all", {"chooser": shared.manual.pk})
    theirs.refresh_from_db()
    assert theirs.live


@pytest.mark.parametrize("action", ["unpublish", "publish", "delete", "copy", "convert_alias"])
def test_the_api_of_the_cms_does_not_know_it(action: str, bea: Client, theirs: ChapterPage) -> None:
    assert bea.get(f"{CMS}api/main/pages/{theirs.pk}/").status_code == 404
    assert bea.post(f"{CMS}api/main/pages/{theirs.pk}/action/{action}/", {}).status_code == 404
    listed = bea.get(f"{CMS}api/main/pages/?limit=20").content.decode()
    assert "ellerlocal" not in listed
    assert "tarnlocal" in listed
    theirs.refresh_from_db()
    assert theirs.live


def test_choosers_offer_own_pages_and_no_others(shared: Shared, bea: Client, theirs: ChapterPage) -> None:
    for address in (f"choose-page/{shared.manual.pk}/", "choose-page/search/?q=Chapter"):
        html = json_html(bea, CMS + address)
        assert "tarnlocal" in html, address
        assert "ellerlocal" not in html, address
    assert bea.get(f"{CMS}choose-page/chosen-multiple/?id={theirs.pk}").status_code == 404
    assert bea.get(f"{CMS}choose-page/{theirs.pk}/").status_code == 404


def json_html(client: Client, address: str) -> str:
    content = client.get(address).content.decode()
    return str(json.loads(content)["html"]) if content.startswith("{") else content


def test_who_may_change_it_are_its_own_managers(shared: Shared, theirs: ChapterPage) -> None:
    policy = PagePolicy()
    may = {person.email for person in policy.users_with_permission_for_instance("change", theirs)}
    assert shared.cast.eller_manager.person.email in may
    assert shared.cast.manager.person.email not in may
    regional = {
        person.email for person in policy.users_with_permission_for_instance("change", shared.chapter)
    }
    assert {shared.cast.manager.person.email, shared.cast.eller_manager.person.email} <= regional


def test_any_partnerships_manager_edits_the_regional_manual(shared: Shared) -> None:
    for member in (shared.cast.manager, shared.cast.eller_manager):
        assert client_for(member).get(f"{CMS}pages/{shared.chapter.pk}/edit/").status_code == 200


def test_a_right_that_is_gone_is_gone_at_the_next_request(shared: Shared) -> None:
    bea, page = shared.cast.manager, shared.local["eller"]
    member = accounts.start_membership(
        bea.person, shared.cast.agency("POL"), shared.cast.eller, Role.BUSINESS_MANAGER
    )
    client = client_for(bea)
    assert client.get(f"{CMS}pages/{page.pk}/edit/").status_code == 200
    PageLogEntry.objects.create(
        page=page, label=page.title, action="wagtail.edit", user=bea.person, timestamp=timezone.now(),
        content_type=ContentType.objects.get_for_model(ChapterPage),
    )  # fmt: skip
    Page.objects.filter(pk=page.pk).update(locked=True, locked_by=bea.person, locked_at=timezone.now())
    assert "ellerlocal" in client.get(CMS).content.decode()
    member.ended_at = timezone.now()
    member.save()
    assert client.get(f"{CMS}pages/{page.pk}/edit/").status_code == 404
    assert client.get(f"{CMS}reports/locked/").status_code == 404  # until a manager of Ellerfold unlocks it
    for address in (CMS, f"{CMS}reports/site-history/"):
        assert "ellerlocal" not in client.get(address).content.decode(), address


def test_the_history_of_the_site_does_not_name_what_another_partnership_deleted(
    shared: Shared, bea: Client, theirs: ChapterPage
) -> None:
    jo = client_for(shared.cast.eller_manager)
    assert jo.post(f"{CMS}pages/{theirs.pk}/delete/").status_code == 302
    assert not Page.objects.filter(pk=theirs.pk).exists()
    assert "ellerlocal" not in bea.get(f"{CMS}reports/site-history/").content.decode()


# ---- Which partnership a page belongs to -------------------------------------------------------------------


def sent(page: ChapterPage, **changes: object) -> dict[str, object]:
    """The form of a chapter, as the editor sends it."""
    data: dict[str, object] = {
        "title": page.title, "slug": page.slug, "number": page.number, "kept_by": page.kept_by,
        "partnership": str(page.partnership_id or ""), "boxes-count": 0, "body-count": 0,
        "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MIN_NUM_FORMS": 0,
        "comments-MAX_NUM_FORMS": 0,
    }  # fmt: skip
    return data | changes


def stored(page: Page) -> ChapterPage:
    found: ChapterPage = ChapterPage.objects.get(pk=page.pk)
    return found


def test_the_form_offers_only_the_partnerships_that_the_editor_manages(shared: Shared, bea: Client) -> None:
    html = bea.get(f"{CMS}pages/add/procedures/chapterpage/{shared.manual.pk}/").content.decode()
    field = html.split('name="partnership"')[1].split("</select>")[0]
    assert "Tarnbrook" in field
    assert "regional" in field
    assert "Ellerfold" not in field


def test_a_new_page_is_not_made_for_another_partnership(shared: Shared, bea: Client) -> None:
    address = f"{CMS}pages/add/procedures/chapterpage/{shared.manual.pk}/"
    new = ChapterPage(title="Planted", slug="planted")
    assert bea.post(address, sent(new, partnership=str(shared.cast.eller.pk))).status_code == 200
    assert not Page.objects.filter(slug="planted").exists()
    assert bea.post(address, sent(new, partnership=str(shared.cast.tarn.pk))).status_code == 302
    assert ChapterPage.objects.get(slug="planted").partnership == shared.cast.tarn


def test_a_published_regional_chapter_is_not_taken_from_the_others(shared: Shared, bea: Client) -> None:
    page = shared.chapter
    bea.post(f"{CMS}pages/{page.pk}/edit/", sent(page, partnership=str(shared.cast.tarn.pk), number="6a"))
    draft = stored(page).get_latest_revision_as_object()
    assert draft.number == "6a"  # the rest was saved
    assert draft.partnership is None


def test_a_draft_is_given_to_a_partnership_by_whoever_made_it_alone(shared: Shared, bea: Client) -> None:
    address = f"{CMS}pages/add/procedures/chapterpage/{shared.manual.pk}/"
    bea.post(address, sent(ChapterPage(title="Draft", slug="draft-of-bea")))
    page = ChapterPage.objects.get(slug="draft-of-bea")
    jo = client_for(shared.cast.eller_manager)
    jo.post(f"{CMS}pages/{page.pk}/edit/", sent(page, partnership=str(shared.cast.eller.pk)))
    assert stored(page).get_latest_revision_as_object().partnership is None
    page = stored(page)
    bea.post(f"{CMS}pages/{page.pk}/edit/", sent(page, partnership=str(shared.cast.tarn.pk)))
    assert stored(page).get_latest_revision_as_object().partnership == shared.cast.tarn


@pytest.fixture
def part(shared: Shared) -> ManualIndexPage:
    """A part of the manual that is Tarnbrook's own."""
    page = ManualIndexPage(title="tarnpart", slug="tarnpart", partnership=shared.cast.tarn)
    shared.manual.add_child(instance=page)
    return page


def test_what_stands_in_a_local_part_is_local_too(shared: Shared, bea: Client, part: ManualIndexPage) -> None:
    page = publish("31 Inside\n\n1. One\n\nText.\n", part)
    assert page.partnership == shared.cast.tarn
    html = bea.get(f"{CMS}pages/add/procedures/chapterpage/{part.pk}/").content.decode()
    assert "As the part of the manual in which it stands" in html
    assert client_for(shared.cast.eller_practitioner).get(page.get_url()).status_code == 404
    jo = client_for(shared.cast.eller_manager)
    assert jo.get(f"{CMS}pages/{page.pk}/edit/").status_code == 404
    assert jo.get(f"{CMS}pages/add/procedures/chapterpage/{part.pk}/").status_code == 404


def test_a_regional_chapter_is_not_hidden_by_moving_it_into_a_local_part(
    shared: Shared, bea: Client, part: ManualIndexPage
) -> None:
    page = shared.chapter
    bea.post(f"{CMS}pages/{page.pk}/move/{part.pk}/confirm/", {})
    bea.post(f"{CMS}api/main/pages/{page.pk}/action/move/", {"destination_page_id": part.pk})
    bea.post(f"{CMS}bulk/wagtailcore/page/move/?id={page.pk}&next=/cms/", {"chooser": part.pk})
    assert stored(page).get_parent().pk == shared.manual.pk


def test_an_own_chapter_that_is_moved_into_an_own_part_goes_with_it(
    shared: Shared, bea: Client, part: ManualIndexPage
) -> None:
    page = shared.local["tarn"]
    assert bea.post(f"{CMS}pages/{page.pk}/move/{part.pk}/confirm/", {}).status_code == 302
    assert stored(page).path.startswith(part.path)
    assert stored(page).partnership == shared.cast.tarn


def test_a_part_in_which_another_partnership_has_a_chapter_is_not_deleted(
    shared: Shared, bea: Client
) -> None:
    before = Page.objects.count()
    bea.post(f"{CMS}pages/{shared.manual.pk}/delete/", {"confirm_site_name": "x"})
    bea.post(f"{CMS}bulk/wagtailcore/page/delete/?id={shared.manual.pk}&next=/cms/", {})
    assert Page.objects.count() == before


def test_an_old_revision_does_not_make_a_local_chapter_regional(shared: Shared, cast: Cast) -> None:
    page = local_chapter(shared.manual, cast.tarn, "tarnrevision", 41)
    revision = page.latest_revision  # written while it was everybody's
    assert revision.content["partnership"] is None
    form = (
        client_for(cast.manager).get(f"{CMS}pages/{page.pk}/revisions/{revision.pk}/revert/").content.decode()
    )
    assert "Cannot be changed once the page has been published" in form
    client_for(cast.manager).post(f"{CMS}pages/{page.pk}/edit/", sent(page, partnership=""))
    assert stored(page).get_latest_revision_as_object().partnership == cast.tarn
