"""截至哪天: a screen of figures at the end of a past day, which stands in the address."""

from datetime import date
from typing import Any

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.reports import days
from daxing_safety.ui.kept import kept

AS_OF = "as_of"


def day() -> date:
    """The day of the figures: of the address, or today. What cannot be read there is today."""
    today = settings.today()
    try:
        asked = date.fromisoformat(st.query_params.get(AS_OF, ""))
    except ValueError:
        return today
    return min(asked, today)


def title(text: str, viewer: User) -> date:
    """The screen's title with the choice of day beside it; returns the day."""
    chosen = day()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(text, anchor=False, width="stretch")
        _offer(chosen, viewer)
    if chosen != settings.today():
        _say_so(chosen)
    return chosen


def _offer(chosen: date, viewer: User) -> None:
    today = settings.today()
    span = kept(days.span, viewer=viewer)
    label = "看往日" if chosen == today else f"截至 {wording.day(chosen)}"
    with st.popover(label, icon=":material/history:"):
        st.date_input(
            "看哪一天结束时的情况",
            value=max(chosen, span.first),
            min_value=span.first,
            max_value=today,
            format="YYYY-MM-DD",
            key="as_of_day",
            on_change=_choose_typed,
        )
        if span.frozen:
            st.caption("各填报期封存的那一天")
        for name, on in span.frozen:
            st.button(
                f"{name}（{wording.day(on)}）",
                on_click=choose,
                args=(on,),
                key=f"as_of_{on}",
                width="stretch",
            )


def _say_so(chosen: date) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="past_day"):
        st.info(
            f"正在看 {wording.day(chosen)} 结束时的情况，之后的变化都不在内。",
            icon=":material/history:",
            width="stretch",
        )
        st.button("回到今天", on_click=choose, args=(settings.today(),), key="back_to_today")


def _choose_typed() -> None:
    asked: Any = st.session_state.get("as_of_day")
    if isinstance(asked, date):
        choose(asked)


def choose(on: date) -> None:
    """For callbacks."""
    if on >= settings.today():
        st.query_params.pop(AS_OF, None)
    else:
        st.query_params[AS_OF] = on.isoformat()
