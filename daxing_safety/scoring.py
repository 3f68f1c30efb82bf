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


class Share(NamedTuple):
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


def per_finding(_: Rule, standing: Standing) -> int:
    return standing.found


def once(_: Rule, standing: Standing) -> int:
    return int(standing.finding is Finding.HAS_PROBLEM)


def rate(rule: Rule, standing: Standing) -> int:
    if standing.measured is None or standing.finding is Finding.NOT_APPLICABLE:
        return 0
    return int(rate_loses(rule, standing.measured))


# How many times a unit loses what the rule takes off, by kind of rule. A new kind: a function, its
# line here, a member of RuleKind and a case in test_scoring.
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
    shares: list[tuple[Rule, Standing, int]] = []
    lost = least = most = pairs = pairs_seen = 0
    for rule in indicator.rules:
        state = states.get(rule.code, RuleState())
        parts = _rule_shares(rule, state.standings)
        deduction = sum(part for _, part in parts)
        shares += [(rule, standing, part) for standing, part in parts]
        lost += deduction
        least += _least(rule, state.standings, deduction)
        most += deduction if state.pairs_seen == state.pairs else _whole(rule, points)
        pairs += state.pairs
        pairs_seen += state.pairs_seen
    return IndicatorScore(
        score=_points(points - min(lost, points)),
        low=_points(points - min(most, points)),
        high=_points(points - min(least, points)),
        pairs=pairs,
        pairs_seen=pairs_seen,
        shares=_capped_shares(shares, min(lost, points)),
    )


def rule_deduction(rule: Rule, standings: Sequence[Standing]) -> Decimal:
    """What a rule takes off by itself, before its indicator's cap."""
    return _points(sum(part for _, part in _rule_shares(rule, standings)))


def _rule_shares(rule: Rule, standings: Sequence[Standing]) -> list[tuple[Standing, int]]:
    """Each unit's part of the rule's own, capped deduction, in hundredths; nothings left out."""
    times, deduct = RULE_KINDS[rule.kind], _hundredths(rule.deduct)
    own = [(each, deduct * found) for each in standings if (found := times(rule, each))]
    own.sort(key=lambda pair: pair[0].order)
    amounts = [amount for _, amount in own]
    parts = apportion(_within_cap(rule, sum(amounts)), amounts)
    return [(standing, part) for (standing, _), part in zip(own, parts, strict=True)]


def _capped_shares(shares: list[tuple[Rule, Standing, int]], lost: int) -> tuple[Share, ...]:
    """The shares cut down, in proportion, to what the indicator can lose at all."""
    shares = sorted(shares, key=lambda share: share[1].order)
    parts = apportion(lost, [part for *_, part in shares])
    return tuple(
        Share(rule.code, standing.unit, _points(part))
        for (rule, standing, _), part in zip(shares, parts, strict=True)
    )


def _least(rule: Rule, standings: Sequence[Standing], deduction: int) -> int:
    """The rule's deduction if every pending 申请销号 is accepted."""
    if not any(each.pending for each in standings):
        return deduction
    times, deduct = RULE_KINDS[rule.kind], _hundredths(rule.deduct)
    accepted = (each._replace(found=each.found - each.pending) for each in standings)
    return _within_cap(rule, sum(deduct * times(rule, standing) for standing in accepted))


def _whole(rule: Rule, points: int) -> int:
    """All that a rule can cost: what stands to be lost while somebody has not looked."""
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
