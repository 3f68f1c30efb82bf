"""What the buttons of 单位与账号 do. A new password is shown once, on the page that follows."""

from dataclasses import dataclass

import streamlit as st

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts
from daxing_safety.database import transaction
from daxing_safety.ui import access, messages

ISSUED = "issued_password"


@dataclass(frozen=True)
class Issued:
    username: str
    password: str


def add() -> None:
    new = st.session_state
    username, password = new.new_username.strip(), passwords.initial()
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            accounts.add_user(
                session,
                username=username,
                display_name=new.new_display_name,
                role=new.new_role,
                unit_code=new.get("new_unit"),
                phone=new.new_phone,
                password=password,
                by=by,
                now=settings.clock(),
            )
        st.session_state[ISSUED] = Issued(username, password)


def reset(username: str) -> None:
    password = passwords.initial()
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            accounts.reset_password(
                session, username=username, password=password, by=by, now=settings.clock()
            )
        st.session_state[ISSUED] = Issued(username, password)


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


def sign_out_everywhere(username: str) -> None:
    with messages.outcome(f"账号“{username}”已退出全部登录。"):
        by = access.current_user()
        with transaction() as session:
            accounts.end_sessions(session, username=username, by=by)


def show_issued() -> None:
    """The one time that an initial password is seen."""
    issued: Issued | None = st.session_state.pop(ISSUED, None)
    if issued is None:
        return
    with st.container(border=True):
        st.markdown(
            f"**{messages.plain(issued.username)}** 的初始密码如下，只显示这一次，请立即转交本人。"
            "7 天内首次登录有效，登录后须修改。"
        )
        st.code(issued.password, language=None)
