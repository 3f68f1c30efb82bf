"""Who loses most, in each group apart; those that are not ranked are left out."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from daxing_safety import wording
from daxing_safety.charts import Data, table
from daxing_safety.reports.scores import UnitScore
from daxing_safety.vocabulary import GROUP_OF, Group
from daxing_safety.wording import points

TOP = 3


class Line(NamedTuple):
    code: str
    unit: str
    lost: str
    rate: str
    width: Decimal  # of its bar, in percent of the group's longest


class GroupList(NamedTuple):
    name: str
    size: int  # how many are ranked
    lines: tuple[Line, ...]


class GroupLists(NamedTuple):
    title: str
    note: str
    groups: tuple[GroupList, ...]
    data: Data


def losses_in_groups(units: Sequence[UnitScore], *, as_of: date) -> GroupLists:
    members = {
        group: [row for row in units if row.unit.is_ranked and GROUP_OF[row.unit.kind] is group]
        for group in Group
    }
    lists = tuple(_list(group, ranked) for group, ranked in members.items() if ranked)
    losing = [each for each in lists if each.lines]
    names = "、".join(each.name for each in losing)
    heads = "、".join(each.lines[0].unit for each in losing)
    return GroupLists(
        title=f"失分最多的{names}：{heads}" if losing else "参加排名的单位还没有发现失分",
        note=f"核定失分（分）和得分率，各组最多列 {TOP} 家，不跨组比较 · 截至{wording.day(as_of)}",
        groups=lists,
        data=_data(members),
    )


def _data(members: Mapping[Group, Sequence[UnitScore]]) -> Data:
    """Each ranked unit, those too that have no room in the figure."""
    header = ("分组", "单位", "核定失分", "核定得分率（%）", "承担分值")
    return table(
        header,
        [
            (
                *(group.value, row.unit.name, row.confirmed_lost),
                *(row.confirmed_rate, row.points_in_duty),
            )
            for group, ranked in members.items()
            for row in sorted(ranked, key=lambda row: -row.confirmed_lost)
        ],
    )


def _list(group: Group, ranked: Sequence[UnitScore]) -> GroupList:
    losing = [row for row in ranked if row.confirmed_lost]
    dearest = sorted(losing, key=lambda row: -row.confirmed_lost)[:TOP]
    return GroupList(
        name=group.value,
        size=len(ranked),
        lines=tuple(_line(row, dearest[0].confirmed_lost) for row in dearest),
    )


def _line(row: UnitScore, most: Decimal) -> Line:
    return Line(
        code=row.unit.code,
        unit=row.unit.name,
        lost=f"{points(row.confirmed_lost)} 分",
        rate=f"{row.confirmed_rate}%",
        width=round(100 * row.confirmed_lost / most, 1),
    )
