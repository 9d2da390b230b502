"""Show 8: a partnership's readers meet its own local things and none of the other's, wherever the portal answers.

Whatever reader-facing address there is, now or later, is asked with everything it can hold; every button of the manual
is pressed, the queue and the recurring jobs run, and the mail is read. Nothing is asked by what it looks like.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product, zip_longest
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core import mail
from django.db import models, transaction
from django.test import Client, TestCase
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.tasks import _sync
from pypdf import PdfReader

from portal import schedule
from portal.accounts.models import Partnership
from portal.outbox.jobs import deliver
from procedures.models import ChapterPage
from procedures.sharing import services
from tests.cast import Cast, client_for
from tests.procedures.sharing.conftest import Shared
from tests.proofs.routes import Route, all_routes

pytestmark = pytest.mark.django_db
# The parts of the manual that readers meet; one without an address yet is skipped.
SPACES = ("procedures", "sharing", "reading", "editing", "exporting", "readers", "upkeep", "intake")
MARK = re.compile(r"(tarn|eller)(?:local|title|box|contact|change)")
QUERIES = ("", "?q=ellerlocal", "?q=tarnlocal", "?q=bruises", "?q=eller&format=json")
MOST = 24  # ways to fill one address


@dataclass
class Met:
    """Whose markers somebody met, in which part of the manual, and where."""

    by_space: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, space: str, place: str, text: str) -> None:
        for whose in MARK.findall(text):
            self.by_space.setdefault(space, set()).add(whose)
            self.places.setdefault(whose, set()).add(place)


def words(body: bytes) -> str:
    """What can be read in a page, a PDF, a document or an archive, however deep."""
    if body[:4] == b"%PDF":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(f"{name}\n{words(archive.read(name))}" for name in archive.namelist())
    return body.decode(errors="replace")


def of_the_manual() -> list[tuple[str, Route]]:
    """The routes of the manual outside the CMS, each with the part that it belongs to."""
    found = [(route.name.split(":")[0], route) for route in all_routes() if ":" in route.name]
    return [(space, route) for space, route in found if space in SPACES]


def pks() -> tuple[list[Any], list[Any]]:
    """The numbers and the ids of every row of the manual."""
    each = [
        list(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model.__module__.startswith("procedures.")
    ]
    rows = [
        pk for turn in zip_longest(*each) for pk in turn if pk is not None
    ]  # of every model, some come first
    mixed = list(dict.fromkeys(rows))
    return [pk for pk in mixed if not isinstance(pk, UUID)], [pk for pk in mixed if isinstance(pk, UUID)]


def addresses(shared: Shared) -> Iterator[tuple[str, str, bool]]:
    """Every address of the manual, filled with whatever fits; and whether there was nothing to fill."""
    numbers, ids = pks()
    pages = [shared.chapter, *shared.local.values(), shared.manual]
    anchors = [one.anchor for page in pages if isinstance(page, ChapterPage) for one in page.sections()]
    names = [*anchors, *(page.slug for page in pages), "page", "c", "e", "2026-11-26", "pdf", "docx"]
    for space, route in of_the_manual():
        pattern = str(route.pattern)
        choices: list[list[Any]] = []
        for name in route.parameters:
            kind = re.search(rf"<(\w+):{name}>", pattern)
            if kind is not None and kind[1] == "int":
                choices.append([*(page.pk for page in pages), *numbers])
            elif kind is not None and kind[1] == "uuid":
                choices.append(ids)
            else:
                choices.append(names)
        for chosen in islice(product(*choices), MOST):
            yield space, route.path(dict(zip(route.parameters, chosen, strict=True))), not chosen
    for page in pages:
        yield "page", page.get_url(), False


def found_there(text: str, query: str) -> str:
    """A page without what was typed, which comes back in its box and its title: a chapter's own words go with it."""
    typed = query.removeprefix("?q=")
    return re.sub(rf"(?<!Chapter )(?<!Section )(?<!about ){typed}", "", text) if "local" in typed else text


def read_everything(shared: Shared, client: Client) -> Met:
    """What this reader is shown at every address, asked in several ways."""
    met = Met()
    client.raise_request_exception = False
    for space, address, bare in addresses(shared):
        for query in QUERIES if bare else ("",):
            with transaction.atomic():
                response: Any = client.get(address + query)
                body = b"".join(response.streaming_content) if response.streaming else response.content
                transaction.set_rollback(True)
            if response.status_code >= 500:
                met.broken.append(f"{address}{query}: {response.status_code}")
            met.add(space, address + query, found_there(words(body), query))
            met.add(space, address + query, "" if query else str(response.headers))
    return met


def press_everything(shared: Shared, client: Client) -> None:
    """Every button of the manual, once with what a form could say."""
    client.raise_request_exception = False
    for _, address, _ in list(addresses(shared)):
        with TestCase.captureOnCommitCallbacks(execute=True):
            client.post(
                address,
                {
                    "what": "Wrong",
                    "text": "Wrong",
                    "page": shared.chapter.pk,
                    "how": "daily",
                    "email": "",
                    "whole": "1",
                },
            )


def run_everything() -> None:
    """The queue as it stands, the recurring jobs of the manual, what they add to the queue, and the mail."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        for job in schedule.registered():
            if job.path.startswith(("procedures.", "portal.reminders.")):
                import_string(job.path)()
        for row in OrmQ.objects.order_by("pk"):
            _sync(row.payload)
    with TestCase.captureOnCommitCallbacks(execute=True):
        deliver(limit=1000)


def change(page: ChapterPage, note: str) -> None:
    """Publish a change that everybody must read."""
    page.change_what, page.change_why, page.must_read = f"{note} is new", f"Because of {note}", True
    page.save_revision().publish()


@pytest.fixture
def lived(shared: Shared, cast: Cast) -> Shared:
    """A manual that has lived: changed chapters, boxes of two versions, buttons pressed, jobs run."""
    for key, page in shared.local.items():
        change(page, f"{key}change")
        page.refresh_from_db()
    change(shared.chapter, "A regional matter")
    for box in shared.boxes.values():
        services.save_box(box, None, seen=1)
    for member in (cast.practitioner, cast.eller_practitioner, cast.manager, cast.eller_manager):
        press_everything(shared, client_for(member))
    run_everything()
    run_everything()
    return shared


READERS = ("anyone", "practitioner", "manager", "eller_practitioner", "eller_manager", "anyone at ellerfold")


def client_of(reader: str, cast: Cast) -> Client:
    if reader == "anyone":
        return Client(HTTP_HOST=cast.tarn.hostname)
    if reader == "anyone at ellerfold":
        Partnership.objects.filter(pk=cast.eller.pk).update(manual_access=Partnership.ManualAccess.ANYONE)
        return Client(HTTP_HOST=cast.eller.hostname)
    return client_for(getattr(cast, reader))


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_meets_their_own_partnerships_local_things_and_none_of_the_others(
    reader: str, lived: Shared, cast: Cast
) -> None:
    own, other = ("eller", "tarn") if "eller" in reader else ("tarn", "eller")
    met = read_everything(lived, client_of(reader, cast))
    assert not met.places.get(other), f"{reader} meets {other}'s at {sorted(met.places[other])[:20]}"
    assert not met.broken, "\n".join(met.broken[:20])
    assert own in met.by_space["page"]
    assert own in met.by_space["sharing"]
    assert "/contacts/" in met.places[own]


@pytest.mark.parametrize("space", ["procedures", "editing", "exporting", "readers"])
def test_each_part_of_the_manual_shows_its_readers_what_is_their_own(
    space: str, lived: Shared, cast: Cast
) -> None:
    """Search and suggestions, amendments and editions, PDF, Word and the offline copy, must-read lists."""
    if space not in {found for found, _ in of_the_manual()}:
        pytest.skip(f"{space} has no address yet")
    met = read_everything(lived, client_of("eller_manager", cast))
    assert met.by_space.get(space, set()) == {"eller"}


def test_mail_about_the_manual_holds_nothing_of_another_partnership(lived: Shared, cast: Cast) -> None:
    """Digests, requests to read, answers to reports: whatever was sent by all the buttons and jobs."""
    homes: dict[str, set[str]] = {}
    for member in cast.members.values():
        homes.setdefault(member.person.email, set()).add(
            "eller" if member.partnership == cast.eller else "tarn"
        )
    for message in mail.outbox:
        text = "\n".join(
            [message.subject, str(message.body), *(str(body) for body, _ in message.alternatives)]
        )
        (to,) = message.to
        assert set(MARK.findall(text)) <= homes.get(to, set()), (to, message.subject)


def test_the_search_would_notice_a_leak(lived: Shared, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rule taken out, the same questions find the other partnership's chapter."""
    monkeypatch.setattr("procedures.privacy._elsewhere", lambda everything, reader: [])
    met = read_everything(lived, client_of("anyone", cast))
    assert "eller" in met.places


def test_nothing_of_the_manual_has_rows_that_these_questions_cannot_name() -> None:
    """Numbers and ids are all that keys of the manual's rows are."""
    for model in apps.get_models():
        if model.__module__.startswith("procedures."):
            assert isinstance(model._meta.pk, models.AutoField | models.UUIDField | models.OneToOneField), (
                model
            )
