"""单位与账号 as the administrator works with it."""

import io
from collections.abc import Callable, Iterator

import pytest
from openpyxl import Workbook
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import passwords, settings
from daxing_safety.actions import security_rules, sessions
from daxing_safety.database import reading, transaction
from daxing_safety.models import User
from daxing_safety.ui import access
from daxing_safety.web import slips
from daxing_safety.workbooks.account_list import HEADERS, SHEET

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]

CHEN = ("区教委", "区教委", "小陈", "", "填报人", None)
SUN = ("", "expert2", "孙工", "", "专家", "2099-06-30")


def book(*rows: tuple[object, ...]) -> bytes:
    out, filled = io.BytesIO(), Workbook()
    page = filled.active
    assert page is not None
    page.title = SHEET
    for row in (HEADERS, *rows):
        page.append(row)
    filled.save(out)
    return out.getvalue()


def account(username: str) -> User | None:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one_or_none()


def words(screen: AppTest) -> str:
    return "\n".join(str(each.value) for each in (*screen.caption, *screen.markdown, *screen.error))


@pytest.fixture(autouse=True)
def nobodys_slips() -> Iterator[None]:
    yield
    slips._kept.clear()


@pytest.fixture
def lists(sign_in: SignIn, open_page: OpenPage) -> AppTest:
    """赵工 at 批量开通."""
    sign_in("admin")
    return open_page("accounts", accounts_by="批量开通")


def upload(screen: AppTest, *rows: tuple[object, ...]) -> AppTest:
    return screen.file_uploader[0].upload("账号.xlsx", book(*rows)).run()


@pytest.mark.parametrize("tab", ["批量开通", "正在登录", "安全设置"])
def test_the_office_has_none_of_the_administrators_tabs(
    sign_in: SignIn, open_page: OpenPage, tab: str
) -> None:
    sign_in("office")
    screen = open_page("accounts", accounts_by=tab)
    assert not screen.exception
    assert [each.label for each in screen.tabs] == ["单位", "账号"]
    assert not screen.file_uploader and not screen.number_input


def test_a_list_is_looked_at_and_opened_as_a_whole(lists: AppTest) -> None:
    assert "还有 54 个单位没有填报人" in words(lists)
    screen = upload(lists, CHEN, SUN)
    assert account("区教委") is None, "nothing is stored before the button is pressed"
    screen.button(key="open_accounts").click().run()
    assert not screen.exception
    assert "已开通 2 个账号" in screen.success[0].value
    for username in ("区教委", "expert2"):
        new = account(username)
        assert new is not None and new.must_change_password
    assert "**只能下载一次**" in words(screen)
    assert not screen.code, "several passwords are on the slips alone"
    assert "还有 53 个单位没有填报人" in words(screen)
    assert not screen.file_uploader[0].value


def test_a_list_with_one_fault_opens_nothing(lists: AppTest) -> None:
    screen = upload(lists, CHEN, ("区教委", "区教委", "", "", "填报人", None))
    assert "有 1 处需要改正，一个账号也没有开通" in words(screen)
    assert not [each for each in screen.button if each.key == "open_accounts"]
    assert account("区教委") is None


def test_another_file_is_refused_in_a_sentence(lists: AppTest) -> None:
    screen = lists.file_uploader[0].upload("账号.xlsx", b"PK no workbook").run()
    assert not screen.exception
    assert screen.error


def test_a_name_taken_between_the_look_and_the_click_opens_nothing(lists: AppTest) -> None:
    screen = upload(lists, SUN, CHEN)
    with transaction() as session:
        user = session.exec(select(User).where(col(User.username) == "expert")).one()
        user.username = "区教委"
        session.add(user)
    screen.button(key="open_accounts").click().run()
    assert "已经有人使用" in screen.error[0].value
    assert account("expert2") is None
    assert not slips._kept
    assert screen.file_uploader[0].value, "the list stays, with what is wrong in it now"


def test_one_reset_shows_the_password_once_and_offers_its_slip(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("区水务局").run()
    screen.button(key="reset").click().run()
    shown, stored = screen.code[0].value, account("区水务局")
    assert stored is not None and passwords.matches(shown, stored.password_hash)
    screen.run()
    assert not screen.code
    assert "初始密码已生成" in words(screen), "the slip still waits"
    slips._kept.clear()  # fetched, or ten minutes are over
    assert "初始密码已生成" not in words(screen.run())


def test_a_last_day_is_given_and_taken_away(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("expert").run()
    day = settings.clock().date()
    screen.date_input(key="valid_until_expert").set_value(day)
    screen.button(key="set_until").click().run()
    stored = account("expert")
    assert stored is not None and stored.valid_until == day
    screen.date_input(key="valid_until_expert").set_value(None)
    screen.button(key="set_until").click().run()
    stored = account("expert")
    assert stored is not None and stored.valid_until is None


def test_a_sign_in_of_somebody_is_ended_from_the_account(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    clerk = sign_in("区水务局")
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("区水务局").run()
    handle = sessions.handle_of(sessions.hash_of(clerk))
    screen.button(key=f"end_{handle}").click().run()
    assert "已结束 1 处登录" in screen.success[0].value
    with reading() as session:
        assert sessions.look_up(session, token=clerk, now=settings.clock()) is None


def test_ones_own_sign_in_is_not_ended_by_mistake(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("admin").run()
    handle = sessions.handle_of(sessions.hash_of(access.session_token()))
    screen.button(key=f"end_{handle}").click().run()
    assert "退出登录" in screen.error[0].value
    assert screen.title[0].value == "单位与账号"


def test_the_security_rules_are_saved_as_a_whole(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="安全设置")
    screen.number_input(key="security_expires_after").set_value(90)
    screen.number_input(key="security_not_again").set_value(5)
    screen.button(key="save_security_rules").click().run()
    assert "安全设置已保存" in screen.success[0].value
    with reading() as session:
        rules = security_rules.in_force(session)
    assert (rules.expires_after, rules.not_again, rules.shortest) == (90, 5, 10)


def test_a_number_between_off_and_the_least_is_refused(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="安全设置")
    screen.number_input(key="security_expires_after").set_value(3)
    screen.button(key="save_security_rules").click().run()
    assert "30 至 365 天之间，或填 0" in screen.error[0].value
    with reading() as session:
        assert security_rules.in_force(session).expires_after == 0


def test_who_is_signed_in_is_listed(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("区水务局")
    sign_in("admin")
    screen = open_page("accounts", accounts_by="正在登录")
    assert "现在有 2 个账号登录着，共 2 处" in words(screen)
    assert set(screen.dataframe[0].value["username"]) == {"区水务局", "admin"}
