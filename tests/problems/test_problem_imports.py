"""问题整改清单 out and in: what each may change in it, what it is refused for, and what follows."""

import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
from filling import hand_in_bytes, written
from openpyxl import load_workbook
from problem_list_files import (
    NOW,
    Edit,
    add,
    check,
    edited,
    exported,
    fill,
    hand_in,
    row_of,
    told,
)
from problem_lives import bring_to, register, show, timeline
from sqlmodel import Session, col, func, select

from daxing_safety import ledger
from daxing_safety.actions import problem_imports, problems, rectifying, requests
from daxing_safety.errors import BadInput, NotAllowed
from daxing_safety.models import AuditEvent, Problem, ProblemRequest, Round, Unit, User
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.vocabulary import Move, RectificationStatus, Severity
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.problem_list.columns import PROBLEM_LIST

Status = RectificationStatus
JUNE = date(2021, 6, 30)
PLAN: dict[str, Any] = {"target": "恢复供水", "measure": "更换阀门", "responsible": "王科长"}


@pytest.fixture
def hydrant(session: Session, water_bureau: Unit, clerk: User, office: User) -> Problem:
    """Assigned to 区水务局, due 3 June by the usual limit."""
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.NOT_STARTED, clerk, office)
    return problem


@pytest.fixture
def elsewhere(session: Session, city_management: Unit, office: User) -> Problem:
    """Of 区城管委, not yet assigned."""
    return register(session, city_management, office, rule_code=None, site="兴华大街")


def test_an_exported_list_is_clean_and_changes_nothing(
    session: Session, office: User, hydrant: Problem, elsewhere: Problem
) -> None:
    data, before = exported(session, office), hydrant.revision
    receipt = hand_in(session, data, by=office)
    assert (receipt.checked.errors, receipt.made) == ((), Counter())
    assert "没有变化" in receipt.checked.warnings[0].message
    assert hydrant.revision == before
    events = select(func.count()).where(col(AuditEvent.action) == problem_imports.IMPORTED)
    assert session.scalar(events) == 0


def test_only_what_the_filters_leave_is_exported(
    session: Session, office: User, hydrant: Problem, elsewhere: Problem
) -> None:
    data = exported(session, office, Filters(unit=(elsewhere.unit_code,)))
    book = load_workbook(io.BytesIO(data))
    assert row_of(book, elsewhere.number)
    assert hydrant.number not in [cell.value for cell in book[PROBLEM_LIST]["A"]]
    assert book[PROBLEM_LIST]["A1"].value == "问题整改清单（区城管委）"


def test_a_clerk_gets_the_own_problems_and_no_others(
    session: Session, clerk: User, hydrant: Problem, elsewhere: Problem
) -> None:
    page = load_workbook(io.BytesIO(exported(session, clerk)))[PROBLEM_LIST]
    numbers = [page.cell(at, 1).value for at in range(4, page.max_row + 1)]
    assert numbers == [hydrant.number]


# ---- what the office may do ----------------------------------------------------------------------


def test_the_office_corrects_in_place_and_the_timeline_says_what(
    session: Session, office: User, hydrant: Problem
) -> None:
    change = fill(hydrant.number, count=3, severity="较大", town="黄村镇", measure="换泵")
    receipt = hand_in(session, edited(exported(session, office), change), by=office)
    assert receipt.made == {Move.CORRECT: 1}
    assert (hydrant.count, hydrant.severity, hydrant.measure) == (3, Severity.MAJOR, "换泵")
    assert session.get_one(Unit, hydrant.town_code).name == "黄村镇"
    assert timeline(session, hydrant)[-1].remark == (
        "属地由“空”改为“黄村镇”；处数由“1”改为“3”；严重程度由“一般”改为“较大”；"
        "整改措施由“空”改为“换泵”"
    )
    assert ledger.differences(session) == []


def test_a_later_deadline_extends_with_its_reason_and_keeps_the_first(
    session: Session, office: User, hydrant: Problem
) -> None:
    first = hydrant.due_on
    change = fill(hydrant.number, due_on=JUNE, extension_reason="等阀门到货")
    receipt = hand_in(session, edited(exported(session, office), change), by=office)
    assert receipt.made == {Move.EXTEND: 1}
    assert (hydrant.due_on, hydrant.first_due_on) == (JUNE, first)
    assert timeline(session, hydrant)[-1].remark == "等阀门到货"


def test_a_deadline_assigns_what_was_not_yet_assigned(
    session: Session, office: User, elsewhere: Problem
) -> None:
    change = fill(elsewhere.number, due_on=JUNE, responsible="李科长")
    receipt = hand_in(session, edited(exported(session, office), change), by=office)
    assert receipt.made == {Move.CORRECT: 1, Move.ASSIGN: 1}
    assert (elsewhere.status, elsewhere.due_on) == (Status.NOT_STARTED, JUNE)
    assert elsewhere.responsible == "李科长"


def test_new_rows_are_registered_and_with_a_deadline_assigned(
    session: Session, office: User, hydrant: Problem
) -> None:
    data = edited(
        exported(session, office),
        add(unit="北京市大兴区水务局", town="黄村镇", found_by="市安委会督查组"),
        add(site="亦庄桥", due_on=JUNE, **PLAN),
    )
    receipt = hand_in(session, data, by=office)
    assert receipt.made == {Move.REGISTER: 2, Move.ASSIGN: 1}
    waiting, assigned = (
        session.exec(select(Problem).where(Problem.number == number)).one()
        for number in receipt.registered
    )
    assert (waiting.status, waiting.found_by) == (Status.UNASSIGNED, "市安委会督查组")
    assert waiting.severity is Severity.GENERAL
    assert (assigned.status, assigned.due_on) == (Status.NOT_STARTED, JUNE)
    assert (assigned.measure, assigned.unit_code) == (PLAN["measure"], hydrant.unit_code)
    assert ledger.differences(session) == []


def test_the_same_list_twice_changes_nothing_and_says_so(
    session: Session, office: User, hydrant: Problem
) -> None:
    change = fill(hydrant.number, due_on=JUNE, extension_reason="等阀门到货", count=2)
    data = edited(exported(session, office), change, add())
    hand_in(session, data, by=office)
    before = hydrant.revision
    again = hand_in(session, data, by=office)
    assert "这份文件已由张工于2021-05-20" in again.checked.warnings[0].message
    assert (again.made, hydrant.revision) == (Counter(), before)


def test_a_list_saved_anew_after_it_was_stored_recognises_what_it_did(
    session: Session, office: User, hydrant: Problem
) -> None:
    change = fill(hydrant.number, due_on=JUNE, extension_reason="等阀门到货", count=2)
    data = edited(exported(session, office), change, add())
    number = hand_in(session, data, by=office).registered[0]
    again = hand_in(session, edited(data, fill(hydrant.number, loss=9)), by=office)
    assert again.made == Counter()
    assert [reading.message for reading in again.checked.readings] == [
        f"问题编号已识别为“{number}”"
    ]


def test_many_rows_refresh_the_sums_once(
    session: Session, office: User, water_bureau: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [register(session, water_bureau, office, site=f"{at}号院") for at in range(20)]
    changes = [fill(problem.number, due_on=JUNE, count=2) for problem in found]
    data = edited(exported(session, office), *changes)
    refreshed: list[set[str]] = []
    refresh = ledger.refresh

    def counted(session: Session, units: set[str]) -> None:
        refreshed.append(units)
        refresh(session, units)

    monkeypatch.setattr(ledger, "refresh", counted)
    receipt = hand_in(session, data, by=office)
    assert receipt.made == {Move.CORRECT: 20, Move.ASSIGN: 20}
    assert refreshed == [{water_bureau.code}]
    assert ledger.differences(session) == []


# ---- what a unit may do --------------------------------------------------------------------------


def test_a_unit_plans_starts_and_asks_for_more_time(
    session: Session, clerk: User, hydrant: Problem
) -> None:
    due_on = hydrant.due_on
    said = PLAN | {"status": "整改中", "due_on": JUNE, "extension_reason": "等阀门到货"}
    data = edited(exported(session, clerk), fill(hydrant.number, **said))
    receipt = hand_in(session, data, by=clerk)
    assert receipt.made == {Move.PLAN: 1, Move.ASK: 1, Move.START: 1}
    assert (hydrant.status, hydrant.due_on) == (Status.IN_PROGRESS, due_on)
    assert hydrant.measure == PLAN["measure"]
    request = session.exec(select(ProblemRequest)).one()
    assert (request.due_on, request.reason) == (JUNE, "等阀门到货")
    saved_anew = edited(data, fill(hydrant.number, loss=9))
    assert hand_in(session, saved_anew, by=clerk).made == Counter()


def test_a_unit_tells_how_far_it_has_come(session: Session, clerk: User, hydrant: Problem) -> None:
    said = PLAN | {"remark": "阀门已订购"}
    hand_in(session, edited(exported(session, clerk), fill(hydrant.number, **said)), by=clerk)
    assert (hydrant.remark, hydrant.status) == ("阀门已订购", Status.NOT_STARTED)


def test_a_unit_claims_what_it_has_shown(session: Session, clerk: User, hydrant: Problem) -> None:
    show(session, hydrant, clerk)
    said = {"status": "申请销号", "done_on": date(2021, 5, 19), "remark": "已换阀门"}
    data = edited(exported(session, clerk), fill(hydrant.number, **said))
    assert hand_in(session, data, by=clerk).made == {Move.CLAIM_FIXED: 1}
    assert (hydrant.status, hydrant.done_on) == (Status.CLAIMED_FIXED, date(2021, 5, 19))
    assert hand_in(session, data, by=clerk).made == Counter()


def test_a_unit_withdraws_its_claim_with_a_reason(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    said = {"status": "整改中", "done_on": None, "remark": "又漏水了"}
    data = edited(exported(session, clerk), fill(problem.number, **said))
    assert hand_in(session, data, by=clerk).made == {Move.WITHDRAW_CLAIM: 1}
    assert problem.status is Status.IN_PROGRESS
    assert timeline(session, problem)[-1].remark == "又漏水了"


# ---- who may hand in what ------------------------------------------------------------------------


def test_nobody_hands_in_what_is_not_theirs(
    session: Session, clerk: User, neighbour: User, leader: User, office: User, hydrant: Problem
) -> None:
    offices, own = exported(session, office), exported(session, clerk)
    for by, data in (
        (clerk, offices),
        (leader, offices),
        (neighbour, own),
        (leader, own),
        (office, own),
    ):
        with pytest.raises(NotAllowed):
            hand_in(session, data, by=by)
    assert check(session, own, by=office).errors == ()  # but the office may look


def test_other_files_are_told_where_they_belong(session: Session, office: User) -> None:
    book = load_workbook(io.BytesIO(exported(session, office)))
    del book["_meta"]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(BadInput, match="不是从本系统导出的问题整改清单"):
        check(session, out.getvalue(), by=office)


def test_a_list_and_a_workbook_are_sent_to_each_others_places(
    session: Session, office: User, water_bureau: Unit, second_quarter: Round
) -> None:
    workbook, listed = written(session, second_quarter, water_bureau), exported(session, office)
    with pytest.raises(BadInput, match="这是填报表，请到“填报”页上传"):
        check(session, workbook, by=office)
    with pytest.raises(BadInput, match="这是问题整改清单，不是填报表，请到“问题整改”页上传"):
        hand_in_bytes(session, listed, by=office)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("problems", "P00001:9:00000000", "识别信息被改动过"),
        ("layout", "0", "版式已经更新"),
    ],
)
def test_an_altered_meta_is_refused(
    session: Session, office: User, hydrant: Problem, key: str, value: str, words: str
) -> None:
    def alter(book: Any) -> None:
        for row in book["_meta"].iter_rows():
            if row[0].value == key:
                row[1].value = value

    with pytest.raises(BadInput, match=words):
        check(session, edited(exported(session, office), alter), by=office)


# ---- stale rows ----------------------------------------------------------------------------------


def test_a_row_somebody_changed_since_is_a_fault_that_says_who_did_what(
    session: Session, office: User, hydrant: Problem
) -> None:
    data = edited(exported(session, office), fill(hydrant.number, count=5))
    requests.extend(session, problem=hydrant, due_on=JUNE, reason="等货", by=office, now=NOW)
    (fault,) = check(session, data, by=office).errors
    assert fault.cell == "A4"
    assert fault.message == f"{hydrant.number}在导出之后已由张工（5月20日）延期，这一行不能再改"
    assert "重新导出" in fault.cure


def test_a_row_changed_elsewhere_and_not_in_the_list_is_left_as_it_is(
    session: Session, office: User, hydrant: Problem, elsewhere: Problem
) -> None:
    data = edited(exported(session, office), fill(elsewhere.number, count=4))
    requests.extend(session, problem=hydrant, due_on=JUNE, reason="等货", by=office, now=NOW)
    receipt = hand_in(session, data, by=office)
    assert "有1个问题在导出之后已有变化" in receipt.checked.warnings[0].message
    assert (hydrant.due_on, elsewhere.count) == (JUNE, 4)


def test_a_problem_that_went_to_another_unit_is_passed_over(
    session: Session, clerk: User, office: User, hydrant: Problem, city_management: Unit
) -> None:
    data = edited(exported(session, clerk), fill(hydrant.number, status="整改中"))
    problems.reassign(
        session,
        problem=hydrant,
        unit=city_management,
        rule_code=None,
        reason="属市政消火栓",
        by=office,
        now=NOW,
    )
    receipt = hand_in(session, data, by=clerk)
    assert "已改派或撤回，这一行不采用" in receipt.checked.warnings[0].message
    assert hydrant.status is Status.NOT_STARTED


# ---- faults --------------------------------------------------------------------------------------


def twice(number: str) -> Edit:
    """The row of this problem stands again in the next line."""

    def edit(book: Any) -> None:
        page, row = book[PROBLEM_LIST], row_of(book, number)
        for place in range(1, 23):
            page.cell(row + 1, place).value = page.cell(row, place).value

    return edit


OFFICE_FAULTS: dict[str, tuple[Edit, str]] = {
    "an unknown number": (fill("P00001", number="P99999"), "A4 没有编号为“P99999”的问题"),
    "a number twice": (twice("P00001"), "A5 问题编号P00001与第4行重复"),
    "a number of places": (fill("P00001", count="若干"), "G4 处数填的是“若干”"),
    "an unknown town": (fill("P00001", town="火星镇"), "C4 属地填的是“火星镇”，不是镇或街道"),
    "a rule of others": (fill("P00001", rule_code="18-1"), "D4 条款18-1不由区水务局负责"),
    "a site taken away": (fill("P00001", site=None), "E4 点位被清空了"),
    "a locked cell": (fill("P00001", unit="区城管委"), "B4 责任单位由“区水务局”改成了“区城管委”"),
    "a status": (fill("P00001", status="已销号"), "R4 整改状态由“未整改”改成了“已销号”"),
    "an earlier deadline": (
        fill("P00001", due_on=date(2021, 5, 25)),
        "O4 整改时限由2021-06-03提前到2021-05-25",
    ),
    "a later one without reason": (
        fill("P00001", due_on=JUNE),
        "P4 整改时限由2021-06-03推迟到2021-06-30，没有写延期原因",
    ),
    "a deadline taken away": (fill("P00001", due_on=None), "O4 整改时限2021-06-03被清空了"),
    "a date that is none": (fill("P00001", due_on="月底前"), "O4 整改时限填的是“月底前”"),
    "a deadline after the programme": (
        fill("P00001", due_on=date(2031, 6, 30), extension_reason="笔误"),
        "O4 整改时限是2031-06-30，不在创建工作期间",
    ),
    "a new row without a site": (add(site=None), "E5 点位没有填"),
    "a new row of nobody": (add(unit="火星局"), "B5 责任单位填的是“火星局”，没有这个单位"),
    "a new row found tomorrow": (add(found_on=date(2021, 5, 21)), "J5 发现日期是2021-05-21"),
    "a new row due yesterday": (
        add(due_on=date(2021, 5, 19)),
        "O5 整改时限2021-05-19已经过去",
    ),
    "a new row with a plan alone": (add(measure="换阀"), "M5 填了整改措施，没有填整改时限"),
    "a new row that is done": (add(done_on=NOW.date()), "S5 新登记的问题填了完成日期"),
}


@pytest.mark.parametrize(("edit", "fault"), OFFICE_FAULTS.values(), ids=OFFICE_FAULTS.keys())
def test_what_the_office_may_not_do(
    session: Session, office: User, hydrant: Problem, edit: Edit, fault: str
) -> None:
    data = edited(exported(session, office), edit)
    (found,) = told(check(session, data, by=office))
    assert found.startswith(fault)
    with pytest.raises(problem_imports.RejectedList):
        hand_in(session, data, by=office)


UNIT_FAULTS: dict[str, tuple[Edit, str]] = {
    "what it is": (fill("P00001", site="别处"), "E4 点位由“黄村西大街12号院北门”改成了“别处”"),
    "how many": (fill("P00001", count=9), "G4 处数由“1”改成了“9”"),
    "closing": (fill("P00001", status="已销号"), "R4 整改状态是“已销号”，单位不能这样填"),
    "no status": (fill("P00001", status=None), "R4 整改状态没有填"),
    "a claim without a photo": (
        fill("P00001", status="申请销号", done_on=NOW.date(), remark="好了"),
        "R4 还没有整改后的照片或其他佐证材料",
    ),
    "a date without a claim": (fill("P00001", done_on=NOW.date()), "S4 “未整改”的填了完成日期"),
    "more time without a reason": (
        fill("P00001", due_on=JUNE),
        "P4 整改时限由2021-06-03推迟到2021-06-30，没有写延期原因",
    ),
    "a number of nobody": (fill("P00001", number="P99999"), "A4 没有编号为“P99999”的问题，或者"),
}


@pytest.mark.parametrize(("edit", "fault"), UNIT_FAULTS.values(), ids=UNIT_FAULTS.keys())
def test_what_a_unit_may_not_do(
    session: Session, clerk: User, hydrant: Problem, edit: Edit, fault: str
) -> None:
    (found,) = told(check(session, edited(exported(session, clerk), edit), by=clerk))
    assert found.startswith(fault)


def test_a_plan_needs_its_four_parts(session: Session, clerk: User, hydrant: Problem) -> None:
    data = edited(exported(session, clerk), fill(hydrant.number, measure="换阀门"))
    faults = told(check(session, data, by=clerk))
    assert faults == ["L4 整改目标没有填", "N4 责任人没有填"]


def test_a_unit_adds_no_rows(session: Session, clerk: User, hydrant: Problem) -> None:
    data = edited(exported(session, clerk), add())
    (found,) = told(check(session, data, by=clerk))
    assert found == "A5 这一行没有问题编号"


def test_a_problem_of_another_unit_cannot_be_named(
    session: Session, clerk: User, hydrant: Problem, elsewhere: Problem
) -> None:
    change = fill(hydrant.number, number=elsewhere.number)
    (found,) = told(check(session, edited(exported(session, clerk), change), by=clerk))
    assert "没有编号为" in found


def test_a_unit_waits_for_its_first_request_to_be_answered(
    session: Session, clerk: User, hydrant: Problem
) -> None:
    rectifying.ask_extension(
        session, problem=hydrant, due_on=date(2021, 6, 20), reason="等货", by=clerk, now=NOW
    )
    change = fill(hydrant.number, due_on=JUNE, extension_reason="还不够")
    (found,) = told(check(session, edited(exported(session, clerk), change), by=clerk))
    assert found.startswith("O4 已申请延期到2021-06-20，创安办还没有答复")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DISMISSED])
def test_what_has_ended_stays_as_it_is(
    session: Session, water_bureau: Unit, clerk: User, office: User, status: Status
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, status, clerk, office)
    for by, cells in ((office, {"count": 4}), (clerk, {"measure": "换"})):
        data = edited(exported(session, by), fill(problem.number, **cells))
        (found,) = told(check(session, data, by=by))
        assert f"“{status.value}”的问题不能在清单里改" in found


def test_a_claim_stands_until_the_office_has_looked(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    data = edited(exported(session, clerk), fill(problem.number, measure="别的办法"))
    (found,) = told(check(session, data, by=clerk))
    assert "已申请销号，等创安办复查，不能改整改措施" in found


CLAIM = {"status": "申请销号", "done_on": NOW.date(), "remark": "好了"}
STANDING_FAULTS: dict[str, tuple[Status, dict[str, Any], str]] = {
    "what is not assigned yet": (
        Status.UNASSIGNED,
        {"measure": "换阀"},
        "M4 还没有交办，不能填整改措施",
    ),
    "back to the start": (
        Status.IN_PROGRESS,
        {"status": "未整改"},
        "R4 已经开始整改的不能改回“未整改”",
    ),
    "a claim from before it was found": (
        Status.IN_PROGRESS,
        CLAIM | {"done_on": date(2021, 5, 1)},
        "S4 完成日期2021-05-01不在发现日期2021-05-18和今天之间",
    ),
    "a claim without a word": (
        Status.IN_PROGRESS,
        CLAIM | {"remark": None},
        "T4 “申请销号”的没有写整改说明",
    ),
    "a claim that asks for more time": (
        Status.IN_PROGRESS,
        CLAIM | {"due_on": JUNE, "extension_reason": "等货"},
        "O4 申请销号的同时推迟了整改时限",
    ),
    "a deadline that has passed": (
        Status.IN_PROGRESS,
        PLAN | {"due_on": date(2021, 5, 19)},
        "O4 整改时限2021-05-19已经过去",
    ),
    "a claim taken back to the start": (
        Status.CLAIMED_FIXED,
        {"status": "未整改", "done_on": None, "remark": "没改好"},
        "R4 已申请销号的不能改回“未整改”",
    ),
    "a claim taken back without a reason": (
        Status.CLAIMED_FIXED,
        {"status": "整改中", "done_on": None},
        "T4 撤回销号申请没有写原因",
    ),
    "a claim taken back with its date": (
        Status.CLAIMED_FIXED,
        {"status": "整改中", "remark": "没改好"},
        "S4 “整改中”的填了完成日期",
    ),
    "a claim taken back with another plan": (
        Status.CLAIMED_FIXED,
        {"status": "整改中", "done_on": None, "remark": "没改好", "measure": "换泵"},
        "M4 撤回申请的同时改了整改措施",
    ),
}


@pytest.mark.parametrize(
    ("status", "cells", "fault"), STANDING_FAULTS.values(), ids=STANDING_FAULTS.keys()
)
def test_what_a_unit_may_say_depends_on_how_far_it_is(
    session: Session,
    water_bureau: Unit,
    clerk: User,
    office: User,
    status: Status,
    cells: dict[str, Any],
    fault: str,
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, status, clerk, office)
    if status is Status.IN_PROGRESS:
        show(session, problem, clerk)
    data = edited(exported(session, clerk), fill(problem.number, **cells))
    (found,) = told(check(session, data, by=clerk))
    assert found.startswith(fault)


def test_open_steps_stand_in_the_way_of_a_claim_and_of_an_earlier_deadline(
    session: Session, clerk: User, hydrant: Problem
) -> None:
    show(session, hydrant, clerk)
    last = date(2021, 6, 2)
    rectifying.add_step(
        session, problem=hydrant, text="订货", responsible="王科长", due_on=last, by=clerk, now=NOW
    )
    own = exported(session, clerk)
    claimed = edited(own, fill(hydrant.number, **CLAIM))
    assert told(check(session, claimed, by=clerk)) == ["R4 还有没完成的整改步骤，不能申请销号"]
    earlier = edited(own, fill(hydrant.number, due_on=date(2021, 5, 28), **PLAN))
    (found,) = told(check(session, earlier, by=clerk))
    assert found.startswith("O4 整改时限2021-05-28早于整改步骤的时限2021-06-02")


def test_the_deadline_of_a_claimed_problem_stays(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    change = fill(problem.number, due_on=JUNE, extension_reason="等货")
    (found,) = told(check(session, edited(exported(session, office), change), by=office))
    assert found == "O4 已申请销号的不能改整改时限"


def test_a_reason_without_a_later_deadline_is_pointed_out(
    session: Session, office: User, hydrant: Problem
) -> None:
    change = fill(hydrant.number, extension_reason="等货")
    checked = check(session, edited(exported(session, office), change), by=office)
    assert checked.lines == ()
    assert checked.warnings[0].message == "填了延期原因，整改时限却没有推迟"


def test_every_fault_is_told_at_once_and_nothing_is_stored(
    session: Session, office: User, hydrant: Problem, elsewhere: Problem
) -> None:
    data = edited(
        exported(session, office),
        fill(hydrant.number, count="很多", town="火星镇", due_on="月底"),
        fill(elsewhere.number, count=7),
        add(site=None, description=None),
    )
    before = [hydrant.revision, elsewhere.revision]
    with pytest.raises(problem_imports.RejectedList) as refusal:
        hand_in(session, data, by=office)
    cells = [fault.cell for fault in refusal.value.checked.errors]
    assert cells == ["C4", "G4", "O4", "E6", "F6"]
    assert all(fault.cure for fault in refusal.value.checked.errors)
    assert [hydrant.revision, elsewhere.revision] == before
    assert elsewhere.count == 1


def test_the_faulty_list_comes_back_marked_and_can_be_mended(
    session: Session, office: User, hydrant: Problem
) -> None:
    data = edited(exported(session, office), fill(hydrant.number, count="很多"))
    marked = annotate(data, check(session, data, by=office))
    book = load_workbook(io.BytesIO(marked))
    assert book.sheetnames[0] == "错误清单"
    assert "不是1到9999之间的整数" in book[PROBLEM_LIST]["G4"].comment.text
    mended = edited(marked, fill(hydrant.number, count=4))
    assert hand_in(session, mended, by=office).made == {Move.CORRECT: 1}
    assert hydrant.count == 4


# ---- texts ---------------------------------------------------------------------------------------


def test_a_text_that_looks_like_a_formula_stays_a_text(
    session: Session, water_bureau: Unit, office: User
) -> None:
    evil = '=HYPERLINK("http://x","点我")'
    problem = register(session, water_bureau, office, description=evil, site="+86大院")
    data = exported(session, office)
    cell = load_workbook(io.BytesIO(data))[PROBLEM_LIST]["F4"]
    assert (cell.value, cell.data_type) == (evil, "s")
    assert hand_in(session, data, by=office).made == Counter()
    change = fill(problem.number, measure="=1+1")
    hand_in(session, edited(data, change), by=office)
    assert problem.measure == "=1+1"


def test_texts_with_odd_blanks_are_not_taken_for_changes(
    session: Session, water_bureau: Unit, office: User
) -> None:
    register(session, water_bureau, office, description="一\t行 \r\n二行\u200b")
    assert hand_in(session, exported(session, office), by=office).made == Counter()


def test_a_row_taken_out_of_the_list_is_left_as_it_is(
    session: Session, office: User, hydrant: Problem, elsewhere: Problem
) -> None:
    def cut(book: Any) -> None:
        book[PROBLEM_LIST].delete_rows(row_of(book, elsewhere.number))

    data = edited(exported(session, office), cut, fill(hydrant.number, count=2))
    receipt = hand_in(session, data, by=office)
    assert receipt.made == {Move.CORRECT: 1}
    assert "有1个不在表中" in receipt.checked.warnings[0].message
    assert elsewhere.status is Status.UNASSIGNED


def test_the_log_keeps_the_file_and_what_it_did(
    session: Session, office: User, hydrant: Problem
) -> None:
    hand_in(session, edited(exported(session, office), fill(hydrant.number, count=2)), by=office)
    query = select(AuditEvent).where(col(AuditEvent.action) == problem_imports.IMPORTED)
    event = session.exec(query).one()
    assert (event.username, event.subject, event.remark) == ("office", "全区", "清单.xlsx")
    assert '"CORRECT": 1' in event.after and '"sha256"' in event.after
