"""整改: open, 申请销号, overdue and closed problems, counted from the kept sums."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety.models import NOW, DueCount, Unit, UnitSummary, User
from daxing_safety.reports import scoped


class Rectification(NamedTuple):
    """Numbers of problems; `pending` (申请销号), `overdue` and `undated` are open ones."""

    problems: int
    closed: int
    pending: int
    overdue: int
    undated: int

    @property
    def open(self) -> int:
        return self.problems - self.closed

    @property
    def rate(self) -> Decimal | None:
        """整改率 between 0 and 1; None where there is nothing to mend."""
        return Decimal(self.closed) / self.problems if self.problems else None


NOTHING = Rectification(0, 0, 0, 0, 0)


class UnitProblems(NamedTuple):
    unit: Unit
    counts: Rectification


def by_unit(session: Session, *, viewer: User, today: date) -> list[UnitProblems]:
    """In the plan's order."""
    overdue = func.sum(case((col(DueCount.due_on) < today, col(DueCount.problems)), else_=0))
    due = (
        select(
            col(DueCount.unit_code),
            func.sum(DueCount.problems).label("dated"),
            overdue.label("overdue"),
        )
        .group_by(col(DueCount.unit_code))
        .subquery()
    )
    query = (
        select(
            Unit,
            col(UnitSummary.problems),
            col(UnitSummary.problems_closed),
            col(UnitSummary.problems_claimed),
            func.coalesce(due.c.overdue, 0),
            col(UnitSummary.problems)
            - col(UnitSummary.problems_closed)
            - func.coalesce(due.c.dated, 0),
        )
        .join(UnitSummary, col(UnitSummary.unit_code) == col(Unit.code))
        .outerjoin(due, due.c.unit_code == col(Unit.code))
        .where(col(UnitSummary.round_id) == NOW)
        .order_by(col(Unit.position))
    )
    rows = session.execute(scoped(query, viewer, Unit.code))
    return [UnitProblems(unit, Rectification(*counts)) for unit, *counts in rows]


def total(units: Iterable[UnitProblems]) -> Rectification:
    return Rectification(*map(sum, zip(NOTHING, *(row.counts for row in units), strict=True)))
