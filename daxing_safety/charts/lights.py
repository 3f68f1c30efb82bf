"""亮灯 over the work points, by group: how much shows which light."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, palette
from daxing_safety.charts.canvas import above, rows, share_axis
from daxing_safety.reports.progress import Lights
from daxing_safety.vocabulary import Group, Light
from daxing_safety.wording import percent

# The gravest first.
ORDER = (Light.OVERDUE, Light.BEHIND, Light.DUE_SOON, Light.ON_TRACK, Light.NOT_DUE)
ALL = "全部"


def lights(counts: Lights, *, as_of: date) -> Chart:
    note = f"工作要点（项），按责任单位分别计 · 截至{wording.day(as_of)}"
    if not counts:
        return Chart("没有承担的工作要点", note, None)
    lines = _lines(counts)
    whole = lines[0][1]
    late = whole[Light.OVERDUE] + whole[Light.BEHIND]
    title = (
        f"逾期 {whole[Light.OVERDUE]} 项、滞后 {whole[Light.BEHIND]} 项，"
        f"占{percent(Decimal(late) / sum(whole.values()))}"
        if late
        else "工作要点没有逾期，也没有滞后"
    )
    return Chart(title, note, _figure(lines), alt="；".join(_in_words(*line) for line in lines))


def _lines(counts: Lights) -> list[tuple[str, dict[Light, int]]]:
    """All groups together first, then each one that has work points, unless it is the only one."""
    groups = [group for group in Group if any((group, light) in counts for light in Light)]
    by_group = [(g.value, {light: counts[g, light] for light in ORDER}) for g in groups]
    whole = {light: sum(line[light] for _, line in by_group) for light in ORDER}
    return [(ALL, whole), *(by_group if len(by_group) > 1 else [])]


def _figure(lines: Sequence[tuple[str, dict[Light, int]]]) -> dict[str, Any]:
    labels = []
    for row, (name, line) in enumerate(lines):
        done = f"{sum(line.values())} 项"
        labels += [above(row, f"<b>{name}</b>"), above(row, done, right=True)]
    legend = {
        "orientation": "h",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
        "font": {"size": 12},
    }
    return {
        "data": [_trace(light, lines) for light in ORDER if lines[0][1][light]],
        "layout": rows(len(lines), 48, xaxis=share_axis(), annotations=labels)
        | {"barmode": "stack", "showlegend": True, "legend": legend},
    }


def _trace(light: Light, lines: Sequence[tuple[str, dict[Light, int]]]) -> dict[str, Any]:
    shares = [Decimal(line[light]) / sum(line.values()) for _, line in lines]
    return {
        "type": "bar",
        "orientation": "h",
        "name": f"{palette.LIGHT_NAMES[light]} {light.value} {lines[0][1][light]}",
        "x": [float(share) for share in shares],
        "y": list(range(len(lines))),
        "offset": -0.1,
        "width": 0.46,
        "marker": {"color": palette.LIGHTS[light], "line": {"width": 0}},
        "text": [str(line[light]) if line[light] else "" for _, line in lines],
        "textposition": "inside",
        "textangle": 0,
        "insidetextanchor": "middle",
        "insidetextfont": {"color": palette.LIGHT_INKS[light], "size": 12},
        "constraintext": "none",
        "hovertext": [
            f"{name} {light.value} {line[light]} 项，占{percent(share)}"
            for (name, line), share in zip(lines, shares, strict=True)
        ],
        "hoverinfo": "text",
    }


def _in_words(name: str, line: dict[Light, int]) -> str:
    return name + "、".join(f"{light.value} {line[light]} 项" for light in ORDER if line[light])
