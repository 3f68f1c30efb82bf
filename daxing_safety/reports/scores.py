"""自评分 and 核定分 as they stand: of the district with range and coverage, of one unit, of each.

Reads the kept sums alone, so that it costs the same however many problems there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.models import NOW, IndicatorScore, OutOfScope, Unit, UnitSummary, User
from daxing_safety.permissions import Permission, require
from daxing_safety.reports import scoped
from daxing_safety.reports.losses import shares as losses
from daxing_safety.scoring import Range, total_coverage, total_score, unit_rate
from daxing_safety.vocabulary import ScopePolicy


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures rest on, printed beside them; of points and rules, how many are 待核对."""

    version: str
    policy: ScopePolicy
    left_out: tuple[str, ...]  # names of the indicators 不涉及
    indicators: int
    indicators_unverified: int
    rules: int
    rules_unverified: int


class Totals(NamedTuple):
    claimed: Range
    confirmed: Range
    coverage: Decimal


class UnitScore(NamedTuple):
    """What a unit loses of the points in its duty."""

    unit: Unit
    points_in_duty: Decimal
    claimed_lost: Decimal
    confirmed_lost: Decimal
    pairs: int  # rules it answers for
    pairs_seen: int

    @property
    def coverage(self) -> Decimal:
        return share(self.pairs_seen, self.pairs)

    @property
    def claimed_rate(self) -> Decimal:
        """得分率 in percent."""
        return unit_rate(self.points_in_duty, self.claimed_lost)

    @property
    def confirmed_rate(self) -> Decimal:
        return unit_rate(self.points_in_duty, self.confirmed_lost)

    @property
    def gap(self) -> Decimal:
        """How much more it loses than it says: 虚高 where above nothing."""
        return self.confirmed_lost - self.claimed_lost


def basis(session: Session) -> Basis:
    criteria = ledger.criteria_in_force(session)
    left_out = session.scalars(select(col(OutOfScope.indicator_code)))
    indicators_unverified, rules_unverified = criteria.unverified()
    return Basis(
        version=criteria.version,
        policy=preferences.scope_policy(session),
        left_out=tuple(
            criteria.indicator[code].name for code in left_out if code in criteria.indicator
        ),
        indicators=len(criteria.indicators),
        indicators_unverified=indicators_unverified,
        rules=len(criteria.rules),
        rules_unverified=rules_unverified,
    )


def district(session: Session, *, viewer: User) -> Totals:
    require(viewer, Permission.SEE_DISTRICT)
    return totals(indicator_scores(session), preferences.scope_policy(session))


def by_unit(session: Session, *, viewer: User) -> list[UnitScore]:
    """In the plan's order."""
    query = (
        select(Unit, UnitSummary)
        .join(UnitSummary, col(UnitSummary.unit_code) == col(Unit.code))
        .where(col(UnitSummary.round_id) == NOW)
        .order_by(col(Unit.position))
    )
    return [
        UnitScore(
            unit=unit,
            points_in_duty=kept.points_in_duty,
            claimed_lost=kept.claimed_lost,
            confirmed_lost=kept.confirmed_lost,
            pairs=kept.pairs,
            pairs_seen=kept.pairs_seen,
        )
        for unit, kept in session.execute(scoped(query, viewer, Unit.code))
    ]


def score_document(session: Session, *, as_of: date) -> dict[str, Any]:
    """The district's points, indicators and losses as `score --json` prints them.

    For whoever runs the server; `session` reads the day's state. Points are strings with two
    places, coverage with four.
    """
    criteria = ledger.criteria_in_force(session)
    kept = {row.indicator_code: row for row in indicator_scores(session)}
    claimed, confirmed, coverage = totals(kept.values(), preferences.scope_policy(session))
    return {
        "as_of": as_of.isoformat(),
        "criteria": criteria.version,
        "claimed": _range_document(claimed),
        "confirmed": _range_document(confirmed),
        "coverage": f"{coverage:.4f}",
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


def indicator_scores(session: Session) -> Sequence[IndicatorScore]:
    now = select(IndicatorScore).where(col(IndicatorScore.round_id) == NOW)
    return session.scalars(now).all()


def totals(rows: Iterable[IndicatorScore], policy: ScopePolicy) -> Totals:
    rows = list(rows)
    claimed = ((r.points, Range(r.claimed, r.claimed_low, r.claimed), r.in_scope) for r in rows)
    confirmed = (
        (r.points, Range(r.confirmed, r.confirmed_low, r.confirmed_high), r.in_scope) for r in rows
    )
    coverage = total_coverage((r.points, coverage_of(r)) for r in rows if r.in_scope)
    return Totals(total_score(claimed, policy), total_score(confirmed, policy), coverage)


def coverage_of(row: IndicatorScore) -> Decimal:
    return share(row.pairs_seen, row.pairs)


def share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(1)
