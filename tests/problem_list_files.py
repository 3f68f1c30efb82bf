"""问题整改清单 for tests: exported, changed as people change them in Excel, handed in."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlmodel import Session

from daxing_safety.actions import problem_imports
from daxing_safety.models import User
from daxing_safety.reports.problems import export as problem_export
from daxing_safety.reports.problems.filters import Filters, Sort
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, PROBLEM_LIST
from daxing_safety.workbooks.problem_list.content import CheckedList
from daxing_safety.workbooks.problem_list.template import list_bytes
from daxing_safety.workbooks.reading import read_workbook

NOW = datetime(2021, 5, 20, 10, 0)
HEADER_ROW, FIRST_ROW = 3, 4
PLACE = {column.key: place for place, column in enumerate(LIST_COLUMNS, 1)}

Edit = Callable[[Workbook], None]


def exported(session: Session, by: User, filters: Filters | None = None) -> bytes:
    asked = filters or Filters(sort=Sort.NUMBER)
    session.flush()
    return list_bytes(problem_export.content(session, viewer=by, filters=asked, now=NOW))


def edited(data: bytes, *edits: Edit) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for edit in edits:
        edit(book)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def fill(number: str, /, **cells: Any) -> Edit:
    """Other content for cells of the row of this problem."""
    return lambda book: _write(_page(book), row_of(book, number), cells)


def add(**cells: Any) -> Edit:
    """A complete new problem of 区水务局 in the first blank row, but for what is given here."""
    said = {
        "unit": "区水务局",
        "rule_code": "4-1",
        "site": "兴华大街二段3号院",
        "description": "消火栓被圈占",
        "count": 2,
        "discovery": "督查检查",
        "found_on": NOW.date(),
    } | cells

    def edit(book: Workbook) -> None:
        page = _page(book)
        blank = next(at for at in range(FIRST_ROW, 9999) if page.cell(at, 2).value is None)
        _write(page, blank, said)

    return edit


def row_of(book: Workbook, number: str) -> int:
    page = _page(book)
    return next(at for at in range(FIRST_ROW, 9999) if page.cell(at, 1).value == number)


def _page(book: Workbook) -> Worksheet:
    return book[PROBLEM_LIST]


def _write(page: Worksheet, row: int, cells: dict[str, Any]) -> None:
    for key, value in cells.items():
        cell = page.cell(row, PLACE[key])
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"


def check(session: Session, data: bytes, *, by: User, now: datetime = NOW) -> CheckedList:
    return problem_imports.check(session, raw=read_workbook(data), data=data, by=by, now=now)


def hand_in(
    session: Session, data: bytes, *, by: User, now: datetime = NOW
) -> problem_imports.ListReceipt:
    return problem_imports.submit(
        session, raw=read_workbook(data), data=data, file_name="清单.xlsx", by=by, now=now
    )


def told(checked: CheckedList) -> list[str]:
    """As people are told: F4 处数…"""
    return [f"{fault.cell} {fault.message}" for fault in checked.errors]
