"""红黑榜: units of one group put in order by a published rule. Pure.

    综合得分 = the weighted mean of 到期完成率, 整改率 and 得分率, each in percent

A measure that has nothing to count for a unit (no work point due, no problem) leaves its weight to
the others. Places are shared by equals (1, 1, 3); whoever shares the last place of a list is on it.
The black list names only who is below the floor, so that it stays empty when all reach it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from daxing_safety.errors import BadInput
from daxing_safety.vocabulary import Group

TENTH = Decimal("0.1")
MEASURES = ("到期完成率", "整改率", "得分率")


@dataclass(frozen=True)
class BoardRule:
    """What the office has set; printed under every board."""

    is_on: bool = True
    weights: tuple[int, int, int] = (40, 30, 30)  # of MEASURES, in percent
    least: int = 3  # work points due and problems together: below, a unit is not placed
    smallest_group: int = 5  # placed units: below, a group has no board
    red: int = 3
    black: int = 3
    floor: int = 85  # 综合得分 in percent from which nobody is on the black list
    left_out: frozenset[str] | None = None  # codes of units; None: those the plan does not rank

    def __post_init__(self) -> None:
        if min(self.weights) < 0 or sum(self.weights) != 100:
            raise BadInput("三项权重请填不小于 0 的整数，合计 100。")
        if not 0 <= self.floor <= 100:
            raise BadInput("黑榜底线请填 0 到 100 之间的数。")
        if min(self.red, self.black) < 0 or min(self.least, self.smallest_group) < 1:
            raise BadInput("上榜家数不能小于 0，最少样本和最少家数不能小于 1。")


class Candidate(NamedTuple):
    """What is counted of one unit: work points due and done of them, problems and closed ones."""

    code: str
    name: str
    group: Group
    order: int
    due: int
    done: int
    problems: int
    closed: int
    points_rate: Decimal  # 得分率 in percent


class Place(NamedTuple):
    """`rates` are those of MEASURES in percent, None where there is nothing to count."""

    place: int
    candidate: Candidate
    score: Decimal
    rates: tuple[Decimal | None, Decimal | None, Decimal]


class Board(NamedTuple):
    """`placed` is the whole order, `unplaced` are too small a sample."""

    group: Group
    placed: tuple[Place, ...]
    red: tuple[Place, ...]
    black: tuple[Place, ...]
    unplaced: tuple[Candidate, ...]
    is_too_small: bool


def boards(candidates: Iterable[Candidate], rule: BoardRule) -> list[Board]:
    """One for each group that has units, in the groups' order; never across groups."""
    units = list(candidates)
    members = ((group, [each for each in units if each.group is group]) for group in Group)
    return [_board(group, own, rule) for group, own in members if own]


def _board(group: Group, units: Sequence[Candidate], rule: BoardRule) -> Board:
    enough = [each for each in units if each.due + each.problems >= rule.least]
    placed = _in_order(enough, rule)
    is_too_small = len(placed) < rule.smallest_group
    return Board(
        group=group,
        placed=tuple(placed),
        red=() if is_too_small else _best(placed, rule),
        black=() if is_too_small else _worst(placed, rule),
        unplaced=tuple(each for each in units if each not in enough),
        is_too_small=is_too_small,
    )


def _in_order(units: Sequence[Candidate], rule: BoardRule) -> list[Place]:
    scored = [(score(rates, rule), each, rates) for each in units for rates in [rates_of(each)]]
    scored.sort(key=lambda row: (-row[0], row[1].order))
    totals = [total for total, _, _ in scored]
    return [Place(totals.index(total) + 1, each, total, rates) for total, each, rates in scored]


def rates_of(unit: Candidate) -> tuple[Decimal | None, Decimal | None, Decimal]:
    done = Decimal(unit.done) * 100 / unit.due if unit.due else None
    closed = Decimal(unit.closed) * 100 / unit.problems if unit.problems else None
    return done, closed, unit.points_rate


def score(rates: Sequence[Decimal | None], rule: BoardRule) -> Decimal:
    """In percent with one place; what cannot be counted leaves its weight to the rest."""
    counted = [
        (weight, rate) for weight, rate in zip(rule.weights, rates, strict=True) if rate is not None
    ]
    whole = sum(weight for weight, _ in counted)
    if not whole:  # only measures without weight can be counted
        return Decimal(0).quantize(TENTH)
    total = sum((weight * rate for weight, rate in counted), Decimal(0))
    return (total / whole).quantize(TENTH, ROUND_HALF_UP)


def _best(placed: Sequence[Place], rule: BoardRule) -> tuple[Place, ...]:
    return tuple(each for each in placed if each.place <= rule.red)


def _worst(placed: Sequence[Place], rule: BoardRule) -> tuple[Place, ...]:
    """The last ones, the worst first; nobody who reaches the floor or is on the red list."""
    if not rule.black:
        return ()
    worst = sorted(placed, key=lambda each: (each.score, each.candidate.order))
    limit = worst[min(rule.black, len(worst)) - 1].score
    return tuple(
        each
        for each in worst
        if each.score <= limit and each.score < rule.floor and each.place > rule.red
    )


def said(rule: BoardRule) -> list[str]:
    """The rule in sentences."""
    weights = "、".join(
        f"{name}占 {weight}%" for name, weight in zip(MEASURES, rule.weights, strict=True) if weight
    )
    return [
        f"综合得分由{weights}加权得出；某一项没有可数的，权重由其他项按比例分担。",
        "到期完成率：到期的工作要点中已完成的比例；整改率：发现的问题中已销号的比例；"
        "得分率：承担的指标中没有失去的分值（核定）所占的比例。",
        f"分组排列，不跨组比较；到期要点与问题合计不足 {rule.least} 项的单位不排，"
        f"不足 {rule.smallest_group} 家的组不设榜。",
        f"红榜取前 {rule.red} 名，黑榜取后 {rule.black} 名，得分相同的名次并列；"
        f"综合得分达到 {rule.floor} 的不上黑榜，全部达到时黑榜空缺。",
    ]
