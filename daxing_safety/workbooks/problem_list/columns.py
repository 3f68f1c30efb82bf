"""The columns of 问题清单: one table drives the sheet, reading and checks, for both audiences.

What the office may fill stands in the table itself; FOR_UNITS says what a unit may.
"""

from dataclasses import replace
from enum import Enum
from functools import cache

from daxing_safety.vocabulary import Discovery, RectificationStatus, Severity
from daxing_safety.workbooks.columns import (
    LONG_TEXT,
    MEDIUM_TEXT,
    MOST_COUNT,
    SHORT_TEXT,
    Column,
    Filled,
    Kind,
)

PROBLEM_LIST = "问题清单"  # the sheet's name


class Audience(Enum):
    """Who gets a list, and so what may be changed in it."""

    OFFICE = "创安办"
    UNIT = "责任单位"


# Required here: of a row that is new.
LIST_COLUMNS = (
    Column("number", "问题编号", Kind.CODE, 9.5),
    Column(
        "unit",
        "责任单位",
        Kind.TEXT,
        12,
        Filled.ON_NEW_ROWS,
        is_required=True,
        most=SHORT_TEXT,
        hint="从下拉列表中选择单位简称。",
    ),
    Column(
        "town",
        "属地",
        Kind.TEXT,
        10,
        Filled.BY_UNIT,
        most=SHORT_TEXT,
        hint="点位所在的镇或街道，从下拉列表中选择；说不清的可以不填。",
    ),
    Column(
        "rule_code",
        "条款编号",
        Kind.CODE,
        8.5,
        Filled.BY_UNIT,
        hint="从下拉列表中选择由责任单位负责的条款；对不上条款的可以不填。",
    ),
    Column(
        "site",
        "点位",
        Kind.TEXT,
        17,
        Filled.BY_UNIT,
        is_required=True,
        most=SHORT_TEXT,
        hint=f"问题在哪里，写到能找到，最多{SHORT_TEXT}个字。",
    ),
    Column(
        "description",
        "问题描述",
        Kind.TEXT,
        26,
        Filled.BY_UNIT,
        is_required=True,
        most=MEDIUM_TEXT,
        hint=f"是什么问题，最多{MEDIUM_TEXT}个字。",
    ),
    Column(
        "count",
        "处数",
        Kind.COUNT,
        7,
        Filled.BY_UNIT,
        is_required=True,
        most=MOST_COUNT,
        hint="填整数，例如2。",
    ),
    Column(
        "severity",
        "严重程度",
        Kind.WORD,
        9.5,
        Filled.BY_UNIT,
        words=tuple(Severity),
        hint="从下拉列表中选择，新登记的不选按“一般”计。",
    ),
    Column(
        "discovery",
        "发现方式",
        Kind.WORD,
        11,
        Filled.ON_NEW_ROWS,
        is_required=True,
        words=tuple(Discovery),
        hint="从下拉列表中选择。",
    ),
    Column(
        "found_on",
        "发现日期",
        Kind.DATE,
        12,
        Filled.ON_NEW_ROWS,
        is_required=True,
        is_past=True,
        hint="例如2021-05-20，不能晚于填写当天。",
    ),
    Column(
        "found_by",
        "发现人",
        Kind.TEXT,
        10,
        Filled.ON_NEW_ROWS,
        most=SHORT_TEXT,
        hint="谁发现的：姓名、检查组或文号。",
    ),
    Column(
        "target",
        "整改目标",
        Kind.TEXT,
        17,
        Filled.BY_UNIT,
        most=MEDIUM_TEXT,
        hint=f"改到什么程度，最多{MEDIUM_TEXT}个字。",
    ),
    Column(
        "measure",
        "整改措施",
        Kind.TEXT,
        22,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint=f"怎么改，最多{LONG_TEXT}个字。",
    ),
    Column(
        "responsible",
        "责任人",
        Kind.TEXT,
        10,
        Filled.BY_UNIT,
        most=SHORT_TEXT,
        hint="写姓名，不写身份证号和手机号。",
    ),
    Column(
        "due_on",
        "整改时限",
        Kind.DATE,
        12,
        Filled.BY_UNIT,
        hint="改完的最后日期，例如2021-06-30。要推迟的，请同时填延期原因。",
    ),
    Column(
        "extension_reason",
        "延期原因",
        Kind.TEXT,
        16,
        Filled.BY_UNIT,
        most=MEDIUM_TEXT,
        hint="整改时限往后推的才填：为什么要延期。",
    ),
    Column("first_due_on", "首次时限", Kind.DATE, 12),
    Column(
        "status",
        "整改状态",
        Kind.WORD,
        10,
        words=tuple(RectificationStatus),
        hint="从下拉列表中选择。改完了选“申请销号”，并填完成日期和整改说明。",
        is_compared=True,
    ),
    Column(
        "done_on",
        "完成日期",
        Kind.DATE,
        12,
        is_past=True,
        hint="“申请销号”时填改完的日期，不能晚于填写当天。",
        is_compared=True,
    ),
    Column(
        "remark",
        "整改说明",
        Kind.TEXT,
        20,
        most=LONG_TEXT,
        hint=f"做了什么；“申请销号”时写明怎么改好的、有什么材料证明。最多{LONG_TEXT}个字。",
        is_compared=True,
    ),
    Column("loss", "现失分", Kind.POINTS, 8),
    Column("gain", "可挽回", Kind.POINTS, 9),
)

FOR_UNITS = frozenset(
    {"target", "measure", "responsible", "due_on", "extension_reason", "status", "done_on"}
    | {"remark"}
)
# What a unit may say of how far it has come; closing is the office's, and never done in Excel.
UNIT_STATUSES = (
    RectificationStatus.NOT_STARTED,
    RectificationStatus.IN_PROGRESS,
    RectificationStatus.CLAIMED_FIXED,
)


@cache
def columns_for(audience: Audience) -> tuple[Column, ...]:
    """The columns, as this audience may fill them."""
    if audience is Audience.OFFICE:
        return LIST_COLUMNS
    return tuple(_for_units(column) for column in LIST_COLUMNS)


def _for_units(column: Column) -> Column:
    if column.key in FOR_UNITS:
        return replace(column, filled=Filled.BY_UNIT)
    return replace(column, filled=Filled.BY_US, is_required=False, is_compared=column.is_read)
