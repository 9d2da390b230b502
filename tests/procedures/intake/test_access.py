"""Only managers import, and only for their own partnership: another's run is not there."""

from collections.abc import Callable

import pytest

from procedures.intake import jobs, services
from procedures.intake.models import Run, RunState
from procedures.models import ChapterPage, ManualIndexPage
from tests.cast import Cast, client_for
from tests.procedures.conftest import BRUISES
from tests.procedures.intake.conftest import Send

pytestmark = pytest.mark.django_db

FILE = ("bruises.txt", BRUISES.encode())


def test_the_manager_of_another_partnership_sees_and_does_nothing_with_a_run(
    cast: Cast, send: Send, manual: ManualIndexPage
) -> None:
    run = send(client_for(cast.manager), FILE)
    jo = client_for(cast.eller_manager)
    for path in ("", "progress/"):
        assert jo.get(f"/cms/import/{run.pk}/{path}").status_code == 404
    for path in ("import/", "discard/"):
        assert (
            jo.post(f"/cms/import/{run.pk}/{path}", {"include": [1], "parent": manual.pk}).status_code == 404
        )
    assert str(run.pk) not in jo.get("/cms/import/").content.decode()
    run.refresh_from_db()
    assert run.state == RunState.READY


def test_an_administrator_of_the_same_partnership_sees_it(cast: Cast, send: Send) -> None:
    run = send(client_for(cast.manager), FILE)
    assert client_for(cast.administrator).get(f"/cms/import/{run.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["practitioner", "lead_csc", "auditor", "chair"])
def test_nobody_else_reaches_the_import(cast: Cast, send: Send, who: str) -> None:
    run = send(client_for(cast.manager), FILE)
    client = client_for(getattr(cast, who))
    for path in ("/cms/import/", f"/cms/import/{run.pk}/", "/cms/import/chapters/1/"):
        assert client.get(path).status_code in {302, 403, 404}
        assert b"bruises" not in client.get(path).content


def test_a_stranger_is_sent_to_sign_in(client: object, cast: Cast) -> None:
    answer = client.get("/cms/import/")  # type: ignore[attr-defined]
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]


def test_a_manual_that_is_local_to_another_partnership_is_not_offered_and_not_taken(
    cast: Cast, send: Send, manual: ManualIndexPage
) -> None:
    local = ManualIndexPage(title="Ellerfold only", slug="eller", partnership=cast.eller)
    manual.add_child(instance=local)
    bea = client_for(cast.manager)
    assert "Ellerfold only" not in bea.get("/cms/import/").content.decode()
    run = send(bea, FILE)
    bea.post(f"/cms/import/{run.pk}/import/", {"include": [run.files.get().pk], "parent": local.pk})
    run.refresh_from_db()
    assert run.state == RunState.READY
    assert "Ellerfold only" in client_for(cast.eller_manager).get("/cms/import/").content.decode()


def test_a_local_chapter_of_another_partnership_is_never_updated(
    cast: Cast, send: Send, import_all: Callable[..., None], bruises: ChapterPage
) -> None:
    bruises.partnership = cast.eller
    bruises.save_revision().publish()
    bea = client_for(cast.manager)
    import_all(bea, send(bea, FILE))
    assert bruises.revisions.count() == 2
    mine = ChapterPage.objects.exclude(pk=bruises.pk).get()
    assert mine.partnership is None
    assert bea.get(f"/cms/import/chapters/{bruises.pk}/").status_code == 404
    assert bea.get(f"/cms/import/chapters/{mine.pk}/").status_code == 200


def test_somebody_who_stops_managing_between_preview_and_import_imports_nothing(
    cast: Cast, send: Send, manual: ManualIndexPage
) -> None:
    run = send(client_for(cast.manager), FILE)
    assert services.ask_import(run, manual, [run.files.get().pk])
    cast.manager.ends_on = cast.manager.starts_on
    cast.manager.save()
    jobs.import_run(str(run.pk))
    assert Run.objects.get(pk=run.pk).state == RunState.FAILED
    assert not ChapterPage.objects.exists()
