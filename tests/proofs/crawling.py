"""The crawl: from where a person may begin, every link and every GET form, again and again until nothing is new."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from tests.proofs.browsing import Answer, Browser, leaks_in
from tests.proofs.canaries import Mark, found_in

BEGIN = (
    "/", "/my-work/", "/cases/", "/actions/", "/quarters/", "/deadlines/", "/people/", "/messages/", "/audit/",
    "/account/", "/refer/", "/cases/meetings/", "/cases/find-a-person/", "/search/", "/search/manual/", "/sign-in/",
    "/contacts/",
)  # fmt: skip
# Wagtail's admin has a walk of its own in tests/test_cms.py, address by address; static files are the same for all.
LEFT_OUT = ("/static/", "/cms/")
MOST_PAGES = 1500  # a crawl that gets here has found a place that never ends
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


class Links(HTMLParser):
    """The links of a page, and every address that its GET forms could lead to."""

    def __init__(self, probes: Iterable[str]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._probes = tuple(probes)
        self._form: str | None = None
        self._fields: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.found.append(given["href"])
        elif tag == "form" and given.get("method", "get").lower() == "get":
            self._form, self._fields = given.get("action", ""), {}
        elif self._form is not None and given.get("name"):
            self._field(tag, given)
        if tag == "option" and self._form is not None and self._select:
            self._fields[self._select].append(given.get("value", ""))

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select = given["name"]
            self._fields[self._select] = []
        elif tag == "input" and given.get("type", "text") in ("text", "search"):
            # Of a number only what is wrong with it is said, whichever words are typed.
            probes = self._probes[:1] if given.get("inputmode") == "numeric" else self._probes
            self._fields[given["name"]] = ["", *probes]
        elif tag == "input" and given.get("type") in ("radio", "checkbox", "hidden"):
            self._fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form" and self._form is not None:
            first = {name: values[0] for name, values in self._fields.items() if values}
            for name, values in self._fields.items():
                self.found += [f"{self._form}?{urlencode({**first, name: value})}" for value in values]
            self._form = None


@dataclass
class Crawl:
    """What one person was shown."""

    person: str
    pages: list[str] = field(default_factory=list)  # addresses that answered 200
    met: set[Mark] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)  # content types


def crawl(
    asking: Browser,
    *,
    begin: Iterable[str] = BEGIN,
    probes: Iterable[str] = (),
    look: Callable[[], str] = str,
) -> Crawl:
    """Follows everything that this person is shown. `probes` are typed into the boxes of GET forms; `look` is called
    after each request, before what it did is undone, and returns traces in which no marker may stand."""
    done = Crawl(asking.person)
    own = set().union(*map(found_in, probes), set())  # what we type ourselves
    waiting = list(begin)
    seen = set(map(_without_way_back, waiting))
    while waiting:
        path = waiting.pop(0)
        answer = asking.ask(path, look=look)
        _judge(asking, answer, done, own)
        for address in _onwards(answer, probes):
            if (known := _without_way_back(address)) not in seen:
                seen.add(known)
                waiting.append(address)
        if len(seen) > MOST_PAGES:
            done.problems.append(f"{asking.person}'s crawl does not end: {waiting[-1]}")
            break
    return done


def _judge(asking: Browser, answer: Answer, done: Crawl, own: set[Mark]) -> None:
    done.problems += asking.leaks(answer)
    done.kinds.add(answer.content_type.partition(";")[0])
    if answer.status >= 500:
        done.problems.append(str(answer))
    if answer.status == 200:
        done.pages.append(answer.path)
        done.met |= found_in(answer.text) - found_in(answer.path)
    for place, words in (
        ("the title", " ".join(TITLE.findall(answer.text)) if "html" in answer.content_type else ""),
        ("a header", "\n".join(answer.headers.values())),
        ("a session", answer.traces),
    ):
        if marks := {mark for mark in found_in(words) - own if mark[0] != "manual"}:
            done.problems.append(f"{asking.person}: {sorted(marks)} in {place} of {answer.path}")


def _onwards(answer: Answer, probes: Iterable[str]) -> list[str]:
    """The addresses of our own host that an answer leads to."""
    found = [answer.location] if answer.location else []
    if "html" in answer.content_type:
        links = Links(probes)
        links.feed(answer.text)
        found += links.found
    addresses = []
    for link in found:
        parts = urlsplit(urljoin(answer.path, link))
        ours = parts.scheme in ("", "http") and not parts.netloc
        if ours and parts.path.startswith("/") and not parts.path.startswith(LEFT_OUT):
            addresses.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return addresses


def _without_way_back(address: str) -> str:
    """The address without where to go afterwards, which nearly every page adds to the same few links."""
    path, _, query = address.partition("?")
    return f"{path}?{urlencode([(name, value) for name, value in parse_qsl(query, True) if name != 'next'])}"


def search_for_people(asking: Browser, typed: Iterable[dict[str, str]]) -> list[str]:
    """What a person finds who searches for names and days of birth that are not theirs to know."""
    problems = []
    for data in typed:
        words = " ".join(data.values())
        answer = asking.ask("/cases/find-a-person/", data=data)
        shown = answer.text
        for known in data.values():
            shown = shown.replace(known, "") if known else shown
        problems += leaks_in(asking.world, asking.person, answer.path, shown)
        if answer.status != 200:
            problems.append(f"{asking.person} searching for {words}: {answer}")
    return problems
