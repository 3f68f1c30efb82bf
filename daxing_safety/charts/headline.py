"""The figures at the top of 总览 as a table to take away; on the screen they are cards."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from daxing_safety import wording
from daxing_safety.charts import Data, Value, table
from daxing_safety.reports.overview import Overview
from daxing_safety.reports.problems import counts as problems
from daxing_safety.scoring import Range

HEADER = ("指标", "数值", "单位", "区间下限", "区间上限")
HUNDRED = Decimal(100)


class Headline(NamedTuple):
    title: str
    note: str
    data: Data


def headline(facts: Overview) -> Headline:
    whose = "全区" if facts.district else facts.units[0].unit.name
    return Headline(
        title=f"{whose}总览数据",
        note=f"截至{wording.day(facts.today)}",
        data=table(HEADER, [*_scores(facts), *_counts(facts)]),
    )


def _scores(facts: Overview) -> Iterator[tuple[Value, ...]]:
    if facts.district:
        claimed, confirmed, coverage = facts.district
        yield _ranged("自评分", claimed)
        yield _ranged("核定分", confirmed)
        yield ("内部目标分", facts.target, "分", None, None)
    else:
        unit = facts.units[0]
        coverage = unit.coverage
        yield ("自评得分率", unit.claimed_rate, "%", None, None)
        yield ("核定得分率", unit.confirmed_rate, "%", None, None)
        yield ("承担分值", unit.points_in_duty, "分", None, None)
    yield ("自评覆盖率", coverage * HUNDRED, "%", None, None)


def _ranged(name: str, found: Range) -> tuple[Value, ...]:
    return (name, found.score, "分", found.low, found.high)


def _counts(facts: Overview) -> Iterator[tuple[Value, ...]]:
    mending = problems.total(facts.problems)
    rate = None if mending.rate is None else mending.rate * HUNDRED
    yield ("问题整改率", rate, "%", None, None)
    for name, number in (
        ("登记问题", mending.problems),
        ("已销号", mending.closed),
        ("挂账", mending.open),
        ("申请销号", mending.pending),
        ("逾期", mending.overdue),
        ("无时限", mending.undated),
    ):
        yield (name, number, "个", None, None)
