"""What storing a checked workbook would do to its unit's claimed points. Stores nothing.

The pairs of the unit are made anew as the ledger would make them (ledger/pairs.py), all other
units' pairs stay, and the indicators are scored with both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Criteria, Indicator
from daxing_safety.models import OutOfScope, PairState, Problem, Unit
from daxing_safety.scoring import RuleState, Standing, score_indicator, unit_rate
from daxing_safety.vocabulary import Finding, RectificationStatus
from daxing_safety.workbooks.content import CheckedWorkbook

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
CLOSED = RectificationStatus.CLOSED


@dataclass(frozen=True, slots=True)
class Claimed:
    """A unit as it claims to stand: points lost, 得分率 in percent, rules looked at."""

    lost: Decimal
    rate: Decimal
    seen: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of pair_state, the claimed side of it."""

    rule_code: str
    standing: Standing
    is_seen: bool


def effect(session: Session, checked: CheckedWorkbook) -> tuple[Claimed, Claimed]:
    """The unit as it stands, and as it would."""
    unit = session.get_one(Unit, checked.unit_code)
    criteria = ledger.criteria_in_force(session)
    indicators = _indicators_of(session, criteria, unit)
    pairs = _pairs(session, indicators)
    others = [pair for pair in pairs if pair.standing.unit != unit.code]
    own = [pair for pair in pairs if pair.standing.unit == unit.code]
    made_anew = _pairs_after(session, own, checked)
    return (
        _claimed(unit, indicators, others, own),
        _claimed(unit, indicators, others, made_anew),
    )


def _indicators_of(session: Session, criteria: Criteria, unit: Unit) -> list[Indicator]:
    left_out = set(session.scalars(select(col(OutOfScope.indicator_code))))
    return [
        indicator
        for indicator in criteria.indicators
        if indicator.code not in left_out and any(name == unit.name for name, _ in indicator.duties)
    ]


def _pairs(session: Session, indicators: Iterable[Indicator]) -> list[Pair]:
    query = (
        select(
            col(PairState.rule_code),
            col(PairState.unit_code),
            col(Unit.position),
            col(PairState.claimed_count),
            col(PairState.claimed_finding),
            col(PairState.claimed_measured),
            col(PairState.is_seen),
        )
        .join(Unit, col(Unit.code) == col(PairState.unit_code))
        .where(col(PairState.indicator_code).in_([indicator.code for indicator in indicators]))
    )
    return [
        Pair(rule, Standing(unit, position, count, 0, finding, measured), is_seen)
        for rule, unit, position, count, finding, measured, is_seen in session.execute(query)
    ]


def _pairs_after(session: Session, own: Iterable[Pair], checked: CheckedWorkbook) -> list[Pair]:
    claimed, all_open = _counts_after(session, checked)
    said = {row.rule_code: row for row in checked.findings}
    pairs = []
    for pair in own:
        row = said.get(pair.rule_code)
        finding = row.finding if row else Finding.NOT_CHECKED
        standing = pair.standing._replace(
            found=claimed[pair.rule_code],
            finding=finding,
            measured=row.measured if row else None,
        )
        is_seen = finding is not Finding.NOT_CHECKED or all_open[pair.rule_code] > 0
        pairs.append(Pair(pair.rule_code, standing, is_seen))
    return pairs


def _counts_after(session: Session, checked: CheckedWorkbook) -> tuple[Counter[str], Counter[str]]:
    """处数 by rule: of the problems that count in 自评分, and of all that are open."""
    rows = {row.number: row for row in checked.problems if row.number}
    stored = select(Problem).where(
        col(Problem.unit_code) == checked.unit_code, col(Problem.status) != CLOSED
    )
    problems = [
        (
            problem.rule_code or "",
            problem.count,
            rows[problem.number].status if problem.number in rows else problem.status,
            problem.is_self_reported,
        )
        for problem in session.scalars(stored)
    ]
    problems += [(r.rule_code, r.count, r.status, True) for r in checked.problems if not r.number]
    claimed: Counter[str] = Counter()
    all_open: Counter[str] = Counter()
    for rule, count, status, is_self_reported in problems:
        all_open[rule] += count
        if is_self_reported and status is not CLAIMED_FIXED:
            claimed[rule] += count
    return claimed, all_open


def _claimed(
    unit: Unit, indicators: Sequence[Indicator], others: Iterable[Pair], own: Sequence[Pair]
) -> Claimed:
    states = _states([*others, *own])
    lost = sum(
        (
            share.points
            for indicator in indicators
            for share in score_indicator(indicator, states).shares
            if share.unit == unit.code
        ),
        Decimal(0),
    )
    in_duty = sum((indicator.points for indicator in indicators), Decimal(0))
    seen = sum(pair.is_seen for pair in own)
    return Claimed(lost, unit_rate(in_duty, lost), seen, len(own))


def _states(pairs: Iterable[Pair]) -> Mapping[str, RuleState]:
    by_rule: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_rule[pair.rule_code].append(pair)
    return {
        rule: RuleState(
            pairs=len(of_rule),
            pairs_seen=sum(pair.is_seen for pair in of_rule),
            standings=[pair.standing for pair in of_rule],
        )
        for rule, of_rule in by_rule.items()
    }
