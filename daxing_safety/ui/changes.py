"""Tables of what a workbook changes, or gets wrong: the same for the clerk and for the office."""

from collections.abc import Sequence, Sized
from typing import TYPE_CHECKING, Any

from daxing_safety.reports.changes import Change, change_table
from daxing_safety.reports.previews import opened_table, remark_table
from daxing_safety.ui import grid
from daxing_safety.workbooks.content import CellError, ProblemRow

if TYPE_CHECKING:
    import pandas as pd

MOST_REMARKS = 8


def count_of(rows: Sized) -> int:
    """How many there are, as people count: a row that changed in three fields is one."""
    if isinstance(rows, list | tuple) and all(isinstance(row, Change) for row in rows):
        return len({row.code for row in rows})
    return len(rows)


def show_progress(changes: Sequence[Change]) -> None:
    _show_changes(changes, "编号", "工作要点")


def show_findings(changes: Sequence[Change]) -> None:
    _show_changes(changes, "条款", "扣分条件")


def show_rectification(changes: Sequence[Change]) -> None:
    _show_changes(changes, "问题编号", "点位和问题")


def _show_changes(changes: Sequence[Change], code: str, about: str) -> None:
    grid.table(
        change_table(changes),
        f"有变化的{about}",
        code=grid.text(code, 84, pinned=True),
        about=grid.text(about, 300),
        field=grid.text("项目", 104),
        before=grid.text("原来", 200),
        after=grid.text("现在", 300),
    )


def show_opened(rows: Sequence[ProblemRow]) -> None:
    show_problems(opened_table(rows))


def show_problems(problems: "pd.DataFrame") -> None:
    grid.table(problems, "问题", row_height=grid.TALL, **problem_columns())


def choose_problems(problems: "pd.DataFrame", key: str) -> list[int]:
    """The numbers of the rows that the viewer has ticked."""
    return grid.table_to_choose_from(problems, "可勾选的问题", key, **problem_columns())


def problem_columns() -> dict[str, Any]:
    return {
        "number": grid.text("问题编号", 84, pinned=True),
        "rule_code": grid.text("条款", 64),
        "site": grid.text("点位", 170),
        "description": grid.text("问题描述", 260),
        "count": grid.number("处数", 60),
        "status": grid.text("整改状态", 84),
        "remark": grid.text("整改说明", 240),
        "measure": grid.text("整改措施", 240),
        "responsible": grid.text("责任人", 84),
        "due_on": grid.day("整改时限"),
        "done_on": grid.day("完成日期"),
        "discovery": grid.text("发现方式", 90),
        "found_on": grid.day("发现日期"),
    }


def show_faults(faults: Sequence[CellError]) -> None:
    _show_remarks(faults, "填写错误", "哪里不对", "怎么改")


def show_warnings(warnings: Sequence[CellError]) -> None:
    _show_remarks(warnings, "提醒", "提醒", "建议")


def show_readings(readings: Sequence[CellError]) -> None:
    _show_remarks(readings, "已识别的写法", "已识别为", "说明")


def _show_remarks(remarks: Sequence[CellError], alt: str, message: str, cure: str) -> None:
    grid.table(
        remark_table(remarks),
        alt,
        most=MOST_REMARKS,
        row_height=grid.TALL,
        sheet=grid.text("工作表", 84),
        cell=grid.text("单元格", 64),
        found=grid.text("填的内容", 130),
        message=grid.text(message, 290),
        cure=grid.text(cure, 350),
    )
