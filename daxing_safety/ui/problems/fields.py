"""What the forms of 办理 are made of: their fields, and what of them is understood.

A field is kept under its name behind FIELD; the verb reads it from `said`.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import streamlit as st

from daxing_safety import settings, wording, working_days
from daxing_safety.errors import BadInput
from daxing_safety.models import Problem, User
from daxing_safety.reports.problems.card import Card
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Move

FIELD = "move_"

Said = Mapping[str, Any]  # a form's fields by their names
Session = Any  # what transaction() gives, only handed on to actions


class Form(NamedTuple):
    """What stands on the button, what asks for the words, and what is done with them.

    `about` is the number of the step or request that a form is about; such a form stands apart
    from the others, beside what it is about.
    """

    move: Move
    label: str
    done: str
    ask: Callable[[Card, int | None], None] | None  # None: nothing to be said, one click does it
    verb: Callable[[Session, Problem, Said, User, int | None], None]
    is_offered: Callable[[Card], bool] = lambda card: True
    is_primary: bool = False
    stands_apart: bool = False


def ask_words(name: str, label: str, *, value: str = "", most: int = 300) -> None:
    st.text_area(label, value=value, max_chars=most, height=96, key=f"{FIELD}{name}")


def ask_line(name: str, label: str, *, value: str = "", most: int = 100) -> None:
    st.text_input(label, value=value, max_chars=most, key=f"{FIELD}{name}")


def ask_reason(label: str) -> Callable[[Card, int | None], None]:
    return lambda card, about: ask_words("reason", label)


def ask_deadline(label: str, start: date, *, value: str = "", usual: date | None = None) -> None:
    """A date, or so many days from `start` on; what that comes to stands below at once."""
    shown = f"不填即 {usual}" if usual else "如 2021-06-30、10个工作日、30天"
    text = st.text_input(label, value, max_chars=20, placeholder=shown, key=f"{FIELD}due")
    st.caption(plain(_deadline_in_words(text or "", start, usual)))


def _deadline_in_words(text: str, start: date, usual: date | None) -> str:
    """Always one line, so that the button below does not move while it is clicked."""
    if not text.strip() and usual is None:
        return f"写日期，或写“10个工作日”“30天”，从 {start} 之后算起。"
    try:
        due_on = _read_due(text, start) or usual
    except BadInput as fault:
        return str(fault)
    assert due_on
    today = settings.today()
    left = working_days.between(today, due_on)
    weekday = wording.WEEKDAYS[due_on.weekday()]
    unknown = working_days.unknown_years(today, due_on)
    doubt = f"；{unknown[0]} 年放假安排未公布，按周一至周五计" if unknown else ""
    return f"即 {due_on}（星期{weekday}），从今天起 {left} 个工作日{doubt}。"


def _read_due(text: str, start: date) -> date | None:
    return working_days.read_deadline(text, start) if text.strip() else None


def due(said: Said, start: date | None = None) -> date | None:
    return _read_due(said["due"] or "", start or settings.today())


def required_due(said: Said, start: date) -> date:
    due_on = due(said, start)
    if due_on is None:
        raise BadInput("请填延期到哪一天，或延期几个工作日。")
    return due_on


def extended_from(problem: Problem) -> date:
    """Days of an extension count from the deadline, or from today where that is over."""
    return max(problem.due_on or settings.today(), settings.today())
