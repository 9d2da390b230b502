"""Reading a workbook back, as the person who opens it would."""

from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from portal.accounts.models import Membership
from tests.cast import client_for


def open_book(content: bytes | Path) -> Workbook:
    return load_workbook(BytesIO(content) if isinstance(content, bytes) else content)


def rows(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet under their headings."""
    head, *body = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


def every_text(book: Workbook) -> str:
    """Everything that stands in any cell."""
    return "\n".join(
        str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row
    )


def cover(book: Workbook) -> dict[str, Any]:
    """The cover as label and value; the last one of labels that come more than once."""
    return {str(label): value for label, value in book["Cover"].iter_rows(min_row=2, values_only=True)}


def ask(member: Membership, quarter: str = "2026-27-Q3") -> str:
    """The address of the page that watches the workbook which this person has just asked for."""
    response: Any = client_for(member).post(f"/quarters/{quarter}/export/")
    assert response.status_code == 302, response.status_code
    return str(response["Location"])


def fetch(member: Membership, page: str) -> Any:
    return client_for(member).get(f"{page}file/")
