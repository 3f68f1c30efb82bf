"""操作日志 on the auditor's screen: the chain, the filters, the list, one event."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.reports import log as reports
from daxing_safety.reports.log import PAGE, SET_BACK, Filters, Row, State
from daxing_safety.ui import access, grid, messages, panels

SET_BACK_ONLY = "set_back"


# ---- the chain -------------------------------------------------------------------------------


def show_heading(filters: Filters) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("操作日志", anchor=False, width="stretch")
        st.button(
            "核对日志链",
            icon=":material/link:",
            help="从第一条到最后一条逐条验算；每日备份后也会自动做一次。",
            on_click=check_chain,
            key="check_chain",
        )
        st.link_button(
            "导出 Excel",
            # Quoted twice: an address is unquoted once before its parts are told apart.
            f"/download/log/{quote(quote(filters.query(), safe=''), safe='')}",
            icon=":material/download:",
        )


def check_chain() -> None:
    with messages.outcome():
        viewer = access.current_user()
        with reading() as session:
            found = reports.chain(session, viewer=viewer)
        if found.fault:
            messages.warn(f"{found.fault}。此前的 {found.events} 条连续、未被改动。")
        else:
            messages.tell(f"{found.events} 条操作日志首尾相连，没有被改动、删除或截断。")


def show_state(state: State, filters: Filters) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(f"共 {state.events} 条，只增不改，逐条相扣。最新一条的校验码 {state.hash[:16]}…")
        if state.last is not None:
            word = "相符" if state.last.is_good else "有不符"
            colour: grid.Colour = "green" if state.last.is_good else "red"
            st.badge(f"{state.last.at:%Y-%m-%d %H:%M} 核对{word}", color=colour)
        if state.set_back:
            st.badge(f"{SET_BACK} {state.set_back} 次", color="orange")
            only = "" if filters.only_set_back else SET_BACK_ONLY
            st.button(
                "看全部" if filters.only_set_back else "只看这些",
                on_click=ask,
                kwargs={"only": only},
                type="tertiary",
                key="log_only",
            )


# ---- the filters: the address says what is shown -----------------------------------------------


def ask_filters(filters: Filters, actions: Sequence[str]) -> None:
    with st.grid(6, min_column_width=150):
        _ask_text("人员", "who", filters.who, "用户名或姓名")
        _ask_one("操作", "action", actions, filters.action)
        _ask_text("对象或说明", "q", filters.text, "编号、单位、文件名")
        _ask_day("从", "from", filters.since)
        _ask_day("到", "to", filters.until)
        _ask_text("来源地址", "address", filters.address, f"开头几位，或“{reports.HERE}”")


def ask(**changed: str) -> None:
    """Asks for something else; the first page of it."""
    query = st.query_params.to_dict() | {"page": ""} | changed
    st.query_params.from_dict({name: value for name, value in query.items() if value})


def _ask_text(label: str, name: str, value: str, hint: str) -> None:
    st.session_state[f"log_{name}"] = value
    st.text_input(
        label,
        placeholder=hint,
        max_chars=reports.LONGEST_TEXT,
        key=f"log_{name}",
        on_change=_take,
        args=(name,),
    )


def _ask_one(label: str, name: str, words: Sequence[str], value: str) -> None:
    st.session_state[f"log_{name}"] = value if value in words else None
    st.selectbox(
        label,
        words,
        index=None,
        placeholder="全部",
        key=f"log_{name}",
        on_change=_take,
        args=(name,),
    )


def _ask_day(label: str, name: str, value: date | None) -> None:
    st.session_state[f"log_{name}"] = value
    st.date_input(
        label,
        value=None,
        min_value=date(2020, 1, 1),
        max_value=date(2100, 1, 1),
        format="YYYY-MM-DD",
        key=f"log_{name}",
        on_change=_take,
        args=(name,),
    )


def _take(name: str) -> None:
    chosen: Any = st.session_state[f"log_{name}"]
    ask(**{name: chosen.isoformat() if isinstance(chosen, date) else (chosen or "").strip()})


# ---- the list ---------------------------------------------------------------------------------


def ask_page(total: int) -> int:
    pages = -(-total // PAGE)
    return st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1


def show_list(rows: Sequence[Row], total: int) -> None:
    if not rows:
        st.info("没有符合条件的操作日志。", icon=":material/search_off:")
        return
    st.caption(f"符合条件的共 {total} 条，新的在前。点序号看一条的全部内容。")
    numbers = [row.number for row in rows]
    grid.table(
        reports.row_table(rows),
        "操作日志",
        number=grid.opener(
            "序号", 80, pinned=True, key="event_row", on_click=_open, args=(numbers,)
        ),
        at=st.column_config.DatetimeColumn("时间", width=156, format="YYYY-MM-DD HH:mm:ss"),
        who=grid.text("人员", 190),
        address=grid.text("来源地址", 120),
        action=grid.text("操作", 120),
        subject=grid.text("对象", 190),
        changes=grid.text("改动", 260),
        remark=grid.text("说明", 260),
        mark=st.column_config.MultiselectColumn(
            "标记", width=116, options=[SET_BACK], color=["orange"]
        ),
    )


def _open(numbers: list[int]) -> None:
    st.query_params["event"] = str(numbers[st.session_state.event_row.row])


def show_event(number: str, viewer: User) -> None:
    with reading() as session:
        row = reports.event(session, viewer=viewer, number=number)
    drawer = st.dialog(
        f"操作日志第 {row.number} 条", width=620, position="right", on_dismiss=_close
    )
    drawer(_draw)(row)


def _close() -> None:
    st.query_params.pop("event", None)


def _draw(row: Row) -> None:
    known = {
        "时间": f"{row.at:%Y-%m-%d %H:%M:%S}",
        "人员": reports.person(row),
        "来源地址": row.address,
        "操作": row.action,
        "对象": row.subject,
        "说明": row.remark,
        "校验码": row.hash,
    }
    if row.is_set_back:
        known["标记"] = f"{SET_BACK}：比上一条的时间早"
    st.html(panels.facts({name: text for name, text in known.items() if text}))
    if row.changes:
        grid.table(
            reports.change_table(row.changes),
            "改动前后",
            row_height=grid.TALL,
            field=grid.text("项目", 110),
            before=grid.text("改动前", 210),
            after=grid.text("改动后", 210),
        )
