"""Web pages (HTML) to lines. Scripts, styles and event handlers are never read; what surrounds the text is listed."""

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from procedures.importing.lines import Line, visible
from procedures.importing.parse import read_lines
from procedures.importing.reading import MAXIMUM_BYTES, MAXIMUM_LINES, UnreadableChapter
from procedures.importing.structure import Chapter, Dropped, Problem, Row, Span, Table, joined
from procedures.importing.word_numbers import in_form

UNSEEN = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video",
    "head", "map", "datalist",
}  # fmt: skip
FORMS = {"button", "select", "input", "textarea", "form"}
AROUND = {"nav": "menu", "footer": "page furniture", "aside": "page furniture", "header": "page furniture"}
ROLES = {
    "navigation": "menu", "banner": "page furniture", "contentinfo": "page furniture", "search": "page furniture",
    "complementary": "page furniture",
}  # fmt: skip
NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|footer|cookies?|skip|skiplink|social|share|sharing|toolbar|"
    r"pagination|pager|sidebar|textsize|text-size|fontsize|printbar|backtotop|back-to-top)(?:$|[\s_-])",
    re.I,
)
BLOCKS = {
    "p", "div", "section", "article", "main", "body", "blockquote", "pre", "address", "figure", "figcaption", "details",
    "summary", "fieldset", "legend", "center", "dl", "dt", "dd", "ul", "ol", "li", "table", "tbody", "thead", "tfoot",
    "tr", "td", "th", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "nav", "aside", "form", "hr",
    "html", "label", "menu", "dir", "hgroup",
}  # fmt: skip
BOLD = {"b", "strong"}
ITALIC = {"i", "em", "cite", "dfn"}
FORMS_OF_LISTS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
STYLES_OF_LISTS = {
    "lower-alpha": "lowerLetter", "upper-alpha": "upperLetter", "lower-latin": "lowerLetter",
    "upper-latin": "upperLetter", "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
}  # fmt: skip
SAFE = re.compile(r"(?:https?:|mailto:|tel:)", re.I)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
WORD_LIST = re.compile(r"mso-list:\s*\S*\s*level([1-9])", re.I)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
FOLDED = re.compile(r"accordion|collaps|toggle|tab-?(?:panel|content)|panel", re.I)
DEEPEST = 200  # elements inside each other


@dataclass
class Bit:
    """A stretch of text with one look."""

    text: str
    bold: bool
    italic: bool
    target: str


@dataclass
class State:
    """What is known of a place in the page from the elements around it."""

    bold: bool = False
    italic: bool = False
    target: str = ""
    heading: int = 0
    summary: bool = False
    reason: str = ""  # why the text here is left out
    pre: bool = False
    depth: int = -1  # of the list; -1 is none


@dataclass
class Page:
    """One page while it is read."""

    lines: list[Line] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bits: list[Bit] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    printed: str = ""
    term: bool = False
    words: int = 0
    broken: bool = False  # the last line ended with <br>, not with a block
    gap: bool = True
    rank: int = 1  # of the last heading
    place: int = 1
    state: State = field(default_factory=State)

    # text

    def text(self, text: str | None, state: State) -> None:
        if text:
            self.bits.append(Bit(text, state.bold, state.italic, state.target))

    def flush(self, state: State, *, broken: bool = False) -> None:
        """What was gathered becomes a line, or is listed as left out."""
        bits, self.bits = self.bits, []
        raw = "".join(bit.text for bit in bits)
        if not raw.strip():
            if broken and self.broken:
                self.gap = True  # two <br> are a blank line
            self.broken = broken or self.broken
            if not broken:
                self.gap, self.broken = True, False
            return
        raw = " ".join(raw.split())
        self.words += len(raw.split())
        if state.reason:
            self.dropped.append(Dropped(source=raw, line=self.place, reason=state.reason))
        else:
            self._line(bits, raw, state)
        self.place += 1
        self.names, self.printed = [], ""
        self.gap, self.broken = not broken, broken

    def _line(self, bits: list[Bit], raw: str, state: State) -> None:
        self.rank = self.rank if state.summary else state.heading or self.rank
        text, spans = _text_and_spans(bits, emphasis=not state.heading)
        bold = all(bit.bold for bit in bits if bit.text.strip())
        follows = bool(self.printed) and bool(self.lines) and bool(self.lines[-1].printed)
        blank = self.gap and not (follows and not state.heading)
        if self.lines and blank:
            last = self.lines[-1]
            self.lines[-1] = Line(**{**last.__dict__, "blank_after": True})
        self.lines.append(
            Line(
                number=self.place,
                raw=raw,
                text=text,
                indent=max(0, state.depth) * 4,
                blank_before=blank,
                blank_after=False,
                heading=state.heading,
                printed=self.printed,
                spans=spans,
                bold=bold and not state.heading and len(text.split()) <= 20,
                names=tuple(self.names),
            )
        )

    # elements

    def element(self, element: Any, state: State, level: int = 0) -> None:
        """Read an element and what is in it; the text behind it belongs to whoever called."""
        if not isinstance(element.tag, str):
            return
        tag = element.tag.lower()
        if level > DEEPEST:
            raise UnreadableChapter("The page nests its parts too deeply to be a chapter.")
        name = element.get("id") or element.get("name") if tag in {"a", "span"} else element.get("id")
        if tag in UNSEEN:
            self._unseen(element, tag)
            return
        if tag == "br":
            self.flush(state, broken=True)
            return
        if tag == "img":
            self._picture(element, state)
            return
        inner = self._state(element, tag, state)
        block = tag in BLOCKS
        if block or inner.reason != state.reason:
            self.flush(state)
        if name:
            self.names.append(name)
        if tag == "table" and not inner.reason and not _lays_out(element):
            self._table(element)
            return
        if tag in {"ul", "ol", "menu", "dir"}:
            self._list(element, tag, inner, level)
        else:
            self.text(element.text, inner)
            for child in element:
                self.element(child, inner, level + 1)
                self.text(child.tail, inner)
        if block or inner.reason != state.reason:
            self.flush(inner)

    def _state(self, element: Any, tag: str, state: State) -> State:
        style = element.get("style") or ""
        reason = state.reason or _reason(element, tag, style)
        target = _target(element.get("href") or "") if tag == "a" else state.target
        heading = int(tag[1]) if re.fullmatch("h[1-6]", tag) else state.heading
        if tag == "summary":
            heading = min(6, self.rank + 1)  # what opens a part of the page heads it
        bold = state.bold or tag in BOLD or tag == "dt" or bool(BOLD_STYLE.search(style))
        depth = state.depth
        match = WORD_LIST.search(style)
        if match is not None:
            depth = int(match[1]) - 1
        return State(
            bold=bold,
            italic=state.italic or tag in ITALIC,
            target=target,
            heading=heading,
            summary=state.summary or tag == "summary",
            reason=reason,
            pre=state.pre or tag == "pre",
            depth=depth,
        )

    def _list(self, element: Any, tag: str, state: State, level: int) -> None:
        self.text(element.text, state)
        self.flush(state)
        form = FORMS_OF_LISTS.get(element.get("type") or "", "")
        styled = re.search(r"list-style(?:-type)?\s*:\s*([a-z-]+)", element.get("style") or "")
        form = form or STYLES_OF_LISTS.get(styled[1] if styled else "", "decimal")
        value = _whole(element.get("start"), 1)
        inner = State(**{**state.__dict__, "depth": state.depth + 1, "heading": 0})
        for child in element:
            if not isinstance(child.tag, str):
                self.text(child.tail, state)
                continue
            if child.tag.lower() != "li":
                self.element(child, inner, level + 1)  # a list right inside a list, as old pages have it
                self.text(child.tail, state)
                continue
            value = _whole(child.get("value"), value)
            self.flush(state)
            self.printed = "•" if tag != "ol" else f"{in_form(value, form)}."
            own = child.text
            self.text(own, inner)
            for grandchild in child:
                self.element(grandchild, inner, level + 1)
                self.text(grandchild.tail, inner)
            self.flush(inner)
            self.printed = ""
            value += 1
            self.text(child.tail, state)
        self.flush(state)

    def _table(self, table: Any) -> None:
        rows: list[Row] = []
        headed = merged = nested = 0
        held: dict[int, int] = {}  # column -> rows that a cell above still takes
        first = self.place
        for number, row in enumerate(_rows(table)):
            cells: list[str] = []
            sources: list[str] = []
            heads = 0
            for cell in row:
                if not isinstance(cell.tag, str) or cell.tag.lower() not in {"td", "th"}:
                    continue
                while held.get(len(cells), 0) > 0:
                    held[len(cells)] -= 1
                    cells.append("")
                source, text = self._cell(cell)
                sources.append(source)
                across = min(_whole(cell.get("colspan"), 1), 60)
                down = min(_whole(cell.get("rowspan"), 1), 500)
                if down > 1:
                    held.update({len(cells) + place: down - 1 for place in range(across)})
                cells += [text, *[""] * (across - 1)]
                merged += across > 1 or down > 1
                nested += cell.find(".//table") is not None
                heads += cell.tag.lower() == "th"
            if cells:
                headed += number == 0 and heads == len([one for one in row if isinstance(one.tag, str)])
                rows.append(Row(source="\n".join(sources), line=self.place, cells=cells))
                self.place += 1
        source = "\n".join(row.source for row in rows)
        self.words += len(source.split())
        caption = table.find("caption")
        if caption is not None:
            words = " ".join("".join(caption.itertext()).split())
            if words:
                self.words += len(words.split())
                self._plain(words)
        if not source.strip():
            return
        if merged:
            text = "Cells were merged; their text stands in the first of them, the others are empty."
            self.problems.append(Problem("merged cells", "", text, first))
        if nested:
            text = "A table stood inside a cell; its text stands there line by line."
            self.problems.append(Problem("table in a table", "", text, first))
        shown = " ".join(source.split())[:80]
        made = Table(rows=rows, headed=bool(headed) or _heads_by_look(rows))
        self.lines.append(Line(self.place, source, shown, 0, True, True, table=made))
        self.place += 1
        self.gap, self.broken, self.names, self.printed = True, False, [], ""

    def _plain(self, words: str) -> None:
        self.lines.append(Line(self.place, words, words, 0, True, True))
        self.place += 1

    def _cell(self, cell: Any) -> tuple[str, str]:
        """(source, text) of a cell: what a page of its own would have as lines, with marks of lists and addresses."""
        inside = Page()
        inside.text(cell.text, State())
        for child in cell:
            inside.element(child, State(), 1)
            inside.text(child.tail, State())
        inside.flush(State())
        self.dropped += inside.dropped
        self.words += sum(piece.words for piece in inside.dropped)
        self.problems += inside.problems
        sources: list[str] = []
        texts: list[str] = []
        for line in inside.lines:
            sources.append(line.raw)
            if line.table is not None:
                texts += [cell for row in line.table.rows for cell in row.cells if cell]
                continue
            mark = f"{' ' * line.indent}{line.printed} " if line.printed else ""
            addresses = [span.target for span in line.spans if span.kind == "a" and SAFE.match(span.target)]
            shown = "".join(f" ({one})" for one in addresses if one not in line.text)
            texts.append(f"{mark}{line.text}{shown}")
        return "\n".join(sources), "\n".join(texts)

    def _unseen(self, element: Any, tag: str) -> None:
        if tag == "head":
            for child in element:
                if isinstance(child.tag, str) and child.tag.lower() == "title" and (child.text or "").strip():
                    words = " ".join((child.text or "").split())
                    self.words += len(words.split())
                    self.dropped.append(
                        Dropped(source=words, line=self.place, reason="title of the web page")
                    )
            return
        if tag in {"iframe", "object", "embed", "audio", "video"}:
            text = f"Something embedded from elsewhere was left out ({tag})."
            self.problems.append(Problem("embedded document", "", text, self.place))
        elif tag in {"svg", "canvas"}:
            self.problems.append(Problem("picture left out", "", "A drawing was left out.", self.place))
        words = (
            " ".join("".join(element.itertext()).split())
            if tag in {"svg", "noscript", "math", "object"}
            else ""
        )
        if words:
            self.words += len(words.split())
            self.dropped.append(Dropped(source=words, line=self.place, reason=f"inside <{tag}>"))

    def _picture(self, element: Any, state: State) -> None:
        shown = (element.get("alt") or "").strip()
        wide = _whole(element.get("width"), 100)
        if state.reason or wide <= 20 or (not shown and "alt" in element.attrib):
            return  # decoration says that it is none by an empty description
        text = f"A picture was left out{': ' + shown if shown else ''}. Add it in the editor."
        self.problems.append(Problem("picture left out", "", text[:300], self.place))


def read_web(data: bytes) -> Chapter:
    """A chapter from an HTML file. Raises UnreadableChapter and WordsLost."""
    text = decode(data)
    try:
        parser = html.HTMLParser(no_network=True, huge_tree=False, remove_pis=True, encoding="utf-8")
        root = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise UnreadableChapter("The page cannot be read as HTML.") from error
    page = Page()
    scripts = sum(1 for _ in root.iter("script", "style"))
    try:
        _mark_what_surrounds(root)
        page.element(root, State())
        page.flush(State())
    except RecursionError as error:
        raise UnreadableChapter("The page nests its parts too deeply to be a chapter.") from error
    if scripts:
        text = f"{scripts} script(s) or style sheet(s) of the page were not read."
        page.problems.append(Problem("scripts left out", "", text, 1))
    if len(page.lines) > MAXIMUM_LINES:
        raise UnreadableChapter("The page is too long to be one chapter.")
    if not page.lines:
        raise UnreadableChapter("The page has no text.")
    return read_lines(page.lines, words_in=page.words, left_out=page.dropped, problems=page.problems)


def decode(data: bytes) -> str:
    """The text of a page: as it declares (charset), else UTF-8. Raises UnreadableChapter."""
    if len(data) >= MAXIMUM_BYTES:
        raise UnreadableChapter(
            f"The page is {len(data) / 1_000_000:.1f} MB long; a chapter must be shorter than 5 MB."
        )
    if not data.strip():
        raise UnreadableChapter("The file is empty.")
    declared = re.search(rb"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", data[:4096])
    names = ["utf-8-sig"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names.insert(0, "utf-16")
    if declared:
        names.append(declared[1].decode("ascii").lower().replace("iso-8859-1", "windows-1252"))
    for name in names:
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\x00" in text:
            break
        return text
    raise UnreadableChapter(
        "The page is not UTF-8 text, nor what it says that it is. Save it again as UTF-8."
    )


def _mark_what_surrounds(root: Any) -> None:
    """Where a page says which part is its text (<main>, <article>), everything else surrounds it."""
    total = len(" ".join(root.itertext()).split())
    for found in (root.findall(".//main"), root.findall(".//*[@role='main']"), root.findall(".//article")):
        if len(found) == 1:
            main = found[0]
            if len(" ".join(main.itertext()).split()) * 3 < total:
                continue
            above = main
            while above.getparent() is not None:
                for sibling in above.getparent():
                    if sibling is not above and isinstance(sibling.tag, str):
                        sibling.set("data-surrounds", "1")
                above = above.getparent()
            return


def _in_heading(element: Any) -> bool:
    """Whether a button is the heading of a part that opens and closes."""
    above = (one.tag for one in element.iterancestors() if isinstance(one.tag, str))
    return element.tag == "button" and any(re.fullmatch("h[1-6]|summary", tag) for tag in above)


def _folded(element: Any) -> bool:
    """Whether what is hidden is only folded away: the part below a heading that opens it."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    before = element.getprevious()
    headed = (
        before is not None
        and isinstance(before.tag, str)
        and (
            re.fullmatch("h[1-6]|summary", before.tag)
            or before.find(".//h2") is not None
            or before.find(".//h3") is not None
        )
    )
    return bool(headed) or bool(FOLDED.search(named))


def _reason(element: Any, tag: str, style: str) -> str:
    """Why an element's text is left out, or nothing."""
    if element.get("data-surrounds"):
        return "page furniture"
    if (element.get("hidden") is not None or HIDDEN.search(style)) and not _folded(element):
        return "hidden on the page"
    if tag in FORMS - {"form"} and not _in_heading(element):
        return "button or field of a form"
    role = ROLES.get((element.get("role") or "").lower(), "")
    if role:
        return role
    if tag in AROUND:
        heads = tag == "header" and element.find(".//h1") is not None
        in_text = tag in {"header", "footer"} and any(
            isinstance(above.tag, str) and above.tag.lower() in {"article", "main", "section"}
            for above in element.iterancestors()
        )
        return "" if heads or (in_text and tag == "header") else AROUND[tag]
    if tag in {"div", "ul", "span", "p", "section", "ol", "a", "td"}:
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        words = len(" ".join(element.itertext()).split())
        if named.strip() and NAMES.search(named) and words <= 150 and element.find(".//h1") is None:
            return "menu" if re.search("nav|menu|crumb", named, re.I) else "page furniture"
    return ""


def _target(address: str) -> str:
    """The address of a link that may be kept: http, https, mail, telephone, or a place in this or another file."""
    address = "".join(character for character in address.strip() if character >= " ")
    if SAFE.match(address):
        return address
    return "" if SCHEME.match(address) or address.startswith("//") else address


def _text_and_spans(bits: list[Bit], *, emphasis: bool) -> tuple[str, tuple[Span, ...]]:
    text = ""
    spans: list[Span] = []
    for bit in bits:
        start = len(text)
        for word in re.split(r"(\s+)", bit.text):
            if word.isspace():
                text += "" if not text or text.endswith(" ") else " "
            else:
                text += visible(word)
        kinds = [("a", bit.target)] if bit.target else []
        kinds += [("b", "")] if bit.bold and emphasis else []
        kinds += [("i", "")] if bit.italic and emphasis else []
        if len(text) > start:
            spans += [Span(start, len(text), kind, target) for kind, target in kinds]
    shown = text.rstrip()
    return shown, tuple(joined(spans, len(shown)))


def _rows(table: Any) -> list[Any]:
    """The rows of a table, not those of tables inside it."""
    found = []
    for child in table:
        if not isinstance(child.tag, str):
            continue
        tag = child.tag.lower()
        if tag == "tr":
            found.append(child)
        elif tag in {"thead", "tbody", "tfoot"}:
            found += _rows(child)
    return found


def _lays_out(table: Any) -> bool:
    """Whether a table only places things on the page: one cell, a role that says so, or headings inside it."""
    if (table.get("role") or "").lower() in {"presentation", "none"}:
        return True
    rows = _rows(table)
    cells = [cell for row in rows for cell in row if isinstance(cell.tag, str)]
    if len(cells) <= 1:
        return True
    return any(table.find(f".//{tag}") is not None for tag in ("h1", "h2", "h3"))


def _heads_by_look(rows: list[Row]) -> bool:
    first = rows[0].cells
    return (
        len(rows) > 1
        and len(first) > 1
        and all(cell and len(cell.split()) <= 8 and not cell.endswith((".", ";")) for cell in first)
    )


def _whole(text: str | None, default: int) -> int:
    try:
        return max(1, min(int(re.sub(r"[^0-9-]", "", text or "")), 30_000))
    except ValueError:
        return default
