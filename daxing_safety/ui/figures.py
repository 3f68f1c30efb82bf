"""Shows Charts: the finding and its note as text that wraps, then the figure."""

from typing import Any, Literal, NamedTuple

import streamlit as st

from daxing_safety.charts import Chart, checked
from daxing_safety.ui import panels

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


class Prepared(NamedTuple):
    """A Chart ready to be shown many times."""

    heading: str
    figure: Any  # plotly's Figure; None: there is nothing to draw
    alt: str
    height: Literal["content", "stretch"]


def prepare(chart: Chart) -> Prepared:
    """What costs time and is the same at every run: done once, and kept by who calls."""
    figure = None if chart.figure is None else checked(chart.figure)
    heading = panels.heading(chart.title, chart.note)
    return Prepared(heading, figure, chart.alt, "stretch" if chart.is_elastic else "content")


def show(chart: Prepared) -> None:
    st.html(chart.heading)
    if chart.figure is not None:
        st.plotly_chart(chart.figure, height=chart.height, config=CONFIG, alt=chart.alt)
