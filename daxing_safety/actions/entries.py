"""The rows of a submission into the tables: as they were said, and what follows for the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from daxing_safety.actions.moves import kept_as_json
from daxing_safety.database import insert_rows
from daxing_safety.models import (
    FindingEntry,
    Problem,
    ProblemEvent,
    ProblemNumber,
    ProblemRequest,
    ProgressEntry,
    Submission,
    WorkPointDuty,
    as_hundredths,
)
from daxing_safety.rectification import plain_site
from daxing_safety.vocabulary import Move, RectificationStatus, RequestKind, Severity
from daxing_safety.workbooks.content import CheckedWorkbook, FindingRow, ProblemRow, ProgressRow

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
# What is the same of everything a unit reports.
SELF_REPORTED = {
    "severity": Severity.GENERAL.name,
    "is_self_reported": True,
    "closed_on": None,
    "closed_by": None,
    "office_remark": "",
    "found_by": "",
    "task_no": None,
    "town_code": None,
    "merged_into": None,
    "revision": 1,
}

PROGRESS = ("status", "percent", "done_on", "remark", "evidence")
RECTIFICATION = (
    *("target", "measure", "responsible", "due_on", "status", "done_on", "remark"),
    "claimed_at",
)

# Statements are made once: making one costs as much as running it.
SET_PROGRESS = (
    update(WorkPointDuty)
    .where(
        col(WorkPointDuty.unit_code) == bindparam("unit"),
        col(WorkPointDuty.work_point_code) == bindparam("point"),
    )
    .values({name: bindparam(name) for name in PROGRESS} | {"is_accepted": False})
)
SET_RECTIFICATION = (
    update(Problem)
    .where(col(Problem.number) == bindparam("problem_number"))
    .values({name: bindparam(name) for name in RECTIFICATION} | {"revision": Problem.revision + 1})
)
TAKE_NUMBERS = (
    update(ProblemNumber)
    .values(number=ProblemNumber.number + bindparam("how_many"))
    .returning(col(ProblemNumber.number))
)
CLOSED_SITES = (
    select(
        col(Problem.unit_code),
        col(Problem.number),
        col(Problem.rule_code),
        col(Problem.site),
        col(Problem.closed_on),
    )
    .where(
        col(Problem.unit_code).in_(bindparam("units", expanding=True)),
        col(Problem.status) == RectificationStatus.CLOSED,
    )
    .order_by(col(Problem.id))
)
Update = tuple[ProblemRow, ProblemRow]  # before, after
ClosedAt = dict[str, tuple[str, date]]  # by site
ClosedSites = dict[str | None, ClosedAt]  # by rule


def keep(session: Session, versions: Sequence[tuple[Submission, CheckedWorkbook]]) -> None:
    """The rows as they were said, for good."""
    progress = [_progress_entry(of, row) for of, checked in versions for row in checked.progress]
    findings = [_finding_entry(of, row) for of, checked in versions for row in checked.findings]
    insert_rows(session, ProgressEntry, progress)
    insert_rows(session, FindingEntry, findings)


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


def update_progress(session: Session, rows: Iterable[tuple[str, ProgressRow]]) -> None:
    """What each row says of its unit, by the unit's code."""
    values = [
        {
            "point": row.work_point_code,
            "unit": unit,
            "status": row.status,
            "percent": row.percent or Decimal(0),
            "done_on": row.done_on,
            "remark": row.remark,
            "evidence": row.evidence,
        }
        for unit, row in rows
    ]
    if values:
        session.connection().execute(SET_PROGRESS, values)


def update_problems(
    session: Session, versions: Sequence[tuple[Submission, Sequence[Update]]]
) -> None:
    """Each row as it stood and as the workbook has it."""
    values = [_rectification(after, of.submitted_at) for of, rows in versions for _, after in rows]
    _write_rectification(session, values)
    for of, rows in versions:
        _note(session, Move.REPORT, rows, of.submitted_at, of.submitted_by)


def restore_problems(session: Session, rows: Sequence[Update], at: datetime, by: str) -> None:
    """Puts 整改 back to what it was; when a 申请销号 among them was made is not known any more."""
    _write_rectification(session, [_rectification(after, None) for _, after in rows])
    _note(session, Move.TAKE_BACK, rows, at, by)


def _write_rectification(session: Session, values: list[dict[str, Any]]) -> None:
    if values:
        session.connection().execute(SET_RECTIFICATION, values)


def _note(session: Session, move: Move, rows: Sequence[Update], at: datetime, by: str) -> None:
    """The problems' timelines tell of it."""
    events = [
        (
            after.number,
            at.isoformat(" "),
            by,
            move.name,
            before.status.name,
            after.status.name,
            _iso(before.due_on),
            _iso(after.due_on),
            None,  # is_passed
            after.remark,
            kept_as_json(before._asdict(), after._asdict()),
        )
        for before, after in rows
    ]
    insert_rows(session, ProblemEvent, events)


def ask_for_extensions(session: Session, rows: Sequence[tuple[Submission, ProblemRow]]) -> None:
    """A later 整改时限 in a workbook is a request; the same one is asked once."""
    if not rows:
        return
    asked = select(col(ProblemRequest.problem_number), col(ProblemRequest.due_on)).where(
        col(ProblemRequest.is_granted).is_(None)
    )
    waiting = {(number, due_on) for number, due_on in session.execute(asked)}
    session.add_all(
        ProblemRequest(
            problem_number=row.number,
            kind=RequestKind.EXTENSION,
            due_on=row.due_on,
            reason=row.remark,
            submission_id=of.id,
            asked_at=of.submitted_at,
            asked_by=of.submitted_by,
        )
        for of, row in rows
        if (row.number, row.due_on) not in waiting
    )
    session.flush()


def _rectification(row: ProblemRow, at: datetime | None) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in RECTIFICATION if name != "claimed_at"}
    claimed_at = at if row.status is CLAIMED_FIXED else None
    return values | {"claimed_at": claimed_at, "problem_number": row.number}


def open_problems(
    session: Session, versions: Sequence[tuple[Submission, Sequence[ProblemRow]]]
) -> None:
    """New lines of the ledger, numbered in the order in which they are given."""
    opening = [(of, rows) for of, rows in versions if rows]
    if not opening:
        return
    first = take_numbers(session, sum(len(rows) for _, rows in opening))
    back = _closed_sites(session, [of.unit_code for of, _ in opening])
    values: list[tuple[Any, ...]] = []
    for of, rows in opening:
        values += _opened(of, rows, first + len(values), back[of.unit_code])
    insert_rows(session, Problem, values, **SELF_REPORTED)


def _opened(
    submission: Submission, rows: Sequence[ProblemRow], first: int, back: ClosedSites
) -> list[tuple[Any, ...]]:
    """In the order of the table's columns, SELF_REPORTED left out."""
    # Looked up once: a workbook may bring thousands.
    unit, by, submission_id = submission.unit_code, submission.submitted_by, submission.id
    at = submission.submitted_at.isoformat(" ")
    days = {day for row in rows for day in (row.found_on, row.due_on, row.done_on)}
    iso = {day: _iso(day) for day in days}
    day = _iso(submission.submitted_at.date())
    return [
        (
            number_of(number),
            row.rule_code,
            unit,
            row.site,
            row.description,
            row.count,
            row.discovery.name,
            iso[row.found_on],
            row.target,
            row.measure,
            row.responsible,
            due_on := iso[row.due_on],
            due_on,  # first_due_on
            row.status.name,
            iso[row.done_on],
            row.remark,
            at,
            by,
            submission_id,
            at if row.status is CLAIMED_FIXED else None,
            day,  # assigned_on: who reports it has it in hand
            _recurs(back[row.rule_code], row) if row.rule_code in back else None,
        )
        for number, row in enumerate(rows, first)
    ]


def _closed_sites(session: Session, units: Sequence[str]) -> dict[str, ClosedSites]:
    """By unit, rule and site, the last problem that was closed there, and when."""
    closed: dict[str, ClosedSites] = defaultdict(lambda: defaultdict(dict))
    rows = session.connection().execute(CLOSED_SITES, {"units": units})
    for unit, number, rule, site, on in rows:
        closed[unit][rule][plain_site(site)] = number, on or date.min
    return closed


def _recurs(closed: ClosedAt, row: ProblemRow) -> str | None:
    """反复: found again where one was closed, not before it was."""
    number, on = closed.get(plain_site(row.site), (None, date.max))
    return number if row.found_on >= on else None


def take_numbers(session: Session, how_many: int) -> int:
    """The first of so many new 问题编号; safe because writers take turns."""
    last = session.connection().scalar(TAKE_NUMBERS, {"how_many": how_many})
    assert last is not None
    return last - how_many + 1


def number_of(number: int) -> str:
    return f"P{number:05d}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
