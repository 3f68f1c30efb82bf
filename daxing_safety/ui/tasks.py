"""What 任务分解 is made of: its filters, its two tables, and the card of one work point."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.tasks import Card, Choices, Filters, Point, lights
from daxing_safety.ui import grid
from daxing_safety.ui.messages import plain

if TYPE_CHECKING:
    import pandas as pd

OWN, EVERYBODY = "本单位承担", "全区"
BY_POINT, BY_TASK = "工作要点", "任务"
MOST_ROWS = 17


def scope_note(choices: Choices) -> str:
    unconfirmed = "、".join(choices.unconfirmed)
    return (
        f"实施方案的 {len(choices.tasks)} 项主要任务，逐项分解到工作要点和责任单位。"
        f"属地按 22 个镇街列入，其中{unconfirmed}是否参与创建待确认。"
    )


def ask_filters(choices: Choices, viewer: User) -> Filters:
    first, *others = st.columns([1.25, 1.5, 1.25, 1, 1.25])
    with first:
        unit_code = _ask_unit(choices, viewer)
    task, phase, month, text = others
    return Filters(
        unit_code=unit_code,
        task_no=ask_task(task, choices),
        phase_no=phase.selectbox(
            "阶段",
            list(choices.phases),
            index=None,
            format_func=choices.phases.__getitem__,
            placeholder="全部阶段",
            key="phase",
            bind="query-params",
        ),
        month=month.selectbox(
            "完成时限",
            choices.months,
            index=None,
            format_func=month_in_words,
            placeholder="全部月份",
            key="due",
            bind="query-params",
        ),
        text=text.text_input(
            "搜索", placeholder="要点、单位、材料", key="find", bind="query-params", type="search"
        )
        or "",
    )


def month_in_words(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def _ask_unit(choices: Choices, viewer: User) -> str | None:
    """A clerk chooses between the own duties and the whole plan, everybody else a unit."""
    if not allows(viewer, Permission.SEE_DISTRICT):
        scope = st.segmented_control(
            "范围",
            [OWN, EVERYBODY],
            default=OWN,
            required=True,
            key="scope",
            bind="query-params",
            width="stretch",
        )
        return viewer.unit_code if scope == OWN else None
    return ask_unit(st.container(), choices)


def ask_unit(place: DeltaGenerator, choices: Choices) -> str | None:
    """The code of a unit; its name stands in the address."""
    return place.selectbox(
        "责任单位",
        list(choices.units),
        index=None,
        format_func=choices.units.__getitem__,
        placeholder="全部单位",
        key="unit",
        bind="query-params",
    )


def ask_task(place: DeltaGenerator, choices: Choices) -> int | None:
    """The number of a task; its title stands in the address."""
    return place.selectbox(
        "任务",
        list(choices.tasks),
        index=None,
        format_func=choices.tasks.__getitem__,
        placeholder="全部任务",
        key="task",
        bind="query-params",
    )


def offer_download(place: DeltaGenerator, filters: Filters) -> None:
    """The plan as Excel: of the unit that is being looked at, or whole."""
    place.link_button(
        "下载任务分解表",
        f"/download/tasks/{filters.unit_code or 'all'}",
        icon=":material/download:",
    )


def show_count(points: Sequence[Point]) -> None:
    """How many there are, and how those stand whose progress the viewer sees."""
    counts = lights(points)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"共 {len(points)} 条工作要点")
        for light, colour in grid.LIGHTS.items():
            if counts[light]:
                st.badge(f"{light.value} {counts[light]}", color=colour)


def show_tasks(table: "pd.DataFrame") -> None:
    st.caption("点任务名称，看它的工作要点。")
    numbers = list(table["task_no"])
    grid.table(
        table,
        "任务分解总表，一行一项任务",
        most=len(table),
        task_no=grid.number("序号", 52),
        action=grid.text("行动", 104),
        task=grid.opener("任务", 224, key="task_row", on_click=_open_task, args=(numbers,)),
        lead=grid.text("牵头", 110),
        work_points=grid.number("工作要点", 76),
        **{light.name: grid.number(light.value, 58) for light in grid.LIGHTS},
        due_on=grid.day("最晚时限"),
        phases=grid.text("阶段", 72),
        others=grid.text("配合、属地", 420),
    )


def _open_task(task_numbers: list[int]) -> None:
    click = st.session_state.task_row
    st.session_state.task = task_numbers[click.row]
    st.session_state.view = BY_POINT


def show_points(table: "pd.DataFrame") -> None:
    st.caption("点编号，看责任单位的进展和说明。")
    grid.table(
        table,
        "工作要点表，一行一条工作要点",
        most=MOST_ROWS,
        work_point_code=grid.opener("编号", 76, pinned=True, key="point_row", on_click=_open_card),
        task=grid.text("任务", 150),
        work_point=grid.text("工作要点", 330),
        light=grid.light(),
        progress=grid.text("进展", 128),
        lead=grid.text("牵头", 110),
        others=grid.text("配合、属地", 190),
        due_on=grid.day("完成时限"),
        evidence_required=grid.text("佐证材料要求", 260),
        cycle=grid.text("周期", 64),
    )


def _open_card() -> None:
    st.query_params["point"] = st.session_state.point_row.label


def close_card() -> None:
    st.query_params.pop("point", None)


def show_card(card: Card, viewer: User) -> None:
    """Beside the table, which keeps its place; its address can be sent to a colleague."""
    drawer = st.dialog(
        f"工作要点 {card.point.code}", width=620, position="right", on_dismiss=close_card
    )
    drawer(_draw_card)(card, viewer)


def _draw_card(card: Card, viewer: User) -> None:
    point = card.point
    st.markdown(f"**{plain(point.text)}**")
    with st.container(horizontal=True, gap="small"):
        if point.standing.light:
            st.badge(point.standing.light.value, color=grid.LIGHTS[point.standing.light])
        if point.standing.words:
            st.badge(plain(point.standing.words), color="gray")
    _draw_note(point.note)
    st.table(
        {name: plain(text) or "—" for name, text in _facts(point).items()}, border="horizontal"
    )
    sees_all = allows(viewer, Permission.SEE_DISTRICT)
    st.markdown(f"**{'各单位' if sees_all else '本单位'}进展**")
    _draw_units(card.units)


def _draw_note(note: str) -> None:
    if note:
        show = st.warning if "疑点" in note else st.info
        show(plain(note), icon=":material/sticky_note_2:")


def _facts(point: Point) -> dict[str, str]:
    today = settings.today()
    checkpoints = (
        f"{wording.day(day)}（已过）" if day < today else wording.day(day)
        for day in point.checkpoints
    )
    return {
        "任务": f"{point.action} · {point.task_no}. {point.task}",
        "牵头": point.lead,
        "配合、属地": point.others,
        "完成时限": f"{wording.day(point.due_on)}（第{point.phase_no}阶段）",
        "检查节点": "、".join(checkpoints),
        "周期": point.cycle,
        "佐证材料要求": point.evidence,
    }


def _draw_units(units: "pd.DataFrame") -> None:
    if units.empty:
        st.caption("本单位不承担这条工作要点，其他单位的进展由创安办掌握。")
    elif len(units) == 1:
        _draw_one_unit(units.iloc[0])
    else:
        _draw_many_units(units)


def _draw_one_unit(unit: "pd.Series") -> None:
    facts = {
        "单位": f"{unit.unit}（{unit.duty}）",
        "进展": unit.progress,
        "完成日期": wording.day(unit.done_on) if unit.done_on else "",
        "进展说明": unit.remark,
        "佐证材料": unit.evidence,
        "审核": unit.review,
    }
    st.table({name: plain(text) or "—" for name, text in facts.items()}, border="horizontal")


def _draw_many_units(units: "pd.DataFrame") -> None:
    grid.table(
        units,
        "责任单位和进展",
        most=len(units),
        unit=grid.text("单位", 110, pinned=True),
        duty=grid.text("职责", 56),
        light=grid.light(),
        progress=grid.text("进展", 110),
        remark=grid.text("进展说明", 260),
        done_on=grid.day("完成日期"),
        evidence=grid.text("佐证材料", 200),
        review=grid.text("审核", 70),
    )
