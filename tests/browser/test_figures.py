"""A figure of 总览 in a browser: taken away as picture and data, opened into what it is made of."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tabs import heading, settled

FINDING = "各一级项还没有发现失分"


@pytest.fixture
def tab(sign_in: Callable[..., Page]) -> Page:
    tab = sign_in("leader", "/overview", color_scheme="dark")
    heading(tab, "总览")
    settled(tab)
    expect(tab.locator(".js-plotly-plot:has(.trace)")).to_have_count(2)
    return tab


def menu_of(tab: Page, finding: str) -> Locator:
    menu = tab.locator(".heading").filter(has_text=finding).locator("details.take")
    menu.locator("summary").click()
    return menu


def test_a_figure_is_saved_as_a_picture_on_white_with_its_title(tab: Page) -> None:
    with tab.expect_download() as saved:
        menu_of(tab, FINDING).get_by_role("button", name="图片").click()
    assert saved.value.suggested_filename == f"{FINDING}.png"
    picture = Image.open(Path(saved.value.path())).convert("RGB")
    assert picture.width >= 2 * 380 and picture.height > 600
    assert picture.getpixel((2, 2)) == picture.getpixel((2, picture.height - 2)) == (255, 255, 255)
    colours = {colour for _, colour in picture.getcolors(picture.width * picture.height) or []}
    assert (0x2B, 0x6C, 0xB5) in colours, "the bars of 核定 are in it"


@pytest.mark.parametrize("finding", ["各镇、街道和基地的得分率", "参加排名的单位"])
def test_boxes_are_saved_as_a_picture_too(tab: Page, finding: str) -> None:
    with tab.expect_download() as saved:
        menu_of(tab, finding).get_by_role("button", name="图片").click()
    assert Image.open(Path(saved.value.path())).width > 600


def test_a_figure_s_data_come_as_excel_with_the_same_title(tab: Page) -> None:
    with tab.expect_download() as saved:
        menu_of(tab, FINDING).get_by_role("link", name="Excel 数据").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes())).active
    assert sheet is not None
    assert sheet["A1"].value == FINDING
    assert [cell.value for cell in sheet[3]][:4] == ["一级项", "分值", "自评得分", "核定得分"]


def test_a_bar_s_name_opens_what_it_is_made_of(tab: Page) -> None:
    tab.locator(".annotation-text a").first.click()
    expect(tab).to_have_url(re.compile(r"/losses\?section=1$"))
    heading(tab, "失分与提分")


def test_a_tile_opens_its_unit(tab: Page) -> None:
    tab.locator("a.tile").filter(has_text="黄村镇").click()
    expect(tab).to_have_url(re.compile(r"/portrait\?unit=\w+$"))
    heading(tab, "单位画像")


@pytest.mark.parametrize(
    ("card", "address"),
    [("核定分", "/losses"), ("自评覆盖率", "/portrait"), ("问题整改率", "/problems")],
)
def test_a_card_opens_what_its_figure_is_made_of(tab: Page, card: str, address: str) -> None:
    tab.locator(".card").filter(has_text=card).first.locator("h3 a").click()
    expect(tab).to_have_url(re.compile(address))
