"""How a 问题整改清单 is made: what is locked, offered and printed, also by LibreOffice."""

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from problem_list_files import (
    FIRST_ROW,
    HEADER_ROW,
    NOW,
    PLACE,
    add,
    edited,
    exported,
    fill,
    hand_in,
    row_of,
)
from problem_lives import bring_to, register
from sqlmodel import Session

from daxing_safety.models import Problem, Unit, User
from daxing_safety.reports.problems import export as problem_export
from daxing_safety.reports.problems.filters import Filters, Sort
from daxing_safety.vocabulary import Move, RectificationStatus
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, PROBLEM_LIST
from daxing_safety.workbooks.problem_list.template import file_name, list_bytes
from tests.libreoffice import OFFICE, converted

needs_libreoffice = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
Status = RectificationStatus


@pytest.fixture
def under_way(session: Session, water_bureau: Unit, clerk: User, office: User) -> Problem:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    return problem


@pytest.fixture
def closed(session: Session, water_bureau: Unit, clerk: User, office: User) -> Problem:
    problem = register(session, water_bureau, office, site="亦庄桥")
    bring_to(session, problem, Status.CLOSED, clerk, office)
    return problem


def book_of(session: Session, by: User) -> Workbook:
    return load_workbook(io.BytesIO(exported(session, by)))


def unlocked(book: Workbook, row: int) -> list[str]:
    page = book[PROBLEM_LIST]
    return [key for key, place in PLACE.items() if not page.cell(row, place).protection.locked]


def test_what_each_may_fill_is_open_and_all_else_is_locked(
    session: Session, office: User, clerk: User, under_way: Problem, closed: Problem
) -> None:
    offices, own = book_of(session, office), book_of(session, clerk)
    assert unlocked(offices, row_of(offices, under_way.number)) == [
        *("town", "rule_code", "site", "description", "count", "severity"),
        *("target", "measure", "responsible", "due_on", "extension_reason"),
    ]
    assert unlocked(own, row_of(own, under_way.number)) == [
        *("target", "measure", "responsible", "due_on", "extension_reason"),
        *("status", "done_on", "remark"),
    ]
    assert unlocked(offices, row_of(offices, closed.number)) == []
    assert unlocked(own, row_of(own, closed.number)) == []
    assert {"unit", "found_on"} <= set(unlocked(offices, FIRST_ROW + 2))
    for book in (offices, own):
        assert book[PROBLEM_LIST].protection.sheet
        assert book["_meta"].sheet_state == "veryHidden"


def test_headers_tell_by_colour_and_star_what_is_filled(
    session: Session, office: User, under_way: Problem
) -> None:
    page = book_of(session, office)[PROBLEM_LIST]
    headers = {cell.value: cell.fill.fgColor.rgb for cell in page[HEADER_ROW]}
    assert list(headers) == [column.written_header for column in LIST_COLUMNS]
    assert headers["点位*"] == headers["整改时限"] != headers["问题编号"] == headers["现失分"]


def test_lists_are_offered_and_dates_are_limited(
    session: Session, office: User, clerk: User, under_way: Problem
) -> None:
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in book_of(session, office)[PROBLEM_LIST].data_validations.dataValidation
    }
    assert rules["B"].formula1 == "_rules!$B$1:$B$56"
    assert rules["H"].formula1 == '"一般,较大,重大挂牌"'
    assert (rules["O"].type, rules["G"].type) == ("date", "whole")
    own = book_of(session, clerk)[PROBLEM_LIST].data_validations.dataValidation
    assert '"未整改,整改中,申请销号"' in [rule.formula1 for rule in own]


def test_it_prints_on_a3_with_its_head_on_every_page(
    session: Session, office: User, under_way: Problem
) -> None:
    page = book_of(session, office)[PROBLEM_LIST]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
    # One page wide, as many high as it takes.
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (None, 0)
    assert page.print_title_rows == "$3:$3"
    assert "第 &P 页，共 &N 页" in page.oddFooter.center.text


def test_it_shows_what_a_problem_costs_and_what_closing_it_brings(
    session: Session, office: User, under_way: Problem
) -> None:
    book = book_of(session, office)
    row = row_of(book, under_way.number)
    assert [book[PROBLEM_LIST].cell(row, PLACE[key]).value for key in ("loss", "gain")] == [
        0.2,
        0.2,
    ]


def test_rows_stand_in_the_order_of_the_screen(
    session: Session, office: User, under_way: Problem, closed: Problem
) -> None:
    content = problem_export.content(
        session, viewer=office, filters=Filters(sort=Sort.FOUND), now=NOW
    )
    assert [row.number for row in content.rows] == [closed.number, under_way.number]


def test_the_same_content_gives_the_same_bytes(
    session: Session, office: User, under_way: Problem
) -> None:
    content = problem_export.content(session, viewer=office, filters=Filters(), now=NOW)
    assert list_bytes(content) == list_bytes(content)


def test_its_name_says_whose_and_of_which_day() -> None:
    assert file_name("全区", date(2021, 5, 20)) == "问题整改清单_20210520.xlsx"
    assert file_name("区水务局", date(2021, 5, 20)) == "问题整改清单_区水务局_20210520.xlsx"


@needs_libreoffice
def test_a_list_saved_by_libreoffice_is_unchanged(
    session: Session, office: User, clerk: User, under_way: Problem, closed: Problem, tmp_path: Path
) -> None:
    for by in (office, clerk):
        saved = converted(exported(session, by), tmp_path, "xlsx")
        receipt = hand_in(session, saved, by=by)
        assert not receipt.made
        assert "没有变化" in receipt.checked.warnings[0].message


@needs_libreoffice
def test_what_was_changed_is_read_the_same_after_libreoffice(
    session: Session, office: User, under_way: Problem, tmp_path: Path
) -> None:
    due_on = date(2021, 6, 30)
    data = edited(
        exported(session, office),
        fill(under_way.number, due_on=due_on, extension_reason="=等货", count=3),
        add(site="4-1"),
    )
    receipt = hand_in(session, converted(data, tmp_path, "xlsx"), by=office)
    assert receipt.made == {Move.CORRECT: 1, Move.EXTEND: 1, Move.REGISTER: 1}
    assert (under_way.count, under_way.due_on) == (3, due_on)


@needs_libreoffice
def test_a_list_prints(session: Session, office: User, under_way: Problem, tmp_path: Path) -> None:
    assert converted(exported(session, office), tmp_path, "pdf").startswith(b"%PDF")
