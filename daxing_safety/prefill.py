"""What a unit's workbook holds before it is filled: its duties, and what it reported before.

The same content is what a workbook that comes back is checked against.
"""

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlmodel import Session, col

from daxing_safety import ledger, programme
from daxing_safety.criteria import Indicator, Rule
from daxing_safety.database import table_of
from daxing_safety.errors import NotFound
from daxing_safety.models import (
    CriteriaRevision,
    FindingEntry,
    OutOfScope,
    PairState,
    Phase,
    Problem,
    Round,
    Submission,
    Task,
    Unit,
    WorkPoint,
    WorkPointDuty,
)
from daxing_safety.vocabulary import Finding, RectificationStatus, RuleKind, Sheet
from daxing_safety.workbooks.content import (
    Cover,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
CLOSED = RectificationStatus.CLOSED

# Statements are made once: making one costs as much as running it. Rows come as values and not
# as objects of the session, in the order of the fields in content.py.
WORK_POINTS = (
    select(
        col(Task.no),
        col(Task.title),
        col(WorkPoint.code),
        col(WorkPoint.text),
        col(WorkPointDuty.duty),
        col(WorkPoint.due_on),
        col(WorkPoint.evidence),
        col(WorkPointDuty.status),
        col(WorkPointDuty.percent),
        col(WorkPointDuty.done_on),
        col(WorkPointDuty.remark),
        col(WorkPointDuty.evidence),
    )
    .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
    .join(Task, col(Task.no) == col(WorkPoint.task_no))
    .where(col(WorkPointDuty.unit_code) == bindparam("unit"))
    .order_by(col(WorkPoint.position))
)
_of_unit = col(Problem.unit_code) == bindparam("unit")
OPEN_PROBLEMS = (
    select(
        col(Problem.number),
        func.coalesce(Problem.rule_code, ""),
        *(table_of(Problem).c[field.name] for field in fields(ProblemRow)[2:]),
    )
    .where(_of_unit, col(Problem.status) != CLOSED)
    .order_by(col(Problem.id))
)
CLOSED_NUMBERS = select(col(Problem.number)).where(_of_unit, col(Problem.status) == CLOSED)
LAST_FINDINGS = (
    select(
        col(FindingEntry.rule_code),
        col(FindingEntry.finding),
        col(FindingEntry.measured),
        col(FindingEntry.remark),
        col(FindingEntry.evidence),
    )
    .join(Submission, col(Submission.id) == col(FindingEntry.submission_id))
    .where(col(Submission.unit_code) == bindparam("unit"), col(Submission.is_latest))
)
LEFT_OUT = select(col(OutOfScope.indicator_code))
SPAN = select(func.min(Phase.starts_on), func.max(Phase.ends_on))


def content(session: Session, round_: Round, unit: Unit) -> WorkbookContent:
    """The unit's own rows in this round; raises NotFound for a unit that has no duty."""
    revision = session.get_one(CriteriaRevision, round_.criteria_revision_id)
    problems = _open_problems(session, unit)
    whole = WorkbookContent(
        cover=cover_of(session, round_, unit, revision),
        progress=_progress(session, unit),
        findings=_findings(session, unit, revision, problems),
        problems=problems,
        closed_numbers=_closed_numbers(session, unit),
    )
    if not whole.progress and not whole.findings:
        raise NotFound(f"{unit.name}在任务分解表和评价细则中没有承担事项，不需要填报。")
    return whole


def reporting_units(session: Session) -> list[Unit]:
    """The units that have anything to report, in the plan's order."""
    with_duty = select(col(WorkPointDuty.unit_code)).union(select(col(PairState.unit_code)))
    query = select(Unit).where(col(Unit.code).in_(with_duty)).order_by(col(Unit.position))
    return list(session.scalars(query))


def cover_of(session: Session, round_: Round, unit: Unit, revision: CriteriaRevision) -> Cover:
    starts_on, ends_on = session.execute(SPAN).one()
    assert round_.id is not None and revision.id is not None
    return Cover(
        programme=programme.NAME,
        unit_code=unit.code,
        unit_name=unit.name,
        unit_full_name=unit.full_name,
        round_id=round_.id,
        round_name=round_.name,
        due_at=round_.due_at,
        criteria_revision=revision.id,
        criteria_version=revision.version,
        sheets=sheets_of(round_),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def sheets_of(round_: Round) -> tuple[Sheet, ...]:
    return tuple(Sheet[name] for name in round_.sheets.split(","))


def _progress(session: Session, unit: Unit) -> tuple[ProgressRow, ...]:
    return tuple(
        ProgressRow(point, f"{no}. {title}", *rest)
        for no, title, point, *rest in session.execute(WORK_POINTS, {"unit": unit.code})
    )


def _open_problems(session: Session, unit: Unit) -> tuple[ProblemRow, ...]:
    rows = session.execute(OPEN_PROBLEMS, {"unit": unit.code})
    return tuple(ProblemRow(*row) for row in rows)


def _closed_numbers(session: Session, unit: Unit) -> frozenset[str]:
    return frozenset(session.scalars(CLOSED_NUMBERS, {"unit": unit.code}))


def _findings(
    session: Session, unit: Unit, revision: CriteriaRevision, problems: tuple[ProblemRow, ...]
) -> tuple[FindingRow, ...]:
    criteria = ledger.parsed(revision.document)
    left_out = set(session.scalars(LEFT_OUT))
    said = _last_findings(session, unit)
    unfixed = {problem.rule_code for problem in problems if problem.status is not CLAIMED_FIXED}
    waiting = {problem.rule_code for problem in problems} - unfixed
    rows = []
    for rule in criteria.rules_of_unit.get(unit.name, ()):
        if rule.indicator_code not in left_out:
            row = finding_row(criteria.indicator[rule.indicator_code], rule, said.get(rule.code))
            rows.append(_in_step(row, rule.code in unfixed, rule.code in waiting))
    return tuple(rows)


def finding_row(
    indicator: Indicator, rule: Rule, said: FindingEntry | Row[Any] | None
) -> FindingRow:
    row = FindingRow(
        rule_code=rule.code,
        indicator=indicator.name,
        points=indicator.points,
        condition=rule.condition,
        kind=rule.kind,
        deduct=rule.deduct,
        per=rule.per,
        cap=indicator.points if rule.most is None else rule.most,
        comparison=rule.comparison,
        threshold=rule.threshold,
        is_verified=rule.is_verified and indicator.is_verified,
    )
    if said is None:
        return row
    return replace(
        row,
        finding=said.finding,
        measured=said.measured,
        remark=said.remark,
        evidence=said.evidence,
    )


def _in_step(row: FindingRow, has_unfixed: bool, has_waiting: bool) -> FindingRow:
    """The last finding, where the ledger has moved on since: found by others, or closed."""
    if row.kind is not RuleKind.PER_FINDING:
        return row
    if has_unfixed:
        return replace(row, finding=Finding.HAS_PROBLEM)
    if row.finding is Finding.HAS_PROBLEM and not has_waiting:
        return replace(row, finding=Finding.COMPLIANT)
    return row


def _last_findings(session: Session, unit: Unit) -> dict[str, Row[Any]]:
    rows = session.execute(LAST_FINDINGS, {"unit": unit.code})
    return {row.rule_code: row for row in rows}
