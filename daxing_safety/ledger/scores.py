"""Scores of indicators and the shares of their losses, from the pairs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, case, delete, func, select
from sqlmodel import Session, col

from daxing_safety.criteria import Indicator
from daxing_safety.database import insert_rows
from daxing_safety.models import (
    NOW,
    IndicatorScore,
    Loss,
    OutOfScope,
    PairState,
    RuleLoss,
    Unit,
    as_hundredths,
)
from daxing_safety.scoring import RuleState, Share, Standing, rule_deduction, score_indicator
from daxing_safety.vocabulary import Finding, RuleKind

States = dict[str, dict[str, RuleState]]  # by indicator, by rule
WITHOUT_LOSS = (Finding.COMPLIANT, Finding.NOT_CHECKED, Finding.NOT_APPLICABLE)


# Statements are made once: making one costs as much as running it.
INDICATORS: BindParameter[str] = bindparam("indicators", expanding=True)
OLD = [
    delete(model).where(col(model.round_id) == NOW, col(model.indicator_code).in_(INDICATORS))
    for model in (IndicatorScore, Loss)
]
OLD.append(delete(RuleLoss).where(col(RuleLoss.indicator_code).in_(INDICATORS)))
LEFT_OUT = select(col(OutOfScope.indicator_code))
PAIRS = (
    select(
        col(PairState.indicator_code),
        col(PairState.rule_code),
        func.count(),
        func.sum(case((col(PairState.is_seen), 1), else_=0)),
        func.sum(case((col(PairState.is_held), 1), else_=0)),
    )
    .where(col(PairState.indicator_code).in_(INDICATORS))
    .group_by(col(PairState.indicator_code), col(PairState.rule_code))
)
STANDING = (
    select(
        col(PairState.rule_code),
        col(PairState.unit_code),
        col(Unit.position),
        col(PairState.claimed_count),
        col(PairState.confirmed_count),
        col(PairState.pending_count),
        col(PairState.claimed_finding),
        col(PairState.claimed_measured),
        col(PairState.confirmed_finding),
        col(PairState.confirmed_measured),
    )
    .join(Unit, col(Unit.code) == col(PairState.unit_code))
    .where(
        col(PairState.indicator_code).in_(INDICATORS),
        (col(PairState.confirmed_count) > 0)
        | col(PairState.claimed_finding).not_in(WITHOUT_LOSS)
        | col(PairState.confirmed_finding).not_in(WITHOUT_LOSS),
    )
)


def refresh_scores(session: Session, indicators: Sequence[Indicator]) -> None:
    connection, codes = session.connection(), [indicator.code for indicator in indicators]
    claimed, confirmed = _states(connection, codes)
    left_out = set(connection.scalars(LEFT_OUT))
    score_rows: list[tuple[Any, ...]] = []
    loss_rows: list[tuple[Any, ...]] = []
    rule_rows: list[tuple[Any, ...]] = []
    for indicator in indicators:
        in_scope = indicator.code not in left_out
        said = score_indicator(indicator, claimed[indicator.code])
        held = score_indicator(indicator, confirmed[indicator.code])
        points = (indicator.points, said.score, said.low, held.score, held.low, held.high)
        of, *scores = map(as_hundredths, points)
        score_rows.append((NOW, indicator.code, of, in_scope, *scores, said.pairs, said.pairs_seen))
        if in_scope:
            loss_rows += _loss_rows(indicator.code, said.shares, held.shares)
            rule_rows += _rule_rows(indicator, confirmed[indicator.code])
    for statement in OLD:
        connection.execute(statement, {"indicators": codes})
    insert_rows(session, IndicatorScore, score_rows)
    insert_rows(session, Loss, loss_rows)
    insert_rows(session, RuleLoss, rule_rows)


def _rule_rows(indicator: Indicator, states: Mapping[str, RuleState]) -> list[tuple[Any, ...]]:
    """One line a rule under which something has been found."""
    deductions = {
        rule.code: rule_deduction(rule, states[rule.code].standings)
        for rule in indicator.rules
        if rule.code in states
    }
    whole = sum(deductions.values(), Decimal(0))
    rows: list[tuple[Any, ...]] = []
    for rule in indicator.rules:
        found = (
            sum(each.found for each in states[rule.code].standings) if rule.code in states else 0
        )
        if found:
            deduct = rule.deduct if rule.kind is RuleKind.PER_FINDING else Decimal(0)
            most = indicator.points if rule.most is None else rule.most
            others = whole - deductions[rule.code]
            amounts = map(as_hundredths, (deduct, most, others, indicator.points))
            rows.append((rule.code, indicator.code, found, *amounts))
    return rows


def _loss_rows(
    indicator_code: str, claimed: Sequence[Share], confirmed: Sequence[Share]
) -> list[tuple[Any, ...]]:
    said = {(share.rule_code, share.unit): as_hundredths(share.points) for share in claimed}
    held = {(share.rule_code, share.unit): as_hundredths(share.points) for share in confirmed}
    return [
        (NOW, *pair, indicator_code, said.get(pair, 0), held.get(pair, 0))
        for pair in said.keys() | held.keys()
    ]


def _states(connection: Connection, indicators: Sequence[str]) -> tuple[States, States]:
    """How the rules stand, as claimed and as confirmed."""
    standings = _standings(connection, indicators)
    claimed: States = {code: {} for code in indicators}
    confirmed: States = {code: {} for code in indicators}
    for indicator, rule, pairs, seen, held in connection.execute(
        PAIRS, {"indicators": indicators}
    ).all():
        by_unit, by_office = standings[rule]
        claimed[indicator][rule] = RuleState(pairs, seen, by_unit)
        confirmed[indicator][rule] = RuleState(pairs, held, by_office)
    return claimed, confirmed


def _standings(
    connection: Connection, indicators: Sequence[str]
) -> dict[str, tuple[list[Standing], list[Standing]]]:
    """By rule, what stands against whom; pairs with nothing against them are not read."""
    standings: dict[str, tuple[list[Standing], list[Standing]]] = defaultdict(lambda: ([], []))
    for rule, unit, place, *against in connection.execute(
        STANDING, {"indicators": indicators}
    ).all():
        claimed, confirmed, pending, said, measured, held, held_measured = against
        by_unit, by_office = standings[rule]
        by_unit.append(Standing(unit, place, claimed, 0, said, measured))
        by_office.append(Standing(unit, place, confirmed, pending, held, held_measured))
    return standings
