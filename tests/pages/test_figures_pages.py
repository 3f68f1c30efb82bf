"""进度 and 红黑榜 as they are looked at: cells opened by their address, rules set, past days."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import col, update
from streamlit.testing.v1 import AppTest

from daxing_safety.actions.board_rule import board_rule
from daxing_safety.database import reading, transaction
from daxing_safety.models import CriteriaRevision
from daxing_safety.settings import DEMO_DAY

SignIn = Callable[[str], str]
Open = Callable[..., AppTest]


@pytest.fixture
def since_april(data_dir: Path) -> None:
    """The work began in April, so that May has past days."""
    with transaction() as session:
        session.exec(
            update(CriteriaRevision)
            .where(col(CriteriaRevision.id) == 1)
            .values(loaded_at=datetime(2021, 4, 1))
        )


def texts(screen: AppTest) -> str:
    shown = [*screen.markdown, *screen.caption, *screen.info, *screen.title, *screen.subheader]
    return "\n".join(str(each.value) for each in shown) + "\n".join(
        str(each.body) for each in screen.get("html")
    )


def save(screen: AppTest) -> None:
    (button,) = [each for each in screen.button if each.label == "保存规则"]
    button.click().run()


def test_a_cell_of_the_map_is_opened_by_its_address(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("progress", cell="U05.1")
    assert not screen.exception
    (heading,) = screen.subheader
    assert heading.value.startswith("区水务局　任务1 ")
    assert len(screen.dataframe) == 1
    screen.button(key="close_cell").click().run()
    assert not screen.subheader
    assert "cell" not in screen.query_params


def test_an_address_with_a_cell_that_is_not_there_shows_the_map(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("区水务局")
    screen = open_page("progress", cell="U01.1")
    assert not screen.exception
    assert not screen.subheader, "a clerk sees no other unit's cell"


@pytest.mark.parametrize("view", ["计划与实际", "任务进程"])
def test_the_other_views_are_drawn_for_a_task_and_a_unit(
    sign_in: SignIn, open_page: Open, view: str
) -> None:
    sign_in("leader")
    screen = open_page("progress", view=view)
    screen.selectbox(key="unit").set_value("U05")
    screen.selectbox(key="task").set_value(1).run()
    assert not screen.exception
    assert "区水务局任务1" in texts(screen) or view == "任务进程"


def test_a_past_day_is_said_and_left_again(
    since_april: None, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = open_page("overview", as_of="2021-04-10")
    assert not screen.exception
    assert "正在看 2021年4月10日 结束时的情况" in texts(screen)
    assert "截至 2021年4月10日" in texts(screen)
    screen.button(key="back_to_today").click().run()
    assert "as_of" not in screen.query_params
    assert f"截至 {DEMO_DAY.year}年5月20日" in texts(screen)


@pytest.mark.parametrize("asked", ["2031-01-01", "昨天", ""])
def test_a_day_that_has_not_come_or_is_none_is_today(
    sign_in: SignIn, open_page: Open, asked: str
) -> None:
    sign_in("leader")
    screen = open_page("overview", as_of=asked)
    assert not screen.exception
    assert "正在看" not in texts(screen)


def test_a_day_before_the_work_began_is_told_with_the_first_one(
    since_april: None, sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = open_page("overview", as_of="2021-03-31")
    (refusal,) = screen.error
    assert "2021\\-04\\-01" in refusal.value


def test_the_office_sets_the_rule_under_the_board(sign_in: SignIn, open_page: Open) -> None:
    sign_in("office")
    screen = open_page("honour_board")
    assert "黑榜取后 3 名" in texts(screen)
    screen.number_input(key="board_black").set_value(1)
    save(screen)
    assert not screen.exception
    assert "黑榜取后 1 名" in texts(screen)


def test_weights_that_do_not_add_up_are_refused_and_nothing_is_stored(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("office")
    screen = open_page("honour_board")
    screen.number_input(key="board_整改率").set_value(80)
    save(screen)
    (refusal,) = screen.error
    assert "合计 100" in refusal.value
    with reading() as session:
        assert board_rule(session).weights == (40, 30, 30)


def test_a_leader_reads_the_rule_and_cannot_set_it(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("honour_board")
    assert "排列规则" in texts(screen)
    assert not screen.number_input
