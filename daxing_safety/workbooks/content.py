"""What stands in one unit's workbook of one round, as plain values.

The same content is written into the template, and is what a workbook that comes back is checked
against and compared with: for each row the locked part says which row it is, the filled part
what was last reported.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from daxing_safety.vocabulary import (
    Comparison,
    Discovery,
    Duty,
    Finding,
    ProgressStatus,
    RectificationStatus,
    RuleKind,
    Sheet,
)


@dataclass(frozen=True, slots=True)
class Cover:
    """Which programme, unit and round a workbook belongs to; written to the hidden `_meta`."""

    programme: str
    unit_code: str
    unit_name: str
    unit_full_name: str
    round_id: int
    round_name: str
    due_at: datetime
    criteria_revision: int
    criteria_version: str
    sheets: tuple[Sheet, ...]
    starts_on: date  # of the programme: no date of a row lies before
    ends_on: date


# Rows and faults are tuples: a workbook has thousands, and they are made four times as fast.
class ProgressRow(NamedTuple):
    work_point_code: str
    task: str = ""
    work_point: str = ""
    duty: Duty = Duty.SUPPORT
    due_on: date = date.max
    evidence_required: str = ""
    status: ProgressStatus = ProgressStatus.NOT_STARTED
    percent: Decimal | None = None
    done_on: date | None = None
    remark: str = ""
    evidence: str = ""


class FindingRow(NamedTuple):
    rule_code: str
    indicator: str = ""
    points: Decimal = Decimal(0)
    condition: str = ""
    kind: RuleKind = RuleKind.PER_FINDING
    deduct: Decimal = Decimal(0)
    per: str = "处"
    cap: Decimal = Decimal(0)  # the rule's own, or else the indicator's points
    comparison: Comparison | None = None
    threshold: Decimal | None = None
    is_verified: bool = True
    finding: Finding = Finding.NOT_CHECKED
    measured: Decimal | None = None
    remark: str = ""
    evidence: str = ""


class ProblemRow(NamedTuple):
    """`number` is empty for a problem that is new in this workbook."""

    number: str
    rule_code: str
    site: str
    description: str
    count: int  # type: ignore[assignment]  # 处数; nobody counts values in a row
    discovery: Discovery
    found_on: date
    target: str = ""
    measure: str = ""
    responsible: str = ""
    due_on: date | None = None
    status: RectificationStatus = RectificationStatus.NOT_STARTED
    done_on: date | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class WorkbookContent:
    """`problems` are the unit's problems that the office has not closed."""

    cover: Cover
    progress: tuple[ProgressRow, ...]
    findings: tuple[FindingRow, ...]
    problems: tuple[ProblemRow, ...]
    # 问题编号 of other units and of this unit's closed problems: known, but not to be reported on.
    closed_numbers: frozenset[str] = frozenset()


class CellError(NamedTuple):
    """表格填写错误. `cell` is like "F7", or "" where the fault is the sheet's or the file's."""

    sheet: str
    cell: str
    message: str
    cure: str
    found: str = ""  # what stands in the cell, as text


@dataclass(frozen=True, slots=True)
class CheckedWorkbook:
    """A workbook that came back, read and checked. With errors, the rows are not to be stored."""

    unit_code: str
    unit_name: str
    round_id: int
    round_name: str
    criteria_revision: int
    progress: tuple[ProgressRow, ...]
    findings: tuple[FindingRow, ...]
    problems: tuple[ProblemRow, ...]
    errors: tuple[CellError, ...]
    warnings: tuple[CellError, ...]
    readings: tuple[CellError, ...] = ()  # 已识别为: odd writing that could only mean one thing
