"""操作日志: who did what, when and from where; for the auditor, who sees nothing else."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports import log as reports
from daxing_safety.ui import log
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_LOG)
filters = reports.Filters.read(st.query_params.to_dict())

with reading() as session:
    state = reports.state(session, viewer=viewer)
    actions = reports.actions(session, viewer=viewer)
    total = reports.total(session, viewer=viewer, filters=filters)

log.show_heading(filters)
log.show_state(state, filters)
log.ask_filters(filters, actions)

place = st.container()
page = log.ask_page(total)
with reading() as session:
    rows = reports.rows(session, viewer=viewer, filters=filters, page=page)
with place:
    log.show_list(rows, total)

if number := st.query_params.get("event"):
    log.show_event(number, viewer)
