"""What stands around every screen: the product's name, who has signed in, and what is invented."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.models import User
from daxing_safety.reports import accounts
from daxing_safety.ui import messages

TITLE = "大兴创安工作台"
ASSETS = settings.ROOT / "daxing_safety" / "ui" / "assets"


def frame(user: User) -> None:
    with reading() as session:
        badge = accounts.badge(session, viewer=user, today=settings.clock().date())
    st.logo(ASSETS / "wordmark.svg", size="large", icon_image=ASSETS / "mark.svg")
    with st.sidebar.container(key="viewer"):
        st.text(badge.name)
        st.caption(messages.plain(" · ".join(filter(None, (badge.unit, user.role.value)))))
        if badge.notice:
            st.caption(f":material/schedule: {badge.notice}")
        with st.container(horizontal=True, gap="small"):
            st.html('<a class="quiet" href="/password" target="_self">修改密码</a>')
            st.html('<a class="quiet" href="/sign_ins" target="_self">我的登录</a>')
            st.button("退出登录", on_click=st.logout, type="tertiary", key="sign_out")
    banner(badge.is_demo)


def banner(is_demo: bool) -> None:
    """Nobody may take invented figures, or a day that stands still, for real ones."""
    day = settings.fixed_day()
    parts = ["演示数据，数字均为虚构"] if is_demo else []
    if day:
        parts.append(f"业务日固定为 {day.year}年{day.month}月{day.day}日")
    if parts:
        with st.container(key="banner"):
            st.caption("　".join(parts))
