"""账号开通表 out and in: every unit without a clerk has its row, every fault its cell."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import Session, col, select

from daxing_safety import passwords
from daxing_safety.actions import accounts
from daxing_safety.errors import BadInput, Conflict, NotAllowed
from daxing_safety.models import AuditEvent, User
from daxing_safety.reports import account_list as reports
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.account_list import (
    HEADERS,
    MOST_ROWS,
    SHEET,
    Checked,
    Known,
    check,
    read_account_list,
)
from daxing_safety.workbooks.account_template import template_bytes

NOW = datetime(2021, 5, 20, 10, 0)
KNOWN = Known({"区水务局": "U05", "区教委": "U14"}, frozenset({"office", "区水务局"}), NOW)
CHEN = ("区教委", "区教委", "小陈", "13800138000", "填报人", None)


def book(*rows: tuple[Any, ...], headers: tuple[str, ...] = HEADERS, sheet: str = SHEET) -> bytes:
    """A filled-in list: the header is row 1, the first account row 2."""
    out, filled = io.BytesIO(), Workbook()
    page = filled.active
    assert page is not None
    page.title = sheet
    for row in (headers, *rows):
        page.append(row)
    filled.save(out)
    return out.getvalue()


def checked(*rows: tuple[Any, ...]) -> Checked:
    return check(read_account_list(book(*rows)), KNOWN)


# ---- out -------------------------------------------------------------------------------------


def test_every_unit_that_nobody_fills_in_for_has_its_row_ready(
    session: Session, admin: User
) -> None:
    missing, every = reports.units(session, viewer=admin)
    assert len(every) == 56
    assert "区水务局" not in missing and "区教委" in missing
    raw = read_account_list(template_bytes(missing, every, NOW))
    found = reports.preview(session, viewer=admin, raw=raw, now=NOW)
    assert not found.faults, "as it is handed out it could be opened"
    assert [line.unit for line in found.lines] == missing
    assert {line.role for line in found.lines} == {Role.UNIT}
    assert all(line.username == line.unit for line in found.lines)


def test_the_list_offers_the_units_and_roles_there_are() -> None:
    page = load_workbook(io.BytesIO(template_bytes(["区教委"], ["区教委", "区水务局"], NOW)))[SHEET]
    choices = [each.formula1 for each in page.data_validations.dataValidation]
    assert choices == ["选项!$A$1:$A$2", "选项!$B$1:$B$6"]
    assert page["B4"].value == "区教委"
    assert page["D4"].number_format == "@", "telephone numbers keep their noughts"


def test_only_the_administrator_gets_it(session: Session, office: User) -> None:
    with pytest.raises(NotAllowed):
        reports.units(session, viewer=office)
    with pytest.raises(NotAllowed):
        reports.preview(session, viewer=office, raw=read_account_list(book(CHEN)), now=NOW)


# ---- in --------------------------------------------------------------------------------------


def test_a_row_says_who_may_come_in() -> None:
    (line,) = checked(CHEN).lines
    assert (line.row, line.username, line.display_name) == (2, "区教委", "小陈")
    assert (line.role, line.unit_code, line.phone) == (Role.UNIT, "U14", "13800138000")
    assert line.valid_until is None


@pytest.mark.parametrize(
    "written", [date(2021, 6, 30), datetime(2021, 6, 30), "2021-06-30", "2021年6月30日", 44377]
)
def test_a_last_day_is_understood_as_people_write_it(written: object) -> None:
    (line,) = checked(("", "expert2", "孙工", "", "专家", written)).lines
    assert line.valid_until == date(2021, 6, 30)


def test_a_telephone_number_that_excel_made_a_number_of_is_a_text_again() -> None:
    (line,) = checked(("区教委", "jiaowei", "", 13800138000, "填报人", None)).lines
    assert line.phone == "13800138000"


def test_blank_rows_and_reordered_columns_do_no_harm() -> None:
    order = ("角色", "用户名", "单位", "姓名（选填）", "电话", "有效期至（选填）")
    data = book(("", "", " "), ("填报人", "区教委", "区教委", "小陈"), headers=order)
    found = check(read_account_list(data), KNOWN)
    assert not found.faults
    assert [(line.row, line.unit_code) for line in found.lines] == [(3, "U14")]


@pytest.mark.parametrize(
    ("row", "cell", "told"),
    [
        (("区教委", "", "小陈", "", "填报人"), "B2", "用户名没有填"),
        (("区教委", "a b", "小陈", "", "填报人"), "B2", "不合要求"),
        (("区教委", "x" * 33, "小陈", "", "填报人"), "B2", "不合要求"),
        (("区教委", "教\u200b委", "小陈", "", "填报人"), "B2", "看不见的字符"),
        (("区教委", "区水务局", "小陈", "", "填报人"), "B2", "已经有人使用"),
        (("区教委", "OFFICE", "小陈", "", "填报人"), "B2", "已经有人使用"),
        (("区教育委", "区教委", "小陈", "", "填报人"), "A2", "不在责任单位之中"),
        (("", "区教委", "小陈", "", "填报人"), "A2", "单位没有填"),
        (("区教委", "li", "李区长", "", "区领导"), "A2", "单位不用填"),
        (("区教委", "区教委", "陈" * 33, "", "填报人"), "C2", "有 33 个字"),
        (("区教委", "区教委", "小\u202e陈", "", "填报人"), "C2", "看不见的字符"),
        (("区教委", "区教委", "小陈", "1" * 33, "填报人"), "D2", "有 33 个字"),
        (("区教委", "区教委", "小陈", "", "管理员"), "E2", "不是角色"),
        (("区教委", "区教委", "小陈", "", ""), "E2", "角色没有填"),
        (("区教委", "区教委", "小陈", "", "填报人", "月底"), "F2", "不是日期"),
        (("区教委", "区教委", "小陈", "", "填报人", "2021-05-19"), "F2", "早于今天"),
    ],
)
def test_every_fault_names_its_cell_and_the_cure(row: tuple, cell: str, told: str) -> None:
    found = checked(row)
    assert found.lines == ()
    (fault,) = found.faults
    assert (fault.sheet, fault.cell) == ("账号", cell)
    assert told in fault.message
    assert fault.cure.endswith("。")


def test_all_faults_are_told_at_once_and_a_name_twice_names_the_first() -> None:
    found = checked(CHEN, ("区水务局", "区教委", "", "", "填报人"), ("", "", "", "", "专家"))
    assert [(fault.cell, fault.message) for fault in found.faults] == [
        ("B3", "用户名“区教委”与第 2 行重复"),
        ("B4", "用户名没有填"),
    ]


def test_a_name_that_is_missing_is_a_reminder_only() -> None:
    found = checked(("区教委", "区教委", "", "", "填报人"))
    assert not found.faults
    assert [(each.cell, each.message) for each in found.warnings] == [
        ("C2", "姓名没有填，将显示为“区教委”")
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "文件是空的"),
        (b"username,role", "不是 Excel 工作簿"),
        (book(CHEN, sheet="Sheet1"), "找不到工作表“账号”（现有：Sheet1）"),
        (book(CHEN, headers=("甲", "乙", "丙", "丁", "戊", "己")), "没有找到表头"),
        (book(CHEN, headers=(*HEADERS[:5], "备注")), "缺少“有效期至”列"),
        (book(CHEN, headers=(*HEADERS, "用户名")), "有两个“用户名”列"),
        (book(), "没有填写任何账号"),
        (book(*[CHEN] * (MOST_ROWS + 1)), "一次最多开通 500 个"),
    ],
)  # fmt: skip
def test_another_file_is_refused_in_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        worker.read_account_list_in_worker(data)


# ---- opened ----------------------------------------------------------------------------------


def store(session: Session, found: Checked, by: User) -> None:
    new = [(reports.account(line), f"hash of {line.username}") for line in found.lines]
    accounts.add_users(session, new=new, by=by, now=NOW)


def test_all_units_get_their_accounts_in_one_go(session: Session, admin: User) -> None:
    missing, every = reports.units(session, viewer=admin)
    raw = read_account_list(template_bytes(missing, every, NOW))
    store(session, reports.preview(session, viewer=admin, raw=raw, now=NOW), admin)
    assert reports.units(session, viewer=admin)[0] == []
    new = session.exec(select(User).where(col(User.username) == "区教委")).one()
    assert new.must_change_password
    assert new.password_hash == "hash of 区教委"
    actions = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))).all()
    assert actions[-1] == "批量开通账号"
    assert actions.count("新增账号") == len(missing) == 54


def test_a_name_that_somebody_took_meanwhile_stops_the_whole_list(
    session: Session, admin: User
) -> None:
    found = checked(("区教委", "jiaowei", "", "", "填报人"), CHEN)
    first, second = found.lines
    with session.begin_nested():
        accounts.add_users(session, new=[(reports.account(second), "h")], by=admin, now=NOW)
    with pytest.raises(Conflict, match="已经有人使用"), session.begin_nested():
        store(session, found, admin)
    assert not session.exec(select(User).where(User.username == first.username)).all()


def test_an_issued_password_fits_its_hash_and_stands_in_no_record(
    session: Session, admin: User
) -> None:
    issued = passwords.issue()
    (line,) = checked(CHEN).lines
    new = [(reports.account(line), issued.hash)]
    accounts.add_users(session, new=new, by=admin, now=NOW)
    stored = session.exec(select(User.password_hash).where(User.username == "区教委")).one()
    assert passwords.matches(issued.password, stored)
    events = session.exec(select(AuditEvent)).all()
    assert all(issued.password not in event.model_dump_json() for event in events)


def test_a_slip_names_the_unit_or_for_who_has_none_the_role(session: Session, admin: User) -> None:
    found = reports.holders(session, viewer=admin, usernames=["区水务局", "leader"])
    assert {(each.whose, each.display_name) for each in found} == {
        ("区水务局", "小王"),
        ("区领导", "李区长"),
    }
