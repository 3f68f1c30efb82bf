"""调度会: figures frozen for a meeting, a slide a unit; what is agreed is recorded on the spot."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.ui import meeting
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT)

if number := meeting.asked():
    st.set_page_config(initial_sidebar_state="collapsed")
    meeting.show(number, viewer)
else:
    st.title("调度会", anchor=False)
    meeting.show_list(viewer)
