"""Exports of the 12345 hotline: any encoding, any headers, understood once, stored whole."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from filling import NOW
from openpyxl import Workbook
from sqlmodel import Session, col, select

from daxing_safety.actions import hotline_import, public_reports
from daxing_safety.errors import BadInput, NotAllowed
from daxing_safety.models import AuditEvent, PublicReport, Unit, User
from daxing_safety.reports import hotline_import as reports
from daxing_safety.vocabulary import Complexity, Discovery, ReportStatus
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.hotline import Export, Field, guess, read_export
from daxing_safety.workbooks.hotline_rows import Interpreted, Line, Towns, interpret, moment_in

HEADERS = (
    "序号",
    "工单编号",
    "受理时间",
    "诉求内容",
    "来电人",
    "联系电话",
    "问题地址",
    "属地街镇",
    "问题分类",
    "办理时限",
)
HYDRANT: dict[str, Any] = {
    "序号": "1",
    "工单编号": "DX2105180001",
    "受理时间": "2021-05-18 08:30:00",
    "诉求内容": "消火栓无水",
    "来电人": "张三",
    "联系电话": "13800138000",
    "问题地址": "黄村镇西大街12号",
    "属地街镇": "",
    "问题分类": "公共设施",
    "办理时限": "2021-05-21 18:00",
}
TOWNS = Towns({"U32": ["黄村镇"], "U33": ["西红门镇"], "U46": ["兴丰街道"]})


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return HYDRANT | {"工单编号": f"DX210518{number:04d}"} | changes


def as_csv(*rows: dict[str, Any], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADERS)
    writer.writerows([each[header] for header in HEADERS] for each in rows)
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: dict[str, Any], above: Sequence[str] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "工单列表"
    for line in above:
        sheet.append([line])
    sheet.append(HEADERS)
    for each in rows:
        sheet.append([each[header] for header in HEADERS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def understood(data: bytes, now: datetime = NOW) -> Interpreted:
    export = read_export(data)
    return interpret(export, guess(export.headers), TOWNS, now=now)


def only_line(**changes: Any) -> Line:
    (line,) = understood(as_csv(row(**changes))).lines
    return line


def only_fault(**changes: Any) -> tuple[str, str, str]:
    (fault,) = understood(as_csv(row(**changes))).faults
    return fault.cell, fault.message, fault.cure


# ---- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_however_it_was_saved(encoding: str, delimiter: str) -> None:
    data = as_csv(row(诉求内容="井盖破损，\n请维修"), encoding=encoding, delimiter=delimiter)
    (line,) = understood(data).lines
    assert line.content == "井盖破损，\n请维修"
    assert line.row == 2


def test_a_workbook_is_read_below_its_title_with_real_dates() -> None:
    received, due = datetime(2021, 5, 18, 8, 30), date(2021, 5, 21)
    data = as_xlsx(row(受理时间=received, 办理时限=due), above=["12345工单导出", "2021年5月"])
    (line,) = understood(data).lines
    assert (line.row, line.received_at) == (4, received)
    assert line.due_at == datetime(2021, 5, 21, 23, 59)  # the day itself is still in time


def test_the_sheet_that_looks_like_an_export_is_the_one_that_is_read() -> None:
    book = Workbook()
    book.active.append(["说明", "本表由系统导出"])
    sheet = book.create_sheet("工单")
    sheet.append(HEADERS)
    sheet.append([HYDRANT[header] for header in HEADERS])
    out = io.BytesIO()
    book.save(out)
    assert read_export(out.getvalue()).sheet == "工单"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"\xff\xfe\x00\x01\x00", "不是 csv 或 xlsx"),
        ("只有一列\n内容".encode(), "没有找到表头"),
        (as_csv(), "表头下面没有内容"),
        (b"PK\x03\x04 nothing", "不完整"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "旧格式"),
        (b"a,b\n" * 20_001, "太大"),
        (b"," * 300, "太大"),
        (b"a,b\n" + b'"' + b"x" * 200_000, "格式读不懂"),
    ],
)
def test_what_is_no_export_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_export(data)


def test_it_is_read_in_the_worker_and_refused_there() -> None:
    data = as_csv(row())
    assert worker.read_hotline_in_worker(data) == read_export(data)
    with pytest.raises(BadInput, match="没有找到表头"):
        worker.read_hotline_in_worker("只有一列\n内容".encode())


# ---- which column is which -------------------------------------------------------------------


def test_columns_are_guessed_and_those_of_the_caller_never() -> None:
    assert guess(HEADERS) == {
        Field.SOURCE_NUMBER: "工单编号",
        Field.RECEIVED_AT: "受理时间",
        Field.CONTENT: "诉求内容",
        Field.SITE: "问题地址",
        Field.TOWN: "属地街镇",
        Field.CATEGORY: "问题分类",
        Field.DUE_AT: "办理时限",
    }
    assert guess(["来电人地址", "诉求人详细地址", "联系人电话号码"]) == {}


@pytest.mark.parametrize("header", ["*受理时间", "受理时间（必填）", " 受理 时间 ", "市民受理时间"])
def test_a_header_is_known_however_it_is_decorated(header: str) -> None:
    assert guess([header])[Field.RECEIVED_AT] == header


def test_without_the_columns_it_needs_nothing_is_understood() -> None:
    export = read_export("编号,备注\n1,x".encode())
    with pytest.raises(BadInput, match="请先选定受理时间、诉求内容是哪一列"):
        interpret(export, guess(export.headers), TOWNS, now=NOW)


# ---- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2021-05-18 08:30",
        "2021/5/18 8:30:45",
        "2021.5.18 8:30",
        "2021年5月18日8时30分",
        "2021年5月18日 08：30：00",
        "２０２１－０５－１８ ０８：３０",
        "2021-05-18T08:30:00.000",
        "20210518083000",
        "20210518 0830",
        "5月18日8时30分",
        44334.354166667,
        datetime(2021, 5, 18, 8, 30, 12),
    ],
)
def test_a_moment_is_understood_in_any_plain_writing(written: Any) -> None:
    assert moment_in(written, NOW, ends_day=False) == datetime(2021, 5, 18, 8, 30)


@pytest.mark.parametrize("written", ["2021-05-18", "2021年5月18日", "20210518", 44334.0])
def test_a_day_begins_at_midnight_and_as_a_deadline_lasts_until_it_ends(written: Any) -> None:
    assert moment_in(written, NOW, ends_day=False) == datetime(2021, 5, 18, 0, 0)
    assert moment_in(written, NOW, ends_day=True) == datetime(2021, 5, 18, 23, 59)


@pytest.mark.parametrize("written", ["昨天", "2021-04-31", "2021-05-18 25:00", "18/5/2021", 12.0])
def test_what_is_no_moment_is_none(written: Any) -> None:
    assert moment_in(written, NOW, ends_day=False) is None


# ---- towns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "site", "code", "suggested"),
    [
        ("黄村镇", "", "U32", ()),
        ("黄村", "", "U32", ()),
        ("大兴区黄村镇", "", "U32", ()),
        ("北京市大兴区黄村镇政府", "", "U32", ()),
        ("", "大兴区西红门镇和顺路1号", "U33", ()),
        ("大兴区", "西红门镇和顺路1号", "U33", ()),
        ("兴丰街道", "黄村镇西大街", "U46", ()),  # the column says so
        ("", "黄村西大街", None, ("U32",)),  # a street's name proves nothing
        ("", "黄村镇与西红门镇交界", None, ("U32", "U33")),
        ("黄村镇、兴丰街道", "", None, ("U32", "U46")),
        ("", "某某路", None, ()),
    ],
)
def test_a_town_is_recognised_where_it_is_sure_and_suggested_where_it_is_not(
    written: str, site: str, code: str | None, suggested: tuple[str, ...]
) -> None:
    assert TOWNS.find(written, site) == (code, suggested)


# ---- rows ------------------------------------------------------------------------------------


def test_a_row_is_understood_and_says_nothing_of_who_called() -> None:
    line = only_line(诉求内容="张三13800138000反映消火栓无水")
    assert line == Line(
        row=2,
        source_number="DX2105180001",
        received_at=datetime(2021, 5, 18, 8, 30),
        content="张三〔手机号已隐去〕反映消火栓无水",
        site="黄村镇西大街12号",
        town_code="U32",
        suggested=(),
        category="公共设施",
        due_at=datetime(2021, 5, 21, 18, 0),
        complexity=Complexity.SIMPLE,
        hidden=("手机号",),
    )


@pytest.mark.parametrize(
    "written", ['="2105180001"', "\t2105180001", "'2105180001", "２１０５１８０００１"]
)
def test_a_number_kept_from_excel_by_a_trick_is_read_as_it_is(written: str) -> None:
    assert only_line(工单编号=written).source_number == "2105180001"


@pytest.mark.parametrize(
    ("changes", "cell", "message"),
    [
        ({"工单编号": ""}, "B2", "热线编号是空的"),
        ({"工单编号": "2.10518E+11"}, "B2", "热线编号填的是“2.10518E+11”，被 Excel 改成了近似的数"),
        ({"工单编号": "长" * 51}, "B2", "热线编号超过了50个字"),
        ({"受理时间": ""}, "C2", "受理时间是空的"),
        ({"受理时间": "上周二"}, "C2", "受理时间填的是“上周二”，不是日期"),
        ({"受理时间": "20210520 1001"}, "C2", "受理时间填的是“20210520 1001”，还没有到"),
        ({"诉求内容": ""}, "D2", "诉求内容是空的"),
        ({"诉求内容": "长" * 2001}, "D2", "诉求内容有2001个字，超过了2000个字"),
        ({"问题地址": "长" * 201}, "G2", "地址有201个字，超过了200个字"),
        ({"办理时限": "尽快"}, "J2", "办理期限填的是“尽快”，不是日期"),
        ({"办理时限": "2021-05-17"}, "J2", "办理期限填的是“2021-05-17”，早于受理时间"),
    ],
)  # fmt: skip
def test_every_fault_names_its_cell_and_its_cure(
    changes: dict[str, Any], cell: str, message: str
) -> None:
    where, what, cure = only_fault(**changes)
    assert (where, what) == (cell, message)
    assert cure.endswith("。")


def test_all_faults_come_at_once_and_no_line_with_one() -> None:
    found = understood(as_csv(row(1, 受理时间="?", 诉求内容=""), row(2), row(2)))
    assert [fault.cell for fault in found.faults] == ["C2", "D2", "B4"]
    assert "与第3行重复" in found.faults[-1].message
    assert [line.row for line in found.lines] == [3]


def test_a_long_number_that_excel_has_rounded_is_a_fault() -> None:
    (fault,) = understood(as_xlsx(row(工单编号=20210518000123456))).faults
    assert "近似的数" in fault.message


def test_how_hard_it_is_may_be_a_column() -> None:
    def export(word: str) -> Export:
        head = "工单编号,受理时间,内容,难易程度"
        return read_export(f"{head}\n1,2021-05-18,无水,{word}".encode())

    def found(word: str) -> Interpreted:
        return interpret(export(word), guess(export(word).headers), TOWNS, now=NOW)

    assert found("复杂件").lines[0].complexity is Complexity.COMPLEX
    assert found("").lines[0].complexity is Complexity.SIMPLE
    assert found("特急").faults[0].cell == "D2"


# ---- the mapping, remembered -----------------------------------------------------------------


def test_the_office_corrects_the_columns_once_and_they_are_remembered_for_these_headers(
    session: Session, office: User
) -> None:
    export = read_export(as_csv(row()))
    asked = reports.asked(session, viewer=office, export=export)
    assert (asked.is_remembered, asked.is_complete) == (False, True)
    assert asked.personal == ("来电人", "联系电话")
    assert asked.samples["问题地址"] == "黄村镇西大街12号" and "联系电话" not in asked.samples
    columns = asked.columns | {Field.CATEGORY: "序号"}
    hotline_import.remember_columns(session, headers=export.headers, columns=columns, by=office)
    again = reports.asked(session, viewer=office, export=export)
    assert (again.is_remembered, again.columns) == (True, columns)
    shuffled = reversed(export.headers)
    assert hotline_import.columns_for(session, shuffled) == columns
    assert hotline_import.columns_for(session, export.headers[1:]) == {}


def test_columns_that_cannot_be_are_refused(session: Session, office: User, clerk: User) -> None:
    columns = guess(HEADERS)
    with pytest.raises(BadInput, match="请先选定诉求内容是哪一列"):
        wrong = {field: name for field, name in columns.items() if field is not Field.CONTENT}
        hotline_import.remember_columns(session, headers=HEADERS, columns=wrong, by=office)
    with pytest.raises(BadInput, match="一列选给了两项"):
        twice = columns | {Field.SITE: "诉求内容"}
        hotline_import.remember_columns(session, headers=HEADERS, columns=twice, by=office)
    with pytest.raises(NotAllowed):
        hotline_import.remember_columns(session, headers=HEADERS, columns=columns, by=clerk)


# ---- storing ---------------------------------------------------------------------------------


def previewed(session: Session, data: bytes, viewer: User) -> reports.Preview:
    export = read_export(data)
    columns = guess(export.headers)
    return reports.preview(session, viewer=viewer, export=export, columns=columns, now=NOW)


def take_in(session: Session, data: bytes, by: User) -> list[PublicReport]:
    interpreted = previewed(session, data, by).interpreted
    return hotline_import.take_in(session, interpreted=interpreted, by=by, now=NOW)


def test_a_clean_file_is_stored_whole_and_the_second_time_changes_nothing(
    session: Session, office: User
) -> None:
    data = as_csv(
        row(1), row(2, 办理时限="", 问题地址="和顺路", 诉求内容="来电13800138000，路灯不亮")
    )
    before = previewed(session, data, office)
    assert (len(before.new), len(before.known), len(before.open_towns)) == (2, 0, 1)
    assert before.hidden == {"手机号": 1}
    first, second = take_in(session, data, office)
    huangcun = session.exec(select(Unit).where(col(Unit.name) == "黄村镇")).one()
    assert (first.status, first.discovery) == (ReportStatus.RECEIVED, Discovery.HOTLINE)
    assert (first.town_code, first.due_at) == (huangcun.code, datetime(2021, 5, 21, 18, 0))
    assert (second.town_code, second.due_at) == (None, second.received_at + timedelta(hours=24))
    assert second.content == "来电〔手机号已隐去〕，路灯不亮"

    kept = [report.model_dump() for report in session.exec(select(PublicReport))]
    again = previewed(session, data, office)
    assert (len(again.new), len(again.known)) == (0, 2)
    assert take_in(session, data, office) == []
    assert [report.model_dump() for report in session.exec(select(PublicReport))] == kept
    log = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "导入诉求")).all()
    assert [event.remark for event in log] == ["2 件"]


def test_what_is_known_is_left_as_it_is_and_the_rest_is_taken_in(
    session: Session, office: User, water_bureau: Unit
) -> None:
    (known,) = take_in(session, as_csv(row(1)), office)
    public_reports.dispatch(
        session, report=known, unit=water_bureau, complexity=Complexity.SIMPLE, by=office, now=NOW
    )
    (new,) = take_in(session, as_csv(row(1, 诉求内容="改过的内容"), row(2)), office)
    assert new.source_number == "DX2105180002"
    assert (known.content, known.status) == ("消火栓无水", ReportStatus.DISPATCHED)


def test_with_one_fault_nothing_is_stored(session: Session, office: User) -> None:
    with pytest.raises(BadInput, match="有 1 处要改正，没有导入"):
        take_in(session, as_csv(row(1), row(2, 诉求内容="")), office)
    assert session.exec(select(PublicReport)).all() == []


def test_a_category_falls_under_a_rule_only_where_the_office_says_so(
    session: Session, office: User, clerk: User
) -> None:
    (before,) = take_in(session, as_csv(row(1)), office)
    assert before.rule_code is None
    with pytest.raises(BadInput, match="没有条款 99-9"):
        hotline_import.remember_rule(session, category="公共设施", rule_code="99-9", by=office)
    with pytest.raises(NotAllowed):
        hotline_import.remember_rule(session, category="公共设施", rule_code="4-1", by=clerk)
    hotline_import.remember_rule(session, category="公共设施", rule_code="4-1", by=office)
    (after,) = take_in(session, as_csv(row(2)), office)
    assert after.rule_code == "4-1"
    hotline_import.remember_rule(session, category="公共设施", rule_code=None, by=office)
    assert hotline_import.rules_of_categories(session) == {}


@pytest.mark.parametrize("who", ["clerk", "leader", "admin"])
def test_only_the_office_takes_files_in(
    session: Session, who: str, request: pytest.FixtureRequest
) -> None:
    viewer: User = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        previewed(session, as_csv(row()), viewer)
    interpreted = understood(as_csv(row()))
    with pytest.raises(NotAllowed):
        hotline_import.take_in(session, interpreted=interpreted, by=viewer, now=NOW)
