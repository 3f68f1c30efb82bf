"""Figures' numbers as small Excel sheets: title, note, Chinese headers, exact values."""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None

HEADER_ROW = 2
NARROWEST, WIDEST = 8, 46  # characters of a column
A4 = 9


class Sheet(NamedTuple):
    name: str
    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(title: str, note: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    return workbook_of([Sheet("数据", title, note, header, rows)])


def workbook_of(sheets: Sequence[Sheet]) -> bytes:
    from xlsxwriter import Workbook  # only downloads need it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    for each in sheets:
        sheet = book.add_worksheet(each.name)
        _write_head(book, sheet, each.title, each.note, each.header)
        _write_rows(book, sheet, each.rows)
        for place, width in enumerate(_widths(each.header, each.rows)):
            sheet.set_column(place, place, width)
        _set_up_print(sheet)
    book.close()
    return out.getvalue()


def _write_head(
    book: "Workbook", sheet: "Worksheet", title: str, note: str, header: Sequence[str]
) -> None:
    named = {"bold": True, "border": 1, "bg_color": "#E8EEF7", "text_wrap": True}
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, note, book.add_format({"font_size": 10, "font_color": "#5C6B80"}))
    cell = book.add_format(named | {"align": "center", "valign": "vcenter"})
    for place, name in enumerate(header):
        sheet.write_string(HEADER_ROW, place, name, cell)


def _write_rows(book: "Workbook", sheet: "Worksheet", rows: Sequence[Sequence[Cell]]) -> None:
    base = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
    text = book.add_format(base)
    number = book.add_format(base | {"num_format": "0.00"})
    whole = book.add_format(base | {"num_format": "0"})
    day = book.add_format(base | {"num_format": "yyyy-mm-dd"})

    def write(row: int, place: int, cell: Cell) -> Any:
        match cell:
            case None:
                return sheet.write_blank(row, place, None, text)
            case Decimal():
                return sheet.write_number(row, place, float(cell), number)
            case int():
                return sheet.write_number(row, place, cell, whole)
            case date():
                return sheet.write_datetime(row, place, cell, day)
        return sheet.write_string(row, place, cell, text)

    for at, cells in enumerate(rows, start=HEADER_ROW + 1):
        for place, cell in enumerate(cells):
            write(at, place, cell)


def _widths(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[int]:
    for place, name in enumerate(header):
        longest = max(_width(text) for text in (name, *(str(row[place]) for row in rows)))
        yield min(max(longest + 2, NARROWEST), WIDEST)


def _width(text: str) -> int:
    """A Chinese character is as wide as two letters."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _set_up_print(sheet: "Worksheet") -> None:
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
