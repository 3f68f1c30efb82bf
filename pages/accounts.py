"""单位与账号: which units take part, who fills in for them, and who may come in."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import accounts as reports
from daxing_safety.ui import accounts
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_ACCOUNTS)

with reading() as session:
    units = reports.units(session, viewer=viewer)
    people = reports.accounts(session, viewer=viewer)

st.title("单位与账号", anchor=False)
by_unit, by_account = st.tabs(
    ["单位", "账号"], key="accounts_by", on_change="rerun", bind="query-params"
)
if by_account.open:
    with by_account:
        accounts.show_people(people)
        if allows(viewer, Permission.MANAGE_ACCOUNTS):
            accounts.show_issued()
            change, new = st.columns(2, gap="large")
            with change, st.container(border=True):
                st.subheader("管理账号", anchor=False)
                accounts.manage(people, units, viewer)
            with new, st.container(border=True):
                st.subheader("新增账号", anchor=False)
                accounts.add(units)
else:
    with by_unit:
        accounts.show_units(units)
