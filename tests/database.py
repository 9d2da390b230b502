"""A migrated database with the cast in it, made once and copied for every test process: Wagtail's migrations take
half a minute, and the people of both partnerships a tenth of a second in each of two thousand tests."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
    digest.update((ROOT / "home" / "demo_people.py").read_bytes())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".json"} and (
                "migrations" in path.parts or path.name in {"models.py", "apps.py"} or path.suffix == ".json"
            ):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Lets one test process make a template while the others wait for it."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"test-{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def manage(url: str, *arguments: str) -> None:
    """A management command on the database at this address, in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def make(url: str) -> None:
    """Runs every migration on the database at this address, and makes the cast."""
    manage(url, "migrate")
    manage(url, "shell", "-c", "from home.demo_people import load_people; load_people()")


@cache
def sqlite_migrated() -> Path:
    """The path of a migrated SQLite database without anybody in it."""
    with one_at_a_time("migrated"):
        return _kept("migrated", lambda path: manage(f"sqlite:///{path}", "migrate"))


@cache
def sqlite_template() -> Path:
    """The path of a migrated SQLite database with the cast."""
    migrated = sqlite_migrated()

    def with_cast(path: Path) -> None:
        shutil.copy(migrated, path)
        make(f"sqlite:///{path}")

    with one_at_a_time("template"):
        return _kept("template", with_cast)


def _kept(name: str, fill: Callable[[Path], None]) -> Path:
    """A database file in build/, filled where there is none of this fingerprint; older ones are removed."""
    path = BUILD / f"test-{name}-{fingerprint()}.sqlite3"
    if not path.exists():
        for old in BUILD.glob(f"test-{name}-*"):
            old.unlink()
        making = path.with_suffix(".making")
        fill(making)
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
    return make_postgresql_template(address_of(server))


def make_postgresql_template(address: str) -> str:
    """The same, by the address of the server without a database."""
    name = f"portal_template_{fingerprint()}"
    with (
        one_at_a_time("postgresql"),
        closing(psycopg.connect(f"{address}/postgres", autocommit=True)) as admin,
    ):
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            making = f"{name}_making"
            admin.execute(f'DROP DATABASE IF EXISTS "{making}"')
            admin.execute(f'CREATE DATABASE "{making}"')
            make(f"{address}/{making}")
            admin.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
    return name


def copy_sqlite(target: sqlite3.Connection) -> None:
    """Puts the migrated database in the place of whatever this connection holds."""
    with closing(sqlite3.connect(sqlite_template())) as template:
        template.backup(target)


class Snapshot:
    """Every row of a PostgreSQL test database as it is before any test, to be put back after a test that really
    commits. Making the database anew instead took five to ten seconds each time."""

    def __init__(self, server: dict[str, Any]) -> None:
        assert server["NAME"].startswith("test_"), f"{server['NAME']} is not a test database"
        self.address = f"{address_of(server)}/{server['NAME']}"
        self.rows: dict[str, bytes] = {}
        with closing(psycopg.connect(self.address)) as own:
            self.tables = [
                f'"{name}"'
                for (name,) in own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            for table in self.tables:
                with own.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                    if rows := b"".join(copy):
                        self.rows[table] = rows
            self.sequences = own.execute(
                "SELECT quote_ident(sequencename), coalesce(last_value, 1), last_value IS NOT NULL "
                "FROM pg_sequences WHERE schemaname = 'public'"
            ).fetchall()

    def put_back(self) -> None:
        """Whoever is still connected is cut off. Triggers and foreign keys are not asked."""
        with psycopg.connect(self.address) as own:
            own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            own.execute("SET session_replication_role = replica")
            for table in self.tables:
                own.execute(f"DELETE FROM {table}")
            for table, rows in self.rows.items():
                with own.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
            for sequence in self.sequences:
                own.execute("SELECT setval(%s, %s, %s)", sequence)


if __name__ == "__main__":
    # Both templates ahead of the tests, while something else is going on: python -m tests.database postgres://server
    with ThreadPoolExecutor() as pool:
        for made in [
            pool.submit(sqlite_template),
            *(pool.submit(make_postgresql_template, at) for at in sys.argv[1:]),
        ]:
            made.result()
