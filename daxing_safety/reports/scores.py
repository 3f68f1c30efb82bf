"""自评分 and 核定分 as they stand: of the district with range and coverage, of one unit, of each.

Reads the kept sums alone, so that it costs the same however many problems there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.criteria import Indicator
from daxing_safety.errors import BadInput
from daxing_safety.models import (
    NOW,
    IndicatorScore,
    Loss,
    OutOfScope,
    PairState,
    Round,
    Unit,
    UnitSummary,
    User,
)
from daxing_safety.permissions import Permission, require, units_seen_by
from daxing_safety.reports import UNIT_COLUMNS, frame, losses, scoped
from daxing_safety.scoring import Range, total_coverage, total_score, unit_rate
from daxing_safety.vocabulary import RoundState, ScopePolicy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures rest on, printed beside them."""

    version: str
    policy: ScopePolicy
    left_out: tuple[str, ...]  # names of the indicators 不涉及
    unverified_indicators: int  # points that are 待核对
    unverified_rules: int


@dataclass(frozen=True, slots=True)
class Totals:
    claimed: Range
    confirmed: Range
    coverage: Decimal


@dataclass(frozen=True, slots=True)
class OwnScore:
    """A unit's 得分率 in percent, and what it loses of the points in its duty."""

    claimed: Decimal
    confirmed: Decimal
    claimed_lost: Decimal
    confirmed_lost: Decimal
    points_in_duty: Decimal
    coverage: Decimal


def basis(session: Session) -> Basis:
    criteria = ledger.criteria_in_force(session)
    left_out = session.scalars(select(col(OutOfScope.indicator_code)))
    return Basis(
        criteria.version,
        preferences.scope_policy(session),
        tuple(criteria.indicator[code].name for code in left_out if code in criteria.indicator),
        *criteria.unverified(),
    )


def district(session: Session, *, viewer: User) -> Totals:
    require(viewer, Permission.SEE_DISTRICT)
    return totals(indicator_scores(session, NOW), preferences.scope_policy(session))


def own(session: Session, *, viewer: User) -> OwnScore:
    kept = session.get_one(UnitSummary, (NOW, own_unit(viewer)))
    return OwnScore(
        claimed=unit_rate(kept.points_in_duty, kept.claimed_lost),
        confirmed=unit_rate(kept.points_in_duty, kept.confirmed_lost),
        claimed_lost=kept.claimed_lost,
        confirmed_lost=kept.confirmed_lost,
        points_in_duty=kept.points_in_duty,
        coverage=share(kept.pairs_seen, kept.pairs),
    )


def own_unit(viewer: User) -> str:
    """The code of the one unit that a clerk sees."""
    seen = units_seen_by(viewer)
    assert seen is not None
    (code,) = seen
    return code


def by_unit(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row a unit, in the plan's order; `rate` is its confirmed 得分率 in percent."""
    query = (
        select(
            *UNIT_COLUMNS,
            col(Unit.map_row).label("map_row"),
            col(Unit.map_col).label("map_col"),
            col(UnitSummary.points_in_duty).label("points_in_duty"),
            col(UnitSummary.claimed_lost).label("claimed_lost"),
            col(UnitSummary.confirmed_lost).label("confirmed_lost"),
        )
        .join(UnitSummary, col(UnitSummary.unit_code) == col(Unit.code))
        .where(col(UnitSummary.round_id) == NOW)
        .order_by(col(Unit.position))
    )
    rows = frame(session, scoped(query, viewer, Unit.code))
    pairs = zip(rows.points_in_duty, rows.confirmed_lost, strict=True)
    return rows.assign(rate=[unit_rate(points, lost) for points, lost in pairs])


# ---- as a document ----

def score_document(session: Session, *, today: date, as_of: date | None = None) -> dict[str, Any]:
    """The district's points, indicators and losses as `score --json` prints them.

    For whoever runs the server. Points are strings with two places, coverage with four.
    """
    if as_of not in (None, today):
        raise BadInput(f"目前只能计算当天（{today}）的分数，往日的分数请看封存的填报期。")
    criteria = ledger.criteria_in_force(session)
    kept = {row.indicator_code: row for row in indicator_scores(session, NOW)}
    totals = totals(kept.values(), preferences.scope_policy(session))
    return {
        "as_of": today.isoformat(),
        "criteria": criteria.version,
        "claimed": _range_document(totals.claimed),
        "confirmed": _range_document(totals.confirmed),
        "coverage": f"{totals.coverage:.4f}",
        "indicators": [_indicator_document(kept[each.code]) for each in criteria.indicators],
        "losses": losses.documents(session),
    }


def _range_document(ranged: Range) -> dict[str, str]:
    return {name: f"{getattr(ranged, name):.2f}" for name in ("score", "low", "high")}


def _indicator_document(row: IndicatorScore) -> dict[str, str]:
    return {
        "code": row.indicator_code,
        "points": f"{row.points:.2f}",
        "claimed": f"{row.claimed:.2f}",
        "confirmed": f"{row.confirmed:.2f}",
        "coverage": f"{coverage_of(row):.4f}",
    }


# ---- kept sums ----

def indicator_scores(session: Session, round_id: int) -> Sequence[IndicatorScore]:
    kept = select(IndicatorScore).where(col(IndicatorScore.round_id) == round_id)
    return session.scalars(kept).all()


def totals(rows: Iterable[IndicatorScore], policy: ScopePolicy) -> Totals:
    rows = list(rows)
    claimed = ((r.points, Range(r.claimed, r.claimed_low, r.claimed), r.in_scope) for r in rows)
    confirmed = (
        (r.points, Range(r.confirmed, r.confirmed_low, r.confirmed_high), r.in_scope) for r in rows
    )
    coverage = totalcoverage_of((r.points, coverage_of(r)) for r in rows if r.in_scope)
    return Totals(total_score(claimed, policy), total_score(confirmed, policy), coverage)


def coverage_of(row: IndicatorScore) -> Decimal:
    return share(row.pairs_seen, row.pairs)


def share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(1)
