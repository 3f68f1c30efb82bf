"""单位与账号: which units take part, who fills in for them, and who may come in."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import accounts as reports
from daxing_safety.ui import accounts as forms
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_ACCOUNTS)

with reading() as session:
    units = reports.units(session, viewer=viewer)
    people = reports.accounts(session, viewer=viewer)

st.title("单位与账号")
forms.show_issued()

unit_tab, people_tab = st.tabs([f"单位（{len(units)}）", f"账号（{len(people)}）"])

with unit_tab:
    st.dataframe(
        units,
        hide_index=True,
        column_config={
            "unit_code": st.column_config.TextColumn("编号", width="small"),
            "unit": "单位",
            "group": st.column_config.TextColumn("分组", width="small"),
            "clerks": "填报人",
            "phones": "电话",
            "state": "账号状态",
        },
    )

with people_tab:
    st.dataframe(
        people,
        hide_index=True,
        column_config={
            "username": "用户名",
            "display_name": "姓名",
            "role": "角色",
            "unit": "单位",
            "phone": "电话",
            "state": "状态",
            "seen_at": st.column_config.DatetimeColumn("最近使用", format="YYYY-MM-DD HH:mm"),
        },
    )
    if allows(viewer, Permission.MANAGE_ACCOUNTS):
        change, new = st.columns(2, gap="large")
        with change, st.container(border=True):
            st.subheader("管理账号")
            forms.manage(people, viewer)
        with new, st.container(border=True):
            st.subheader("新增账号")
            forms.add(units)
