"""单位与账号: which units take part, who fills in for them, and who may come in."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import accounts
from daxing_safety.ui import account_forms as forms
from daxing_safety.ui.access import require_user
from daxing_safety.vocabulary import Role

viewer = require_user(Permission.SEE_ACCOUNTS)

with reading() as session:
    units = accounts.units(session, viewer=viewer)
    people = accounts.accounts(session, viewer=viewer)

st.title("单位与账号")
forms.show_issued()

unit_tab, people_tab = st.tabs([f"单位（{len(units)}）", f"账号（{len(people)}）"])

with unit_tab:
    groups = st.pills("分组", list(units["分组"].unique()), selection_mode="multi", key="groups")
    shown = units[units["分组"].isin(groups)] if groups else units
    without = int((shown["账号状态"] == "未开通").sum())
    st.caption(f"共 {len(shown)} 个单位，其中 {without} 个还没有开通填报账号。")
    st.dataframe(
        shown,
        hide_index=True,
        column_config={"账号状态": st.column_config.TextColumn(width="small")},
    )

with people_tab:
    st.dataframe(
        people,
        hide_index=True,
        column_config={
            "最近使用": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "建立时间": st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
        },
    )

    if allows(viewer, Permission.MANAGE_ACCOUNTS):
        change, add = st.columns(2, gap="large")

        with change, st.container(border=True):
            st.subheader("管理账号")
            username = st.selectbox(
                "账号",
                list(people["用户名"]),
                index=None,
                placeholder="输入用户名查找",
                key="managed",
            )
            if username:
                state = people.set_index("用户名").loc[username, "状态"]
                st.caption(f"当前状态：{state}")
                with st.container(horizontal=True):
                    st.button("重置密码", on_click=forms.reset, args=(username,), key="reset")
                    if state == "已停用":
                        st.button("启用", on_click=forms.enable, args=(username,), key="enable")
                    else:
                        st.button("停用", on_click=forms.disable, args=(username,), key="disable")
                    st.button(
                        "退出全部登录",
                        on_click=forms.sign_out_everywhere,
                        args=(username,),
                        key="end_sessions",
                    )

        with add, st.container(border=True):
            st.subheader("新增账号")
            role = st.selectbox("角色", list(Role), format_func=lambda r: r.value, key="new_role")
            with st.form("new_account", border=False, clear_on_submit=True):
                if role is Role.UNIT:
                    names = dict(zip(units["编号"], units["单位"], strict=True))
                    st.selectbox("单位", list(names), format_func=names.__getitem__, key="new_unit")
                st.text_input("用户名", key="new_username")
                st.text_input("姓名", key="new_display_name")
                st.text_input("电话", key="new_phone")
                st.form_submit_button("新增", type="primary", on_click=forms.add)
