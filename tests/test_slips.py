"""密码条 on paper: everything a newcomer needs, and nothing that is not theirs."""

import io
from datetime import date, datetime

from docx import Document

from daxing_safety.documents.slips import Slip, Slips, write_slips

WATER = Slip("区水务局", "小王", "区水务局", "ABCD-efgh-2345")


def words(*slips: Slip) -> list[str]:
    """Of every cell of the table."""
    found = Slips(
        slips=slips,
        address="http://chuangan.bjdx.local:8501",
        good_until=date(2021, 5, 27),
        contact="系统管理员赵工（010-12345678）",
        made_at=datetime(2021, 5, 20, 10, 0),
    )
    document = Document(io.BytesIO(write_slips(found)))
    (table,) = document.tables
    return [cell.text for row in table.rows for cell in row.cells]


def test_a_slip_says_where_who_with_what_until_when_and_whom_to_ask() -> None:
    slip, empty = words(WATER)
    for told in (
        "单位：区水务局",
        "姓名：小王",
        "地址：http://chuangan.bjdx.local:8501",
        "用户名：区水务局",
        "初始密码：ABCD-efgh-2345",
        "首次登录须修改密码",
        "2021年5月27日前有效",
        "请联系系统管理员赵工（010-12345678）",
    ):
        assert told in slip
    assert empty == ""


def test_nobodys_password_stands_on_another_slip() -> None:
    slips = [Slip(f"单位{n}", f"人{n}", f"u{n}", f"password-{n}") for n in range(5)]
    cells = words(*slips)
    assert len(cells) == 6
    for number, cell in enumerate(cells[:5]):
        assert [f"password-{n}" in cell for n in range(5)] == [n == number for n in range(5)]


def test_names_are_text_whatever_is_in_them() -> None:
    odd = Slip("</w:t>", "<b>小王</b>", "a&b", "x")
    assert "单位：</w:t>" in words(odd)[0]
    assert "姓名：<b>小王</b>" in words(odd)[0]
