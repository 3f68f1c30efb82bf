"""总览: the district for those who lead it, the own unit for a clerk, fresh after every write."""

from collections.abc import Callable

import pytest
from ledger_lines import found, unit
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import preferences
from daxing_safety.charts.tiles import Measure
from daxing_safety.database import reading, transaction
from daxing_safety.models import Unit, User

PAGE = settings.ROOT / "pages" / "overview.py"
SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def at(name: str, count: int = 1, rule_code: str = "4-1") -> None:
    """An expert found something at this unit."""
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        found(session, unit(session, name), office, rule_code=rule_code, count=count)


def words(screen: AppTest) -> str:
    assert not screen.exception
    return "\n".join(each.proto.body for each in screen.get("html"))


def test_a_leader_sees_both_scores_the_target_and_what_is_unverified(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    at("区水务局", count=2)
    sign_in("leader")
    shown = words(open_page("overview"))
    for said in (
        "范围 全区",
        "截至 2021年5月20日",
        "不涉及的指标计满分",
        "分值待核对 38／47 项指标",
        "自评分",
        "核定分",
        "99.60",
        "还不能与内部目标分 90 比较",  # nobody has looked at anything yet
        "需要协调的事",
        "距创建结束还有 225 天",
        "失分最多的部门：区水务局",
    ):
        assert said in shown


def test_a_clerk_sees_the_own_unit_without_map_or_neighbours(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    at("区水务局", count=2)
    at("区城管委", count=1, rule_code="6-1")
    sign_in("区水务局")
    screen = open_page("overview")
    shown = words(screen)
    assert "范围 区水务局" in shown
    assert "核定得分率" in shown and "97.33" in shown
    assert "本单位要办的事" in shown
    assert "6-1" not in shown
    with reading() as session:
        towns = session.exec(select(col(Unit.name)).where(col(Unit.map_row).is_not(None))).all()
    assert not [name for name in towns if name in shown]
    assert not screen.button_group


@pytest.mark.parametrize("username", ["admin", "auditor", "expert"])
def test_who_has_no_part_in_the_points_does_not_see_them(sign_in: SignIn, username: str) -> None:
    sign_in(username)
    screen = AppTest.from_file(PAGE, default_timeout=60).run()
    assert "您没有查看这个页面的权限" in screen.error[0].value
    assert not screen.get("html")


def test_a_write_shows_at_the_next_look(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("overview")
    assert "99.80" not in words(screen)
    at("区水务局")
    assert "99.80" in words(screen.run())
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        preferences.set_target_score(session, score="95.5", by=office)
    assert "内部目标分 95.5" in words(screen.run())


def test_one_viewers_page_is_never_shown_to_another(sign_in: SignIn, open_page: OpenPage) -> None:
    at("区水务局", count=2)
    sign_in("区水务局")
    assert "范围 区水务局" in words(open_page("overview"))
    sign_in("区城管委")
    shown = words(open_page("overview"))
    assert "范围 区城管委" in shown
    assert "还没有发现失分" in shown


def test_the_map_shows_the_measure_that_was_chosen(sign_in: SignIn, open_page: OpenPage) -> None:
    at("黄村镇")
    sign_in("leader")
    screen = open_page("overview")
    assert "得分率最低的镇：黄村镇" in words(screen)
    shown = words(screen.button_group(key="map").set_value(Measure.MENDED).run())
    assert "问题整改率（%）" in shown
    assert "核定得分率（%）" not in shown
