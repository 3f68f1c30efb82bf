"""Excel sheets to take away and to print: title, note, Chinese headers, exact values."""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None

HEADER_ROW = 2
NARROWEST, WIDEST = 8, 46  # characters of a column
LINE = 15  # points of a row's height
A4 = 9


class Column(NamedTuple):
    """Without a width it is as wide as what stands in it."""

    name: str
    width: int | None = None


class Sheet(NamedTuple):
    """`signatures` is what stands below the last row; `held` columns stay when one scrolls."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    signatures: str = ""
    is_filtered: bool = False
    held: int = 0


def workbook(title: str, note: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    return workbook_of([Sheet("数据", title, note, columns(*header), rows)])


def columns(*names: str) -> tuple[Column, ...]:
    return tuple(map(Column, names))


def workbook_of(sheets: Sequence[Sheet], *, is_long: bool = False) -> bytes:
    """A long one goes through the disk row by row: a hundred thousand need half a gigabyte else."""
    from xlsxwriter import Workbook  # only downloads need it

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    options["constant_memory" if is_long else "in_memory"] = True
    book = Workbook(out, options)
    for each in sheets:
        _write(book, book.add_worksheet(each.name), each)
    book.close()
    return out.getvalue()


def _write(book: "Workbook", sheet: "Worksheet", found: Sheet) -> None:
    _write_title(book, sheet, found)
    _write_header(book, sheet, found.columns)
    _write_rows(book, sheet, found.rows)
    if found.signatures:
        foot = HEADER_ROW + len(found.rows) + 3
        sheet.write_string(foot, 0, found.signatures, book.add_format({"font_size": 11}))
    for place, width in enumerate(_widths(found.columns, found.rows)):
        sheet.set_column(place, place, width)
    if found.is_filtered:
        last = HEADER_ROW + len(found.rows)
        sheet.autofilter(HEADER_ROW, 0, last, len(found.columns) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, found.held)
    _set_up_print(sheet)


def _write_title(book: "Workbook", sheet: "Worksheet", found: Sheet) -> None:
    """In the middle of a sheet laid out by hand; columns as wide as needed may be too narrow."""
    if all(column.width for column in found.columns):
        centred = {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}
        last = len(found.columns) - 1
        sheet.merge_range(0, 0, 0, last, found.title, book.add_format(centred))
        sheet.set_row(0, 30)
    else:
        sheet.write_string(0, 0, found.title, book.add_format({"bold": True, "font_size": 14}))
    _write_note(book, sheet, found)


def _write_note(book: "Workbook", sheet: "Worksheet", found: Sheet) -> None:
    look = {"font_size": 10, "font_color": "#5C6B80"}
    lines = found.note.split("\n")
    if len(lines) == 1:
        sheet.write_string(1, 0, found.note, book.add_format(look))
        return
    room = sum(_widths(found.columns, found.rows))
    height = LINE * sum(ceil(_width(line) / room) for line in lines)
    wrapped = book.add_format(look | {"text_wrap": True, "valign": "top"})
    sheet.merge_range(1, 0, 1, len(found.columns) - 1, found.note, wrapped)
    sheet.set_row(1, height)


def _write_header(book: "Workbook", sheet: "Worksheet", columns: Sequence[Column]) -> None:
    named = {"bold": True, "border": 1, "bg_color": "#E8EEF7", "text_wrap": True}
    cell = book.add_format(named | {"align": "center", "valign": "vcenter"})
    for place, column in enumerate(columns):
        sheet.write_string(HEADER_ROW, place, column.name, cell)


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


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Iterator[int]:
    for place, column in enumerate(columns):
        yield column.width or _measured([column.name, *(str(row[place]) for row in rows)])


def _measured(texts: Sequence[str]) -> int:
    return min(max(max(map(_width, texts)) + 2, NARROWEST), WIDEST)


def _width(text: str) -> int:
    """A Chinese character is as wide as two letters."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _set_up_print(sheet: "Worksheet") -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
