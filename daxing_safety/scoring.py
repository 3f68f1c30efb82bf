"""What problems cost: deductions, caps, scores, ranges, coverage, and whose loss it is.

Pure: no clock, no database. Inside, points are whole hundredths; at the edges, Decimals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from daxing_safety.criteria import FULL_POINTS, HUNDREDTH, Indicator, Rule
from daxing_safety.vocabulary import Comparison, Finding, RuleKind, ScopePolicy


class Standing(NamedTuple):
    """What stands against one unit under one rule, as claimed or as confirmed.

    `found` sums the 处数 of the open problems; `pending` is the part that waits for 销号.
    """

    unit: str
    order: int  # the unit's place: ties go to the first
    found: int = 0
    pending: int = 0
    finding: Finding = Finding.NOT_CHECKED
    measured: Decimal | None = None


class RuleState(NamedTuple):
    """A rule over all units that answer for it: how many there are and have looked.

    `standings` may leave out the units against which nothing stands.
    """

    pairs: int = 0
    pairs_seen: int = 0
    standings: Sequence[Standing] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an indicator's loss that one unit bears under one rule."""

    rule_code: str
    unit: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """`low` loses every rule that not everybody has looked at; `high` grants what is pending."""

    score: Decimal
    low: Decimal
    high: Decimal
    pairs: int
    pairs_seen: int
    shares: tuple[Share, ...]

    @property
    def coverage(self) -> Decimal:
        return Decimal(self.pairs_seen) / self.pairs if self.pairs else Decimal(1)


@dataclass(frozen=True, slots=True)
class Range:
    score: Decimal
    low: Decimal
    high: Decimal


def per_finding(rule: Rule, standing: Standing) -> int:
    return _hundredths(rule.deduct) * standing.found


def once(rule: Rule, standing: Standing) -> int:
    return _hundredths(rule.deduct) if standing.finding is Finding.HAS_PROBLEM else 0


def rate(rule: Rule, standing: Standing) -> int:
    if standing.measured is None or standing.finding is Finding.NOT_APPLICABLE:
        return 0
    return _hundredths(rule.deduct) if rate_loses(rule, standing.measured) else 0


# A new kind of rule: a function, its line here, a member of RuleKind and a case in test_scoring.
RULE_KINDS = {RuleKind.PER_FINDING: per_finding, RuleKind.ONCE: once, RuleKind.RATE: rate}


def rate_loses(rule: Rule, measured: Decimal) -> bool:
    """Whether a measured percentage loses the rule's points."""
    assert rule.threshold is not None
    if rule.comparison is Comparison.NOT_ABOVE:
        return measured <= rule.threshold
    return measured < rule.threshold


def score_indicator(indicator: Indicator, states: Mapping[str, RuleState]) -> IndicatorScore:
    """One indicator's points; `states` holds its rules by their codes."""
    points = _hundredths(indicator.points)
    by_rule = [(rule, states.get(rule.code, RuleState())) for rule in indicator.rules]
    shares = [
        (rule, standing, part)
        for rule, state in by_rule
        for standing, part in _rule_shares(rule, state.standings)
    ]
    lost = min(sum(part for *_, part in shares), points)
    least = min(sum(_least(rule, state.standings) for rule, state in by_rule), points)
    most = min(sum(_most(rule, state, points) for rule, state in by_rule), points)
    return IndicatorScore(
        score=_points(points - lost),
        low=_points(points - most),
        high=_points(points - least),
        pairs=sum(state.pairs for _, state in by_rule),
        pairs_seen=sum(state.pairs_seen for _, state in by_rule),
        shares=_capped_shares(shares, lost),
    )


def _rule_shares(rule: Rule, standings: Sequence[Standing]) -> list[tuple[Standing, int]]:
    """Each unit's part of the rule's own, capped deduction, in hundredths; nothings left out."""
    deduction = RULE_KINDS[rule.kind]
    own = [(standing, deduction(rule, standing)) for standing in standings]
    own = sorted((pair for pair in own if pair[1]), key=lambda pair: pair[0].order)
    total = _within_cap(rule, sum(amount for _, amount in own))
    parts = apportion(total, [amount for _, amount in own])
    return [(standing, part) for (standing, _), part in zip(own, parts, strict=True)]


def _capped_shares(shares: list[tuple[Rule, Standing, int]], lost: int) -> tuple[Share, ...]:
    """The shares cut down, in proportion, to what the indicator can lose at all."""
    shares = sorted(shares, key=lambda share: share[1].order)
    parts = apportion(lost, [part for *_, part in shares])
    return tuple(
        Share(rule.code, standing.unit, _points(part))
        for (rule, standing, _), part in zip(shares, parts, strict=True)
    )


def _least(rule: Rule, standings: Sequence[Standing]) -> int:
    """The rule's deduction if every pending 申请销号 is accepted."""
    deduction = RULE_KINDS[rule.kind]
    accepted = (each._replace(found=each.found - each.pending) for each in standings)
    return _within_cap(rule, sum(deduction(rule, standing) for standing in accepted))


def _most(rule: Rule, state: RuleState, points: int) -> int:
    """The rule's deduction if whatever nobody has looked at is lost."""
    if state.pairs_seen == state.pairs:
        return sum(part for _, part in _rule_shares(rule, state.standings))
    return points if rule.most is None else _hundredths(rule.most)


def _within_cap(rule: Rule, deduction: int) -> int:
    return deduction if rule.most is None else min(deduction, _hundredths(rule.most))  # 扣完为止


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Splits `total` in proportion to `weights` by largest remainder; the parts add up to it.

    Ties go to whoever stands first. Where the weights add up to `total` they are the parts.
    """
    whole = sum(weights)
    if whole == total:
        return list(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def total_score(scores: Iterable[tuple[Decimal, Range, bool]], policy: ScopePolicy) -> Range:
    """The district's points from (points, range, applies?) of each indicator.

    不涉及: FULL grants such an indicator its points, RESCALE leaves it out and scales the rest
    to a hundred, rounded half up to two places.
    """
    rows = list(scores)
    in_scope = sum((points for points, _, applies in rows if applies), Decimal(0))
    granted = sum((points for points, _, applies in rows if not applies), Decimal(0))

    def total(part: str) -> Decimal:
        kept = sum((getattr(ranged, part) for _, ranged, applies in rows if applies), Decimal(0))
        if policy is ScopePolicy.FULL:
            return kept + granted
        return _rounded(kept / in_scope * FULL_POINTS) if in_scope else FULL_POINTS

    return Range(total("score"), total("low"), total("high"))


def total_coverage(rows: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """自评覆盖率 from (points, coverage) of the indicators in scope, weighted by points."""
    pairs = list(rows)
    points = sum((weight for weight, _ in pairs), Decimal(0))
    if not points:
        return Decimal(0)
    return (sum((weight * part for weight, part in pairs), Decimal(0)) / points).quantize(
        Decimal("0.0001"), ROUND_HALF_UP
    )


def unit_rate(points_in_duty: Decimal, lost: Decimal) -> Decimal:
    """得分率 of a unit, in percent: what it has not lost of the indicators it has a duty on."""
    if not points_in_duty:
        return FULL_POINTS
    return _rounded((1 - lost / points_in_duty) * 100)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)


def _hundredths(points: Decimal) -> int:
    return int(points * 100)


def _points(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)
