"""大屏: the way to it from inside; the wall itself is a page of its own at the same address."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.ui.access import require_user

require_user(Permission.SEE_DISTRICT)

st.title("大屏", anchor=False)
st.text(
    "在指挥室或会议室的屏幕上一直显示全区的核定分、自评分、亮灯、各镇街地图和需要协调的事，"
    "自动刷新，不需要键盘。适合 1920×1080 和 3840×2160 的屏幕，打开后按 F11 全屏。"
)
st.text(
    "大屏有自己的登录：最长 12 小时，只能看大屏，不能进入其他页面。"
    "您在工作台的登录照常，30 分钟不用即自动退出。"
)
st.link_button("打开大屏", "/wall", type="primary", icon=":material/tv:")
