"""Fixtures that every test may use."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright

from tests.cast import Cast, load_cast
from tests.database import Snapshot, copy_sqlite, postgresql_template
from tests.journeys.portal_process import PortalProcess
from tests.world import World, built

MEMORY: list[sqlite3.Connection] = []
"""The test database where it is SQLite in memory: it lives as long as somebody is connected to it."""
SNAPSHOT: list[Snapshot] = []
"""The test database where it is PostgreSQL, as it was before the first test that really commits."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Test databases begin as copies of one that is migrated already; Django then finds nothing left to migrate."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = postgresql_template(connection.settings_dict)
        return
    create = connection.creation._create_test_db

    def from_template(*args: Any, **kwargs: Any) -> str:
        name = create(*args, **kwargs)
        MEMORY.append(sqlite3.connect(name, uri=True, check_same_thread=False))
        copy_sqlite(MEMORY[-1])
        return name

    connection.creation._create_test_db = from_template


TAKE_MINUTES = (
    "tests/test_canaries.py",
    "tests/matrix.py",
    "tests/test_cms.py",
    "tests/journeys/",
    "test_show8.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The modules that take minutes come first, so that no test process is left alone with one at the end. On
    PostgreSQL, what asks no database anything is not run a second time."""
    items.sort(key=lambda item: not any(part in item.nodeid for part in TAKE_MINUTES))
    if connection.vendor != "postgresql":
        return
    asks = {"db", "transactional_db", "django_db_setup"}
    left_out = [
        item
        for item in items
        if not asks & set(getattr(item, "fixturenames", ()))
        and item.get_closest_marker("django_db") is None
        and item.get_closest_marker("postgresql") is None
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _remember(case: type[TransactionTestCase]) -> None:
    if connection.vendor == "postgresql" and not SNAPSHOT:
        SNAPSHOT.append(Snapshot(connection.settings_dict))


def _put_back(case: TransactionTestCase) -> None:
    """After a test that really commits, everything is as it was before: Django's own flush would also take away
    Wagtail's root page, the question sets and the numbers of the content types."""
    connections.close_all()
    if connection.vendor == "postgresql":
        SNAPSHOT[0].put_back()
    else:
        copy_sqlite(MEMORY[-1])
    ContentType.objects.clear_cache()


TransactionTestCase._fixture_setup = classmethod(_remember)
TransactionTestCase._fixture_teardown = _put_back


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Wagtail keeps the addresses of its sites in the cache, and the next test has other ones."""
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """Both partnerships with everybody in them, and no case."""
    return load_cast()


@contextmanager
def rolled_back() -> Iterator[None]:
    """What a module's tests share: made once for all of them, while each of them undoes what it did itself."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all of this module's tests; each request undoes what it did."""
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The whole demo, for tests that change nothing which the next one needs. Ask for `db` as well."""
    with django_db_blocker.unblock(), rolled_back():
        call_command("load_demo", verbosity=0)
        yield load_cast()


NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of this machine."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium on this machine, and CI must have one.")
        pytest.skip("No Chromium on this machine: install one to run the browser journeys.")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
    ]
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[PortalProcess]:
    """A portal with its demo, served by gunicorn with one worker beside it."""
    process = PortalProcess(Path(tmp_path_factory.mktemp("portal")))
    process.start()
    yield process
    process.stop()
