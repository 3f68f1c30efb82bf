"""Signing in and out as people do it, in the browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tabs import PASSWORD, fill_in, heading, token_of

from daxing_safety import settings
from daxing_safety.actions import accounts, audit, sessions
from daxing_safety.database import transaction


def test_a_wrong_password_is_told_and_the_right_one_opens(new_tab: Callable[..., Page]) -> None:
    tab = new_tab()
    tab.goto("/")
    fill_in(tab, "admin", "wrong")
    expect(tab.get_by_role("alert")).to_have_text("用户名或密码不正确，请重新输入。")
    expect(tab.locator("#username")).to_have_value("admin")
    fill_in(tab, "admin")
    heading(tab, "单位与账号")
    expect(tab).to_have_url(re.compile(r"/accounts$"))


def test_the_link_of_a_colleague_opens_after_the_sign_in_with_its_filters(
    sign_in: Callable[..., Page],
) -> None:
    tab = sign_in("office", "/accounts?x=1")
    heading(tab, "单位与账号")
    expect(tab).to_have_url(re.compile(r"/accounts\?x=1$"))


def test_the_session_survives_a_reload_and_its_token_is_hidden_from_scripts(
    sign_in: Callable[..., Page],
) -> None:
    tab = sign_in("office", "/accounts")
    heading(tab, "单位与账号")
    tab.reload()
    heading(tab, "单位与账号")
    assert "daxing_session" in {cookie["name"] for cookie in tab.context.cookies()}
    assert "daxing_session" not in tab.evaluate("document.cookie")


def test_signing_out_in_one_tab_ends_the_other_too_and_each_finds_its_way_back(
    sign_in: Callable[..., Page],
) -> None:
    tab = sign_in("office", "/accounts")
    heading(tab, "单位与账号")
    other = tab.context.new_page()
    other.goto("/accounts?x=2")
    heading(other, "单位与账号")

    tab.get_by_role("button", name="退出登录").click()
    expect(tab.get_by_role("status")).to_have_text("您已安全退出。")
    expect(other.get_by_role("status")).to_contain_text("请重新登录")
    expect(other.locator("[name=next]")).to_have_value("/accounts?x=2")

    fill_in(other, "office")
    heading(other, "单位与账号")
    expect(other).to_have_url(re.compile(r"/accounts\?x=2$"))


@pytest.mark.usefixtures("served_data")
def test_a_disabled_account_is_out_at_once_wherever_it_is_signed_in(
    sign_in: Callable[..., Page],
) -> None:
    tab = sign_in("leader", "/tasks")
    heading(tab, "任务分解")
    with transaction() as session:
        accounts.disable(session, username="leader", by=audit.SYSTEM)
    expect(tab.get_by_role("status")).to_contain_text("请重新登录")
    with transaction() as session:  # the others come in again
        accounts.enable(session, username="leader", by=audit.SYSTEM)


@pytest.mark.usefixtures("served_data")
def test_an_initial_password_is_changed_before_anything_else(new_tab: Callable[..., Page]) -> None:
    with transaction() as session:
        accounts.reset_password(
            session, username="区城管委", password=PASSWORD, by=audit.SYSTEM, now=settings.clock()
        )
    tab = new_tab()
    tab.goto("/tasks")
    fill_in(tab, "区城管委")
    heading(tab, "修改密码")
    tab.goto("/tasks")
    heading(tab, "修改密码")
    tab.fill("#current", PASSWORD)
    tab.fill("#new", "Yong-ding-9931")
    tab.fill("#again", "Yong-ding-9931")
    tab.get_by_role("button", name="确定").click()
    expect(tab.get_by_text("小刘")).to_be_visible()


@pytest.mark.usefixtures("served_data")
def test_who_was_signed_out_meanwhile_cannot_click_on(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("admin", "/accounts")
    heading(tab, "单位与账号")
    tab.get_by_role("tab", name="账号").click()
    with transaction() as session:
        sessions.end(session, token=token_of(tab))
    expect(tab).to_have_url(re.compile("/login"))
