"""What is worth a word but stops nobody: the warnings at the end of checks.CHECKS."""

import re

from daxing_safety.vocabulary import ProgressStatus, RectificationStatus, Sheet
from daxing_safety.workbooks.agreement import asks_for_extension
from daxing_safety.workbooks.columns import (
    FAULT_LIST,
    INSTRUCTIONS,
    META,
    RULE_LIST,
    SIGN_OFF,
    Column,
    Filled,
    Kind,
)
from daxing_safety.workbooks.inspection import INVALID, CellInspection, Inspection, Table

OURS = {INSTRUCTIONS, SIGN_OFF, META, RULE_LIST, FAULT_LIST, *(sheet.value for sheet in Sheet)}
NOTHING_TO_DO = "不用处理；确有内容要报的，请填到表格里。"
UNHIDE = "请取消隐藏，核对一遍。"
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9Xx]")


def on_the_file(inspection: CellInspection) -> None:
    raw = inspection.raw
    for name in raw.sheet_names:
        if name not in OURS and name not in raw.sheets:
            inspection.remark(f"多出的工作表“{name}”不采用", NOTHING_TO_DO, name)
    for table in inspection.tables.values():
        if table.raw.state == "hidden":
            inspection.remark(
                "工作表被隐藏，内容照常采用", "请取消隐藏，核对一遍。", table.raw.name
            )
        if table.raw.has_hidden_rows:
            inspection.remark("有隐藏的行，内容照常采用", "请取消隐藏，核对一遍。", table.raw.name)
    if raw.has_pictures:
        inspection.remark("文件里的图片不会采用", "图片请作为佐证材料另行报送。")
    if raw.has_comments:
        inspection.remark("文件里的批注不会采用", NOTHING_TO_DO)


def on_formulas(inspection: CellInspection) -> None:
    for table in inspection.tables.values():
        if not table.raw.formulas:
            continue
        letters = {letter: key for key, letter in table.raw.letters.items()}
        filled = {column.key for column in table.columns if column.filled is not Filled.BY_US}
        position = {number: at for at, number in enumerate(table.raw.numbers)}
        for address in sorted(table.raw.formulas):
            letter = address.rstrip("0123456789")
            key, at = letters.get(letter), position.get(int(address[len(letter) :]))
            if key in filled and at is not None and at not in table.unreadable:
                found = table.found(key, at)
                message = f"内容由公式得出，按现在的结果“{found}”采用"
                inspection.warn(table, key, at, message, "请核对结果。")


def on_evidence(inspection: Inspection) -> None:
    for table, entry in inspection.entries(Sheet.PROGRESS):
        if entry.row.status is ProgressStatus.DONE and not entry.row.evidence:
            message = "“已完成”的没有写佐证材料名称"
            inspection.warn(table, "evidence", entry.at, message, "请写上材料的名称或文号。")


def on_slipping_dates(inspection: Inspection) -> None:
    _on_work_points(inspection)
    _on_rectification(inspection)


def _on_work_points(inspection: Inspection) -> None:
    late = []
    for table, entry in inspection.entries(Sheet.PROGRESS):
        row, was = entry.row, entry.was
        if row.status is ProgressStatus.DONE:
            continue
        if was.status is ProgressStatus.DONE:
            message = f"上次报的是“已完成”，这次改成了“{row.status.value}”"
            inspection.warn(
                table, "status", entry.at, message, "请核对；属实的请在进展说明中写明。"
            )
        if row.due_on < inspection.today and row.status is not ProgressStatus.NOT_OURS:
            late.append(row.work_point_code)
    if late:
        message = f"{len(late)}项工作要点已过完成时限还没有完成：{_listed(late)}"
        cure = "请抓紧完成，并在进展说明中写明原因和预计完成的时间。"
        inspection.remark(message, cure, Sheet.PROGRESS.value)


def _on_rectification(inspection: Inspection) -> None:
    for table, entry in inspection.entries(Sheet.RECTIFICATION):
        row, was = entry.row, entry.was
        if row.due_on is None or row.status is RectificationStatus.CLAIMED_FIXED:
            continue
        if asks_for_extension(entry):
            message = f"整改时限由{was.due_on}推迟到{row.due_on}"
            cure = f"入库后作为延期申请，批准前仍按原时限{was.due_on}。"
            inspection.warn(table, "due_on", entry.at, message, cure)
        elif row.due_on < inspection.today:
            message = f"已过整改时限{row.due_on}，还没有改完"
            inspection.warn(table, "due_on", entry.at, message, "请抓紧整改；改完的选“申请销号”。")


def _listed(codes: list[str]) -> str:
    return "、".join(codes[:10]) + ("等" if len(codes) > 10 else "")


def on_personal_data(inspection: CellInspection) -> None:
    for table in inspection.tables.values():
        for column in table.columns:
            if column.kind is Kind.TEXT:
                _look_for_id_numbers(inspection, table, column)


def _look_for_id_numbers(inspection: CellInspection, table: Table, column: Column) -> None:
    texts = ["" if text is INVALID else text for text in table.values[column.key]]
    if ID_NUMBER.search("\n".join(texts)):
        for at in table.positions():
            if ID_NUMBER.search(texts[at]):
                message = f"{column.header}里像是有身份证号"
                inspection.warn(table, column.key, at, message, "请删去身份证号。")


def on_no_change(inspection: Inspection) -> None:
    entries = [each for table in inspection.tables.values() for each in table.entries]
    if not inspection.errors and not any(entry.is_touched for entry in entries):
        inspection.remark("与上次报送的内容完全一样，没有变化", "确实没有变化的，可以照常报送。")
