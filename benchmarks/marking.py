"""The marked return of a workbook, against openpyxl's own loading and saving of it."""

import io

from openpyxl import load_workbook

from benchmarks.importing import UNIT, filled_in
from benchmarks.timing import Result, median_ms
from daxing_safety import database, settings
from daxing_safety.actions import submissions
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role, Sheet
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.content import CheckedWorkbook
from daxing_safety.workbooks.reading import read_workbook

ROWS, FAULTS = 300, 50
FIRST_ROW, COUNT_COLUMN = 4, 5
RUNS = 7


def results() -> list[Result]:
    """Needs a database with an open round."""
    data = _faulty()
    checked = _checked(data)
    assert len(checked.errors) == FAULTS, checked.errors
    floor = median_ms(lambda: _floor(data), RUNS)
    marked = median_ms(lambda: annotate(data, checked), RUNS)
    name = f"{ROWS} rows, {FAULTS} faults: the marked workbook"
    return [Result(name, marked, "openpyxl: load and save", floor, 2)]


def _faulty() -> bytes:
    book, out = load_workbook(io.BytesIO(filled_in(UNIT, ROWS))), io.BytesIO()
    sheet = book[Sheet.RECTIFICATION.value]
    rows = [row for row in sheet.iter_rows(min_row=FIRST_ROW) if row[1].value and not row[0].value]
    for row in rows[:: ROWS // FAULTS]:
        row[COUNT_COLUMN - 1].value = "若干"
    book.save(out)
    return out.getvalue()


def _checked(data: bytes) -> CheckedWorkbook:
    with database.reading() as session:
        return submissions.check(
            session, raw=read_workbook(data), by=operator(Role.OFFICE), today=settings.today()
        )


def _floor(data: bytes) -> None:
    book = load_workbook(io.BytesIO(data))
    book.save(io.BytesIO())
