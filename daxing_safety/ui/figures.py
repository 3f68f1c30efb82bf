"""Shows a Chart: its finding and note as text that wraps, then the figure."""

import streamlit as st

from daxing_safety.charts import Chart
from daxing_safety.ui import panels

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def show(chart: Chart) -> None:
    st.html(panels.heading(chart.title, chart.note))
    if chart.figure is not None:
        st.plotly_chart(chart.figure, config=CONFIG, alt=chart.alt)
