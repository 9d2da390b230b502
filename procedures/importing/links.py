"""Links in the blocks of a chapter that lead to a place in the same file or to another file beside it."""

import re
from collections.abc import Callable, Iterator
from posixpath import join, normpath
from typing import Any
from urllib.parse import unquote

LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.S)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
TAG = re.compile(r"<[^>]*>")

# (address as it stands, escaped; words as HTML) -> the attributes of the new <a>, or nothing: then the words stay alone
Answer = Callable[[str, str], str]


def relinked(raw: Any, answer: Answer) -> Any:
    """Blocks whose links that lead nowhere by themselves (no http:, no mailto:) are what `answer` says."""
    if isinstance(raw, str):
        return LINK.sub(lambda match: _link(match, answer), raw) if "<a href=" in raw else raw
    if isinstance(raw, list):
        return [relinked(one, answer) for one in raw]
    if isinstance(raw, dict):
        return {key: relinked(value, answer) for key, value in raw.items()}
    return raw


def _link(match: re.Match[str], answer: Answer) -> str:
    if ELSEWHERE.match(match[1]) or match[1].startswith(("#s-", "/")):
        return match[0]
    attributes = answer(match[1], match[2])
    return f"<a {attributes}>{match[2]}</a>" if attributes else match[2]


def pending(raw: Any) -> Iterator[tuple[str, str]]:
    """(address, words) of links to other files."""
    found: list[tuple[str, str]] = []

    def note(address: str, words: str) -> str:
        found.append((address, TAG.sub("", words)))
        return ""

    relinked(raw, note)
    yield from found


def plain(html: str) -> str:
    """Words of a link without marks, for comparison with a heading."""
    return re.sub(r"[\W_]+", "", TAG.sub("", html)).lower()


def file_of(address: str, beside: str) -> tuple[str, str]:
    """(path, name in it) of a link that stands in the file at path `beside`; paths are relative to the folder."""
    path, _, name = address.partition("#")
    folder = beside.rpartition("/")[0]
    return normpath(join(folder, unquote(path.partition("?")[0]).replace("\\", "/"))), unquote(name)
