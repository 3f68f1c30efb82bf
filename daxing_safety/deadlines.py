"""亮灯 and overdue: what the calendar says of a piece of work. Pure; `today` is handed in."""

from datetime import date, timedelta
from decimal import Decimal

from daxing_safety.vocabulary import Light

SOON = timedelta(days=15)
TOLERANCE = Decimal(20)  # percent behind the even pace before the light turns yellow


def light_on(
    today: date, *, starts_on: date, due_on: date, is_done: bool, percent: Decimal
) -> Light:
    """The light of one work point; the due day itself is still in time."""
    if is_done:
        return Light.ON_TRACK
    if today > due_on:
        return Light.OVERDUE
    if percent + TOLERANCE < expected_percent(today, starts_on=starts_on, due_on=due_on):
        return Light.BEHIND
    if today + SOON >= due_on:
        return Light.DUE_SOON
    return Light.ON_TRACK if percent else Light.NOT_DUE


def expected_percent(today: date, *, starts_on: date, due_on: date) -> Decimal:
    """How far an even pace from start to due day would be by the end of today, in percent."""
    if today < starts_on:
        return Decimal(0)
    if today >= due_on:
        return Decimal(100)
    return Decimal((today - starts_on).days * 100) / (due_on - starts_on).days


def is_overdue(today: date, *, due_on: date | None, is_closed: bool) -> bool:
    return not is_closed and due_on is not None and today > due_on
