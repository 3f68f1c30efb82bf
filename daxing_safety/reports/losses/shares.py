"""失分台账: which rules cost points, and through whom.

What screens show comes from the kept sums; only the document looks up 问题编号 in the ledger.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Indicator, Rule
from daxing_safety.models import NOW, Loss, PairState, Problem, Unit, User
from daxing_safety.reports import scoped
from daxing_safety.vocabulary import OPEN_STATUSES


class RuleLoss(NamedTuple):
    """`found` is the 处数 of open problems, `units` how many share the confirmed loss."""

    rule: Rule
    indicator: Indicator
    confirmed: Decimal
    units: int
    found: int


def by_rule(session: Session, *, viewer: User) -> list[RuleLoss]:
    """The rules that cost confirmed points, the dearest first, then in the standard's order."""
    criteria = ledger.criteria_in_force(session)
    query = (
        select(
            col(Loss.rule_code),
            func.sum(Loss.confirmed),
            func.sum(case((col(Loss.confirmed) > 0, 1), else_=0)),
            func.sum(PairState.confirmed_count),
        )
        .join(
            PairState,
            (col(PairState.rule_code) == col(Loss.rule_code))
            & (col(PairState.unit_code) == col(Loss.unit_code)),
        )
        .where(col(Loss.round_id) == NOW)
        .group_by(col(Loss.rule_code))
        .having(func.sum(Loss.confirmed) > 0)
    )
    found = {code: sums for code, *sums in session.execute(scoped(query, viewer, Loss.unit_code))}
    lost = [
        RuleLoss(rule, criteria.indicator[rule.indicator_code], *found[code])
        for code, rule in criteria.rules.items()
        if code in found
    ]
    return sorted(lost, key=lambda loss: -loss.confirmed)


def documents(session: Session) -> list[dict[str, Any]]:
    """Each pair's share in the confirmed loss, in the standard's order, with its open problems."""
    criteria = ledger.criteria_in_force(session)
    order = {code: place for place, code in enumerate(criteria.rules)}
    numbers = _open_problems(session)
    query = (
        select(col(Loss.rule_code), col(Unit.code), col(Unit.name), col(Loss.confirmed))
        .join(Unit, col(Unit.code) == col(Loss.unit_code))
        .where(col(Loss.round_id) == NOW, col(Loss.confirmed) > 0)
        .order_by(col(Unit.position))
    )
    rows = sorted(session.execute(query), key=lambda row: order[row[0]])
    return [
        {
            "indicator": criteria.rules[rule].indicator_code,
            "rule": rule,
            "unit": unit,
            "lead_unit": criteria.indicator[criteria.rules[rule].indicator_code].lead_unit,
            "points": f"{points:.2f}",
            "problems": numbers[code, rule],
        }
        for rule, code, unit, points in rows
    ]


def _open_problems(session: Session) -> dict[tuple[str, str | None], list[str]]:
    query = (
        select(col(Problem.unit_code), col(Problem.rule_code), col(Problem.number))
        .where(col(Problem.status).in_(OPEN_STATUSES))
        .order_by(col(Problem.id))
    )
    numbers: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for unit, rule, number in session.execute(query):
        numbers[unit, rule].append(number)
    return numbers
