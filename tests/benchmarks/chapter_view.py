"""python tests/benchmarks/chapter_view.py [WORDS]: a signed-in view of a chapter of 8,000 words, uncached and warm.

Peer: a plain Wagtail page of the same blocks (Wagtail's routing and privacy check, each block's rich text expanded by
itself) in the same frame. Limit of the uncached view: the blocks' templates alone, no link looked up. Limit of the warm
view: a view under the same middleware that returns the same bytes. All go through the whole of Django, as the same
signed-in person. DATABASE_URL=postgres://... measures on that server, in a database of its own; what the server itself
spends is not counted there.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
SERVER = os.environ.get("DATABASE_URL", "")
SCRATCH = f"bench_chapter_{os.getpid()}"
FOLDER = tempfile.TemporaryDirectory(prefix="bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
if SERVER.startswith("postgres"):
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{SCRATCH}"))
else:
    os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/bench.sqlite3"

import django  # noqa: E402

django.setup()

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template.response import TemplateResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402
from wagtail.models import Page  # noqa: E402
from wagtail.rich_text import expand_db_html  # noqa: E402

from portal.urls import urlpatterns as portal_patterns  # noqa: E402
from procedures.blocks import with_classes  # noqa: E402
from procedures.models import ChapterPage, GlossaryTerm, ManualIndexPage  # noqa: E402
from procedures.services import ensure_manual  # noqa: E402
from tests.benchmarks.measure import alternate, record  # noqa: E402
from tests.cast import client_for, load_cast  # noqa: E402
from tests.procedures.reading.chapters import WORDS, block, link_to, made, reference_to, section, text  # noqa: E402

VIEWS = 30  # in one measurement
ROUNDS = 9
CHAPTERS = 100  # beside the one that is looked at
WORDS_IN = len(WORDS.split())
SAME_BYTES: dict[str, bytes] = {}


# ---- What is looked at --------------------------------------------------------------------------------------


def fill() -> ManualIndexPage:
    """A manual with a hundred short chapters and sixty glossary terms."""
    manual = ensure_manual()
    for place in range(CHAPTERS):
        made(manual, f"2.{place}", f"Other {place}", [section("One", [text(WORDS)])])
    for place in range(60):
        GlossaryTerm.objects.create(term=f"Term number {place}", other_forms=f"T{place}X", meaning=WORDS)
    return manual


def chapter(manual: ManualIndexPage, number: str, words: int) -> ChapterPage:
    """So many words in sections down to the fourth level; two rich-text links to pages in every 240 words or so."""
    others = list(ChapterPage.objects.filter(number__startswith="2.")[:50])
    sections: list[dict[str, Any]] = []
    for place in range(max(1, words // 240)):
        other = others[place % len(others)]
        paragraph = f"{WORDS * 3} {link_to(other)} and {link_to(others[-1 - place % 50])}. {WORDS * 2}"
        number_of = {"number": "", "text": f"<p>{WORDS * 3}</p>"}
        items = "".join(f"<li>{WORDS}</li>" for _ in range(3))
        steps = {"style": "letter", "start": 1, "inner": "bullet", "items": f"<ul>{items}</ul>"}
        reference = text(f"{WORDS * 3} See {reference_to(other, 0)}.")
        content = [text(paragraph), block("numbered", number_of), block("list", steps), reference]
        sections.append(section(f"Section {place}", content, level=1 + place % 4))
    return made(manual, number, f"Chapter of {words}", sections)


# ---- Peer and limits -----------------------------------------------------------------------------------------


def plain(request: HttpRequest, address: str) -> HttpResponse:
    """As Wagtail serves any page: from page to page down the tree, privacy, blocks one by one."""
    found = Page.route_for_request(request, address)
    assert found is not None
    page = found[0]
    assert all(one.accept_request(request) for one in page.get_view_restrictions())
    parts = []
    for one in page.body:
        parts.append(f"<h2>{one.value['heading']}</h2>")
        parts += [with_classes(expand_db_html(str(inner.render()))) for inner in one.value["content"]]
    context = page.get_context(request) | {"body": mark_safe("".join(parts))}  # noqa: S308
    return TemplateResponse(request, page.template, context)


def blocks_alone(request: HttpRequest, pk: int) -> HttpResponse:
    page = ChapterPage.objects.get(pk=pk)
    return HttpResponse("".join(str(inner.render()) for one in page.body for inner in one.value["content"]))


def same_bytes(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(SAME_BYTES[name])


urlpatterns = [
    path("peer/<path:address>", plain),
    path("blocks/<int:pk>/", blocks_alone),
    path("bytes/<str:name>/", same_bytes),
    *portal_patterns,
]


# ---- Measuring -----------------------------------------------------------------------------------------------


def works(client: Client, page: ChapterPage) -> dict[str, Callable[[], object]]:
    address = page.get_url()
    SAME_BYTES[page.number] = client.get(address).content

    def views(where: str, *, forget: bool = False) -> Callable[[], object]:
        def run() -> None:
            for _ in range(VIEWS):
                if forget:
                    cache.clear()
                assert client.get(where).status_code == 200

        return run

    return {
        "uncached": views(address, forget=True),
        "warm": views(address),
        "plain": views(f"/peer{address}"),
        "blocks alone": views(f"/blocks/{page.pk}/"),
        "same bytes": views(f"/bytes/{page.number}/"),
    }


def seconds(client: Client, page: ChapterPage) -> dict[str, float]:
    taken = alternate(works(client, page), ROUNDS)
    return {name: one / VIEWS for name, one in taken.items()}


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    return len(found)


def main(words: int) -> None:
    call_command("migrate", verbosity=0)
    member = load_cast().practitioner
    manual = fill()
    client = client_for(member)
    small, large = chapter(manual, "8", words // 10), chapter(manual, "9", words)
    with override_settings(ROOT_URLCONF=__name__):
        few, many = seconds(client, small), seconds(client, large)
        cache.clear()
        counts = [
            queries(client, one) for one in (large.get_url(), large.get_url(), f"/peer{large.get_url()}")
        ]
    print(f"{connection.vendor}; queries uncached, warm, plain: {counts}; {len(SAME_BYTES['9'])} bytes")
    for name, taken in many.items():
        print(
            f"{name}: {taken * 1000:.1f} CPU ms for {words} words, {few[name] * 1000:.1f} for {words // 10}"
        )
    for name, limit in (("uncached", "blocks alone"), ("warm", "same bytes")):
        record(
            f"chapter of {words} words, {name}, {connection.vendor}",
            ratio_to_limit=many[name] / many[limit],
            ratio_to_peer=many[name] / many["plain"],
            growth=many[name] / few[name],
        )


def on_a_server(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(statement)  # type: ignore[call-overload]


if __name__ == "__main__":
    if not SERVER.startswith("postgres"):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 8_000)
    else:
        on_a_server(f"CREATE DATABASE {SCRATCH}")
        try:
            main(int(sys.argv[1]) if len(sys.argv) > 1 else 8_000)
        finally:
            connections.close_all()
            on_a_server(f"DROP DATABASE {SCRATCH}")
