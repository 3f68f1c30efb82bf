"""The files of 单位画像 and 两日对比: set out for printing, exact, and each viewer's own."""

import io
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.shared import Mm, Pt
from ledger_lines import found, unit
from libreoffice import converted
from sqlmodel import col, select, update

from daxing_safety.database import reading, transaction
from daxing_safety.documents.paper import Column, Heading, Paper, Paragraph, Table, write_paper
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import CriteriaRevision, User
from daxing_safety.web import compare, portrait
from daxing_safety.web.handouts import Download

NOW = datetime(2021, 5, 20, 10, 0)


@pytest.fixture(autouse=True)
def lost_points(data_dir: object) -> None:
    """区水务局 loses 0.4 points under 4-1."""
    with transaction() as session:
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        problem = found(session, unit(session, "区水务局"), office, count=2)
        problem.site = "=1+1"


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


def opened(file: Download) -> Any:
    assert isinstance(file.content, bytes)
    return Document(io.BytesIO(file.content))


def rows(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


# ---- 单位画像 -----------------------------------------------------------------------------------


def test_a_portrait_is_printed_like_an_official_paper() -> None:
    file = portrait.portrait(user("leader"), "U05_2021-05-20")
    assert file.name == "单位画像_区水务局_20210520.docx"
    document = opened(file)
    (page,) = document.sections
    assert (page.page_width.mm, page.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    margins = page.top_margin, page.bottom_margin, page.left_margin, page.right_margin
    assert [each.mm for each in margins] == pytest.approx([37, 35, 28, 26], abs=0.1)
    body = document.styles["Normal"]
    assert body.font.size == Pt(16) and body.paragraph_format.line_spacing == Pt(28)
    assert "仿宋_GB2312" in body.element.xml
    assert document.paragraphs[0].text == "区水务局创安工作画像"
    assert document.paragraphs[1].text == "（截至2021年5月20日）"


def test_its_tables_say_what_the_screen_says() -> None:
    document = opened(portrait.portrait(user("区水务局"), "U05_2021-05-20"))
    headings = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert headings[:3] == ["一、总体情况", "二、任务进展", "三、失分与追回"]
    compared, tasks, losses, *_ = document.tables
    assert [row[0] for row in rows(compared)[1:]] == [
        "到期完成率",
        "整改率",
        "得分率",
        "自查覆盖率",
    ]
    assert rows(tasks)[0] == ["任务", "职责", "要点", "到期", "完成", "逾期", "滞后"]
    (line,) = rows(losses)[1:]
    assert line[0].startswith("4-1 ") and line[1:] == ["0.40", "+0.40", "P00001"]


def test_a_portrait_of_a_past_day_holds_that_day_s_figures() -> None:
    document = opened(portrait.portrait(user("leader"), "U05_2021-04-20"))
    text = "\n".join(each.text for each in document.paragraphs)
    assert "截至2021年4月20日" in text and "没有核定失分" in text


def test_a_long_table_repeats_its_head_and_breaks_no_row() -> None:
    table = Table((Column("编号", 1), Column("内容", 3)), tuple((str(n), "<&>") for n in range(80)))
    raw = write_paper(Paper("标题", "说明", (Heading("一、表"), Paragraph("如下。"), table), NOW))
    (drawn,) = Document(io.BytesIO(raw)).tables
    assert rows(drawn)[80] == ["79", "<&>"]
    assert "w:tblHeader" in drawn.rows[0]._tr.xml
    assert all("w:cantSplit" in row._tr.xml for row in drawn.rows)
    assert sum(column.width for column in drawn.columns) == pytest.approx(Mm(156), rel=0.01)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    file = portrait.portrait(user("leader"), "U05_2021-05-20")
    assert isinstance(file.content, bytes)
    assert converted(file.content, tmp_path, "pdf").startswith(b"%PDF")


@pytest.mark.parametrize("asked", ["U05", "U05_昨天", "U99_2021-05-20", "_", "U05_2019-01-01"])
def test_a_wrong_address_is_no_portrait(asked: str) -> None:
    with pytest.raises(NotFound):
        portrait.portrait(user("leader"), asked)


def test_nobody_gets_a_portrait_that_is_not_theirs() -> None:
    for name in ("区城管委", "admin"):
        with pytest.raises(NotAllowed):
            portrait.portrait(user(name), "U05_2021-05-20")


# ---- 两日对比 -----------------------------------------------------------------------------------


def sheets(file: Download) -> dict[str, list[tuple[Any, ...]]]:
    assert isinstance(file.content, bytes)
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    return {sheet.title: list(sheet.iter_rows(values_only=True))[3:] for sheet in book}


def test_two_days_are_compared_in_excel_with_exact_figures() -> None:
    file = compare.comparison(user("leader"), "2021-05-20_2021-04-20")
    assert file.name == "两日对比_20210420_20210520.xlsx"
    found = sheets(file)
    assert found["总体"][3][:4] == ("全区", "核定分", 100, 99.6)
    assert found["分组和单位"][0][:4] == ("部门组", 0, 0.4, "▲ 多失 0.40")
    assert found["分组和单位"][1][:4] == ("区水务局", 0, 0.4, "▲ 多失 0.40")
    assert found["条款"][0][0] == "4-1"
    assert found["问题"] == [("新增", "P00001", "区水务局", "=1+1：消火栓无水")]


def test_a_clerk_s_comparison_holds_nobody_else() -> None:
    found = sheets(compare.comparison(user("区城管委"), "2021-04-20_2021-05-20"))
    assert not found["问题"] and not found["条款"]
    assert "水务局" not in str(found)


@pytest.mark.parametrize("asked", ["", "2021-05-20", "a_b"])
def test_a_wrong_address_is_no_comparison(asked: str) -> None:
    with pytest.raises(NotFound):
        compare.comparison(user("leader"), asked)


def test_whoever_sees_no_rows_gets_no_comparison() -> None:
    with pytest.raises(NotAllowed):
        compare.comparison(user("auditor"), "2021-04-20_2021-05-20")
