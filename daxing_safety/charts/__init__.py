"""Figures as plain plotly dicts: rows of a report in, a Chart out. Knows no database, no screen.

plotly itself is not imported: Streamlit turns the dict into a figure. Numbers become floats here,
as lengths on the paper; what is printed is written from the exact Decimals.
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
