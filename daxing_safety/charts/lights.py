"""亮灯 over the work points, by group: how much shows which light."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, Data, palette, table
from daxing_safety.charts.canvas import BAR, LABEL, bar, hover, linked, rows, words
from daxing_safety.reports.progress import Lights
from daxing_safety.vocabulary import Group, Light
from daxing_safety.wording import percent

# The gravest first.
ORDER = (Light.OVERDUE, Light.BEHIND, Light.DUE_SOON, Light.ON_TRACK, Light.NOT_DUE)
LATE = (Light.OVERDUE, Light.BEHIND)
ALL = "全部"
ROW = LABEL + BAR + 8
LEGEND = 30  # pixels above the rows

Line = tuple[str, dict[Light, int]]


def lights(counts: Lights, *, as_of: date, links: Mapping[str, str] | None = None) -> Chart:
    """`links` lead from a group's name to what it is made of."""
    if not counts:
        return Chart("没有承担工作要点", "任务分解表没有要本单位负责的工作要点。", None)
    note = f"工作要点（项），按责任单位分别计 · 截至{wording.day(as_of)}"
    lines = _lines(counts)
    whole = lines[0][1]
    late = sum(whole[light] for light in LATE)
    words = "、".join(f"{light.value} {whole[light]} 项" for light in LATE if whole[light])
    share = percent(Decimal(late) / sum(whole.values()))
    title = f"{words}，占 {share}" if late else "工作要点没有逾期，也没有滞后"
    return Chart(
        title,
        note,
        _figure(lines, links or {}),
        alt="；".join(_in_words(*line) for line in lines),
        data=_data(lines),
    )


def _data(lines: Sequence[Line]) -> Data:
    header = ("分组", *(light.value for light in ORDER), "合计")
    return table(
        header,
        [
            (name, *(counts[light] for light in ORDER), sum(counts.values()))
            for name, counts in lines
        ],
    )


def _lines(counts: Lights) -> list[Line]:
    """All groups together first, then each one that has work points, unless it is the only one."""
    groups = [group for group in Group if any((group, light) in counts for light in Light)]
    by_group = [(g.value, {light: counts[g, light] for light in ORDER}) for g in groups]
    whole = {light: sum(line[light] for _, line in by_group) for light in ORDER}
    return [(ALL, whole), *(by_group if len(by_group) > 1 else [])]


def _figure(lines: Sequence[Line], links: Mapping[str, str]) -> dict[str, Any]:
    labels = [
        (linked(f"<b>{name}</b>", links.get(name, "")), f"{sum(counts.values())} 项")
        for name, counts in lines
    ]
    layout = rows(len(lines), ROW, labels)
    return {
        "data": [_trace(light, lines) for light in ORDER if lines[0][1][light]],
        "layout": layout
        | {
            "height": layout["height"] + LEGEND,
            "margin": layout["margin"] | {"t": LEGEND},
            "barmode": "stack",
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "traceorder": "normal",
                "itemclick": False,
                "itemdoubleclick": False,
            },
        },
    }


def _trace(light: Light, lines: Sequence[Line]) -> dict[str, Any]:
    shares = [Decimal(counts[light]) / sum(counts.values()) for _, counts in lines]
    numbers = [str(counts[light] or "") for _, counts in lines]
    said = [
        f"{name}：{light.value} {counts[light]} 项，占 {percent(share)}"
        for (name, counts), share in zip(lines, shares, strict=True)
    ]
    colour, ink = palette.LIGHTS[light], palette.LIGHT_INKS[light]
    trace = bar(shares, colour, row_height=ROW)
    numbered = words(numbers, ink=ink, position="inside") | {"insidetextanchor": "middle"}
    name = f"{palette.LIGHT_NAMES[light]} {light.value} {lines[0][1][light]}"
    return trace | numbered | hover(said) | {"name": name}


def _in_words(name: str, counts: dict[Light, int]) -> str:
    return name + "、".join(f"{light.value} {counts[light]} 项" for light in ORDER if counts[light])
