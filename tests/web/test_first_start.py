"""The first administrator, made with the code on the terminal."""

from pathlib import Path

import pytest
from sqlmodel import delete, select
from starlette.testclient import TestClient
from visits import PASSWORD, form, sign_in

from daxing_safety.database import reading, transaction
from daxing_safety.models import LoginSession, User
from daxing_safety.vocabulary import Role
from daxing_safety.web import server


@pytest.fixture
def empty(data_dir: Path) -> str:
    """A database without accounts, just started: returns the code on the terminal."""
    with transaction() as session:
        session.exec(delete(LoginSession))
        session.exec(delete(User))
    return server.first_start.open()


def set_up(client: TestClient, code: str, **fields: str):
    first = {"username": "admin", "display_name": "赵工", "password": PASSWORD, "again": PASSWORD}
    sent = {"csrf": form(client, "/setup"), "code": code} | first | fields
    return client.post("/setup", data=sent)


def test_with_the_code_the_first_administrator_is_made_once(
    stranger: TestClient, empty: str
) -> None:
    assert stranger.get("/login").headers["location"] == "/setup"
    assert set_up(stranger, empty.lower().replace("-", " ")).headers["location"] == "/login?ready=1"
    assert sign_in(stranger, "admin").status_code == 303
    with reading() as session:
        assert [user.role for user in session.exec(select(User))] == [Role.ADMIN]

    stranger.cookies.clear()
    assert stranger.get("/setup").headers["location"] == "/login"
    assert stranger.post("/setup", data={"code": empty}).headers["location"] == "/login"


def test_without_the_code_nobody_becomes_administrator(stranger: TestClient, empty: str) -> None:
    assert "初始化验证码不正确" in set_up(stranger, "AAAA-AAAA-AAAA").text
    with reading() as session:
        assert session.exec(select(User)).first() is None


def test_the_code_dies_after_ten_guesses(stranger: TestClient, empty: str) -> None:
    for _ in range(10):
        set_up(stranger, "AAAA-AAAA-AAAA")
    assert "已失效，请重新启动服务" in set_up(stranger, empty).text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"again": "something else"}, "两次输入的密码不一致"),
        ({"password": "12345", "again": "12345"}, "密码太短"),
        ({"username": "a b"}, "用户名须为"),
    ],
)
def test_a_set_up_with_a_fault_keeps_the_code_and_what_was_typed(
    stranger: TestClient, empty: str, fields: dict[str, str], told: str
) -> None:
    answer = set_up(stranger, empty, **fields)
    assert told in answer.text
    assert empty in answer.text
    assert set_up(stranger, empty).status_code == 303


def test_the_demo_gets_the_password_for_all_its_accounts(
    stranger: TestClient, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []
    monkeypatch.setattr("daxing_safety.demo.build_demo", lambda *, password: built.append(password))
    weak = {"password": "Daxing2021", "again": "Daxing2021"}
    assert "太常见" in set_up(stranger, empty, content="demo", **weak).text
    answer = set_up(stranger, empty, content="demo")
    assert answer.headers["location"] == "/login?demo=1"
    assert built == [PASSWORD]
