"""Workbooks for tests: written by the template, then changed as a clerk might change them."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from daxing_safety.criteria import Criteria, load_criteria
from daxing_safety.programme import NAME, Programme, load_programme
from daxing_safety.vocabulary import Discovery, RectificationStatus, Sheet
from daxing_safety.workbooks.checks import check
from daxing_safety.workbooks.columns import COLUMNS
from daxing_safety.workbooks.content import (
    CellError,
    CheckedWorkbook,
    Cover,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import write_workbook

TODAY = date(2021, 5, 20)
DUE_AT = datetime(2021, 5, 25, 17, 0)
HEADER_ROW, FIRST_ROW = 3, 4

Edit = Callable[[Workbook], None]


@cache
def plan() -> tuple[Programme, Criteria]:
    programme = load_programme()
    return programme, load_criteria(programme)


def cover_of(unit_name: str, sheets: tuple[Sheet, ...] = tuple(Sheet)) -> Cover:
    programme, criteria = plan()
    unit = programme.unit_named[unit_name]
    return Cover(
        programme=NAME,
        unit_code=unit.code,
        unit_name=unit.name,
        unit_full_name=unit.full_name,
        round_id=2,
        round_name="2021年第二季度",
        due_at=DUE_AT,
        criteria_revision=1,
        criteria_version=criteria.version,
        sheets=sheets,
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
    )


def content_of(
    unit_name: str, *problems: ProblemRow, sheets: tuple[Sheet, ...] = tuple(Sheet)
) -> WorkbookContent:
    """What a unit gets that has not reported anything yet but these problems."""
    programme, criteria = plan()
    titles = {task.no: task.title for task in programme.tasks}
    return WorkbookContent(
        cover=cover_of(unit_name, sheets),
        progress=tuple(
            ProgressRow(
                work_point_code=point.code,
                task=f"{point.task_no}. {titles[point.task_no]}",
                work_point=point.text,
                duty=dict(point.duties)[unit_name],
                due_on=point.due_on,
                evidence_required=point.evidence,
            )
            for point in programme.work_points
            if unit_name in dict(point.duties)
        ),
        findings=tuple(
            FindingRow(
                rule_code=rule.code,
                indicator=criteria.indicator[rule.indicator_code].name,
                points=criteria.indicator[rule.indicator_code].points,
                condition=rule.condition,
                kind=rule.kind,
                deduct=rule.deduct,
                per=rule.per,
                cap=rule.most or criteria.indicator[rule.indicator_code].points,
                comparison=rule.comparison,
                threshold=rule.threshold,
                is_verified=rule.is_verified,
            )
            for rule in criteria.rules_of_unit.get(unit_name, ())
        ),
        problems=problems,
    )


def problem(number: str = "", **changes: Any) -> ProblemRow:
    row = ProblemRow(
        number=number,
        rule_code="18-1",
        site="第一小学",
        description="校车没有装卫星定位",
        count=2,
        discovery=Discovery.SELF_CHECK,
        found_on=date(2021, 4, 12),
        target="全部装上并接入平台",
        measure="与运营公司签订补充协议，逐辆安装",
        responsible="王建国",
        due_on=date(2021, 6, 30),
        status=RectificationStatus.IN_PROGRESS,
    )
    return row._replace(**changes)


# ---- what a clerk does to a workbook --------------------------------------------------------


def workbook(content: WorkbookContent, *edits: Edit) -> bytes:
    """The unit's workbook after these edits, as it is uploaded."""
    out = io.BytesIO()
    write_workbook(content, out)
    if not edits:
        return out.getvalue()
    book = load_workbook(out)
    for edit in edits:
        edit(book)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def check_after(content: WorkbookContent, *edits: Edit, today: date = TODAY) -> CheckedWorkbook:
    """What the office says of the unit's workbook after these edits."""
    return check(read_workbook(workbook(content, *edits)), content, today)


def fill(code: str, **cells: Any) -> Edit:
    """Fills cells of the row with this code: a work point's, a rule's or a problem's."""

    def edit(book: Workbook) -> None:
        for sheet in Sheet:
            if sheet.value in book.sheetnames:
                page = book[sheet.value]
                for row in range(FIRST_ROW, page.max_row + 1):
                    if page.cell(row, 1).value == code and _knows(sheet, cells):
                        write(page, sheet, row, cells)

    return edit


def add_problem(**cells: Any) -> Edit:
    """A complete new problem in the first blank row, but for what is given here."""
    row = problem()
    said = {
        "rule_code": row.rule_code,
        "site": "第二小学",
        "description": row.description,
        "count": row.count,
        "discovery": row.discovery.value,
        "found_on": row.found_on,
        "target": row.target,
        "measure": row.measure,
        "responsible": row.responsible,
        "due_on": row.due_on,
        "status": row.status.value,
    } | cells

    def edit(book: Workbook) -> None:
        page = book[Sheet.RECTIFICATION.value]
        blank = next(at for at in range(FIRST_ROW, 10_000) if page.cell(at, 2).value is None)
        write(page, Sheet.RECTIFICATION, blank, said)

    return edit


def write(page: Worksheet, sheet: Sheet, row: int, cells: dict[str, Any]) -> None:
    for key, value in cells.items():
        cell = page.cell(row, place_of(sheet, key))
        cell.value = value
        if isinstance(value, str) and value.startswith("=") and not isinstance(value, Formula):
            cell.data_type = "s"


class Formula(str):
    """To be written as a formula; any other text stays a text."""


def place_of(sheet: Sheet, key: str) -> int:
    return [column.key for column in COLUMNS[sheet]].index(key) + 1


def _knows(sheet: Sheet, keys: dict[str, Any]) -> bool:
    return set(keys) <= {column.key for column in COLUMNS[sheet]}


def on_sheet(sheet: Sheet, change: Callable[[Worksheet], object]) -> Edit:
    return lambda book: change(book[sheet.value])


def told(errors: tuple[CellError, ...]) -> list[str]:
    """As people are told: 问题整改!F7 …"""
    return [f"{each.sheet}!{each.cell} {each.message}" for each in errors]


# ---- what a program may do to a file ----------------------------------------------------------


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes | None]) -> bytes:
    """One part of the package changed, added (from b"") or, with None, taken out."""
    parts = parts_of(data)
    changed = change(parts.get(name, b""))
    if changed is None:
        del parts[name]
    else:
        parts[name] = changed
    return zipped(parts)


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same parts always give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


PROBLEM_SHEET_PART = "xl/worksheets/sheet4.xml"


def with_problem_sheet(data: bytes, pattern: str, replacement: str) -> bytes:
    """The XML of 问题整改 with the first match replaced; there must be one."""

    def change(content: bytes) -> bytes:
        changed, count = re.subn(pattern.encode(), replacement.encode(), content, count=1)
        assert count == 1
        return changed

    return with_part(data, PROBLEM_SHEET_PART, change)
