"""待办: what waits for the viewer, what came back and what falls due."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.ui import todo as lines
from daxing_safety.ui.access import require_user

viewer = require_user(
    Permission.SEE_DISTRICT,
    Permission.SEE_OWN_UNIT,
    Permission.SPOT_CHECK,
    Permission.MANAGE_ACCOUNTS,
)

found = lines.items(viewer)
lines.agree(found, viewer)

st.title("待办", anchor=False)
lines.show_count(found, viewer)
lines.show_sections(found, viewer)
