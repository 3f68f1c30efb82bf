"""失分台账: which rules cost points, and through whom.

What 总览 shows comes from the kept sums; only the document looks up 问题编号 in the ledger.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.models import NOW, Loss, PairState, Problem, Unit, User
from daxing_safety.reports import frame, scoped
from daxing_safety.vocabulary import RectificationStatus

if TYPE_CHECKING:
    import pandas as pd


def by_rule(session: Session, *, viewer: User) -> "pd.DataFrame":
    """A row a rule that costs confirmed points, the dearest first.

    `found` is the 处数 of open problems, `units` how many share the loss.
    """
    criteria = ledger.criteria_in_force(session)
    bears = col(Loss.confirmed) > 0
    query = (
        select(
            col(Loss.rule_code).label("rule_code"),
            func.sum(Loss.confirmed).label("confirmed"),
            func.sum(Loss.claimed).label("claimed"),
            func.sum(case((bears, 1), else_=0)).label("units"),
            func.sum(PairState.confirmed_count).label("found"),
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
    rows = frame(session, scoped(query, viewer, Loss.unit_code))
    rules = [criteria.rules[code] for code in rows.rule_code]
    rows["condition"] = [rule.condition for rule in rules]
    rows["indicator"] = [criteria.indicator[rule.indicator_code].name for rule in rules]
    rows["lead_unit"] = [criteria.indicator[rule.indicator_code].lead_unit for rule in rules]
    order = {code: place for place, code in enumerate(criteria.rules)}
    rows["place"] = rows.rule_code.map(order)
    return rows.sort_values(["confirmed", "place"], ascending=[False, True], ignore_index=True)


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
        .where(col(Problem.status) != RectificationStatus.CLOSED)
        .order_by(col(Problem.id))
    )
    numbers: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for unit, rule, number in session.execute(query):
        numbers[unit, rule].append(number)
    return numbers
