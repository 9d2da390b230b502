"""The CMS admin, address by address: closed to whoever manages no partnership, and for the others without anything of a
case or of another partnership."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import resolve
from wagtail.models import Collection, Site

from caseforms.deadlines.models import ClosedDay, DeadlineRule
from procedures.finding.models import BestBet, Synonym
from procedures.sharing.models import Contact
from tests.proofs import who
from tests.proofs.addresses import NOWHERE
from tests.proofs.browsing import browser, fits, path_of
from tests.proofs.canaries import found_in, references_in
from tests.proofs.routes import CMS, Route, all_routes
from tests.proofs.who import EVERYBODY, MANAGERS
from tests.world import World

pytestmark = pytest.mark.django_db
FAILS_ON_PURPOSE = {"wagtailadmin_error_test"}


def cms_paths(world: World) -> Iterator[tuple[Route, str]]:
    """Every address below /cms/, filled with rows that exist, of the other partnership where they belong to one."""
    page, document = world.pages["private"], world.documents["privatefile"]
    eller = world.cast.eller
    closed_day = ClosedDay.objects.create(partnership=eller, date="2026-12-29", reason="Between the years")
    filled: dict[str, Any] = dict.fromkeys(
        ("parent_page_id", "page_id", "page_to_move_id", "page_pk", "destination_id"), page.pk
    )
    filled |= dict.fromkeys(("content_type_app_name", "app_label", "app_name"), "procedures") | dict.fromkeys(
        ("content_type_model_name", "model_name"), "chapterpage"
    )
    filled |= {
        "object_id": page.pk, "revision_id": page.latest_revision_id, "revision_id_a": "live",
        "revision_id_b": "latest", "document_id": document.pk, "doc_id": document.pk, "uploaded_file_id": 1,
        "image_id": 1, "filter_spec": "original", "redirect_id": 1, "collection_id": document.collection_id,
        "task_state_id": 1, "task_id": 1, "workflow_pk": 1, "workflow_state_id": 1, "session_id": 1,
        "action": "delete", "action_name": "unpublish", "uidb64": "MQ", "token": "set-password",
        "run_id": NOWHERE, "finding_id": 1, "state_id": 1,
    }  # fmt: skip
    rows_by_place = {
        "users/": world.person("eller_practitioner").pk,
        "groups/": Group.objects.get(name="Editors").pk,
        "sites/": Site.objects.get().pk,
        "collections/": Collection.objects.exclude(depth=1).first().pk,  # type: ignore[union-attr]
        "documents/chooser/": document.pk,
        "api/main/^documents/": document.pk,
        "^time-limits/": DeadlineRule.objects.filter(partnership=eller)[:1].get().pk,
        "^closed-days/": closed_day.pk,
        "^status-definitions/": eller.rag_definitions.first().pk,
        "^local-boxes/": world.boxes["eller"].pk,
        "^contacts/": Contact.objects.get(partnership=eller).pk,
        "^synonyms/": Synonym.objects.create(partnership=eller, words="ELX\nEllerfold extra").pk,
        "^best-bets/": BestBet.objects.create(partnership=eller, form="case-referral", questions="elx").pk,
    }
    for route in all_routes():
        if route.pattern.startswith(CMS):
            rest = route.pattern.removeprefix(CMS)
            known = next((pk for start, pk in rows_by_place.items() if rest.startswith(start)), page.pk)
            values = {**filled, "pk": known, "instance_pk": known}
            yield route, "/cms/nothing/here/" if rest == "^.*/$" else route.path(values)


@pytest.fixture(scope="module")
def cms(world: World) -> list[tuple[Route, str]]:
    return list(cms_paths(world))


def test_the_cms_has_about_as_many_pages_as_wagtail_ships(cms: list[tuple[Route, str]]) -> None:
    assert len(cms) >= 190
    assert not [address for route, address in cms if not resolve(address).route.startswith(CMS)]


@pytest.mark.parametrize("person", [one for one in EVERYBODY.split() if one not in MANAGERS.split()])
def test_the_cms_is_closed_to(person: str, world: World, cms: list[tuple[Route, str]]) -> None:
    wanted = who.WAY_IN.get(person, "403")
    wrong = []
    with browser(world, person) as asking:
        for number, (_, address) in enumerate(cms):
            for method in ("GET", "POST") if person in who.WAY_IN or number % 4 == 0 else ("GET",):
                answer = asking.ask(address, method)
                wrong += [] if fits(wanted, answer) else [f"the rule says {wanted}, but {answer}"]
                wrong += asking.leaks(answer)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", ["manager", "administrator", "eller_manager"])
def test_the_cms_opens_to_those_who_manage_a_partnership_and_holds_nothing_of_a_case_or_of_anothers_local_manual(
    person: str, world: World, cms: list[tuple[Route, str]]
) -> None:
    """Markers of cases, local chapters, boxes, contacts; tests/procedures/sharing asks for local pages by number."""
    wrong = []
    opened = 0
    with browser(world, person) as asking:
        for route, address in cms:
            answer = asking.ask(address)
            refused = path_of(answer.location).startswith("/sign-in/") or "You may not do this" in answer.text
            broken = answer.status >= 500 and route.name not in FAILS_ON_PURPOSE
            opened += answer.status == 200
            if refused or broken:
                wrong.append(str(answer))
            marks = {case for case, _ in found_in(answer.text)} - {"manual"}
            if marks or references_in(answer.text):
                wrong.append(f"{address} shows {marks} {references_in(answer.text)}")
            wrong += [
                leak for leak in asking.leaks(answer) if "manual's tarn" in leak or "manual's eller" in leak
            ]
    assert not wrong, "\n".join(wrong)
    assert opened > 60  # it is not empty behind the door


@pytest.mark.parametrize("person", ["manager", "administrator"])
def test_the_cms_registers_hold_no_row_of_the_other_partnership(
    person: str, world: World, cms: list[tuple[Route, str]]
) -> None:
    with browser(world, person) as asking:
        for route, address in cms:
            if "instance_pk" in route.parameters:
                for method in ("GET", "POST"):
                    answer = asking.ask(address, method)
                    assert answer.status in (403, 404), str(answer)
