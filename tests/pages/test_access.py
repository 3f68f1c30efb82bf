"""Who sees which page, and what a page shows to whom it is not for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent, Preference
from daxing_safety.permissions import operator
from daxing_safety.ui import messages, screens
from daxing_safety.vocabulary import Role

PAGES = sorted((settings.ROOT / "pages").glob("*.py"))
SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def shown(screen: AppTest) -> list[str]:
    """The kinds of everything that stands on the screen."""
    elements = [*screen.main, *screen.sidebar]
    return [each.type for each in elements if each.type not in ("main", "sidebar")]


@pytest.mark.parametrize("file", PAGES, ids=lambda path: path.stem)
def test_without_a_sign_in_a_page_shows_the_refusal_and_nothing_else(
    data_dir: Path, file: Path
) -> None:
    screen = AppTest.from_file(file, default_timeout=60).run()
    assert not screen.exception
    assert [error.value for error in screen.error] == ["登录已失效，请刷新页面重新登录。"]
    assert shown(screen) == ["error"]


def test_without_a_sign_in_the_entry_script_shows_the_refusal_and_no_navigation(
    open_page: OpenPage,
) -> None:
    screen = open_page()
    assert not screen.exception
    assert shown(screen) == ["error"]


def test_a_sign_in_that_ended_shows_nothing_at_the_next_click(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    token = sign_in("admin")
    screen = open_page("accounts")
    assert screen.title[0].value == "单位与账号"
    with transaction() as session:
        sessions.end(session, token=token)
    screen.run()
    assert shown(screen) == ["error"]


def test_a_page_that_is_not_ones_own_is_refused_and_noted(data_dir: Path, sign_in: SignIn) -> None:
    sign_in("区水务局")
    screen = AppTest.from_file(settings.ROOT / "pages" / "accounts.py", default_timeout=60).run()
    assert "您没有查看这个页面的权限" in screen.error[0].value
    assert shown(screen) == ["error"]
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    assert (event.username, event.action, event.subject) == ("区水务局", "越权访问", "SEE_ACCOUNTS")


def test_everybody_has_a_page_of_their_own(data_dir: Path) -> None:
    for role in Role:
        assert len(screens.screens_of(operator(role))) > 1, "帮助 is for everybody"


def test_the_frame_names_the_viewer_and_says_what_is_invented(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    with transaction() as session:
        session.add(Preference(name="is_demo", value="1"))
    sign_in("区水务局")
    screen = open_page("tasks")
    assert screen.sidebar.text[0].value == "小王"
    assert screen.sidebar.caption[0].value == "区水务局 · 填报人"
    assert screen.main.caption[0].value == ("演示数据，数字均为虚构　业务日固定为 2021年5月20日")


def test_text_from_users_is_never_read_as_markup() -> None:
    assert messages.plain("**粗** :red[x] $a$ http://x.cn") == (
        "\\*\\*粗\\*\\* \\:red\\[x\\] \\$a\\$ http\N{WORD JOINER}\\://x\\.cn"
    )
    assert messages.plain("www.x.cn 王@x.cn") == (
        "www\N{WORD JOINER}\\.x\\.cn 王@\N{WORD JOINER}x\\.cn"
    )


# ---- 单位与账号 ------------------------------------------------------------------------------


def test_the_office_looks_and_the_administrator_acts(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    assert not open_page("accounts", accounts_by="账号").selectbox
    sign_in("admin")
    assert open_page("accounts", accounts_by="账号").selectbox(key="managed")


def test_a_new_account_gets_an_initial_password_that_is_shown_once(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="new_role").select_index(1).run()
    screen.selectbox(key="new_unit").select("U14")
    screen.text_input(key="new_username").input("区教委")
    screen.text_input(key="new_display_name").input("小陈")
    screen.button(key="store_new").click().run()
    assert not screen.exception
    password = screen.code[0].value
    visitor = sessions.Visitor(address="10.0.0.1", browser="", token="")
    with transaction() as session:
        expected = sessions.admit(
            session, username="区教委", address="10.0.0.1", now=settings.clock()
        )
        sessions.start(session, username="区教委", visitor=visitor, now=settings.clock())
    assert accounts.passwords.matches(password, expected)
    assert not screen.run().code


def test_a_refusal_of_an_action_stands_above_the_page(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("admin").run()
    screen.button(key="disable").click().run()
    assert "不能停用自己的账号" in screen.error[0].value
    assert screen.title[0].value == "单位与账号"


def test_disabling_and_enabling_from_the_page(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("区水务局").run()
    screen.button(key="disable").click().run()
    assert screen.success[0].value == messages.plain("账号“区水务局”已停用，并已退出全部登录。")
    screen.button(key="enable").click().run()
    assert "已启用" in screen.success[0].value


def test_an_administrator_who_was_disabled_meanwhile_changes_nothing(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("区水务局").run()
    with transaction() as session:
        accounts.end_sessions(session, username="admin", by=audit.SYSTEM)
    screen.button(key="disable").click().run()
    assert shown(screen) == ["error"]
    with reading() as session:
        assert not session.exec(select(AuditEvent).where(AuditEvent.action == "停用账号")).all()
