"""What the district loses, as it stands and as it would: the rules with what is open under them.

Pure. Points are whole hundredths; what the ledger says of the same problems is the same
(tests/test_improvement.py).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from daxing_safety.criteria import FULL_POINTS, HUNDREDTH
from daxing_safety.vocabulary import ScopePolicy


class Rule(NamedTuple):
    """What a rule takes off: min(`fixed` + `deduct` × 处数, `most`)."""

    code: str
    indicator: str
    deduct: int  # a 处; 0 where problems do not count
    most: int
    fixed: int  # of a yes/no or a rate: stands until the office confirms it anew
    is_seen: bool  # everybody who answers for it has looked


class OpenProblem(NamedTuple):
    number: str
    rule: str
    unit: str
    found: int  # 处数
    effort: int  # as many ordinary closings; 0: waits for 销号 only
    ready: int  # days from today until it can be closed at the earliest
    is_pending: bool  # 申请销号


class Case(NamedTuple):
    """`points` of the indicators that count, and all open problems under their rules."""

    points: tuple[tuple[str, int], ...]
    rules: tuple[Rule, ...]
    problems: tuple[OpenProblem, ...]


class Standing(NamedTuple):
    """What each indicator loses: now, at worst, and with everything pending accepted."""

    lost: dict[str, int]
    most: dict[str, int]
    least: dict[str, int]


def lost(case: Case, closed: Collection[str] = ()) -> int:
    """By the district, once the problems of these numbers are closed."""
    return sum(_losses(case, _found(case, closed)).values())


def lost_in_turn(case: Case, numbers: Iterable[str]) -> Iterator[int]:
    """By the district after each of these closings, one upon the other."""
    problems, found = {each.number: each for each in case.problems}, _found(case, ())
    for number in numbers:
        found[problems[number].rule] -= problems[number].found
        yield sum(_losses(case, found).values())


def standing(
    case: Case,
    *,
    closed: Collection[str] = (),
    met: Collection[str] = (),
    added: Mapping[str, int] | None = None,
) -> Standing:
    """As if these problems were closed, these rules met, and so much 处数 found besides."""
    rules = tuple(rule._replace(fixed=0) if rule.code in met else rule for rule in case.rules)
    problems = tuple(each for each in case.problems if each.rule not in met)
    then = case._replace(rules=rules, problems=problems)
    pending = {each.number for each in problems if each.is_pending}
    more = Counter(added or {})
    unseen = {rule.code for rule in rules if not rule.is_seen}
    found = _found(then, closed) + more
    return Standing(
        lost=_losses(then, found),
        most=_losses(then, found, unseen),
        least=_losses(then, _found(then, pending.union(closed)) + more),
    )


def _losses(case: Case, found: Mapping[str, int], whole: Collection[str] = ()) -> dict[str, int]:
    """By indicator; the rules of `whole` at their worst."""
    sums: Counter[str] = Counter()
    for rule in case.rules:
        raw = rule.fixed + rule.deduct * found.get(rule.code, 0)
        sums[rule.indicator] += rule.most if rule.code in whole else min(raw, rule.most)
    return {code: min(sums[code], points) for code, points in case.points}  # 扣完为止


def _found(case: Case, closed: Collection[str]) -> Counter[str]:
    """处数 that stays open, by rule."""
    found: Counter[str] = Counter()
    for problem in case.problems:
        if problem.number not in closed:
            found[problem.rule] += problem.found
    return found


def allowed_loss(
    target: Decimal, *, in_scope: Decimal, granted: Decimal, policy: ScopePolicy
) -> int:
    """The largest loss of the points in scope with which the score is reached; below 0: none is.

    RESCALE scales what is kept to a hundred, rounded half up (scoring.total_score).
    """
    if policy is ScopePolicy.FULL:
        return int((in_scope + granted - target) * 100)
    kept = (target - HUNDREDTH / 2) * in_scope / FULL_POINTS
    return int((in_scope - kept.quantize(HUNDREDTH, ROUND_CEILING)) * 100)
