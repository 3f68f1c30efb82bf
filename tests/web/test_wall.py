"""大屏: a sign-in of its own that opens nothing else, lasts its hours and keeps no other alive."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient
from visits import form, hash_at, sign_in

from daxing_safety import settings
from daxing_safety.actions import accounts
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent, LoginSession
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role
from daxing_safety.web import wall

Later = Callable[[timedelta], None]


@pytest.fixture
def leader_tab(stranger: TestClient) -> TestClient:
    """李区长, signed in."""
    assert sign_in(stranger, "leader").status_code == 303
    return stranger


@pytest.fixture
def screen(leader_tab: TestClient) -> TestClient:
    """The same browser with the wall opened."""
    answer = leader_tab.post("/wall", data={"csrf": form(leader_tab, "/wall")})
    assert answer.headers["location"] == "/wall"
    return leader_tab


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    start = settings.clock()

    def moved(pause: timedelta) -> None:
        monkeypatch.setattr(settings, "clock", lambda: start + pause)

    return moved


def shows_figures(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and 'id="wall"' in answer.text


def test_a_stranger_is_led_to_sign_in_and_back_to_the_wall(stranger: TestClient) -> None:
    assert stranger.get("/wall").headers["location"] == "/login?next=%2Fwall"


def test_the_wall_is_offered_first_and_shows_figures_once_it_is_opened(
    leader_tab: TestClient,
) -> None:
    offered = leader_tab.get("/wall")
    assert "最长 12 小时" in offered.text
    assert not shows_figures(offered)
    leader_tab.post("/wall", data={"csrf": form(leader_tab, "/wall")})
    shown = leader_tab.get("/wall")
    assert shows_figures(shown)
    assert "核定分" in shown.text
    assert re.search(r"本屏登录到 \d+月\d+日 \d\d:\d\d 为止", shown.text)
    assert shown.headers["cache-control"] == "no-store"


def test_who_does_not_see_the_district_gets_no_wall(wang: TestClient) -> None:
    assert wang.get("/wall").status_code == 403
    assert wang.post("/wall", data={"csrf": form(wang, "/password")}).status_code == 403
    assert "daxing_wall" not in wang.cookies


def test_it_stands_untouched_for_its_hours_and_no_longer(screen: TestClient, later: Later) -> None:
    later(timedelta(hours=11, minutes=59))
    assert shows_figures(screen.get("/wall"))
    later(timedelta(hours=12, minutes=1))
    assert screen.get("/wall").headers["location"] == "/login?next=%2Fwall"


def test_its_looks_do_not_keep_the_sign_in_it_came_from(screen: TestClient, later: Later) -> None:
    for minutes in (10, 20, 31):
        later(timedelta(minutes=minutes))
        assert shows_figures(screen.get("/wall"))
    assert screen.get("/media/0123.xlsx").status_code == 401


def test_its_sign_in_opens_nothing_else_and_cannot_start_the_next(screen: TestClient) -> None:
    token = screen.cookies["daxing_wall"]
    csrf = form(screen, "/wall")
    screen.cookies.clear()
    for cookie in ("daxing_session", "daxing_wall"):
        screen.cookies.set(cookie, token, path="/")
    assert screen.get("/media/0123.xlsx").status_code == 401
    assert screen.get("/download/tasks/all").status_code == 401
    assert screen.post("/wall", data={"csrf": csrf}).status_code == 401
    assert shows_figures(screen.get("/wall"))


def test_a_cookie_of_the_wall_goes_to_the_wall_only(leader_tab: TestClient) -> None:
    answer = leader_tab.post("/wall", data={"csrf": form(leader_tab, "/wall")})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("daxing_wall=")
    assert "Path=/wall" in cookie
    assert "HttpOnly" in cookie


def test_no_other_site_opens_a_wall(leader_tab: TestClient) -> None:
    leader_tab.post("/wall", data={"csrf": "guessed"})
    assert "daxing_wall" not in leader_tab.cookies


def test_it_is_closed_on_the_screen(screen: TestClient) -> None:
    screen.post("/wall/close", data={"csrf": form(screen, "/wall")})
    assert not shows_figures(screen.get("/wall"))
    with reading() as session:
        actions = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))).all()
    assert actions[-2:] == ["打开大屏", "关闭大屏"]


def test_it_ends_with_its_account(screen: TestClient) -> None:
    with transaction() as session:
        accounts.disable(session, username="leader", by=operator(Role.ADMIN))
    assert screen.get("/wall").status_code == 303


def test_an_opened_wall_replaces_the_one_before(screen: TestClient) -> None:
    mine = hash_at(screen)
    with transaction() as session:  # the browser asks anew because the wall it has is over
        old = session.exec(select(LoginSession).where(col(LoginSession.is_wall))).one()
        old.started_at -= timedelta(hours=12)
        session.add(old)
    screen.post("/wall", data={"csrf": form(screen, "/wall")})
    with reading() as session:
        walls = session.exec(select(LoginSession).where(col(LoginSession.is_wall))).all()
        assert session.get(LoginSession, mine)
    assert len(walls) == 1
    assert walls[0].token_hash != old.token_hash


def test_demo_figures_are_named_as_such(
    screen: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def demo(*_: Any) -> bool:
        return True

    monkeypatch.setattr(wall.preferences, "is_demo", demo)
    assert "演示数据，数字均为虚构" in screen.get("/wall").text
