"""总览: what a leader reads in five minutes. A clerk sees the same of the own unit."""

import streamlit as st

from daxing_safety.charts.tiles import Measure
from daxing_safety.permissions import Permission
from daxing_safety.ui import as_of, figures, overview
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)

view = overview.view(viewer, as_of.title("总览", viewer))
st.html(view.basis)
st.html(view.headline)
st.html(view.since)

boxes = st.grid(2, min_column_width=380, border=True)
with boxes.cell():
    st.html(view.matters)
with boxes.cell():
    st.html(view.phases)
with boxes.cell():
    figures.show(view.sections)
with boxes.cell():
    figures.show(view.rules)
with boxes.cell():
    figures.show(view.lights)
if view.maps:
    with boxes.cell(row_span=2):
        finding = st.container()
        measure = st.segmented_control(
            "地图的颜色",
            list(Measure),
            default=Measure.RATE,
            format_func=lambda each: each.value,
            required=True,
            key="map",
            bind="query-params",
            label_visibility="collapsed",
        )
        finding.html(view.maps[measure].heading)
        st.html(view.maps[measure].tiles)
with boxes.cell():
    figures.show(view.course)
if view.units:
    with boxes.cell(column_span="all"):
        st.html(view.units)
