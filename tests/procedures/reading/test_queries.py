"""How many questions a chapter asks of the database: the same few, whatever its length, depth, links and pictures."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.reminders import jobs
from portal.reminders.models import worker_is_late
from procedures import generation
from procedures.models import ChapterPage, GlossaryTerm, ManualIndexPage
from tests.cast import Cast, client_for
from tests.procedures.reading.chapters import (
    WORDS,
    changed,
    flow,
    link_to,
    made,
    picture,
    reference_to,
    section,
    text,
)  # fmt: skip

pytestmark = pytest.mark.django_db
# What any page of a signed-in person asks: the session, the person, the second factor, the memberships.
SIGNED_IN = (
    '"django_session"',
    'FROM "accounts_user"',
    'FROM "accounts_totpdevice"',
    'FROM "accounts_membership"',
)
STEPS = ("SAVEPOINT", "RELEASE SAVEPOINT")  # around writing when the session was last used


def asked(client: Client, page: ChapterPage) -> list[str]:
    """The queries of one view beyond session, person, device and memberships."""
    with CaptureQueriesContext(connection) as found:
        response = client.get(page.get_url())
    assert response.status_code == 200
    queries = [str(query["sql"]) for query in found]
    return [
        sql for sql in queries if not any(part in sql for part in SIGNED_IN) and not sql.startswith(STEPS)
    ]


@pytest.fixture
def reader(cast: Cast) -> Client:
    jobs.beat()
    client = client_for(cast.practitioner)
    client.get("/my-work/")  # what a session writes at its first page
    return client


@pytest.fixture
def short(manual: ManualIndexPage) -> ChapterPage:
    return made(manual, "1", "Short", [section("One", [text("Text.")])])


@pytest.fixture
def rich(manual: ManualIndexPage, short: ChapterPage) -> ChapterPage:
    """8,000 words, sections nine deep, hundreds of links and cross references, twenty pictures."""
    part = ManualIndexPage(title="Part", slug="part")
    manual.add_child(instance=part)
    GlossaryTerm.objects.create(term="Agency", other_forms="Agencies", meaning="Who takes part.")
    others = [made(part, f"2.{place}", f"Other {place}", [section("One", [])]) for place in range(1, 6)]
    sections = []
    for place in range(60):
        links = " ".join([link_to(other) + " " + reference_to(other, 0) for other in others])
        blocks = [text(f"{WORDS * 8} {links}")]
        if place < 20:
            blocks.append(flow(f"Flow {place}", picture(f"picture {place}"), "Ring", "Write"))
        sections.append(section(f"Section {place}", blocks, level=1 + place % 9))
    return made(part, "2.9", "Rich", sections)


def test_an_uncached_view_asks_at_most_five_whatever_the_chapter(
    reader: Client, short: ChapterPage, rich: ChapterPage
) -> None:
    for page in (short, rich):
        reader.get(page.get_url())  # the process has started, pictures have been made small
        reader.get(page.get_url())
    for page in (short, rich):
        cache.clear()
        worker_is_late()  # seen alive: it is not asked again for three minutes
        queries = asked(reader, page)
        assert len(queries) <= 5, "\n".join(sql[:150] for sql in queries)
    assert "Flow 19" in reader.get(rich.get_url()).content.decode()


def test_a_warm_view_asks_whether_anything_has_changed_and_nothing_else(
    reader: Client, rich: ChapterPage
) -> None:
    reader.get(rich.get_url())
    reader.get(rich.get_url())
    queries = asked(reader, rich)
    assert len(queries) == 1, "\n".join(sql[:150] for sql in queries)
    assert "procedures_generation" in queries[0]


def test_the_first_view_after_an_edit_reads_the_tree_anew_and_no_more(
    reader: Client, rich: ChapterPage
) -> None:
    for _ in range(2):
        reader.get(rich.get_url())
    changed(rich, [*rich.body.get_prep_value()], title="Rich and edited")
    generation._remembered.pop("tree", None)  # another process published it
    queries = asked(reader, rich)
    assert len(queries) <= 6, "\n".join(sql[:150] for sql in queries)
