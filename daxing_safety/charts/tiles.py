"""The district's map as tiles: no open boundaries exist, so a grid keeps who lies beside whom."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from daxing_safety import wording
from daxing_safety.charts import Data, palette, table
from daxing_safety.reports.problems.counts import Rectification, UnitProblems
from daxing_safety.reports.scores import UnitScore
from daxing_safety.vocabulary import GROUP_OF, Group
from daxing_safety.wording import listing, percent, points


class Measure(Enum):
    RATE = "得分率"
    LOST = "失分"
    MENDED = "整改率"


class Value(NamedTuple):
    """As it is written, exactly, and so that more is worse; None: nothing to measure."""

    text: str
    exact: Decimal | None
    badness: Decimal | None


class Tile(NamedTuple):
    code: str
    unit: str
    value: str
    row: int
    column: int
    colour: str
    ink: str


class TileMap(NamedTuple):
    """`best` and `worst` say what the palest and the darkest colour stand for."""

    title: str
    note: str
    tiles: tuple[Tile, ...]
    best: str
    worst: str
    data: Data


def tile_map(
    scores: Sequence[UnitScore], problems: Sequence[UnitProblems], measure: Measure, *, as_of: date
) -> TileMap:
    """The units that have a place on the map; colours stretch from the best to the worst."""
    counts = {row.unit.code: row.counts for row in problems}
    valued = [
        (row, MEASURES[measure](row, counts[row.unit.code])) for row in scores if row.unit.map_row
    ]
    by_badness = sorted((v for _, v in valued if v.badness is not None), key=_badness)
    best, worst = (by_badness[0], by_badness[-1]) if by_badness else (NOTHING, NOTHING)
    return TileMap(
        title=_finding(measure, valued),
        note=f"镇、街道和基地的{UNITS[measure]}，方格按大致方位排列 · 截至{wording.day(as_of)}",
        tiles=tuple(_tile(row, value, best, worst) for row, value in valued),
        best=best.text,
        worst=worst.text,
        data=_data(valued, measure),
    )


def _data(valued: Sequence[tuple[UnitScore, Value]], measure: Measure) -> Data:
    header = ("单位", "分组", UNITS[measure])
    return table(
        header,
        [(row.unit.name, GROUP_OF[row.unit.kind].value, value.exact) for row, value in valued],
    )


def _rate(score: UnitScore, _: Rectification) -> Value:
    return Value(f"{score.confirmed_rate}%", score.confirmed_rate, -score.confirmed_rate)


def _lost(score: UnitScore, _: Rectification) -> Value:
    return Value(points(score.confirmed_lost), score.confirmed_lost, score.confirmed_lost)


def _mended(_: UnitScore, counts: Rectification) -> Value:
    if counts.rate is None:
        return NOTHING
    return Value(percent(counts.rate), counts.rate * 100, -counts.rate)


NOTHING = Value("无问题", None, None)
# A new measure: a member above, a function, its line here and in UNITS.
MEASURES: dict[Measure, Callable[[UnitScore, Rectification], Value]] = {
    Measure.RATE: _rate,
    Measure.LOST: _lost,
    Measure.MENDED: _mended,
}
UNITS = {
    Measure.RATE: "核定得分率（%）",
    Measure.LOST: "核定失分（分）",
    Measure.MENDED: "问题整改率（%）",
}
WORST = {
    Measure.RATE: "得分率最低",
    Measure.LOST: "失分最多",
    Measure.MENDED: "整改率最低",
}


def _badness(value: Value) -> Decimal:
    assert value.badness is not None
    return value.badness


def _tile(score: UnitScore, value: Value, best: Value, worst: Value) -> Tile:
    unit = score.unit
    assert unit.map_row is not None and unit.map_col is not None
    colour, ink = palette.NOTHING, "inherit"
    if value.badness is not None:
        spread = _badness(worst) - _badness(best)
        colour, ink = palette.step(
            (value.badness - _badness(best)) / spread if spread else Decimal(0)
        )
    return Tile(unit.code, unit.name, value.text, unit.map_row, unit.map_col, colour, ink)


def _finding(measure: Measure, valued: Sequence[tuple[UnitScore, Value]]) -> str:
    """Who is worst, in each group apart; nobody where all are alike."""
    worst = {}
    for group in Group:
        members = [
            (row.unit.name, value.badness)
            for row, value in valued
            if GROUP_OF[row.unit.kind] is group and value.badness is not None
        ]
        most = max((badness for _, badness in members), default=None)
        names = [name for name, badness in members if badness == most]
        if len(names) < len(members):
            worst[group.value] = listing(names, most=1)
    if not worst:
        return f"各镇、街道和基地的{measure.value}相同"
    return f"{WORST[measure]}的{'、'.join(worst)}：{'、'.join(worst.values())}"
