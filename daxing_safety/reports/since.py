"""What has changed since the last frozen round, from the sums that are kept of then and of now."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety.models import UnitSummary, User
from daxing_safety.reports import scoped
from daxing_safety.reports.trend import Moment, frozen_and_now


class Since(NamedTuple):
    """Changes from the moment `on`; of the district points, of a unit percentage points.

    Problems are the balance: one that was registered and taken back since does not count.
    """

    label: str
    on: date
    claimed: Decimal
    confirmed: Decimal
    problems: int
    closed: int
    work_points_done: int


def since_last_round(
    session: Session, *, viewer: User, today: date, history: list[Moment]
) -> Since | None:
    """`history` is the viewer's trend; None before the first round is frozen."""
    moments = frozen_and_now(session, today)
    if len(moments) < 2 or len(history) < 2:
        return None
    (then, label, on), (now, *_) = moments[-2:]
    before, after = _counts(session, viewer, then), _counts(session, viewer, now)
    return Since(
        label,
        on,
        history[-1].scores.claimed - history[-2].scores.claimed,
        history[-1].scores.confirmed - history[-2].scores.confirmed,
        *(new - old for new, old in zip(after, before, strict=True)),
    )


def _counts(session: Session, viewer: User, round_id: int) -> tuple[int, ...]:
    query = select(
        func.coalesce(func.sum(UnitSummary.problems), 0),
        func.coalesce(func.sum(UnitSummary.problems_closed), 0),
        func.coalesce(func.sum(UnitSummary.work_points_done), 0),
    ).where(col(UnitSummary.round_id) == round_id)
    row: Any = session.execute(scoped(query, viewer, UnitSummary.unit_code)).one()
    return tuple(row)
