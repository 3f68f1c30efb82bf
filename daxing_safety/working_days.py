"""工作日 and time limits counted in them. Pure; the holidays come from `chinese_calendar`.

The State Council announces a year's holidays the autumn before. A year the calendar does not know
is counted Monday to Friday, and `unknown_years` says so.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays

from daxing_safety.errors import BadInput

KNOWN_YEARS = frozenset(day.year for day in holidays)
LONGEST = 400
MOST_YEARS = 5  # to a deadline; what lies further off is a slip of the pen
LIMIT = re.compile(r"(\d{1,3})\s*(个工作日|工作日|天|日)")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
SATURDAY = 5


class TimeLimit(NamedTuple):
    """So many days from a day on, the day itself not counted."""

    days: int
    in_working_days: bool

    def __str__(self) -> str:
        return f"{self.days}个工作日" if self.in_working_days else f"{self.days}天"

    def from_day(self, start: date) -> date:
        if self.in_working_days:
            return after(start, self.days)
        return start + timedelta(days=self.days)


def read_time_limit(text: str) -> TimeLimit:
    """Of “10个工作日” or “30天”; raises BadInput for anything else."""
    found = LIMIT.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= LONGEST:
        raise BadInput(f"时限“{text}”看不懂，请写成“10个工作日”或“30天”，最多 {LONGEST} 天。")
    return TimeLimit(int(found[1]), found[2].endswith("工作日"))


def read_deadline(text: str, start: date) -> date:
    """Of “2021-06-30”, or of a time limit counted from `start`; raises BadInput."""
    found = DAY.fullmatch(text.strip())
    if found is None:
        return read_time_limit(text).from_day(start)
    try:
        day = date(*map(int, found.groups()))
    except ValueError as wrong:
        raise BadInput(f"没有“{text}”这一天，请核对时限。") from wrong
    if day.year > start.year + MOST_YEARS:
        raise BadInput(f"时限“{text}”太远，请核对年份。")
    return day


def is_working_day(day: date) -> bool:
    if day.year in KNOWN_YEARS:
        return chinese_calendar.is_workday(day)
    return day.weekday() < SATURDAY


def after(start: date, number: int) -> date:
    """The `number`-th working day after `start`."""
    day = start
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; 0 when `end` is not after `start`."""
    days = range(1, (end - start).days + 1)
    return sum(is_working_day(start + timedelta(days=number)) for number in days)


def unknown_years(start: date, end: date) -> list[int]:
    """The years from start to end whose holidays nobody has announced yet."""
    return [year for year in range(start.year, end.year + 1) if year not in KNOWN_YEARS]
