"""Word chapters as councils write them, built by code, each with its outline as a person would write it."""

import io
from collections.abc import Callable
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

Outline = list[tuple[str, str, int]]


def _saved(document: Any) -> bytes:
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _bold(document: Any, text: str) -> None:
    document.add_paragraph().add_run(text).bold = True


def _numbered(document: Any, paragraph: Any, number: int, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def _multilevel(document: Any) -> int:
    """A list "1", "1.1", "(a)" of the document; its number."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (form, text) in enumerate(
            [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]
        )
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return 77


def styled() -> bytes:
    """Heading styles with typed numbers, a box as a table of one cell, a contents list that was typed."""
    document = Document()
    document.add_paragraph("Welland Safeguarding Children Partnership", style="Title")
    document.add_heading("Concealed Pregnancy Procedure", 1)
    frame = document.add_table(1, 1)
    frame.cell(0, 0).text = "RELATED CHAPTERS"
    frame.cell(0, 0).add_paragraph("Pre-birth Procedure")
    _bold(document, "Contents")
    for line in (
        "1. Introduction\t2",
        "2. Definition\t2",
        "2.1 Denied\t3",
        "3. Action\t3",
        "Appendix 1 Flowchart\t4",
    ):
        document.add_paragraph(line)
    document.add_heading("1. Introduction", 2)
    document.add_paragraph("A concealed pregnancy is one that nobody has been told about by 24 weeks.")
    document.add_heading("2. Definition", 2)
    document.add_heading("2.1 Denied", 3)
    document.add_paragraph("The woman does not believe that she is pregnant.")
    document.add_heading("3. Action", 2)
    document.add_paragraph("Tell the midwife.", style="List Bullet")
    document.add_paragraph("Refer to Children's Social Care.", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["Week", "Action", "24", "Refer"], strict=True
    ):
        cell.text = text
    document.add_heading("Appendix 1 Flowchart", 2)
    document.add_paragraph("The flow chart is on the website.")
    document.sections[0].footer.paragraphs[0].text = "Welland SCP March 2024"
    return _saved(document)


STYLED: Outline = [
    ("1", "Introduction", 1), ("2", "Definition", 1), ("2.1", "Denied", 2), ("3", "Action", 1),
    ("Appendix 1", "Flowchart", 1),
]  # fmt: skip


def automatic() -> bytes:
    """No heading styles: bold paragraphs of an automatic list; numbered paragraphs below them."""
    document = Document()
    number = _multilevel(document)
    _bold(document, "Management of Cases Across Boundaries")

    def add(text: str, level: int, *, bold: bool = False) -> None:
        paragraph = document.add_paragraph()
        paragraph.add_run(text).bold = bold
        _numbered(document, paragraph, number, level)

    add("Introduction", 0, bold=True)
    add("Families move, and plans must move with them.", 1)
    add("This procedure says who is responsible for:", 1)
    add("the child protection plan;", 2)
    add("the transfer conference.", 2)
    add("Transfer", 0, bold=True)
    add("The new authority holds a transfer conference within 15 working days.", 1)
    _bold(document, "Disputes")
    document.add_paragraph("Disputes are settled by the heads of service.")
    add("Records", 0, bold=True)
    add("The records are sent by secure e-mail within 5 working days.", 1)
    return _saved(document)


AUTOMATIC: Outline = [
    ("1", "Introduction", 1), ("2", "Transfer", 1), ("", "Disputes", 2), ("3", "Records", 1),
]  # fmt: skip


def bold_typed() -> bytes:
    """Everything is "Normal"; headings are bold with a typed number and a tab; an appendix after a page break."""
    document = Document()
    document.add_paragraph().add_run("ONLINE SAFETY").bold = True
    _bold(document, "1.\tINTRODUCTION")
    document.add_paragraph("1.1\tThe internet is part of the life of children.")
    document.add_paragraph("1.2\tThis chapter is for all staff.")
    _bold(document, "2.\tRISKS")
    document.add_paragraph("The risks are often put in four groups:")
    document.add_paragraph("•\tcontent")
    document.add_paragraph("•\tcontact")
    document.add_paragraph("•\tconduct")
    document.add_paragraph("•\tcommerce")
    _bold(document, "Sharing of images")
    document.add_paragraph("Do not view the image. Tell the designated lead.")
    _bold(document, "3.\tREPORTING")
    document.add_paragraph("Ring 101, or 999 in an emergency.")
    document.add_page_break()
    _bold(document, "APPENDIX 1")
    _bold(document, "Useful websites")
    document.add_paragraph("CEOP")
    document.add_paragraph("Internet Watch Foundation")
    return _saved(document)


BOLD_TYPED: Outline = [
    ("1", "INTRODUCTION", 1), ("2", "RISKS", 1), ("", "Sharing of images", 2), ("3", "REPORTING", 1),
    ("Appendix 1", "Useful websites", 1),
]  # fmt: skip

DOCUMENTS: dict[str, tuple[Callable[[], bytes], Outline]] = {
    "styled": (styled, STYLED),
    "automatic": (automatic, AUTOMATIC),
    "bold_typed": (bold_typed, BOLD_TYPED),
}
