"""LibreOffice opens, prints and saves our workbooks, and what it saves is read as the same."""

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.checks import check
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from tests.libreoffice import OFFICE, converted
from tests.workbook_files import TODAY, add_problem, content_of, fill, problem, told, workbook

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def content() -> WorkbookContent:
    return content_of("黄村镇", problem("DX-2021-0001", rule_code="6-1", count=2))


@pytest.fixture(scope="module")
def filled(content: WorkbookContent) -> bytes:
    return workbook(
        content,
        fill("1-12", status="已完成", percent=100, done_on=date(2021, 4, 30), evidence="总结"),
        fill("2-01", status="推进中", percent=62.5, remark="已开会部署\n下月检查"),
        fill("6-1", finding="存在问题"),
        fill("4-1", finding="存在问题"),
        add_problem(rule_code="4-1", site="=3号院", count=7),
        add_problem(rule_code="6-1", site="滨河街", status="申请销号", done_on=TODAY, remark="好"),
    )


def test_a_workbook_saved_by_libreoffice_is_read_as_the_same(
    filled: bytes, content: WorkbookContent, tmp_path: Path
) -> None:
    before = check(read_workbook(filled), content, TODAY)
    after = check(read_workbook(converted(filled, tmp_path, "xlsx")), content, TODAY)
    assert told(after.errors) == told(before.errors) == []
    assert after.progress == before.progress
    assert after.findings == before.findings
    assert after.problems == before.problems
    assert after.readings == ()


def test_its_formulas_calculate_what_was_stored_beside_them(
    content: WorkbookContent, tmp_path: Path
) -> None:
    stored = load_workbook(io.BytesIO(workbook(content)), data_only=True)
    calculated = load_workbook(
        io.BytesIO(converted(workbook(content), tmp_path, "xlsx")), data_only=True
    )
    for name in ("自评打分", "签字页"):
        for row in stored[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float):
                    assert calculated[name][cell.coordinate].value == pytest.approx(cell.value)


def test_its_formulas_follow_what_the_clerk_fills_in(filled: bytes, tmp_path: Path) -> None:
    page = load_workbook(io.BytesIO(converted(filled, tmp_path, "xlsx")), data_only=True)[
        Sheet.SELF_ASSESSMENT.value
    ]
    figures = {row[0].value: (row[10].value, row[11].value) for row in page.iter_rows(min_row=4)}
    assert figures["4-1"] == (7, 1)  # 7 × 0.2, and the rule costs at most 1
    assert figures["6-1"] == (2, 0.4)  # the one that is claimed fixed does not count


@pytest.mark.parametrize("unit", ["区教委", "黄村镇"])
def test_a_template_prints(unit: str, tmp_path: Path) -> None:
    assert converted(workbook(content_of(unit)), tmp_path, "pdf").startswith(b"%PDF")


def test_a_marked_return_opens_and_says_the_same(content: WorkbookContent, tmp_path: Path) -> None:
    data = workbook(content, fill("1-12", status="快好了"))
    found = check(read_workbook(data), content, TODAY)
    saved = converted(annotate(data, found), tmp_path, "xlsx")
    assert check(read_workbook(saved), content, TODAY).errors == found.errors
