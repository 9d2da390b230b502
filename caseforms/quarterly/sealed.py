"""Files of cases on disk: under a random name, below CASE_FILES_ROOT, encrypted in pieces (decision 0080).

A file is a run of pieces, each `length (4 bytes) | encrypted bytes`. A piece is bound to the export, to its
place and to being the last or not, so that a file cannot be cut short, reordered or passed off as another's.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from portal.encryption import DecryptionError, decrypt, encrypt

PIECE = 1024 * 1024
UNFINISHED = ".unfinished"


def folder() -> Path:
    """Where workbooks lie; made where it is missing, open to this account only."""
    path = Path(settings.CASE_FILES_ROOT) / "workbooks"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def store(export_id: UUID, clear: IO[bytes]) -> str:
    """Encrypts a stream from its current position into a new file; returns the file's random name.

    The file has its name only once it is complete; nothing is left behind where writing fails.
    """
    name = secrets.token_hex(20)
    unfinished = folder() / f"{name}{UNFINISHED}"
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sealed:
            number, piece = 0, clear.read(PIECE)
            while True:
                following = clear.read(PIECE)
                token = encrypt(piece, _place(export_id, number, last=not following))
                sealed.write(len(token).to_bytes(4, "big") + token)
                if not following:
                    break
                number, piece = number + 1, following
            sealed.flush()
            os.fsync(sealed.fileno())
        unfinished.replace(folder() / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return name


def read(export_id: UUID, name: str) -> Iterator[bytes]:
    """The clear pieces of a stored file. Raises DecryptionError where it is damaged, FileNotFoundError where
    gone.
    """
    with open(folder() / name, "rb") as sealed:
        number, head = 0, sealed.read(4)
        while True:
            token = sealed.read(int.from_bytes(head, "big"))
            following = sealed.read(4)
            yield decrypt(token, _place(export_id, number, last=not following))
            if not following:
                return
            if len(following) < 4:
                raise DecryptionError("The file is damaged.")
            number, head = number + 1, following


def remove(name: str) -> None:
    """Removes a stored file; nothing happens where it is gone already."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def _place(export_id: UUID, number: int, *, last: bool) -> bytes:
    return f"quarterly.export|{export_id.hex}|{number}|{'last' if last else 'more'}".encode()
