"""What is counted per unit: lost points, problems, work points; and problems by due day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, select, update
from sqlmodel import Session, col

from daxing_safety.criteria import Criteria
from daxing_safety.database import insert_rows
from daxing_safety.models import (
    NOW,
    DueCount,
    Loss,
    OutOfScope,
    PairState,
    Problem,
    UnitSummary,
    WorkPointDuty,
    as_hundredths,
)
from daxing_safety.vocabulary import ProgressStatus, RectificationStatus

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
CLOSED = RectificationStatus.CLOSED


def refresh_units(session: Session, criteria: Criteria, touched: Mapping[str, str]) -> None:
    """The lines of the touched units (name → code), and everybody's lost points.

    Where a cap bites, one unit's change shifts the shares of all the others.
    """
    counts = _unit_counts(session, touched.values())
    points = _points_in_duty(session, criteria)
    is_now = col(UnitSummary.round_id) == NOW
    old = is_now & col(UnitSummary.unit_code).in_(touched.values())
    session.execute(delete(UnitSummary).where(old))
    rows = [
        (NOW, code, as_hundredths(points[name]), 0, 0, *counts[code])
        for name, code in touched.items()
    ]
    insert_rows(session, UnitSummary, rows)
    session.execute(update(UnitSummary).where(is_now).values(claimed_lost=0, confirmed_lost=0))
    losses = _lost_by_unit(session)
    if losses:
        session.connection().execute(
            update(UnitSummary)
            .where(is_now, col(UnitSummary.unit_code) == bindparam("unit"))
            .values(claimed_lost=bindparam("claimed"), confirmed_lost=bindparam("confirmed")),
            losses,
        )


def _points_in_duty(session: Session, criteria: Criteria) -> dict[str, Decimal]:
    """Unit's name → points of the indicators it has a duty on, those 不涉及 left out."""
    left_out = set(session.scalars(select(col(OutOfScope.indicator_code))))
    points: dict[str, Decimal] = defaultdict(Decimal)
    for indicator in criteria.indicators:
        if indicator.code not in left_out:
            for name, _ in indicator.duties:
                points[name] += indicator.points
    return points


def _lost_by_unit(session: Session) -> list[dict[str, Any]]:
    query = (
        select(col(Loss.unit_code), func.sum(Loss.claimed), func.sum(Loss.confirmed))
        .where(col(Loss.round_id) == NOW)
        .group_by(col(Loss.unit_code))
    )
    return [
        {"unit": unit, "claimed": claimed, "confirmed": confirmed}
        for unit, claimed, confirmed in session.execute(query)
    ]


def _unit_counts(session: Session, units: Collection[str]) -> dict[str, list[int]]:
    """Unit → pairs, seen; problems, closed, 申请销号; work points, done."""
    counts: dict[str, list[int]] = {unit: [] for unit in units}
    for table, conditions in (
        (PairState, [col(PairState.is_seen)]),
        (Problem, [col(Problem.status) == CLOSED, col(Problem.status) == CLAIMED_FIXED]),
        (WorkPointDuty, [col(WorkPointDuty.status) == ProgressStatus.DONE]),
    ):
        unit_code = col(table.unit_code)
        query = select(
            unit_code, func.count(), *(func.sum(case((c, 1), else_=0)) for c in conditions)
        )
        found = {
            unit: numbers
            for unit, *numbers in session.execute(
                query.where(unit_code.in_(units)).group_by(unit_code)
            )
        }
        for unit in units:
            counts[unit] += found.get(unit, [0] * (1 + len(conditions)))
    return counts


def refresh_due_counts(session: Session, units: Collection[str]) -> None:
    session.execute(delete(DueCount).where(col(DueCount.unit_code).in_(units)))
    open_ones = (
        select(col(Problem.unit_code), col(Problem.due_on), func.count())
        .where(
            col(Problem.unit_code).in_(units),
            col(Problem.status) != CLOSED,
            col(Problem.due_on).is_not(None),
        )
        .group_by(col(Problem.unit_code), col(Problem.due_on))
    )
    session.execute(insert(DueCount).from_select(["unit_code", "due_on", "problems"], open_ones))
