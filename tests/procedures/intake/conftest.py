"""The cast, a manual, and Word documents made for the purpose."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from procedures.intake import jobs
from procedures.intake.models import Run
from procedures.models import ManualIndexPage
from tests.cast import Cast, load_cast

Send = Callable[..., Run]


@pytest.fixture
def cast(db: None) -> Cast:
    return load_cast()


@pytest.fixture
def private(settings: Any, tmp_path: Path) -> Path:
    """The private folder of this test; what is stored lies in `imports` below it."""
    settings.CASE_FILES_ROOT = tmp_path / "private"
    return Path(settings.CASE_FILES_ROOT) / "imports"


@pytest.fixture
def send(private: Path, manual: ManualIndexPage, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Send files in the CMS and have the queue read them; gives the run."""
    queued: list[tuple[Any, str]] = []
    monkeypatch.setattr("procedures.intake.views.enqueue", lambda job, run_id: queued.append((job, run_id)))

    def send(client: Client, *files: tuple[str, bytes], read: bool = True, **fields: Any) -> Run:
        page = client.get("/cms/import/")
        data = {"run": str(page.context["form"]["run"].value()), "parent": manual.pk, **fields}
        uploads = [SimpleUploadedFile(name, content) for name, content in files]
        answer = client.post("/cms/import/", {**data, "chapters": uploads})
        assert answer.status_code == 302, answer.context["form"].errors
        run = Run.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])
        if read:
            jobs.read(str(run.pk))
            run.refresh_from_db()
        return run

    return send


@pytest.fixture
def import_all(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Press "Import as drafts" with every file ticked, and have the queue do it."""

    def import_all(client: Client, run: Run, **fields: Any) -> None:
        ticked = list(run.files.values_list("pk", flat=True))
        answer = client.post(
            f"/cms/import/{run.pk}/import/", {"include": ticked, "parent": run.parent_id, **fields}
        )
        assert answer.status_code == 302
        jobs.import_run(str(run.pk))
        run.refresh_from_db()

    return import_all


def word(*parts: tuple[str, str]) -> bytes:
    """A Word document of (style, text) paragraphs."""
    document = Document()
    for style, text in parts:
        document.add_paragraph(text, style=style)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def zipped(**files: bytes) -> bytes:
    """A zip of files by path; two underscores stand for a slash, one for a full stop."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return kept.getvalue()
