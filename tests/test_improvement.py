"""提分路径: the choice is the best there is, and what it brings is what the ledger will say."""

import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from daxing_safety.improvement import Aim, Limits, obstacles, path
from daxing_safety.scoring import Range, total_score
from daxing_safety.vocabulary import ScopePolicy
from daxing_safety.what_if import Case, OpenProblem, Rule, allowed_loss, lost, standing

NO_LIMITS = Limits(allowed=0, days=365, load=100)


def rule(code: str = "4-1", **changes: Any) -> Rule:
    """0.2 points a 处, 1 point at most, like the rule on hydrants."""
    plain = Rule(code, code.split("-")[0], deduct=20, most=100, fixed=0, is_seen=True)
    return plain._replace(**changes)


def problem(number: str, *, found: int = 1, **changes: Any) -> OpenProblem:
    plain = OpenProblem(number, "4-1", "区水务局", found, effort=1, ready=0, is_pending=False)
    return plain._replace(**changes)


def case(*problems: OpenProblem, rules: tuple[Rule, ...] = (rule(),), points: int = 200) -> Case:
    indicators = dict.fromkeys(each.indicator for each in rules)
    return Case(tuple((code, points) for code in indicators), rules, problems)


def numbers(case: Case, limits: Limits, aim: Aim = Aim.FEWEST) -> list[str]:
    return [each.number for each in path(case, limits, aim).closings]


# ---- by hand ----


def test_closing_within_a_cap_brings_nothing_until_the_loss_is_below_it() -> None:
    eight = case(problem("A", found=4), problem("B", found=4))
    assert lost(eight) == 100  # 1.6 points, but no more than one
    assert lost(eight, {"A"}) == 80
    assert lost(eight, {"A", "B"}) == 0


def test_the_fewest_closings_are_not_the_dearest_problems_one_by_one() -> None:
    capped, free = rule("4-1", deduct=50), rule("5-1", deduct=30, most=300)
    # Alone, a closing under 4-1 brings nothing: three times 0.5 are cut to 1 point by its cap.
    mixed = case(
        *(problem(name, found=1) for name in "ABC"),
        *(problem(name, rule="5-1") for name in "DE"),
        rules=(capped, free),
    )
    assert lost(mixed) == 160
    assert numbers(mixed, NO_LIMITS._replace(allowed=100)) == ["D", "E"]
    assert len(numbers(mixed, NO_LIMITS._replace(allowed=0))) == 5


def test_what_only_waits_for_the_office_comes_before_what_is_still_to_be_mended() -> None:
    alike = case(problem("A"), problem("B", effort=0, is_pending=True))
    assert numbers(alike, NO_LIMITS._replace(allowed=20)) == ["B"]


def test_a_unit_closes_no_more_than_it_can() -> None:
    three = case(*map(problem, "ABC"))
    slow = Limits(allowed=0, days=14, load=1)
    found = path(three, slow, Aim.FEWEST)
    assert not found.is_reached
    assert [(each.number, each.day, each.lost) for each in found.closings] == [
        ("A", 7, 40),
        ("B", 14, 20),
    ]
    assert obstacles(three, slow).busy == ("区水务局",)


def test_what_is_promised_too_late_stands_in_the_way() -> None:
    late = case(problem("A"), problem("B", ready=40))
    limits = NO_LIMITS._replace(days=30)
    found = path(late, limits, Aim.QUICKEST)
    assert (found.is_reached, found.lost_after) == (False, 20)
    assert obstacles(late, limits).late == ("B",)


def test_the_quickest_way_may_take_more_closings() -> None:
    choice = case(problem("A", found=2, ready=30), problem("B"), problem("C"))
    limits = NO_LIMITS._replace(allowed=40)
    assert numbers(choice, limits, Aim.FEWEST) == ["A"]
    assert numbers(choice, limits, Aim.QUICKEST) == ["B", "C"]


def test_a_yes_or_no_stays_lost_whatever_is_closed() -> None:
    once = rule("4-2", deduct=0, most=50, fixed=50)
    mixed = case(problem("A"), rules=(rule(), once))
    assert path(mixed, NO_LIMITS, Aim.FEWEST).lost_after == 50
    assert obstacles(mixed, NO_LIMITS).fixed == 50


def test_nothing_is_to_be_closed_where_the_score_stands_already() -> None:
    found = path(case(problem("A")), NO_LIMITS._replace(allowed=20), Aim.QUICKEST)
    assert (found.is_reached, found.closings) == (True, ())
    assert path(case(), NO_LIMITS, Aim.FEWEST).is_reached


# ---- against every choice there is ----


def random_case(chance: random.Random) -> tuple[Case, Limits]:
    rules = tuple(
        rule(
            f"{1 + place // 3}-{place % 3}",
            deduct=chance.choice([10, 20, 50]),
            most=chance.choice([40, 100]),
            fixed=chance.choice([0, 0, 30]),
        )
        for place in range(chance.randint(1, 5))
    )
    problems = (
        problem(
            f"P{number}",
            found=chance.randint(1, 4),
            rule=chance.choice(rules).code,
            unit=chance.choice("甲乙"),
            effort=chance.randint(0, 3),
            ready=chance.choice([0, 0, 5, 12, 25]),
        )
        for number in range(chance.randint(0, 8))
    )
    made = case(*problems, rules=rules, points=chance.choice([60, 100, 200]))
    allowed = chance.randint(0, lost(made))
    return made, Limits(allowed, days=chance.randint(0, 30), load=chance.randint(1, 3))


def choices(made: Case, limits: Limits) -> Iterator[tuple[int, int, int]]:
    """(lost, closings, day of the last) of everything that could be closed in time."""
    for size in range(len(made.problems) + 1):
        for closed in combinations(made.problems, size):
            work: dict[str, int] = defaultdict(int)
            for each in closed:
                work[each.unit] += each.effort
            worked = [-(-effort * 7 // limits.load) for effort in work.values()]
            day = max([*worked, *(each.ready for each in closed)], default=0)
            if day <= limits.days:
                yield lost(made, {each.number for each in closed}), size, day


@pytest.mark.parametrize("seed", range(60))
def test_no_other_choice_is_better(seed: int) -> None:
    made, limits = random_case(random.Random(seed))
    all_choices = list(choices(made, limits))
    least = min(left for left, *_ in all_choices)
    enough = [each for each in all_choices if each[0] <= max(limits.allowed, least)]
    for aim, order in ((Aim.FEWEST, (1, 2)), (Aim.QUICKEST, (2, 1))):
        found = path(made, limits, aim)
        assert found.is_reached == (least <= limits.allowed)
        last = found.closings[-1].day if found.closings else 0
        reached = found.lost_after, len(found.closings), last
        assert reached[0] <= max(limits.allowed, least)
        best = min((each[order[0]], each[order[1]]) for each in enough)
        assert (reached[order[0]], reached[order[1]]) == best


@pytest.mark.parametrize("seed", range(20))
def test_closing_the_dearest_first_never_takes_fewer(seed: int) -> None:
    made, _ = random_case(random.Random(1000 + seed))
    allowed = lost(made) // 2
    closed: set[str] = set()
    while lost(made, closed) > allowed:
        left = [each.number for each in made.problems if each.number not in closed]
        if not left:
            return  # out of reach for both
        closed.add(min(left, key=lambda number: lost(made, {*closed, number})))
    assert len(numbers(made, Limits(allowed, 365, 100))) <= len(closed)


# ---- what if ----


def test_a_standing_tells_what_is_lost_at_worst_and_at_best() -> None:
    unseen = rule("4-2", deduct=10, most=50, is_seen=False)
    stood = standing(
        case(problem("A"), problem("B", is_pending=True), rules=(rule(), unseen), points=80)
    )
    assert stood.lost == {"4": 40}
    assert stood.most == {"4": 80}  # 0.4, and all of 4-2, and no more than the indicator has
    assert stood.least == {"4": 20}


def test_problems_rules_and_findings_can_be_imagined_otherwise() -> None:
    once = rule("4-2", deduct=0, most=50, fixed=50)
    mixed = case(problem("A"), problem("B"), rules=(rule(), once))
    assert standing(mixed, closed={"A"}).lost == {"4": 70}
    assert standing(mixed, met={"4-2"}).lost == {"4": 40}
    assert standing(mixed, met={"4-1"}, added={"4-1": 3}).lost == {"4": 110}


@pytest.mark.parametrize("target", ["82.55", "90", "97.5"])
@pytest.mark.parametrize("policy", ScopePolicy)
def test_the_loss_that_is_allowed_is_the_largest_that_reaches_the_score(
    target: str, policy: ScopePolicy
) -> None:
    in_scope, granted = Decimal("91.5"), Decimal("8.5")
    allowed = allowed_loss(Decimal(target), in_scope=in_scope, granted=granted, policy=policy)

    def score(lost: int) -> Decimal:
        kept = in_scope - Decimal(lost) / 100
        rows = [(in_scope, Range(kept, kept, kept), True), (granted, Range(*[granted] * 3), False)]
        return total_score(rows, policy).score

    assert score(allowed) >= Decimal(target) > score(allowed + 1)
