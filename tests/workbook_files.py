"""Workbooks for tests: written by the template, then changed as a clerk might change them."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from daxing_safety.criteria import Criteria, load_criteria
from daxing_safety.programme import NAME, Programme, load_programme
from daxing_safety.vocabulary import Discovery, RectificationStatus, Sheet
from daxing_safety.workbooks.columns import COLUMNS, plain_header
from daxing_safety.workbooks.content import (
    Cover,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)
from daxing_safety.workbooks.template import write_workbook

TODAY = date(2021, 5, 20)
DUE_AT = datetime(2021, 5, 25, 17, 0)
HEADER_ROW, FIRST_ROW = 3, 4


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
    return replace(row, **changes)
