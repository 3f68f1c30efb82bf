"""Checks a 问题整改清单 that came back: all faults at once, each with cell and cure. Pure.

What may be changed follows from the audience and from how the problem stands; the verbs that
make the change ask the same again.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from typing import Any

from daxing_safety.vocabulary import Severity
from daxing_safety.workbooks import agreement, remarks
from daxing_safety.workbooks.cells import Setting, clean_text, is_empty
from daxing_safety.workbooks.checks import (
    every_cell_can_be_read,
    has_every_header,
    in_reading_order,
    no_rows_are_merged,
)
from daxing_safety.workbooks.columns import Column, Filled
from daxing_safety.workbooks.inspection import INVALID, CellInspection, Entry, Table
from daxing_safety.workbooks.problem_list import moves
from daxing_safety.workbooks.problem_list.columns import PROBLEM_LIST, Audience, columns_for
from daxing_safety.workbooks.problem_list.content import (
    CheckedList,
    Line,
    ListContent,
    ListRow,
    Standing,
)
from daxing_safety.workbooks.problem_list.identity import (
    EXPORT_ANEW,
    Given,
    ListIdentity,
    digest_of,
    list_identity_of,
)
from daxing_safety.workbooks.reading import RawWorkbook


class ListInspection(CellInspection):
    """One 问题整改清单 under inspection."""

    def __init__(
        self, raw: RawWorkbook, identity: ListIdentity, expected: ListContent, today: date
    ) -> None:
        cover = expected.cover
        setting = Setting(
            round_year=today.year,
            starts_on=cover.starts_on,
            ends_on=cover.ends_on,
            rule_codes=frozenset(expected.rule_codes),
            work_point_codes=frozenset(),
            problem_numbers=frozenset(row.number for row in expected.rows),
        )
        super().__init__(raw, setting, today)
        self.identity, self.expected = identity, expected
        self.is_offices = identity.audience is Audience.OFFICE

    @property
    def table(self) -> Table:
        table: Table = self.tables[PROBLEM_LIST]
        return table

    def new_rows(self) -> Iterator[int]:
        """The positions of rows without a number that are no registered problem either."""
        numbers, stored = self.table.values["number"], self.table.stored
        return (at for at in self.table.positions() if not numbers[at] and at not in stored)


def check(raw: RawWorkbook, expected: ListContent, today: date) -> CheckedList:
    """`expected` holds every problem that the list names and whoever hands it in may know of."""
    identity = list_identity_of(raw.meta)
    inspection = ListInspection(raw, identity, expected, today)
    for each in CHECKS:
        each(inspection)
        if inspection.is_over:
            break
    return CheckedList(
        audience=identity.audience,
        unit_name=identity.unit_name,
        lines=_lines(inspection),
        errors=in_reading_order(inspection.errors),
        warnings=tuple(inspection.warnings),
        readings=tuple(inspection.readings),
    )


def _lines(inspection: ListInspection) -> tuple[Line, ...]:
    if inspection.errors:
        return ()
    return tuple(Line(each.row, each.was) for each in inspection.table.entries if each.is_touched)


# ---- is it ours, and as we made it ------------------------------------------------------------


def is_of_this_programme(inspection: ListInspection) -> None:
    identity, cover = inspection.identity, inspection.expected.cover
    if identity.programme != cover.programme:
        inspection.refuse("这份清单不是本工作台导出的", EXPORT_ANEW)
    elif identity.criteria_revision != cover.criteria_revision:
        inspection.refuse("评价细则在这份清单导出之后作了修订", EXPORT_ANEW)
    inspection.is_over = bool(inspection.errors)


def has_its_sheet(inspection: ListInspection) -> None:
    found = inspection.raw.sheets.get(PROBLEM_LIST)
    if found is None or found.state == "veryHidden":
        inspection.refuse(
            f"找不到工作表“{PROBLEM_LIST}”", f"工作表不能改名，也不能删除。{EXPORT_ANEW}"
        )
        inspection.is_over = True
    else:
        table = Table(found, columns_for(inspection.identity.audience))
        inspection.tables[PROBLEM_LIST] = table


def can_be_read_as_a_table(inspection: ListInspection) -> None:
    has_every_header(inspection)
    no_rows_are_merged(inspection)
    inspection.is_over = PROBLEM_LIST not in inspection.tables


# ---- whose each row is ------------------------------------------------------------------------


def every_number_is_known(inspection: ListInspection) -> None:
    table, known = inspection.table, {row.number: row for row in inspection.expected.rows}
    seen: dict[str, int] = {}
    numbers = table.values["number"]
    for at in table.positions():
        number = numbers[at]
        if not number or number is INVALID:
            continue
        if number in seen:
            message = f"问题编号{number}与第{table.raw.numbers[seen[number]]}行重复"
            cure = "请删去重复的一行；新问题不填问题编号。"
            inspection.fault(table, "number", at, message, cure)
        elif number in known:
            seen[number] = at
            table.stored[at] = known[number]
        elif number in inspection.identity.given:
            table.skipped.add(at)
            message = f"{number}在导出之后已改派或撤回，这一行不采用"
            inspection.warn(table, "number", at, message, "不用处理。")
        else:
            _tell_unknown_number(inspection, at, number)
    _tell_left_out(inspection, seen.keys())


def _tell_unknown_number(inspection: ListInspection, at: int, number: str) -> None:
    if inspection.is_offices:
        message = f"没有编号为“{number}”的问题"
        cure = "请填回原来的问题编号；新发现的问题请把问题编号清空。"
    else:
        message = f"没有编号为“{number}”的问题，或者它不是本单位的"
        cure = "请填回原来的问题编号，或删去这一行。"
    inspection.fault(inspection.table, "number", at, message, cure)


def _tell_left_out(inspection: ListInspection, present: Any) -> None:
    table = inspection.table
    gone = {table.values["number"][at] for at in table.skipped}
    left_out = inspection.identity.given.keys() - present - gone
    if left_out and not inspection.errors:
        message = f"导出时的{len(inspection.identity.given)}个问题里，有{len(left_out)}个不在表中"
        cure = "不在表中的不作改动，也不会销号。"
        inspection.remark(message, cure, PROBLEM_LIST)


def units_and_towns_exist(inspection: ListInspection) -> None:
    table, expected = inspection.table, inspection.expected
    for at in table.positions():
        unit, town = table.values["unit"][at], table.values["town"][at]
        if unit and unit is not INVALID:
            _understand_unit(inspection, at, unit)
        if town and town is not INVALID and town not in expected.towns:
            name = expected.units.get(town, "")
            if name in expected.towns:
                table.values["town"][at] = name
            elif inspection.is_offices:
                message, cure = f"属地填的是“{town}”，不是镇或街道", "请从下拉列表中选择。"
                inspection.fault(table, "town", at, message, cure)


def _understand_unit(inspection: ListInspection, at: int, unit: str) -> None:
    table, name = inspection.table, inspection.expected.units.get(unit)
    if name is None:
        message = f"责任单位填的是“{unit}”，没有这个单位"
        inspection.fault(table, "unit", at, message, "请从下拉列表中选择单位简称。")
    elif name != unit:
        inspection.note(table, "unit", at, name)
        table.values["unit"][at] = name


def new_rows_are_the_offices(inspection: ListInspection) -> None:
    """A row without a number that says what a registered one says is that one."""
    table = inspection.table
    for at in list(inspection.new_rows()):
        if not inspection.is_offices:
            cure = "请填回原来的问题编号；新发现的问题请在填报表的《问题整改》里登记。"
            inspection.fault(table, "number", at, "这一行没有问题编号", cure)
            table.unreadable.add(at)
    _recognise(inspection)


def _recognise(inspection: ListInspection) -> None:
    table = inspection.table
    registered = {_what_it_is(row): row for row in inspection.expected.rows}
    where = {_what_it_is(row): at for at, row in table.stored.items()}
    new = set(inspection.new_rows())
    for at, *what in table.rows("unit", "rule_code", "site", "description"):
        if at not in new:
            continue
        same = tuple(what)
        if same in where:
            message = f"与第{table.raw.numbers[where[same]]}行是同一个问题"
            cure = "同一单位、同一条款、同一点位、同样的问题请合并成一行，处数相加。"
            inspection.fault(table, "site", at, message, cure)
        elif same in registered:
            table.stored[at] = registered[same]
            inspection.note(table, "number", at, registered[same].number)
        where[same] = at


def _what_it_is(row: ListRow) -> tuple[str, str, str, str]:
    return row.unit, row.rule_code, clean_text(row.site), clean_text(row.description)


def new_rows_are_complete(inspection: ListInspection) -> None:
    table, new = inspection.table, list(inspection.new_rows())
    for column in table.columns:
        if column.is_required:
            values = table.values[column.key]
            empty = [at for at in new if is_empty(values[at])]
            inspection.fault_empty(table, column, empty)
            table.unreadable.update(empty)


def rules_are_their_units(inspection: ListInspection) -> None:
    table = inspection.table
    for at, unit, code in table.rows("unit", "rule_code"):
        was = table.stored.get(at)
        responsible = was.unit if was else unit
        if not code or INVALID in (code, responsible) or (was and code == was.rule_code):
            continue
        if code not in inspection.expected.rules_of.get(responsible, frozenset()):
            message = f"条款{code}不由{responsible}负责"
            inspection.fault(table, "rule_code", at, message, "请核对条款编号或责任单位。")


# ---- the rows -----------------------------------------------------------------------------------


def every_row_is_entered(inspection: ListInspection) -> None:
    table = inspection.table
    keys = [column.key for column in table.columns]
    for at, *values in table.rows(*keys):
        if at in table.faulty:
            continue
        was = table.stored.get(at)
        said = dict(zip(keys, values, strict=True))
        row = _as_registered(said, was) if was else _as_new(said)
        table.entries.append(Entry(at, row, was))


def _as_registered(said: dict[str, Any], was: ListRow) -> ListRow:
    """A text that differs only by what nobody sees is the text that was.

    A row without a number says only what is written in it.
    """
    kept = {
        key: value
        for key, value in said.items()
        if (said["number"] or not is_empty(value))
        and (not isinstance(value, str) or value != clean_text(getattr(was, key)))
    }
    return was._replace(**kept | {"number": was.number})


def _as_new(said: dict[str, Any]) -> ListRow:
    row = ListRow(**said)
    return row if row.severity else row._replace(severity=Severity.GENERAL)


def nobody_changed_them_since(inspection: ListInspection) -> None:
    """A row that was changed here and by somebody else meanwhile cannot be taken."""
    table, kept, passed_over = inspection.table, [], 0
    for entry in table.entries:
        given = inspection.identity.given.get(entry.row.number)
        if entry.was is None or _is_current(inspection, entry, given):
            kept.append(entry)
            continue
        row = moves.without_what_is_done(entry.row, entry.was, _standing(inspection, entry))
        entry = entry._replace(row=row)
        if not entry.is_touched:
            kept.append(entry)
        elif given and given.digest == _digest_in_file(table, entry):
            passed_over += 1
        else:
            _tell_stale(inspection, entry, is_given=given is not None)
    table.entries = kept
    if passed_over:
        message = f"有{passed_over}个问题在导出之后已有变化，本表没有改动它们"
        inspection.remark(message, "这几行不采用，以系统里的为准。", PROBLEM_LIST)


def _is_current(inspection: ListInspection, entry: Entry, given: Given | None) -> bool:
    return given is not None and given.revision == _standing(inspection, entry).revision


def _digest_in_file(table: Table, entry: Entry) -> str:
    """Of the row as it stands in the file."""
    said = {column.key: table.values[column.key][entry.at] for column in table.columns}
    return digest_of(entry.was._replace(**said | {"number": entry.row.number}))


def _standing(inspection: ListInspection, entry: Entry) -> Standing:
    return inspection.expected.standings[entry.row.number]


def _tell_stale(inspection: ListInspection, entry: Entry, *, is_given: bool) -> None:
    number, last = entry.row.number, _standing(inspection, entry).last_change
    if is_given:
        what = f"在导出之后已由{last}" if last else "在导出之后有了变化"
        message = f"{number}{what}，这一行不能再改"
    else:
        message = f"{number}不在这份清单导出的范围里，这一行不能改"
    inspection.fault(inspection.table, "number", entry.at, message, EXPORT_ANEW)


def locked_cells_are_unchanged(inspection: ListInspection) -> None:
    table, kept = inspection.table, []
    for entry in table.entries:
        before = len(inspection.errors)
        for column in table.columns:
            if entry.was is not None and column.filled is not Filled.BY_UNIT:
                _compare(inspection, column, entry)
            elif entry.was is None and column.filled is Filled.BY_US:
                _tell_not_for_new(inspection, column, entry)
        if len(inspection.errors) == before:
            kept.append(entry)
    table.entries = kept


def _compare(inspection: ListInspection, column: Column, entry: Entry) -> None:
    now, was = getattr(entry.row, column.key), getattr(entry.was, column.key)
    if now == was:
        return
    old = was.value if isinstance(was, Enum) else was or "空"
    found = inspection.table.found(column.key, entry.at) or "空"
    message = f"{column.header}由“{old}”改成了“{found}”，这一列不能在清单里改"
    cure = "请改回原来的内容。" if inspection.is_offices else "请改回；登记有误的请联系创安办更正。"
    inspection.fault(inspection.table, column.key, entry.at, message, cure)


def _tell_not_for_new(inspection: ListInspection, column: Column, entry: Entry) -> None:
    if column.key != "number" and not is_empty(getattr(entry.row, column.key)):
        message = f"新登记的问题填了{column.header}"
        cure = "请清空；整改进展由责任单位填报。"
        inspection.fault(inspection.table, column.key, entry.at, message, cure)


# ---- what may be done with each -----------------------------------------------------------------


def every_change_may_be_made(inspection: ListInspection) -> None:
    ask = moves.of_office if inspection.is_offices else moves.of_unit
    for entry in inspection.table.entries:
        if entry.was is None:
            found = moves.of_new(entry.row, inspection.today)
        elif entry.is_touched:
            found = ask(entry.row, entry.was, _standing(inspection, entry), inspection.today)
        else:
            continue
        for key, message, cure in found:
            inspection.fault(inspection.table, key, entry.at, message, cure)


def on_needless_reasons(inspection: ListInspection) -> None:
    """Somebody who writes a reason has probably forgotten the date."""
    table, cleared = inspection.table, []
    for entry in table.entries:
        row, was = entry.row, entry.was
        if row.extension_reason and row.due_on == (was.due_on if was else None):
            message, cure = (
                "填了延期原因，整改时限却没有推迟",
                "要延期的，请把整改时限改成新的日期。",
            )
            inspection.warn(table, "extension_reason", entry.at, message, cure)
            entry = entry._replace(row=row._replace(extension_reason=""))
        cleared.append(entry)
    table.entries = cleared


def on_no_change(inspection: ListInspection) -> None:
    if not inspection.errors and not any(each.is_touched for each in inspection.table.entries):
        inspection.remark("与系统里的内容完全一样，没有变化", "不用处理。")


# In this order. A new check: write a function, enter it here, add its case to
# tests/problems/test_problem_imports.py.
CHECKS: tuple[Callable[[ListInspection], None], ...] = (
    is_of_this_programme,
    has_its_sheet,
    can_be_read_as_a_table,
    every_cell_can_be_read,
    every_number_is_known,
    units_and_towns_exist,
    new_rows_are_the_offices,
    new_rows_are_complete,
    rules_are_their_units,
    agreement.dates_lie_in_the_programme,
    every_row_is_entered,
    nobody_changed_them_since,
    locked_cells_are_unchanged,
    every_change_may_be_made,
    remarks.on_the_file,
    remarks.on_formulas,
    remarks.on_personal_data,
    on_needless_reasons,
    on_no_change,
)
