"""工作日 by the State Council's calendar, and the ways in which a time limit may be written."""

from datetime import date

import pytest

from daxing_safety import working_days
from daxing_safety.errors import BadInput
from daxing_safety.working_days import TimeLimit, read_deadline, read_time_limit

THURSDAY = date(2021, 5, 20)
BEFORE_MAY_DAY = date(2021, 4, 30)  # holidays to 5 May, Saturday 8 May worked instead
BEFORE_NATIONAL_DAY = date(2021, 9, 30)  # holidays to 7 October, Saturday the 9th worked instead
UNKNOWN = max(working_days.KNOWN_YEARS) + 1


@pytest.mark.parametrize(
    ("start", "number", "day"),
    [
        (THURSDAY, 1, date(2021, 5, 21)),
        (THURSDAY, 2, date(2021, 5, 24)),  # over a weekend
        (BEFORE_MAY_DAY, 1, date(2021, 5, 6)),
        (BEFORE_MAY_DAY, 3, date(2021, 5, 8)),  # a Saturday that is worked
        (date(2021, 9, 24), 1, date(2021, 9, 26)),  # a Sunday that is worked
        (BEFORE_NATIONAL_DAY, 1, date(2021, 10, 8)),
        (BEFORE_NATIONAL_DAY, 2, date(2021, 10, 9)),
        (BEFORE_NATIONAL_DAY, 3, date(2021, 10, 11)),
    ],
)
def test_so_many_working_days_after_a_day(start: date, number: int, day: date) -> None:
    assert working_days.after(start, number) == day
    assert working_days.between(start, day) == number


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert working_days.between(THURSDAY, THURSDAY) == 0
    assert working_days.between(THURSDAY, date(2021, 5, 1)) == 0


def test_a_year_that_nobody_has_announced_counts_monday_to_friday_and_is_named() -> None:
    new_year = date(UNKNOWN, 1, 1)
    assert working_days.is_working_day(new_year) is (new_year.weekday() < 5)
    assert working_days.unknown_years(THURSDAY, date(2021, 12, 31)) == []
    assert working_days.unknown_years(date(UNKNOWN - 1, 12, 1), new_year) == [UNKNOWN]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10个工作日", TimeLimit(10, True)),
        ("10工作日", TimeLimit(10, True)),
        (" 30 天 ", TimeLimit(30, False)),
        ("7日", TimeLimit(7, False)),
    ],
)
def test_a_time_limit_is_read(text: str, limit: TimeLimit) -> None:
    assert read_time_limit(text) == limit


@pytest.mark.parametrize("text", ["", "尽快", "10", "0天", "401天", "-3天", "1.5天"])
def test_what_is_no_time_limit_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="看不懂"):
        read_time_limit(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-06-30", date(2021, 6, 30)),
        ("2021.6.30", date(2021, 6, 30)),
        ("2021/6/30", date(2021, 6, 30)),
        ("2021年6月30日", date(2021, 6, 30)),
        ("5个工作日", date(2021, 5, 27)),
        ("30天", date(2021, 6, 19)),
    ],
)
def test_a_deadline_is_a_day_or_so_many_days_from_another(text: str, day: date) -> None:
    assert read_deadline(text, THURSDAY) == day


@pytest.mark.parametrize(
    ("text", "why"),
    [("2021-02-30", "没有“2021-02-30”这一天"), ("2201-06-30", "太远"), ("月底前", "看不懂")],
)
def test_a_deadline_that_cannot_be_meant_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read_deadline(text, THURSDAY)
