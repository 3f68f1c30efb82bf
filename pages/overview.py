"""总览: what a leader reads in five minutes. A clerk sees the same of the own unit."""

import streamlit as st

from daxing_safety.charts.tiles import Measure
from daxing_safety.permissions import Permission
from daxing_safety.ui import figures, overview
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
view = overview.view(viewer)

st.title("总览", anchor=False)
st.html(view.basis)
st.html(view.headline)

wide, narrow = st.columns([3, 2])
with wide.container(border=True, height="stretch"):
    st.html(view.matters)
with narrow.container(border=True, height="stretch"):
    st.html(view.phases)

left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    figures.show(view.sections)
with right.container(border=True, height="stretch"):
    figures.show(view.rules)

left, right = st.columns(2)
with left.container(border=True, height="content" if view.maps else "stretch"):
    figures.show(view.lights)
with (left if view.maps else right).container(border=True, height="stretch"):
    figures.show(view.course)
if view.maps:
    with right.container(border=True, height="stretch"):
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
    with st.container(border=True):
        st.html(view.units)
