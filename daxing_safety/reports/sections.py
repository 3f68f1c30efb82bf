"""The standard's sections (一级项): what each is worth, what stands of it, what was looked at."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.criteria import Indicator
from daxing_safety.models import NOW, Loss, OutOfScope, PairState, Unit, User
from daxing_safety.reports import own_unit, sees_district
from daxing_safety.reports.scores import coverage_of, indicator_scores, share
from daxing_safety.scoring import total_coverage
from daxing_safety.vocabulary import ScopePolicy


class Part(NamedTuple):
    """What an indicator adds to its section, of the district or of one unit."""

    indicator: Indicator
    claimed: Decimal
    confirmed: Decimal
    coverage: Decimal | None  # None: there is nothing to look at


class Section(NamedTuple):
    name: str
    points: Decimal
    claimed: Decimal
    confirmed: Decimal
    lost: Decimal
    coverage: Decimal | None


def sections(session: Session, *, viewer: User) -> list[Section]:
    """In the standard's order; a clerk gets what lies in the own unit's duty."""
    parts = _of_district(session) if sees_district(viewer) else _of_unit(session, own_unit(viewer))
    by_section = groupby(parts, lambda part: part.indicator.section)
    return [_section(name, tuple(members)) for name, members in by_section]


def _section(name: str, parts: Sequence[Part]) -> Section:
    points = sum((part.indicator.points for part in parts), Decimal(0))
    confirmed = sum((part.confirmed for part in parts), Decimal(0))
    seen = [(p.indicator.points, p.coverage) for p in parts if p.coverage is not None]
    return Section(
        name=name,
        points=points,
        claimed=sum((part.claimed for part in parts), Decimal(0)),
        confirmed=confirmed,
        lost=points - confirmed,
        coverage=total_coverage(seen) if seen else None,
    )


def _of_district(session: Session) -> list[Part]:
    """不涉及 has its full points under FULL and is left out under RESCALE, as in the total."""
    grants = preferences.scope_policy(session) is ScopePolicy.FULL
    kept = {row.indicator_code: row for row in indicator_scores(session)}
    parts = []
    for each in ledger.criteria_in_force(session).indicators:
        row = kept[each.code]
        if row.in_scope:
            parts.append(Part(each, row.claimed, row.confirmed, coverage_of(row)))
        elif grants:
            parts.append(Part(each, each.points, each.points, None))
    return parts


def _of_unit(session: Session, unit_code: str) -> list[Part]:
    unit = session.get_one(Unit, unit_code)
    left_out = set(session.scalars(select(col(OutOfScope.indicator_code))))
    lost, seen = _losses(session, unit_code), _coverage(session, unit_code)
    parts = []
    for each in ledger.criteria_in_force(session).indicators:
        if each.code not in left_out and unit.name in dict(each.duties):
            claimed, confirmed = lost.get(each.code, (Decimal(0), Decimal(0)))
            won = each.points - claimed, each.points - confirmed
            parts.append(Part(each, *won, seen.get(each.code)))
    return parts


def _losses(session: Session, unit_code: str) -> dict[str, tuple[Decimal, Decimal]]:
    query = (
        select(col(Loss.indicator_code), func.sum(Loss.claimed), func.sum(Loss.confirmed))
        .where(col(Loss.round_id) == NOW, col(Loss.unit_code) == unit_code)
        .group_by(col(Loss.indicator_code))
    )
    return {code: (claimed, confirmed) for code, claimed, confirmed in session.execute(query)}


def _coverage(session: Session, unit_code: str) -> dict[str, Decimal]:
    seen = func.sum(case((col(PairState.is_seen), 1), else_=0))
    query = (
        select(col(PairState.indicator_code), seen, func.count())
        .where(col(PairState.unit_code) == unit_code)
        .group_by(col(PairState.indicator_code))
    )
    return {code: share(looked, pairs) for code, looked, pairs in session.execute(query)}
