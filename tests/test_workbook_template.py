"""The workbook as it is sent out: whose rows, what is locked, what its formulas say."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from daxing_safety.vocabulary import Finding, RectificationStatus, Sheet
from daxing_safety.workbooks.columns import COLUMNS
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.figures import standard_of
from daxing_safety.workbooks.template import file_name
from tests.workbook_files import content_of, cover_of, place_of, problem, workbook

PROGRESS, FINDINGS, PROBLEMS = Sheet


def opened(content: WorkbookContent, *, values: bool = False) -> Workbook:
    return load_workbook(io.BytesIO(workbook(content)), data_only=values)


def column(page: Worksheet, sheet: Sheet, key: str) -> list[object]:
    """From the first row of entries down to the last one with a code."""
    place = place_of(sheet, key)
    rows = page.iter_rows(min_row=4, values_only=True)
    return [row[place - 1] for row in rows if row[0]]


@pytest.fixture(scope="module")
def education() -> WorkbookContent:
    return content_of(
        "区教委",
        problem("DX-2021-0001", count=2),
        problem("DX-2021-0002", site="第二小学", count=30),
        problem(
            "DX-2021-0003",
            site="第三小学",
            status=RectificationStatus.CLAIMED_FIXED,
            done_on=date(2021, 5, 1),
            remark="已改",
        ),
    )


def test_its_sheets_stand_in_order_and_the_last_two_are_hidden(education: WorkbookContent) -> None:
    book = opened(education)
    assert book.sheetnames == [
        "填报说明",
        "工作进展",
        "自评打分",
        "问题整改",
        "签字页",
        "_rules",
        "_meta",
    ]
    assert [page.sheet_state for page in book.worksheets[5:]] == ["veryHidden", "veryHidden"]


def test_only_the_sheets_that_are_asked_for_are_there() -> None:
    book = opened(content_of("区教委", sheets=(PROBLEMS,)))
    assert book.sheetnames == ["填报说明", "问题整改", "签字页", "_rules", "_meta"]


@pytest.mark.parametrize(("unit", "points", "rules"), [("区教委", 9, 9), ("黄村镇", 67, 60)])
def test_a_unit_gets_its_own_rows_only(unit: str, points: int, rules: int) -> None:
    content = content_of(unit)
    book = opened(content)
    codes = [row.work_point_code for row in content.progress]
    assert column(book["工作进展"], PROGRESS, "work_point_code") == codes
    assert len(codes) == points
    assert len(column(book["自评打分"], FINDINGS, "rule_code")) == rules + 1  # and the total


def test_headers_mark_what_must_be_filled(education: WorkbookContent) -> None:
    page = opened(education)["问题整改"]
    headers = [cell.value for cell in page[3]]
    assert headers[:6] == ["问题编号", "条款编号*", "点位*", "问题描述*", "处数*", "发现方式"]
    assert len(headers) == len(COLUMNS[PROBLEMS])


def test_what_was_reported_stands_in_its_cells() -> None:
    content = content_of("区教委")
    first = content.progress[0]._replace(percent=Decimal("62.5"), remark="=不是公式")
    page = opened(replace(content, progress=(first, *content.progress[1:])))["工作进展"]
    cells = {key: page.cell(4, place_of(PROGRESS, key)) for key in ("percent", "remark", "due_on")}
    assert cells["percent"].value == 62.5
    assert (cells["remark"].value, cells["remark"].data_type) == ("=不是公式", "s")
    assert cells["due_on"].value.date() == first.due_on


def test_only_what_the_unit_fills_in_is_unlocked(education: WorkbookContent) -> None:
    page = opened(education)["问题整改"]
    assert page.protection.sheet
    unlocked = {
        at: {cell.column_letter for cell in page[at] if not cell.protection.locked} for at in (4, 7)
    }
    assert unlocked[4] == set("HIJKLMN")
    assert unlocked[7] == set("BCDEFGHIJKLMN")
    assert not page.column_dimensions["C"].protection.locked  # below the lined rows


def test_at_least_forty_blank_rows_follow_the_problems(education: WorkbookContent) -> None:
    page = opened(education)["问题整改"]
    assert page.max_row - 3 - len(education.problems) >= 40


def test_lists_and_limits_stand_on_the_cells(education: WorkbookContent) -> None:
    book = opened(education)
    lists = {
        (page.title, str(each.sqref).split(":")[0]): each.formula1
        for page in book.worksheets
        for each in page.data_validations.dataValidation
        if each.type == "list"
    }
    assert lists["工作进展", "G4"] == '"未启动,推进中,已完成,不属本单位职责"'
    assert lists["问题整改", "L4"] == '"未整改,整改中,申请销号"'
    assert lists["问题整改", "B7"] == "_rules!$A$1:$A$9"
    assert [row[0].value for row in book["_rules"]] == [row.rule_code for row in education.findings]


def test_every_cell_to_fill_has_a_hint(education: WorkbookContent) -> None:
    for page in opened(education).worksheets:
        for each in page.data_validations.dataValidation:
            assert each.promptTitle and each.prompt and len(each.prompt) <= 255


def test_figures_are_right_before_anybody_calculates(education: WorkbookContent) -> None:
    page = opened(education, values=True)["自评打分"]
    codes = column(page, FINDINGS, "rule_code")
    counts = dict(zip(codes, column(page, FINDINGS, "open_count"), strict=True))
    lost = dict(zip(codes, column(page, FINDINGS, "deduction"), strict=True))
    assert (counts["18-1"], lost["18-1"]) == (32, 4)  # 32 × 0.2, and the indicator has 4 points
    assert (counts["合计"], lost["合计"]) == (32, 4)
    assert lost["6-1"] == 0


def test_rates_and_yes_or_no_rules_cost_what_was_measured() -> None:
    content = content_of("区城管委")
    findings = tuple(
        row._replace(finding=Finding.HAS_PROBLEM, measured=Decimal(80))
        if row.rule_code == "4-2"
        else row
        for row in content.findings
    )
    page = opened(replace(content, findings=findings), values=True)["自评打分"]
    lost = dict(
        zip(
            column(page, FINDINGS, "rule_code"),
            column(page, FINDINGS, "deduction"),
            strict=True,
        )
    )
    assert lost["4-2"] == 1


def test_an_unverified_figure_says_so(education: WorkbookContent) -> None:
    unverified = next(row for row in education.findings if not row.is_verified)
    assert standard_of(unverified).endswith("（待核对）")
    shown = column(opened(education)["自评打分"], FINDINGS, "standard")
    assert standard_of(unverified) in shown


def test_the_sign_off_page_counts_the_unit_s_own_rows(education: WorkbookContent) -> None:
    page = opened(education, values=True)["签字页"]
    figures = {
        row[place].value: row[place + 1].value
        for row in page.iter_rows(min_row=6)
        for place in (0, 2)
        if row[place].value
    }
    assert (figures["工作要点"], figures["未启动"]) == (9, 9)
    assert (figures["问题（项）"], figures["问题（处）"], figures["申请销号"]) == (3, 34, 1)
    assert figures["自评扣分"] == 4
    assert {"填表人", "审核人", "单位主要负责人\n（签字）", "单位（盖章）", "填报日期"} <= set(
        figures
    )


def test_it_prints_on_a4_with_its_header_on_every_page(education: WorkbookContent) -> None:
    page = opened(education)["工作进展"]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page.print_title_rows == "$3:$3"
    assert page.page_setup.fitToHeight == 0
    assert "&P" in page.oddFooter.center.text
    assert "北京市大兴区教育委员会" in page.oddHeader.left.text
    assert page.freeze_panes == "B4"


def test_the_instructions_say_when_it_is_due(education: WorkbookContent) -> None:
    page = opened(education)["填报说明"]
    texts = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
    assert "2021年5月25日17:00" in texts
    assert any("待核对" in text for text in texts)


def test_the_same_content_gives_the_same_bytes(education: WorkbookContent) -> None:
    assert workbook(education) == workbook(education)


def test_its_name_is_one_any_file_system_takes() -> None:
    cover = replace(cover_of("区教委"), round_name="2021年/第二季度: <初报>")
    assert file_name(cover) == "大兴创安填报表_区教委_2021年-第二季度-初报-.xlsx"
