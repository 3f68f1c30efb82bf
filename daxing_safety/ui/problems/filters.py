"""What is asked of 问题台账: the filters above its rows, which are the address and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import streamlit as st

from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports.problems.filters import (
    LONGEST_TEXT,
    MANY,
    STATUSES_OF,
    Choices,
    Due,
    Filters,
    Layout,
    Only,
    Sort,
    Stage,
    code_of,
)
from daxing_safety.vocabulary import Discovery, Group, RectificationStatus, Severity

PAGE = "problems"
ANY_STAGE = "ALL"

# The address alone says what is shown: widgets are set from it at every run, and what a viewer
# chooses is written there first. So a shared address, a saved view and a click take the same way.


def key_of(name: str) -> str:
    return f"{PAGE}_{name}"


def ask(**changed: str) -> None:
    """Asks for something else; the first page of it."""
    query = st.query_params.to_dict() | {"page": ""} | changed
    st.query_params.from_dict({name: value for name, value in query.items() if value})


def _take(name: str) -> None:
    chosen = st.session_state[key_of(name)]
    ask(**{name: MANY.join(chosen) if isinstance(chosen, list) else chosen or ""})


def _choose_many(name: str, label: str, words: Mapping[str, str], chosen: Sequence[str]) -> None:
    st.session_state[key_of(name)] = list(chosen)
    st.multiselect(
        label,
        list(words),
        format_func=words.__getitem__,
        placeholder=label,
        label_visibility="collapsed",
        key=key_of(name),
        on_change=_take,
        args=(name,),
    )


def _choose_one(
    name: str, label: str, words: Mapping[str, str], chosen: str | None, *, index: int | None
) -> None:
    """`index` 0: one of them is always chosen; None: nothing may be."""
    st.session_state[key_of(name)] = chosen
    st.selectbox(
        label,
        list(words),
        index=index,
        format_func=words.__getitem__,
        placeholder=label,
        label_visibility="collapsed",
        key=key_of(name),
        on_change=_take,
        args=(name,),
    )


def _words(words: Iterable[Enum]) -> dict[str, str]:
    return {code_of(each): each.value for each in words}


def codes(chosen: Iterable[Enum]) -> list[str]:
    return [code_of(each) for each in chosen]


# ---- above the rows -----------------------------------------------------------------------------


def show_heading(filters: Filters) -> Any:
    """The title; the place beside it, for what can be done on this page."""
    heading = st.container(horizontal=True, vertical_alignment="center", gap="small")
    heading.title("问题整改", anchor=False, width="stretch")
    st.session_state[key_of("view")] = code_of(filters.view)
    words = _words(Layout)
    heading.segmented_control(
        "显示方式",
        list(words),
        format_func=words.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=key_of("view"),
        on_change=_take,
        args=("view",),
    )
    return heading


def show_scope(viewer: User) -> None:
    if allows(viewer, Permission.SEE_DISTRICT):
        st.caption(
            "问题从哪里来都记在这一本台账里：自查、抽查、检查、12345、市级评审。销号后失分恢复。"
        )
    else:
        st.caption("我的问题：本单位名下的全部问题。点编号办理，失分在销号后恢复。")


def ask_filters(filters: Filters, choices: Choices, viewer: User) -> None:
    """One compact row; what is asked for more seldom stands behind a button."""
    sees_all = allows(viewer, Permission.SEE_DISTRICT)
    with st.grid(5 if sees_all else 4, min_column_width=150, vertical_alignment="center"):
        if sees_all:
            _choose_many("unit", "责任单位", choices.units, filters.unit)
        due = code_of(filters.due) if filters.due else None
        _choose_one("due", "整改时限", _words(Due), due, index=None)
        _choose_many("only", "只看", _words(_offered(filters, viewer)), codes(filters.only))
        _ask_text(filters)
        _ask_more(filters, choices, sees_all)


def _offered(filters: Filters, viewer: User) -> list[Only]:
    """Nothing waits for who only reads; a shared address may ask for it all the same."""
    acts = (Permission.MANAGE_PROBLEMS, Permission.RECTIFY)
    has_part = any(allows(viewer, each) for each in acts)
    return [each for each in Only if each is not Only.MINE or has_part or each in filters.only]


def _ask_text(filters: Filters) -> None:
    st.session_state[key_of("q")] = filters.text
    st.text_input(
        "搜索",
        placeholder="编号、点位、描述",
        max_chars=LONGEST_TEXT,
        type="search",
        label_visibility="collapsed",
        key=key_of("q"),
        on_change=_take,
        args=("q",),
    )


def _ask_more(filters: Filters, choices: Choices, sees_all: bool) -> None:
    chosen = (filters.status, filters.severity, filters.discovery, filters.rule, filters.task)
    number = sum(map(bool, (*chosen, filters.town, filters.group)))
    drawer = st.popover(
        f"更多条件（{number}）" if number else "更多条件",
        icon=":material/tune:",
        width="stretch",
        key=key_of("more"),
        on_change="rerun",
    )
    if not drawer.open:
        return
    with drawer:
        _choose_many("status", "整改状态", _words(RectificationStatus), codes(filters.status))
        _choose_many("severity", "严重程度", _words(Severity), codes(filters.severity))
        _choose_many("discovery", "发现方式", _words(Discovery), codes(filters.discovery))
        _choose_many("rule", "扣分条款", choices.rules, filters.rule)
        _choose_many("task", "任务", choices.tasks, filters.task)
        _choose_many("town", "属地", choices.towns, filters.town)
        if sees_all:
            _choose_many("group", "单位分组", _words(Group), codes(filters.group))


def clear() -> None:
    """Everything but how it is shown."""
    kept = {name: st.query_params.get(name, "") for name in ("sort", "view")}
    st.query_params.from_dict({name: value for name, value in kept.items() if value})


def show_stages(filters: Filters, by_stage: Mapping[Stage, int]) -> None:
    """How many stand at each stage; one of them is a filter, too."""
    everything = sum(by_stage.values())
    if not everything and not filters.is_narrowed:
        return
    counts = {ANY_STAGE: f"全部 {everything}"}
    counts |= {each.name: f"{each.value} {number}" for each, number in by_stage.items()}
    st.session_state[key_of("stage")] = _stage_of(filters)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "阶段",
            list(counts),
            format_func=counts.__getitem__,
            label_visibility="collapsed",
            key=key_of("stage"),
            on_change=_take_stage,
        )
        show_order(filters)


def show_order(filters: Filters) -> None:
    """At the right of a row, which the caller has begun."""
    if filters.is_narrowed:
        st.button("清除条件", icon=":material/close:", type="tertiary", on_click=clear)
    st.space("stretch")
    with st.container(width=150):
        _choose_one("sort", "排序", _words(Sort), code_of(filters.sort), index=0)


def _stage_of(filters: Filters) -> str | None:
    """The one that is asked for; None where single statuses are."""
    if not filters.status:
        return ANY_STAGE
    asked = set(filters.status)
    return next(
        (each.name for each, statuses in STATUSES_OF.items() if set(statuses) == asked), None
    )


def _take_stage() -> None:
    chosen = st.session_state[key_of("stage")]
    statuses = STATUSES_OF[Stage[chosen]] if chosen not in (None, ANY_STAGE) else ()
    ask(status=MANY.join(codes(statuses)))
