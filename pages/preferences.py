"""设置: what the office sets for the whole district; each by its own button."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports.preferences import in_force
from daxing_safety.ui import preferences
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.MANAGE_PROGRAMME)

with reading() as session:
    held = in_force(session, viewer=viewer)

st.title("设置", anchor=False)
st.caption("对全区生效，由创安办修改；每次修改都记入操作日志。")

rectifying, others = st.columns(2)
with rectifying, st.container(border=True, height="stretch"):
    preferences.ask_time_limits(held, settings.today())
with others:
    with st.container(border=True):
        preferences.ask_target(held)
    with st.container(border=True, height="stretch"):
        preferences.ask_answer_limits(held, settings.now())
with st.container(border=True):
    preferences.ask_policy(held)
    preferences.show_left_out(held)
    preferences.offer_to_leave_out(held)
