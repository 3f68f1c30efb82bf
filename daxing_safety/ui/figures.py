"""Shows Charts: the finding and its note as text that wraps, then the figure."""

from typing import Any, NamedTuple

import streamlit as st

from daxing_safety.charts import Chart
from daxing_safety.ui import panels

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


class Prepared(NamedTuple):
    """A Chart ready to be shown many times."""

    heading: str
    figure: Any  # plotly's Figure; None: there is nothing to draw
    alt: str


def prepare(chart: Chart) -> Prepared:
    """Checks the figure once; a plain dict would be checked anew at every run, at 3 ms each."""
    import plotly.graph_objects as go  # only where figures are made

    figure = None if chart.figure is None else go.Figure(chart.figure)
    return Prepared(panels.heading(chart.title, chart.note), figure, chart.alt)


def show(chart: Prepared) -> None:
    st.html(chart.heading)
    if chart.figure is not None:
        st.plotly_chart(chart.figure, config=CONFIG, alt=chart.alt)
