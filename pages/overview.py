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

matters, clock = st.columns([3, 2])
with matters.container(border=True, height="stretch"):
    st.html(view.matters)
with clock.container(border=True, height="stretch"):
    st.html(view.phases)

left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    figures.show(view.sections)
with right.container(border=True, height="stretch"):
    figures.show(view.rules)

left, right = st.columns(2)
with left.container(border=True, height="stretch"):
    figures.show(view.lights)
if view.units:
    with right.container(border=True, height="stretch"):
        figures.show(view.units)
    left, right = st.columns(2)
with right.container(border=True, height="stretch"):
    figures.show(view.course)
if view.maps:
    with left.container(border=True, height="stretch"):
        measure = st.segmented_control(
            "指标",
            list(Measure),
            default=Measure.RATE,
            format_func=lambda each: each.value,
            required=True,
            key="map",
            bind="query-params",
            label_visibility="collapsed",
        )
        st.html(view.maps[measure])
