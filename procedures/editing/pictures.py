"""Pictures of editions: copied when the edition is kept, under a name made of their bytes, so that the picture of the
day stays when the one in the library is replaced or deleted."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

FOLDER = "editions"
SOURCE = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]+)(")')
NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")


def path_of(name: str) -> str:
    """Where a kept picture lies in the media store."""
    return f"{FOLDER}/{name}"


def kept_at(address: str) -> str | None:
    """The name of the kept picture that is served at an address; None for any other address."""
    before, _, name = urlsplit(address).path.rpartition("/")
    if not NAME.fullmatch(name) or f"{before}/{name}" != reverse("editing:picture", args=[name]):
        return None
    return name


def kept_picture(source: str) -> str | None:
    """Copy the picture that a page shows at this address; its name, or None where there is no such file of ours."""
    path = unquote(urlsplit(source).path)
    if not path.startswith(settings.MEDIA_URL):
        return None
    stored = path.removeprefix(settings.MEDIA_URL)
    try:
        with default_storage.open(stored) as file:
            content = file.read()
    except (OSError, SuspiciousFileOperation):
        return None
    suffix = PurePosixPath(stored).suffix.lower()
    name = f"{hashlib.sha256(content).hexdigest()}{suffix}"
    if not NAME.fullmatch(name):
        return None
    if not default_storage.exists(path_of(name)):
        saved = default_storage.save(path_of(name), ContentFile(content))
        if saved != path_of(name):  # somebody else kept the same picture in this moment
            default_storage.delete(saved)
    return name


def with_kept_pictures(rendered: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What RenderedChapter.as_json gave, with each picture of ours at the address of its copy, and the copies' names.
    A picture whose file is gone keeps its address."""
    names: dict[str, str | None] = {}

    def address(match: re.Match[str]) -> str:
        source = match[2]
        if source not in names:
            names[source] = kept_picture(source)
        name = names[source]
        return match[1] + reverse("editing:picture", args=[name]) + match[3] if name else match[0]

    kept = dict(rendered)
    kept["boxes"] = SOURCE.sub(address, rendered["boxes"])
    kept["sections"] = [{**one, "html": SOURCE.sub(address, one["html"])} for one in rendered["sections"]]
    return kept, sorted({name for name in names.values() if name})
