"""Checks a workbook that came back, whole: all faults at once, each with cell and cure.

Works on rows already read, in plain Python and without input or output, so that it can run in
the server's process. Nothing here stores anything; with errors, the rows are not to be stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from daxing_safety.vocabulary import Discovery, Sheet
from daxing_safety.workbooks import agreement, remarks
from daxing_safety.workbooks.cells import clean_text, is_empty, squeezed
from daxing_safety.workbooks.columns import COLUMNS, TOTAL, Column, Filled, Kind, plain_header
from daxing_safety.workbooks.content import (
    CheckedWorkbook,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.identity import GET_A_NEW_ONE, Identity, identity_of
from daxing_safety.workbooks.inspection import Entry, Inspection, Table
from daxing_safety.workbooks.reading import RawSheet, RawWorkbook


def identify(raw: RawWorkbook) -> Identity:
    """Whose workbook it is; raises BadInput when it is not one of ours or too old."""
    return identity_of(raw.meta)


def check(raw: RawWorkbook, expected: WorkbookContent, today: date) -> CheckedWorkbook:
    """`expected` is what the unit's workbook of that round would hold if made now.

    Its findings are all rules of the unit, also where the sheet 自评打分 is not asked for.
    """
    inspection = Inspection(raw, identify(raw), expected, today)
    for each in CHECKS:
        each(inspection)
        if each in STOPS and inspection.errors:
            break
    identity, tables = inspection.identity, inspection.tables
    return CheckedWorkbook(
        unit_code=identity.unit_code,
        unit_name=identity.unit_name,
        round_id=identity.round_id,
        round_name=identity.round_name,
        criteria_revision=identity.criteria_revision,
        progress=_rows(tables.get(Sheet.PROGRESS)),
        findings=_rows(tables.get(Sheet.SELF_ASSESSMENT)),
        problems=_rows(tables.get(Sheet.RECTIFICATION)),
        errors=tuple(inspection.errors),
        warnings=tuple(inspection.warnings),
        readings=tuple(inspection.readings),
    )


def _rows(table: Table | None) -> tuple:
    return tuple([entry.row for entry in table.entries]) if table else ()


# ---- is it ours -----------------------------------------------------------------------------


def belongs_to_this_unit_and_round(inspection: Inspection) -> None:
    identity, cover = inspection.identity, inspection.expected.cover
    if identity.unit_code != cover.unit_code:
        inspection.refuse(
            f"这份填报表属于“{identity.unit_name}”，不是“{cover.unit_name}”的",
            f"请上传“{cover.unit_name}”的填报表。",
        )
    if (identity.programme, identity.round_id) != (cover.programme, cover.round_id):
        inspection.refuse(
            f"这份填报表是“{identity.round_name}”的，现在要报的是“{cover.round_name}”", GET_A_NEW_ONE
        )
    if identity.criteria_revision != cover.criteria_revision:
        inspection.refuse("评价细则在这份填报表下载之后作了修订", GET_A_NEW_ONE)


# ---- are the sheets and headers there -------------------------------------------------------


def has_every_sheet(inspection: Inspection) -> None:
    raw = inspection.raw
    for sheet in inspection.expected.cover.sheets:
        found = raw.sheets.get(sheet.value)
        if found is None:
            there = "、".join(name for name in raw.sheet_names if not name.startswith("_"))
            inspection.refuse(
                f"找不到工作表“{sheet.value}”（现有：{there}）",
                "工作表不能改名，也不能删除。请改回原名，或重新下载填报表填写。",
                sheet.value,
            )
        elif found.state == "veryHidden":
            inspection.refuse(
                f"工作表“{sheet.value}”被隐藏得无法打开", GET_A_NEW_ONE, sheet.value
            )
        else:
            inspection.tables[sheet] = Table(sheet, found)


def has_every_header(inspection: Inspection) -> None:
    for sheet, table in list(inspection.tables.items()):
        if not table.raw.header_row:
            headers = "、".join(column.header for column in COLUMNS[sheet])
            inspection.refuse(f"找不到表头行，应有：{headers}", GET_A_NEW_ONE, sheet.value)
        else:
            _check_headers(inspection, table)
        if not table.raw.cells:
            del inspection.tables[sheet]


def _check_headers(inspection: Inspection, table: Table) -> None:
    raw, counts = table.raw, Counter(plain_header(text) for _, text in table.raw.headers)
    there = "、".join(text for _, text in raw.headers)
    for column in COLUMNS[table.sheet]:
        name = plain_header(column.header)
        if not counts[name]:
            inspection.refuse(
                f"第{raw.header_row}行的表头里没有“{column.header}”（现有：{there}）",
                "表头不能改名，也不能删除。请改回原来的列名，或重新下载填报表填写。",
                raw.name,
            )
        elif counts[name] > 1:
            _refuse_double_header(inspection, raw, column)


def _refuse_double_header(inspection: Inspection, raw: RawSheet, column: Column) -> None:
    name = plain_header(column.header)
    cells = [f"{letter}{raw.header_row}" for letter, text in raw.headers if plain_header(text) == name]
    inspection.refuse(
        f"有{len(cells)}列的表头都是“{column.header}”（{'、'.join(cells)}）",
        "请只保留原来的一列，给自己加的列换个名字。",
        raw.name,
        cells[1],
    )


def no_rows_are_merged(inspection: Inspection) -> None:
    for table in inspection.tables.values():
        for merged in table.raw.merged:
            inspection.refuse(
                f"单元格{merged}合并了，看不出每一行各是什么",
                "请取消合并，每一行分别填写。",
                table.raw.name,
                merged.split(":")[0],
            )


# ---- each cell ------------------------------------------------------------------------------


def every_cell_can_be_read(inspection: Inspection) -> None:
    for table in inspection.tables.values():
        _skip_lines_that_are_no_rows(table)
        for column in table.columns:
            inspection.read_column(table, column)


def _skip_lines_that_are_no_rows(table: Table) -> None:
    """A line of blanks, and the total below the rules."""
    key = "rule_code" if "rule_code" in table.raw.cells else "work_point_code"
    for at, cell in enumerate(table.raw.cells[key]):
        if isinstance(cell, str) and (cell == TOTAL or not squeezed(cell)):
            others = (cells[at] for cells in table.raw.cells.values())
            if cell == TOTAL or not any(_has_content(other) for other in others):
                table.skipped.add(at)


def _has_content(cell: Any) -> bool:
    return bool(squeezed(cell)) if isinstance(cell, str) else True


# ---- each row's key -------------------------------------------------------------------------


def every_work_point_has_its_row(inspection: Inspection) -> None:
    table = inspection.tables.get(Sheet.PROGRESS)
    if table is None:
        return
    expected = {row.work_point_code: row for row in inspection.expected.progress}
    given = inspection.identity.work_points
    known = _match_rows(inspection, table, "work_point_code", expected, given, "工作要点")
    keys = ("status", "percent", "done_on", "remark", "evidence")
    for at, *filled in table.rows(*keys):
        was = known.get(at)
        if was is not None:
            row = ProgressRow(
                was.work_point_code,
                was.task,
                was.work_point,
                was.duty,
                was.due_on,
                was.evidence_required,
                *filled,
            )
            table.entries.append(Entry(at, row, was))
