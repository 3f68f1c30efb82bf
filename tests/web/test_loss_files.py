"""The files of 失分与提分: exact figures in Excel, each viewer's own."""

import io
from typing import Any

import openpyxl
import pytest
from ledger_lines import found, unit
from sqlmodel import col, select

from daxing_safety.database import reading, transaction
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import User
from daxing_safety.web import losses
from daxing_safety.web.handouts import Download


@pytest.fixture(autouse=True)
def lost_points(data_dir: object) -> None:
    """区水务局 loses 0.4 points under 4-1, 区交通支队 0.2 under 6-1."""
    with transaction() as session:
        office = session.exec(select(User).where(col(User.username) == "office")).one()
        problem = found(session, unit(session, "区水务局"), office, count=2)
        problem.site = "=1+1"
        found(session, unit(session, "区交通支队"), office, rule_code="6-1")


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


def rows(file: Download) -> list[tuple[Any, ...]]:
    assert isinstance(file.content, bytes)
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_ledger_adds_up_in_excel() -> None:
    file = losses.ledger(user("leader"), "CONFIRMED")
    assert file.name == "失分台账_全区_核定_20210520.xlsx"
    *pairs, total = rows(file)[3:]
    assert [(row[3], row[4], row[5]) for row in pairs] == [
        ("区水务局", 2, 0.4),
        ("区交通支队", 1, 0.2),
    ]
    assert total[5] == 0.6


def test_a_clerk_s_ledger_holds_the_own_losses() -> None:
    *pairs, _ = rows(losses.ledger(user("区水务局"), "CONFIRMED"))[3:]
    assert [row[3] for row in pairs] == ["区水务局"]


def test_a_bill_is_printed_with_a_line_to_sign() -> None:
    file = losses.bill(user("区水务局"), "U05")
    assert file.name == "丢分账单_区水务局_20210520.xlsx"
    written = rows(file)
    assert written[0][0] == "区水务局丢分账单"
    assert written[3][2:8] == ("P00001", "=1+1", "消火栓无水", 2, 0.4, "+0.40")
    assert written[4][6] == 0.4
    assert "签字" in str(written[-1][0])


def test_a_path_is_the_one_on_the_screen() -> None:
    *_, step = rows(losses.path(user("office"), "99.8_FEWEST_30_2_0_2_4"))
    assert (step[3], step[9], step[10]) == ("P00001", 0.4, 99.8)


@pytest.mark.parametrize("assumed", ["", "90", "90_FEWEST_30_2", "x_FEWEST_30_2_0_2_4"])
def test_a_wrong_address_is_no_file(assumed: str) -> None:
    with pytest.raises(NotFound):
        losses.path(user("office"), assumed)
    with pytest.raises(NotFound):
        losses.ledger(user("office"), assumed)


def test_nobody_gets_what_is_not_theirs() -> None:
    with pytest.raises(NotAllowed):
        losses.bill(user("区城管委"), "U05")
    with pytest.raises(NotAllowed):
        losses.path(user("区城管委"), "90_FEWEST_30_2_0_2_4")
    with pytest.raises(NotAllowed):
        losses.ledger(user("admin"), "CONFIRMED")
