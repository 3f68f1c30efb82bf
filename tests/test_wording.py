"""How points, shares, names, moments and spans of time are written."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from daxing_safety import wording

DUE = datetime(2021, 5, 25, 17, 0)


def test_a_moment_names_its_weekday_and_the_clock() -> None:
    assert wording.moment(DUE) == "2021年5月25日（星期二）17:00"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=5, hours=7, minutes=59), "5 天 7 小时"),
        (timedelta(hours=7, minutes=20), "7 小时 20 分"),
        (timedelta(minutes=20, seconds=59), "20 分钟"),
        (timedelta(0), "0 分钟"),
        (-timedelta(days=1, hours=2), "1 天 2 小时"),
    ],
)
def test_the_time_to_the_due_moment_is_told_in_its_two_largest_parts(
    left: timedelta, words: str
) -> None:
    assert wording.time_left(DUE - left, DUE) == words


def test_points_have_two_places_and_plain_numbers_no_needless_noughts() -> None:
    assert (wording.points(Decimal("0.2")), wording.points(Decimal(18))) == ("0.20", "18.00")
    assert [wording.plain(Decimal(n)) for n in ("90", "0.50", "18.00")] == ["90", "0.5", "18"]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ("0.6415", "64.2%"),
        ("0.0004", "0.1%"),  # something is never written as nothing
        ("0.9996", "99.9%"),  # nor all but a little as all
        ("0", "0.0%"),
        ("1", "100.0%"),
    ],
)
def test_a_share_never_claims_more_than_there_is(share: str, words: str) -> None:
    assert wording.percent(Decimal(share)) == words


def test_a_long_list_of_names_ends_in_its_number() -> None:
    names = ["区水务局", "区城管委", "区教委", "黄村镇"]
    assert wording.listing(names[:3]) == "区水务局、区城管委、区教委"
    assert wording.listing(names, most=2) == "区水务局、区城管委等 4 家"


def test_the_gist_of_a_condition_is_its_first_clause() -> None:
    assert wording.gist("改造率没有超过80%（一次性扣）；其他", 40) == "改造率没有超过80%"
    assert wording.gist("一二三四五六", 4) == "一二三…"
