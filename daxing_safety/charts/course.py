"""The scores over the frozen rounds, and now."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, Data, palette, table
from daxing_safety.charts.canvas import label, layout
from daxing_safety.reports.trend import Moment
from daxing_safety.scoring import Range
from daxing_safety.wording import percent, plain, points

MOST = 6  # moments that have room on a phone


def course(moments: Sequence[Moment], *, target: Decimal | None, as_of: date) -> Chart:
    """Claimed and confirmed at each moment; the district's with its range and target."""
    if len(moments) < 2:
        return Chart("还没有封存的填报期", "封存一期后，这里比较各期的分数。", None)
    unit = f"分，虚线为内部目标分 {plain(target)}，浅色带为核定分的区间" if target else "%"
    note = f"单位：{unit} · 各填报期封存时和当前，截至{wording.day(as_of)}"
    every, moments = moments, moments[-MOST:]
    before, now = moments[-2], moments[-1]
    change = now.scores.confirmed - before.scores.confirmed
    what, unit = ("核定分", " 分") if target else ("核定得分率", " 个百分点")
    way = "上升" if change > 0 else "下降"
    turn = f"{way} {points(abs(change))}{unit}" if change else "持平"
    title = f"{what}比{before.label}{turn}"
    alt = "；".join(map(_in_words, moments))
    figure = _figure(moments, target)
    return Chart(title, note, figure, alt, is_elastic=True, data=_data(every))


def _data(moments: Sequence[Moment]) -> Data:
    """Every moment, those too that have no room in the figure."""
    header = ("时点", "日期", "自评", "核定", "区间下限", "区间上限", "自查覆盖率（%）")
    return table(
        header,
        [
            (
                *(moment.label, moment.on, moment.scores.claimed, moment.scores.confirmed),
                *_ends(moment.scores.range),
                moment.scores.coverage * 100,
            )
            for moment in moments
        ],
    )


def _ends(ranged: Range | None) -> tuple[Decimal | None, Decimal | None]:
    return (ranged.low, ranged.high) if ranged else (None, None)


def _figure(moments: Sequence[Moment], target: Decimal | None) -> dict[str, Any]:
    places = list(range(len(moments)))
    claimed = [moment.scores.claimed for moment in moments]
    confirmed = [moment.scores.confirmed for moment in moments]
    lines = [
        _line("自评", places, claimed, palette.CLAIMED, "dot", "top center"),
        _line("核定", places, confirmed, palette.CONFIRMED, "solid", "bottom center"),
    ]
    shapes = [_target(target)] if target else []
    return {
        "data": [*_range(places, moments), *lines],
        "layout": layout(
            300,
            margin={"l": 30, "r": 8, "t": 10, "b": 58, "pad": 0},
            xaxis={
                "tickvals": places,
                "ticktext": list(map(_tick, moments)),
                "tickangle": 0,
                "range": [-0.4, len(places) - 0.6],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            yaxis={
                "range": [_floor(moments), 104],
                "nticks": 6,
                "gridcolor": palette.GRID,
                "zeroline": False,
                "fixedrange": True,
            },
            shapes=shapes,
        ),
    }


def _tick(moment: Moment) -> str:
    """2021年, 第一季度, 3月31日 under each other."""
    lines = moment.label.replace("年", "年\n", 1).splitlines()
    return "<br>".join([*(label(line, 8) for line in lines), wording.day_of_year(moment.on)])


def _line(
    name: str, places: list[int], values: list[Decimal], colour: str, dash: str, position: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "name": name,
        "x": places,
        "y": [float(value) for value in values],
        "text": [*map(points, values[:-1]), f"{name} {points(values[-1])}"],
        "textposition": position,
        "textfont": {"size": 12},
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "marker": {"size": 8, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "name+text",
    }


def _range(places: list[int], moments: Sequence[Moment]) -> list[dict[str, Any]]:
    ranges = [moment.scores.range for moment in moments]
    if None in ranges:
        return []
    low = [float(each.low) for each in ranges if each]
    high = [float(each.high) for each in ranges if each]
    return [
        {
            "type": "scatter",
            "x": places + places[::-1],
            "y": high + low[::-1],
            "fill": "toself",
            "fillcolor": palette.RANGE,
            "mode": "lines",
            "line": {"width": 0},
            "hoverinfo": "skip",
            "name": "核定区间",
        }
    ]


def _floor(moments: Sequence[Moment]) -> float:
    """The bottom of the axis: a little below the lowest figure drawn."""
    drawn = [min(each.scores.claimed, each.scores.confirmed) for each in moments]
    lows = [each.scores.range.low for each in moments if each.scores.range]
    return max(float(min(drawn + lows)) - 8, 0)


def _target(target: Decimal) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": float(target),
        "y1": float(target),
        "line": {"color": palette.TARGET, "width": 1.5, "dash": "dash"},
    }


def _in_words(moment: Moment) -> str:
    scores = moment.scores
    return (
        f"{moment.label}自评 {points(scores.claimed)}，核定 {points(scores.confirmed)}，"
        f"覆盖率 {percent(scores.coverage)}"
    )
