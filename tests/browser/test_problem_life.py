"""A problem's whole life with its photos: found, assigned, mended, sent back, mended, closed."""

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select
from tabs import settled

from daxing_safety.actions import problems
from daxing_safety.database import reading, transaction
from daxing_safety.models import Unit
from daxing_safety.permissions import operator
from daxing_safety.reports import scores
from daxing_safety.vocabulary import Discovery, Role

MIDNIGHT = datetime(2021, 5, 20)  # before anything that the server's clock says
SignIn = Callable[..., Page]


@pytest.fixture
def score_before(served_data: None) -> Decimal:
    return confirmed_score()


@pytest.fixture
def number(score_before: Decimal) -> str:
    """What an expert found at 区水务局."""
    with transaction() as session:
        problem = problems.register(
            session,
            unit=session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one(),
            rule_code="4-1",
            site="黄村西大街12号院北门",
            description="消火栓无水",
            count=1,
            discovery=Discovery.EXPERT,
            found_on=date(2021, 5, 20),
            by=operator(Role.OFFICE),
            now=MIDNIGHT,
        )
        return problem.number


def confirmed_score() -> Decimal:
    with reading() as session:
        return scores.district(session, viewer=operator(Role.OFFICE)).confirmed.score


def photo(folder: Path, name: str, colour: str) -> Path:
    picture = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(picture, "JPEG")
    path = folder / name
    path.write_bytes(picture.getvalue())
    return path


def open_form(tab: Page, label: str) -> Locator:
    settled(tab)
    tab.get_by_role("button", name=label, exact=True).click()
    form = tab.get_by_role("dialog")
    expect(form).to_be_visible()
    return form


def confirm(tab: Page, form: Locator, done: str) -> None:
    settled(tab)
    form.get_by_role("button", name="确认", exact=True).click()
    expect(tab.get_by_text(done, exact=True)).to_be_visible()
    expect(form).not_to_be_visible()


def look_again(tab: Page) -> None:
    tab.reload()
    settled(tab)


def shows(tab: Page, *names: str) -> None:
    """These photos are on the page, and drawn."""
    for name in names:
        picture = tab.get_by_alt_text(name)
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("picture => picture.naturalWidth") == 1280


def claim(tab: Page, proof: Path, remark: str) -> None:
    form = open_form(tab, "申请销号")
    form.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(proof)
    expect(form.get_by_text(proof.name)).to_be_visible()
    form.get_by_label("怎么改好的、有什么材料证明").fill(remark)
    confirm(tab, form, f"{tab.url.rsplit('=')[-1]} 已申请销号。")


def test_a_problem_is_found_assigned_mended_sent_back_mended_again_and_closed(
    score_before: Decimal, number: str, sign_in: SignIn, tmp_path: Path
) -> None:
    assert confirmed_score() == score_before - Decimal("0.20")
    address = f"/problems?problem={number}"

    zhang = sign_in("office", address)
    expect(zhang.get_by_text("+0.20")).to_be_visible()
    settled(zhang)
    zhang.get_by_role("button", name="上传").first.click()
    form = zhang.get_by_role("dialog")
    form.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        photo(tmp_path, "没有水.jpg", "brown")
    )
    form.get_by_role("button", name="上传 1 份").click()
    expect(zhang.get_by_text("已上传 1 份材料，用于 1 项。")).to_be_visible()
    shows(zhang, "没有水.jpg")
    confirm(zhang, open_form(zhang, "交办"), f"{number} 已交办。")

    wang = sign_in("区水务局", address)
    expect(wang.get_by_text("还剩 14 天（10 个工作日）")).to_be_visible()
    form = open_form(wang, "制定措施")
    form.get_by_label("整改目标").fill("恢复供水")
    form.get_by_label("整改措施").fill("更换阀门并试水")
    form.get_by_label("责任人").fill("王科长")
    confirm(wang, form, f"{number} 整改措施已保存。")
    form = open_form(wang, "申请销号")
    form.get_by_label("怎么改好的、有什么材料证明").fill("阀门已换")
    form.get_by_role("button", name="确认", exact=True).click()
    expect(form.get_by_text("请先上传整改后的照片或其他佐证材料")).to_be_visible()
    expect(form.get_by_label("怎么改好的、有什么材料证明")).to_have_value("阀门已换")
    wang.keyboard.press("Escape")
    claim(wang, photo(tmp_path, "阀门.jpg", "steelblue"), "阀门已换")
    shows(wang, "没有水.jpg", "阀门.jpg")

    look_again(zhang)
    shows(zhang, "阀门.jpg")
    form = open_form(zhang, "复查")
    form.get_by_text("不合格，退回整改").click()
    form.get_by_label("复查的情况：谁、什么时候、看到什么").fill("照片上看不出有水")
    confirm(zhang, form, f"{number} 复查已登记。")

    look_again(wang)
    expect(wang.get_by_text("创安办意见：照片上看不出有水")).to_be_visible()
    claim(wang, photo(tmp_path, "试水.jpg", "seagreen"), "已现场试水，水压正常")

    look_again(zhang)
    shows(zhang, "没有水.jpg", "阀门.jpg", "试水.jpg")
    form = open_form(zhang, "销号")
    settled(zhang)
    form.get_by_role("button", name="确认", exact=True).dblclick()
    expect(zhang.get_by_text(f"{number} 已销号。")).to_be_visible()
    expect(zhang.get_by_text("2021年5月20日由张工（创安办）销号")).to_be_visible()
    expect(zhang.get_by_text("没有改动")).not_to_be_visible()
    assert confirmed_score() == score_before

    look_again(wang)
    settled(wang)
    expect(wang.locator(".timeline .what").first).to_have_text("销号")
    told = wang.locator(".timeline .what").all_inner_texts()
    assert told == [
        "销号",
        "申请销号",
        "上传整改后照片 1 份",
        "退回",
        "复查不合格",
        "申请销号",
        "上传整改后照片 1 份",
        "制定措施",
        "交办",
        "上传整改前照片 1 份",
        "登记",
    ]


def test_a_neighbour_does_not_learn_that_there_is_such_a_problem(
    number: str, sign_in: SignIn
) -> None:
    liu = sign_in("区城管委", f"/problems?problem={number}")
    expect(liu.get_by_text(f"没有编号为“{number}”的问题。")).to_be_visible()
    expect(liu.get_by_text("消火栓无水")).not_to_be_visible()


def test_the_way_back_leads_to_the_list_as_it_was(number: str, sign_in: SignIn) -> None:
    zhang = sign_in("office", f"/problems?sort=gain&problem={number}")
    settled(zhang)
    zhang.get_by_role("button", name="返回问题清单").click()
    expect(zhang.get_by_role("heading", name="问题整改", exact=True)).to_be_visible()
    assert zhang.url.endswith("/problems?sort=gain")
