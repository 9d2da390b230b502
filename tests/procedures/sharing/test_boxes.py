"""Local boxes: seen by one partnership's readers at their section, kept with their moments, edited by its managers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Role
from procedures.privacy import Reader
from procedures.rendering import render_chapter
from procedures.sharing import services
from procedures.sharing.composition import with_local_parts
from procedures.sharing.models import BoxVersion, LocalBox, Place
from tests.cast import client_for
from tests.procedures.sharing.conftest import Shared

pytestmark = pytest.mark.django_db
BOXES = "/cms/local-boxes/"


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def composed(shared: Shared, key: str, **options: object) -> str:
    partnership = getattr(shared.cast, key)
    page = with_local_parts(
        render_chapter(shared.chapter), shared.chapter, Reader(partnership_id=partnership.pk), **options
    )
    return page.boxes + "".join(section.html for section in page.sections)


def test_each_reader_sees_the_box_of_their_own_partnership_at_its_section(
    shared: Shared, tarn_client: Client, eller_client: Client
) -> None:
    address = shared.chapter.get_url()
    for client, own, other, name in (
        (tarn_client, "tarn", "eller", "Tarnbrook"),
        (eller_client, "eller", "tarn", "Ellerfold"),
    ):
        html = text(client, address)
        assert f"Ring {own}box" in html
        assert f"Local to {name}" in html
        assert other not in html
        section = html.split(f'id="{shared.anchor(1)}"')[1].split("<section")[0]
        assert f"{own}box" in section
        assert "Ring the duty desk" in section.split(f"{own}title")[0]


def test_a_box_above_the_text_stands_above_it_and_one_at_the_head_stands_with_the_boxes(
    shared: Shared,
) -> None:
    box = shared.boxes["tarn"]
    box.place = Place.BEFORE
    services.save_box(box, None, seen=1)
    rendered = with_local_parts(
        render_chapter(shared.chapter), shared.chapter, Reader(partnership_id=box.partnership_id)
    )
    assert rendered.sections[1].html.index("tarnbox") < rendered.sections[1].html.index("Ring the duty desk")
    box.anchor = ""
    services.save_box(box, None, seen=2)
    rendered = with_local_parts(
        render_chapter(shared.chapter), shared.chapter, Reader(partnership_id=box.partnership_id)
    )
    assert rendered.boxes.index("tarnbox") < rendered.boxes.index("For health visitors")
    assert "tarnbox" not in rendered.sections[1].html


def test_a_reader_of_no_partnership_sees_no_box(shared: Shared) -> None:
    page = with_local_parts(render_chapter(shared.chapter), shared.chapter, Reader())
    assert "Local to" not in page.boxes + "".join(one.html for one in page.sections)


def test_a_saved_box_does_not_publish_the_chapter(shared: Shared) -> None:
    before = shared.chapter.latest_revision_id
    box = shared.boxes["tarn"]
    box.text = "<p>Another number.</p>"
    services.save_box(box, None, seen=1)
    shared.chapter.refresh_from_db()
    assert shared.chapter.latest_revision_id == before
    assert "Another number" in composed(shared, "tarn")  # and readers see it at once


def test_what_stood_at_a_moment_is_what_is_shown_for_it(shared: Shared) -> None:
    first = BoxVersion.objects.get(box=shared.boxes["tarn"])
    BoxVersion.objects.filter(pk=first.pk).update(shown_from=timezone.now() - timedelta(days=9))
    box = shared.boxes["tarn"]
    box.text = "<p>Second words.</p>"
    services.save_box(box, shared.cast.manager.person, seen=1)
    services.remove_box(box)
    services.remove_box(box)
    now = timezone.now()
    assert "tarn" not in composed(shared, "tarn", at=now - timedelta(days=10))
    assert "Ring tarnbox" in composed(shared, "tarn", at=now - timedelta(days=5))
    assert "Second words" in composed(
        shared, "tarn", at=BoxVersion.objects.get(text__contains="Second").shown_from
    )
    assert "tarn" not in composed(shared, "tarn")
    assert BoxVersion.objects.filter(box=box, shown_until__isnull=True).count() == 0
    assert "eller" not in composed(shared, "tarn", at=now - timedelta(days=5))


def test_a_box_whose_section_is_gone_stands_at_the_head_and_its_editor_is_told(
    shared: Shared, tarn_client: Client
) -> None:
    chapter = shared.chapter
    raw = [dict(block) for block in chapter.body.raw_data]
    del raw[1]
    chapter.body = chapter.body.stream_block.to_python(raw)
    chapter.save_revision().publish()
    html = text(tarn_client, chapter.get_url())
    assert "Ring tarnbox" in html.split("<section")[0]
    listed = text(client_for(shared.cast.manager), BOXES)
    assert "is gone: it stands at the head of the chapter" in listed


def test_a_chapter_that_nobody_changed_costs_one_query(shared: Shared) -> None:
    rendered = render_chapter(shared.chapter)
    reader = Reader(partnership_id=shared.cast.tarn.pk)
    with_local_parts(rendered, shared.chapter, reader)
    with CaptureQueriesContext(connection) as asked:
        with_local_parts(rendered, shared.chapter, reader)
    assert len(asked) == 1


def test_links_in_a_box_are_the_manuals_own(shared: Shared) -> None:
    box = shared.boxes["tarn"]
    box.text = (
        f'<p><a linktype="page" id="{shared.local["tarn"].pk}">ours</a> '
        f'<a linktype="page" id="{shared.local["eller"].pk}">theirs</a> '
        f'<a linktype="section" id="{shared.anchor(0)}">what to look for</a></p><ul><li>one</li></ul>'
    )
    services.save_box(box, None, seen=1)
    html = composed(shared, "tarn")
    assert f'href="{shared.local["tarn"].get_url()}"' in html
    assert "theirs" in html
    assert "ellerlocal" not in html
    assert f'href="#{shared.anchor(0)}">1 What to look for</a>' in html
    assert 'class="govuk-list govuk-list--bullet"' in html


# ---- The register ------------------------------------------------------------------------------------------


def form(shared: Shared, **changes: object) -> dict[str, object]:
    data: dict[str, object] = {
        "partnership": str(shared.cast.tarn.pk),
        "page": shared.chapter.pk,
        "anchor": shared.anchor(0),
        "place": "after",
        "position": 0,
        "title": "Night numbers",
        "text": '{"blocks": [{"key": "a", "text": "Ring at night.", "type": "unstyled", "depth": 0, '
        '"inlineStyleRanges": [], "entityRanges": [], "data": {}}], "entityMap": {}}',
        "key": str(uuid4()),
        "seen": 0,
    }
    return data | changes


def test_a_manager_adds_changes_and_removes_a_box(shared: Shared, tarn_client: Client) -> None:
    bea = client_for(shared.cast.manager)
    assert "6 Bruises on babies" in text(bea, f"{BOXES}create/")
    opened = text(bea, f"{BOXES}create/?chapter={shared.chapter.pk}")
    assert "1 What to look for" in opened
    assert "Ellerfold" not in opened
    data = form(shared)
    assert bea.post(f"{BOXES}create/", data).status_code == 302
    assert bea.post(f"{BOXES}create/", data).status_code == 302  # a double click
    box = LocalBox.objects.get(title="Night numbers")
    assert "Ring at night." in text(tarn_client, shared.chapter.get_url())
    changed = form(shared, title="Day numbers", seen=1)
    assert bea.post(f"{BOXES}edit/{box.pk}/", changed).status_code == 302
    assert "Day numbers" in text(tarn_client, shared.chapter.get_url())
    history = text(bea, f"{BOXES}inspect/{box.pk}/")
    assert "Night numbers" in history
    assert "Bea Lindqvist" in history
    assert bea.post(f"{BOXES}delete/{box.pk}/").status_code == 302
    assert "Day numbers" not in text(tarn_client, shared.chapter.get_url())
    assert bea.get(f"{BOXES}edit/{box.pk}/").status_code == 404


def test_of_two_tabs_the_second_is_told_and_keeps_what_was_typed(shared: Shared) -> None:
    bea, box = client_for(shared.cast.manager), shared.boxes["tarn"]
    assert bea.post(f"{BOXES}edit/{box.pk}/", form(shared, title="First tab", seen=1)).status_code == 302
    response = bea.post(f"{BOXES}edit/{box.pk}/", form(shared, title="Second tab", seen=1))
    assert response.status_code == 200
    assert "A colleague has saved or removed this box" in response.content.decode()
    assert "Second tab" in response.content.decode()
    box.refresh_from_db()
    assert box.title == "First tab"


def test_another_partnerships_box_is_not_there_in_the_cms(shared: Shared) -> None:
    bea, theirs = client_for(shared.cast.manager), shared.boxes["eller"]
    assert "eller" not in text(bea, BOXES).lower().replace("ellerfold.localhost", "")
    for act in ("edit", "delete", "inspect"):
        assert bea.get(f"{BOXES}{act}/{theirs.pk}/").status_code == 404
        assert bea.post(f"{BOXES}{act}/{theirs.pk}/", form(shared, seen=1)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.version == 1
    assert theirs.removed_at is None


def test_nobody_makes_a_box_for_a_partnership_or_a_chapter_that_they_do_not_keep(shared: Shared) -> None:
    bea = client_for(shared.cast.manager)
    for changes in (
        {"partnership": str(shared.cast.eller.pk)},
        {"page": shared.local["eller"].pk},
        {"anchor": "s-0000000000"},
    ):
        assert bea.post(f"{BOXES}create/", form(shared, **changes)).status_code == 200, changes
    assert not LocalBox.objects.filter(title="Night numbers").exists()
    assert "ellerlocal" not in text(bea, f"{BOXES}create/")
    assert "ellerlocal" not in text(bea, f"{BOXES}create/?chapter={shared.local['eller'].pk}")


def test_whoever_manages_two_partnerships_sees_the_boxes_of_both(shared: Shared) -> None:
    bea = shared.cast.manager
    accounts.start_membership(bea.person, shared.cast.agency("POL"), shared.cast.eller, Role.BUSINESS_MANAGER)
    listed = text(client_for(bea), BOXES)
    assert "tarntitle" in listed
    assert "ellertitle" in listed


def test_a_practitioner_has_no_register(shared: Shared) -> None:
    assert client_for(shared.cast.practitioner).get(BOXES).status_code == 403
