"""丢分账单 of one unit: what it loses, rule by rule, problem by problem, and what closing brings.

Confirmed points alone: those are what the unit is charged with.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Indicator, Rule
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import NOW, Loss, PairState, RuleLoss, Unit, UnitSummary, User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports.losses.tree import ProblemLoss, Side, problems_of_pair
from daxing_safety.scoring import unit_rate


class Line(NamedTuple):
    """`regained` is what the district wins back with all that the unit has open under the rule."""

    rule: Rule
    indicator: Indicator
    lost: Decimal
    regained: Decimal
    problems: list[ProblemLoss]


class Bill(NamedTuple):
    unit_code: str
    unit: str
    as_of: date
    points_in_duty: Decimal
    rate: Decimal  # 得分率 in percent
    lost: Decimal
    lines: list[Line]


def bill(session: Session, *, viewer: User, unit_code: str, today: date) -> Bill:
    seen = units_seen_by(viewer)
    if seen is not None and unit_code not in seen:
        raise NotAllowed("这是别的单位的丢分账单，您只能看本单位的。")
    unit = session.get(Unit, unit_code)
    summary = session.get(UnitSummary, (NOW, unit_code))
    if unit is None or summary is None:
        raise NotFound("没有这个单位。")
    return Bill(
        unit_code=unit.code,
        unit=unit.name,
        as_of=today,
        points_in_duty=summary.points_in_duty,
        rate=unit_rate(summary.points_in_duty, summary.confirmed_lost),
        lost=summary.confirmed_lost,
        lines=_lines(session, viewer, unit_code),
    )


def _lines(session: Session, viewer: User, unit_code: str) -> list[Line]:
    """In the standard's order."""
    criteria = ledger.criteria_in_force(session)
    query = (
        select(col(Loss.rule_code), col(Loss.confirmed), col(PairState.confirmed_count), RuleLoss)
        .join(
            PairState,
            (col(PairState.rule_code) == col(Loss.rule_code))
            & (col(PairState.unit_code) == col(Loss.unit_code)),
        )
        .outerjoin(RuleLoss, col(RuleLoss.rule_code) == col(Loss.rule_code))
        .where(col(Loss.round_id) == NOW, col(Loss.unit_code) == unit_code, col(Loss.confirmed) > 0)
    )
    rows = {code: values for code, *values in session.execute(query)}
    return [
        Line(
            rule=rule,
            indicator=criteria.indicator[rule.indicator_code],
            lost=rows[code][0],
            regained=regained(rows[code][2], rows[code][1]),
            problems=problems_of_pair(
                session,
                viewer=viewer,
                side=Side.CONFIRMED,
                rule_code=code,
                unit_code=unit_code,
            ),
        )
        for code, rule in criteria.rules.items()
        if code in rows
    ]


def regained(rule: RuleLoss | None, closed: int) -> Decimal:
    """What so many 处 less under a rule bring back; a rule that has none follows its finding."""
    if rule is None:
        return Decimal(0)
    return _lost(rule, rule.found) - _lost(rule, rule.found - closed)


def _lost(rule: RuleLoss, found: int) -> Decimal:
    return min(rule.others + min(found * rule.deduct, rule.most), rule.points)  # 扣完为止
