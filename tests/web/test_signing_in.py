"""Signing in and out: what opens, what does not, and what is written down."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import PASSWORD, form, sign_in

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent
from daxing_safety.web.forms import is_old, local_path


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: TestClient) -> None:
    cookie = sign_in(stranger, "区水务局").headers["set-cookie"]
    assert re.match(r"daxing_session=[\w-]{43};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_stays_on_https(server_app: Starlette) -> None:
    with TestClient(server_app, "https://testserver", follow_redirects=False) as client:
        answer = sign_in(client, "区水务局")
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.sqlite
def test_only_the_tokens_hash_is_stored(wang: TestClient, data_dir: Path) -> None:
    token = wang.cookies["daxing_session"].encode()
    stored = b"".join(path.read_bytes() for path in data_dir.glob("daxing.db*"))
    assert sessions.hash_of(token.decode()).encode() in stored
    assert token not in stored


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(stranger: TestClient) -> None:
    unknown, wrong = sign_in(stranger, "某某局", "x"), sign_in(stranger, "区水务局", "x")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.text.replace("某某局", "区水务局") == wrong.text
    assert "用户名或密码不正确" in wrong.text


def test_an_unknown_users_password_is_checked_all_the_same(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda *given: checked.append(given) or False)
    sign_in(stranger, "某某局", "x")
    assert checked == [("x", passwords.decoy())]


def test_after_five_failures_not_even_the_right_password_opens(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        assert "用户名或密码不正确" in sign_in(stranger, "区水务局", "x").text
    refused = sign_in(stranger, "区水务局")
    assert "尝试次数过多，请 30 秒后再试" in refused.text
    assert sign_in(stranger, "区城管委").status_code == 303  # another account is not locked

    later = settings.clock() + timedelta(seconds=31)
    monkeypatch.setattr(settings, "clock", lambda: later)
    stranger.cookies.clear()
    assert sign_in(stranger, "区水务局").status_code == 303


def test_one_address_cannot_try_every_account(stranger: TestClient) -> None:
    for number in range(SecurityRules().free_per_address):
        sign_in(stranger, f"某局{number}", "x")
    assert "尝试次数过多" in sign_in(stranger, "区水务局").text


def test_a_disabled_account_does_not_come_in(stranger: TestClient) -> None:
    with transaction() as session:
        accounts.disable(session, username="区水务局", by=audit.SYSTEM)
    assert "用户名或密码不正确" in sign_in(stranger, "区水务局").text


def test_signing_in_and_failing_and_out_are_in_the_log(stranger: TestClient) -> None:
    sign_in(stranger, "区水务局", "x")
    sign_in(stranger, "某某局", "my password by mistake")
    sign_in(stranger, "区水务局")
    stranger.post("/logout", data={"csrf": form(stranger, "/password")})
    with reading() as session:
        log = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(4)).all()
    assert [(event.action, event.subject) for event in reversed(log)] == [
        ("登录失败", "区水务局"),
        ("登录失败", "（没有这个账号）"),
        ("登录", "区水务局"),
        ("退出登录", "区水务局"),
    ]
    assert log[0].remark == "testclient"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "/a\r\nset-cookie: x=1",
        "javascript:alert(1)",
        "overview",
        "",
    ],
)
def test_the_sign_in_leads_nowhere_but_into_this_site(stranger: TestClient, wanted: str) -> None:
    assert sign_in(stranger, "区水务局", next=wanted).headers["location"] == "/"


def test_a_local_address_keeps_its_filters() -> None:
    assert local_path("/problems?unit=U05&late=1") == "/problems?unit=U05&late=1"


def test_a_form_from_elsewhere_signs_nobody_in(stranger: TestClient) -> None:
    fields = {"username": "区水务局", "password": PASSWORD}
    assert stranger.post("/login", data=fields).status_code == 400
    form(stranger, "/login")
    assert stranger.post("/login", data=fields | {"csrf": "guessed"}).status_code == 400
    assert "daxing_session" not in stranger.cookies


def test_an_endless_form_is_refused(stranger: TestClient) -> None:
    assert stranger.post("/login", data={"username": "x" * 9000}).status_code == 413


def test_what_was_typed_comes_back_as_text(stranger: TestClient) -> None:
    assert "<script>" not in sign_in(stranger, "<script>alert(1)</script>").text


def test_a_browser_too_old_is_told_so() -> None:
    assert is_old("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko")
    assert is_old("Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/86.0.4240.198 Safari")
    assert not is_old("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/103.0.0.0 Safari")
    assert not is_old("Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0")


def test_the_page_for_an_old_browser_says_what_to_use(stranger: TestClient) -> None:
    page = stranger.get("/login", headers={"user-agent": "Chrome/86.0.4240.198"})
    assert "当前浏览器版本过低" in page.text


def test_a_burst_of_guesses_is_counted_before_any_of_them_is_answered() -> None:
    now = datetime(2021, 5, 20, 10, 0)
    with transaction() as session:
        for _ in range(SecurityRules().free_per_account):
            sessions.admit(session, username="区水务局", address="10.0.0.1", now=now)
        with pytest.raises(sessions.TooManyAttempts):
            sessions.admit(session, username="区水务局", address="10.0.0.2", now=now)


def test_the_lock_doubles_up_to_a_quarter_of_an_hour() -> None:
    quarter = timedelta(minutes=15)
    waits = [sessions.lock_after(excess, quarter).total_seconds() for excess in range(7)]
    assert waits == [30, 60, 120, 240, 480, 900, 900]
