"""Show 8: a partnership's readers meet its own local things and none of the other's, wherever the portal answers.

Whatever reader-facing address there is, now or later, is asked with everything it can hold; every button of the manual
is pressed, the queue and the recurring jobs run, and the mail is read. Nothing is asked by what it looks like.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, product, zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core import mail
from django.db import models, transaction
from django.test import Client, TestCase
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from pypdf import PdfReader

from portal import schedule
from portal.accounts.models import Partnership
from portal.outbox.jobs import deliver
from procedures.exporting.jobs import make_copy
from procedures.exporting.models import Kind
from procedures.models import ChapterPage
from procedures.readers.jobs import send_digests
from procedures.readers.models import Digest
from procedures.sharing import services
from tests.cast import Cast, client_for
from tests.procedures.sharing.conftest import Shared
from tests.proofs.routes import Route, all_routes

pytestmark = pytest.mark.django_db
# The parts of the manual that readers meet; one without an address yet is skipped.
SPACES = ("procedures", "sharing", "reading", "editing", "exporting", "readers", "upkeep", "intake")
MARK = re.compile(r"(tarn|eller)(?:local|title|box|contact|change)")
QUERIES = ("", "?q=ellerlocal", "?q=tarnlocal", "?q=bruises", "?q=eller&format=json")
MOST = 36  # ways to fill one address
FORMS = ("pdf", "docx", "txt")
# What an address calls a row, where that is not the name of its model.
CALLED = {"old": "edition", "new": "edition"}
MET_EVERYWHERE = ("page", "sharing", "procedures", "editing", "exporting", "readers")


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


def pks() -> dict[str, list[Any]]:
    """The keys of every row of the manual, by the name of its model."""
    return {
        str(model._meta.model_name): list(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model.__module__.startswith("procedures.")
    }


def of_every_model(keys: dict[str, list[Any]], kind: type) -> list[Any]:
    """The keys of one kind, some of every model first."""
    rows = [pk for turn in zip_longest(*keys.values()) for pk in turn if isinstance(pk, kind)]
    return list(dict.fromkeys(rows))


def addresses(shared: Shared) -> Iterator[tuple[str, str, bool]]:
    """Every address of the manual, filled with whatever fits; and whether there was nothing to fill. Where a parameter
    is called like a model, that model's rows fit; else those of all."""
    keys = pks()
    pages = [shared.chapter, *shared.local.values(), shared.manual]
    numbers = [*(page.pk for page in pages), *of_every_model(keys, int)]
    anchors = [one.anchor for page in pages if isinstance(page, ChapterPage) for one in page.sections()]
    names = [*anchors, *(page.slug for page in pages), "page", "c", "e", "2026-11-26", *FORMS]
    for space, route in of_the_manual():
        choices: list[list[Any]] = []
        for name in route.parameters:
            kind = re.search(rf"<(\w+):{name}>", route.pattern)
            said = name.removesuffix("_id")
            if kind is not None and kind[1] == "int":
                choices.append(numbers)
            elif kind is not None and kind[1] == "uuid":
                choices.append(keys.get(CALLED.get(said, said)) or of_every_model(keys, UUID))
            else:
                choices.append({"form": list(FORMS), "anchor": anchors}.get(name, names))
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
    """Every button of the manual, once with what a form could say: reports, answers, subscriptions, copies of each
    kind, "read and understood", reminders, drafts of old editions."""
    client.raise_request_exception = False
    for _, address, bare in list(addresses(shared)):
        for kind in Kind.values if bare else ("",):
            with TestCase.captureOnCommitCallbacks(execute=True):
                client.post(
                    address,
                    {
                        "text": "Wrong", "key": uuid4(), "as_member": "yes", "address": "",
                        "outcome": "no_change", "words": "Answered.",
                        "page": shared.manual.pk, "scope": shared.manual.pk, "kind": kind,
                    },
                )  # fmt: skip


def run_everything() -> None:
    """The queue as it stands, the recurring jobs of the manual, what they add to the queue, the digest of the day after
    tomorrow, and the mail."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        for job in schedule.registered():
            if job.path.startswith(("procedures.", "portal.reminders.")):
                import_string(job.path)()
        for row in OrmQ.objects.order_by("pk"):
            task = SignedPackage.loads(
                row.payload
            )  # called straight: a worker closes the connection after each
            import_string(task["func"])(*task["args"])
        send_digests(timezone.now() + timedelta(days=2))
    with TestCase.captureOnCommitCallbacks(execute=True):
        deliver(limit=1000)


def change(page: ChapterPage, note: str) -> None:
    """Publish a change that everybody must read, as approval does."""
    page.refresh_from_db()
    page.change_what, page.change_why, page.must_read = f"{note} is new", f"Because of {note}", True
    page.save_revision().publish()


def change_everything(shared: Shared) -> None:
    """A change of every chapter."""
    for key, page in shared.local.items():
        change(page, f"{key}change")
    change(shared.chapter, "A regional matter")


@pytest.fixture
def lived(shared: Shared, cast: Cast, settings: Any, tmp_path: Path) -> Shared:
    """A manual that has lived: changed chapters, boxes of two versions, buttons pressed, changed again, jobs run."""
    settings.CASE_FILES_ROOT = tmp_path
    change_everything(shared)
    for box in shared.boxes.values():
        services.save_box(box, None, seen=1)
    for member in (cast.practitioner, cast.eller_practitioner, cast.manager, cast.eller_manager):
        press_everything(shared, client_for(member))
    change_everything(shared)
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


def mail_holds_nothing_of_another_partnership(cast: Cast) -> None:
    """Digests, requests to read, answers to reports: whatever was sent by all the buttons and jobs."""
    homes: dict[str, set[str]] = {}
    for member in cast.members.values():
        homes.setdefault(member.person.email, set()).add(
            "eller" if member.partnership == cast.eller else "tarn"
        )
    met: set[str] = set()
    for message in mail.outbox:
        text = "\n".join(
            [message.subject, str(message.body), *(str(body) for body, _ in message.alternatives)]
        )
        (to,) = message.to
        assert set(MARK.findall(text)) <= homes.get(to, set()), (to, message.subject)
        met |= set(MARK.findall(text))
    assert met == {"tarn", "eller"}
    assert Digest.objects.count() >= 4


def test_readers_meet_their_own_partnerships_local_things_and_none_of_the_others(
    lived: Shared, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All in one manual, because making it lived takes longer than reading all of it."""
    mail_holds_nothing_of_another_partnership(cast)
    for reader in READERS:
        own, other = ("eller", "tarn") if "eller" in reader else ("tarn", "eller")
        met = read_everything(lived, client_of(reader, cast))
        assert not met.places.get(other), f"{reader} meets {other}'s at {sorted(met.places[other])[:20]}"
        assert not met.broken, "\n".join([reader, *met.broken[:20]])
        for space in MET_EVERYWHERE:
            assert met.by_space.get(space) == {own}, f"{reader} meets nothing of their own in {space}"
        assert "/contacts/" in met.places[own], reader
        assert any(place.startswith("/search/suggest/") for place in met.places[own]), reader
        for form in FORMS:
            for copies in ("/copies/editions/", "/copies/chapters/"):
                assert any(place.startswith(copies) and form in place for place in met.places[own]), reader
    # With the rule taken out, the same questions find the other partnership's chapter: a leak would be noticed.
    monkeypatch.setattr("procedures.privacy._elsewhere", lambda everything, reader: [])
    assert "eller" in read_everything(lived, client_of("anyone", cast)).places


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("reader", ["anyone", "practitioner", "eller_practitioner"])
def test_a_copy_of_the_whole_manual_holds_ones_own_and_nothing_of_the_others(
    reader: str, kind: str, shared: Shared, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.CASE_FILES_ROOT = tmp_path
    change_everything(shared)
    client = client_of(reader, cast)
    address = client.post("/copies/ask/", {"scope": shared.manual.pk, "kind": kind})["Location"]
    make_copy(address.rstrip("/").split("/")[-1])
    response: Any = client.get(f"{address}file/")
    assert response.status_code == 200
    own = "eller" if "eller" in reader else "tarn"
    assert set(MARK.findall(words(b"".join(response.streaming_content)))) == {own}


def test_nothing_of_the_manual_has_rows_that_these_questions_cannot_name() -> None:
    """Numbers and ids are all that keys of the manual's rows are, but for rows that no address can name."""
    named_by_no_address = {"word", "generation"}
    assert not named_by_no_address & {name for _, route in of_the_manual() for name in route.parameters}
    for model in apps.get_models():
        if model.__module__.startswith("procedures.") and model._meta.model_name not in named_by_no_address:
            assert isinstance(model._meta.pk, models.AutoField | models.UUIDField | models.OneToOneField), (
                model
            )
