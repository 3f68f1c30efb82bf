"""What is counted per unit: lost points, problems, work points; and problems by due day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlmodel import Session, col

from daxing_safety.criteria import Criteria
from daxing_safety.database import insert_rows, table_of
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
from daxing_safety.vocabulary import (
    OPEN_STATUSES,
    VOID_STATUSES,
    ProgressStatus,
    RectificationStatus,
)

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
CLOSED = RectificationStatus.CLOSED


# Statements are made once: making one costs as much as running it.
UNITS: BindParameter[str] = bindparam("units", expanding=True)
_is_now = col(UnitSummary.round_id) == NOW
OLD_SUMMARIES = delete(UnitSummary).where(_is_now, col(UnitSummary.unit_code).in_(UNITS))
NO_LOSSES = update(UnitSummary).where(_is_now).values(claimed_lost=0, confirmed_lost=0)
LOSSES = (
    select(col(Loss.unit_code), func.sum(Loss.claimed), func.sum(Loss.confirmed))
    .where(col(Loss.round_id) == NOW)
    .group_by(col(Loss.unit_code))
)
SET_LOSSES = (
    update(UnitSummary)
    .where(_is_now, col(UnitSummary.unit_code) == bindparam("unit"))
    .values(claimed_lost=bindparam("claimed"), confirmed_lost=bindparam("confirmed"))
)
LEFT_OUT = select(col(OutOfScope.indicator_code))


def _counts(unit_code: Any, *conditions: Any) -> Select[*tuple[Any, ...]]:
    """Per unit: how many rows, and how many of them meet each condition."""
    met = (func.sum(case((condition, 1), else_=0)) for condition in conditions)
    return select(unit_code, func.count(), *met).where(unit_code.in_(UNITS)).group_by(unit_code)


# Pairs, seen; problems, closed, 申请销号; work points, done: how many numbers, and the query.
COUNTS = (
    (2, _counts(col(PairState.unit_code), col(PairState.is_seen))),
    (
        3,
        _counts(
            col(Problem.unit_code),
            col(Problem.status) == CLOSED,
            col(Problem.status) == CLAIMED_FIXED,
        ).where(col(Problem.status).not_in(VOID_STATUSES)),
    ),
    (
        2,
        _counts(col(WorkPointDuty.unit_code), col(WorkPointDuty.status) == ProgressStatus.DONE),
    ),
)

OLD_DUE_COUNTS = delete(DueCount).where(col(DueCount.unit_code).in_(UNITS))
DUE_COUNTS = insert(table_of(DueCount)).from_select(
    ["unit_code", "due_on", "problems"],
    select(col(Problem.unit_code), col(Problem.due_on), func.count())
    .where(
        col(Problem.unit_code).in_(UNITS),
        col(Problem.status).in_(OPEN_STATUSES),
        col(Problem.due_on).is_not(None),
    )
    .group_by(col(Problem.unit_code), col(Problem.due_on)),
)


def refresh_units(session: Session, criteria: Criteria, touched: Mapping[str, str]) -> None:
    """The lines of the touched units (name → code), and everybody's lost points.

    Where a cap bites, one unit's change shifts the shares of all the others.
    """
    connection, units = session.connection(), list(touched.values())
    counts = _unit_counts(connection, units)
    points = _points_in_duty(connection, criteria)
    connection.execute(OLD_SUMMARIES, {"units": units})
    rows = [
        (NOW, code, as_hundredths(points[name]), 0, 0, *counts[code])
        for name, code in touched.items()
    ]
    insert_rows(session, UnitSummary, rows)
    connection.execute(NO_LOSSES)
    losses = [
        {"unit": unit, "claimed": claimed, "confirmed": confirmed}
        for unit, claimed, confirmed in connection.execute(LOSSES)
    ]
    if losses:
        connection.execute(SET_LOSSES, losses)


def refresh_due_counts(session: Session, units: Collection[str]) -> None:
    connection = session.connection()
    connection.execute(OLD_DUE_COUNTS, {"units": list(units)})
    connection.execute(DUE_COUNTS, {"units": list(units)})


def _points_in_duty(connection: Connection, criteria: Criteria) -> dict[str, Decimal]:
    """Unit's name → points of the indicators it has a duty on, those 不涉及 left out."""
    left_out = set(connection.scalars(LEFT_OUT))
    points: dict[str, Decimal] = defaultdict(Decimal)
    for indicator in criteria.indicators:
        if indicator.code not in left_out:
            for name, _ in indicator.duties:
                points[name] += indicator.points
    return points


def _unit_counts(connection: Connection, units: Collection[str]) -> dict[str, list[int]]:
    """By unit, the numbers of COUNTS one after another."""
    counts: dict[str, list[int]] = {unit: [] for unit in units}
    for width, query in COUNTS:
        found = {
            unit: numbers for unit, *numbers in connection.execute(query, {"units": units}).all()
        }
        for unit in units:
            counts[unit] += found.get(unit, [0] * width)
    return counts
