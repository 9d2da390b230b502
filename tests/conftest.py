"""Fixtures that every test may use."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, connections

from tests.cast import Cast, load_cast
from tests.database import copy_postgresql, copy_sqlite, postgresql_template

MEMORY: list[sqlite3.Connection] = []
"""The test database where it is SQLite in memory: it lives as long as somebody is connected to it."""


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After a test that really commits, everything is as migrated again: Django's own flush would also take away
    Wagtail's root page, the question sets and the numbers of the content types."""
    yield
    mark = item.get_closest_marker("django_db")
    if "transactional_db" in getattr(item, "fixturenames", ()) or (mark and mark.kwargs.get("transaction")):
        connections.close_all()
        if connection.vendor == "postgresql":
            copy_postgresql(connection.settings_dict)
        elif MEMORY:
            copy_sqlite(MEMORY[-1])
        ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Wagtail keeps the addresses of its sites in the cache, and the next test has other ones."""
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """Both partnerships with everybody in them, and no case."""
    return load_cast()
