"""The lists of 单位与账号, the forms for one account, and what their buttons do."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import accounts
from daxing_safety.actions.accounts import NewAccount
from daxing_safety.database import reading, transaction
from daxing_safety.reports import account_list
from daxing_safety.reports.account_list import Holder
from daxing_safety.reports.accounts import AccountState
from daxing_safety.reports.sign_ins import SignIn
from daxing_safety.ui import access, grid, issued, messages, sign_ins
from daxing_safety.vocabulary import Group, Role

if TYPE_CHECKING:
    import pandas as pd

GENERATION = "people_generation"
USABLE = AccountState.USABLE.value

STATE_COLOURS: dict[str, grid.Colour] = {
    AccountState.NONE.value: "gray",
    AccountState.DISABLED.value: "red",
    AccountState.OVER.value: "red",
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


def narrow_down(people: "pd.DataFrame") -> "pd.DataFrame":
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(
            "状态",
            [state for state in STATE_COLOURS if state != AccountState.NONE.value],
            selection_mode="multi",
            key="account_states",
            bind="query-params",
        )
        is_unused = st.toggle("只看久未登录的", key="unused", bind="query-params")
    if states:
        people = people[people["state"].isin(states)]
    if is_unused:
        people = people[people["remark"] != ""]
    return people.reset_index(drop=True)


def show_people(people: "pd.DataFrame") -> None:
    grid.table(people, "全部账号", **_people_columns())


def choose_people(people: "pd.DataFrame") -> None:
    """The same list for who looks after it: what is ticked is reset or disabled together."""
    # What was ticked in another list is somebody else, and what was done with it is done.
    key = f"people_{len(people)}_{st.session_state.setdefault(GENERATION, 0)}"
    chosen = grid.table_to_choose_from(
        people, "全部账号", key, row_height=grid.ROW_HEIGHT, **_people_columns()
    )
    usernames = tuple(people["username"].iloc[[at for at in chosen if at < len(people)]])
    if not usernames:
        st.caption("勾选账号，可以一次重置几个人的密码并打印密码条，或一次停用几个账号。")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"已选 {len(usernames)} 个账号")
        with st.popover("重置密码并打印密码条", icon=":material/print:"):
            st.text("这些账号会立即退出登录，原密码作废。")
            issued.ask_address()
            _confirm(f"重置 {len(usernames)} 个账号的密码", reset, usernames, "reset_chosen")
        with st.popover("停用", icon=":material/block:"):
            st.text("这些账号会立即退出登录，不能再进入，可以随时启用。")
            _confirm(f"停用 {len(usernames)} 个账号", disable_all, usernames, "disable_chosen")


def _confirm(label: str, verb: Any, usernames: tuple[str, ...], key: str) -> None:
    st.button(label, type="primary", on_click=verb, args=(usernames,), key=key)


def _people_columns() -> dict[str, Any]:
    return {
        "username": grid.text("用户名", 120),
        "display_name": grid.text("姓名", 120),
        "role": grid.text("角色", 88),
        "unit": grid.text("单位", 110),
        "state": _state("状态"),
        "remark": grid.text("提醒", 130),
        "valid_until": grid.day("有效期至"),
        "seen_at": grid.moment("最近使用"),
        "phone": grid.text("电话", 112),
    }


def _state(label: str) -> Any:
    return st.column_config.MultiselectColumn(
        label, width=112, options=list(STATE_COLOURS), color=list(STATE_COLOURS.values())
    )


def manage(
    people: "pd.DataFrame", units: "pd.DataFrame", signed_in: Sequence[SignIn], today: date
) -> None:
    username = st.selectbox(
        "账号", list(people["username"]), index=None, placeholder="输入用户名查找", key="managed"
    )
    if not username:
        return
    (chosen,) = people[people["username"] == username].itertuples()
    st.caption(f"当前状态：{chosen.state}")
    with st.container(horizontal=True):
        st.button("重置密码", on_click=reset, args=((username,),), key="reset")
        if chosen.state == AccountState.DISABLED.value:
            st.button("启用", on_click=enable, args=(username,), key="enable")
        else:
            st.button("停用", on_click=disable, args=(username,), key="disable")
        st.button("退出全部登录", on_click=end_sessions, args=(username,), key="end_sessions")
    _ask_valid_until(username, chosen.valid_until or None, today)
    if chosen.role == Role.OFFICE.value:
        codes = {name: code for code, name in _names(units).items()}
        key = f"office_unit_{username}"
        _ask_where_office_sits(units, key, codes.get(chosen.unit))
        st.button("保存所在单位", on_click=set_unit, args=(username, key), key="set_unit")
    sign_ins.show_of([each for each in signed_in if each.username == username])


def _ask_valid_until(username: str, stored: date | None, today: date) -> None:
    key = f"valid_until_{username}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _ask_last_day(key, stored, today)
        st.button("保存有效期", on_click=set_valid_until, args=(username, key), key="set_until")


def _ask_last_day(key: str, stored: date | None, today: date) -> None:
    st.date_input(
        "有效期至",
        value=stored,
        min_value=min(stored or today, today),
        format="YYYY-MM-DD",
        help="最后能用的一天，给专家、借调等临时人员设；留空为长期有效",
        key=key,
        width=200,
    )


def add(units: "pd.DataFrame", today: date) -> None:
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
        _ask_last_day("new_valid_until", None, today)
        names_of_units = _names(units)
        st.form_submit_button(
            "新增", type="primary", on_click=store_new, args=(names_of_units,), key="store_new"
        )


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


def store_new(names: dict[str, str]) -> None:
    new = st.session_state
    role = new.new_role
    code = {Role.UNIT: new.get("new_unit"), Role.OFFICE: new.get("new_office_unit")}.get(role)
    account = NewAccount(
        username=new.new_username.strip(),
        display_name=new.new_display_name,
        role=role,
        unit_code=code,
        phone=new.new_phone,
        valid_until=new.new_valid_until,
    )
    with messages.outcome():
        by = access.current_user()
        whose = names.get(code or "", role.value)
        holder = Holder(whose, account.display_name or account.username, account.username)
        prepared = issued.prepare([holder], by=by)
        only = (account, prepared.hashes[account.username])
        with transaction() as session:
            accounts.add_users(session, new=[only], by=by, now=prepared.at)
        issued.hand_over(prepared, by=by)
        new.new_username = new.new_display_name = new.new_phone = ""
        new.new_valid_until = None


def reset(usernames: tuple[str, ...]) -> None:
    with messages.outcome():
        by = access.current_user()
        with reading() as session:
            holders = account_list.holders(session, viewer=by, usernames=usernames)
        prepared = issued.prepare(holders, by=by)
        with transaction() as session:
            accounts.reset_passwords(session, hashes=prepared.hashes, by=by, now=prepared.at)
        issued.hand_over(prepared, by=by)
        _tick_nobody()


def disable_all(usernames: tuple[str, ...]) -> None:
    """Those that are disabled already stay so."""
    with messages.outcome(f"已停用 {len(usernames)} 个账号。"):
        by = access.current_user()
        with transaction() as session:
            accounts.disable_all(session, usernames=usernames, by=by)
        _tick_nobody()


def _tick_nobody() -> None:
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1


def set_valid_until(username: str, key: str) -> None:
    valid_until = st.session_state[key]
    with messages.outcome(f"账号“{username}”的有效期已保存。"):
        by = access.current_user()
        now = settings.clock()
        with transaction() as session:
            accounts.set_valid_until(
                session, username=username, valid_until=valid_until, by=by, now=now
            )


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
