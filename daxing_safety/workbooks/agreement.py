"""Do the rows agree with themselves, the sheets with each other, and the dates with the calendar?

Asked only of rows that could be read. Each function is one check, entered in checks.CHECKS.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from daxing_safety.vocabulary import (
    Finding,
    ProgressStatus,
    RectificationStatus,
    RuleKind,
    Sheet,
)
from daxing_safety.wording import plain
from daxing_safety.workbooks.columns import Column, Filled, Kind
from daxing_safety.workbooks.figures import UNSEEN, loses_by_rate
from daxing_safety.workbooks.inspection import CellInspection, Entry, Inspection, Table

ALL = Decimal(100)


def dates_lie_in_the_programme(inspection: CellInspection) -> None:
    for table in inspection.tables.values():
        for column in table.columns:
            if column.kind is Kind.DATE and column.filled is not Filled.BY_US:
                _check_dates(inspection, table, column)


def _check_dates(inspection: CellInspection, table: Table, column: Column) -> None:
    setting, values = inspection.setting, table.values[column.key]
    last = min(setting.ends_on, inspection.today) if column.is_past else setting.ends_on
    days = {value for value in values if isinstance(value, date)}
    wrong = {day for day in days if not setting.starts_on <= day <= last}
    if not wrong:
        return
    for at in table.positions():
        day, was = values[at], table.stored.get(at)
        is_new = was is None or day != getattr(was, column.key)
        if isinstance(day, date) and day in wrong and is_new:
            _tell_wrong_date(inspection, table, column, at, day)


def _tell_wrong_date(
    inspection: CellInspection, table: Table, column: Column, at: int, day: date
) -> None:
    setting = inspection.setting
    if column.is_past and day > inspection.today:
        message = f"{column.header}是{day}，晚于今天（{inspection.today}）"
        cure = (
            "请填实际的日期；还没有发生的请留空。" if not column.is_required else "请填实际的日期。"
        )
    else:
        message = (
            f"{column.header}是{day}，不在创建工作期间（{setting.starts_on}至{setting.ends_on}）"
        )
        cure = "请检查年份，改成这段时间之内的日期。"
    inspection.fault(table, column.key, at, message, cure)


# ---- 工作进展 -------------------------------------------------------------------------------


def progress_agrees_with_its_status(inspection: Inspection) -> None:
    if table := inspection.tables.get(Sheet.PROGRESS):
        table.entries = [_with_whole_percent(inspection, table, each) for each in table.entries]
    for table, entry in inspection.entries(Sheet.PROGRESS):
        if entry.row.status is ProgressStatus.DONE:
            _check_done(inspection, table, entry)
        else:
            _check_not_done(inspection, table, entry)


def _with_whole_percent(inspection: Inspection, table: Table, entry: Entry) -> Entry:
    """已完成 is 100%: nothing entered says no less, and 1 is how Excel keeps 100%."""
    row = entry.row
    if row.status is not ProgressStatus.DONE or row.percent not in (None, Decimal(1)):
        return entry
    inspection.note(table, "percent", entry.at, "100%")
    return entry._replace(row=row._replace(percent=ALL))


def _check_done(inspection: Inspection, table: Table, entry: Entry) -> None:
    if entry.row.done_on is None:
        message, cure = "“已完成”的没有填完成日期", "请填完成日期，例如2021-06-30。"
        inspection.disagree(table, "done_on", entry, message, cure)
    if entry.row.percent != ALL:
        message = f"“已完成”的完成比例是{plain(entry.row.percent)}"
        cure = "请改为100；如果还没有做完，请把进展状态改为“推进中”。"
        inspection.disagree(table, "percent", entry, message, cure)


def _check_not_done(inspection: Inspection, table: Table, entry: Entry) -> None:
    row, status = entry.row, entry.row.status
    if row.done_on is not None:
        message = f"“{status.value}”的填了完成日期"
        cure = "做完了请把进展状态改为“已完成”；没有做完请清空，计划日期写在进展说明里。"
        inspection.disagree(table, "done_on", entry, message, cure)
    if status is ProgressStatus.NOT_STARTED and row.percent:
        message = f"“未启动”的完成比例是{plain(row.percent)}"
        cure = "已经开始的请把进展状态改为“推进中”；没有开始请清空完成比例。"
        inspection.disagree(table, "percent", entry, message, cure)
    if status is ProgressStatus.IN_PROGRESS and row.percent == ALL:
        message, cure = "“推进中”的完成比例是100", "全部做完了请选“已完成”。"
        inspection.warn(table, "percent", entry.at, message, cure)
    if status is ProgressStatus.NOT_OURS and not row.remark:
        message = "“不属本单位职责”的没有写理由"
        cure = "请在进展说明中写明为什么不属本单位职责、应由谁承担。"
        inspection.disagree(table, "remark", entry, message, cure)


# ---- 自评打分 -------------------------------------------------------------------------------


def measured_agrees_with_the_finding(inspection: Inspection) -> None:
    for table, entry in inspection.entries(Sheet.SELF_ASSESSMENT):
        if entry.row.kind is RuleKind.RATE:
            _check_measured(inspection, table, entry)
        elif entry.row.measured is not None:
            message, cure = "这一条不按比率扣分，不用填实测值", "请清空这一格。"
            inspection.disagree(table, "measured", entry, message, cure)


def _check_measured(inspection: Inspection, table: Table, entry: Entry) -> None:
    row = entry.row
    if row.finding in UNSEEN:
        if row.measured is not None and row.finding is Finding.NOT_CHECKED:
            cure = "已经测得的，请把自查结论改为“达标”或“存在问题”。"
            inspection.warn(table, "finding", entry.at, "填了实测值，自查结论却是“未自查”", cure)
        return
    if row.measured is None:
        message, cure = "这一条按比率扣分，没有填实测值", "请填实测的百分数，例如85.5。"
        inspection.disagree(table, "measured", entry, message, cure)
        return
    right = Finding.HAS_PROBLEM if loses_by_rate(row, row.measured) else Finding.COMPLIANT
    if row.finding is not right:
        message = (
            f"实测值是{plain(row.measured)}%，按扣分标准应为“{right.value}”，"
            f"自查结论却是“{row.finding.value}”"
        )
        cure = f"请核对实测值；没有错就把自查结论改为“{right.value}”。"
        inspection.disagree(table, "finding", entry, message, cure)


# ---- 问题整改 -------------------------------------------------------------------------------


def rectification_agrees_with_its_status(inspection: Inspection) -> None:
    for table, entry in inspection.entries(Sheet.RECTIFICATION):
        row = entry.row
        if row.status is RectificationStatus.CLAIMED_FIXED:
            if row.done_on is None or not row.remark:
                _tell_unfounded_claim(inspection, table, entry)
        elif row.done_on is not None:
            cure = "改完了请选“申请销号”；没有改完请清空完成日期。"
            message = f"“{row.status.value}”的填了完成日期" if row.status else "填了完成日期"
            inspection.disagree(table, "done_on", entry, message, cure)
        if asks_for_extension(entry) and not row.remark:
            message = f"整改时限由{entry.was.due_on}推迟到{row.due_on}，没有写原因"
            cure = "推迟整改时限的，请在“整改说明”写明原因；不推迟的，请改回原来的日期。"
            inspection.disagree(table, "remark", entry, message, cure)
        if row.due_on and row.found_on and row.due_on < row.found_on:
            message = f"整改时限{row.due_on}早于发现日期{row.found_on}"
            inspection.disagree(table, "due_on", entry, message, "请核对这两个日期。")
        if row.done_on and row.found_on and row.done_on < row.found_on:
            message = f"完成日期{row.done_on}早于发现日期{row.found_on}"
            inspection.disagree(table, "done_on", entry, message, "请核对这两个日期。")


def asks_for_extension(entry: Entry) -> bool:
    """A later deadline of what is not mended takes the office's consent."""
    row, was = entry.row, entry.was
    if was is None or was.due_on is None or row.due_on is None:
        return False
    return row.due_on > was.due_on and row.status is not RectificationStatus.CLAIMED_FIXED


def _tell_unfounded_claim(inspection: Inspection, table: Table, entry: Entry) -> None:
    if entry.row.done_on is None:
        message, cure = "“申请销号”的没有填完成日期", "请填改完的日期，例如2021-06-30。"
        inspection.disagree(table, "done_on", entry, message, cure)
    if not entry.row.remark:
        message, cure = "“申请销号”的没有写整改说明", "请写明怎么改好的、有什么材料证明。"
        inspection.disagree(table, "remark", entry, message, cure)


def findings_agree_with_the_problems(inspection: Inspection) -> None:
    """存在问题 has its rows, and no other finding has a row that is not yet fixed."""
    findings = inspection.tables.get(Sheet.SELF_ASSESSMENT)
    problems = inspection.tables.get(Sheet.RECTIFICATION)
    if findings is None or problems is None:
        return
    by_rule: dict[str, list[Entry]] = defaultdict(list)
    for each in problems.entries:
        by_rule[each.row.rule_code].append(each)
    elsewhere = _problems_not_in_the_file(inspection)
    for entry in findings.entries:
        rows = by_rule.get(entry.row.rule_code, [])
        if entry.row.finding is not Finding.HAS_PROBLEM:
            _check_nothing_is_open(inspection, findings, problems, entry, rows)
        elif not rows and not problems.unreadable and entry.row.rule_code not in elsewhere:
            _tell_loss_without_problem(inspection, findings, entry)


def _problems_not_in_the_file(inspection: Inspection) -> set[str]:
    """The rules of problems that were registered since the workbook was made."""
    given = inspection.identity.problems
    return {row.rule_code for row in inspection.expected.problems if row.number not in given}


def _check_nothing_is_open(
    inspection: Inspection, findings: Table, problems: Table, entry: Entry, rows: list[Entry]
) -> None:
    fixed = RectificationStatus.CLAIMED_FIXED
    unfixed = [each for each in rows if each.row.status is not fixed]
    if not unfixed:
        return
    where = "、".join(f"第{problems.raw.numbers[each.at]}行" for each in unfixed[:5])
    more = "等" if len(unfixed) > 5 else ""
    finding = entry.row.finding
    message = f"自查结论是“{finding.value}”，但《问题整改》{where}{more}还有没改完的问题"
    cure = "请把自查结论改为“存在问题”；问题都改完了，请在《问题整改》中选“申请销号”。"
    is_said_now = entry.is_touched or any(each.is_touched for each in unfixed)
    tell: Any = inspection.fault if is_said_now else inspection.warn
    tell(findings, "finding", entry.at, message, cure)


def _tell_loss_without_problem(inspection: Inspection, table: Table, entry: Entry) -> None:
    if entry.row.kind is RuleKind.PER_FINDING:
        message = "自查结论是“存在问题”，但《问题整改》中没有这一条的问题"
        cure = "请在《问题整改》中逐个登记；问题都已销号的，请把自查结论改为“达标”。"
        inspection.disagree(table, "finding", entry, message, cure)
    else:
        message = "失分无整改：自查结论是“存在问题”，但《问题整改》中没有这一条的整改措施和时限"
        inspection.warn(table, "finding", entry.at, message, "请在《问题整改》中补一行。")
