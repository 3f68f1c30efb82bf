"""What figures show: rows of a report in, a Chart out. Knows no database and no screen.

A Chart is a plain plotly dict. What is better said in boxes than drawn on axes (tiles.py,
groups.py) comes out as small rows for a template. Numbers become floats here, as lengths on the
paper; what is printed is written from the exact Decimals.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Chart:
    """A figure with the finding as its title, and the same in words for who cannot see it."""

    title: str
    note: str  # units of measure, as of when
    figure: dict[str, Any] | None  # None: there is nothing to draw, and the title says so
    alt: str = ""
    is_elastic: bool = False  # may grow taller to fill its box


def checked(figure: dict[str, Any]) -> Any:
    """The dict as plotly's Figure: Streamlit would check a dict anew at every run, 3 ms each."""
    import plotly.graph_objects as go  # only where figures are drawn

    return go.Figure(figure)
