"""What a unit's workbook holds before it is filled: its duties, and what it reported before.

The same content is what a workbook that comes back is checked against.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, select
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
from daxing_safety.rectification import IN_HAND
from daxing_safety.vocabulary import Finding, RectificationStatus, RuleKind, Sheet
from daxing_safety.workbooks.content import (
    Cover,
    FindingRow,
    ProblemRow,
    ProgressRow,
    WorkbookContent,
)

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED

# Statements are made once: making one costs as much as running it. Rows come as values and not
# as objects of the session: the unit's code, then the fields of content.py in their order.
UNITS: BindParameter[str] = bindparam("units", expanding=True)
WORK_POINTS = (
    select(
        col(WorkPointDuty.unit_code),
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
    .where(col(WorkPointDuty.unit_code).in_(UNITS))
    .order_by(col(WorkPoint.position))
)
_of_units = col(Problem.unit_code).in_(UNITS)
OPEN_PROBLEMS = (
    select(
        col(Problem.unit_code),
        col(Problem.number),
        func.coalesce(Problem.rule_code, ""),
        *(table_of(Problem).c[field] for field in ProblemRow._fields[2:]),
    )
    .where(_of_units, col(Problem.status).in_(IN_HAND))
    .order_by(col(Problem.id))
)
CLOSED_NUMBERS = select(col(Problem.unit_code), col(Problem.number)).where(
    _of_units, col(Problem.status).not_in(IN_HAND)
)
LAST_FINDINGS = (
    select(
        col(Submission.unit_code),
        col(FindingEntry.rule_code),
        col(FindingEntry.finding),
        col(FindingEntry.measured),
        col(FindingEntry.remark),
        col(FindingEntry.evidence),
    )
    .join(Submission, col(Submission.id) == col(FindingEntry.submission_id))
    .where(col(Submission.unit_code).in_(UNITS), col(Submission.is_latest))
)
Rows = dict[str, list[Row[*tuple[Any, ...]]]]  # by the unit's code
LEFT_OUT = select(col(OutOfScope.indicator_code))
Span = Row[date, date]
SPAN = select(func.min(Phase.starts_on), func.max(Phase.ends_on))


def content(session: Session, round_: Round, unit: Unit) -> WorkbookContent:
    """The unit's own rows in this round; raises NotFound for a unit that has no duty."""
    found = contents(session, round_, [unit])
    if unit.code not in found:
        raise without_duty(unit)
    return found[unit.code]


def without_duty(unit: Unit) -> NotFound:
    return NotFound(f"{unit.name}在任务分解表和评价细则中没有承担事项，不需要填报。")


def contents(
    session: Session, round_: Round, units: Collection[Unit]
) -> dict[str, WorkbookContent]:
    """By their codes, what `content` is for each unit, read at once; no unit without a duty."""
    session.flush()  # what follows goes past the session
    connection, codes = session.connection(), [unit.code for unit in units]
    revision = session.get_one(CriteriaRevision, round_.criteria_revision_id)
    span: Span = connection.execute(SPAN).one()
    left_out = frozenset(connection.scalars(LEFT_OUT))
    points, open_problems, closed, said = (
        _by_unit(connection, query, codes)
        for query in (WORK_POINTS, OPEN_PROBLEMS, CLOSED_NUMBERS, LAST_FINDINGS)
    )
    unsaid = _unsaid_rows(revision.document)
    found = {}
    for unit in units:
        code = unit.code
        problems = tuple(ProblemRow(*row[1:]) for row in open_problems[code])
        content = WorkbookContent(
            cover=_cover(round_, unit, revision, span),
            progress=tuple(map(_progress_row, points[code])),
            findings=_findings(unsaid.get(unit.name, ()), said[code], problems, left_out),
            problems=problems,
            closed_numbers=frozenset(number for _, number in closed[code]),
        )
        if content.progress or content.findings:
            found[code] = content
    return found


def _by_unit(
    connection: Connection, query: Select[*tuple[Any, ...]], units: Collection[str]
) -> Rows:
    rows: Rows = defaultdict(list)
    for row in connection.execute(query, {"units": units}).all():
        rows[row[0]].append(row)
    return rows


def reporting_units(session: Session) -> list[Unit]:
    """The units that have anything to report, in the plan's order."""
    with_duty = select(col(WorkPointDuty.unit_code)).union(select(col(PairState.unit_code)))
    query = select(Unit).where(col(Unit.code).in_(with_duty)).order_by(col(Unit.position))
    return list(session.scalars(query))


def cover_of(session: Session, round_: Round, unit: Unit, revision: CriteriaRevision) -> Cover:
    return _cover(round_, unit, revision, session.connection().execute(SPAN).one())


def _cover(round_: Round, unit: Unit, revision: CriteriaRevision, span: Span) -> Cover:
    starts_on, ends_on = span
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


def _progress_row(row: Row[*tuple[Any, ...]]) -> ProgressRow:
    return ProgressRow(row[3], f"{row[1]}. {row[2]}", *row[4:])


def _findings(
    unsaid: Sequence[tuple[str, FindingRow]],
    said: Sequence[Row[*tuple[Any, ...]]],
    problems: tuple[ProblemRow, ...],
    left_out: Collection[str],
) -> tuple[FindingRow, ...]:
    last = {row[1]: row[2:] for row in said}
    unfixed = {problem.rule_code for problem in problems if problem.status is not CLAIMED_FIXED}
    waiting = {problem.rule_code for problem in problems} - unfixed
    rows = []
    for indicator_code, row in unsaid:
        if indicator_code not in left_out:
            code = row.rule_code
            if code in last:
                row = FindingRow._make((*row[: -len(last[code])], *last[code]))
            rows.append(_in_step(row, code in unfixed, code in waiting))
    return tuple(rows)


@lru_cache(maxsize=8)
def _unsaid_rows(document: str) -> dict[str, list[tuple[str, FindingRow]]]:
    """By unit's name, the rules (and their indicators) of which it has said nothing yet.

    A revision of the criteria never changes.
    """
    criteria = ledger.parsed(document)
    return {
        unit: [
            (rule.indicator_code, finding_row(criteria.indicator[rule.indicator_code], rule, None))
            for rule in rules
        ]
        for unit, rules in criteria.rules_of_unit.items()
    }


def finding_row(indicator: Indicator, rule: Rule, said: FindingEntry | None) -> FindingRow:
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
    return row._replace(
        finding=said.finding,
        measured=said.measured,
        remark=said.remark,
        evidence=said.evidence,
    )


def _in_step(row: FindingRow, has_unfixed: bool, has_waiting: bool) -> FindingRow:
    """The last finding, where the ledger has moved on since: found by others, or closed."""
    if row.kind is not RuleKind.PER_FINDING:
        return row
    if has_unfixed and row.finding is not Finding.HAS_PROBLEM:
        return row._replace(finding=Finding.HAS_PROBLEM)
    if row.finding is Finding.HAS_PROBLEM and not has_unfixed and not has_waiting:
        return row._replace(finding=Finding.COMPLIANT)
    return row
