"""What storing a checked workbook would do to its unit's claimed points. Stores nothing.

How the unit stands is in the kept sums. Only the rules of which it says something else are looked
at, and only their indicators scored: as the ledger would (ledger/pairs.py, ledger/scores.py), with
what stands against all other units.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, func, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions.changes import Comparison
from daxing_safety.criteria import Criteria, Indicator
from daxing_safety.models import NOW, Loss, OutOfScope, PairState, Problem, Unit, UnitSummary
from daxing_safety.scoring import RuleState, Standing, score_indicator, unit_rate
from daxing_safety.vocabulary import Finding, RectificationStatus

CLAIMED_FIXED = RectificationStatus.CLAIMED_FIXED
WITHOUT_LOSS = (Finding.COMPLIANT, Finding.NOT_CHECKED, Finding.NOT_APPLICABLE)

# Statements are made once: making one costs as much as running it.
UNITS: BindParameter[str] = bindparam("units", expanding=True)
INDICATORS: BindParameter[str] = bindparam("indicators", expanding=True)
SUMMARIES = select(
    col(UnitSummary.unit_code),
    col(UnitSummary.points_in_duty),
    col(UnitSummary.claimed_lost),
    col(UnitSummary.pairs_seen),
    col(UnitSummary.pairs),
).where(col(UnitSummary.round_id) == NOW, col(UnitSummary.unit_code).in_(UNITS))
PAIRS = (
    select(
        col(PairState.indicator_code),
        col(PairState.rule_code),
        col(PairState.confirmed_count),
        col(PairState.is_seen),
        col(PairState.unit_code),
        col(Unit.position),
        col(PairState.claimed_count),
        col(PairState.claimed_finding),
        col(PairState.claimed_measured),
    )
    .join(Unit, col(Unit.code) == col(PairState.unit_code))
    .where(
        col(PairState.indicator_code).in_(INDICATORS),
        col(PairState.unit_code).in_(UNITS)
        | (col(PairState.claimed_count) > 0)
        | col(PairState.claimed_finding).not_in(WITHOUT_LOSS),
    )
)
LOST = (
    select(col(Loss.unit_code), col(Loss.indicator_code), func.sum(Loss.claimed))
    .where(
        col(Loss.round_id) == NOW,
        col(Loss.unit_code).in_(UNITS),
        col(Loss.indicator_code).in_(INDICATORS),
    )
    .group_by(col(Loss.unit_code), col(Loss.indicator_code))
)
LEFT_OUT = select(col(OutOfScope.indicator_code))
SELF_REPORTED = select(col(Problem.number)).where(
    col(Problem.number).in_(bindparam("numbers", expanding=True)), col(Problem.is_self_reported)
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A unit as it claims to stand: points lost, 得分率 in percent, rules looked at."""

    lost: Decimal
    rate: Decimal
    seen: int
    pairs: int


class Pair(NamedTuple):
    """One line of pair_state, the claimed side of it."""

    rule_code: str
    open_count: int  # 处数 of all open problems, whoever found them
    is_seen: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class Ground:
    """What is kept about the units and the indicators that the workbooks touch."""

    summaries: Mapping[str, Claimed]  # by unit
    in_duty: Mapping[str, Decimal]  # points, by unit
    own: Mapping[tuple[str, str], Sequence[Pair]]  # by unit and indicator
    against: Mapping[str, Sequence[Pair]]  # with something against them, by indicator
    lost: Mapping[tuple[str, str], Decimal]  # by unit and indicator
    left_out: Collection[str]
    self_reported: Collection[str]  # 问题编号


def effects(session: Session, every: Sequence[Comparison]) -> list[tuple[Claimed, Claimed]]:
    """Of each workbook by itself, its unit as it stands, and as it would."""
    criteria = ledger.criteria_in_force(session)
    touched = [_touched_indicators(criteria, compared) for compared in every]
    ground = _ground(session, every, set().union(*touched))
    return [
        _effect(compared, indicators, ground)
        for compared, indicators in zip(every, touched, strict=True)
    ]


def _touched_indicators(criteria: Criteria, compared: Comparison) -> dict[str, Indicator]:
    """The indicators of whose rules the workbook says something else than before."""
    changes = compared.changes
    said = {row.rule_code for row in changes.findings}
    found = {row.rule_code for row in (*changes.problems_opened, *changes.problems_updated)}
    rules = (criteria.rules.get(code) for code in said | found)
    codes = {rule.indicator_code for rule in rules if rule}
    return {code: criteria.indicator[code] for code in codes}


def _ground(session: Session, every: Sequence[Comparison], indicators: Collection[str]) -> Ground:
    connection = session.connection()
    units = {compared.checked.unit_code for compared in every}
    touched = {"units": list(units), "indicators": list(indicators)}
    summaries, in_duty = {}, {}
    for unit, points, lost, seen, pairs in connection.execute(SUMMARIES, touched):
        summaries[unit] = Claimed(lost, unit_rate(points, lost), seen, pairs)
        in_duty[unit] = points
    own: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    against: dict[str, list[Pair]] = defaultdict(list)
    for row in connection.execute(PAIRS, touched):
        indicator, rule, open_count, is_seen, unit, place, found, finding, measured = row
        pair = Pair(rule, open_count, is_seen, Standing(unit, place, found, 0, finding, measured))
        own[unit, indicator].append(pair)
        if _is_against(pair.standing):
            against[indicator].append(pair)
    lost_now = {(unit, code): lost for unit, code, lost in connection.execute(LOST, touched)}
    numbers = [row.number for compared in every for row in compared.changes.problems_updated]
    return Ground(
        summaries=summaries,
        in_duty=in_duty,
        own=own,
        against=against,
        lost=lost_now,
        left_out=frozenset(connection.scalars(LEFT_OUT)),
        self_reported=_self_reported(session, numbers),
    )


def _self_reported(session: Session, numbers: Collection[str]) -> frozenset[str]:
    if not numbers:
        return frozenset()
    return frozenset(session.connection().scalars(SELF_REPORTED, {"numbers": list(numbers)}))


def _effect(
    compared: Comparison, indicators: Mapping[str, Indicator], ground: Ground
) -> tuple[Claimed, Claimed]:
    unit = compared.checked.unit_code
    before = ground.summaries[unit]
    own = [pair for code in indicators for pair in ground.own.get((unit, code), ())]
    made_anew = _pairs_after(own, compared, ground)
    others = [pair for code in indicators for pair in ground.against.get(code, ())]
    standings = _standings(*made_anew, *(pair for pair in others if pair.standing.unit != unit))
    lost = before.lost
    for code, indicator in indicators.items():
        if code not in ground.left_out:
            lost += _share(indicator, standings, unit) - ground.lost.get((unit, code), Decimal(0))
    seen = before.seen + sum(p.is_seen for p in made_anew) - sum(p.is_seen for p in own)
    return before, Claimed(lost, unit_rate(ground.in_duty[unit], lost), seen, before.pairs)


def _pairs_after(own: Iterable[Pair], compared: Comparison, ground: Ground) -> list[Pair]:
    claimed, opened = _counts_added(compared, ground.self_reported)
    said = {row.rule_code: row for row in compared.checked.findings}
    pairs = []
    for rule_code, open_count, _, standing in own:
        row = said.get(rule_code)
        finding = row.finding if row else Finding.NOT_CHECKED
        found = standing.found + claimed[rule_code]
        measured = row.measured if row else None
        after = standing._replace(found=found, finding=finding, measured=measured)
        open_then = open_count + opened[rule_code]
        is_seen = finding is not Finding.NOT_CHECKED or open_then > 0
        pairs.append(Pair(rule_code, open_then, is_seen, after))
    return pairs


def _counts_added(
    compared: Comparison, self_reported: Collection[str]
) -> tuple[Counter[str], Counter[str]]:
    """By rule, how much 处数 is added to what counts in 自评分, and to all that is open."""
    claimed: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    for row in compared.changes.problems_opened:
        opened[row.rule_code] += row.count
        if row.status is not CLAIMED_FIXED:
            claimed[row.rule_code] += row.count
    counted = {row.number: row.status is not CLAIMED_FIXED for row in compared.expected.problems}
    for row in compared.changes.problems_updated:
        counts = row.status is not CLAIMED_FIXED
        if row.number in self_reported and counts is not counted[row.number]:
            claimed[row.rule_code] += row.count if counts else -row.count
    return claimed, opened


def _is_against(standing: Standing) -> bool:
    return standing.found > 0 or standing.finding not in WITHOUT_LOSS


def _standings(*pairs: Pair) -> dict[str, list[Standing]]:
    """By rule, what stands against whom."""
    standings: dict[str, list[Standing]] = defaultdict(list)
    for pair in pairs:
        if _is_against(pair.standing):
            standings[pair.rule_code].append(pair.standing)
    return standings


def _share(indicator: Indicator, standings: Mapping[str, list[Standing]], unit: str) -> Decimal:
    """The unit's part of what is lost of the indicator."""
    states = {
        rule.code: RuleState(standings=standings[rule.code])
        for rule in indicator.rules
        if rule.code in standings
    }
    shares = score_indicator(indicator, states).shares
    return sum((share.points for share in shares if share.unit == unit), Decimal(0))
