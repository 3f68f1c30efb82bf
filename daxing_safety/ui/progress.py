"""进度 as it is shown: whose, the map of units and tasks, plan and actual, the tasks in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from daxing_safety.charts import Chart
from daxing_safety.charts import progress as charts
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import progress, tasks
from daxing_safety.reports.progress_course import Scope, course, task_spans
from daxing_safety.reports.progress_map import ProgressMap, progress_map
from daxing_safety.ui import figures, links, panels
from daxing_safety.ui import tasks as task_views
from daxing_safety.ui.figures import CONFIG, Prepared, prepare
from daxing_safety.ui.grid import LIGHTS
from daxing_safety.ui.kept import kept
from daxing_safety.vocabulary import Group

SCREEN = "progress"
BY_UNIT, COURSE, GANTT = "单位和任务", "计划与实际", "任务进程"
MOST_DIGITS = 3  # of a task's number in an address, where anything may stand
CELL = "cell"  # of the map: "U05.3"


@dataclass(frozen=True)
class View:
    """Ready to be shown; `maps` hold one figure a group."""

    found: ProgressMap
    maps: dict[Group, Prepared]
    plan: Prepared
    gantt: Prepared


def view(viewer: User, on: date, scope: Scope) -> View:
    return kept(_drawn, viewer=viewer, on=on, today=on, scope=scope)


def drawn(session: Any, viewer: User, on: date, asked: Sequence[str]) -> dict[str, Chart]:
    """The figures by their names in the addresses of their data; `asked` is a scope's."""
    scope = _read(asked)
    found = _within(progress_map(session, viewer=viewer, today=on), scope)
    return _figures(session, viewer, on, scope, found)


def _drawn(session: Any, *, viewer: User, today: date, scope: Scope) -> View:
    found = _within(progress_map(session, viewer=viewer, today=today), scope)
    figures = {
        name: prepare(chart, data=links.figure_data(SCREEN, name, today, *_said(scope)))
        for name, chart in _figures(session, viewer, today, scope, found).items()
    }
    return View(
        found=found,
        maps={group: figures[group.name] for group in Group if group.name in figures},
        plan=figures["plan"],
        gantt=figures["gantt"],
    )


def _figures(
    session: Any, viewer: User, today: date, scope: Scope, found: ProgressMap
) -> dict[str, Chart]:
    name = _name(found, scope)
    groups = [group for group in Group if found.of_group(group).cells]
    maps = {
        group.name: charts.heat_map(
            found.of_group(group), name=name if len(groups) == 1 else group.value, as_of=today
        )
        for group in groups
    }
    planned = course(session, viewer=viewer, today=today, scope=scope)
    spans = task_spans(session, viewer=viewer, scope=scope)
    phases = progress.phase_clock(session, today=today).phases
    return {
        **maps,
        "plan": charts.plan_and_actual(planned, name=name, as_of=today),
        "gantt": charts.gantt(spans, phases, as_of=today),
    }


def _said(scope: Scope) -> tuple[str, str, str]:
    return (
        scope.group.name if scope.group else "",
        scope.unit_code or "",
        str(scope.task_no or ""),
    )


def _read(asked: Sequence[str]) -> Scope:
    """What nobody knows is passed over."""
    group, unit, task, *_ = [*asked, "", "", ""]
    is_number = task.isascii() and task.isdecimal() and len(task) <= MOST_DIGITS
    return Scope(Group.__members__.get(group), unit or None, int(task) if is_number else None)


def _within(found: ProgressMap, scope: Scope) -> ProgressMap:
    rows = tuple(
        row
        for row in found.rows
        if scope.group in (None, row.group) and scope.unit_code in (None, row.code)
    )
    columns = tuple(task for task in found.tasks if scope.task_no in (None, task[0]))
    codes, numbers = {row.code for row in rows}, {no for no, _ in columns}
    cells = {
        (unit, no): cell
        for (unit, no), cell in found.cells.items()
        if unit in codes and no in numbers
    }
    return ProgressMap(rows, found.tasks, cells)


def _name(found: ProgressMap, scope: Scope) -> str:
    task = f"任务{scope.task_no}" if scope.task_no else ""
    if scope.unit_code and found.rows:
        return found.rows[0].name + task
    return (scope.group.value if scope.group else "" if task else "全区") + task


def ask_scope(choices: tasks.Choices, viewer: User) -> Scope:
    """Group, unit and task, in the address."""
    task_column, *rest = st.columns([1.6, 1, 1.4]) if _sees_all(viewer) else [st.container()]
    group = unit = None
    if rest:
        group = rest[0].selectbox(
            "分组",
            [each.name for each in Group],
            index=None,
            format_func=lambda name: Group[name].value,
            placeholder="全部分组",
            key="group",
            bind="query-params",
        )
        unit = task_views.ask_unit(rest[1], choices)
    task = task_views.ask_task(task_column, choices)
    return Scope(Group[group] if group and not unit else None, unit, task)


def _sees_all(viewer: User) -> bool:
    return allows(viewer, Permission.SEE_DISTRICT)


def show_count(found: ProgressMap) -> None:
    whole = found.total()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"承担 {whole.points} 项 · 到期 {whole.due} 项 · 已完成 {whole.done} 项")
        for light, colour in LIGHTS.items():
            if whole.lights[light]:
                st.badge(f"{light.value} {whole.lights[light]}", color=colour)


def show_maps(shown: View) -> None:
    """A click on a square puts it into the address, and its work points below."""
    for group, figure in shown.maps.items():
        with st.container(border=True, key=f"map_{group.name}"):
            st.html(figure.heading)
            if figure.figure is not None:
                with st.container(key=f"wide_{group.name}"):
                    st.plotly_chart(
                        figure.figure,
                        config=CONFIG,
                        alt=figure.alt,
                        on_select=_open_cell,
                        selection_mode="points",
                        key=_key_of_map(group),
                    )


def _key_of_map(group: Group) -> str:
    """A new key after each click: what was clicked stays in the address, not in the figure."""
    return f"squares_{group.name}_{st.session_state.get('clicks_on_maps', 0)}"


def _open_cell() -> None:
    for group in Group:
        event: Any = st.session_state.get(_key_of_map(group))
        if event and event.selection.points:
            unit, task = event.selection.points[0]["customdata"]
            st.query_params[CELL] = f"{unit}.{task}"
    st.session_state["clicks_on_maps"] = st.session_state.get("clicks_on_maps", 0) + 1


def _close_cell() -> None:
    st.query_params.pop(CELL, None)


def show_cell(shown: View, viewer: User, on: date) -> None:
    """The work points behind the square that stands in the address."""
    asked = st.query_params.get(CELL)
    cells = {f"{unit}.{no}": (unit, no) for unit, no in shown.found.cells}
    if asked not in cells:
        return
    unit, task = cells[asked]
    names = {row.code: row.name for row in shown.found.rows}
    titles = dict(shown.found.tasks)
    filters = tasks.Filters(unit_code=unit, task_no=task)
    found = kept(tasks.decomposition, viewer=viewer, on=on, today=on, filters=filters)
    with st.container(border=True, key="cell_of_map"):
        heading = st.container(horizontal=True, vertical_alignment="center")
        heading.subheader(
            f"{names[unit]}　任务{task} {titles[task]}", anchor=False, width="stretch"
        )
        heading.button("收起", on_click=_close_cell, icon=":material/close:", key="close_cell")
        task_views.show_points(found.by_point)
        st.html(panels.onward(panels.Part(f"{names[unit]}的单位画像", links.portrait(unit, on))))


def show_plan(shown: View) -> None:
    with st.container(border=True):
        figures.show(shown.plan)


def show_gantt(shown: View) -> None:
    with st.container(border=True):
        figures.show(shown.gantt)
