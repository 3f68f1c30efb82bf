"""The marked return: the same workbook, its faults coloured, commented and listed."""

import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.checks import check
from daxing_safety.workbooks.content import CheckedWorkbook, WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from tests.workbook_files import TODAY, add_problem, content_of, fill, problem, told, workbook

PROGRESS, FINDINGS, PROBLEMS = Sheet


@pytest.fixture(scope="module")
def water() -> WorkbookContent:
    """区水务局, whose clerk 小王 has not reported anything yet."""
    return content_of("区水务局")


def faulty(content: WorkbookContent) -> bytes:
    first = content.progress[0].work_point_code
    rule = content.findings[0].rule_code
    return workbook(
        content,
        fill(first, status="快好了", remark="=1+1 不是公式"),
        fill(rule, finding="存在问题"),
        add_problem(rule_code=rule, count="=若干", site="亦庄桥"),
    )


def checked(data: bytes, content: WorkbookContent) -> CheckedWorkbook:
    return check(read_workbook(data), content, TODAY)


def marked(content: WorkbookContent) -> Workbook:
    data = faulty(content)
    return load_workbook(io.BytesIO(annotate(data, checked(data, content))))


def test_every_faulty_cell_is_coloured_commented_and_can_be_filled(water: WorkbookContent) -> None:
    book = marked(water)
    for error in checked(faulty(water), water).errors:
        cell = book[error.sheet][error.cell]
        assert cell.fill.fgColor.rgb == "FFF8CBAD"
        assert error.message in cell.comment.text and error.cure in cell.comment.text
        assert not cell.protection.locked
    assert book["工作进展"].protection.sheet


def test_the_first_sheet_lists_the_faults_with_links(water: WorkbookContent) -> None:
    book = marked(water)
    assert book.sheetnames[0] == "错误清单"
    rows = list(book["错误清单"].iter_rows(min_row=4))
    listed = [(row[1].value, row[2].value, row[3].value) for row in rows]
    assert listed == [("工作进展", "G4", "快好了"), ("问题整改", "E4", "=若干")]
    assert [row[2].hyperlink.location for row in rows] == ["'工作进展'!G4", "'问题整改'!E4"]
    assert rows[1][3].data_type == "s"


def test_only_the_list_is_selected(water: WorkbookContent) -> None:
    selected = [page.title for page in marked(water).worksheets if page.sheet_view.tabSelected]
    assert selected == ["错误清单"]


def test_nothing_else_is_touched(water: WorkbookContent) -> None:
    data = faulty(water)
    before = load_workbook(io.BytesIO(data))
    after = marked(water)
    wrong = {(error.sheet, error.cell) for error in checked(data, water).errors}
    for page in before.worksheets:
        same = after[page.title]
        assert (same.sheet_state, same.dimensions) == (page.sheet_state, page.dimensions)
        assert len(same.data_validations.dataValidation) == len(
            page.data_validations.dataValidation
        )
        for row in page.iter_rows():
            for cell in row:
                twin = same[cell.coordinate]
                assert (twin.value, twin.data_type) == (cell.value, cell.data_type)
                if (page.title, cell.coordinate) not in wrong:
                    assert twin.fill.fgColor.rgb == cell.fill.fgColor.rgb


def test_a_marked_workbook_says_the_same_when_it_is_sent_again(water: WorkbookContent) -> None:
    data = faulty(water)
    again = checked(annotate(data, checked(data, water)), water)
    assert again.errors == checked(data, water).errors
    assert again.warnings == checked(data, water).warnings


def test_a_mended_workbook_is_accepted(water: WorkbookContent) -> None:
    book = marked(water)
    book["工作进展"]["G4"] = "推进中"
    book["问题整改"]["E4"] = 2
    out = io.BytesIO()
    book.save(out)
    assert told(checked(out.getvalue(), water).errors) == []


def test_a_second_return_marks_only_what_is_still_wrong(water: WorkbookContent) -> None:
    book = marked(water)
    book["工作进展"]["G4"] = "推进中"
    out = io.BytesIO()
    book.save(out)
    second = annotate(out.getvalue(), checked(out.getvalue(), water))
    again = load_workbook(io.BytesIO(second))
    assert again["工作进展"]["G4"].comment is None
    assert again["工作进展"]["G4"].fill.fill_type is None
    assert again["问题整改"]["E4"].comment is not None
    assert [row[2].value for row in again["错误清单"].iter_rows(min_row=4)] == ["E4"]


def test_a_fault_of_the_whole_sheet_is_listed_without_a_link(water: WorkbookContent) -> None:
    stored = replace(water, problems=(problem("DX-2021-0001", found_on=date(2021, 4, 1)),))
    data = workbook(stored, lambda book: book["问题整改"].delete_rows(4))
    book = load_workbook(io.BytesIO(annotate(data, checked(data, stored))))
    (row,) = book["错误清单"].iter_rows(min_row=4)
    assert "DX-2021-0001" in row[4].value
    assert row[2].hyperlink is None
