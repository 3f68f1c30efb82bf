"""Checks a workbook that came back, whole: all faults at once, each with cell and cure.

Works on rows already read, in plain Python and without input or output, so that it can run in
the server's process. Nothing here stores anything; with errors, the rows are not to be stored.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any

from daxing_safety.vocabulary import Discovery, Sheet
from daxing_safety.workbooks import agreement, remarks
from daxing_safety.workbooks.cells import clean_text, is_empty, squeezed
from daxing_safety.workbooks.columns import COLUMNS, TOTAL, Column, Filled, plain_header
from daxing_safety.workbooks.content import (
    CellError,
    CheckedWorkbook,
    ProblemRow,
    WorkbookContent,
)
from daxing_safety.workbooks.identity import GET_A_NEW_ONE, Identity, identity_of
from daxing_safety.workbooks.inspection import (
    INVALID,
    CellInspection,
    Entry,
    Inspection,
    Table,
)
from daxing_safety.workbooks.reading import Cell, RawSheet, RawWorkbook

MOST_SORTED = 1000
DOWNLOAD_ANEW = "重新下载，把内容填到新表里再上传。"


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
        if inspection.is_over:
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
        errors=in_reading_order(inspection.errors),
        warnings=tuple(inspection.warnings),
        readings=tuple(inspection.readings),
    )


def _rows(table: Table | None) -> tuple:
    if table is None:
        return ()
    wrong = table.unreadable | table.faulty
    return tuple([entry.row for entry in table.entries if entry.at not in wrong])


def in_reading_order(errors: list[CellError]) -> tuple[CellError, ...]:
    """Sheet by sheet, row by row; thousands of faults nobody reads in order."""
    if len(errors) > MOST_SORTED:
        return tuple(errors)
    sheets = {sheet.value: place for place, sheet in enumerate(Sheet)}

    def place(error: CellError) -> tuple[int, int, int, str]:
        letters = error.cell.rstrip("0123456789")
        row = int(error.cell[len(letters) :] or 0)
        return sheets.get(error.sheet, -1), row, len(letters), letters

    return tuple(sorted(errors, key=place))


# ---- is it ours -----------------------------------------------------------------------------


def belongs_to_this_unit_and_round(inspection: Inspection) -> None:
    """If not, nothing else is worth asking."""
    identity, cover = inspection.identity, inspection.expected.cover
    if identity.unit_code != cover.unit_code:
        inspection.refuse(
            f"这份填报表属于“{identity.unit_name}”，不是“{cover.unit_name}”的",
            f"请上传“{cover.unit_name}”的填报表。",
        )
    if (identity.programme, identity.round_id) != (cover.programme, cover.round_id):
        inspection.refuse(
            f"这份填报表是“{identity.round_name}”的，现在要报的是“{cover.round_name}”",
            GET_A_NEW_ONE,
        )
    if identity.criteria_revision != cover.criteria_revision:
        inspection.refuse("评价细则在这份填报表下载之后作了修订", GET_A_NEW_ONE)
    inspection.is_over = bool(inspection.errors)


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
            inspection.refuse(f"工作表“{sheet.value}”被隐藏得无法打开", GET_A_NEW_ONE, sheet.value)
        else:
            inspection.tables[sheet] = Table(found, COLUMNS[sheet])


def has_every_header(inspection: CellInspection) -> None:
    for sheet, table in list(inspection.tables.items()):
        if not table.raw.header_row:
            headers = "、".join(column.header for column in table.all_columns)
            inspection.refuse(f"找不到表头行，应有：{headers}", DOWNLOAD_ANEW, table.raw.name)
        else:
            _check_headers(inspection, table)
        if not table.raw.cells:
            del inspection.tables[sheet]


def _check_headers(inspection: CellInspection, table: Table) -> None:
    raw, counts = table.raw, Counter(plain_header(text) for _, text in table.raw.headers)
    there = "、".join(text for _, text in raw.headers)
    for column in table.all_columns:
        name = plain_header(column.header)
        if not counts[name]:
            inspection.refuse(
                f"第{raw.header_row}行的表头里没有“{column.header}”（现有：{there}）",
                f"表头不能改名，也不能删除。请改回原来的列名，或{DOWNLOAD_ANEW}",
                raw.name,
            )
        elif counts[name] > 1:
            _refuse_double_header(inspection, raw, column)


def _refuse_double_header(inspection: CellInspection, raw: RawSheet, column: Column) -> None:
    name = plain_header(column.header)
    cells = [
        f"{letter}{raw.header_row}" for letter, text in raw.headers if plain_header(text) == name
    ]
    inspection.refuse(
        f"有{len(cells)}列的表头都是“{column.header}”（{'、'.join(cells)}）",
        "请只保留原来的一列，给自己加的列换个名字。",
        raw.name,
        cells[1],
    )


def no_rows_are_merged(inspection: CellInspection) -> None:
    for table in inspection.tables.values():
        for merged in table.raw.merged:
            inspection.refuse(
                f"单元格{merged}合并了，看不出每一行各是什么",
                "请取消合并，每一行分别填写。",
                table.raw.name,
                merged.split(":")[0],
            )


# ---- each cell ------------------------------------------------------------------------------


def every_cell_can_be_read(inspection: CellInspection) -> None:
    for table in inspection.tables.values():
        _skip_lines_that_are_no_rows(table)
        for column in table.columns:
            inspection.read_column(table, column)


def _skip_lines_that_are_no_rows(table: Table) -> None:
    """A line of blanks, and the total below the rules."""
    key = "rule_code" if "rule_code" in table.raw.cells else "work_point_code"
    keys = table.raw.cells[key]
    if not any(_is_blank(cell) or cell == TOTAL for cell in set(keys)):
        return
    for at, cell in enumerate(keys):
        others = (cells[at] for cells in table.raw.cells.values())
        if cell == TOTAL or (_is_blank(cell) and all(map(_is_blank, others))):
            table.skipped.add(at)


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not squeezed(cell)


# ---- each row's key -------------------------------------------------------------------------


def every_work_point_has_its_row(inspection: Inspection) -> None:
    if table := inspection.tables.get(Sheet.PROGRESS):
        rows = {row.work_point_code: row for row in inspection.expected.progress}
        given = inspection.identity.work_points
        _match_rows(inspection, table, "work_point_code", rows, given)
        _enter_rows(table)


def every_rule_has_its_row(inspection: Inspection) -> None:
    if table := inspection.tables.get(Sheet.SELF_ASSESSMENT):
        rows = {row.rule_code: row for row in inspection.expected.findings}
        given = inspection.identity.rules
        _match_rows(inspection, table, "rule_code", rows, given)
        _enter_rows(table)


def _enter_rows(table: Table) -> None:
    keys = [column.key for column in table.columns if column.filled is Filled.BY_UNIT]
    as_stored = attrgetter(*keys)
    for line in table.rows(*keys):
        at, filled = line[0], line[1:]
        was = table.stored.get(at)
        if was is not None:
            is_same = as_stored(was) == filled
            row = was if is_same else was._replace(**dict(zip(keys, filled, strict=True)))
            table.entries.append(Entry(at, row, was))


def _match_rows(
    inspection: Inspection, table: Table, key: str, rows: dict[str, Any], given: frozenset[str]
) -> None:
    """Finds the stored row of each line; tells what is unknown, doubled, deleted, gone or new."""
    seen: dict[str, int] = {}
    for at in table.positions():
        code = table.values[key][at]
        if code is INVALID:
            continue
        if code in seen:
            message = f"{code}与第{table.raw.numbers[seen[code]]}行重复"
            inspection.fault(table, key, at, message, "每个编号只能有一行，请删去重复的一行。")
        elif code in rows:
            seen[code] = at
        elif code in given:
            table.skipped.add(at)
            inspection.warn(table, key, at, f"{code}已不由本单位填报，这一行不采用", "不用处理。")
        else:
            _fault_unknown_code(inspection, table, key, at)
    for code in rows.keys() - seen.keys():
        _tell_missing(inspection, table, code, was_given=code in given)
    table.stored = {at: rows[code] for code, at in seen.items()}


def _fault_unknown_code(inspection: Inspection, table: Table, key: str, at: int) -> None:
    code = table.values[key][at]
    message = f"没有编号为“{code}”的行，或者它不属于本单位" if code else "这一行没有编号"
    inspection.fault(table, key, at, message, "请填回原来的编号；自己加的行请删去。")


def _tell_missing(inspection: Inspection, table: Table, code: str, *, was_given: bool) -> None:
    if was_given:
        cure = "每一行都要保留。请重新下载填报表，把内容填到新表里，或从新表中把这一行复制回来。"
        inspection.refuse(f"编号为{code}的一行不见了", cure, table.raw.name)
    else:
        cure = "可以照常报送；要填这一行，请重新下载填报表。"
        message = f"这份填报表下载之后，本单位新增了编号为{code}的一行"
        inspection.remark(message, cure, table.raw.name)


def every_problem_is_this_units(inspection: Inspection) -> None:
    table = inspection.tables.get(Sheet.RECTIFICATION)
    if table is None:
        return
    known = {row.number: row for row in inspection.expected.problems}
    _match_problems(inspection, table, known)
    _recognise_new_rows(inspection, table, known)
    keys = [column.key for column in table.columns]
    for line in table.rows(*keys):
        at, row = line[0], ProblemRow._make(line[1:])
        was = table.stored.get(at)
        if was is None and row.number:
            continue  # its number was told to be wrong
        table.entries.append(Entry(at, _as_registered(row, was) if was else _as_new(row), was))
    _tell_absent_problems(inspection, table)


def _match_problems(inspection: Inspection, table: Table, known: dict[str, ProblemRow]) -> None:
    seen: dict[str, int] = {}
    numbers = table.values["number"]
    for at in table.positions():
        number = numbers[at]
        if not number or number is INVALID:
            continue
        if number in seen:
            message = f"问题编号{number}与第{table.raw.numbers[seen[number]]}行重复"
            inspection.fault(table, "number", at, message, "请删去重复的一行；新问题不填问题编号。")
            continue
        seen[number] = at
        if number in known:
            table.stored[at] = known[number]
        elif number in inspection.identity.problems:
            table.skipped.add(at)
            inspection.warn(
                table, "number", at, f"{number}已经销号或撤销，这一行不采用", "不用处理。"
            )
        else:
            is_known = number in inspection.expected.closed_numbers
            what = "已经销号或撤销，或者不是本单位的问题" if is_known else "不是本单位的问题"
            cure = "请填回原来的问题编号；如果是新发现的问题，请把问题编号清空。"
            inspection.fault(table, "number", at, f"问题编号“{number}”{what}", cure)


def _recognise_new_rows(inspection: Inspection, table: Table, known: dict[str, ProblemRow]) -> None:
    """A row without a number that says what a stored one says is that one; two are one too many."""
    waiting = {_what_it_is(row): row for row in known.values()}
    where = {_what_it_is(row): at for at, row in table.stored.items()}
    for line in table.rows("number", "rule_code", "site", "description"):
        at, number, same = line[0], line[1], line[2:]
        if number:
            continue
        if same in where:
            message = f"与第{table.raw.numbers[where[same]]}行是同一个问题"
            cure = "同一条款、同一点位、同样的问题请合并成一行，处数相加。"
            inspection.fault(table, "site", at, message, cure)
        elif same in waiting:
            table.stored[at] = waiting[same]
            inspection.note(table, "number", at, waiting[same].number)
        where[same] = at


def _what_it_is(row: ProblemRow) -> tuple[str, str, str]:
    return row.rule_code, row.site, row.description


def _as_registered(row: ProblemRow, was: ProblemRow) -> ProblemRow:
    """What says which problem it is stays as stored; whether it was changed is asked elsewhere."""
    return ProblemRow(
        was.number,
        was.rule_code,
        was.site,
        was.description,
        was.count,
        was.discovery,
        was.found_on,
        row.target,
        row.measure,
        row.responsible,
        row.due_on,
        row.status,
        row.done_on,
        row.remark,
    )


def _as_new(row: ProblemRow) -> ProblemRow:
    return row if row.discovery else row._replace(discovery=Discovery.SELF_CHECK)


def _tell_absent_problems(inspection: Inspection, table: Table) -> None:
    present = {row.number for row in table.stored.values()}
    for row in inspection.expected.problems:
        if row.number in present:
            continue
        if row.number in inspection.identity.problems:
            inspection.refuse(
                f"问题{row.number}（{row.site}）的一行不见了",
                "改完的问题请选“申请销号”，不要删除。请从重新下载的填报表中把这一行复制回来。",
                table.raw.name,
            )
        else:
            message = f"这份填报表下载之后，登记了新问题{row.number}（{row.site}）"
            cure = "可以照常报送；要更新它的整改情况，请重新下载填报表。"
            inspection.remark(message, cure, table.raw.name)


def registered_problems_are_unchanged(inspection: Inspection) -> None:
    table = inspection.tables.get(Sheet.RECTIFICATION)
    if table is None:
        return
    columns = [column for column in table.columns if column.filled is Filled.ON_NEW_ROWS]
    values = [table.values[column.key] for column in columns]
    as_stored = attrgetter(*(column.key for column in columns))
    for at, was in table.stored.items():
        found = tuple([column_values[at] for column_values in values])
        if found != as_stored(was):
            for column, value in zip(columns, found, strict=True):
                _compare_with_stored(inspection, table, column, at, value, was)


def _compare_with_stored(
    inspection: Inspection, table: Table, column: Column, at: int, value: Any, was: ProblemRow
) -> None:
    before = getattr(was, column.key)
    if value == before or (isinstance(before, str) and value == clean_text(before)):
        return
    old = before.value if isinstance(before, Enum) else before
    inspection.fault(
        table,
        column.key,
        at,
        f"{column.header}由“{old}”改成了“{table.found(column.key, at)}”，已登记的问题不能改",
        f"请改回“{old}”。登记有误的，请在整改说明中写明，由创安办更正。",
    )


def new_problems_are_under_this_units_rules(inspection: Inspection) -> None:
    table = inspection.tables.get(Sheet.RECTIFICATION)
    if table is None:
        return
    own = [row.rule_code for row in inspection.expected.findings]
    known, examples = set(own), "、".join(own[:3])
    for at, code in enumerate(table.values["rule_code"]):
        is_new = at not in table.stored and at not in table.skipped
        if is_new and code and code is not INVALID and code not in known:
            message = f"条款编号填的是“{code}”，不在本单位的条款里"
            cure = f"请从下拉列表中选择，例如{examples}。条款内容见《自评打分》表。"
            inspection.fault(table, "rule_code", at, message, cure)


def must_fill_cells_are_filled(inspection: Inspection) -> None:
    """An incomplete row is no entry, unless the unit was given it so and has not touched it."""
    for table in inspection.tables.values():
        empty = {
            column: [at for at in table.positions() if is_empty(table.values[column.key][at])]
            for column in table.columns
            if column.is_required and _has_empty(table.values[column.key])
        }
        incomplete = set().union(*empty.values())
        if incomplete:
            given_so = {each.at for each in table.entries if each.was and not each.is_touched}
            incomplete -= given_so
            table.entries = [each for each in table.entries if each.at not in incomplete]
            table.unreadable |= incomplete
        for column, rows in empty.items():
            _tell_empty(inspection, table, column, rows, incomplete)


def _has_empty(values: list[Any]) -> bool:
    return None in values or "" in values


def _tell_empty(
    inspection: Inspection, table: Table, column: Column, rows: list[int], incomplete: set[int]
) -> None:
    inspection.fault_empty(table, column, [at for at in rows if at in incomplete])
    for at in rows:
        if at not in incomplete:
            inspection.warn(table, column.key, at, f"{column.header}还没有填", "请尽快补上。")


# What is asked of a workbook, in this order; that it is an .xlsx within bounds was asked by
# guard.py before. A new check: write a function, enter it here, add its case to
# tests/test_workbook_checks.py.
CHECKS: tuple[Callable[[Inspection], None], ...] = (
    belongs_to_this_unit_and_round,
    has_every_sheet,
    has_every_header,
    no_rows_are_merged,
    every_cell_can_be_read,
    every_work_point_has_its_row,
    every_rule_has_its_row,
    every_problem_is_this_units,
    registered_problems_are_unchanged,
    new_problems_are_under_this_units_rules,
    must_fill_cells_are_filled,
    agreement.dates_lie_in_the_programme,
    agreement.progress_agrees_with_its_status,
    agreement.measured_agrees_with_the_finding,
    agreement.rectification_agrees_with_its_status,
    agreement.findings_agree_with_the_problems,
    remarks.on_the_file,
    remarks.on_formulas,
    remarks.on_evidence,
    remarks.on_slipping_dates,
    remarks.on_personal_data,
    remarks.on_no_change,
)
