"""失分与提分: from the whole to a problem by the address; bills and paths for whose they are."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ledger_lines import found, unit
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.database import reading, transaction
from daxing_safety.models import Problem, User

PAGE = settings.ROOT / "pages" / "losses.py"
SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def losses(data_dir: object) -> None:
    """区水务局 loses 0.4 points under 4-1, 区城管委 0.2 under 6-1."""
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        found(session, unit(session, "区水务局"), office, count=2)
        found(session, unit(session, "区交通支队"), office, rule_code="6-1")


def shown(screen: AppTest) -> Iterator[str]:
    assert not screen.exception
    yield from (each.proto.body for each in screen.get("html"))
    for kind in (screen.markdown, screen.caption, screen.info, screen.error):
        yield from (each.value for each in kind)


def words(screen: AppTest) -> str:
    return "\n".join(shown(screen))


def column(screen: AppTest, name: str, table: int = 0) -> list[Any]:
    return list(screen.dataframe[table].value[name])


def test_a_leader_sees_what_the_loss_is_made_of(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("losses")
    assert "失 0.60 分，全在“城市安全源头治理”" in words(screen)
    assert "截至2021年5月20日" in words(screen)
    assert sum(column(screen, "lost")) == pytest.approx(0.6)
    assert [tab.label for tab in screen.tabs] == ["失分构成", "丢分账单", "提分路径", "假设推演"]


def test_an_address_opens_a_level_and_the_problems_at_the_end(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("losses", section="1")
    assert column(screen, "lost") == [0.4, 0.2]
    assert "**城市安全源头治理　0.60 分**" in words(screen)
    screen = open_page("losses", section="1", indicator="4", rule="4-1", unit="U05")
    assert column(screen, "problem") == ["/problems?problem=P00001"]
    assert column(screen, "lost") == [0.4]


def test_a_step_back_leads_to_the_level_above(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("losses", section="1", indicator="4", rule="4-1", unit="U05")
    screen.button(key="up_1").click().run()
    assert column(screen, "lost") == [0.4, 0.2]
    assert "indicator" not in screen.query_params


def test_an_address_with_any_rubbish_shows_the_whole(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("losses", section="<b>", indicator="99", bill="U99")
    assert "失 0.60 分" in words(screen)


def test_claimed_losses_are_others(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("losses", side="自评")
    assert "全区自评没有失分" in words(screen)


def test_a_clerk_sees_the_own_losses_and_bill_and_no_paths(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    screen = open_page("losses")
    assert [tab.label for tab in screen.tabs] == ["失分构成", "丢分账单"]
    assert "失 0.40 分" in words(screen) and "6-1" not in words(screen)
    screen = open_page("losses", view="丢分账单", bill="U06")
    assert "区水务局核定失 0\\.40 分，涉及 1 条条款，1 个挂账问题" in words(screen)
    assert column(screen, "gain", 1) == ["+0.40"]


def test_the_office_opens_a_unit_s_bill(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = open_page("losses", view="丢分账单")
    assert column(screen, "unit") == ["区水务局", "区交通支队"]
    screen = open_page("losses", view="丢分账单", bill="U06")
    assert "区交通支队核定失 0\\.20 分" in words(screen)


def test_a_path_says_whether_the_score_is_reached_and_with_what(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("losses", view="提分路径", target="99.8")
    assert "再销号 1 个问题，6月18日可达到 99.80 分" in words(screen)
    assert column(screen, "problem") == ["/problems?problem=P00001"]
    screen = open_page("losses", view="提分路径", target="100", days="20")
    assert "规定时间内没有可以销号的失分问题" in words(screen)
    assert "来不及的问题：P00001、P00002" in words(screen)


def test_what_is_supposed_changes_the_figures_and_stores_nothing(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("losses", view="假设推演", closed="P00001,P99999", added="7-1")
    assert "核定分由 99.40 降到 99.30 分" in words(screen)
    assert [each.value for each in screen.multiselect] == [["P00001"], [], ["7-1"]]
    with reading() as session:
        assert len(session.exec(select(Problem)).all()) == 2


def test_a_path_can_be_taken_into_a_supposition(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("leader")
    screen = open_page("losses", view="提分路径", target="99.8")
    next(each for each in screen.button if each.label == "带入假设推演").click().run()
    assert "核定分由 99.40 升到 99.80 分" in words(screen)


@pytest.mark.parametrize("username", ["admin", "auditor", "expert"])
def test_who_has_no_part_in_the_points_is_refused(sign_in: SignIn, username: str) -> None:
    sign_in(username)
    screen = AppTest.from_file(PAGE, default_timeout=60).run()
    assert "您没有查看这个页面的权限" in screen.error[0].value
    assert not screen.get("html")
