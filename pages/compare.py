"""两日对比: two days side by side, and what between them became better or worse."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.ui import compare
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)

st.title("两日对比", anchor=False)
before, after = compare.ask_days(viewer)
compare.show(viewer, before, after)
