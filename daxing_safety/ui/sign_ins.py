"""正在登录: who is signed in now, and the end of what should not be."""

from collections.abc import Sequence

import streamlit as st

from daxing_safety.actions import sessions
from daxing_safety.database import transaction
from daxing_safety.reports.sign_ins import SignIn, table
from daxing_safety.ui import access, grid, messages
from daxing_safety.ui.messages import plain
from daxing_safety.wording import day_of_year

HERE = "您现在用的这次登录请用左侧的“退出登录”结束。"


def show(found: Sequence[SignIn]) -> None:
    people = len({each.username for each in found})
    st.caption(
        f"现在有 {people} 个账号登录着，共 {len(found)} 处。"
        "勾选后可以结束，对方的页面会立即回到登录页；"
        "不许再登录的，请停用账号。"
    )
    chosen = grid.table_to_choose_from(
        table(found),
        "正在登录的账号",
        "sign_ins",
        row_height=grid.ROW_HEIGHT,
        username=grid.text("用户名", 120),
        display_name=grid.text("姓名", 84),
        unit=grid.text("单位", 110),
        started_at=grid.moment("登录时间"),
        seen_at=grid.moment("最近使用"),
        address=grid.text("地址", 110),
        browser=grid.text("浏览器", 160),
        kind=grid.text("大屏", 56),
    )
    handles = tuple(found[at].handle for at in chosen if at < len(found))
    st.button(
        f"结束所选 {len(handles)} 处登录" if handles else "结束所选登录",
        icon=":material/logout:",
        disabled=not handles,
        on_click=end,
        args=(handles,),
        key="end_sign_ins",
    )


def show_of(found: Sequence[SignIn]) -> None:
    """Of one account, each with a button of its own."""
    if found:
        st.text(f"正登录在 {len(found)} 处")
    for each in found:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            wall = "大屏，" if each.is_wall else ""
            since = f"{day_of_year(each.started_at)} {each.started_at:%H:%M}"
            st.button(
                "结束",
                on_click=end,
                args=((each.handle,),),
                key=f"end_{each.handle}",
                type="tertiary",
                icon=":material/logout:",
            )
            st.caption(
                plain(f"{wall}{each.browser}，{each.address}，{since} 登录"), width="content"
            )


def end(handles: tuple[str, ...]) -> None:
    here = sessions.handle_of(sessions.hash_of(access.session_token()))
    others = [each for each in handles if each != here]
    if not others:
        messages.warn(HERE)
        return
    with messages.outcome(f"已结束 {len(others)} 处登录。{HERE if here in handles else ''}"):
        by = access.current_user()
        with transaction() as session:
            for handle in others:
                sessions.end_one(session, handle=handle, by=by)
