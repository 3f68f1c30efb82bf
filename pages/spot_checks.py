"""抽查评估: drawn by lot for experts, looked at by them, handled by the office."""

import streamlit as st

from daxing_safety.permissions import Permission, allows
from daxing_safety.ui.access import require_user
from daxing_safety.ui.spot_checks import address, check, expert, listing

viewer = require_user(Permission.SEE_DISTRICT, Permission.SPOT_CHECK)

if allows(viewer, Permission.SPOT_CHECK):
    expert.show(viewer)
elif number := address.asked():
    check.show(number, viewer)
else:
    st.title("抽查评估", anchor=False)
    listing.show(viewer)
