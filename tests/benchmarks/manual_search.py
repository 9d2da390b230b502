"""python tests/benchmarks/manual_search.py [CHAPTERS …]: search over so many chapters of 8,000 words (300 and 3,000).

On SQLite; on PostgreSQL where DATABASE_URL names a server on this machine. The corpus of each size is built once, into
build/ or a database of its own on that server, and used again. Limit: the raw ranked full-text query with ten hits and
snippets. Peer: Wagtail's own search, which finds pages and marks nothing. Three questions each time: a common word, a
rare one, and two words.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
SIZES = (300, 3_000)
SERVER = os.environ.get("DATABASE_URL", "")


def corpus(size: int) -> str:
    """Where the corpus of a size is, as DATABASE_URL says it."""
    if SERVER.startswith("postgres"):
        return f"{SERVER.rpartition('/')[0]}/search_bench_{size}"
    return f"sqlite:///{ROOT}/build/search-{size}.sqlite3"


def main(sizes: list[int]) -> None:
    """Each size in a process of its own, which connects to its corpus."""
    taken = {}
    for size in sizes:
        run = subprocess.run(
            [sys.executable, __file__, "--measure", str(size)],
            env={**os.environ, "DATABASE_URL": corpus(size)},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        taken[size] = json.loads(run.stdout.splitlines()[-1])
        each = ", ".join(
            f"{name} {seconds * 1000:.1f}" for name, seconds in taken[size].items() if name != "vendor"
        )
        print(f"{taken[size]['vendor']}, {size} chapters, CPU ms a search: {each}", flush=True)
    for size, of in taken.items():
        first = taken[sizes[0]]
        record(
            f"search over {size} chapters on {of['vendor']}",
            ratio_to_limit=of["ours"] / of["limit"],
            ratio_to_peer=of["ours"] / of["peer"],
            growth=of["ours"] / first["ours"],
        )
        print(f"the limit grows {of['limit'] / first['limit']:.1f}-fold from {sizes[0]} chapters to {size}")


if __name__ == "__main__" and "--measure" not in sys.argv:
    from tests.benchmarks.measure import record

    main([int(one) for one in sys.argv[1:]] or list(SIZES))
    sys.exit()

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"

import django  # noqa: E402

django.setup()

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from procedures.finding.engines import Sqlite, rows  # noqa: E402
from procedures.finding.models import Entry  # noqa: E402
from procedures.finding.ranking import END, START  # noqa: E402
from procedures.finding.search import search_manual  # noqa: E402
from procedures.models import ManualIndexPage  # noqa: E402
from procedures.services import ensure_manual  # noqa: E402
from tests.benchmarks.measure import alternate, cpu_of_children_and_self  # noqa: E402

SECTIONS, WORDS = 20, 400  # of a chapter, of a section
DISTINCT = 1_000  # texts, each used again with words of its own
QUESTIONS = ("child", "quagga", "agency referral")
HEADLINE = f'StartSel="{START}", StopSel="{END}", MaxWords=40, MinWords=20, MaxFragments=1'
POSTGRESQL = connection.vendor == "postgresql"


def texts() -> list[str]:
    """Sections of made-up words, the common ones as common as in a manual."""
    chance = random.Random(7)  # noqa: S311  (not a secret)
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en")]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(6_000)]
    words[:4] = ["child", "agency", "review", "referral"]
    weights = [1 / (place + 5) for place in range(len(words))]
    return [" ".join(chance.choices(words, weights, k=WORDS)) for _ in range(DISTINCT)]


def fill(manual: ManualIndexPage, sections: list[str], first: int, count: int) -> None:
    """So many chapters' rows in the index, below the manual."""
    kind = ContentType.objects.get_for_model(Page)
    pages = Page.objects.bulk_create(
        Page(
            path=Page._get_path(manual.path, manual.depth + 1, number + 1),
            depth=manual.depth + 1,
            title=f"{number} Chapter",
            draft_title=f"{number} Chapter",
            slug=f"chapter-{number}",
            url_path=f"{manual.url_path}chapter-{number}/",
            content_type=kind,
            locale=manual.locale,
            live=True,
        )
        for number in range(first, first + count)
    )
    for start in range(0, count, 100):
        Entry.objects.bulk_create(
            [
                Entry(
                    page=page,
                    position=place,
                    anchor=f"s-{place:010x}",
                    chapter=page.title,
                    heading=f"{place} Section",
                    text=sections[(page.pk * 7 + place * 13) % DISTINCT]
                    + (" quagga" if page.pk % 10 == 0 and place == 3 else ""),
                )
                for page in pages[start : start + 100]
                for place in range(SECTIONS)
            ],
            batch_size=500,
        )


def fill_peer() -> None:
    """Wagtail's own index of the same pages."""
    kind = ContentType.objects.get_for_model(Page).pk
    together = "string_agg(e.text, ' ')" if POSTGRESQL else "group_concat(e.text, ' ')"
    vector = "to_tsvector('english', {})" if POSTGRESQL else "{}"
    # On PostgreSQL the texts stand beside the vectors.
    columns, values = (", title_text, body_text", f", p.title, {together}") if POSTGRESQL else ("", "")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO wagtailsearch_indexentry (object_id, content_type_id, title, body, autocomplete,"  # noqa: S608
            f" title_norm{columns}) SELECT CAST(p.id AS varchar(50)), {kind},"
            f" {vector.format('p.title')}, {vector.format(together)},"
            f" {vector.format('p.title')}, 1.0{values} FROM wagtailcore_page p JOIN finding_entry e ON e.page_id = p.id"
            " GROUP BY p.id, p.title"
        )


def raw(question: str) -> None:
    """What the database does at the least: ranked, ten hits, snippets."""
    if POSTGRESQL:
        query = "plainto_tsquery('english', %s)"
        found = rows(
            f"SELECT h.id, ts_headline('english', h.text, {query}, %s) FROM (SELECT e.id, e.text FROM finding_entry e"  # noqa: S608
            f" WHERE e.search @@ {query} ORDER BY ts_rank(e.search, {query}, 1) DESC LIMIT 10) h",
            [question, HEADLINE, question, question],
        )
    else:
        found = rows(
            f"SELECT rowid, snippet(finding_fts, 3, %s, %s, '…', 40) FROM finding_fts WHERE finding_fts MATCH %s"  # noqa: S608
            f" ORDER BY bm25(finding_fts, {Sqlite.WEIGHTS}) LIMIT 10",
            [START, END, question],
        )
    assert found


def ours(question: str) -> None:
    assert search_manual(question, 10)


def peer(question: str) -> None:
    list(Page.objects.search(question)[:10])


def seconds(works: dict[str, Callable[[str], None]], times: int) -> dict[str, float]:
    """CPU seconds of one search, each question asked so many times in a round, since a tick is ten milliseconds."""

    def repeated(work: Callable[[str], None]) -> Callable[[], None]:
        def once() -> None:
            for question in QUESTIONS * times:
                work(question)

        return once

    taken = alternate({name: repeated(work) for name, work in works.items()}, clock=clock())
    return {name: of / (len(QUESTIONS) * times) for name, of in taken.items()}


def clock() -> Callable[[], float]:
    """CPU seconds of this process, with those of the database's own process for us where it has one."""
    if not POSTGRESQL:
        return cpu_of_children_and_self
    ((pid,),) = rows("SELECT pg_backend_pid()", [])
    rows(
        "SELECT set_config('max_parallel_workers_per_gather', '0', false)", []
    )  # others' time would not be counted
    tick = os.sysconf("SC_CLK_TCK")

    def both() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return cpu_of_children_and_self() + (int(fields[11]) + int(fields[12])) / tick

    return both


def build(count: int) -> None:
    """The corpus, if it is not there yet."""
    if POSTGRESQL:
        make_database()
    call_command("migrate", verbosity=0)
    if Entry.objects.filter(page__title=f"{count - 1} Chapter").exists():
        return
    manual = ensure_manual()
    Site.objects.update(root_page=manual.get_parent())
    with transaction.atomic():
        fill(manual, texts(), 0, count)
        fill_peer()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def make_database() -> None:
    name = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}"')


def measure(count: int) -> None:
    """Print the seconds of one search of each kind as JSON."""
    build(count)
    taken = seconds({"ours": ours, "limit": raw, "peer": peer}, max(1, 1_500 // count))
    print(json.dumps({"vendor": connection.vendor, **taken}))


if __name__ == "__main__":
    measure(int(sys.argv[-1]))
