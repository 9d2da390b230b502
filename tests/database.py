"""A migrated, empty database, made once and copied for every test process: Wagtail's migrations take half a minute."""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PACKAGES = ("portal", "home", "procedures", "caseforms")


@cache
def fingerprint() -> str:
    """Changes with anything that a migrated database depends on: our code, the shipped data, the packages."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".json"} and (
                "migrations" in path.parts or path.name in {"models.py", "apps.py"} or path.suffix == ".json"
            ):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Lets one test process make the template while the others wait for it."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "test-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(url: str) -> None:
    """Runs every migration on the database at this address, in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@cache
def sqlite_template() -> Path:
    """The path of a migrated SQLite database."""
    with one_at_a_time():
        path = BUILD / f"test-template-{fingerprint()}.sqlite3"
        if not path.exists():
            for old in BUILD.glob("test-template-*.sqlite3*"):
                old.unlink()
            making = path.with_suffix(".making")
            making.unlink(missing_ok=True)
            migrate(f"sqlite:///{making}")
            with closing(sqlite3.connect(making)) as source, closing(sqlite3.connect(path)) as target:
                source.backup(target)
            making.unlink()
        return path


def address_of(server: dict[str, Any]) -> str:
    """The address of a PostgreSQL server, without a database, from Django's settings of the connection."""
    password = f":{quote(server['PASSWORD'])}" if server["PASSWORD"] else ""
    return f"postgres://{server['USER']}{password}@{server['HOST']}:{server['PORT'] or 5432}"


def postgresql_template(server: dict[str, Any]) -> str:
    """The name of a migrated database on this server."""
    name = f"portal_template_{fingerprint()}"
    address = address_of(server)
    with one_at_a_time(), closing(psycopg.connect(f"{address}/postgres", autocommit=True)) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            making = f"{name}_making"
            admin.execute(f'DROP DATABASE IF EXISTS "{making}"')
            admin.execute(f'CREATE DATABASE "{making}"')
            migrate(f"{address}/{making}")
            admin.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
    return name


def copy_sqlite(target: sqlite3.Connection) -> None:
    """Puts the migrated database in the place of whatever this connection holds."""
    with closing(sqlite3.connect(sqlite_template())) as template:
        template.backup(target)


def copy_postgresql(server: dict[str, Any]) -> None:
    """Makes the test database anew from the migrated one; whoever is still connected to the old one is cut off."""
    assert server["NAME"].startswith("test_"), f"{server['NAME']} is not a test database"
    template = postgresql_template(server)
    with closing(psycopg.connect(f"{address_of(server)}/postgres", autocommit=True)) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{server["NAME"]}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{server["NAME"]}" TEMPLATE "{template}"')
