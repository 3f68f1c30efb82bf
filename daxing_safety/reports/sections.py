"""The standard's sections (一级项): what each is worth, what stands of it, how much was looked at."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import preferences
from daxing_safety.criteria import Indicator
from daxing_safety.models import NOW, Loss, OutOfScope, PairState, Unit, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports.scores import coverage_of, indicator_scores, own_unit, share
from daxing_safety.scoring import total_coverage
from daxing_safety.vocabulary import ScopePolicy

if TYPE_CHECKING:
    import pandas as pd


class Part(NamedTuple):
    """What an indicator adds to its section, of the district or of one unit."""

    indicator: Indicator
    claimed: Decimal
    confirmed: Decimal
    coverage: Decimal
    in_scope: bool = True


class Section(NamedTuple):
    section: str
    points: Decimal
    claimed: Decimal
    confirmed: Decimal
    lost: Decimal
    coverage: Decimal


def sections(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row a Section, in the standard's order; a clerk gets what lies in the own unit's duty."""
    import pandas as pd  # only where a frame is made

    is_district = units_seen_by(viewer) is None
    parts = _of_district(session) if is_district else _of_unit(session, own_unit(viewer))
    by_section = groupby(parts, lambda part: part.indicator.section)
    rows = [_section(name, tuple(members)) for name, members in by_section]
    return pd.DataFrame(rows, columns=Section._fields, dtype=object)


def _section(name: str, parts: Sequence[Part]) -> Section:
    points = sum((part.indicator.points for part in parts), Decimal(0))
    confirmed = sum((part.confirmed for part in parts), Decimal(0))
    return Section(
        section=name,
        points=points,
        claimed=sum((part.claimed for part in parts), Decimal(0)),
        confirmed=confirmed,
        lost=points - confirmed,
        coverage=total_coverage((p.indicator.points, p.coverage) for p in parts if p.in_scope),
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
            parts.append(Part(each, each.points, each.points, Decimal(0), in_scope=False))
    return parts


def _of_unit(session: Session, unit_code: str) -> list[Part]:
    unit = session.get_one(Unit, unit_code)
    left_out = set(session.scalars(select(col(OutOfScope.indicator_code))))
    lost, seen = _losses(session, unit_code), _coverage(session, unit_code)
    parts = []
    for each in ledger.criteria_in_force(session).indicators:
        if each.code not in left_out and unit.name in dict(each.duties):
            claimed, confirmed = lost.get(each.code, (Decimal(0), Decimal(0)))
            coverage = seen.get(each.code, Decimal(1))  # no rule of it is this unit's to answer
            parts.append(Part(each, each.points - claimed, each.points - confirmed, coverage))
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
