"""The frame around every page: Chinese throughout, on a desk, in the dark and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tabs import english_on


@pytest.mark.parametrize("path", ["/login", "/password", "/logout"])
def test_the_plain_pages_hold_no_english(sign_in: Callable[..., Page], path: str) -> None:
    tab = sign_in("admin")
    if path == "/login":
        tab.context.clear_cookies()
    tab.goto(path)
    assert english_on(tab) == []


def test_the_frame_and_a_page_of_widgets_hold_no_english(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("admin", "/accounts")
    tab.get_by_role("tab", name="账号").click()
    expect(tab.get_by_placeholder("输入用户名查找")).to_be_visible()
    expect(tab.get_by_role("button", name="新增")).to_be_visible()
    assert english_on(tab) == []

    tab.get_by_placeholder("输入用户名查找").fill("没有这个人")
    expect(tab.get_by_text("没有符合的选项")).to_be_visible()
    assert english_on(tab) == []


def test_a_table_offers_its_tools_in_chinese(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("office", "/accounts")
    table = tab.get_by_test_id("stDataFrame").first
    table.hover()
    tab.get_by_role("button", name="查找").first.click()
    expect(tab.get_by_role("textbox", name="输入要查找的内容").first).to_be_visible()
    assert english_on(tab) == []


def test_an_unknown_address_says_so_in_chinese(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("admin")
    tab.goto("/nowhere")
    expect(tab.get_by_text("没有这个页面", exact=True)).to_be_visible()
    assert english_on(tab) == []


def test_the_tab_bears_the_products_name_and_an_icon_from_here(
    sign_in: Callable[..., Page], server: Any
) -> None:
    tab = sign_in("office", "/accounts")
    expect(tab).to_have_title("单位与账号 · 大兴创安工作台")
    icon = tab.locator('link[rel="shortcut icon"]').get_attribute("href")
    assert icon and icon.startswith(server.url)


def test_on_a_phone_the_pages_are_behind_a_button(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("office", "/accounts", width=390, height=844)
    expect(tab.get_by_role("heading", name="单位与账号")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_role("button", name="展开侧边栏").click()
    expect(tab.get_by_role("link", name="任务分解")).to_be_visible()


def test_in_the_dark_the_page_is_dark(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("office", "/accounts", color_scheme="dark")
    app = tab.get_by_test_id("stApp")
    expect(app).to_have_css("background-color", "rgb(15, 23, 34)")
