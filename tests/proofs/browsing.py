"""A browser for each person of the proofs, and what it was shown. Whatever a request changes is undone."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.cast import client_for, password_only_client_for
from tests.proofs import who
from tests.proofs.canaries import found_in, references_in
from tests.world import World


@dataclass
class Answer:
    """What came back. `path` is what was asked for, `text` the whole body (a workbook unpacked)."""

    person: str
    method: str
    path: str
    status: int
    location: str
    text: str
    headers: dict[str, str]
    content_type: str
    traces: str = ""  # what the request left in places that nobody is shown

    def __str__(self) -> str:
        words = f"{self.status} to {self.location}" if self.location else str(self.status)
        return f"{self.person} {self.method} {self.path}: {words}"


@dataclass
class Browser:
    """Asks for pages as one person. Each request runs in a transaction of its own that is rolled back."""

    world: World
    person: str
    host: str = ""
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = _client(self.world, self.person)
        self.client.raise_request_exception = False
        home = self.world.cast.eller if self.person in who.ELLER.split() else self.world.cast.tarn
        self.client.defaults["HTTP_HOST"] = self.host or home.hostname
        self._cookies = {name: cookie.value for name, cookie in self.client.cookies.items()}

    def ask(
        self,
        path: str,
        method: str = "GET",
        data: dict[str, Any] | None = None,
        look: Callable[[], str] = str,
    ) -> Answer:
        """One request; nothing of it stays, neither in the database nor among the cookies. `look` is called before
        that, and what it returns is kept as the answer's traces."""
        with transaction.atomic():
            if data is None:
                response: Any = self.client.generic(method, path)
            else:
                response = self.client.post(path, data)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            traces = look()
            transaction.set_rollback(True)
        response.close()
        self.client.cookies.clear()
        for name, value in self._cookies.items():
            self.client.cookies[name] = value
        return Answer(
            person=self.person,
            method=method if data is None else "POST",
            path=path,
            status=response.status_code,
            location=response.headers.get("Location", ""),
            text=readable(body),
            headers=dict(response.headers),
            content_type=response.headers.get("Content-Type", ""),
            traces=traces,
        )

    def leaks(self, answer: Answer) -> list[str]:
        """Every marker and every case reference in an answer that this person must not meet."""
        shown = answer.text + "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
        return leaks_in(self.world, self.person, answer.path, shown)


def leaks_in(world: World, person: str, path: str, shown: str) -> list[str]:
    """What stands in a text although this person must not meet it. What they put into the address is their own."""
    foreign = [
        f"{case}'s {kind}"
        for case, kind in sorted(found_in(shown) - found_in(path))
        if not who.may_know(person, case, kind)
    ]
    cases = {case.reference: name for name, case in world.cases.items()}
    foreign += [
        f"{cases[reference]}'s reference"
        for reference in sorted(references_in(shown) - references_in(path))
        if reference in cases and not who.may_name(person, cases[reference], path)
    ]
    return [f"{person} meets {leak} at {path}" for leak in foreign]


def readable(body: bytes) -> str:
    """A body as text to be searched; the sheets of a workbook are unpacked."""
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(
                f"{name}\n{archive.read(name).decode(errors='replace')}" for name in archive.namelist()
            )
    return body.decode(errors="replace")


def path_of(location: str) -> str:
    """The path of an address, without host and query."""
    return urlsplit(location).path


@contextmanager
def browser(world: World, person: str, host: str = "") -> Iterator[Browser]:
    """A browser whose session is gone afterwards."""
    with transaction.atomic():
        yield Browser(world, person, host)
        transaction.set_rollback(True)


def _client(world: World, person: str) -> Client:
    """The session of a person: verified for members, as its name says for everybody else."""
    if person == "anonymous":
        return Client()
    if person == "password_only":
        return password_only_client_for(world.member("manager"))
    if person == "unverified":
        return password_only_client_for(world.person("unverified"))
    if person in ("locked", "over"):
        limit = settings.SESSION_IDLE_SECONDS if person == "locked" else settings.SESSION_ABSOLUTE_SECONDS
        client = client_for(world.member("manager"))
        session = client.session
        then = timezone.now().timestamp() - limit - 60
        session["seen_at"] = session["code_at"] = session["verified_at"] = then
        session.save()
        return client
    if person in world.people:
        return client_for(world.person(person))
    return client_for(world.member(person))


__all__ = ["Answer", "Browser", "browser", "leaks_in", "path_of", "readable"]


def fits(wanted: str, answer: Answer) -> bool:
    """Whether an answer is what the table says."""
    to = path_of(answer.location)
    if wanted == "opens":
        return answer.status in (200, 204, 409) or (answer.status == 302 and not to.startswith("/sign-in/"))
    if wanted == "leads on":
        return answer.status == 302
    if wanted == "an answer":
        return answer.status in (200, 302)
    if wanted.startswith("/"):
        return answer.status == 302 and to == wanted
    return str(answer.status) == wanted
