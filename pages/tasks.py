"""任务分解: the plan's tasks and work points, who answers for them, and how they stand."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.permissions import Permission
from daxing_safety.reports import tasks
from daxing_safety.ui import tasks as views
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
today = settings.today()

choices = kept(tasks.choices, viewer=viewer)

heading = st.container(horizontal=True, vertical_alignment="bottom")
heading.title("任务分解", anchor=False, width="stretch")
st.caption(views.scope_note(choices))

filters = views.ask_filters(choices, viewer)
found = kept(tasks.decomposition, viewer=viewer, today=today, filters=filters)

views.offer_download(heading, filters)
views.show_count(found.points)

by_point, by_task = st.tabs(
    [views.BY_POINT, views.BY_TASK], key="view", on_change="rerun", bind="query-params"
)
if not found.points:
    st.info("没有符合条件的工作要点，请放宽上面的条件。", icon=":material/search_off:")
elif by_task.open:
    with by_task:
        views.show_tasks(found.by_task)
else:
    with by_point:
        views.show_points(found.by_point)

if code := st.query_params.get("point"):
    views.show_card(kept(tasks.card, viewer=viewer, today=today, code=code), viewer)
