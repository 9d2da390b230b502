"""Real processes on a real database: to kill one in the middle of its work, and to let two work at once.

    def test_something(transactional_db, tmp_path):
        ...                                   # make rows as usual
        shared = SharedDatabase(tmp_path)     # from here on, rows are read with shared.rows(sql)
        worker = shared.start("from portal.reminders.jobs import chase; chase()")
        worker.kill()

On PostgreSQL the processes open the test's own database. On SQLite they open a copy of it, made as a file.
"""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120  # seconds


class SharedDatabase:
    """The database as other processes see it; needs `transactional_db`, as only committed rows show."""

    def __init__(self, folder: Path) -> None:
        if connection.vendor == "sqlite":
            self.file: Path | None = folder / "shared.sqlite3"
            connection.ensure_connection()
            with sqlite3.connect(self.file) as copy:
                connection.connection.backup(copy)
            url = f"sqlite:///{self.file}"
        else:
            self.file = None
            known = connection.settings_dict
            password = f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else ""
            place = f"{known['HOST']}:{known['PORT'] or 5432}"
            url = f"postgres://{known['USER']}{password}@{place}/{known['NAME']}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "portal.settings.test"),
            "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        }

    def start(self, code: str) -> "subprocess.Popen[str]":
        """Runs Python code in a process of its own, with Django set up."""
        return self._popen([sys.executable, "-c", f"import django; django.setup()\n{code}"])

    def manage(self, *arguments: str) -> "subprocess.Popen[str]":
        """Runs a management command in a process group of its own, so that it can be killed as a whole."""
        return self._popen([sys.executable, "manage.py", *arguments])

    def _popen(self, command: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as they are committed now."""
        if self.file is not None:
            with sqlite3.connect(self.file, timeout=20) as reader:
                return reader.execute(sql).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def number(self, sql: str) -> int:
        """The one number that a query answers."""
        return int(self.rows(sql)[0][0])


def finish(process: "subprocess.Popen[str]") -> str:
    """Waits for a process and gives its output; fails the test where the process failed."""
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    return output
