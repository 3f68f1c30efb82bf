"""What is accepted, what is refused and what is said of it; each case named after the matter."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from daxing_safety.errors import BadInput
from daxing_safety.vocabulary import (
    Discovery,
    Finding,
    ProgressStatus,
    RectificationStatus,
    RuleKind,
    Sheet,
)
from daxing_safety.workbooks.checks import check, identify
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from tests.workbook_files import (
    FIRST_ROW,
    HEADER_ROW,
    TODAY,
    Edit,
    Formula,
    add_problem,
    check_after,
    content_of,
    fill,
    on_sheet,
    place_of,
    problem,
    told,
    with_problem_sheet,
    workbook,
)

PROGRESS, FINDINGS, PROBLEMS = Sheet
STORED = problem("DX-2021-0001")


@pytest.fixture(scope="module")
def education() -> WorkbookContent:
    """区教委: nine work points, nine rules found here and there, one open problem under 18-1."""
    content = content_of("区教委", STORED)
    return replace(
        content,
        findings=tuple(
            row._replace(finding=Finding.HAS_PROBLEM) if row.rule_code == "18-1" else row
            for row in content.findings
        ),
    )


@pytest.fixture(scope="module")
def water() -> WorkbookContent:
    """A unit that leads an indicator with a rate and a yes/no rule."""
    return content_of("区城管委")


def rename(sheet: Sheet, name: str) -> Edit:
    return on_sheet(sheet, lambda page: setattr(page, "title", name))


def header(sheet: Sheet, key: str, text: str) -> Edit:
    return on_sheet(
        sheet, lambda page: setattr(page.cell(HEADER_ROW, place_of(sheet, key)), "value", text)
    )


def delete_row(sheet: Sheet, row: int) -> Edit:
    return on_sheet(sheet, lambda page: page.delete_rows(row))


def cell(sheet: Sheet, address: str, value: Any) -> Edit:
    return on_sheet(sheet, lambda page: setattr(page[address], "value", value))


def add_chart(book: Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book[FINDINGS.value], min_col=12, min_row=4, max_row=8))
    book.create_chartsheet("图").add_chart(chart)


# ---- accepted ---------------------------------------------------------------------------------


def test_an_untouched_workbook_is_valid_and_said_to_be_unchanged(
    education: WorkbookContent,
) -> None:
    checked = check_after(education)
    assert checked.errors == ()
    assert checked.progress == education.progress
    assert checked.findings == education.findings
    assert checked.problems == education.problems
    assert any("没有变化" in text for text in told(checked.warnings))


def test_a_filled_workbook_is_read_as_its_clerk_meant_it(education: WorkbookContent) -> None:
    checked = check_after(
        education,
        fill("18-04", status="已完成", percent=100, done_on=date(2021, 4, 30), evidence="总结"),
        fill("5-12", status="推进中", percent=62.5, remark="已开会部署\n下月检查"),
        fill("6-1", finding="达标", remark="已查12条道路"),
        fill("DX-2021-0001", status="申请销号", done_on=date(2021, 5, 10), remark="已装好"),
        add_problem(rule_code="18-1", site="第二小学", count=3),
    )
    assert checked.errors == ()
    points = {row.work_point_code: row for row in checked.progress}
    assert points["18-04"].status is ProgressStatus.DONE
    assert points["18-04"].done_on == date(2021, 4, 30)
    assert points["5-12"].percent == Decimal("62.5")
    assert points["5-12"].remark == "已开会部署\n下月检查"
    findings = {row.rule_code: row.finding for row in checked.findings}
    assert findings["6-1"] is Finding.COMPLIANT
    stored, new = checked.problems
    assert stored.status is RectificationStatus.CLAIMED_FIXED
    assert (new.number, new.site, new.count) == ("", "第二小学", 3)
    assert new.discovery is Discovery.SELF_CHECK


SHOULD_PASS: dict[str, tuple[Edit, ...]] = {
    "a rule whose problems are all claimed fixed may stay 存在问题": (
        fill("DX-2021-0001", status="申请销号", done_on=date(2021, 5, 1), remark="已改"),
    ),
    "a rule whose problems are all claimed fixed may be 达标": (
        fill("DX-2021-0001", status="申请销号", done_on=date(2021, 5, 1), remark="已改"),
        fill("18-1", finding="达标"),
    ),
    "a problem put right on the very day it was found": (
        fill("DX-2021-0001", status="申请销号", done_on=date(2021, 4, 12), remark="当天改好"),
    ),
    "a work point done today": (
        fill("5-12", status="已完成", percent=100, done_on=TODAY, evidence="台账"),
    ),
    "a work point that is not the unit's, with its reason": (
        fill("5-12", status="不属本单位职责", remark="应由区民政局承担"),
    ),
    "a discovery that was left open": (add_problem(discovery=None),),
    "a text that looks like a formula": (fill("5-12", remark="=1+1", evidence="+86 材料"),),
    "a text as long as is allowed": (fill("5-12", remark="长" * 1000),),
    "rare characters": (fill("5-12", remark="𠮷野家𡈽地，👨‍👩‍👧校门口"),),
    "an own column added beside ours": (cell(PROGRESS, "L3", "备忘"), cell(PROGRESS, "L4", "自用")),
    "own notes far to the right": (cell(FINDINGS, "Z5", "记得问张工"),),
    "a line of blanks among the problems": (cell(PROBLEMS, "C6", "  　"),),
    "a problem some rows further down": (
        add_problem(),
        on_sheet(PROBLEMS, lambda page: page.insert_rows(5, 30)),
    ),
    "the title taken away": (on_sheet(PROGRESS, lambda page: page.delete_rows(1)),),
    "an own line above the header": (on_sheet(PROBLEMS, lambda page: page.insert_rows(2)),),
    "a column moved to the front": (
        on_sheet(PROBLEMS, lambda page: page.insert_cols(1)),
        cell(PROBLEMS, "A3", "责任科室"),
    ),
    "a hidden column": (
        on_sheet(PROBLEMS, lambda page: setattr(page.column_dimensions["F"], "hidden", True)),
    ),
    "full-width brackets in a header": (header(PROGRESS, "percent", "完成比例（％）＊"),),
    "an own chart on a sheet of its own": (add_chart,),
    "an own sheet behind ours": (lambda book: book.create_sheet("草稿").append(["随手记"]),),
}  # fmt: skip


@pytest.mark.parametrize("edits", SHOULD_PASS.values(), ids=SHOULD_PASS)
def test_should_pass(education: WorkbookContent, edits: tuple[Edit, ...]) -> None:
    assert told(check_after(education, *edits).errors) == []


# ---- understood -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Odd:
    """Something written oddly, what is taken for it and whether that is said."""

    key: str
    written: Any
    read: Any
    is_said: bool = True


NEW_PROBLEM_READINGS = {
    "full-width digits": Odd("count", "２", 2),
    "a count with its measure word": Odd("count", "2处", 2),
    "a count typed as text": Odd("count", "2", 2, is_said=False),
    "a count with a blank": Odd("count", " 2 ", 2),
    "a date with points": Odd("found_on", "2021.4.30", date(2021, 4, 30)),
    "a date in characters": Odd("found_on", "2021年4月30日", date(2021, 4, 30)),
    "a date without signs": Odd("found_on", "20210430", date(2021, 4, 30)),
    "a date without signs, as a number": Odd("found_on", 20210430, date(2021, 4, 30)),
    "a date with strokes": Odd("found_on", "2021/4/30", date(2021, 4, 30)),
    "a date without a year": Odd("found_on", "4月30日", date(2021, 4, 30)),
    "a full-width date": Odd("found_on", "２０２１－０４－３０", date(2021, 4, 30)),
    "a date as text": Odd("found_on", "2021-04-30", date(2021, 4, 30), is_said=False),
    "a date with its time": Odd("found_on", datetime(2021, 4, 30, 14, 5), date(2021, 4, 30)),
    "a word with a blank": Odd("status", "整改 中", RectificationStatus.IN_PROGRESS),
    "a word with a line break": Odd("status", "整改中\n", RectificationStatus.IN_PROGRESS),
    "another word for it": Odd("status", "正在整改", RectificationStatus.IN_PROGRESS),
    "a full-width code": Odd("rule_code", "１８－１", "18-1"),
    "a code with a long dash": Odd("rule_code", "18—1", "18-1"),
    "a zero-width character": Odd("site", "第二\u200b小学", "第二小学"),
    "a control character": Odd("site", "第二_x0001_小学", "第二小学"),
    "a text between blanks": Odd("site", "　第二小学 ", "第二小学", is_said=False),
    "a number where a text is asked": Odd("responsible", 12, "12", is_said=False),
}


@pytest.mark.parametrize("odd", NEW_PROBLEM_READINGS.values(), ids=NEW_PROBLEM_READINGS)
def test_what_can_mean_only_one_thing_is_understood(education: WorkbookContent, odd: Odd) -> None:
    checked = check_after(education, add_problem(**{odd.key: odd.written}))
    assert told(checked.errors) == []
    assert getattr(checked.problems[-1], odd.key) == odd.read
    assert bool(checked.readings) is odd.is_said


def test_a_date_that_lost_its_format_is_understood(education: WorkbookContent) -> None:
    def as_number(page: Worksheet) -> None:
        page["G5"].number_format = "General"

    checked = check_after(education, add_problem(found_on=44316), on_sheet(PROBLEMS, as_number))
    assert told(checked.errors) == []
    assert checked.problems[-1].found_on == date(2021, 4, 30)
    assert [each.found for each in checked.readings] == ["44316"]


PERCENTS = {
    "80%": ("80%", Decimal(80)),
    "a full-width 80％": ("８０％", Decimal(80)),
    "0.8 of the work": (0.8, Decimal(80)),
    "0.8% said so": ("0.8%", Decimal("0.8")),
    "the noise of a computation": (62.500000000000014, Decimal("62.5")),
    "more digits than are kept": (33.333333333, Decimal("33.33")),
}


@pytest.mark.parametrize(("written", "read"), PERCENTS.values(), ids=PERCENTS)
def test_percentages_are_understood(
    education: WorkbookContent, written: object, read: Decimal
) -> None:
    checked = check_after(education, fill("5-12", status="推进中", percent=written))
    assert told(checked.errors) == []
    assert checked.progress[0].percent == read


def test_a_cell_shown_in_percent_is_taken_as_it_is_shown(water: WorkbookContent) -> None:
    rate = rate_rule(water)

    def in_percent(book: Workbook) -> None:
        fill(rate, finding="存在问题", measured=0.008)(book)
        for row in book[FINDINGS.value].iter_rows():
            if row[0].value == rate:
                row[place_of(FINDINGS, "measured") - 1].number_format = "0.0%"

    checked = check_after(water, in_percent)
    measured = {row.rule_code: row.measured for row in checked.findings}
    assert measured[rate] == Decimal("0.8")
    assert [each.found for each in checked.readings] == ["0.8%"]


def test_the_whole_of_done_work_need_not_be_written(education: WorkbookContent) -> None:
    done = {"status": "已完成", "done_on": TODAY, "evidence": "总结"}
    checked = check_after(education, fill("5-12", **done), fill("18-03", percent=1, **done))
    assert told(checked.errors) == []
    assert [row.percent for row in checked.progress[:2]] == [Decimal(100), Decimal(100)]
    assert [each.message for each in checked.readings] == ["完成比例(%)已识别为“100%”"] * 2


def test_the_epoch_of_1904_gives_the_same_days(education: WorkbookContent) -> None:
    def in_1904(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    checked = check_after(education, in_1904)
    assert told(checked.errors) == []
    assert checked.problems == education.problems


def test_a_formula_with_its_result_is_taken_by_the_result(education: WorkbookContent) -> None:
    file = with_problem_sheet(
        workbook(education), r'(<c r="J4")([^>]*)>.*?</c>', r'\1 t="str"><f>"李"</f><v>李工</v></c>'
    )
    checked = check(read_workbook(file), education, TODAY)
    assert told(checked.errors) == []
    assert checked.problems[0].responsible == "李工"
    assert "问题整改!J4 内容由公式得出，按现在的结果“李工”采用" in told(checked.warnings)


def test_a_picture_that_wps_keeps_in_a_cell_is_no_answer(education: WorkbookContent) -> None:
    picture = r'<c r="N4" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'
    file = with_problem_sheet(workbook(education), '<c r="N4"[^>]*/>', picture)
    checked = check(read_workbook(file), education, TODAY)
    assert told(checked.errors) == []
    assert checked.problems[0].remark == ""
    assert "! 文件里的图片不会采用" in told(checked.warnings)


def test_a_new_row_that_tells_of_a_stored_problem_is_that_problem(
    education: WorkbookContent,
) -> None:
    same = {"site": STORED.site, "description": STORED.description}
    before_it_was_stored = replace(education, problems=())
    file = workbook(before_it_was_stored, add_problem(**same, remark="已约谈"))
    checked = check(read_workbook(file), education, TODAY)
    assert told(checked.errors) == []
    assert [row.number for row in checked.problems] == [STORED.number]
    assert checked.problems[0].remark == "已约谈"
    assert [each.message for each in checked.readings] == ["问题编号已识别为“DX-2021-0001”"]


# ---- refused ----------------------------------------------------------------------------------


SHOULD_FAIL: dict[str, tuple[tuple[Edit, ...], str]] = {
    # sheets and headers
    "a sheet renamed": (
        (rename(FINDINGS, "自评"),),
        "自评打分! 找不到工作表“自评打分”（现有：填报说明、工作进展、自评、问题整改、签字页）",
    ),
    "a sheet renamed by a blank": (
        (rename(FINDINGS, "自评打分 "),),
        "自评打分! 找不到工作表“自评打分”（现有：填报说明、工作进展、自评打分 、问题整改、签字页）",
    ),
    "a sheet deleted": (
        (lambda book: book.remove(book[PROBLEMS.value]),),
        "问题整改! 找不到工作表“问题整改”（现有：填报说明、工作进展、自评打分、签字页）",
    ),
    "a sheet hidden for good": (
        (on_sheet(PROGRESS, lambda page: setattr(page, "sheet_state", "veryHidden")),),
        "工作进展! 工作表“工作进展”被隐藏得无法打开",
    ),
    "a header renamed": ((header(PROBLEMS, "due_on", "期限"),), "表头里没有“整改时限”"),
    "a column deleted": (
        (on_sheet(PROGRESS, lambda page: page.delete_cols(8)),),
        "表头里没有“完成比例(%)”",
    ),
    "a header twice": (
        (cell(PROBLEMS, "O3", "点位"),),
        "问题整改!O3 有2列的表头都是“点位”（C3、O3）",
    ),
    "the header row deleted": ((delete_row(PROGRESS, HEADER_ROW),), "工作进展! 找不到表头行"),
    "cells merged over rows": (
        (on_sheet(PROBLEMS, lambda page: page.merge_cells("H4:H5")),),
        "问题整改!H4 单元格H4:H5合并了",
    ),
    # keys
    "a work point's row deleted": ((delete_row(PROGRESS, FIRST_ROW),), "编号为5-12的一行不见了"),
    "a rule's row deleted": ((delete_row(FINDINGS, 6),), "编号为6-3的一行不见了"),
    "a work point's row twice": ((cell(PROGRESS, "A5", "5-12"),), "工作进展!A5 5-12与第4行重复"),
    "a work point of another unit": (
        (cell(PROGRESS, "A13", "1-03"), cell(PROGRESS, "G13", "推进中")),
        "工作进展!A13 没有编号为“1-03”的行，或者它不属于本单位",
    ),
    "a code taken away": ((cell(FINDINGS, "A4", None), fill("6-1")), "自评打分!A4 这一行没有编号"),
    "a problem's row deleted": (
        (delete_row(PROBLEMS, FIRST_ROW),),
        "问题DX-2021-0001（第一小学）的一行不见了",
    ),
    "a problem of another unit": (
        (cell(PROBLEMS, "A4", "DX-2021-0999"),),
        "问题整改!A4 问题编号“DX-2021-0999”不是本单位的问题",
    ),
    "a problem's number made up": (
        (add_problem(number="新1"),),
        "问题整改!A5 问题编号“新1”不是本单位的问题",
    ),
    "a problem's number twice": (
        (add_problem(number="DX-2021-0001"),),
        "问题整改!A5 问题编号DX-2021-0001与第4行重复",
    ),
    "the same new problem twice": (
        (add_problem(), add_problem(count=5)),
        "问题整改!C6 与第5行是同一个问题",
    ),
    "a rule of another unit": (
        (add_problem(rule_code="9-1"),),
        "问题整改!B5 条款编号填的是“9-1”，不在本单位的条款里",
    ),
    "a code that Excel made a date of": (
        (add_problem(rule_code=date(2021, 6, 1)),),
        "问题整改!B5 条款编号填的是“2021-06-01”，是日期或数字，不是编号",
    ),
    "a registered problem moved elsewhere": (
        (fill("DX-2021-0001", site="第三小学"),),
        "问题整改!C4 点位由“第一小学”改成了“第三小学”，已登记的问题不能改",
    ),
    "a registered problem made smaller": (
        (fill("DX-2021-0001", count=1),),
        "问题整改!E4 处数由“2”改成了“1”，已登记的问题不能改",
    ),
    # cells
    "a word nobody knows": (
        (fill("5-12", status="已完结"),),
        "工作进展!G4 进展状态填的是“已完结”，不在可选的内容里",
    ),
    "a status that only the office gives": (
        (fill("DX-2021-0001", status="已销号"),),
        "问题整改!L4 整改状态填的是“已销号”，但销号由创安办核查后办理",
    ),
    "a required cell emptied": ((fill("6-1", finding=None),), "自评打分!G4 自查结论没有填"),
    "a new problem without measures": ((add_problem(measure=None),), "问题整改!I5 整改措施没有填"),
    "a count in characters": (
        (add_problem(count="两处"),),
        "E5 处数填的是“两处”，不是1到9999之间的整数",
    ),
    "no count at all": ((add_problem(count=0),), "E5 处数填的是“0”"),
    "half a place": ((add_problem(count=1.5),), "E5 处数填的是“1.5”"),
    "a negative count": ((add_problem(count=-2),), "E5 处数填的是“-2”"),
    "a count as only computers write it": ((add_problem(count="1e1"),), "E5 处数填的是“1e1”"),
    "a count with an underscore": ((add_problem(count="1_0"),), "E5 处数填的是“1_0”"),
    "Arabic-Indic digits": ((add_problem(count="٩"),), "E5 处数填的是“٩”"),
    "nan": ((add_problem(count="nan"),), "E5 处数填的是“nan”"),
    "TRUE": ((add_problem(count=True),), "E5 处数填的是“TRUE”"),
    "a range": ((add_problem(count="9-10"),), "E5 处数填的是“9-10”"),
    "a day that does not exist": ((add_problem(found_on="2021-02-30"),), "没有这一天"),
    "a month": ((add_problem(due_on="2021年6月"),), "K5 整改时限填的是“2021年6月”，不是日期"),
    "the end of the month": (
        (add_problem(due_on="月底前"),),
        "K5 整改时限填的是“月底前”，不是日期",
    ),
    "two digits for a year": ((add_problem(due_on="05/06/21"),), "K5 整改时限填的是“05/06/21”"),
    "a number that is no date": ((add_problem(due_on=60),), "K5 整改时限是1900-02-28，不在创建"),
    "a percentage above the whole": (
        (fill("5-12", status="推进中", percent=120),),
        "工作进展!H4 完成比例(%)填的是“120”，超过了100",
    ),
    "a percentage in characters": (
        (fill("5-12", status="推进中", percent="八成"),),
        "工作进展!H4 完成比例(%)填的是“八成”，不是0到100之间的数字",
    ),
    "a text too long": ((add_problem(site="长" * 101),), "C5 点位有101个字，超过了100个字"),
    "a formula without a result": (
        (add_problem(responsible=Formula("=A1&B1")),),
        "问题整改!J5 责任人里的公式没有算出结果",
    ),
    "an error value": ((add_problem(site="#N/A"),), "问题整改!C5 点位里的公式没有算出结果（#N/A）"),
    # agreement
    "done without a date": (
        (fill("5-12", status="已完成", percent=100),),
        "工作进展!I4 “已完成”的没有填完成日期",
    ),
    "done by four fifths": (
        (fill("5-12", status="已完成", percent=80, done_on=TODAY),),
        "工作进展!H4 “已完成”的完成比例是80",
    ),
    "not started and yet half done": (
        (fill("5-12", percent=50),),
        "工作进展!H4 “未启动”的完成比例是50",
    ),
    "in progress with a day of completion": (
        (fill("5-12", status="推进中", done_on=TODAY),),
        "工作进展!I4 “推进中”的填了完成日期",
    ),
    "not the unit's, without a reason": (
        (fill("5-12", status="不属本单位职责"),),
        "工作进展!J4 “不属本单位职责”的没有写理由",
    ),
    "done tomorrow": (
        (fill("5-12", status="已完成", percent=100, done_on=date(2021, 5, 21)),),
        "工作进展!I4 完成日期是2021-05-21，晚于今天（2021-05-20）",
    ),
    "done before the programme began": (
        (fill("5-12", status="已完成", percent=100, done_on=date(2019, 5, 21)),),
        "工作进展!I4 完成日期是2019-05-21，不在创建工作期间（2020-03-01至2021-12-31）",
    ),
    "due after the programme's end": (
        (add_problem(due_on=date(2022, 6, 30)),),
        "问题整改!K5 整改时限是2022-06-30，不在创建工作期间",
    ),
    "due before it was found": (
        (add_problem(due_on=date(2021, 4, 1)),),
        "问题整改!K5 整改时限2021-04-01早于发现日期2021-04-12",
    ),
    "claimed fixed without a date": (
        (fill("DX-2021-0001", status="申请销号", remark="已改"),),
        "问题整改!M4 “申请销号”的没有填完成日期",
    ),
    "claimed fixed without a word": (
        (fill("DX-2021-0001", status="申请销号", done_on=TODAY),),
        "问题整改!N4 “申请销号”的没有写整改说明",
    ),
    "a deadline put off without a word": (
        (fill("DX-2021-0001", due_on=date(2021, 9, 30)),),
        "问题整改!N4 整改时限由2021-06-30推迟到2021-09-30，没有写原因",
    ),
    "being put right with a day of completion": (
        (fill("DX-2021-0001", done_on=TODAY),),
        "问题整改!M4 “整改中”的填了完成日期",
    ),
    "存在问题 without a problem": (
        (fill("6-1", finding="存在问题"),),
        "自评打分!G4 自查结论是“存在问题”，但《问题整改》中没有这一条的问题",
    ),
    "达标 with a problem not yet fixed": (
        (fill("18-1", finding="达标"),),
        "自评打分!G7 自查结论是“达标”，但《问题整改》第4行还有没改完的问题",
    ),
    "a new problem under a rule not yet looked at": (
        (add_problem(rule_code="6-2"),),
        "自评打分!G5 自查结论是“未自查”，但《问题整改》第5行还有没改完的问题",
    ),
    "a rate where none is asked": (
        (fill("6-1", finding="达标", measured=90),),
        "自评打分!H4 这一条不按比率扣分，不用填实测值",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "expected"), SHOULD_FAIL.values(), ids=SHOULD_FAIL)
def test_should_fail(education: WorkbookContent, edits: tuple[Edit, ...], expected: str) -> None:
    errors = check_after(education, *edits).errors
    assert any(expected in text for text in told(errors)), told(errors)
    assert all(each.cure.endswith("。") and each.message for each in errors)


def test_all_faults_are_told_at_once_and_no_cell_twice(education: WorkbookContent) -> None:
    checked = check_after(
        education,
        fill("5-12", status="完了"),
        fill("18-03", percent="很多"),
        add_problem(count="若干", due_on="尽快", measure=None),
    )
    cells = [(each.sheet, each.cell) for each in checked.errors]
    assert cells == [
        ("工作进展", "G4"),
        ("工作进展", "H5"),
        ("问题整改", "E5"),
        ("问题整改", "I5"),
        ("问题整改", "K5"),
    ]


def test_a_misspelt_word_gets_the_nearest_as_suggestion(education: WorkbookContent) -> None:
    (error,) = check_after(education, fill("5-12", status="推迟中")).errors
    assert error.cure.startswith("是不是“推进中”？")


# ---- rates ------------------------------------------------------------------------------------


def rate_rule(content: WorkbookContent) -> str:
    return next(row.rule_code for row in content.findings if row.kind is RuleKind.RATE)


RATES: dict[str, tuple[dict[str, Any], str]] = {
    "a rate that loses and 达标": (
        {"finding": "达标", "measured": 80},
        "实测值是80%，按扣分标准应为“存在问题”，自查结论却是“达标”",
    ),
    "a rate that keeps and 存在问题": (
        {"finding": "存在问题", "measured": 80.01},
        "实测值是80.01%，按扣分标准应为“达标”，自查结论却是“存在问题”",
    ),
    "no rate": ({"finding": "达标"}, "这一条按比率扣分，没有填实测值"),
    "a rate that may be meant in hundredths": (
        {"finding": "存在问题", "measured": 0.8},
        "看不出是80%还是0.8%",
    ),
    "a rate of one": ({"finding": "达标", "measured": 1}, "看不出是100%还是1%"),
}


@pytest.mark.parametrize(("cells", "expected"), RATES.values(), ids=RATES)
def test_a_rate_that_does_not_agree_is_refused(
    water: WorkbookContent, cells: dict[str, Any], expected: str
) -> None:
    errors = check_after(water, fill("4-2", **cells)).errors
    assert any(expected in text for text in told(errors)), told(errors)


def test_a_rate_above_its_threshold_is_compliant(water: WorkbookContent) -> None:
    checked = check_after(water, fill("4-2", finding="达标", measured=80.01))
    assert told(checked.errors) == []


def test_a_lost_rate_without_measures_is_a_warning(water: WorkbookContent) -> None:
    checked = check_after(water, fill("4-2", finding="存在问题", measured=60))
    assert told(checked.errors) == []
    assert any("失分无整改" in text for text in told(checked.warnings))


# ---- since the workbook was made --------------------------------------------------------------


def test_what_the_unit_did_not_touch_is_never_a_fault(education: WorkbookContent) -> None:
    found_by_others = problem(
        "DX-2021-0002",
        rule_code="6-1",
        discovery=Discovery.EXPERT,
        target="",
        measure="",
        responsible="",
        due_on=None,
    )
    content = replace(education, problems=(STORED, found_by_others))
    checked = check_after(content)
    assert told(checked.errors) == []
    assert checked.problems == content.problems
    assert "问题整改!H5 整改目标还没有填" in told(checked.warnings)
    assert any("自查结论是“未自查”，但" in text for text in told(checked.warnings))


def test_a_touched_row_must_be_complete(education: WorkbookContent) -> None:
    content = replace(education, problems=(STORED._replace(measure=""),))
    errors = check_after(content, fill(STORED.number, remark="已约谈")).errors
    assert told(errors) == ["问题整改!I4 整改措施没有填"]


def test_a_problem_closed_since_is_passed_over(education: WorkbookContent) -> None:
    file = workbook(education)
    closed = replace(education, problems=(), closed_numbers=frozenset({STORED.number}))
    checked = check(read_workbook(file), closed, TODAY)
    assert checked.problems == ()
    assert "问题整改!A4 DX-2021-0001已经销号或撤销，这一行不采用" in told(checked.warnings)


def test_a_problem_registered_since_is_left_as_it_is(education: WorkbookContent) -> None:
    file = workbook(education)
    later = replace(education, problems=(STORED, problem("DX-2021-0002", site="第五中学")))
    checked = check(read_workbook(file), later, TODAY)
    assert told(checked.errors) == []
    assert checked.problems == (STORED,)
    assert any("登记了新问题DX-2021-0002" in text for text in told(checked.warnings))


def test_a_duty_that_came_or_went_since_is_said(education: WorkbookContent) -> None:
    file = workbook(education)
    first, *others = education.progress
    moved = replace(education, progress=(first._replace(work_point_code="9-99"), *others))
    checked = check(read_workbook(file), moved, TODAY)
    assert told(checked.errors) == []
    assert len(checked.progress) == len(others)
    assert any("新增了编号为9-99的一行" in text for text in told(checked.warnings))
    assert any("5-12已不由本单位填报" in text for text in told(checked.warnings))


# ---- whose is it ------------------------------------------------------------------------------


def test_another_units_workbook_is_refused(education: WorkbookContent) -> None:
    raw = read_workbook(workbook(content_of("黄村镇")))
    (error,) = check(raw, education, TODAY).errors
    assert error.message == "这份填报表属于“黄村镇”，不是“区教委”的"


def test_another_rounds_workbook_is_refused(education: WorkbookContent) -> None:
    raw = read_workbook(workbook(education))
    next_round = replace(education.cover, round_id=3, round_name="2021年第三季度")
    (error,) = check(raw, replace(education, cover=next_round), TODAY).errors
    assert "“2021年第二季度”的，现在要报的是“2021年第三季度”" in error.message


def test_a_workbook_made_by_older_criteria_is_refused(education: WorkbookContent) -> None:
    raw = read_workbook(workbook(education))
    revised = replace(education.cover, criteria_revision=2)
    (error,) = check(raw, replace(education, cover=revised), TODAY).errors
    assert "评价细则" in error.message


def test_a_workbook_that_is_not_ours_is_refused() -> None:
    raw = read_workbook(_any_workbook())
    with pytest.raises(BadInput, match="这不是从本系统下载的填报表"):
        identify(raw)


def _any_workbook() -> bytes:
    import io

    book, out = Workbook(), io.BytesIO()
    book.active.append(["姓名", "电话"])
    book.save(out)
    return out.getvalue()


META_EDITS = {
    "an altered unit": ("unit_code", "U01"),
    "an altered round": ("round_id", "99"),
    "no checksum": ("checksum", ""),
}


@pytest.mark.parametrize(("key", "value"), META_EDITS.values(), ids=META_EDITS)
def test_an_altered_identity_is_refused(education: WorkbookContent, key: str, value: str) -> None:
    def alter(book: Workbook) -> None:
        page: Worksheet = book["_meta"]
        for row in page.iter_rows(max_col=2):
            if row[0].value == key:
                row[1].value = value

    raw = read_workbook(workbook(education, alter))
    with pytest.raises(BadInput, match="识别信息被改动过"):
        identify(raw)


def test_an_older_layout_is_refused(education: WorkbookContent) -> None:
    raw = read_workbook(workbook(education, lambda book: book["_meta"].__setitem__("B1", "0")))
    with pytest.raises(BadInput, match="版式已经更新"):
        identify(raw)


# ---- only some sheets are asked for -------------------------------------------------------------


def test_a_round_may_ask_for_one_sheet_only() -> None:
    content = content_of("区教委", STORED, sheets=(PROBLEMS,))
    checked = check_after(content, add_problem())
    assert told(checked.errors) == []
    assert (checked.progress, checked.findings) == ((), ())
    assert len(checked.problems) == 2


# ---- warnings -----------------------------------------------------------------------------------


WARNINGS: dict[str, tuple[tuple[Edit, ...], str]] = {
    "done without evidence": (
        (fill("5-12", status="已完成", percent=100, done_on=TODAY),),
        "工作进展!K4 “已完成”的没有写佐证材料名称",
    ),
    "in progress and all done": (
        (fill("5-12", status="推进中", percent=100),),
        "工作进展!H4 “推进中”的完成比例是100",
    ),
    "work points past their day": (
        (),
        "工作进展! 3项工作要点已过完成时限还没有完成：5-12、19-01、19-02",
    ),
    "a deadline put off": (
        (fill("DX-2021-0001", due_on=date(2021, 9, 30), remark="等配件到货"),),
        "问题整改!K4 整改时限由2021-06-30推迟到2021-09-30",
    ),
    "a deadline passed": (
        (add_problem(due_on=date(2021, 5, 1)),),
        "问题整改!K5 已过整改时限2021-05-01，还没有改完",
    ),
    "a hidden sheet": (
        (on_sheet(PROGRESS, lambda page: setattr(page, "sheet_state", "hidden")),),
        "工作进展! 工作表被隐藏",
    ),
    "a hidden row": (
        (on_sheet(PROGRESS, lambda page: setattr(page.row_dimensions[5], "hidden", True)),),
        "工作进展! 有隐藏的行",
    ),
    "an own sheet": ((lambda book: book.create_sheet("草稿").append([1]),), "草稿! 多出的工作表"),
    "an identity card's number": (
        (fill("5-12", remark="联系人11010119900307123X"),),
        "工作进展!J4 进展说明里像是有身份证号",
    ),
}


@pytest.mark.parametrize(("edits", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_a_warning_stops_nobody(
    education: WorkbookContent, edits: tuple[Edit, ...], expected: str
) -> None:
    checked = check_after(education, *edits)
    assert told(checked.errors) == []
    assert any(expected in text for text in told(checked.warnings)), told(checked.warnings)


def test_work_once_reported_as_done_is_asked_about(education: WorkbookContent) -> None:
    first, *others = education.progress
    done = first._replace(status=ProgressStatus.DONE, percent=Decimal(100), done_on=TODAY)
    content = replace(education, progress=(done, *others))
    checked = check_after(content, fill("5-12", status="推进中", percent=90, done_on=None))
    assert any("上次报的是“已完成”" in text for text in told(checked.warnings))
