"""进度: the map unit × task, plan against actual, and the tasks over the programme's time."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from daxing_safety import wording
from daxing_safety.charts import Chart, Data, palette, table
from daxing_safety.charts.canvas import HIDDEN_AXIS, TRANSPARENT, label, layout
from daxing_safety.models import Phase
from daxing_safety.reports.progress_course import Course, TaskSpan
from daxing_safety.reports.progress_map import WORST_FIRST, Cell, ProgressMap
from daxing_safety.vocabulary import Light

CELL = 30  # pixels of a row
NAMES = 92  # pixels for the units' names
HEAD = 26
SPAN = 34  # pixels of a task's row in the Gantt


def heat_map(found: ProgressMap, *, name: str, as_of: date) -> Chart:
    """A square a unit and task: coloured by its worst light, done and all work points on it."""
    if not found.cells:
        return Chart(f"{name}没有承担工作要点", "", None)
    late = {row.name: found.of_unit(row.code).late for row in found.rows}
    worst = sorted((unit for unit in late if late[unit]), key=lambda unit: -late[unit])[:3]
    told = "、".join(f"{unit} {late[unit]} 项" for unit in worst)
    title = f"{name}逾期 {sum(late.values())} 项，最多的是{told}" if worst else f"{name}没有逾期"
    colours = "、".join(f"{palette.LIGHT_NAMES[light]}{light.value}" for light in WORST_FIRST)
    note = (
        f"格内为已完成／承担的工作要点（项），颜色为最差的一项：{colours} · 点一格看明细 · "
        f"截至{wording.day(as_of)}"
    )
    alt = "；".join(f"{row.name}{_in_words(found.of_unit(row.code))}" for row in found.rows)
    return Chart(title, note, _squares(found), alt, data=_cells(found))


def _cells(found: ProgressMap) -> Data:
    pairs = [
        (row, no, task, found.cells[row.code, no])
        for row in found.rows
        for no, task in found.tasks
        if (row.code, no) in found.cells
    ]
    lights = [light.value for light in WORST_FIRST]
    header = ("责任单位", "任务编号", "任务", "承担（项）", "到期（项）", "已完成（项）", *lights)
    return table(
        header,
        [
            (
                *(row.name, no, task, cell.points, cell.due, cell.done),
                *(cell.lights[light] for light in WORST_FIRST),
            )
            for row, no, task, cell in pairs
        ],
    )


def _squares(found: ProgressMap) -> dict[str, Any]:
    places = {row.code: at for at, row in enumerate(found.rows)}
    return {
        "data": [
            trace for light in WORST_FIRST for trace in [_of_light(found, places, light)] if trace
        ],
        "layout": layout(
            len(found.rows) * CELL + HEAD,
            margin={"l": NAMES, "r": 0, "t": HEAD, "b": 0, "pad": 4},
            xaxis={
                "tickvals": [no for no, _ in found.tasks],
                "ticktext": [str(no) for no, _ in found.tasks],
                "side": "top",
                "range": [0.5, len(found.tasks) + 0.5],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            yaxis={
                "tickvals": list(places.values()),
                "ticktext": [label(row.name, 8) for row in found.rows],
                "range": [len(places) - 0.5, -0.5],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            clickmode="event+select",
        ),
    }


def _of_light(found: ProgressMap, places: dict[str, int], light: Light) -> dict[str, Any] | None:
    cells = {key: cell for key, cell in found.cells.items() if cell.worst is light}
    if not cells:
        return None
    names = {row.code: row.name for row in found.rows}
    titles = dict(found.tasks)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"{palette.LIGHT_NAMES[light]} {light.value}",
        "x": [task for _, task in cells],
        "y": [places[unit] for unit, _ in cells],
        "text": [f"{cell.done}/{cell.points}" for cell in cells.values()],
        "textfont": {"size": 10, "color": palette.LIGHT_INKS[light]},
        "marker": {"symbol": "square", "size": CELL - 3, "color": palette.LIGHTS[light]},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [[unit, task] for unit, task in cells],
        "hovertext": [
            f"{label(names[unit], 40)}　{task}. {label(titles[task], 40)}<br>{_in_words(cell)}"
            for (unit, task), cell in cells.items()
        ],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _in_words(cell: Cell) -> str:
    lights = "、".join(
        f"{light.value} {cell.lights[light]}" for light in WORST_FIRST if cell.lights[light]
    )
    return f"承担 {cell.points} 项，已完成 {cell.done} 项（{lights}）"


# ---- plan against actual -------------------------------------------------------------------------


def plan_and_actual(found: Course, *, name: str, as_of: date) -> Chart:
    if not found.whole:
        return Chart(f"{name}没有承担工作要点", "", None)
    at = max(place for place, day in enumerate(found.days) if day <= max(as_of, found.days[0]))
    planned, reported, accepted = found.planned[at], found.reported[-1], found.accepted[-1]
    gap = planned - accepted
    way = f"比计划少 {gap} 项" if gap > 0 else f"比计划多 {-gap} 项" if gap else "与计划相同"
    title = f"{name}：应完成 {planned} 项，已认可 {accepted} 项，{way}"
    note = (
        f"工作要点（项），按责任单位分别计，共 {found.whole} 项；"
        f"计划按完成时限，已报 {reported} 项 · 截至{wording.day(as_of)}"
    )
    alt = "；".join(
        f"{wording.day(day)}计划 {found.planned[place]}"
        + (
            f"、已报 {found.reported[place]}、已认可 {found.accepted[place]}"
            if day <= as_of
            else ""
        )
        for place, day in enumerate(found.days)
    )
    return Chart(title, note, _curves(found, as_of), alt, data=_months(found))


def _months(found: Course) -> Data:
    """Of days to come there is a plan only."""
    lines = zip_longest(found.days, found.planned, found.reported, found.accepted)
    return table(("日期", "计划（项）", "已报（项）", "已认可（项）"), list(lines))


def _curves(found: Course, as_of: date) -> dict[str, Any]:
    past = found.days[: len(found.reported)]
    return {
        "data": [
            _curve("计划", found.days, found.planned, palette.TARGET, "dash"),
            _curve("已报", past, found.reported, palette.CLAIMED, "dot"),
            _curve("已认可", past, found.accepted, palette.CONFIRMED, "solid"),
        ],
        "layout": layout(
            300,
            margin={"l": 40, "r": 12, "t": 34, "b": 28, "pad": 0},
            showlegend=True,
            legend={"orientation": "h", "x": 0, "y": 1.14, "itemclick": False},
            xaxis={
                "type": "date",
                "tickformat": "%Y.%m",
                "nticks": 8,
                "showgrid": False,
                "fixedrange": True,
            },
            yaxis={"rangemode": "tozero", "gridcolor": palette.GRID, "fixedrange": True},
            shapes=[_today_line(as_of)],
        ),
    }


def _curve(
    name: str, days: Sequence[date], numbers: Sequence[int], colour: str, dash: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [day.isoformat() for day in days],
        "y": list(numbers),
        "line": {"color": colour, "width": 2.5, "dash": dash, "shape": "linear"},
        "hovertext": [
            f"{wording.day(day)}　{name} {number} 项"
            for day, number in zip(days, numbers, strict=True)
        ],
        "hoverinfo": "text",
    }


def _today_line(day: date) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": day.isoformat(),
        "x1": day.isoformat(),
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": palette.LIGHTS[Light.OVERDUE], "width": 1.5},
    }


# ---- tasks over time -----------------------------------------------------------------------------


def gantt(spans: Sequence[TaskSpan], phases: Sequence[Phase], *, as_of: date) -> Chart:
    """A bar a task, filled as far as its work points are done; phases as bands, today as a line."""
    if not spans:
        return Chart("没有承担任务", "", None)
    behind = [span for span in spans if span.due_on < as_of and span.done < span.points]
    names = "、".join(f"任务{span.no}" for span in behind[:6])
    title = (
        f"{len(behind)} 项任务已过最后时限还没有全部完成：{names}"
        if behind
        else "没有任务过了最后时限还没完成"
    )
    note = (
        "横条从所在阶段开始到最后一项工作要点的时限，深色为已完成的比例 · "
        f"竖线为{wording.day(as_of)}"
    )
    alt = "；".join(
        f"{span.no}. {span.title}，{wording.day(span.starts_on)}至{wording.day(span.due_on)}，"
        f"完成 {span.done}／{span.points}"
        for span in spans
    )
    return Chart(title, note, _spans(spans, phases, as_of), alt, data=_tasks(spans))


def _tasks(spans: Sequence[TaskSpan]) -> Data:
    header = ("任务编号", "任务", "开始", "最后时限", "工作要点（项）", "已完成（项）")
    return table(header, [tuple(span) for span in spans])


def _spans(spans: Sequence[TaskSpan], phases: Sequence[Phase], as_of: date) -> dict[str, Any]:
    whole = [(span.due_on - span.starts_on).days + 1 for span in spans]
    done = [days * span.done / span.points for days, span in zip(whole, spans, strict=True)]
    return {
        "data": [
            _bars(spans, whole, palette.CLAIMED, "全部"),
            _bars(spans, done, palette.CONFIRMED, "已完成"),
        ],
        "layout": layout(
            len(spans) * SPAN + 46,
            margin={"l": 0, "r": 0, "t": 20, "b": 26, "pad": 0},
            barmode="overlay",
            xaxis={
                "type": "date",
                "tickformat": "%Y.%m",
                "nticks": 10,
                "gridcolor": palette.GRID,
                "fixedrange": True,
            },
            yaxis={**HIDDEN_AXIS, "range": [len(spans) - 0.5, -0.5]},
            annotations=[*_titles(spans), *_phase_names(phases)],
            shapes=[*_phase_bands(phases), _today_line(as_of)],
        ),
    }


def _bars(
    spans: Sequence[TaskSpan], days: Sequence[float], colour: str, name: str
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": [span.starts_on.isoformat() for span in spans],
        "x": [number * 86_400_000 for number in days],  # a date axis counts milliseconds
        "y": list(range(len(spans))),
        "offset": 0.08,
        "width": 0.34,
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertext": [
            f"{span.no}. {label(span.title, 40)}<br>完成 {span.done}／{span.points} 项，"
            f"时限 {wording.day(span.due_on)}"
            for span in spans
        ],
        "hoverinfo": "text",
    }


def _titles(spans: Sequence[TaskSpan]) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{span.no}. {label(span.title, 22)}　{span.done}/{span.points}",
            "x": span.starts_on.isoformat(),
            "xanchor": "left",
            "y": place - 0.44,
            "yanchor": "top",
            "showarrow": False,
            "borderpad": 0,
            "font": {"size": 12},
        }
        for place, span in enumerate(spans)
    ]


def _phase_bands(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    return [
        {
            "type": "rect",
            "layer": "below",
            "x0": phase.starts_on.isoformat(),
            "x1": (phase.ends_on + timedelta(days=1)).isoformat(),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "fillcolor": palette.TRACK if phase.no % 2 else TRANSPARENT,
            "line": {"width": 0},
        }
        for phase in phases
    ]


def _phase_names(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    return [
        {
            "text": f"第{phase.no}阶段",
            "x": phase.starts_on.isoformat(),
            "xanchor": "left",
            "yref": "paper",
            "y": 1,
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11},
        }
        for phase in phases
    ]
