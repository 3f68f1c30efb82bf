"""问题台账 as a list and by stage: filtered, ordered and paged in the database.

Scoped by its viewer; only the rows that are shown are ever read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from daxing_safety.deadlines import is_overdue
from daxing_safety.models import Problem, Unit, User
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.filters import STATUSES_OF, Filters, Only, Stage
from daxing_safety.reports.problems.queries import IS_REQUESTED, in_order, matching
from daxing_safety.reports.problems.worth import Worth
from daxing_safety.vocabulary import OPEN_STATUSES, RectificationStatus

if TYPE_CHECKING:
    import pandas as pd

PAGE_SIZE = 50
MOST_CARDS = 6  # of a stage, side by side with the others


class Row(NamedTuple):
    problem: Problem
    unit: str
    is_requested: bool  # a request of the unit waits for its answer
    is_overdue: bool
    worth: Worth

    @property
    def is_extended(self) -> bool:
        return self.problem.due_on != self.problem.first_due_on


@dataclass(frozen=True)
class ProblemPage:
    """One page of what was found; `by_stage` counts the same question with any status."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int
    by_stage: dict[Stage, int]


class Column(NamedTuple):
    """A stage of the board and the most pressing of its problems."""

    stage: Stage
    total: int
    rows: tuple[Row, ...]


def page(session: Session, *, viewer: User, filters: Filters, today: date) -> ProblemPage:
    counts = _by_status(session, viewer, filters, today)
    total = sum(counts.get(status, 0) for status in filters.status or RectificationStatus)
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(filters.page, pages)
    asked = in_order(viewer, filters, today)
    found = asked.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return ProblemPage(
        rows=_rows(session, found, today),
        total=total,
        page=number,
        pages=pages,
        by_stage=_by_stage(counts),
    )


def board(session: Session, *, viewer: User, filters: Filters, today: date) -> tuple[Column, ...]:
    """Every stage, whatever status is asked for."""
    totals = _by_stage(_by_status(session, viewer, filters, today))
    columns = []
    for stage, statuses in STATUSES_OF.items():
        asked = in_order(viewer, replace(filters, status=statuses), today)
        rows = _rows(session, asked.limit(MOST_CARDS), today) if totals[stage] else ()
        columns.append(Column(stage, totals[stage], rows))
    return tuple(columns)


def _by_status(
    session: Session, viewer: User, filters: Filters, today: date
) -> dict[RectificationStatus, int]:
    query = select(col(Problem.status), func.count()).group_by(col(Problem.status))
    asked = matching(query, viewer, replace(filters, status=()), today)
    return dict(session.execute(asked).all())


def _by_stage(counts: Mapping[RectificationStatus, int]) -> dict[Stage, int]:
    return {
        stage: sum(counts.get(status, 0) for status in statuses)
        for stage, statuses in STATUSES_OF.items()
    }


DETAILS = worth.joined(
    select(Problem, col(Unit.name), IS_REQUESTED, *worth.COLUMNS).join(
        Unit, col(Unit.code) == col(Problem.unit_code)
    )
)


def _rows(session: Session, asked: Select[Any], today: date) -> tuple[Row, ...]:
    ids = list(session.scalars(asked))
    found = {
        problem.id: Row(
            problem,
            unit,
            is_requested,
            is_overdue(today, due_on=problem.due_on, is_closed=_is_ended(problem)),
            worth.read(problem.count, *values),
        )
        for problem, unit, is_requested, *values in session.execute(
            DETAILS.where(col(Problem.id).in_(ids))
        )
    }
    return tuple(found[key] for key in ids)


def _is_ended(problem: Problem) -> bool:
    return problem.status not in OPEN_STATUSES


# ---- as a table ---------------------------------------------------------------------------------

OVERDUE, EXTENDED = "逾期", "延期"
MARKS = (
    OVERDUE,
    Only.UNPLANNED.value,
    Only.RECURRING.value,
    Only.REQUESTED.value,
    EXTENDED,
)


def marks(row: Row) -> list[str]:
    """What is to be noticed about it, the worst first."""
    found = (
        row.is_overdue,
        row.worth.is_unplanned,
        row.problem.recurs is not None,
        row.is_requested,
        row.is_extended,
    )
    return [mark for mark, applies in zip(MARKS, found, strict=True) if applies]


def table(rows: Sequence[Row]) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame([_line(row) for row in rows])


def _line(row: Row) -> dict[str, Any]:
    problem = row.problem
    return {
        "number": problem.number,
        "status": [problem.status.value],
        "marks": marks(row),
        "unit": row.unit,
        "rule_code": problem.rule_code or "",
        "site": problem.site,
        "description": problem.description,
        "count": problem.count,
        "cost": row.worth.cost_in_words,
        "gain": row.worth.gain_in_words,
        "due_on": problem.due_on,
        "first_due_on": problem.first_due_on if row.is_extended else None,
        "severity": problem.severity.value,
        "responsible": problem.responsible,
        "measure": problem.measure,
        "discovery": problem.discovery.value,
        "found_on": problem.found_on,
    }
