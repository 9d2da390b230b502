"""PDF, Word and text of a chapter as whoever opens them finds them."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from procedures.exporting import pdf, plain, word
from procedures.exporting.document import Chapter, Part, Stamp
from procedures.exporting.trouble import Trouble
from procedures.exporting.walking import blocks_of, chapter_document
from procedures.rendering import RenderedChapter, RenderedSection

STAMP = Stamp("Tarnbrook Partnership", "https://tarn.example", "26 November 2026 at 09:00")
LIST = '<ol class="govuk-list portal-list portal-list--letter" start="3"><li>measure</li><li>draw</li></ol>'
TABLE = (
    '<div class="portal-table-scroll"><table class="govuk-table"><caption>Who rings</caption>'
    '<thead class="govuk-table__head"><tr><th scope="col">Agency</th><th scope="col">Number</th></tr></thead>'
    "<tbody><tr><td>Police<br>at night</td><td>101</td></tr></tbody></table></div>"
)
PICTURE = (
    '<img class="portal-picture" src="/media/images/flow.png" width="800" height="400" '
    'alt="The steps below as a flow chart">'
)
BOX = '<div class="portal-box"><p class="govuk-heading-s">Scope</p><p class="govuk-body">For midwives.</p></div>'
NUMBERED = (
    '<div class="portal-numbered"><span class="portal-numbered__number">4.1</span>'
    '<div class="portal-numbered__text"><p>Ring the <b>duty</b> desk, see <a href="#s-2">2 Later</a> or '
    '<a href="/manual/other/#s-9">another</a> or <a href="https://example.org/x">outside</a>.</p></div></div>'
)
HOSTILE = "#panic() $x$ [a] ] @b <c> \\ ` ``` *d* _e_ // /* f */ = g\n- h + i ~ ' \" {} #let #{ -- --- ..."


def picture(source: str) -> bytes | None:
    if "gone" in source:
        return None
    buffer = BytesIO()
    Image.new("RGB", (80, 40), "white").save(buffer, "PNG")
    return buffer.getvalue()


def chapter(*html: str, name: str = "Bruises") -> Chapter:
    sections = [
        RenderedSection("s-1", "1", "First", 2, "".join(html)),
        RenderedSection("s-2", "2", "Later", 2, "<p>Later text.</p>"),
        RenderedSection("s-3", "2.1", "Inside", 3, "<p>Inside text.</p>"),
    ]
    rendered = RenderedChapter(name, "6", BOX, tuple(sections))
    return chapter_document(rendered, "/manual/bruises/", date(2026, 11, 2))


def opened(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def text_of(reader: PdfReader) -> str:
    words = "\n".join(page.extract_text() for page in reader.pages)
    return words.replace("\u200b", "")  # where a very long word may be broken


def tags(reader: PdfReader) -> set[str]:
    found: set[str] = set()

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "/S" in node:
                found.add(str(node["/S"]))
            if "/Alt" in node:
                found.add(f"alt: {node['/Alt']}")
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def titles(outline: list[Any]) -> list[Any]:
    return [titles(one) if isinstance(one, list) else one.title for one in outline]


def test_a_pdf_is_tagged_says_its_language_and_has_bookmarks_and_nobodys_name() -> None:
    reader = opened(pdf.write_chapter(chapter(NUMBERED, LIST, TABLE, PICTURE), STAMP, picture))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "6 Bruises"
    assert reader.metadata.author is None
    assert titles(reader.outline) == ["1 First", "2 Later", ["2.1 Inside"]]
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Lbl", "/LBody", "/Table", "/TH", "/TD", "/Link"} <= tags(
        reader
    )
    assert "alt: The steps below as a flow chart" in tags(reader)
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_a_pdf_says_its_words_marks_edition_address_and_pages() -> None:
    text = text_of(opened(pdf.write_chapter(chapter(NUMBERED, LIST, TABLE), STAMP, picture)))
    for words in (
        "6 Bruises", "1 First", "4.1", "Ring the duty desk", "c.", "measure", "d.", "draw", "Who rings", "Agency",
        "Police", "at night", "101", "Scope", "For midwives.", "Edition of 2 November 2026",
        "https://tarn.example/manual/bruises/", "Tarnbrook Partnership", "Copy made on 26 November 2026",
        "Page 1 of 1",
    ):  # fmt: skip
        assert words in text


def test_links_lead_inside_where_they_can_and_else_to_the_live_manual() -> None:
    reader = opened(pdf.write_chapter(chapter(NUMBERED), STAMP, picture))
    links = [one.get_object() for page in reader.pages for one in page.get("/Annots", [])]
    out = {str(one["/A"]["/URI"]) for one in links if "/A" in one and "/URI" in one["/A"]}
    assert out == {"https://tarn.example/manual/other/#s-9", "https://example.org/x"}
    assert len(links) == 3


def test_a_link_that_would_run_something_keeps_its_words_and_is_no_link() -> None:
    evil = chapter('<p><a href="javascript:alert(1)">press</a> <a href="file:///etc/passwd">here</a></p>')
    reader = opened(pdf.write_chapter(evil, STAMP, picture))
    assert "press here" in text_of(reader)
    assert not any("/Annots" in page for page in reader.pages)
    package = zipfile.ZipFile(BytesIO(word.write_chapter(evil, STAMP, picture)))
    assert b"javascript:" not in package.read("word/_rels/document.xml.rels")


def test_nothing_typed_becomes_code() -> None:
    typed = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
    reader = opened(pdf.write_chapter(chapter(f"<p>{typed}</p>", name=HOSTILE), STAMP, picture))
    shown = "".join(text_of(reader).split())
    assert shown.count("".join(HOSTILE.split())) >= 2


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"#$[]@\\`<>*_={}()\"'/-+~^&;:!|%", "#eval", "//", "/*", "a", "1", " "]), min_size=1
    )
)
def test_any_marks_of_the_typesetters_language_are_shown_as_they_are(pieces: list[str]) -> None:
    typed = "".join(pieces)
    html = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    content = pdf.write_chapter(chapter(f"<p>Before {html} after</p>"), STAMP, picture)
    assert "".join(f"Before{typed}after".split()) in "".join(text_of(opened(content)).split())


def test_signs_that_the_fonts_do_not_have_are_named() -> None:
    reader = opened(pdf.write_chapter(chapter("<p>Ring 🚨 now, → \uf0b7 x</p>"), STAMP, picture))
    assert "Ring [police cars revolving light] now, →" in text_of(reader)


def test_a_picture_that_is_gone_or_is_no_picture_leaves_its_words() -> None:
    for broken in (lambda source: None, lambda source: b"no picture at all"):
        assert "[Picture: The steps" in text_of(opened(pdf.write_chapter(chapter(PICTURE), STAMP, broken)))
        file = docx.Document(BytesIO(word.write_chapter(chapter(PICTURE), STAMP, broken)))
        assert any("[Picture: The steps" in paragraph.text for paragraph in file.paragraphs)


def test_without_the_engine_there_is_no_pdf_and_the_reason_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf, "typst", None)
    with pytest.raises(Trouble, match="pip install typst"):
        pdf.write_chapter(chapter("<p>x</p>"), STAMP, picture)
    assert word.write_chapter(chapter("<p>x</p>"), STAMP, picture)


def test_a_word_file_has_headings_lists_header_rows_links_and_nobodys_name() -> None:
    file = docx.Document(BytesIO(word.write_chapter(chapter(NUMBERED, LIST, TABLE, PICTURE), STAMP, picture)))
    styles = [(one.style.name, one.text) for one in file.paragraphs if one.style and one.text]
    assert ("Title", "6 Bruises") in styles
    assert ("Heading 1", "2 Later") in styles
    assert ("Heading 2", "2.1 Inside") in styles
    assert ("List Paragraph", "measure") in styles
    assert any(text.startswith("4.1\tRing the duty desk") for _, text in styles)
    assert [cell.text for cell in file.tables[0].rows[0].cells] == ["Agency", "Number"]
    assert file.tables[0].rows[0]._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
    assert file.tables[0].rows[1].cells[0].text == "Police\nat night"
    core = file.core_properties
    assert (core.author, core.last_modified_by, core.comments) == ("", "", "")
    assert (core.title, core.language) == ("6 Bruises", "en-GB")
    xml = file.element.xml
    assert 'descr="The steps below as a flow chart"' in xml
    assert 'w:anchor="c0_s_2"' in xml
    assert 'w:name="c0_s_2"' in xml
    assert 'w:val="en-GB"' in file.styles.element.xml
    numbering = file.part.numbering_part.element.xml
    assert '<w:numFmt w:val="lowerLetter"/>' in numbering
    assert '<w:startOverride w:val="3"/>' in numbering
    foot = "\n".join(one.text for one in file.sections[0].footer.paragraphs)
    assert "https://tarn.example/manual/bruises/" in foot
    assert "Edition of 2 November 2026" in foot


def test_a_whole_manual_has_contents_and_its_parts_and_links_between_chapters() -> None:
    other = Chapter("7 Other", "/manual/other/", None, (), chapter("<p>o</p>").sections)
    manual = Part("The manual", (chapter(NUMBERED),), (Part("A part", (other,)),))
    reader = opened(pdf.write_part(manual, STAMP, picture))
    assert titles(reader.outline) == [
        "6 Bruises", ["1 First", "2 Later", ["2.1 Inside"]],
        "A part", ["7 Other", ["1 First", "2 Later", ["2.1 Inside"]]],
    ]  # fmt: skip
    first = reader.pages[0].extract_text()
    assert "The manual" in first
    assert "7 Other" in first
    links = [one.get_object() for page in reader.pages[1:] for one in page.get("/Annots", [])]
    assert [str(one["/A"]["/URI"]) for one in links if "/A" in one and "/URI" in one["/A"]] == [
        "https://example.org/x"
    ]
    file = docx.Document(BytesIO(word.write_part(manual, STAMP, picture)))
    assert ("Heading 1", "A part") in [(one.style.name, one.text) for one in file.paragraphs if one.style]
    assert 'w:anchor="c1"' in file.element.xml


def test_text_keeps_lines_marks_and_rows() -> None:
    text = plain.write(chapter(NUMBERED, LIST, TABLE), STAMP)
    assert "4.1  Ring the duty desk" in text
    assert "c. measure\nd. draw\n" in text
    assert "Agency\tNumber\nPolice / at night\t101\n" in text
    assert text.endswith("Check the live manual: https://tarn.example/manual/bruises/\n")


def test_markup_that_nobody_knows_is_walked_through() -> None:
    inside = "<details><summary>Three</summary>four</details>"
    html = f"<section><custom-thing>One <u>two</u>{inside}</custom-thing></section>five"
    assert plain.words(blocks_of(html)) == "One two Three four five"


def test_what_is_hidden_on_paper_is_left_out_and_a_forms_button_stays_a_link() -> None:
    html = (
        '<p class="portal-no-print">Press here</p>'
        '<a href="/refer/" role="button" class="govuk-button portal-no-print">Refer a case<svg><path/></svg></a>'
    )
    assert plain.words(blocks_of(html)) == "Refer a case"
