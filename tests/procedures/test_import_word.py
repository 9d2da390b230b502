"""Word documents: headings by style and by automatic number, lists, tables, links, what Word hides, what is damaged."""

import contextlib
import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.importing import stream
from procedures.importing.files import UnreadableChapter, WordsLost, read_chapter
from procedures.importing.package import LARGEST_ENTRY
from procedures.importing.report import report
from procedures.importing.structure import Chapter, ListOfItems, Paragraph, Table

W = nsdecls("w")


def saved(document: Any) -> bytes:
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def read(document: Any) -> Chapter:
    chapter = read_chapter("chapter.docx", saved(document))
    left_out = sum(piece.words for piece in chapter.dropped)
    assert chapter.words_in == chapter.words_placed + left_out
    return chapter


def outline(chapter: Chapter) -> list[tuple[str, str, int]]:
    return [(one.number, one.title, one.level) for one in chapter.sections]


def blocks(chapter: Chapter, kind: type) -> list[Any]:
    return [block for one in chapter.sections for block in one.blocks if isinstance(block, kind)]


def run(text: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def put(document: Any, inner: str) -> None:
    """A paragraph in raw WordprocessingML."""
    body = document.element.body
    names = (
        nsdecls("w", "r", "wp", "a")
        + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        + ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        + ' xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    body.insert(len(body) - 1, parse_xml(f"<w:p {names}>{inner}</w:p>"))


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The document with one more part."""
    kept = io.BytesIO(data)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return kept.getvalue()


def test_headings_by_style_make_the_tree_and_boxes_stay_boxes() -> None:
    document = Document()
    document.add_heading("9.1 Domestic abuse", 0)
    document.add_heading("Scope of this chapter", 1)
    document.add_paragraph("For everybody who meets children.")
    document.add_heading("1. Introduction", 1)
    document.add_paragraph("It harms children.")
    document.add_heading("1.1 Who it is for", 2)
    document.add_paragraph("All agencies.")
    document.add_heading("What we know", 3)
    document.add_paragraph("A great deal.")
    document.add_heading("2. Action", 1)
    document.add_paragraph("Act now.")
    document.add_heading("Appendix A: Form", 1)
    chapter = read(document)
    assert (chapter.number, chapter.title) == ("9.1", "Domestic abuse")
    assert [box.kind for box in chapter.boxes] == ["scope"]
    assert outline(chapter) == [
        ("1", "Introduction", 1),
        ("1.1", "Who it is for", 2),
        ("", "What we know", 3),
        ("2", "Action", 1),
        ("Appendix A", "Form", 1),
    ]


NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl>
<w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="(%4)"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/>
<w:lvlText w:val="Appendix %1"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/>
<w:lvlOverride w:ilvl="2"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""


def numbered(document: Any, text: str, level: int, identity: int = 1, style: str = "") -> None:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    put(
        document,
        f'<w:pPr>{named}<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{identity}"/></w:numPr></w:pPr>{run(text)}',
    )


def automatic() -> Any:
    """A document whose every number Word makes by itself."""
    document = Document()
    part = document.part.numbering_part
    part._element = parse_xml(NUMBERING)
    document.add_heading("Neglect", 0)
    numbered(document, "Introduction", 0, style="Heading1")
    numbered(
        document, "Neglect is the persistent failure to meet a child's needs, and it takes many forms.", 1
    )
    numbered(document, "It includes:", 1)
    numbered(document, "hunger;", 2)
    numbered(document, "dirt, which means", 2)
    numbered(document, "clothes;", 3)
    numbered(document, "bedding;", 3)
    numbered(document, "danger.", 2)
    numbered(document, "Action", 0, style="Heading1")
    numbered(document, "Refer the child on the same day to the front door of children's social care.", 1)
    numbered(document, "first thing", 2)
    numbered(document, "Home conditions", 0, 2, style="Heading1")
    document.add_paragraph("Tick what you see in the home.")
    return document


def test_numbers_that_word_makes_by_itself_are_computed_and_are_no_words() -> None:
    chapter = read(automatic())
    assert outline(chapter) == [
        ("1", "Introduction", 1),
        ("2", "Action", 1),
        ("Appendix A", "Home conditions", 1),
    ]
    assert [one.number for one in blocks(chapter, Paragraph)] == ["1.1", "1.2", "2.1", ""]
    first, second = blocks(chapter, ListOfItems)
    assert [(item.marker, item.depth) for item in first.items] == [
        ("(a)", 0), ("(b)", 0), ("(i)", 1), ("(ii)", 1), ("(c)", 0),
    ]  # fmt: skip
    assert [item.marker for item in second.items] == ["(a)"]
    assert chapter.words_in == sum(
        len(text.split()) for text in (paragraph.text for paragraph in automatic().paragraphs)
    )


def test_bullets_numbers_and_what_is_nested_in_them() -> None:
    document = Document()
    document.add_heading("Lists", 0)
    document.add_heading("1. One", 1)
    document.add_heading("2. Two", 1)
    for style, text in (
        ("List Bullet", "first"), ("List Bullet 2", "inner"), ("List Bullet", "second"),
        ("List Number", "one"), ("List Number", "two"),
    ):  # fmt: skip
        document.add_paragraph(text, style=style)
    bullets, numbers = blocks(read(document), ListOfItems)
    assert [(item.text, item.depth) for item in bullets.items] == [("first", 0), ("inner", 1), ("second", 0)]
    assert [(item.value, item.text) for item in numbers.items] == [(1, "one"), (2, "two")]


def test_merged_cells_and_a_table_in_a_cell_keep_their_text_and_are_told() -> None:
    document = Document()
    document.add_heading("Tables", 0)
    document.add_heading("1. Table", 1)
    table = document.add_table(3, 3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"r{row}c{column}"
    table.cell(1, 0).merge(table.cell(1, 1))
    table.cell(2, 2).add_table(1, 2).cell(0, 1).text = "inside it"
    document.add_heading("2. After", 1)
    chapter = read(document)
    (found,) = blocks(chapter, Table)
    assert [row.cells for row in found.rows] == [
        ["r0c0", "r0c1", "r0c2"],
        ["r1c0\nr1c1", "", "r1c2"],
        ["r2c0", "r2c1", "r2c2\ninside it"],
    ]
    assert found.headed
    assert {one.kind for one in chapter.problems} == {"merged cells", "table in a table"}


def test_bold_italic_and_links_are_kept_in_place() -> None:
    document = Document()
    document.add_heading("Links", 0)
    document.add_heading("1. Part", 1)
    identity = document.part.relate_to(
        "https://example.org/a?b=1&c=2",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    put(
        document,
        f'{run("See ")}<w:hyperlink r:id="{identity}">{run("the ")}'
        f"{run('guide', '<w:rPr><w:b/></w:rPr>')}</w:hyperlink>"
        f"{run(' and ')}{run('do it', '<w:rPr><w:i/></w:rPr>')}{run(' now.')}",
    )
    document.add_heading("2. Part", 1)
    chapter = read(document)
    (block,) = stream.content(chapter.sections[0].blocks)
    assert block["value"] == (
        '<p>See <a href="https://example.org/a?b=1&amp;c=2">the <b>guide</b></a> and <i>do it</i> now.</p>'
    )


def test_a_contents_list_headers_footers_comments_and_hidden_text_are_listed() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Tarn Council"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_heading("Seven", 0)
    put(
        document,
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("One 3")}',
    )
    put(document, f'{run("Two 4")}<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    document.add_heading("One", 1)
    put(document, f"{run('Seen. ')}{run('Not seen.', '<w:rPr><w:vanish/></w:rPr>')}")
    document.add_heading("Two", 1)
    document.add_comment(document.paragraphs[-1].runs, text="Is this right?", author="A", initials="A")
    chapter = read(document)
    assert sorted((piece.reason, piece.source.strip()) for piece in chapter.dropped) == [
        ("comment", "Is this right?"),
        ("contents list", "One 3"),
        ("contents list", "Two 4"),
        ("header or footer of the page", "Page 1"),
        ("header or footer of the page", "Tarn Council"),
        ("hidden text", "Not seen."),
    ]
    assert "comments" in {one.kind for one in chapter.problems}


def test_tracked_insertions_are_text_and_deletions_are_listed() -> None:
    document = Document()
    document.add_heading("Changes", 0)
    document.add_heading("1. Time", 1)
    put(
        document,
        f'{run("Within ")}<w:del w:id="1" w:author="x"><w:r><w:delText>five</w:delText></w:r></w:del>'
        f'<w:ins w:id="2" w:author="x">{run("three")}</w:ins>{run(" working days.")}',
    )
    document.add_heading("2. End", 1)
    chapter = read(document)
    assert [one.text for one in blocks(chapter, Paragraph)] == ["Within three working days."]
    assert [(piece.source.strip(), piece.reason) for piece in chapter.dropped] == [
        ("five", "deleted in a tracked change")
    ]
    assert "tracked changes" in {one.kind for one in chapter.problems}


def test_a_text_box_is_read_once_where_it_is_anchored() -> None:
    document = Document()
    document.add_heading("Boxes", 0)
    document.add_heading("1. Part", 1)
    inner = f"<w:txbxContent><w:p>{run('Words in the box.')}</w:p></w:txbxContent>"
    drawing = (
        '<w:drawing><wp:inline><a:graphic><a:graphicData uri="x">'
        f"<wps:wsp><wps:txbx>{inner}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    fallback = f"<w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict>"
    put(
        document,
        f'{run("Around it.")}<w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r>",
    )
    document.add_heading("2. Part", 1)
    chapter = read(document)
    assert [one.text for one in blocks(chapter, Paragraph)] == ["Around it.", "Words in the box."]
    assert "text box" in {one.kind for one in chapter.problems}


def test_footnotes_become_a_section_of_notes() -> None:
    document = Document()
    document.add_heading("Notes", 0)
    document.add_heading("1. Law", 1)
    put(document, f'{run("The law says so.")}<w:r><w:footnoteReference w:id="2"/></w:r>')
    document.add_heading("2. End", 1)
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="2"><w:p>{run("Children Act 1989.")}</w:p></w:footnote></w:footnotes>'
    )
    data = with_part(saved(document), "word/footnotes.xml", notes.encode())
    chapter = read_chapter("x.docx", data)
    assert blocks(chapter, Paragraph)[0].text == "The law says so.[1]"
    assert outline(chapter)[-1] == ("", "Notes", 1)
    assert blocks(chapter, ListOfItems)[-1].items[0].text == "Children Act 1989."


def test_bold_lines_are_headings_where_no_style_is_used() -> None:
    document = Document()
    document.add_paragraph("Private fostering")
    for heading, text in (
        ("1. What it is", "A child lives with others."),
        ("2. Telling us", "Tell us at once."),
    ):
        document.add_paragraph().add_run(heading).bold = True
        document.add_paragraph(text)
    assert outline(read(document)) == [("1", "What it is", 1), ("2", "Telling us", 1)]


def test_macros_are_never_read_and_are_told() -> None:
    document = Document()
    document.add_heading("Title", 0)
    document.add_paragraph("Some text of it.")
    data = with_part(saved(document), "word/vbaProject.bin", b"\xd0\xcf\x11\xe0" * 100)
    for name in ("x.docm", "x.docx"):
        assert "macros" in {one.kind for one in read_chapter(name, data).problems}


def test_pictures_are_reported_and_not_unpacked() -> None:
    document = Document()
    document.add_heading("Title", 0)
    shown = '<wp:docPr id="1" name="p" descr="Flow chart of a referral"/>'
    picture = f"<w:drawing><wp:inline>{shown}</wp:inline></w:drawing>"
    put(document, f"{run('Look.')}<w:r>{picture}</w:r>")
    data = with_part(saved(document), "word/media/image1.png", b"\x89PNG" + bytes(50_000_000))
    chapter = read_chapter("x.docx", data)
    assert [one.text for one in chapter.problems if one.kind == "picture left out"] == [
        "A picture was left out: Flow chart of a referral. Add it in the editor."
    ]


def bomb(part: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", part)
    return kept.getvalue()


ENTITIES = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><d>&b;&a;</d>'
DEEP = b"<a>" * 100_000 + b"</a>" * 100_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"not a zip", "no Word document"),
        (b"PK\x03\x04" + b"\x00" * 100, "damaged"),
        (bomb(b" " * (LARGEST_ENTRY + 1)), "unpacks to far more"),
        (bomb(b"<a>" + b" " * 30_000_000 + b"</a>"), "unpacks to far more"),
        (bomb(ENTITIES), "entities"),
        (bomb(DEEP), "damaged"),
        (bomb(f"<w:document {W}><w:body/></w:document>".encode()), "no text"),
    ],
)
def test_what_is_no_document_or_a_bomb_is_refused_with_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableChapter, match=reason):
        read_chapter("x.docx", data)


def test_too_many_parts_are_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for number in range(5_001):
            archive.writestr(str(number), b"")
    with pytest.raises(UnreadableChapter, match="parts"):
        read_chapter("x.docx", kept.getvalue())


WHOLE = saved(automatic())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_document_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    broken = (
        bytearray(WHOLE[: data.draw(st.integers(0, len(WHOLE)))])
        if data.draw(st.booleans())
        else bytearray(WHOLE)
    )
    for _ in range(data.draw(st.integers(0, 8))):
        if broken:
            place = data.draw(st.integers(0, len(broken) - 1))
            broken[place] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(UnreadableChapter):
        report(read_chapter("x.docx", bytes(broken)))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_text_part_is_refused_or_read_and_loses_no_word(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(["word/document.xml", "word/numbering.xml", "word/styles.xml"]))
    text = parts[name]
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.integers(0, len(text)))
        last = min(len(text), first + data.draw(st.integers(0, 40)))
        text = (
            text[:first]
            + data.draw(st.sampled_from([b"", b"<w:p>", b"9", b"-1", text[first:last] * 2]))
            + text[last:]
        )
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for part, content in {**parts, name: text}.items():
            archive.writestr(part, content)
    try:
        chapter = read_chapter("x.docx", kept.getvalue())
    except UnreadableChapter:
        return
    except WordsLost as lost:
        pytest.fail(str(lost))
    assert chapter.words_in == chapter.words_placed + chapter.words_dropped
