"""Tables of what a workbook changes, or gets wrong: the same for the clerk and for the office."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from daxing_safety.reports.changes import Change, change_table
from daxing_safety.reports.previews import opened_table, remark_table
from daxing_safety.workbooks.content import CellError, ProblemRow

if TYPE_CHECKING:
    import pandas as pd

ROW_HEIGHT = 36
MOST_ROWS = 14  # that are shown without scrolling

text, number, day = (
    st.column_config.TextColumn,
    st.column_config.NumberColumn,
    st.column_config.DateColumn,
)


def show_changes(changes: Sequence[Change], code: str, about: str) -> None:
    """`code` and `about` head the columns that tell which row it is."""
    table(
        change_table(changes),
        f"{code}有变化的内容",
        code=text(code, width=84, pinned=True),
        about=text(about, width=300),
        field=text("项目", width=104),
        before=text("原来", width=200),
        after=text("现在", width=300),
    )


def show_opened(rows: Sequence[ProblemRow]) -> None:
    show_problems(opened_table(rows), "新增的问题")


def show_problems(problems: "pd.DataFrame", alt: str) -> None:
    table(
        problems,
        alt,
        number=text("问题编号", width=84, pinned=True),
        rule_code=text("条款", width=64),
        site=text("点位", width=170),
        description=text("问题描述", width=260),
        count=number("处数", width=56),
        discovery=text("发现方式", width=90),
        found_on=day("发现日期", width=96, format="YYYY-MM-DD"),
        status=text("整改状态", width=84),
        due_on=day("整改时限", width=96, format="YYYY-MM-DD"),
        done_on=day("完成日期", width=96, format="YYYY-MM-DD"),
        measure=text("整改措施", width=220),
        responsible=text("责任人", width=84),
        remark=text("整改说明", width=220),
    )


def show_faults(faults: Sequence[CellError]) -> None:
    _show_remarks(faults, "填写错误", "哪里不对", "怎么改")


def show_warnings(warnings: Sequence[CellError]) -> None:
    _show_remarks(warnings, "提醒", "提醒", "建议")


def show_readings(readings: Sequence[CellError]) -> None:
    _show_remarks(readings, "已识别的写法", "已识别为", "说明")


def _show_remarks(remarks: Sequence[CellError], alt: str, message: str, cure: str) -> None:
    table(
        remark_table(remarks),
        alt,
        sheet=text("工作表", width=88),
        cell=text("单元格", width=64),
        found=text("填的内容", width=150),
        message=text(message, width=330),
        cure=text(cure, width=400),
    )


def table(frame: "pd.DataFrame", alt: str, **columns: Any) -> None:
    rows = min(len(frame), MOST_ROWS)
    st.dataframe(
        frame,
        hide_index=True,
        height=ROW_HEIGHT * (rows + 1) + 3,
        row_height=ROW_HEIGHT,
        placeholder="",
        alt=alt,
        column_config=columns,
    )
