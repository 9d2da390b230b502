"""Fixtures that every test may use."""

import sqlite3
from typing import Any

import pytest
from django.db import connection

from tests.cast import Cast, load_cast
from tests.database import postgresql_template, sqlite_template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Test databases begin as copies of one that is migrated already; Django then finds nothing left to migrate."""
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = postgresql_template(connection.settings_dict)
        return
    create = connection.creation._create_test_db
    kept_open = []  # a database in memory lives as long as somebody is connected to it

    def from_template(*args: Any, **kwargs: Any) -> str:
        name = create(*args, **kwargs)
        memory = sqlite3.connect(name, uri=True, check_same_thread=False)
        with sqlite3.connect(sqlite_template()) as template:
            template.backup(memory)
        kept_open.append(memory)
        return name

    connection.creation._create_test_db = from_template


@pytest.fixture
def cast(db: None) -> Cast:
    """Both partnerships with everybody in them, and no case."""
    return load_cast()
