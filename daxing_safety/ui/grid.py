"""Tables as all working screens show them: rows of one height, words in colour, Chinese headers."""

from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from daxing_safety.reports.submissions import MISSING
from daxing_safety.vocabulary import Light, ReviewState

if TYPE_CHECKING:
    import pandas as pd

ROW_HEIGHT = 36
TALL = 66  # for texts that must be read whole: they wrap in rows above 64
MOST_ROWS = 14  # that are shown without scrolling

Colour = Literal["red", "yellow", "orange", "blue", "green", "gray"]

# What a state looks like, always beside its word. Lights stand from the worst to the best.
LIGHTS: dict[Light, Colour] = {
    Light.OVERDUE: "red",
    Light.BEHIND: "yellow",
    Light.DUE_SOON: "blue",
    Light.NOT_DUE: "gray",
    Light.ON_TRACK: "green",
}
STATES: dict[str, Colour] = {
    MISSING: "gray",
    ReviewState.PENDING.value: "orange",
    ReviewState.RETURNED.value: "red",
    ReviewState.ACCEPTED.value: "green",
    ReviewState.SUPERSEDED.value: "gray",
    ReviewState.TAKEN_BACK.value: "gray",
}


def table(
    frame: "pd.DataFrame",
    alt: str,
    *,
    most: int = MOST_ROWS,
    row_height: int = ROW_HEIGHT,
    **columns: Any,
) -> None:
    """`columns` are those of the frame that are shown, with their headers and widths."""
    st.dataframe(frame, **_look(frame, alt, most, row_height, columns))


def table_to_choose_from(
    frame: "pd.DataFrame",
    alt: str,
    key: str,
    *,
    most: int = MOST_ROWS,
    row_height: int = TALL,
    **columns: Any,
) -> list[int]:
    """The numbers of the rows that the viewer has ticked."""
    look = _look(frame, alt, most, row_height, columns)
    event = st.dataframe(frame, on_select="rerun", selection_mode="multi-row", key=key, **look)
    return event.selection.rows


def _look(
    frame: "pd.DataFrame", alt: str, most: int, row_height: int, columns: dict[str, Any]
) -> dict[str, Any]:
    return {
        "hide_index": True,
        "height": "content" if len(frame) <= most else row_height * most + ROW_HEIGHT,
        "row_height": row_height,
        "placeholder": "",
        "alt": alt,
        "column_order": [name for name in columns if name in frame],
        "column_config": columns,
    }


def text(label: str, width: int, **options: Any) -> Any:
    return st.column_config.TextColumn(label, width=width, **options)


def number(label: str, width: int = 72) -> Any:
    return st.column_config.NumberColumn(label, width=width)


def points(label: str, width: int = 84, **options: Any) -> Any:
    return st.column_config.NumberColumn(label, width=width, format="%.2f", **options)


def share(label: str, width: int = 76) -> Any:
    """Of a whole, in percent."""
    return st.column_config.NumberColumn(label, width=width, format="%.1f%%")


def day(label: str) -> Any:
    return st.column_config.DateColumn(label, width=100, format="YYYY-MM-DD")


def moment(label: str) -> Any:
    return st.column_config.DatetimeColumn(label, width=136, format="YYYY-MM-DD HH:mm")


def link(label: str, shown: str) -> Any:
    return st.column_config.LinkColumn(label, width=72, display_text=shown)


def opener(label: str, width: int, **options: Any) -> Any:
    """A cell that opens something when clicked; looks like a link."""
    return st.column_config.ButtonColumn(
        label, width=width, type="tertiary", alignment="left", **options
    )


def light(label: str = "亮灯") -> Any:
    words = [light.value for light in LIGHTS]
    colours = list(LIGHTS.values())
    return st.column_config.MultiselectColumn(label, width=76, options=words, color=colours)


def state(label: str = "状态") -> Any:
    return st.column_config.MultiselectColumn(
        label, width=112, options=list(STATES), color=list(STATES.values())
    )
