"""A document as a Word file: real heading styles, lists, header rows and links; numbers and marks as they are printed.

python-docx makes the file's frame; its paragraphs are written as XML straight, because a manual has a hundred thousand.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt, RGBColor
from lxml import etree

from procedures.exporting.document import (
    Block,
    Blocks,
    Box,
    Chapter,
    Listing,
    Numbered,
    Paragraph,
    Part,
    Picture,
    Run,
    Runs,
    Stamp,
    Table,
)
from procedures.exporting.pdf import Picture as Pictures
from procedures.exporting.places import Places
from procedures.exporting.plain import ends

FORMATS = {
    "number": ("decimal", "%1."),
    "letter": ("lowerLetter", "%1."),
    "LETTER": ("upperLetter", "%1."),
    "roman": ("lowerRoman", "%1."),
    "ROMAN": ("upperRoman", "%1."),
    "bullet": ("bullet", "•"),
    "plain": ("none", ""),
}
STEP = 425  # twips by which a list or numbered paragraph stands in
TEXT_WIDTH = 5_900_000  # EMU between the margins of an A4 page
EMU_PER_PIXEL = 9525
DEEPEST_HEADING = 9
GREEN = "0B5351"
FONT = "Arial"
Element = Any


def write_chapter(chapter: Chapter, stamp: Stamp, pictures: Pictures) -> bytes:
    """The Word file of one chapter."""
    writer = _Writer(chapter.name, ends(chapter, stamp), Places([chapter]), stamp, pictures)
    writer.paragraph("Title", (Run(chapter.name),), bookmark=writer.places.of_chapter(chapter))
    writer.chapter(chapter, level=0)
    return writer.content()


def write_part(part: Part, stamp: Stamp, pictures: Pictures) -> bytes:
    """The Word file of a whole manual, or of a part of it: a list of contents with links, then the chapters."""
    foot = [f"{stamp.partnership}. Copy made on {stamp.made_on}.", f"Check the live manual: {stamp.address}"]
    writer = _Writer(part.title, foot, Places(part.all_chapters()), stamp, pictures)
    writer.paragraph("Title", (Run(part.title),))
    for line in foot:
        writer.paragraph("Subtitle", (Run(line),))
    for chapter in part.all_chapters():
        writer.contents_line(chapter)
    writer.part(part, level=0)
    return writer.content()


class _Writer:
    """Adds to the end of one Word file."""

    def __init__(self, title: str, foot: list[str], places: Places, stamp: Stamp, pictures: Pictures) -> None:
        self.places, self.stamp, self.pictures = places, stamp, pictures
        self.here: Chapter | None = None
        self.file = docx.Document()
        self._end = self.file.element.body.sectPr
        self._names = {style.name: style.style_id for style in self.file.styles}
        self._links: dict[str, str] = {}
        self._marks = 0
        self._numbering = self.file.part.numbering_part.element
        self._formats: dict[tuple[str, int], str] = {}
        self._frame(title, foot)

    def content(self) -> bytes:
        """The file."""
        buffer = BytesIO()
        self.file.save(buffer)
        return buffer.getvalue()

    def part(self, part: Part, level: int) -> None:
        """A part's heading (the manual itself has none but the title), its chapters, the parts inside it."""
        if level:
            self.paragraph(_heading(level), (Run(part.title),), new_page=True)
        for place, chapter in enumerate(part.chapters):
            bookmark = self.places.of_chapter(chapter)
            fresh = place > 0 or not level
            self.paragraph(_heading(level + 1), (Run(chapter.name),), bookmark=bookmark, new_page=fresh)
            self.chapter(chapter, level + 1)
        for inside in part.parts:
            self.part(inside, level + 1)

    def chapter(self, chapter: Chapter, level: int) -> None:
        """What a chapter holds; its sections' headings stand below `level`."""
        self.here = chapter
        if chapter.edition:
            self.paragraph("Subtitle", (Run(f"Edition of {chapter.edition:%-d %B %Y}"),))
        self.blocks(chapter.head)
        above = level
        for section in chapter.sections:
            bookmark = self.places.of_section(chapter, section)
            if section.name:
                above = min(level + section.depth - 1, above + 1)
                self.paragraph(_heading(above), (Run(section.name),), bookmark=bookmark)
            self.blocks(section.blocks)

    def contents_line(self, chapter: Chapter) -> None:
        """A line of the list of contents, linked."""
        paragraph = self._paragraph("List")
        paragraph.append(self._inside(self.places.of_chapter(chapter), [_run(Run(chapter.name), link=True)]))
        self._add(paragraph)

    def blocks(self, blocks: Blocks, indent: int = 0) -> None:
        """Blocks, set in by so many twips."""
        for block in blocks:
            self.block(block, indent)

    def block(self, block: Block, indent: int) -> None:
        if isinstance(block, Paragraph):
            self.paragraph("Normal", block.runs, indent=indent)
        elif isinstance(block, Numbered):
            self._numbered(block, indent)
        elif isinstance(block, Listing):
            self._listing(block, indent)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Box):
            if block.title:
                self.paragraph(
                    "Normal", (Run(block.title, bold=True),), indent=indent + STEP // 2, boxed=True
                )
            for inside in block.blocks:
                if isinstance(inside, Paragraph):
                    self.paragraph("Normal", inside.runs, indent=indent + STEP // 2, boxed=True)
                else:
                    self.block(inside, indent + STEP // 2)
        else:
            self._picture(block)

    def paragraph(
        self,
        style: str,
        runs: Runs,
        *,
        indent: int = 0,
        hanging: int = 0,
        bookmark: str = "",
        number: str = "",
        new_page: bool = False,
        boxed: bool = False,
    ) -> None:
        """Adds a paragraph. `number` is the id of the list that it is an item of."""
        paragraph = self._paragraph(style)
        properties = paragraph[0]
        if new_page:
            properties.append(_element("w:pageBreakBefore"))
        if number:
            numbers = _element("w:numPr")
            numbers.append(_element("w:ilvl", val="0"))
            numbers.append(_element("w:numId", val=number))
            properties.append(numbers)
        if boxed:
            border = _element("w:pBdr")
            border.append(_element("w:left", val="single", sz="24", space="8", color=GREEN))
            properties.append(border)
        if indent and not number:
            properties.append(
                _element("w:ind", left=str(indent), **({"hanging": str(hanging)} if hanging else {}))
            )
        elif number:
            properties.append(_element("w:ind", left=str(indent), hanging=str(STEP)))
        self._fill(paragraph, runs)
        self._add(self._marked(paragraph, bookmark) if bookmark else paragraph)

    def _numbered(self, block: Numbered, indent: int) -> None:
        first, *rest = block.blocks or (Paragraph(()),)
        lead = Run(f"{block.number}\t")
        wide = indent + 2 * STEP
        if isinstance(first, Paragraph):
            self.paragraph("Normal", (lead, *first.runs), indent=wide, hanging=2 * STEP)
        else:
            self.paragraph("Normal", (lead,), indent=wide, hanging=2 * STEP)
            self.block(first, wide)
        self.blocks(tuple(rest), wide)

    def _listing(self, block: Listing, indent: int) -> None:
        number = self._list(block.style, block.start, indent + STEP)
        for item in block.items:
            first, *rest = item or (Paragraph(()),)
            if isinstance(first, Paragraph):
                self.paragraph("List Paragraph", first.runs, indent=indent + STEP, number=number)
            else:
                self.paragraph("List Paragraph", (), indent=indent + STEP, number=number)
                self.block(first, indent + STEP)
            self.blocks(tuple(rest), indent + STEP)

    def _list(self, style: str, start: int, indent: int) -> str:
        """The id of a new list with these marks: a definition for each style and depth, a number for each list."""
        definition = self._formats.get((style, indent))
        if definition is None:
            ids = [
                int(one.get(qn("w:abstractNumId"))) for one in self._numbering.findall(qn("w:abstractNum"))
            ]
            definition = str(max(ids, default=0) + 1)
            self._formats[style, indent] = definition
            kind, text = FORMATS[style]
            abstract = _element("w:abstractNum", abstractNumId=definition)
            level = _element("w:lvl", ilvl="0")
            level.extend(
                [
                    _element("w:start", val="1"),
                    _element("w:numFmt", val=kind),
                    _element("w:lvlText", val=text),
                ]
            )
            properties = _element("w:pPr")
            properties.append(_element("w:ind", left=str(indent), hanging=str(STEP)))
            level.append(properties)
            abstract.append(_element("w:multiLevelType", val="singleLevel"))
            abstract.append(level)
            first_number = self._numbering.find(qn("w:num"))
            if first_number is None:
                self._numbering.append(abstract)
            else:
                first_number.addprevious(abstract)
        self._marks += 1
        number = str(1000 + self._marks)
        entry = _element("w:num", numId=number)
        entry.append(_element("w:abstractNumId", val=definition))
        override = _element("w:lvlOverride", ilvl="0")
        override.append(_element("w:startOverride", val=str(start)))
        entry.append(override)
        self._numbering.append(entry)
        return number

    def _table(self, block: Table) -> None:
        if block.caption:
            self.paragraph("Caption", (Run(block.caption),))
        table = _element("w:tbl")
        properties = _element("w:tblPr")
        properties.append(_element("w:tblStyle", val=self._names["Table Grid"]))
        properties.append(_element("w:tblW", w="5000", type="pct"))
        properties.append(
            _element("w:tblLook", firstRow="1" if block.head else "0", noHBand="1", noVBand="1")
        )
        grid = _element("w:tblGrid")
        grid.extend(_element("w:gridCol") for _ in range(block.columns))
        table.extend([properties, grid])
        if block.head:
            bold = tuple(
                tuple(Run(run.text, True, run.italic, run.href) for run in cell) for cell in block.head
            )
            table.append(self._row(bold, head=True))
        for row in block.rows:
            table.append(self._row(row, head=False))
        self._add(table)
        self.paragraph("Normal", ())  # two tables without a paragraph between them would be one

    def _row(self, cells: Iterable[Runs], *, head: bool) -> Element:
        row = _element("w:tr")
        if head:
            properties = _element("w:trPr")
            properties.append(_element("w:tblHeader"))
            row.append(properties)
        for runs in cells:
            cell = _element("w:tc")
            paragraph = self._paragraph("Normal")
            self._fill(paragraph, runs)
            cell.extend([_element("w:tcPr"), paragraph])
            row.append(cell)
        return row

    def _picture(self, block: Picture) -> None:
        words = block.alternative or "Picture without description"
        content = self.pictures(block.source)
        if content is not None:
            paragraph = self.file.add_paragraph()
            width = min(block.width * EMU_PER_PIXEL or TEXT_WIDTH, TEXT_WIDTH)
            try:
                shape = paragraph.add_run().add_picture(BytesIO(content), width=width)
            except UnrecognizedImageError:
                paragraph._element.getparent().remove(paragraph._element)
            else:
                shape._inline.docPr.set("descr", words)
                return
        self.paragraph("Normal", (Run(f"[Picture: {words}]"),))

    def _fill(self, paragraph: Element, runs: Runs) -> None:
        for run in runs:
            label = self.places.of_link(run.href, self.here) if run.href else ""
            address = "" if label else self.stamp.full(run.href)
            if label:
                paragraph.append(self._inside(label, [_run(run, link=True)]))
            elif address.startswith(("http://", "https://", "mailto:", "tel:")):
                link = OxmlElement("w:hyperlink")
                link.set(qn("r:id"), self._relation(address))
                link.append(_run(run, link=True))
                paragraph.append(link)
            else:
                paragraph.append(_run(run))

    def _relation(self, address: str) -> str:
        if address not in self._links:
            self._links[address] = self.file.part.relate_to(
                address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        return self._links[address]

    def _inside(self, label: str, runs: list[Element]) -> Element:
        link = _element("w:hyperlink", anchor=_bookmark(label))
        link.extend(runs)
        return link

    def _marked(self, paragraph: Element, label: str) -> Element:
        self._marks += 1
        paragraph.insert(1, _element("w:bookmarkStart", id=str(self._marks), name=_bookmark(label)))
        paragraph.append(_element("w:bookmarkEnd", id=str(self._marks)))
        return paragraph

    def _paragraph(self, style: str) -> Element:
        paragraph, properties = _element("w:p"), _element("w:pPr")
        properties.append(_element("w:pStyle", val=self._names.get(style, "Normal")))
        paragraph.append(properties)
        return paragraph

    def _add(self, element: Element) -> None:
        self._end.addprevious(element)

    def _frame(self, title: str, foot: list[str]) -> None:
        """Language, fonts, properties without anybody's name, header and footer."""
        styles = self.file.styles
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for language in defaults.findall(qn("w:lang")):
            defaults.remove(language)
        defaults.append(_element("w:lang", val="en-GB", eastAsia="en-GB", bidi="ar-SA"))
        for name in ("Normal", "Title", "Subtitle", "Caption", *(_heading(rank) for rank in range(1, 10))):
            font = styles[name].font
            font.name = FONT
            fonts = styles[name].element.rPr.rFonts
            for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
                del fonts.attrib[theme]
            if name not in ("Normal", "Subtitle"):
                font.color.rgb = RGBColor(0x0B, 0x0C, 0x0C)
        styles["Normal"].font.size = Pt(11)
        styles["Subtitle"].font.size = Pt(10)
        styles["Subtitle"].font.italic = False
        styles["Subtitle"].font.color.rgb = RGBColor(0x50, 0x5A, 0x5F)
        styles["Normal"].paragraph_format.space_after = Pt(8)
        core = self.file.core_properties
        core.title, core.language, core.subject = title[:255], "en-GB", " ".join(foot)[:255]
        core.author = core.last_modified_by = core.comments = core.keywords = core.category = ""
        section = self.file.sections[0]
        section.page_width, section.page_height = Emu(7_560_000), Emu(10_692_000)  # A4
        section.left_margin = section.right_margin = Emu(830_000)
        header = section.header.paragraphs[0]
        header.text = title
        header.runs[0].font.size = Pt(9)
        for line in foot:
            paragraph = section.footer.paragraphs[0] if line == foot[0] else section.footer.add_paragraph()
            paragraph.add_run(line).font.size = Pt(9)
            paragraph.paragraph_format.space_after = Pt(0)
        pages = section.footer.add_paragraph()
        pages.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for text in ("Page ", "PAGE", " of ", "NUMPAGES"):
            if text.isupper():
                field = _element("w:fldSimple", instr=text)
                field.append(_run(Run("1")))
                pages._element.append(field)
            else:
                pages._element.append(_run(Run(text)))


def _heading(level: int) -> str:
    return f"Heading {min(level, DEEPEST_HEADING)}"


def _bookmark(label: str) -> str:
    """Word takes letters, figures and underscores, 40 at most."""
    return label.replace("-", "_")[:40]


def _run(run: Run, *, link: bool = False) -> Element:
    element = _element("w:r")
    properties = _element("w:rPr")
    if run.bold:
        properties.append(_element("w:b"))
    if run.italic:
        properties.append(_element("w:i"))
    if link:
        properties.append(_element("w:color", val=GREEN))
        properties.append(_element("w:u", val="single"))
    if len(properties):
        element.append(properties)
    element.extend(_pieces(run.text))
    return element


def _pieces(text: str) -> Iterator[Element]:
    """Text, with line breaks and tabs as Word has them."""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield _element("w:br")
        for place, piece in enumerate(line.split("\t")):
            if place:
                yield _element("w:tab")
            if piece:
                words = _element("w:t")
                words.text = piece
                words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                yield words


def _element(tag: str, **attributes: str) -> Element:
    element = etree.Element(qn(tag), nsmap=None)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
