"""Shows Charts: the finding and its note as text that wraps, what can be taken away, the figure."""

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


def prepare(chart: Chart, *, data: str = "") -> Prepared:
    """What costs time and is the same at every run: done once, and kept by who calls.

    `data` is the address of the chart's numbers (web/figures.py); the picture is made in the
    browser (assets/pictures.js).
    """
    if chart.figure is None:
        return Prepared(panels.heading(chart.title, chart.note), None, chart.alt, "content")
    heading = panels.heading_of_figure(chart.title, chart.note, data)
    height: Literal["content", "stretch"] = "stretch" if chart.is_elastic else "content"
    return Prepared(heading, checked(chart.figure), chart.alt, height)


def show(chart: Prepared) -> None:
    st.html(chart.heading)
    if chart.figure is not None:
        st.plotly_chart(chart.figure, height=chart.height, config=CONFIG, alt=chart.alt)
