"""What all figures share: quiet ground, labels above their bars, text that stays text."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Any

from daxing_safety import wording

LABEL = 20  # pixels above a bar
BAR = 23  # pixels a bar needs for words on it; in a thinner one plotly shrinks them
LABEL_MOST = 20  # characters that fit on a phone beside a number
TRANSPARENT = "rgba(0,0,0,0)"
HIDDEN_AXIS = {"visible": False, "fixedrange": True}


def label(text: str, most: int = LABEL_MOST) -> str:
    """Text from tables or users for plotly, which reads a little HTML."""
    return escape(wording.shortened(text, most))


def linked(text: str, address: str = "") -> str:
    """A text that has been escaped, leading to what it is made of."""
    return f'<a href="{escape(address)}" target="_self">{text}</a>' if address else text


def layout(height: int, **parts: Any) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        **parts,
    }


def rows(count: int, row_height: int, labels: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The layout of bars between 0 and 1 under each other, the first row on top.

    Above each row's bars stands a label at the left and one at the right.
    """
    annotations = []
    for row, (left, right) in enumerate(labels):
        annotations += [_above(row, left, 0, "left"), _above(row, right, 1, "right")]
    return layout(
        count * row_height,
        barmode="overlay",
        xaxis={**HIDDEN_AXIS, "range": [0, 1]},
        yaxis={**HIDDEN_AXIS, "range": [count - 0.5, -0.5]},
        annotations=annotations,
    )


def _above(row: int, text: str, x: int, side: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "xref": "paper",
        "xanchor": side,
        "align": side,
        "y": row - 0.5,
        "yanchor": "top",
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": 13},
    }


def bar(
    lengths: Sequence[Decimal],
    colour: str,
    *,
    row_height: int,
    top: int = LABEL,
    thickness: int = BAR,
) -> dict[str, Any]:
    """One bar a row, `top` pixels below the row's upper edge."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": [float(length) for length in lengths],
        "y": list(range(len(lengths))),
        "offset": top / row_height - 0.5,
        "width": thickness / row_height,
        "marker": {"color": colour, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def words(text: Sequence[str], *, ink: str | None = None, position: str = "auto") -> dict[str, Any]:
    """What is written on bars; beside a bar that is too short, unless it must be inside."""
    inside = {"size": 12} if ink is None else {"size": 12, "color": ink}
    return {
        "text": list(text),
        "textposition": position,
        "textangle": 0,
        "insidetextanchor": "start",
        "insidetextfont": inside,
        "outsidetextfont": {"size": 12},
        "constraintext": "inside",
        "cliponaxis": False,
    }


def hover(text: Sequence[str]) -> dict[str, Any]:
    return {"hovertext": [label(each, 80) for each in text], "hoverinfo": "text"}
