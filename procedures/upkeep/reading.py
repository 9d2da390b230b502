"""The links in a chapter's text."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

from portal.accounts.models import Partnership
from procedures.models import ChapterPage, anchor_of
from procedures.rendering import rich_texts
from procedures.upkeep.links import LONGEST, Kind, Link

WITHOUT_ADDRESS = ("mailto:", "tel:")
BY_ID = {"page": Kind.PAGE, "document": Kind.DOCUMENT, "section": Kind.SECTION}


class _Anchors(HTMLParser):
    """Collects (attributes, words) of the links of a rich text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str], list[str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(({name: value or "" for name, value in attrs}, []))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1][1].append(data)


def links(page: ChapterPage) -> list[Link]:
    """The links of a chapter as it stands in memory, in order, not yet stored."""
    hosts = own_hosts()
    found = []
    for anchor, text in _texts(page):
        parser = _Anchors()
        parser.feed(text)
        parser.close()
        for attributes, words in parser.found:
            kind, target = _target(attributes, hosts)
            if kind is not None and target:
                said = "".join(words).strip()[:200]
                found.append(Link(page=page, anchor=anchor, kind=kind, target=target[:LONGEST], words=said))
    return found


def own_hosts() -> set[str]:
    """The host names under which this portal itself is reached."""
    hosts = set(Site.objects.values_list("hostname", flat=True))
    hosts |= set(Partnership.objects.values_list("hostname", flat=True))
    return {host.lower() for host in hosts} | {urlsplit(settings.BASE_URL).hostname or "localhost"}


def _texts(page: ChapterPage) -> Iterator[tuple[str, str]]:
    for text in rich_texts(page.boxes.get_prep_value() if page.boxes else []):
        yield "", text
    for block in page.body.get_prep_value() if page.body else []:
        for text in rich_texts(block["value"]):
            yield anchor_of(block["id"]), text


def _target(attributes: dict[str, str], hosts: set[str]) -> tuple[Kind | None, str]:
    if attributes.get("linktype") in BY_ID:
        return BY_ID[attributes["linktype"]], attributes.get("id", "")
    href = attributes.get("href", "").strip()
    if not href or href.lower().startswith(WITHOUT_ADDRESS):
        return None, ""
    if href.startswith("#"):
        return (Kind.FRAGMENT, href[1:]) if href != "#" else (None, "")
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower()
    except ValueError:
        return Kind.EXTERNAL, href
    if not parts.scheme and not parts.netloc:
        return Kind.PATH, href
    if host in hosts and parts.scheme in ("http", "https", ""):
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return Kind.PATH, f"{parts.path or '/'}{fragment}"
    return Kind.EXTERNAL, href
