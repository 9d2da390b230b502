"""Files that were sent, on disk: under a random name, below CASE_FILES_ROOT, never where the web serves files."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """Where they lie; made where it is missing, open to this account only."""
    path = Path(settings.CASE_FILES_ROOT) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def store(pieces: Iterable[bytes]) -> str:
    """Write a file; its random name. Nothing is left behind where writing fails."""
    name = secrets.token_hex(20)
    path = folder() / name
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def read(name: str) -> bytes:
    """The bytes of a stored file. Raises FileNotFoundError where it is gone."""
    return (folder() / name).read_bytes()


def remove(name: str) -> None:
    """Remove a stored file; nothing happens where it is gone already."""
    if name:
        (folder() / name).unlink(missing_ok=True)
