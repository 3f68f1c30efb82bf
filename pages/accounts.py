"""单位与账号: which units take part, who fills in for them, and who may come in."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions.security_rules import in_force
from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import accounts as reports
from daxing_safety.reports import sign_ins as sign_in_reports
from daxing_safety.ui import account_import, accounts, issued, security_rules, sign_ins
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_ACCOUNTS)
may_manage = allows(viewer, Permission.MANAGE_ACCOUNTS)
clock, today = settings.clock(), settings.today()

with reading() as session:
    units = reports.units(session, viewer=viewer, today=clock.date())
    people = reports.accounts(session, viewer=viewer, clock=clock, today=today)
    signed_in = sign_in_reports.standing(session, viewer=viewer, now=clock) if may_manage else []
    rules = in_force(session)

st.title("单位与账号", anchor=False)
if may_manage:
    issued.show()
names = ["单位", "账号", *(("批量开通", "正在登录", "安全设置") if may_manage else ())]
tabs = dict(
    zip(
        names,
        st.tabs(names, key="accounts_by", on_change="rerun", bind="query-params"),
        strict=True,
    )
)
opened = next((name for name, tab in tabs.items() if tab.open), names[0])
with tabs[opened]:
    match opened:
        case "单位":
            accounts.show_units(units)
        case "账号" if may_manage:
            accounts.choose_people(accounts.narrow_down(people))
            change, new = st.columns(2, gap="large")
            with change, st.container(border=True):
                st.subheader("管理账号", anchor=False)
                accounts.manage(people, units, signed_in, clock.date())
            with new, st.container(border=True):
                st.subheader("新增账号", anchor=False)
                accounts.add(units, clock.date())
        case "账号":
            accounts.show_people(accounts.narrow_down(people))
        case "批量开通":
            account_import.show(viewer)
        case "正在登录":
            sign_ins.show(signed_in)
        case "安全设置":
            security_rules.ask(rules)
