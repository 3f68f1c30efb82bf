"""One workbook's way: out, filled in wrong, mended, stored, returned, sent again, accepted."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Locator, Page, expect
from tabs import settled

from daxing_safety.actions import rounds
from daxing_safety.database import transaction
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role, RoundState
from daxing_safety.workbooks.columns import plain_header

NOW = datetime(2021, 5, 20, 9, 0)
SignIn = Callable[..., Page]


@pytest.fixture
def round_name(served_data: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """A round of this test's own; at its end closed, so that another may open one."""
    by, name = operator(Role.OFFICE), f"2021年{request.node.name[-8:]}"
    due_at = datetime(2021, 5, 25, 17, 0)
    with transaction() as session:
        rounds.open_round(session, name=name, due_at=due_at, by=by, now=NOW)
    yield name
    with transaction() as session:
        round_ = rounds.find_round(session, name)
        if round_.state is RoundState.OPEN:
            rounds.close_round(session, round_=round_, by=by)


def download(tab: Page, trigger: Locator, folder: Path) -> Path:
    with tab.expect_download() as started:
        trigger.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def upload(tab: Page, *paths: Path) -> None:
    tab.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(paths))


def cells(sheet: Worksheet, row: int) -> dict[str, Any]:
    """The cells of the row so many below the header, by their headers."""
    header = next(r for r in sheet.iter_rows() if any(plain_header(c.value) in KEYS for c in r))
    return {
        plain_header(cell.value): sheet.cell(header[0].row + row, cell.column) for cell in header
    }


KEYS = {"编号", "条款编号"}


def fill(path: Path, out: Path, **said: Any) -> Path:
    """The first row of 工作进展, as a clerk types it."""
    book = load_workbook(path)
    row = cells(book["工作进展"], 1)
    for header, value in said.items():
        row[header].value = value
    book.save(out)
    return out


@pytest.fixture
def at_desk(sign_in: SignIn) -> Page:
    """小王 of 区水务局 in front of 填报."""
    return sign_in("区水务局", "/submit")


def test_a_workbook_goes_out_comes_back_and_is_accepted(
    round_name: str, at_desk: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    clerk = at_desk
    empty = download(clerk, clerk.get_by_role("link", name="下载填报表"), tmp_path)
    assert empty.name == f"大兴创安填报表_区水务局_{round_name}.xlsx"

    wrong = fill(empty, tmp_path / "填错了.xlsx", 进展状态="快完成了")
    upload(clerk, wrong)
    expect(clerk.get_by_text("有 1 处需要改正，还没有入库")).to_be_visible()
    trigger = clerk.get_by_role("button", name="下载标好错的填报表")
    marked = download(clerk, trigger, tmp_path)
    assert re.fullmatch(r"填错了_标错_[0-9a-f]{8}\.xlsx", marked.name)
    assert "错误清单" in load_workbook(marked).sheetnames

    mended = fill(marked, tmp_path / "改好了.xlsx", 进展状态="推进中", **{"完成比例(%)": 80})
    upload(clerk, mended)
    expect(clerk.get_by_text("核对通过，请看一遍再确认")).to_be_visible()
    settled(clerk)
    clerk.get_by_role("button", name="确认报送").dblclick()
    expect(clerk.get_by_text("报送成功：第1版")).to_be_visible()
    expect(clerk.get_by_text("等待创安办审核。需要更正的")).to_be_visible()

    upload(clerk, mended)
    expect(clerk.get_by_text("与已报送的第1版完全相同，没有变化")).to_be_visible()

    office = sign_in("office", "/review")
    expect(office.get_by_role("heading", name=f"区水务局 · {round_name} · 第1版")).to_be_visible()
    original = download(office, office.get_by_role("link", name="下载原件"), tmp_path)
    assert original.read_bytes() == mended.read_bytes()
    office.get_by_role("button", name="退回", exact=True).click()
    office.get_by_role("textbox", name="退回原因").fill("请补上佐证材料名称")
    office.get_by_role("button", name="确认退回").click()
    expect(office.get_by_text("已退回，填报单位会看到退回原因")).to_be_visible()

    clerk.reload()
    expect(clerk.get_by_text("退回原因：请补上佐证材料名称")).to_be_visible()
    again = fill(mended, tmp_path / "补好了.xlsx", 佐证材料名称="防洪规划印发文件")
    upload(clerk, again)
    clerk.get_by_role("button", name="确认报送").click()
    expect(clerk.get_by_text("报送成功：第2版")).to_be_visible()

    office.goto("/review")
    settled(office)
    office.get_by_role("button", name="审核通过").dblclick()
    expect(office.get_by_text("没有待审核的报送")).to_be_visible()
    clerk.reload()
    expect(clerk.get_by_text(re.compile("第2版.*已通过审核"))).to_be_visible()


def test_another_units_file_is_refused_and_shows_nothing_of_it(
    round_name: str, at_desk: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    theirs = download(at_desk, at_desk.get_by_role("link", name="下载填报表"), tmp_path)
    neighbour = sign_in("区城管委", "/submit")
    upload(neighbour, theirs)
    expect(neighbour.get_by_text("这是别的单位的")).to_be_visible()
    for address in ("/download/template/U05", "/download/submission/1"):
        assert neighbour.request.get(address).status in (403, 404)


def test_the_office_takes_files_that_came_by_mail(
    round_name: str, sign_in: SignIn, tmp_path: Path
) -> None:
    office = sign_in("office", "/submit")
    office.get_by_role("tab", name="下发填报表").click()
    archive = download(office, office.get_by_role("link", name="下载全部填报表"), tmp_path)
    import zipfile

    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
        chosen = [name for name in names if "区地震局" in name or "区法院" in name]
        files = [Path(packed.extract(name, tmp_path)) for name in chosen]
    assert len(names) > 50 and len(files) == 2
    (tmp_path / "说明.xlsx").write_bytes(b"not a workbook")

    office.get_by_role("tab", name="代为上传").click()
    upload(office, *files, tmp_path / "说明.xlsx")
    expect(office.get_by_text("说明.xlsx：不能识别")).to_be_visible()
    office.get_by_role("button", name="入库 2 份").click()
    expect(office.get_by_text("已入库 2 份")).to_be_visible()


def test_a_work_point_opens_from_the_table_and_from_its_address(sign_in: SignIn) -> None:
    tab = sign_in("office", "/tasks")
    expect(tab.get_by_text("共 224 条工作要点")).to_be_visible()
    tab.get_by_test_id("stDataFrame").click(position={"x": 30, "y": 54})
    card = tab.get_by_role("dialog")
    expect(card.get_by_text("工作要点 1-01")).to_be_visible()
    expect(tab).to_have_url(re.compile("point=1-01"))

    tab.keyboard.press("Escape")
    expect(card).not_to_be_visible()
    expect(tab).not_to_have_url(re.compile("point"))
    tab.goto("/tasks?point=19-01")
    expect(card.get_by_text("分析校园安全现状和主要问题")).to_be_visible()


def test_filters_go_into_the_address_and_come_back_from_it(sign_in: SignIn) -> None:
    tab = sign_in("区水务局", "/tasks")
    expect(tab.get_by_text("共 16 条工作要点")).to_be_visible()
    tab.get_by_role("radio", name="全区").or_(tab.get_by_role("button", name="全区")).first.click()
    expect(tab.get_by_text("共 224 条工作要点")).to_be_visible()
    tab.reload()
    expect(tab.get_by_text("共 224 条工作要点")).to_be_visible()


def test_the_plan_can_be_taken_home(sign_in: SignIn, tmp_path: Path) -> None:
    tab = sign_in("leader", "/tasks")
    plan = download(tab, tab.get_by_role("link", name="下载任务分解表"), tmp_path)
    sheet = load_workbook(plan).active
    assert sheet.max_row == 3 + 224
    assert date.fromisoformat(sheet["I4"].value)
