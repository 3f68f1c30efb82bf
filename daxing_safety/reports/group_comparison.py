"""A unit beside its own group, never across groups: four rates, the group's middle, its place.

Who is compared is what the rule of 红黑榜 says. Of the other units only the middle and their number
come out, so that a clerk may read it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety.actions.board_rule import board_rule
from daxing_safety.honour_board import MEASURES, BoardRule, Candidate, rates_of
from daxing_safety.models import NOW, Unit, UnitSummary
from daxing_safety.reports.honour_board import candidates, is_left_out
from daxing_safety.reports.problems.claims import FEW
from daxing_safety.vocabulary import GROUP_OF

COVERAGE = "自查覆盖率"
NAMES = (*MEASURES, COVERAGE)
NOTHING = ("没有到期的工作要点", "没有登记问题", "没有承担评价指标", "没有要自查的条款")


class Rate(NamedTuple):
    """In percent, of `sample` things; points are no sample. None: there is nothing to count."""

    value: Decimal | None
    part: int | None = None
    sample: int | None = None

    @property
    def is_small(self) -> bool:
        return self.sample is not None and 0 < self.sample < FEW


class Compared(NamedTuple):
    """`median` and `place` are of the `among` units of the group that can be compared."""

    name: str
    rate: Rate
    median: Decimal | None
    place: int | None
    among: int
    remark: str  # why there is no place, or how much it is worth


def in_group(session: Session, *, unit: Unit, today: date) -> tuple[Compared, ...]:
    """For whoever may see the unit; that is for the caller to know."""
    rule = board_rule(session)
    of_units = {each.code: each for each in candidates(session, (), today)}
    own, group = of_units[unit.code], GROUP_OF[unit.kind]
    rates = _rates(session, of_units)
    outside = {each.code for each in session.scalars(select(Unit)) if is_left_out(each, rule)}
    compared = [
        rates[each.code]
        for each in of_units.values()
        if each.group is group and each.code not in outside and _is_enough(each, rule)
    ]
    why_not = _why_not(own, rule, is_outside=unit.code in outside)
    return tuple(
        beside(
            name,
            mine,
            [each[at].value for each in compared],
            rule,
            why_not or (nothing if mine.value is None else ""),
        )
        for at, (name, nothing, mine) in enumerate(
            zip(NAMES, NOTHING, rates[unit.code], strict=True)
        )
    )


def _rates(session: Session, of_units: Mapping[str, Candidate]) -> dict[str, tuple[Rate, ...]]:
    """By unit, in the order of NAMES."""
    summaries = session.scalars(select(UnitSummary).where(col(UnitSummary.round_id) == NOW))
    return {kept.unit_code: _rates_of(of_units[kept.unit_code], kept) for kept in summaries}


def _rates_of(unit: Candidate, kept: UnitSummary) -> tuple[Rate, ...]:
    done, closed, points = rates_of(unit)
    seen = Decimal(kept.pairs_seen) * 100 / kept.pairs if kept.pairs else None
    return (
        Rate(done, unit.done, unit.due),
        Rate(closed, unit.closed, unit.problems),
        Rate(points if kept.points_in_duty else None),
        Rate(seen, kept.pairs_seen, kept.pairs),
    )


def _is_enough(unit: Candidate, rule: BoardRule) -> bool:
    return unit.due + unit.problems >= rule.least


def _why_not(unit: Candidate, rule: BoardRule, *, is_outside: bool) -> str:
    if not rule.is_on:
        return "排名已由创安办关闭"
    if is_outside:
        return "本单位不参加组内排列"
    if not _is_enough(unit, rule):
        return f"到期要点与问题合计不足 {rule.least} 项，不排名次"
    return ""


def beside(
    name: str, own: Rate, group: Sequence[Decimal | None], rule: BoardRule, why_not: str = ""
) -> Compared:
    """`group` are the values of all who are compared, the unit's own among them. Pure."""
    values = [value for value in group if value is not None]
    if not rule.is_on or len(values) < rule.smallest_group:
        why = why_not or f"组内可比的不足 {rule.smallest_group} 家，不排名次"
        return Compared(name, own, None, None, len(values), why)
    middle = median(values)
    if why_not or own.value is None:
        return Compared(name, own, middle, None, len(values), why_not)
    place = 1 + sum(value > own.value for value in values)
    few = f"只有 {own.sample} 项，仅供参考" if own.is_small else ""
    return Compared(name, own, middle, place, len(values), few)
