"""The forms of 单位与账号 and what their buttons do.

An initial password is shown once, on the page that follows, and kept nowhere.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts, sessions
from daxing_safety.database import reading, transaction
from daxing_safety.models import User
from daxing_safety.reports.accounts import AccountState, state_of
from daxing_safety.ui import access, grid, messages
from daxing_safety.vocabulary import Group, Role

if TYPE_CHECKING:
    import pandas as pd

ISSUED = "issued_password"
USABLE = AccountState.USABLE.value


@dataclass(frozen=True)
class Issued:
    username: str
    password: str


STATE_COLOURS: dict[str, grid.Colour] = {
    AccountState.NONE.value: "gray",
    AccountState.DISABLED.value: "red",
    AccountState.NEW.value: "orange",
    AccountState.USABLE.value: "green",
}


def show_units(units: "pd.DataFrame") -> None:
    group, state = st.columns(2)
    wanted = {
        "group": group.pills(
            "分组",
            [group.value for group in Group],
            selection_mode="multi",
            key="groups",
            bind="query-params",
        ),
        "state": state.pills(
            "账号状态", STATE_COLOURS, selection_mode="multi", key="states", bind="query-params"
        ),
    }
    for column, values in wanted.items():
        if values:
            units = units[units[column].isin(values)]
    st.caption(f"共 {len(units)} 个单位，账号正常的 {sum(units['state'] == USABLE)} 个。")
    grid.table(
        units,
        "参与创建的单位和各自的填报账号",
        unit_code=grid.text("编号", 64),
        unit="单位",
        group=grid.text("分组", 72),
        clerks="填报人",
        phones="电话",
        state=_state("账号状态"),
    )


def show_people(people: "pd.DataFrame") -> None:
    grid.table(
        people,
        "全部账号",
        username="用户名",
        display_name="姓名",
        role="角色",
        unit="单位",
        phone="电话",
        state=_state("状态"),
        seen_at=grid.moment("最近使用"),
    )


def _state(label: str) -> Any:
    return st.column_config.MultiselectColumn(
        label, width=112, options=list(STATE_COLOURS), color=list(STATE_COLOURS.values())
    )


def manage(people: "pd.DataFrame", units: "pd.DataFrame", viewer: User) -> None:
    username = st.selectbox(
        "账号", list(people["username"]), index=None, placeholder="输入用户名查找", key="managed"
    )
    if not username:
        return
    with reading() as session:
        state = state_of(session, username=username, viewer=viewer)
    st.caption(f"当前状态：{state.value}")
    with st.container(horizontal=True):
        st.button("重置密码", on_click=reset, args=(username,), key="reset")
        if state is AccountState.DISABLED:
            st.button("启用", on_click=enable, args=(username,), key="enable")
        else:
            st.button("停用", on_click=disable, args=(username,), key="disable")
        st.button("退出全部登录", on_click=end_sessions, args=(username,), key="end_sessions")
    (chosen,) = people[people["username"] == username].itertuples()
    if chosen.role == Role.OFFICE.value:
        codes = {name: code for code, name in _names(units).items()}
        key = f"office_unit_{username}"
        _ask_where_office_sits(units, key, codes.get(chosen.unit))
        st.button("保存所在单位", on_click=set_unit, args=(username, key), key="set_unit")


def add(units: "pd.DataFrame") -> None:
    role = st.selectbox("角色", list(Role), format_func=lambda role: role.value, key="new_role")
    with st.form("new_account", border=False):
        if role is Role.UNIT:
            names = _names(units)
            st.selectbox("单位", list(names), format_func=names.__getitem__, key="new_unit")
        if role is Role.OFFICE:
            _ask_where_office_sits(units, "new_office_unit", None)
        st.text_input("用户名", key="new_username", max_chars=32)
        st.text_input("姓名", key="new_display_name", max_chars=32)
        st.text_input("电话", key="new_phone", max_chars=32)
        st.form_submit_button("新增", type="primary", on_click=store_new, key="store_new")


def _names(units: "pd.DataFrame") -> dict[str, str]:
    return dict(zip(units["unit_code"], units["unit"], strict=True))


def _ask_where_office_sits(units: "pd.DataFrame", key: str, stored: str | None) -> None:
    names = _names(units)
    st.selectbox(
        "所在单位",
        list(names),
        index=list(names).index(stored) if stored else None,
        format_func=names.__getitem__,
        placeholder="不属于任何责任单位",
        help="在责任单位办公的，不能复查、销号本单位的问题",
        key=key,
    )


def store_new() -> None:
    new = st.session_state
    username, password = new.new_username.strip(), passwords.initial()
    role = new.new_role
    unit_code = {Role.UNIT: new.get("new_unit"), Role.OFFICE: new.get("new_office_unit")}.get(role)
    display_name, phone = new.new_display_name, new.new_phone
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            accounts.add_user(
                session,
                username=username,
                display_name=display_name,
                role=role,
                unit_code=unit_code,
                phone=phone,
                password=password,
                by=by,
                now=settings.clock(),
            )
        new[ISSUED] = Issued(username, password)
        new.new_username = new.new_display_name = new.new_phone = ""


def reset(username: str) -> None:
    password = passwords.initial()
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            accounts.reset_password(
                session, username=username, password=password, by=by, now=settings.clock()
            )
        st.session_state[ISSUED] = Issued(username, password)


def set_unit(username: str, key: str) -> None:
    unit_code = st.session_state[key]
    with messages.outcome(f"账号“{username}”的所在单位已保存。"):
        by = access.current_user()
        with transaction() as session:
            accounts.set_unit(session, username=username, unit_code=unit_code, by=by)


def disable(username: str) -> None:
    with messages.outcome(f"账号“{username}”已停用，并已退出全部登录。"):
        by = access.current_user()
        with transaction() as session:
            accounts.disable(session, username=username, by=by)


def enable(username: str) -> None:
    with messages.outcome(f"账号“{username}”已启用。"):
        by = access.current_user()
        with transaction() as session:
            accounts.enable(session, username=username, by=by)


def end_sessions(username: str) -> None:
    with messages.outcome(f"账号“{username}”已退出全部登录。"):
        by = access.current_user()
        with transaction() as session:
            accounts.end_sessions(session, username=username, by=by)


def show_issued() -> None:
    """The one time that an initial password is seen."""
    place = st.container()  # also when empty: what follows must not move, or tabs fall shut
    issued: Issued | None = st.session_state.pop(ISSUED, None)
    if issued is None:
        return
    days = sessions.INITIAL_PASSWORD_LASTS.days
    with place.container(border=True):
        st.markdown(
            f"账号 **{messages.plain(issued.username)}** 的初始密码如下，**只显示这一次**，"
            f"请立即转交本人。{days} 天内首次登录有效，登录后须自行修改。"
        )
        st.code(issued.password, language=None)
