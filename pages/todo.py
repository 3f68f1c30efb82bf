"""待办: what waits for the viewer, what came back and what falls due."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports import todo
from daxing_safety.ui import todo as lines
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT, Permission.MANAGE_ACCOUNTS)

with reading() as session:
    found = todo.items(session, viewer=viewer, now=settings.now())

st.title("待办", anchor=False)
lines.show_count(found, viewer)
lines.show_sections(found, viewer)
