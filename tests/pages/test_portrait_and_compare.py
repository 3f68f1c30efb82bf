"""单位画像 and 两日对比 as they are looked at: whose, as of when, and where their links lead."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from ledger_lines import found, unit
from sqlmodel import col, select, update
from streamlit.testing.v1 import AppTest

from daxing_safety.database import transaction
from daxing_safety.models import CriteriaRevision, User
from daxing_safety.settings import DEMO_DAY
from daxing_safety.ui import links as to
from daxing_safety.vocabulary import Group

SignIn = Callable[[str], str]
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def since_april(data_dir: object) -> None:
    """The work began in April; in May an expert found two problems."""
    with transaction() as session:
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        found(session, unit(session, "区水务局"), office).site = "<b>粗</b>"
        found(session, unit(session, "区交通支队"), office, rule_code="6-1")


def drawn(screen: AppTest) -> str:
    boxes: list[Any] = list(screen.get("html"))
    return "\n".join(str(each.body) for each in boxes)


def offered(screen: AppTest) -> str:
    """The address of the one file that the screen hands out."""
    buttons: list[Any] = list(screen.get("link_button"))
    (button,) = buttons
    return str(button.url)


def links(screen: AppTest) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', drawn(screen)))


def follow(open_page: Open, lead: str) -> AppTest:
    """The screen that a link opens, filters and all."""
    address = urlsplit(unescape(lead))
    return open_page(address.path.strip("/"), **dict(parse_qsl(address.query)))


# ---- 单位画像 -----------------------------------------------------------------------------------


def test_a_leader_chooses_a_unit_among_its_group(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("portrait")
    assert not screen.exception
    assert "/portrait?unit=U05" in links(screen)
    screen.selectbox(key="chosen_portrait").set_value("U05").run()
    assert not screen.exception
    assert screen.query_params["unit"] == "U05"
    assert "北京市大兴区水务局" in drawn(screen)


def test_every_figure_leads_to_what_it_is_made_of(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("portrait", unit="U05")
    assert not screen.exception
    assert "核定失 0.20 分，涉及 1 条条款" in drawn(screen)
    leads = links(screen)
    assert "/problems?problem=P00001" in leads
    assert "/problems?status=UNASSIGNED&amp;unit=U05" in leads
    assert "/losses?section=1&amp;indicator=4&amp;rule=4-1&amp;unit=U05" in leads
    assert any("cell=U05.1" in each for each in leads)
    assert offered(screen) == "/download/portrait/U05_2021-05-20"


def test_a_task_of_a_unit_opens_the_progress_of_just_these(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    leads = links(open_page("portrait", unit="U05"))
    (lead,) = [each for each in leads if each.endswith("cell=U05.1")]
    screen = follow(open_page, lead)
    assert not screen.exception
    assert screen.selectbox(key="unit").value == "U05"
    assert screen.selectbox(key="task").value == 1


def test_a_group_of_the_overview_opens_the_progress_of_that_group(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = follow(open_page, to.progress({"group": Group.TOWNS.value}, DEMO_DAY))
    assert not screen.exception
    assert screen.selectbox(key="group").value == "TOWNS"


def test_the_evidence_of_a_unit_opens_for_that_unit(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    leads = links(open_page("portrait", unit="U05"))
    lead = min(each for each in leads if each.startswith("/evidence?unit="))
    assert follow(open_page, lead).selectbox(key="unit").value == "U05"


def test_a_clerk_sees_the_own_unit_whatever_the_address_says(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("区城管委")
    screen = open_page("portrait", unit="U05")
    assert not screen.exception
    assert [each.value for each in screen.title] == ["单位画像"]
    assert not screen.selectbox
    assert "大兴区城市管理委员会" in drawn(screen)
    assert "水务局" not in drawn(screen)


@pytest.mark.parametrize("asked", ["U99", "区水务局", ""])
def test_a_unit_that_there_is_none_of_is_to_be_chosen(
    sign_in: SignIn, open_page: Open, asked: str
) -> None:
    sign_in("office")
    screen = open_page("portrait", unit=asked)
    assert not screen.exception
    assert screen.selectbox(key="chosen_portrait").value is None


def test_a_past_day_has_its_own_figures_and_links_keep_it(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("portrait", unit="U05", as_of="2021-04-20")
    assert not screen.exception
    assert "没有核定失分" in drawn(screen)
    assert any("as_of=2021-04-20" in each for each in links(screen))


# ---- 两日对比 -----------------------------------------------------------------------------------


def test_without_a_frozen_round_it_compares_the_first_day_with_today(
    sign_in: SignIn, open_page: Open
) -> None:
    sign_in("leader")
    screen = open_page("compare")
    assert not screen.exception
    assert "2021年4月1日与2021年5月20日相比" in drawn(screen)
    assert "▼ 降" in drawn(screen)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("分组和单位", "/portrait?unit=U05"),
        ("条款", "▲ 多失 0.20"),
        ("问题", "/problems?problem=P00002"),
        ("工作要点", "完成工作要点 0 项"),
    ],
)
def test_each_view_names_what_changed(
    sign_in: SignIn, open_page: Open, view: str, said: str
) -> None:
    sign_in("leader")
    screen = open_page("compare", view=view)
    assert not screen.exception
    assert said in drawn(screen)


def test_two_days_in_the_address_in_any_order(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("compare", **{"from": "2021-05-18", "to": "2021-04-10"})
    assert not screen.exception
    assert "2021年4月10日与2021年5月18日相比" in drawn(screen)
    assert offered(screen) == "/download/compare/2021-04-10_2021-05-18"


def test_the_same_day_twice_says_so(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("compare", **{"from": "2021-05-20"})
    assert [each.value for each in screen.info] == ["两个日期是同一天，请改其中一个。"]


def test_text_from_users_stays_text(sign_in: SignIn, open_page: Open) -> None:
    sign_in("leader")
    screen = open_page("compare", view="问题")
    assert "&lt;b&gt;粗&lt;/b&gt;" in drawn(screen)


def test_a_clerk_compares_the_own_unit(sign_in: SignIn, open_page: Open) -> None:
    sign_in("区城管委")
    screen = open_page("compare", view="问题")
    assert not screen.exception
    assert "问题没有变化" in drawn(screen)
    assert "P0000" not in drawn(screen)
