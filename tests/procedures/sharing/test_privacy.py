"""Which partnership a reader reads in, what is hidden from them, and what that costs."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from portal.accounts.models import Partnership
from procedures.models import ChapterPage, ManualIndexPage
from procedures.privacy import Reader, hidden_paths, may_read, reader_by
from procedures.rendering import render_chapter
from tests.cast import Cast, client_for
from tests.procedures.sharing.conftest import Shared

pytestmark = pytest.mark.django_db


def seen(client: Client, shared: Shared, host: str) -> set[str]:
    """Whose local chapter and box a person sees at a host."""
    return {
        key
        for key, page in shared.local.items()
        if client.get(page.get_url(), HTTP_HOST=host).status_code == 200
        and f"{key}box" in client.get(shared.chapter.get_url(), HTTP_HOST=host).content.decode()
    }


def test_a_reader_without_an_account_reads_in_the_partnership_of_the_host(shared: Shared, cast: Cast) -> None:
    Partnership.objects.filter(pk=cast.eller.pk).update(manual_access=Partnership.ManualAccess.ANYONE)
    assert seen(Client(), shared, cast.tarn.hostname) == {"tarn"}
    assert seen(Client(), shared, cast.eller.hostname) == {"eller"}


def test_so_does_a_person_with_an_account_where_anyone_may_read(shared: Shared, cast: Cast) -> None:
    assert seen(client_for(cast.practitioner), shared, cast.tarn.hostname) == {"tarn"}
    assert seen(client_for(cast.eller_practitioner), shared, cast.tarn.hostname) == {"tarn"}


def test_where_only_its_people_may_read_others_see_the_regional_manual_and_nothing_local(
    shared: Shared, cast: Cast
) -> None:
    host = cast.eller.hostname
    assert seen(client_for(cast.eller_practitioner), shared, host) == {"eller"}
    visitor = client_for(cast.practitioner)
    assert seen(visitor, shared, host) == set()
    html = visitor.get(shared.chapter.get_url(), HTTP_HOST=host).content.decode()
    assert "Ring the duty desk" in html
    assert "Local to" not in html
    assert "ellercontact" not in visitor.get("/contacts/", HTTP_HOST=host).content.decode()


def test_a_kept_page_shows_its_local_box_to_nobody_of_the_same_role_from_elsewhere(
    shared: Shared, cast: Cast
) -> None:
    for page in shared.local.values():
        page.delete()  # so that the same is hidden from both
    asked = {"path": shared.chapter.get_url(), "HTTP_HOST": cast.eller.hostname}
    assert "ellerbox" in client_for(cast.eller_practitioner).get(**asked).content.decode()
    assert "ellerbox" not in client_for(cast.practitioner).get(**asked).content.decode()


def test_a_person_of_both_partnerships_reads_in_the_one_whose_host_they_ask(
    shared: Shared, cast: Cast
) -> None:
    both = client_for(cast.lead_pol)
    assert cast.eller_lead_pol.person == cast.lead_pol.person or seen(both, shared, cast.tarn.hostname) == {
        "tarn"
    }
    theirs = client_for(cast.eller_lead_pol)
    assert seen(theirs, shared, cast.eller.hostname) == {"eller"}


def test_who_gets_mail_reads_in_the_partnership_of_the_membership(shared: Shared, cast: Cast) -> None:
    reader = reader_by(cast.eller_practitioner)
    assert may_read(shared.local["eller"], reader)
    assert not may_read(shared.local["tarn"], reader)
    assert not may_read(shared.local["tarn"], Reader())


def test_what_is_hidden_costs_one_query_and_one_for_groups_where_a_page_is_for_groups(
    shared: Shared, cast: Cast
) -> None:
    reader = Reader(cast.practitioner.person, cast.tarn.pk)
    hidden_paths(reader)
    with CaptureQueriesContext(connection) as few:
        assert hidden_paths(reader) == [shared.local["eller"].path]
    assert len(few) == 1
    for page in (shared.chapter, shared.local["tarn"]):
        group = Group.objects.create(name=f"Readers of {page.pk}")
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS).groups.add(
            group
        )
    hidden_paths(reader)
    with CaptureQueriesContext(connection) as more:
        assert set(hidden_paths(Reader(reader.user, reader.partnership_id, {}))) == {
            shared.chapter.path, shared.local["tarn"].path, shared.local["eller"].path,
        }  # fmt: skip
    assert len(more) == 2


def test_a_change_of_rights_shows_at_the_next_request(shared: Shared, cast: Cast) -> None:
    client, page = client_for(cast.practitioner), shared.local["tarn"]
    group = Group.objects.create(name="Midwives")
    assert client.get(page.get_url()).status_code == 200
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(group)
    assert client.get(page.get_url()).status_code == 404
    cast.practitioner.person.groups.add(group)
    assert client.get(page.get_url()).status_code == 200
    cast.practitioner.person.groups.remove(group)
    assert client.get(page.get_url()).status_code == 404
    restriction.delete()
    assert client.get(page.get_url()).status_code == 200
    page.partnership = cast.eller
    page.save()
    assert client.get(page.get_url()).status_code == 404


def test_a_regional_chapter_never_names_or_links_what_is_local(shared: Shared) -> None:
    page, local = shared.chapter, shared.local["eller"]
    anchor = local.sections()[0].anchor
    raw = [dict(block) for block in page.body.raw_data]
    links = (
        f'<p>See <a linktype="section" id="{anchor}">the words of the editor</a> and '
        f'<a linktype="page" id="{local.pk}">these</a>.</p>'
    )
    raw[0]["value"]["content"].append({"type": "text", "value": links})
    page.body = page.body.stream_block.to_python(raw)
    html = "".join(one.html for one in render_chapter(page).sections)
    assert "See the words of the editor and these." in html
    assert "ellerlocal" not in html
    local.body = page.body
    own = "".join(one.html for one in render_chapter(local).sections)
    assert local.get_url() in own


def referring(page: ChapterPage, target: ChapterPage) -> str:
    """What a chapter says when it refers to another one's section and links to its page."""
    raw = [dict(block) for block in page.body.raw_data]
    links = (
        f'<p>See <a linktype="section" id="{target.sections()[0].anchor}">my words</a> and '
        f'<a linktype="page" id="{target.pk}">these</a>.</p>'
    )
    content = [*raw[0]["value"]["content"], {"type": "text", "value": links}]
    raw[0] = {**raw[0], "value": {**raw[0]["value"], "content": content}}
    referrer = ChapterPage.objects.get(pk=page.pk)
    referrer.body = page.body.stream_block.to_python(raw)
    return "".join(one.html for one in render_chapter(referrer).sections)


def restrict(page: Page, kind: str, *groups: Group) -> None:
    restriction, _ = PageViewRestriction.objects.update_or_create(
        page=page, defaults={"restriction_type": kind}
    )
    restriction.groups.set(groups)


def test_a_chapter_never_names_or_links_what_fewer_people_may_read(
    bruises: ChapterPage, missing: ChapterPage, manual: ManualIndexPage
) -> None:
    midwives, police = Group.objects.create(name="Midwives"), Group.objects.create(name="Police")
    open_to = "Police (7 Children who go missing)"
    assert open_to in referring(bruises, missing)
    login, groups = PageViewRestriction.LOGIN, PageViewRestriction.GROUPS
    for target, own in (
        ((login,), None),
        ((groups, midwives), None),
        ((groups, midwives), (login,)),
        ((groups, midwives), (groups, police)),
        ((groups, midwives), (groups, midwives, police)),
    ):
        restrict(missing, *target)
        if own:
            restrict(bruises, *own)
        html = referring(bruises, missing)
        assert "a section that not everybody may read</a> and these." in html, (target, own)
        assert "Police" not in html
        assert "missing" not in html
    for target, own in (
        ((login,), (login,)),
        ((login,), (groups, midwives)),
        ((groups, midwives, police), (groups, midwives)),
    ):
        restrict(missing, *target)
        restrict(bruises, *own)
        html = referring(bruises, missing)
        assert open_to in html, (target, own)
        assert missing.get_url() in html
    PageViewRestriction.objects.all().delete()
    restrict(manual, groups, midwives)
    assert open_to in referring(bruises, missing)


def test_a_change_of_privacy_shows_in_the_chapters_that_refer_to_it_at_the_next_request(
    bruises: ChapterPage, missing: ChapterPage, cast: Cast
) -> None:
    client = Client(HTTP_HOST=cast.tarn.hostname)
    raw = [dict(block) for block in bruises.body.raw_data]
    words = f'<p>See <a linktype="section" id="{missing.sections()[0].anchor}">Canaryname</a>.</p>'
    raw[0]["value"]["content"].append({"type": "text", "value": words})
    bruises.body = bruises.body.stream_block.to_python(raw)
    bruises.save_revision().publish()
    addresses = (bruises.get_url(), f"/copies/chapters/{bruises.pk}/txt/")
    for address in addresses:
        assert "(7 Children who go missing)" in client.get(address).content.decode()
    restrict(missing, PageViewRestriction.LOGIN)
    for address in addresses:
        said = client.get(address).content.decode()
        assert "a section that not everybody may read" in said
        assert "7 Children who go missing" not in said
        assert "Canaryname" not in said
    assert "Nothing found" in client.get("/search/", {"q": "Canaryname"}).content.decode()
    found = client.get("/search/", {"q": "bruises"}).content.decode()
    assert "6 Bruises on babies" in found
    assert "Canaryname" not in found


def test_the_way_in_leads_to_nothing_local_of_others(shared: Shared, cast: Cast) -> None:
    """The home page sends on to the first manual that the reader may read."""
    shared.manual.partnership = cast.eller
    shared.manual.save()
    assert Client(HTTP_HOST=cast.tarn.hostname).get("/")["Location"] == "/sign-in/"
