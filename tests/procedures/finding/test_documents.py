"""Documents that chapters link to are found by their text, and a bad file does nothing worse than be named."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from docx import Document as Word
from openpyxl import Workbook
from wagtail.documents.models import Document

from procedures.finding import extract, jobs
from procedures.finding.documents import read_document
from procedures.finding.models import DocumentText, Entry
from procedures.finding.search import search_manual
from procedures.models import ChapterPage
from tests.procedures.finding.conftest import document, link

pytestmark = pytest.mark.django_db
ODT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>
 <text:h>Advice</text:h><text:p>All about <text:span>marmalade</text:span></text:p></office:text></office:body>
 </office:document-content>"""


def files() -> dict[str, bytes]:
    word, book, odt = Word(), Workbook(), BytesIO()
    word.add_paragraph("All about marmalade")
    book.active.append(["First"])
    book.create_sheet("Second").append(["All about", "marmalade"])
    with zipfile.ZipFile(odt, "w") as archive:
        archive.writestr("content.xml", ODT)
    made = {"txt": b"All about marmalade \xa3", "odt": odt.getvalue()}
    for kind, source in (("docx", word), ("xlsx", book)):
        target = BytesIO()
        source.save(target)
        made[kind] = target.getvalue()
    return made


@pytest.mark.parametrize("kind", ["txt", "odt", "docx", "xlsx"])
def test_the_text_of_each_kind_of_file_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"advice.{kind}"
    path.write_bytes(files()[kind])
    assert "All about marmalade" in extract.text_of(path, kind)


@pytest.mark.parametrize("kind", ["odt", "docx", "xlsx", "pdf"])
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"advice.{kind}"
    path.write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(extract.Unreadable, match=r"\.$"):
        extract.text_of(path, kind)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (extract.MOST_UNPACKED + 10))
    with pytest.raises(extract.Unreadable, match="far more than it should"):
        extract.text_of(path, "docx")


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "laughs.odt"
    bomb = '<!DOCTYPE x [<!ENTITY a "marmalade"><!ENTITY b SYSTEM "file:///etc/hostname">]>' + ODT.replace(
        "All about", "&a;&b;"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", bomb)
    assert extract.text_of(path, "odt").split() == ["Advice", "&a;&b;", "marmalade"]


def test_a_linked_document_is_found_once_by_its_text_and_lands_on_the_document(bruises: ChapterPage) -> None:
    kept = document("All about marmalade. " * 2_000)
    read_document(kept.pk)
    assert not Entry.objects.filter(document=kept).exists(), "no chapter links to it yet"
    link(bruises, kept)
    jobs.read_document(kept.pk)
    assert Entry.objects.filter(document=kept).count() > 1
    (found,) = search_manual("marmalade")
    assert (found.title, found.url, found.kind) == ("Advice note", kept.url, "document")
    assert "marmalade" in found.snippet_text


def test_a_replaced_file_is_not_found_by_its_old_text_and_read_by_the_next_catch_up(
    bruises: ChapterPage,
) -> None:
    kept = document("All about marmalade.")
    link(bruises, kept)
    jobs.catch_up()
    kept.file = ContentFile(b"All about thimbles.", name="other.txt")
    kept.save()
    assert not search_manual("marmalade")
    assert jobs.catch_up() == 1
    assert search_manual("thimbles")
    assert not search_manual("marmalade")
    assert jobs.catch_up() == 0


def test_a_document_that_no_chapter_links_to_any_more_is_forgotten(bruises: ChapterPage) -> None:
    kept = document("All about marmalade.")
    link(bruises, kept)
    jobs.catch_up()
    bruises.refresh_from_db()
    bruises.unpublish()
    assert not search_manual("marmalade")
    jobs.catch_up()
    assert not Entry.objects.filter(document=kept).exists()


def test_a_file_that_cannot_be_read_is_named_in_the_report(bruises: ChapterPage) -> None:
    bad = Document.objects.create(title="Bad", file=ContentFile(b"%PDF-1.7 nonsense", name="bad.pdf"))
    link(bruises, bad)
    read_document(bad.pk)
    assert DocumentText.objects.get(document=bad).problem == "The file is damaged or locked."
    assert search_manual("bad")[0].url == bad.url, "its title still finds it"


def test_what_a_killed_request_left_behind_is_mended(bruises: ChapterPage, missing: ChapterPage) -> None:
    Entry.objects.filter(page=bruises.pk).delete()
    ChapterPage.objects.filter(pk=missing.pk).update(live=False)
    assert not search_manual("police"), "what is live no more is not shown even before"
    assert jobs.catch_up() == 2
    assert search_manual("bruise")
    assert not Entry.objects.filter(page=missing.pk).exists()
