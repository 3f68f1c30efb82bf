"""The scores at the end of each frozen round, and now."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.actions import preferences
from daxing_safety.models import NOW, IndicatorScore, Round, UnitSummary, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports.scores import own_unit, share, totals
from daxing_safety.scoring import unit_rate
from daxing_safety.vocabulary import RoundState

if TYPE_CHECKING:
    import pandas as pd


class Scores(NamedTuple):
    """Of the district in points; of a unit its 得分率 in percent, which has no range."""

    claimed: Decimal
    confirmed: Decimal
    low: Decimal | None
    high: Decimal | None
    coverage: Decimal


def trend(session: Session, *, viewer: User, today: date) -> "pd.DataFrame":
    """label, on and the Scores at each moment, the oldest first; the last row is now."""
    import pandas as pd  # only where a frame is made

    is_district = units_seen_by(viewer) is None
    history = _of_district(session) if is_district else _of_unit(session, own_unit(viewer))
    rows = [
        (label, on, *history[key]) for key, label, on in _moments(session, today) if key in history
    ]
    return pd.DataFrame(rows, columns=["label", "on", *Scores._fields], dtype=object)


def _moments(session: Session, today: date) -> list[tuple[int, str, date]]:
    query = (
        select(col(Round.id), col(Round.name), col(Round.frozen_at))
        .where(col(Round.state) == RoundState.FROZEN)
        .order_by(col(Round.frozen_at))
    )
    rounds = [(key, name, frozen_at.date()) for key, name, frozen_at in session.execute(query)]
    return [*rounds, (NOW, "当前", today)]


def _of_district(session: Session) -> dict[int, Scores]:
    policy = preferences.scope_policy(session)
    by_round: dict[int, list[IndicatorScore]] = defaultdict(list)
    for row in session.scalars(select(IndicatorScore)):
        by_round[row.round_id].append(row)
    history = {}
    for key, rows in by_round.items():
        claimed, held, coverage = totals(rows, policy)
        history[key] = Scores(claimed.score, held.score, held.low, held.high, coverage)
    return history


def _of_unit(session: Session, unit_code: str) -> dict[int, Scores]:
    kept = select(UnitSummary).where(col(UnitSummary.unit_code) == unit_code)
    return {
        row.round_id: Scores(
            claimed=unit_rate(row.points_in_duty, row.claimed_lost),
            confirmed=unit_rate(row.points_in_duty, row.confirmed_lost),
            low=None,
            high=None,
            coverage=share(row.pairs_seen, row.pairs),
        )
        for row in session.scalars(kept)
    }
