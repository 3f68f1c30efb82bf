"""提分路径 over time: the score as one closing follows another, against the target."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, palette, table
from daxing_safety.charts.canvas import hover, layout
from daxing_safety.reports.improvement import Route, Settings
from daxing_safety.wording import plain, points

HEIGHT = 300


def climb(route: Route, settings: Settings, *, as_of: date) -> Chart:
    note = (
        f"核定分（分），虚线为要达到的 {plain(settings.target)} 分 · 截至{wording.day(as_of)}推算"
    )
    if not route.steps:
        title = (
            "不用再销号，已经达到" if route.path.is_reached else "规定时间内没有可以销号的失分问题"
        )
        return Chart(title, note, None)
    return Chart(
        title=_finding(route, settings),
        note=note,
        figure=_figure(route, settings, as_of),
        alt="；".join(
            f"{wording.day_of_year(day)}达到 {points(score)} 分" for day, score in _daily(route)
        ),
        data=table(("日期", "核定分"), [(as_of, route.before), *_daily(route)]),
    )


def _finding(route: Route, settings: Settings) -> str:
    last = route.steps[-1]
    number = len(route.steps)
    if route.path.is_reached:
        when = wording.day_of_year(last.day)
        return f"再销号 {number} 个问题，{when}可达到 {points(route.after)} 分"
    short = points(settings.target - route.after)
    return f"{settings.days} 天内最多到 {points(route.after)} 分，还差 {short} 分"


def _daily(route: Route) -> list[tuple[date, Decimal]]:
    """The score at the end of each day on which something is closed."""
    return list({step.day: step.score for step in route.steps}.items())


def _figure(route: Route, settings: Settings, as_of: date) -> dict[str, Any]:
    end = max(as_of + timedelta(days=settings.days), route.steps[-1].day)
    moments = [(as_of, route.before), *_daily(route), (end, route.after)]
    scores = [score for _, score in moments]
    said = [f"{wording.day(day)}：{points(score)} 分" for day, score in moments]
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [day.isoformat() for day, _ in moments],
        "y": [float(score) for score in scores],
        "line": {"color": palette.CONFIRMED, "width": 2.5, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": palette.RANGE,
    }
    floor = float(min(scores)) - 2
    top = float(max(*scores, settings.target)) + 1.5
    return {
        "data": [line | hover(said)],
        "layout": layout(
            HEIGHT,
            margin={"l": 34, "r": 12, "t": 10, "b": 34, "pad": 0},
            xaxis=_days(as_of, end),
            yaxis={
                "range": [floor, top],
                "nticks": 6,
                "gridcolor": palette.GRID,
                "zeroline": False,
                "fixedrange": True,
            },
            shapes=[_target(float(settings.target))],
            annotations=[
                _note(as_of, route.before, "left", f"现在 {points(route.before)}"),
                _note(end, route.after, "right", points(route.after)),
            ],
        ),
    }


def _days(start: date, end: date) -> dict[str, Any]:
    """Four days between the ends, written in Chinese."""
    span = max((end - start).days, 1)
    days = sorted({start + timedelta(days=span * part // 4) for part in range(5)})
    return {
        "type": "date",
        "range": [start.isoformat(), (end + timedelta(days=1)).isoformat()],
        "tickvals": [day.isoformat() for day in days],
        "ticktext": [wording.day_of_year(day) for day in days],
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _target(height: float) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": height,
        "y1": height,
        "line": {"color": palette.TARGET, "width": 1.5, "dash": "dash"},
    }


def _note(day: date, score: Decimal, side: str, text: str) -> dict[str, Any]:
    return {
        "x": day.isoformat(),
        "y": float(score),
        "text": f"<b>{text}</b>",
        "xanchor": side,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13},
    }
