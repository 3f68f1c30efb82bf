"""进度: how far each unit has come with each task, against the plan, and over time."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.reports import tasks
from daxing_safety.ui import as_of, progress
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept
from daxing_safety.ui.tasks import show_card

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
day = as_of.title("进度", viewer)
scope = progress.ask_scope(kept(tasks.choices, viewer=viewer), viewer)
shown = progress.view(viewer, day, scope)

progress.show_count(shown.found)
by_unit, over_time, gantt = st.tabs(
    [progress.BY_UNIT, progress.COURSE, progress.GANTT],
    key="view",
    on_change="rerun",
    bind="query-params",
)
if over_time.open:
    with over_time:
        progress.show_plan(shown)
elif gantt.open:
    with gantt:
        progress.show_gantt(shown)
else:
    with by_unit:
        progress.show_cell(shown, viewer, day)
        progress.show_maps(shown)

if code := st.query_params.get("point"):
    show_card(kept(tasks.card, viewer=viewer, on=day, today=day, code=code), viewer)
