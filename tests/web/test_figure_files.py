"""The numbers behind a figure as Excel: the same title and figures as on the screen, scoped."""

import io
from typing import Any

import openpyxl
import pytest
from ledger_lines import found, unit
from sqlmodel import col, select

from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import User
from daxing_safety.web import figures
from daxing_safety.web.handouts import Download


@pytest.fixture(autouse=True)
def lost_points(data_dir: object) -> None:
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        found(session, unit(session, "区水务局"), office, count=2)
        found(session, unit(session, "区交通支队"), office, rule_code="6-1")


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


def rows(file: Download) -> list[tuple[Any, ...]]:
    assert isinstance(file.content, bytes)
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_sheet_bears_the_title_the_note_and_chinese_headers() -> None:
    file = figures.data(user("leader"), "overview.rules.2021-05-20")
    title, note, header, first, second = rows(file)
    assert title[0].startswith("失分最多的条款是 4-1“")
    assert note[0].endswith("截至2021年5月20日")
    assert header[:3] == ("条款", "扣分条件", "核定失分")
    assert (first[0], first[2], second[0], second[2]) == ("4-1", 0.4, "6-1", 0.2)
    assert file.name.endswith("_20210520.xlsx")


def test_a_clerk_s_sheet_holds_the_own_unit_alone() -> None:
    written = rows(figures.data(user("区水务局"), "overview.rules.2021-05-20"))
    assert [row[0] for row in written[3:]] == ["4-1"]
    with pytest.raises(NotFound):
        figures.data(user("区水务局"), "overview.units.2021-05-20")


def test_who_sees_no_figures_gets_none_of_their_data() -> None:
    with pytest.raises(NotAllowed):
        figures.data(user("admin"), "overview.rules.2021-05-20")


@pytest.mark.parametrize(
    ("asked", "unit"),
    [
        ("progress.TOWNS.2021-05-20", ""),
        ("progress.DEPARTMENTS.2021-05-20..U05.1", "区水务局"),
        ("progress.plan.2021-05-20.TOWNS", ""),
        ("progress.gantt.2021-05-20...nonsense", ""),
        ("portrait.course.2021-05-20.U05", ""),
    ],
)
def test_a_figure_narrowed_on_the_screen_is_so_in_its_data(asked: str, unit: str) -> None:
    if asked.startswith("portrait"):
        with pytest.raises(NotFound):  # no round is frozen yet, so there is no course
            figures.data(user("leader"), asked)
        return
    body = rows(figures.data(user("leader"), asked))[3:]
    assert body
    if unit:
        assert {row[0] for row in body} == {unit}


@pytest.mark.parametrize(
    "asked",
    [
        "overview",
        "overview.rules",
        "overview.rules.yesterday",
        "overview.nothing.2021-05-20",
        "nothing.rules.2021-05-20",
        "portrait.course.2021-05-20.U99",
        "...",
    ],
)
def test_what_there_is_not_is_told_in_words(asked: str) -> None:
    with pytest.raises(NotFound):
        figures.data(user("leader"), asked)


def test_a_day_to_come_is_today() -> None:
    assert figures.data(user("leader"), "overview.rules.2031-01-01").name.endswith("_20210520.xlsx")


def test_a_board_s_sheet_holds_the_whole_order_and_the_rule_that_it_follows_from() -> None:
    title, note, header, first, *others = rows(
        figures.data(user("leader"), "honour_board.TOWNS.2021-05-20")
    )
    assert title[0] == "镇红黑榜"
    assert note[0].startswith(f"{len(others) + 1} 家参加排列")
    assert "综合得分由到期完成率占 40%、整改率占 30%、得分率占 30%加权得出" in note[0]
    assert header[:6] == (
        "名次",
        "单位",
        "综合得分",
        "到期完成率（%）",
        "整改率（%）",
        "得分率（%）",
    )
    assert first[0] == 1 and all(row[0] >= 1 for row in others)


def test_a_board_is_not_a_clerk_s_to_take_away() -> None:
    with pytest.raises(NotAllowed):
        figures.data(user("区水务局"), "honour_board.TOWNS.2021-05-20")
