"""The rows of a submission into the tables: as they were said, and what follows for the ledger."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from daxing_safety.database import insert_rows
from daxing_safety.models import (
    FindingEntry,
    Problem,
    ProblemNumber,
    ProgressEntry,
    Submission,
    Unit,
    WorkPointDuty,
    as_hundredths,
)
from daxing_safety.vocabulary import RectificationStatus, Severity
from daxing_safety.workbooks.content import CheckedWorkbook, FindingRow, ProblemRow, ProgressRow

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
GENERAL = Severity.GENERAL.name
UNCLOSED = (None, None, "")  # closed_on, closed_by, office_remark

# Statements are made once: making one costs as much as running it.
TAKE_NUMBERS = (
    update(ProblemNumber)
    .values(number=ProblemNumber.number + bindparam("how_many"))
    .returning(col(ProblemNumber.number))
)


def keep(session: Session, submission: Submission, checked: CheckedWorkbook) -> None:
    """The rows as they were said, for good."""
    insert_rows(
        session, ProgressEntry, [_progress_entry(submission, row) for row in checked.progress]
    )
    insert_rows(
        session, FindingEntry, [_finding_entry(submission, row) for row in checked.findings]
    )


def _progress_entry(submission: Submission, row: ProgressRow) -> tuple[Any, ...]:
    return (
        submission.id,
        row.work_point_code,
        row.status.name,
        as_hundredths(row.percent or Decimal(0)),
        _iso(row.done_on),
        row.remark,
        row.evidence,
    )


def _finding_entry(submission: Submission, row: FindingRow) -> tuple[Any, ...]:
    return (
        submission.id,
        row.rule_code,
        row.finding.name,
        as_hundredths(row.measured),
        row.remark,
        row.evidence,
    )


def update_progress(session: Session, unit: Unit, rows: Iterable[ProgressRow]) -> None:
    values = [
        {
            "point": row.work_point_code,
            "status": row.status,
            "percent": row.percent or Decimal(0),
            "done_on": row.done_on,
            "remark": row.remark,
            "evidence": row.evidence,
            "is_accepted": False,
        }
        for row in rows
    ]
    if values:
        session.connection().execute(
            update(WorkPointDuty)
            .where(
                col(WorkPointDuty.unit_code) == unit.code,
                col(WorkPointDuty.work_point_code) == bindparam("point"),
            )
            .values({name: bindparam(name) for name in values[0] if name != "point"}),
            values,
        )


def update_problems(session: Session, submission: Submission, rows: Sequence[ProblemRow]) -> None:
    _write_rectification(session, [_rectification(row, submission.submitted_at) for row in rows])


def restore_problems(session: Session, rows: Sequence[ProblemRow]) -> None:
    """Puts 整改 back to what it was; when a 申请销号 among them was made is not known any more."""
    _write_rectification(session, [_rectification(row, None) for row in rows])


def _write_rectification(session: Session, values: list[dict[str, Any]]) -> None:
    if values:
        session.connection().execute(
            update(Problem)
            .where(col(Problem.number) == bindparam("problem_number"))
            .values({name: bindparam(name) for name in RECTIFICATION}),
            values,
        )


RECTIFICATION = (
    *("target", "measure", "responsible", "due_on", "status", "done_on", "remark"),
    "claimed_at",
)


def _rectification(row: ProblemRow, at: datetime | None) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in RECTIFICATION if name != "claimed_at"}
    claimed_at = at if row.status is CLAIMED_FIXED else None
    return values | {"claimed_at": claimed_at, "problem_number": row.number}


def open_problems(session: Session, submission: Submission, rows: Sequence[ProblemRow]) -> None:
    """New lines of the ledger, in the order of the table's columns."""
    first = take_numbers(session, len(rows))
    # Looked up once: a workbook may bring thousands.
    unit, by, submission_id = submission.unit_code, submission.submitted_by, submission.id
    at = submission.submitted_at.isoformat(" ")
    days = {row.found_on for row in rows} | {row.due_on for row in rows}
    iso = {day: _iso(day) for day in days}
    values = [
        (
            number_of(number),
            row.rule_code,
            unit,
            row.site,
            row.description,
            row.count,
            GENERAL,
            row.discovery.name,
            True,  # is_self_reported
            iso[row.found_on],
            row.target,
            row.measure,
            row.responsible,
            due_on := iso[row.due_on],
            due_on,  # first_due_on
            row.status.name,
            _iso(row.done_on),
            row.remark,
            at,
            by,
            submission_id,
            at if row.status is CLAIMED_FIXED else None,
            *UNCLOSED,
        )
        for number, row in enumerate(rows, first)
    ]
    insert_rows(session, Problem, values)


def take_numbers(session: Session, how_many: int) -> int:
    """The first of so many new 问题编号; safe because writers take turns."""
    last = session.connection().scalar(TAKE_NUMBERS, {"how_many": how_many})
    assert last is not None
    return last - how_many + 1


def number_of(number: int) -> str:
    return f"P{number:05d}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
