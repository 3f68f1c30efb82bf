"""What all figures share: quiet ground, labels above their bars, text that stays text."""

from html import escape
from typing import Any

from daxing_safety import wording

LABEL_MOST = 20  # characters that fit on a phone beside a number
TRANSPARENT = "rgba(0,0,0,0)"
HIDDEN_AXIS = {"visible": False, "fixedrange": True}


def label(text: str, most: int = LABEL_MOST) -> str:
    """Text from tables or users for plotly, which reads a little HTML."""
    return escape(wording.shortened(text, most))


def share_axis() -> dict[str, Any]:
    """For lengths between 0 and 1, over the whole width."""
    return {**HIDDEN_AXIS, "range": [0, 1]}


def layout(height: int, **parts: Any) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "font": {"size": 13},
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        **parts,
    }


def rows(count: int, row_height: int, **parts: Any) -> dict[str, Any]:
    """The layout of bars under each other, the first on top, row by row around 0, 1, 2 …"""
    upright = {**HIDDEN_AXIS, "range": [count - 0.5, -0.5]}
    return layout(count * row_height, yaxis=upright, barmode="overlay", **parts)


def above(row: int, text: str, *, right: bool = False) -> dict[str, Any]:
    """A label over a row's bar, at the left or the right edge."""
    side = "right" if right else "left"
    return {
        "text": text,
        "x": 1 if right else 0,
        "xref": "paper",
        "xanchor": side,
        "align": side,
        "y": row - 0.29,
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 13},
    }
