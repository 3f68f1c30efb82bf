"""安全设置: one form, stored as a whole; every number says its bounds."""

import streamlit as st

from daxing_safety.actions import security_rules
from daxing_safety.actions.security_rules import BOUNDS, Bounds, SecurityRules
from daxing_safety.database import transaction
from daxing_safety.ui import access, messages

GROUPS = {
    "密码": ("shortest", "kinds", "not_again", "expires_after"),
    "登录": ("idle_minutes", "absolute_hours", "unused_days"),
    "防止猜密码": ("free_per_account", "free_per_address", "longest_lock"),
}


def ask(held: SecurityRules) -> None:
    st.caption(
        "对全部账号生效，由系统管理员修改；每次修改都记入操作日志。初始密码始终 7 天内有效。"
    )
    with st.form("security_rules", border=False):
        for column, (title, names) in zip(st.columns(3, gap="large"), GROUPS.items(), strict=True):
            with column:
                st.subheader(title, anchor=False)
                for name in names:
                    _ask(name, BOUNDS[name], getattr(held, name))
        st.form_submit_button("保存", type="primary", on_click=save, key="save_security_rules")


def _ask(name: str, bounds: Bounds, stored: int) -> None:
    off = f"{bounds.off} 或 " if bounds.off is not None else ""
    st.number_input(
        f"{bounds.label}（{bounds.unit}，{off}{bounds.least} 至 {bounds.most}）",
        min_value=bounds.least if bounds.off is None else bounds.off,
        max_value=bounds.most,
        value=stored,
        step=1,
        key=_key(name),
    )
    st.caption(bounds.help)


def save() -> None:
    changed = {name: int(st.session_state[_key(name)]) for name in BOUNDS}
    with messages.outcome("安全设置已保存，马上生效。"):
        by = access.current_user()
        with transaction() as session:
            security_rules.set_rules(session, changed=changed, by=by)


def _key(name: str) -> str:
    return f"security_{name}"
