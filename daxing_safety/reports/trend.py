"""The scores at the end of each frozen round, and now."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.actions import preferences
from daxing_safety.models import NOW, IndicatorScore, Round, UnitSummary, User
from daxing_safety.reports import own_unit, scoped, sees_district
from daxing_safety.reports.scores import share, totals
from daxing_safety.scoring import Range, unit_rate
from daxing_safety.vocabulary import RoundState


class Scores(NamedTuple):
    """Of the district in points; of a unit its 得分率 in percent, which has no range."""

    claimed: Decimal
    confirmed: Decimal
    range: Range | None
    coverage: Decimal


class Moment(NamedTuple):
    label: str
    on: date
    scores: Scores


def trend(session: Session, *, viewer: User, today: date) -> list[Moment]:
    """The oldest first; the last is now."""
    if not sees_district(viewer):
        return of_unit(session, viewer=viewer, unit_code=own_unit(viewer), today=today)
    return _at_moments(session, today, _of_district(session))


def of_unit(session: Session, *, viewer: User, unit_code: str, today: date) -> list[Moment]:
    """Of a unit that the viewer does not see: nothing."""
    return _at_moments(session, today, _of_unit(session, viewer, unit_code))


def _at_moments(session: Session, today: date, history: Mapping[int, Scores]) -> list[Moment]:
    moments = frozen_and_now(session, today)
    return [Moment(label, on, history[key]) for key, label, on in moments if key in history]


def frozen_and_now(session: Session, today: date) -> list[tuple[int, str, date]]:
    """By the numbers under which sums are kept; the oldest first, the last is now."""
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
        claimed, confirmed, coverage = totals(rows, policy)
        history[key] = Scores(claimed.score, confirmed.score, confirmed, coverage)
    return history


def _of_unit(session: Session, viewer: User, unit_code: str) -> dict[int, Scores]:
    query = select(UnitSummary).where(col(UnitSummary.unit_code) == unit_code)
    kept = scoped(query, viewer, UnitSummary.unit_code)
    return {
        row.round_id: Scores(
            claimed=unit_rate(row.points_in_duty, row.claimed_lost),
            confirmed=unit_rate(row.points_in_duty, row.confirmed_lost),
            range=None,
            coverage=share(row.pairs_seen, row.pairs),
        )
        for row in session.scalars(kept)
    }
