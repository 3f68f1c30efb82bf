"""设置: what the office sets for the district, and what the page says of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import preferences
from daxing_safety.database import reading
from daxing_safety.models import AuditEvent, OutOfScope, User
from daxing_safety.vocabulary import Complexity, ScopePolicy, Severity

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]
Value = TypeVar("Value")
TAILINGS = "12"  # 非煤矿山和尾矿库


@pytest.fixture
def page(sign_in: SignIn, open_page: OpenPage) -> AppTest:
    sign_in("office")
    return open_page("preferences")


def captions(screen: AppTest) -> str:
    return "\n".join(each.value for each in screen.caption).replace("\\", "")


def save(screen: AppTest, key: str, typed: str) -> None:
    screen.text_input(key=key).input(typed)
    screen.button(key=f"save_{key}").click().run()
    assert not screen.exception


def held(read: Callable[[Session], Value]) -> Value:
    with reading() as session:
        return read(session)


def test_the_page_shows_what_holds_and_what_it_comes_to_today(page: AppTest) -> None:
    assert not page.exception
    assert page.text_input(key="target_score").value == "90"
    assert page.text_input(key="limit_GENERAL").value == "10个工作日"
    assert "今天交办的，2021年6月3日 到期" in captions(page)
    assert "现在收到的，2021年5月21日（星期五）" in captions(page)
    assert "内部建议，不是上级规定" in captions(page)


def test_each_setting_is_saved_by_its_own_button_and_noted(page: AppTest) -> None:
    page.text_input(key="limit_MAJOR").input("45天")
    save(page, "limit_GENERAL", "15 工作日")
    assert "一般问题的整改时限已保存" in page.success[0].value
    limits = held(lambda session: [preferences.time_limit(session, each) for each in Severity])
    assert list(map(str, limits)) == ["15个工作日", "20个工作日", "60天"]
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
    assert event and (event.action, event.username) == ("修改设置", "office")


def test_what_is_typed_shows_at_once_what_it_would_mean(page: AppTest) -> None:
    page.text_input(key="limit_GENERAL").input("30天").run()
    assert "今天交办的，2021年6月19日 到期" in captions(page)
    page.text_input(key="limit_GENERAL").input("尽快").run()
    assert "时限“尽快”看不懂" in captions(page)
    assert str(held(lambda s: preferences.time_limit(s, Severity.GENERAL))) == "10个工作日"


def test_years_whose_holidays_are_not_known_are_named(
    sign_in: SignIn, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("office")
    monkeypatch.setenv("DAXING_TODAY", "2030-05-20")
    assert "2030 年放假安排未收录" in captions(open_page("preferences"))


@pytest.mark.parametrize(
    ("key", "typed", "why"),
    [
        ("target_score", "101", "0 到 100 之间"),
        ("target_score", "NaN", "0 到 100 之间"),
        ("target_score", "九十", "不是数字"),
        ("limit_GENERAL", "尽快", "看不懂"),
        ("limit_SIMPLE", "24", "看不懂"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    page: AppTest, key: str, typed: str, why: str
) -> None:
    save(page, key, typed)
    assert why in page.error[0].value
    assert not page.success


def test_the_target_and_the_limits_of_接诉即办(page: AppTest) -> None:
    save(page, "target_score", "92.5")
    save(page, "limit_COMPLEX", "5天")
    assert held(preferences.target_score) == Decimal("92.5")
    assert held(lambda s: preferences.answer_limit(s, Complexity.COMPLEX)) == timedelta(days=5)


def test_an_indicator_is_left_out_with_a_reason_and_taken_in_again(page: AppTest) -> None:
    page.selectbox(key="left_out_code").select(TAILINGS)
    page.button(key="leave_out_now").click().run()
    assert "请写明不涉及的理由" in page.error[0].value
    page.selectbox(key="left_out_code").select(TAILINGS)
    page.text_input(key="left_out_reason").input("本区没有*尾矿库*")
    page.button(key="leave_out_now").click().run()
    assert "已认定不涉及" in page.success[0].value
    assert "理由：本区没有*尾矿库*　张工 2021-05-20 认定" in captions(page)
    assert held(lambda s: s.get(OutOfScope, TAILINGS)) is not None
    page.button(key=f"take_in_{TAILINGS}").click().run()
    assert "已恢复为涉及" in page.success[0].value
    assert held(lambda s: s.get(OutOfScope, TAILINGS)) is None


def test_nothing_is_left_out_without_saying_which(page: AppTest) -> None:
    page.button(key="leave_out_now").click().run()
    assert "请选择本区不涉及的指标" in page.error[0].value


def test_how_the_points_of_what_is_left_out_count(page: AppTest) -> None:
    page.radio(key="scope_policy").set_value(ScopePolicy.RESCALE)
    page.button(key="save_scope_policy").click().run()
    assert "按比例折算" in page.success[0].value
    assert held(preferences.scope_policy) is ScopePolicy.RESCALE


@pytest.mark.parametrize("username", ["leader", "区水务局", "admin"])
def test_nobody_but_the_office_opens_it(data_dir: Path, sign_in: SignIn, username: str) -> None:
    sign_in(username)
    screen = AppTest.from_file(settings.ROOT / "pages" / "preferences.py", default_timeout=60).run()
    assert "您没有查看这个页面的权限" in screen.error[0].value
    assert not screen.button


# ---- 单位与账号 ------------------------------------------------------------------------------


def unit_of(username: str) -> str | None:
    with reading() as session:
        return session.exec(select(User.unit_code).where(col(User.username) == username)).one()


def test_an_office_account_names_the_unit_it_sits_in(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="managed").select("office").run()
    screen.selectbox(key="office_unit_office").select("U14")
    screen.button(key="set_unit").click().run()
    assert "所在单位已保存" in screen.success[0].value
    assert unit_of("office") == "U14"


def test_a_new_office_account_may_name_its_unit(sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("admin")
    screen = open_page("accounts", accounts_by="账号")
    screen.selectbox(key="new_role").select_index(0).run()
    screen.selectbox(key="new_office_unit").select("U14")
    screen.text_input(key="new_username").input("office3")
    screen.button(key="store_new").click().run()
    assert not screen.exception
    assert unit_of("office3") == "U14"
