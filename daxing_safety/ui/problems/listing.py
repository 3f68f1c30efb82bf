"""问题整改 as a list and by stage: its table and its cards."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.problems.filters import MANY, STATUSES_OF, Filters, Stage
from daxing_safety.reports.problems.listing import (
    MARKS,
    MOST_CARDS,
    Column,
    ProblemPage,
    Row,
    marks,
    table,
)
from daxing_safety.ui import grid
from daxing_safety.ui.messages import plain
from daxing_safety.ui.problems.filters import ask, codes, key_of, show_order
from daxing_safety.vocabulary import VOID_STATUSES, RectificationStatus
from daxing_safety.wording import shortened

GAIN_HELP = (
    "只销这一个，核定分能恢复多少。+0.00：同一条款或指标已经扣完，还要再销几个才加分；"
    "随核定结论：是非和比率条款，核定结论改变后恢复。"
)
COST_HELP = "这个问题在本单位核定失分中的份额，按处数分摊。"
MOST_ROWS = 18
LONGEST_WHAT = 48  # of a card

STATUSES: dict[RectificationStatus, grid.Colour] = {
    RectificationStatus.UNASSIGNED: "yellow",
    RectificationStatus.NOT_STARTED: "gray",
    RectificationStatus.IN_PROGRESS: "blue",
    RectificationStatus.CLAIMED_FIXED: "orange",
    RectificationStatus.CLOSED: "green",
    RectificationStatus.DISMISSED: "gray",
    RectificationStatus.MERGED: "gray",
}
STAGES: dict[Stage, grid.Colour] = {
    Stage.UNASSIGNED: "yellow",
    Stage.UNDER_WAY: "blue",
    Stage.CLAIMED_FIXED: "orange",
    Stage.CLOSED: "green",
    Stage.VOID: "gray",
}
MARK_COLOURS: dict[str, grid.Colour] = dict(
    zip(MARKS, ("red", "orange", "yellow", "blue", "gray"), strict=True)
)


# ---- the list -----------------------------------------------------------------------------------


def show_empty(filters: Filters, viewer: User) -> None:
    if filters.is_narrowed:
        st.info("没有符合条件的问题，请放宽或清除上面的条件。", icon=":material/search_off:")
    elif allows(viewer, Permission.MANAGE_PROBLEMS):
        st.info(
            "台账里还没有问题。抽查、检查发现的问题点“登记问题”登记；"
            "各单位自查的问题随填报表报送，报送后列在这里。",
            icon=":material/playlist_add:",
        )
    elif allows(viewer, Permission.RECTIFY):
        st.success(
            "本单位名下没有问题。自查发现的问题，请填在填报表的“问题整改”表里报送。",
            icon=":material/task_alt:",
        )
    else:
        st.info("台账里还没有问题。", icon=":material/task_alt:")


def show_rows(found: ProblemPage, viewer: User) -> None:
    grid.table(
        table(found.rows),
        "问题台账，点编号看一个问题",
        most=MOST_ROWS,
        **_columns(found.rows, viewer),
    )


def choose_rows(found: ProblemPage, viewer: User) -> list[str]:
    """The numbers of the problems that are ticked."""
    chosen = grid.table_to_choose_from(
        table(found.rows),
        "问题台账，可勾选多个；点编号看一个问题",
        _key_of(found.rows),
        most=MOST_ROWS,
        row_height=grid.ROW_HEIGHT,
        **_columns(found.rows, viewer),
    )
    return [found.rows[row].problem.number for row in chosen]


def _key_of(rows: Sequence[Row]) -> str:
    """Named after its rows: once one of them has changed, nothing is ticked any more."""
    shown = "".join(f"{row.problem.number}/{row.problem.revision} " for row in rows)
    return f"problems_{zlib.crc32(shown.encode())}"


def _columns(rows: Sequence[Row], viewer: User) -> dict[str, Any]:
    numbers = [row.problem.number for row in rows]
    is_own = not allows(viewer, Permission.SEE_DISTRICT)
    return {
        "number": grid.opener(
            "编号", 82, pinned=True, key=key_of("row"), on_click=_open, args=(numbers,)
        ),
        "status": _badges("状态", 84, {each.value: colour for each, colour in STATUSES.items()}),
        **({} if is_own else {"unit": grid.text("责任单位", 104)}),
        "site": grid.text("点位", 122),
        "description": grid.text("问题描述", 150),
        "due_on": grid.day("整改时限"),
        "gain": grid.text("可挽回", 66, alignment="right", help=GAIN_HELP),
        "cost": grid.text("现失分", 64, alignment="right", help=COST_HELP),
        "marks": _badges("提醒", 160, MARK_COLOURS),
        "first_due_on": grid.day("首次时限"),
        "rule_code": grid.text("条款", 58),
        "count": grid.number("处数", 54),
        "responsible": grid.text("责任人", 84),
        "measure": grid.text("整改措施", 200),
        "severity": grid.text("严重程度", 80),
        "discovery": grid.text("发现方式", 84),
        "found_on": grid.day("发现日期"),
    }


def _badges(label: str, width: int, colours: Mapping[str, grid.Colour]) -> Any:
    return st.column_config.MultiselectColumn(
        label, width=width, options=list(colours), color=list(colours.values())
    )


def _open(numbers: list[str]) -> None:
    open_card(numbers[st.session_state[key_of("row")].row])


def open_card(number: str) -> None:
    """The filters stay in the address: they bring back the list."""
    st.query_params["problem"] = number


def show_pages(found: ProblemPage) -> None:
    st.caption(f"共 {found.total} 个问题，当前第 {found.page} 页，共 {found.pages} 页")
    if found.pages > 1:
        key = key_of(f"page_{found.page}")
        st.pagination(
            found.pages,
            default=found.page,
            width="stretch",
            key=key,
            on_change=_turn_to,
            args=(key,),
        )


def _turn_to(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])


# ---- 台账流转 -----------------------------------------------------------------------------------


def show_board(columns: Sequence[Column], filters: Filters) -> None:
    """Side by side; on a phone one below the other."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"每个阶段列出最前面的 {MOST_CARDS} 个，点编号看一个问题。", width="content")
        show_order(filters)
    shown = [each for each in columns if each.total or each.stage is not Stage.VOID]
    for place, column in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        with place.container(gap="small"):
            st.markdown(f"#### :{STAGES[column.stage]}-badge[{column.stage.value}] {column.total}")
            for row in column.rows:
                _show_card(row)
            if column.total > len(column.rows):
                st.button(
                    f"看全部 {column.total} 个",
                    type="tertiary",
                    key=f"all_{column.stage.name}",
                    on_click=ask,
                    kwargs={"status": MANY.join(codes(STATUSES_OF[column.stage])), "view": ""},
                )


def _show_card(row: Row) -> None:
    problem = row.problem
    with st.container(border=True, gap="xxsmall"):
        st.button(
            problem.number,
            type="tertiary",
            key=f"card_{problem.number}",
            on_click=open_card,
            args=(problem.number,),
        )
        st.caption(f"{plain(row.unit)}  \n{plain(_when(row))}")
        what = shortened(f"{problem.site}：{problem.description}", LONGEST_WHAT)
        st.markdown(f":small[{plain(what)}]")
        badges = [f":{MARK_COLOURS[mark]}-badge[{mark}]" for mark in marks(row)]
        if row.worth.gain:
            badges.append(f":green-badge[可挽回 {row.worth.gain_in_words}]")
        if badges:
            st.markdown(" ".join(badges))


def _when(row: Row) -> str:
    problem = row.problem
    if problem.status in VOID_STATUSES:
        return problem.status.value
    if problem.closed_on:
        return f"{problem.closed_on} 销号"
    return f"时限 {problem.due_on}" if problem.due_on else "没有时限"
