"""Rows to .xlsx and .xlsx to rows: the one module that knows openpyxl.

Text stays text. Every text cell is typed as a string and carries Excel's "quote prefix", so nothing that a
person typed becomes a formula, neither on opening nor when somebody edits the cell. Dates and numbers stay
typed. Text comes back from `read_rows` as it went in, but for characters that no workbook can hold and for
line ends, which become a line feed as Excel itself writes them.
"""

import math
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal
from zoneinfo import ZoneInfo

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

Kind = Literal["text", "date", "number"]
Target = str | Path | IO[bytes]

MARKING = "OFFICIAL-SENSITIVE"
LONDON = ZoneInfo("Europe/London")
DATE_FORMAT = "dd/mm/yyyy"
DATETIME_FORMAT = "dd/mm/yyyy hh:mm"
FIRST_EXCEL_DAY = date(1900, 3, 1)  # before it Excel's calendar has a day that never was
LARGEST_EXACT_NUMBER = 10**15
LONGEST_TEXT = 32_767  # UTF-16 units in one cell, Excel's own limit
CUT_MARK = " [cut: too long for a cell]"

MOST_PARTS = 2_000
MOST_UNPACKED_BYTES = 50_000_000
SMALL_ENOUGH_BYTES = 5_000_000
MOST_COMPRESSION = 100
MOST_CELLS = 5_000_000

_ILLEGAL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class WorkbookRefused(ValueError):
    """A file that is no workbook, or too big a one; the message is a sentence for the person."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width in characters, and what its cells hold."""

    heading: str
    width: float = 20
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title, its columns, and rows with one value for each column (None is an empty cell)."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def clean_text(text: str) -> str:
    """The text as a cell can hold it: line ends as line feeds, characters that XML forbids left out."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def write_workbook(sheets: Iterable[Sheet], target: Target) -> None:
    """Write the sheets in order to a path or an open binary stream.

    A file appears under its path only when it is complete. Raises ValueError for no sheets, or for a row that
    has not exactly one value per column.
    """
    if not isinstance(target, str | Path):
        _write(sheets, target)
        return
    path = Path(target)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-", suffix=".xlsx")
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(sheets, stream)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _write(sheets: Iterable[Sheet], stream: IO[bytes]) -> None:
    book = Workbook(write_only=True)
    book.properties.creator = "Safeguarding portal"
    try:
        for sheet in sheets:
            _add_sheet(book, sheet)
        if not book.worksheets:
            raise ValueError("A workbook needs at least one sheet.")
        book.save(stream)
    except BaseException:
        _remove_unfinished_rows(book)
        raise


def _remove_unfinished_rows(book: Any) -> None:
    """openpyxl keeps each sheet's rows in a temporary file until the workbook is saved; leave none behind."""
    for page in book.worksheets:
        writer = page._writer
        if writer is not None and os.path.exists(writer.out):
            if page._rows is not None:
                page._rows.close()
            writer.close()
            writer.cleanup()


def _add_sheet(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(_free_title(sheet.title, book.sheetnames))
    for number, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddHeader.center.text = MARKING
    page.oddFooter.left.text = "&A"
    page.oddFooter.right.text = "Page &P of &N"
    styles = _Styles(page)
    page.append([styles.heading(column.heading) for column in sheet.columns])
    count = 1
    for row in sheet.rows:
        page.append(
            [styles.cell(value, column.kind) for value, column in zip(row, sheet.columns, strict=True)]
        )
        count += 1
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count}"


def _free_title(title: str, taken: Sequence[str]) -> str:
    """A title that Excel takes: 31 characters, none of []:*?/\\, no outer apostrophe, not used before."""
    plain = re.sub(r"[\[\]:*?/\\\n\t]", " ", clean_text(title)).strip(" '")[:31].strip(" '") or "Sheet"
    lowered = {name.lower() for name in taken} | {"history"}
    candidate, number = plain, 2
    while candidate.lower() in lowered:
        ending = f" {number}"
        candidate, number = plain[: 31 - len(ending)] + ending, number + 1
    return candidate


class _Styles:
    """Makes the cells of one sheet; a style is worked out once and copied, which is what makes rows cheap."""

    def __init__(self, page: Any) -> None:
        self.page = page
        top = Alignment(vertical="top", wrap_text=True)
        self.text = self._style(alignment=top, quote=True)
        self.number = self._style(alignment=top)
        self.date = self._style(alignment=top, number_format=DATE_FORMAT)
        self.datetime = self._style(alignment=top, number_format=DATETIME_FORMAT)
        self.head = self._style(alignment=top, quote=True, bold=True)

    def _style(
        self, *, alignment: Alignment, number_format: str = "", quote: bool = False, bold: bool = False
    ) -> Any:
        cell: Any = WriteOnlyCell(self.page)
        cell.alignment = alignment
        if number_format:
            cell.number_format = number_format
        if quote:
            cell.quotePrefix = True
        if bold:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="D9E2EC")
        return cell._style

    def heading(self, text: str) -> Any:
        return self._text_cell(text, self.head)

    def cell(self, value: Any, kind: Kind) -> Any:
        """The cell for a value: typed where its column says so and Excel can hold it, else text."""
        if value is None:
            return None
        if kind == "date" and isinstance(value, date):
            return self._date_cell(value)
        if kind == "number" and _is_plain_number(value):
            return self._styled(value, self.number)
        return self._text_cell(str(value), self.text)

    def _date_cell(self, value: date) -> Any:
        if isinstance(value, datetime):
            local = value.astimezone(LONDON).replace(tzinfo=None) if value.tzinfo else value
            if local.date() >= FIRST_EXCEL_DAY:
                return self._styled(local.replace(microsecond=0), self.datetime)
        elif value >= FIRST_EXCEL_DAY:
            return self._styled(value, self.date)
        return self._text_cell(value.isoformat(), self.text)

    def _text_cell(self, text: str, style: Any) -> Any:
        cell: Any = WriteOnlyCell(self.page, value="")
        cell._value = _storable(text)  # assigning .value would guess: "=1" a formula, "#N/A" an error
        cell.data_type = "s"
        cell._style = copy(style)
        return cell

    def _styled(self, value: Any, style: Any) -> Any:
        cell: Any = WriteOnlyCell(self.page, value=value)
        cell._style = copy(style)
        return cell


def _is_plain_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return math.isfinite(value) and -LARGEST_EXACT_NUMBER < value < LARGEST_EXACT_NUMBER


def _storable(text: str) -> str:
    """Cleaned, cut where Excel would call the file damaged, `_x0041_` kept from being read as `A`."""
    stored = _ESCAPE.sub("_x005F_", clean_text(text))
    if len(stored) * 2 > LONGEST_TEXT:  # cheap test first: no character takes more than two units
        units = stored.encode("utf-16-le")
        if len(units) > LONGEST_TEXT * 2:
            room = (LONGEST_TEXT - len(CUT_MARK)) * 2
            stored = units[:room].decode("utf-16-le", errors="ignore") + CUT_MARK
    return stored


def sheet_names(source: str | Path | IO[bytes]) -> list[str]:
    """The names of a workbook's sheets, in order. Raises WorkbookRefused as read_rows does."""
    _refuse_bombs(source)
    try:
        book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        names = [page.title for page in book.worksheets]
        book.close()
    except Exception as error:  # as in read_rows
        raise WorkbookRefused("The file cannot be read as an Excel workbook (.xlsx).") from error
    return names


def read_rows(source: str | Path | IO[bytes], sheet: str | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of one sheet (the first, or the one named), heading row included, as typed values.

    A formula gives the value last computed for it. Raises WorkbookRefused for anything that is no readable
    workbook and, before unpacking any of it, for one that would unpack to more than ours ever do.
    Rows that stop early are filled with None to the width of the heading row.
    """
    _refuse_bombs(source)
    cells = width = 0
    try:
        book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
        try:
            if sheet is not None and sheet not in book.sheetnames:
                raise WorkbookRefused(f"The workbook has no sheet called “{sheet}”.")
            page = book[sheet] if sheet is not None else book.worksheets[0]
            page.reset_dimensions()
            for row in page.iter_rows(values_only=True):
                cells += max(len(row), 1)
                if cells > MOST_CELLS:
                    raise WorkbookRefused("The workbook has too many cells to be one of ours.")
                width = width or len(row)
                yield tuple(_as_written(value) for value in row) + (None,) * (width - len(row))
        finally:
            book.close()
    except WorkbookRefused:
        raise
    except Exception as error:  # openpyxl lets a dozen kinds through on damaged files, zlib.error among them
        raise WorkbookRefused("The file cannot be read as an Excel workbook (.xlsx).") from error


def _refuse_bombs(source: str | Path | IO[bytes]) -> None:
    """Look at the zip's table of contents only: how many parts, and what they say they unpack to."""
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WorkbookRefused("The file is not an Excel workbook (.xlsx).") from error
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    dense = unpacked > SMALL_ENOUGH_BYTES and unpacked > MOST_COMPRESSION * packed
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or dense:
        raise WorkbookRefused("The workbook would unpack to far more than it should, so it was not opened.")


def _as_written(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
    return value
