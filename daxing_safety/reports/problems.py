"""整改: open, 申请销号, overdue and closed problems, counted from the kept sums."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety.models import NOW, DueCount, Unit, UnitSummary, User
from daxing_safety.reports import UNIT_COLUMNS, frame, scoped

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Rectification:
    """Numbers of problems. `pending` (申请销号), `overdue` and `undated` are among `open`."""

    problems: int
    closed: int
    open: int
    pending: int
    overdue: int
    undated: int

    @property
    def rate(self) -> Decimal | None:
        """整改率 between 0 and 1; None where there is nothing to mend."""
        return Decimal(self.closed) / self.problems if self.problems else None


def by_unit(session: Session, *, viewer: User, today: date) -> "pd.DataFrame":
    """A row a unit, in the plan's order, with the counts of Rectification."""
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
    is_open = col(UnitSummary.problems) - col(UnitSummary.problems_closed)
    query = (
        select(
            *UNIT_COLUMNS,
            col(UnitSummary.problems).label("problems"),
            col(UnitSummary.problems_closed).label("closed"),
            is_open.label("open"),
            col(UnitSummary.problems_claimed).label("pending"),
            func.coalesce(due.c.overdue, 0).label("overdue"),
            (is_open - func.coalesce(due.c.dated, 0)).label("undated"),
        )
        .join(UnitSummary, col(UnitSummary.unit_code) == col(Unit.code))
        .outerjoin(due, due.c.unit_code == col(Unit.code))
        .where(col(UnitSummary.round_id) == NOW)
        .order_by(col(Unit.position))
    )
    return frame(session, scoped(query, viewer, Unit.code))


def total(units: "pd.DataFrame") -> Rectification:
    """The sums over the rows of `by_unit`."""
    names = ("problems", "closed", "open", "pending", "overdue", "undated")
    return Rectification(**{name: int(units[name].sum()) for name in names})
