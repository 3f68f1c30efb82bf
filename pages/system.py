"""系统: backups, checks and versions; whoever looks after the server sees no business data here."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports import system as reports
from daxing_safety.ui import system
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.MANAGE_SYSTEM)

with reading() as session:
    state = reports.state(session, viewer=viewer)
    versions = reports.versions(session, viewer=viewer)

st.title("系统", anchor=False)
left, right = st.columns([2, 1], gap="medium")
with left:
    with st.container(border=True):
        system.show_backups(state)
    with st.container(border=True):
        system.ask_number(viewer)
with right:
    with st.container(border=True):
        system.ask_schedule(state.schedule)
    with st.container(border=True):
        system.show_check(state.last_check)
    with st.container(border=True):
        system.show_versions(versions)
