"""Workbooks: text stays text, dates stay dates, and a bomb stays shut."""

import contextlib
import io
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.spreadsheet import (
    LONGEST_TEXT,
    MARKING,
    Column,
    Sheet,
    WorkbookRefused,
    clean_text,
    read_rows,
    write_workbook,
)

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook_of(
    *rows: Sequence[Any], columns: Sequence[Column] | None = None, title: str = "Actions"
) -> io.BytesIO:
    stream = io.BytesIO()
    width = len(rows[0]) if rows else 1
    write_workbook([Sheet(title, columns or [Column(f"Column {n}") for n in range(width)], rows)], stream)
    stream.seek(0)
    return stream


def cells_in(stream: io.BytesIO) -> list[ElementTree.Element]:
    with zipfile.ZipFile(stream) as archive:
        return list(ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{MAIN}c"))


anything = st.text(st.characters(), max_size=80)


@given(anything)
@example("=1+1")
@example("+44 1632 960000")
@example("-5")
@example("@SUM(A1)")
@example("\t=1+1")
@example("\r=1+1")
@example('=HYPERLINK("http://x")')
@example("#N/A")
@example("  two spaces first, and last  ")
@example("_x0041_ and _x005F_")
@example("line\r\nline\nline\rline")
@example("\x00\x01\x0b\x1f￾￿")
@example("\ud800 half a pair")
@example("2026-11-02")
@example("007")
def test_text_comes_back_as_it_went_in(text: str) -> None:
    stream = workbook_of([text])
    assert list(read_rows(stream))[1] == (clean_text(text) or None,)


@given(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(["=", "+", "-", "@", "\t", "\r", "|", "%"]),
)
def test_no_text_becomes_a_formula_whatever_it_starts_with(text: str, start: str) -> None:
    stream = workbook_of([start + text])
    for cell in cells_in(stream):
        assert cell.get("t") == "inlineStr"
        assert cell.find(f"{MAIN}f") is None
    value = load_workbook(stream).active["A2"]
    assert value.data_type != "f"
    assert value.quotePrefix


def test_text_that_looks_like_a_number_or_an_error_stays_text() -> None:
    stream = workbook_of(["007", "#N/A", "TRUE", "1e5"])
    assert {cell.get("t") for cell in cells_in(stream)} == {"inlineStr"}
    assert list(read_rows(stream))[1] == ("007", "#N/A", "TRUE", "1e5")


def test_a_heading_that_looks_like_a_formula_is_text_too() -> None:
    stream = workbook_of(["x"], columns=[Column("=1+1")])
    assert next(iter(read_rows(stream))) == ("=1+1",)


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    text = list(read_rows(workbook_of(["😀" * 40_000])))[1][0]
    assert text.endswith("[cut: too long for a cell]")
    assert len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert list(read_rows(workbook_of(["a" * LONGEST_TEXT])))[1][0] == "a" * LONGEST_TEXT


def test_dates_and_numbers_are_typed() -> None:
    columns = [Column("Due", kind="date"), Column("Sent", kind="date"), Column("Count", kind="number")]
    stream = workbook_of([date(2026, 12, 4), datetime(2026, 7, 1, 16, 0, tzinfo=UTC), 3], columns=columns)
    due, sent, count = list(read_rows(stream))[1]
    assert due == datetime(2026, 12, 4)
    assert sent == datetime(2026, 7, 1, 17, 0), "shown in London time"
    assert count == 3
    shown = load_workbook(stream).active
    assert shown["A2"].number_format == "dd/mm/yyyy"
    assert shown["B2"].number_format == "dd/mm/yyyy hh:mm"
    assert shown["C2"].data_type == "n"


@given(st.dates(date(1900, 3, 1), date(2200, 1, 1)))
def test_any_date_comes_back_as_that_date(day: date) -> None:
    assert list(read_rows(workbook_of([day], columns=[Column("Day", kind="date")])))[1][0].date() == day


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("date", "not yet known", "not yet known"),
        ("date", "=TODAY()", "=TODAY()"),
        ("date", date(1899, 5, 1), "1899-05-01"),
        ("number", "=1", "=1"),
        ("number", float("inf"), "inf"),
        ("number", 12345678901234567890, "12345678901234567890"),
        ("number", True, "True"),
        ("text", 12, "12"),
        ("text", date(2026, 12, 4), "2026-12-04"),
    ],
)
def test_what_excel_cannot_hold_as_typed_is_written_as_text(kind: Any, value: Any, text: str) -> None:
    stream = workbook_of([value], columns=[Column("Anything", kind=kind)])
    assert list(read_rows(stream))[1] == (text,)
    assert cells_in(stream)[1].get("t") == "inlineStr"


def test_a_decimal_is_a_number() -> None:
    columns = [Column("Share", kind="number")]
    assert list(read_rows(workbook_of([Decimal("0.25")], columns=columns)))[1] == (0.25,)


def test_nothing_is_an_empty_cell_and_rows_keep_their_width() -> None:
    assert list(read_rows(workbook_of(["a", None, None])))[1] == ("a", None, None)


def test_a_sheet_without_rows_still_has_its_headings() -> None:
    stream = io.BytesIO()
    write_workbook([Sheet("Actions", [Column("Action"), Column("Due")], [])], stream)
    assert list(read_rows(stream)) == [("Action", "Due")]


def test_the_page_is_ready_to_read_and_to_print() -> None:
    page = load_workbook(workbook_of(["a", "b"], columns=[Column("Action", 40), Column("Due", 12)])).active
    assert page["A1"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B2"
    assert page.column_dimensions["A"].width == 40
    assert page["A2"].alignment.wrap_text
    assert page.page_setup.orientation == "landscape"
    assert page.oddHeader.center.text == MARKING == "OFFICIAL-SENSITIVE"
    assert page.oddFooter.right.text == "Page &P of &N"
    assert page.print_title_rows == "$1:$1"


def test_sheet_titles_that_excel_refuses_are_made_good_and_kept_apart() -> None:
    stream = io.BytesIO()
    titles = ["Health: A/B?", "Health: A/B?", "'quoted'", "", "History", "x" * 60, "x" * 60]
    write_workbook([Sheet(title, [Column("A")], []) for title in titles], stream)
    written = load_workbook(stream).sheetnames
    assert len({title.lower() for title in written}) == len(titles)
    assert all(0 < len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in written)
    assert written[0] == "Health  A B"
    assert written[4] != "History"


def test_a_named_sheet_is_read() -> None:
    stream = io.BytesIO()
    write_workbook([Sheet("Cover", [Column("A")], []), Sheet("Actions", [Column("B")], [["b"]])], stream)
    assert list(read_rows(stream, "Actions")) == [("B",), ("b",)]
    with pytest.raises(WorkbookRefused, match="no sheet called “Elsewhere”"):
        list(read_rows(stream, "Elsewhere"))


def test_a_row_with_a_value_too_many_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "actions.xlsx"
    with pytest.raises(ValueError, match="shorter"):
        write_workbook([Sheet("Actions", [Column("A")], [["a", "b"]])], target)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_row_leaves_the_earlier_workbook_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    target = tmp_path / "actions.xlsx"
    write_workbook([Sheet("Actions", [Column("A")], [["kept"]])], target)

    def rows() -> Iterator[list[str]]:
        yield ["half"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_workbook([Sheet("Actions", [Column("A")], rows())], target)
    assert list(read_rows(target))[1] == ("kept",)
    assert list(scratch.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["actions.xlsx"]


def test_a_workbook_without_sheets_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sheet"):
        write_workbook([], io.BytesIO())


def bomb(parts: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def test_a_zip_bomb_is_refused_at_once_and_unopened() -> None:
    stream = bomb({"xl/worksheets/sheet1.xml": b"<c/>" * 200_000_00})
    started = time.perf_counter()
    with pytest.raises(WorkbookRefused, match="would unpack"):
        list(read_rows(stream))
    assert time.perf_counter() - started < 0.5


def test_a_dense_zip_below_the_size_limit_is_refused_too() -> None:
    with pytest.raises(WorkbookRefused, match="would unpack"):
        list(read_rows(bomb({"xl/sharedStrings.xml": b"0" * 8_000_000})))


def test_a_zip_of_thousands_of_parts_is_refused() -> None:
    with pytest.raises(WorkbookRefused, match="would unpack"):
        list(read_rows(bomb({f"xl/{n}.xml": b"" for n in range(2_500)})))


def test_a_sheet_that_claims_a_billion_empty_cells_is_refused() -> None:
    stream = workbook_of(["a"])
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    far = b"".join(b'<row r="%d"><c r="XFD%d" t="n"><v>1</v></c></row>' % (row, row) for row in range(3, 500))
    parts[name] = parts[name].replace(b"</sheetData>", far + b"</sheetData>")
    with pytest.raises(WorkbookRefused, match="too many cells"):
        list(read_rows(bomb(parts)))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0 old .xls", b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(WorkbookRefused, match="not an Excel workbook"):
        list(read_rows(io.BytesIO(content)))


def test_a_zip_that_is_no_workbook_is_refused_with_a_sentence() -> None:
    with pytest.raises(WorkbookRefused, match="cannot be read"):
        list(read_rows(bomb({"readme.txt": b"hello"})))


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused):
        list(read_rows(tmp_path / "nowhere.xlsx"))


SOUND = workbook_of(["text", "=1+1"]).getvalue()


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WorkbookRefused):
        list(read_rows(io.BytesIO(bytes(content))))
