"""Points: examples in the standard's own words, then what must hold for any numbers at all."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daxing_safety.criteria import Criteria, Indicator, Rule
from daxing_safety.scoring import (
    Range,
    RuleState,
    Standing,
    apportion,
    rate_loses,
    score_indicator,
    total_coverage,
    total_score,
    unit_rate,
)
from daxing_safety.vocabulary import Comparison, Finding, RuleKind, ScopePolicy


def rule(code: str, kind: RuleKind, deduct: str, cap: str | None = None) -> Rule:
    return Rule(
        code=code,
        indicator_code="4",
        condition="",
        kind=kind,
        deduct=Decimal(deduct),
        per="处",
        cap=Decimal(cap) if cap else None,
        comparison=Comparison.NOT_ABOVE if kind is RuleKind.RATE else None,
        threshold=Decimal(80) if kind is RuleKind.RATE else None,
        is_verified=True,
        basis="",
    )


def indicator(points: str, *rules: Rule) -> Indicator:
    return Indicator(
        code="4",
        section="城市安全源头治理",
        section_points=Decimal(18),
        group_code="2",
        group="城市基础及安全设施建设",
        group_points=Decimal(9),
        name="市政安全设施",
        points=Decimal(points),
        is_verified=True,
        note="",
        rules=rules,
        duties=(),
        tasks=(),
    )


HYDRANTS = rule("4-1", RuleKind.PER_FINDING, "0.2", cap="1")
PIPES = rule("4-2", RuleKind.RATE, "1")
PLAN = rule("4-3", RuleKind.ONCE, "0.5")


def seen(*standings: Standing, pairs: int | None = None) -> RuleState:
    """Everybody has looked, unless there are more pairs than have."""
    looked = max(len(standings), 1)
    return RuleState(pairs or looked, looked, standings)


def test_three_broken_hydrants_at_0_2_each_cost_0_6() -> None:
    result = score_indicator(indicator("2", HYDRANTS), {"4-1": seen(Standing("区水务局", 0, 3))})
    assert result.score == Decimal("1.40")
    assert [share.points for share in result.shares] == [Decimal("0.60")]


def test_the_sixth_hydrant_costs_nothing_more_1_point_is_the_cap() -> None:
    result = score_indicator(indicator("2", HYDRANTS), {"4-1": seen(Standing("区水务局", 0, 6))})
    assert result.score == Decimal("1.00")


def test_where_the_cap_bites_units_share_it_in_proportion_to_the_hundredth() -> None:
    standings = seen(Standing("甲", 0, 2), Standing("乙", 1, 2), Standing("丙", 2, 3))
    result = score_indicator(indicator("2", HYDRANTS), {"4-1": standings})
    parts = {share.unit: share.points for share in result.shares}
    assert parts == {"甲": Decimal("0.29"), "乙": Decimal("0.28"), "丙": Decimal("0.43")}
    # 28.57, 28.57 and 42.86 hundredths: the tie goes to 甲, who stands first


def test_a_rate_of_exactly_80_percent_has_not_gone_above_80() -> None:
    assert rate_loses(PIPES, Decimal("80.00"))
    assert not rate_loses(PIPES, Decimal("80.01"))


def test_a_rate_of_exactly_95_percent_is_not_below_95() -> None:
    below = replace(PIPES, comparison=Comparison.BELOW, threshold=Decimal(95))
    assert not rate_loses(below, Decimal(95))
    assert rate_loses(below, Decimal("94.99"))


def test_a_rate_below_the_line_costs_its_points_once() -> None:
    said = Standing("区城管委", 0, 0, 0, Finding.HAS_PROBLEM, Decimal(75))
    result = score_indicator(indicator("2", PIPES), {"4-2": seen(said)})
    assert result.score == Decimal("1.00")


def test_a_yes_no_rule_costs_its_points_only_when_there_is_a_problem() -> None:
    for finding, score in [(Finding.HAS_PROBLEM, "1.50"), (Finding.COMPLIANT, "2.00")]:
        said = Standing("区城管委", 0, 0, 0, finding)
        result = score_indicator(indicator("2", PLAN), {"4-3": seen(said)})
        assert result.score == Decimal(score)


def test_the_indicators_points_are_the_last_cap() -> None:
    rules = (rule("4-1", RuleKind.PER_FINDING, "0.5"), rule("4-2", RuleKind.PER_FINDING, "0.5"))
    states = {"4-1": seen(Standing("甲", 0, 3)), "4-2": seen(Standing("乙", 1, 3))}
    result = score_indicator(indicator("2", *rules), states)
    assert result.score == Decimal("0.00")
    assert {share.unit: share.points for share in result.shares} == {
        "甲": Decimal("1.00"),
        "乙": Decimal("1.00"),
    }


def test_what_a_unit_has_not_looked_at_is_neither_lost_nor_won_but_lowers_the_range() -> None:
    states = {"4-1": RuleState(pairs=2, pairs_seen=1, standings=[Standing("甲", 0, 1)])}
    result = score_indicator(indicator("2", HYDRANTS), states)
    assert (result.score, result.low, result.high) == tuple(map(Decimal, ("1.80", "1.00", "1.80")))
    assert result.coverage == Decimal("0.5")


def test_a_pending_销号_raises_the_upper_end_of_the_range() -> None:
    result = score_indicator(indicator("2", HYDRANTS), {"4-1": seen(Standing("甲", 0, 3, 2))})
    assert (result.score, result.high) == (Decimal("1.40"), Decimal("1.80"))


def test_an_indicator_that_does_not_apply_keeps_its_points_or_is_scaled_away() -> None:
    full = Range(Decimal(2), Decimal(2), Decimal(2))
    half = Range(Decimal(4), Decimal(3), Decimal(5))
    rows = [(Decimal(2), full, False), (Decimal(8), half, True)]
    assert total_score(rows, ScopePolicy.FULL) == Range(Decimal(6), Decimal(5), Decimal(7))
    assert total_score(rows, ScopePolicy.RESCALE) == Range(
        Decimal("50.00"), Decimal("37.50"), Decimal("62.50")
    )


def test_rescaling_rounds_half_up() -> None:
    third = Range(Decimal(1), Decimal(1), Decimal(2))
    rows = [(Decimal(3), third, True)]
    assert total_score(rows, ScopePolicy.RESCALE).score == Decimal("33.33")
    assert total_score(rows, ScopePolicy.RESCALE).high == Decimal("66.67")


def test_coverage_weighs_indicators_by_points() -> None:
    assert total_coverage([(Decimal(3), Decimal(1)), (Decimal(1), Decimal(0))]) == Decimal("0.7500")
    assert total_coverage([]) == 0


def test_a_units_rate_is_what_it_has_not_lost_of_the_points_in_its_duty() -> None:
    assert unit_rate(Decimal(8), Decimal("1.00")) == Decimal("87.50")
    assert unit_rate(Decimal(0), Decimal(0)) == 100


# ---- for any numbers at all -----------------------------------------------------------------

counts = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda n: (max(n), min(n)))
hundredths = st.integers(1, 300).map(lambda n: Decimal(n) / 100)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Indicator, dict[str, RuleState]]:
    """An indicator of 1-4 rules of any kind and cap, and what stands against up to 8 units."""
    rules, states = [], {}
    for number in range(draw(st.integers(1, 4))):
        code = f"4-{number + 1}"
        kind = draw(st.sampled_from(RuleKind))
        cap = draw(st.none() | hundredths) if kind is RuleKind.PER_FINDING else None
        rules.append(rule(code, kind, str(draw(hundredths)), str(cap) if cap else None))
        units = 8 if kind is RuleKind.PER_FINDING else 1
        standings = [
            Standing(
                f"单位{place}",
                place,
                *draw(counts),
                draw(st.sampled_from(Finding)),
                draw(st.none() | st.integers(0, 10000).map(lambda n: Decimal(n) / 100)),
            )
            for place in range(draw(st.integers(0, units)))
        ]
        pairs = len(standings) + draw(st.integers(0, 3))
        states[code] = RuleState(pairs, draw(st.integers(len(standings), pairs)), standings)
    return indicator(str(draw(hundredths)), *rules), states


@given(cases())
def test_shares_add_up_to_the_loss_exactly(case: tuple[Indicator, dict[str, RuleState]]) -> None:
    what, states = case
    result = score_indicator(what, states)
    lost = sum((share.points for share in result.shares), Decimal(0))
    assert lost == what.points - result.score


@given(cases())
def test_the_range_holds_the_score_and_the_indicator_holds_the_range(
    case: tuple[Indicator, dict[str, RuleState]],
) -> None:
    what, states = case
    result = score_indicator(what, states)
    assert 0 <= result.low <= result.score <= result.high <= what.points


@given(cases(), st.data())
def test_closing_a_problem_never_lowers_a_score(
    case: tuple[Indicator, dict[str, RuleState]], data: st.DataObject
) -> None:
    what, states = case
    before = score_indicator(what, states)
    code = data.draw(st.sampled_from(sorted(states)))
    fewer = [
        standing._replace(found=max(standing.found - 1, 0), pending=max(standing.pending - 1, 0))
        for standing in states[code].standings
    ]
    after = score_indicator(what, states | {code: states[code]._replace(standings=fewer)})
    assert after.score >= before.score
    assert after.low >= before.low
    assert after.high >= before.high


@given(cases(), st.randoms())
def test_order_never_matters(case: tuple[Indicator, dict[str, RuleState]], random) -> None:  # type: ignore[no-untyped-def]
    what, states = case
    mixed = {}
    for code in random.sample(sorted(states), len(states)):
        standings = list(states[code].standings)
        random.shuffle(standings)
        mixed[code] = states[code]._replace(standings=standings)
    assert score_indicator(what, mixed) == score_indicator(what, states)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.data())
def test_apportioning_is_exact_and_within_one_of_the_true_part(
    weights: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize("policy", ScopePolicy)
def test_with_nothing_found_the_district_has_a_hundred_points_and_knows_nothing(
    policy: ScopePolicy, criteria: Criteria
) -> None:
    rows = []
    for each in criteria.indicators:
        unseen = {r.code: RuleState(pairs=1, pairs_seen=0) for r in each.rules}
        result = score_indicator(each, unseen)
        rows.append((each.points, Range(result.score, result.low, result.high), True))
        assert result.coverage == 0
    district = total_score(rows, policy)
    assert (district.score, district.high) == (100, 100)
    assert district.low < 5  # only what no rule can take
