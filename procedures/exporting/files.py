"""Copies on disk: under random names, in a folder that no address leads to, open to this account only.

They are not encrypted: what is in them is the manual, which lies beside them in the database as it is.
"""

import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings

UNFINISHED = ".unfinished"
ORPHANED = timedelta(hours=1)


def folder() -> Path:
    """Where copies lie; made where it is missing."""
    path = Path(settings.CASE_FILES_ROOT) / "manual-copies"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def store(write: Callable[[IO[bytes]], None]) -> tuple[str, int]:
    """Has a file written; returns its random name and its size in bytes.

    The file has its name only once it is complete; nothing is left behind where writing fails (OSError where there is
    no room).
    """
    name = secrets.token_hex(20)
    unfinished = folder() / f"{name}{UNFINISHED}"
    try:
        with open(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder() / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return name, (folder() / name).stat().st_size


def open_stored(name: str) -> IO[bytes]:
    """A stored file. Raises FileNotFoundError where it is gone."""
    return open(folder() / name, "rb")


def remove(name: str) -> None:
    """Removes a stored file; nothing happens where it is gone already."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def remove_orphans(named: set[str], now: datetime) -> None:
    """Removes what a killed worker left: files that no row names, an hour old or more."""
    for path in folder().iterdir():
        if path.name not in named and path.stat().st_mtime < (now - ORPHANED).timestamp():
            path.unlink(missing_ok=True)
