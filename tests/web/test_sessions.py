"""How long a sign-in stands, and what ends it; changing one's own password."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import anyio
import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import HERE, PASSWORD, change_password, form, hash_at, sign_in, told_to_go

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent, LoginSession, Preference, User
from daxing_safety.web import server


def test_signed_in_streamlit_answers_and_the_sign_in_page_leads_on(
    wang: TestClient, reached: list[str]
) -> None:
    assert wang.get("/media/0123.xlsx").text == "behind the gate"
    assert wang.get("/login?next=/tasks").headers["location"] == "/tasks"
    assert reached == ["/media/0123.xlsx"]


@pytest.mark.parametrize(
    ("pause", "status"),
    [
        (timedelta(minutes=29), 200),
        (timedelta(minutes=31), 401),
        (timedelta(hours=-1), 401),  # a clock that was set back
    ],
)
def test_an_idle_session_ends_after_half_an_hour(
    wang: TestClient, monkeypatch: pytest.MonkeyPatch, pause: timedelta, status: int
) -> None:
    then = settings.clock() + pause
    monkeypatch.setattr(settings, "clock", lambda: then)
    assert wang.get("/media/0123.xlsx").status_code == status


def test_even_a_busy_session_ends_after_twelve_hours(
    wang: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = settings.clock()
    for hours, status in [(11.9, 200), (12.1, 401)]:
        then = start + timedelta(hours=hours)
        with transaction() as session:
            sessions.touch(session, token_hashes=[hash_at(wang)], now=then)
        monkeypatch.setattr(settings, "clock", lambda then=then: then)
        assert wang.get("/media/0123.xlsx").status_code == status


def test_use_is_noted_so_that_who_works_stays_signed_in(
    wang: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = settings.clock() + timedelta(minutes=20)
    monkeypatch.setattr(settings, "clock", lambda: later)
    wang.get("/media/0123.xlsx")
    # In a thread of its own: where browser tests ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(anyio.run, server.watch.sweep).result()
    with reading() as session:
        assert session.get_one(LoginSession, hash_at(wang)).seen_at == later


def test_signing_in_again_ends_the_browsers_former_session(wang: TestClient) -> None:
    former = wang.cookies["daxing_session"]
    wang.cookies.delete("daxing_session")
    csrf = form(wang, "/login")
    wang.cookies.set("daxing_session", former)
    fields = {"csrf": csrf, "username": "区城管委", "password": PASSWORD}
    assert wang.post("/login", data=fields).status_code == 303
    wang.cookies.clear()
    assert wang.get("/media/x", headers={"cookie": f"daxing_session={former}"}).status_code == 401


@pytest.mark.parametrize("how", ["disable", "reset_password", "end_sessions"])
def test_what_an_administrator_does_to_an_account_ends_its_sessions(
    wang: TestClient, how: str
) -> None:
    with transaction() as session:
        if how == "reset_password":
            new = {"password": passwords.initial(), "now": settings.clock()}
            accounts.reset_password(session, username="区水务局", by=audit.SYSTEM, **new)
        else:
            getattr(accounts, how)(session, username="区水务局", by=audit.SYSTEM)
    assert wang.get("/media/0123.xlsx").status_code == 401


def test_a_link_on_another_site_signs_nobody_out_unasked(wang: TestClient) -> None:
    page = wang.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
    assert "确定要退出" in page.text
    assert wang.get("/media/0123.xlsx").status_code == 200


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"referer": HERE + "/x"}])
def test_our_own_link_signs_out(wang: TestClient, headers: dict[str, str]) -> None:
    token = wang.cookies["daxing_session"]
    answer = wang.get("/auth/logout", headers=headers)
    assert answer.headers["location"] == "/login?out=1"
    assert "daxing_session" not in wang.cookies
    assert wang.get("/media/x", headers={"cookie": f"daxing_session={token}"}).status_code == 401


def test_changing_the_password_ends_every_other_session(
    server_app: Starlette, wang: TestClient
) -> None:
    with TestClient(server_app, follow_redirects=False) as elsewhere:
        sign_in(elsewhere, "区水务局")
        former = wang.cookies["daxing_session"]
        assert change_password(wang, PASSWORD, "Yong-ding-9931").status_code == 303
        assert elsewhere.get("/media/0123.xlsx").status_code == 401
    assert wang.cookies["daxing_session"] != former
    assert wang.get("/media/0123.xlsx").status_code == 200
    wang.cookies.clear()
    assert sign_in(wang, "区水务局").status_code == 401
    assert sign_in(wang, "区水务局", "Yong-ding-9931").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "told"),
    [
        ("wrong", "Yong-ding-9931", None, "原密码不正确"),
        (PASSWORD, "Yong-ding-9931", "Yong-ding-9932", "两次输入的新密码不一致"),
        (PASSWORD, PASSWORD, None, "新密码不能与原密码相同"),
        (PASSWORD, "short", None, "密码太短，只有 5 位"),
    ],
)
def test_a_change_that_cannot_be_says_why(
    wang: TestClient, current: str, new: str, again: str | None, told: str
) -> None:
    answer = change_password(wang, current, new, again)
    assert answer.status_code == 400
    assert told in answer.text
    assert wang.get("/media/0123.xlsx").status_code == 200


def test_the_password_page_is_no_way_to_guess_without_limit(wang: TestClient) -> None:
    for _ in range(5):
        change_password(wang, "wrong", "Yong-ding-9931")
    assert "尝试次数过多" in change_password(wang, PASSWORD, "Yong-ding-9931").text


def test_with_an_initial_password_nothing_but_changing_it_is_possible(
    stranger: TestClient, reached: list[str]
) -> None:
    with transaction() as session:
        user = session.exec(select(User).where(User.username == "区水务局")).one()
        user.must_change_password = True
        session.add(user)
    sign_in(stranger, "区水务局")
    assert stranger.get("/overview").headers["location"] == "/password"
    assert stranger.get("/media/0123.xlsx").status_code == 403
    assert told_to_go(stranger) == "/password"
    assert reached == []

    assert change_password(stranger, PASSWORD, "Yong-ding-9931").status_code == 303
    assert stranger.get("/media/0123.xlsx").status_code == 200


def test_an_expired_password_is_changed_before_anything_else(
    stranger: TestClient, reached: list[str]
) -> None:
    with transaction() as session:
        session.add(Preference(name="security_rules", value='{"expires_after": 30}'))
        user = session.exec(select(User).where(User.username == "区水务局")).one()
        user.password_changed_at = settings.clock() - timedelta(days=31)
        session.add(user)
    sign_in(stranger, "区水务局")
    assert stranger.get("/overview").headers["location"] == "/password"
    assert told_to_go(stranger) == "/password"
    page = stranger.get("/password").text
    assert "您的密码已满 30 天的有效期" in page
    assert "初始密码" not in page
    assert reached == []

    assert change_password(stranger, PASSWORD, "Yong-ding-9931").status_code == 303
    assert stranger.get("/media/0123.xlsx").status_code == 200


def test_an_account_that_is_over_is_told_so_once_its_password_was_right(
    stranger: TestClient,
) -> None:
    with transaction() as session:
        user = session.exec(select(User).where(User.username == "区水务局")).one()
        user.valid_until = date(2021, 5, 19)
        session.add(user)
    assert "用户名或密码不正确" in sign_in(stranger, "区水务局", "wrong").text
    assert "有效期到2021年5月19日为止" in sign_in(stranger, "区水务局").text
    assert "daxing_session" not in stranger.cookies
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    assert (event.action, event.subject) == ("登录失败", "区水务局")
    assert "有效期" in event.remark


def test_the_rules_for_a_new_password_are_those_in_force(wang: TestClient) -> None:
    with transaction() as session:
        session.add(Preference(name="security_rules", value='{"shortest": 14, "kinds": 4}'))
    assert "至少 14 位，并含大写字母、小写字母、数字、符号中的四类" in wang.get("/password").text
    assert "密码太短" in change_password(wang, PASSWORD, "Yong-ding-99").text


def test_an_initial_password_does_not_last(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        new = {"password": PASSWORD, "now": settings.clock() - timedelta(days=8)}
        accounts.reset_password(session, username="区水务局", by=audit.SYSTEM, **new)
    assert "初始密码已过期" in sign_in(stranger, "区水务局").text
