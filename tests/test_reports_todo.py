"""待办: each kind of line appears when there is something to do, and goes once it is done."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from filling import NOW, hand_in, rules, work_points
from sqlmodel import Session
from todo_lines import found_at, kinds, line

from daxing_safety.actions import appeals, duties, evidence, reviews, rounds, verdicts
from daxing_safety.actions.verdicts import Held
from daxing_safety.models import Round, Submission, Unit, User
from daxing_safety.reports import todo
from daxing_safety.reports.todo.items import Kind, Section, Urgency, urgency
from daxing_safety.reports.todo.office import may_take_over
from daxing_safety.vocabulary import (
    EvidenceOf,
    Finding,
    ProgressStatus,
    Role,
    Sheet,
)

CORRIDOR = (Sheet.PROGRESS, "3-01")  # of 区城管委
PIPES = (Sheet.SELF_ASSESSMENT, "4-2")
HALF_WAY = work_points(_3_01={"status": ProgressStatus.IN_PROGRESS, "percent": Decimal(50)})
ABOVE_80 = rules(_4_2={"finding": Finding.COMPLIANT, "measured": Decimal(83)})
NOT_OURS = work_points(_3_01={"status": ProgressStatus.NOT_OURS, "remark": "由区住建委组织实施"})


@pytest.fixture
def submission(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User
) -> Submission:
    fills = ABOVE_80, HALF_WAY
    return hand_in(session, second_quarter, city_management, *fills, by=neighbour).submission


@pytest.fixture
def colleague(session: Session) -> User:
    """李工, the office's other reviewer."""
    user = User(
        username="office2",
        display_name="李工",
        role=Role.OFFICE,
        password_hash="",
        created_at=NOW,
        password_changed_at=NOW,
    )
    session.add(user)
    session.flush()
    return user


# ---- the clerk: the workbook ----


def test_an_open_round_waits_for_the_clerk_until_the_workbook_is_in(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    due = line(session, clerk, Kind.WORKBOOK)
    assert due.title == "“2021年第二季度”填报表还没有报送，距截止还有 5 天 7 小时"
    assert (due.due_on, due.link.page, due.section) == (
        date(2021, 5, 25),
        "submit",
        Section.WAITS,
    )
    hand_in(session, second_quarter, water_bureau, by=clerk)
    assert Kind.WORKBOOK not in kinds(session, clerk)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2021, 5, 21, 9), Urgency.NORMAL),
        (datetime(2021, 5, 22, 9), Urgency.SOON),
        (datetime(2021, 5, 25, 17, 0), Urgency.TODAY),
        (datetime(2021, 5, 25, 17, 1), Urgency.OVERDUE),
    ],
)
def test_the_clock_of_the_round_says_how_pressing_it_is(
    session: Session, second_quarter: Round, clerk: User, now: datetime, expected: Urgency
) -> None:
    assert line(session, clerk, Kind.WORKBOOK, now).urgency is expected


def test_a_late_allowance_moves_the_clock_of_its_unit_alone(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    clerk: User,
    neighbour: User,
    office: User,
) -> None:
    until = datetime(2021, 5, 28, 17, 0)
    rounds.allow_late(
        session,
        round_=second_quarter,
        unit=water_bureau,
        until=until,
        reason="汛期值守",
        by=office,
    )
    now = datetime(2021, 5, 26, 9)
    assert line(session, clerk, Kind.WORKBOOK, now).due_on == until.date()
    assert line(session, neighbour, Kind.WORKBOOK, now).urgency is Urgency.OVERDUE
    assert line(session, office, Kind.LATE_ALLOWANCE, now).unit == "区水务局"
    hand_in(session, second_quarter, water_bureau, by=clerk, now=now)
    assert Kind.LATE_ALLOWANCE not in kinds(session, office, now)


def test_a_returned_workbook_comes_back_with_its_reason_until_a_new_one_is_in(
    session: Session,
    submission: Submission,
    second_quarter: Round,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    reviews.send_back(session, submission=submission, reason="请附台账", by=office, now=NOW)
    assert line(session, neighbour, Kind.WORKBOOK_RETURNED).detail == "退回原因：请附台账"
    assert Kind.WORKBOOK_RETURNED not in kinds(session, clerk)
    hand_in(session, second_quarter, city_management, by=neighbour)
    assert Kind.WORKBOOK_RETURNED not in kinds(session, neighbour)


# ---- the clerk: single rows, and the 申诉 against them ----


def return_corridor(session: Session, submission: Submission, by: User) -> None:
    verdicts.return_rows(
        session,
        submission=submission,
        rows=[CORRIDOR],
        reason="请附里程统计",
        seen={},
        by=by,
        now=NOW,
    )


def correct_pipes(session: Session, submission: Submission, by: User) -> None:
    verdicts.correct_row(
        session,
        submission=submission,
        row=PIPES,
        held=Held(finding=Finding.HAS_PROBLEM, measured=Decimal("76.5")),
        reason="台账只有 76.5%",
        seen={},
        by=by,
        now=NOW,
    )


def test_a_returned_row_waits_until_a_later_version_changes_it(
    session: Session,
    submission: Submission,
    second_quarter: Round,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    return_corridor(session, submission, office)
    returned = line(session, neighbour, Kind.ROW_RETURNED)
    assert returned.title.startswith("工作要点 3-01“")
    assert returned.detail == "退回原因：请附里程统计。有不同意见的，可以申诉一次。"
    assert returned.waits_for(neighbour) and returned.can_be_answered_by(neighbour)
    assert returned.link.asked == {"point": "3-01"}
    assert Kind.ROW_RETURNED not in kinds(session, clerk)
    further = work_points(_3_01={"percent": Decimal(60)})
    hand_in(session, second_quarter, city_management, further, by=neighbour)
    assert Kind.ROW_RETURNED not in kinds(session, neighbour)


def test_a_correction_is_told_with_both_figures_and_does_not_count_as_work(
    session: Session, submission: Submission, neighbour: User, clerk: User, office: User
) -> None:
    before = todo.number_waiting(todo.items(session, viewer=neighbour, now=NOW), neighbour)
    correct_pipes(session, submission, office)
    corrected = line(session, neighbour, Kind.ROW_CORRECTED)
    assert corrected.title.endswith("由创安办更正为“存在问题（76.5%）”")
    assert corrected.can_be_answered_by(neighbour) and not corrected.waits_for(neighbour)
    assert todo.number_waiting(todo.items(session, viewer=neighbour, now=NOW), neighbour) == before
    assert Kind.ROW_CORRECTED not in kinds(session, clerk)


def test_a_contested_row_waits_for_any_reviewer_but_the_first_and_its_answer_comes_back(
    session: Session,
    submission: Submission,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
    colleague: User,
) -> None:
    correct_pipes(session, submission, office)
    appeals.contest(
        session, unit=city_management, row=PIPES, reason="又改造 3 公里", by=neighbour, now=NOW
    )
    corrected = line(session, neighbour, Kind.ROW_CORRECTED)
    assert corrected.case is None and "5月20日已申诉，等待答复" in corrected.detail
    appeal = line(session, office, Kind.APPEAL)
    assert "原审核人张工的理由：台账只有 76.5%。须由另一位审核人答复。" in appeal.detail
    assert not appeal.can_be_answered_by(office) and not appeal.waits_for(office)
    assert appeal.can_be_answered_by(colleague) and appeal.waits_for(colleague)
    appeals.answer(
        session,
        unit=city_management,
        row=PIPES,
        is_upheld=False,
        text="里程不计入",
        by=colleague,
        now=NOW,
    )
    assert Kind.APPEAL not in kinds(session, colleague)
    answered = line(session, neighbour, Kind.APPEAL_ANSWERED)
    assert "未获支持" in answered.title and answered.detail == "答复：里程不计入"
    assert Kind.ROW_CORRECTED not in kinds(session, neighbour)
    assert Kind.APPEAL_ANSWERED not in kinds(session, clerk)
    assert Kind.APPEAL_ANSWERED not in kinds(session, neighbour, NOW + timedelta(days=15))


# ---- 不属本单位职责 ----


@pytest.fixture
def disclaimed(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User
) -> None:
    hand_in(session, second_quarter, city_management, NOT_OURS, by=neighbour)


def test_a_disclaimed_work_point_waits_for_the_office_and_its_refusal_comes_back(
    session: Session,
    disclaimed: None,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    asked = line(session, office, Kind.DISCLAIMER)
    assert (asked.unit, asked.detail) == ("区城管委", "单位说明：由区住建委组织实施")
    duties.refuse(
        session,
        work_point_code="3-01",
        unit=city_management,
        reason="方案列明牵头",
        by=office,
        now=NOW,
    )
    assert Kind.DISCLAIMER not in kinds(session, office)
    assert line(session, neighbour, Kind.DUTY_DECIDED).detail == "理由：方案列明牵头"
    assert Kind.DUTY_DECIDED not in kinds(session, clerk)
    assert Kind.DUTY_DECIDED not in kinds(session, neighbour, NOW + timedelta(days=15))


def test_a_reassigned_work_point_is_told_to_both_units(
    session: Session,
    disclaimed: None,
    city_management: Unit,
    water_bureau: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    assert water_bureau.code in may_take_over(session, "3-01")
    duties.reassign(
        session,
        work_point_code="3-01",
        unit=city_management,
        to_unit=water_bureau,
        reason="按三定方案",
        by=office,
        now=NOW,
    )
    assert "已改由区水务局承担" in line(session, neighbour, Kind.DUTY_DECIDED).title
    assert "原由区城管委承担，现改由本单位承担" in line(session, clerk, Kind.DUTY_DECIDED).title
    assert water_bureau.code not in may_take_over(session, "3-01")


# ---- the clerk: work points and evidence ----


def test_work_points_overdue_and_due_within_fifteen_days_are_a_line_each(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    overdue = line(session, clerk, Kind.WORK_POINTS_OVERDUE)
    assert overdue.title == "4 条工作要点已过完成时限：1-05、5-12、7-10、14-05"
    assert Kind.WORK_POINTS_DUE not in kinds(session, clerk, datetime(2021, 6, 14, 9))
    due = line(session, clerk, Kind.WORK_POINTS_DUE, datetime(2021, 6, 15, 9))
    assert due.title == "3 条工作要点 15 天内到完成时限：3-13、3-14、11-07"
    done = {"status": ProgressStatus.DONE, "percent": Decimal(100), "done_on": date(2021, 5, 1)}
    fills = work_points(_1_05=done, _5_12=done, _7_10=done)
    hand_in(session, second_quarter, water_bureau, fills, by=clerk)
    last = line(session, clerk, Kind.WORK_POINTS_OVERDUE)
    assert last.title == "1 条工作要点已过完成时限：14-05"
    assert last.link.asked == {"point": "14-05"}


def test_a_done_work_point_wants_evidence_of_its_own_unit(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    done = {"status": ProgressStatus.DONE, "percent": Decimal(100), "done_on": date(2021, 5, 1)}
    hand_in(session, second_quarter, water_bureau, work_points(_1_05=done), by=clerk)
    missing = line(session, clerk, Kind.EVIDENCE_MISSING)
    assert missing.title == "1 条已完成的工作要点还没有上传佐证材料：1-05"
    material = evidence.add(
        session,
        unit=water_bureau,
        data=b"%PDF-1.7\n...",
        name="规划.pdf",
        uses=[(EvidenceOf.WORK_POINT, "1-05")],
        material_on=None,
        description="",
        by=clerk,
        now=NOW,
    )
    assert Kind.EVIDENCE_MISSING not in kinds(session, clerk)
    evidence.withdraw(session, evidence=material, reason="传错了", by=clerk)
    assert Kind.EVIDENCE_MISSING in kinds(session, clerk)


# ---- the office ----


def test_the_office_is_told_how_many_wait_and_for_how_long(
    session: Session, submission: Submission, office: User, neighbour: User
) -> None:
    waiting = line(session, office, Kind.SUBMISSIONS, NOW + timedelta(days=3))
    assert waiting.title == "1 份报送等待审核，最早的是区城管委，已等 3 天"
    assert waiting.link.asked == {"submission": str(submission.id)}
    assert Kind.SUBMISSIONS not in kinds(session, neighbour)
    reviews.accept(session, submission=submission, by=office, now=NOW)
    assert Kind.SUBMISSIONS not in kinds(session, office)


def test_missing_units_are_named_in_the_last_week(
    session: Session, submission: Submission, office: User
) -> None:
    assert Kind.UNITS_MISSING not in kinds(session, office, datetime(2021, 5, 18, 16, 59))
    missing = line(session, office, Kind.UNITS_MISSING, datetime(2021, 5, 25, 10, 0))
    assert "家没有报送，距截止还有 7 小时 0 分" in missing.title
    assert "区城管委" not in missing.detail
    assert missing.urgency is Urgency.TODAY


# ---- leader, administrator, and who has nothing ----


def test_the_leader_sees_what_to_coordinate(
    session: Session, second_quarter: Round, leader: User
) -> None:
    assert line(session, leader, Kind.MATTERS).link.page == "overview"


def test_the_administrator_hears_of_units_that_cannot_come_in(
    session: Session, admin: User, clerk: User
) -> None:
    before = line(session, admin, Kind.ACCOUNTS).title
    clerk.is_disabled = True
    session.add(clerk)
    assert before != line(session, admin, Kind.ACCOUNTS).title


def test_nothing_waits_for_who_has_no_part_in_it() -> None:
    assert todo.SOURCES.keys() == set(Role) - {Role.AUDITOR}


def test_the_most_pressing_stands_first_and_news_last(
    session: Session, submission: Submission, city_management: Unit, neighbour: User, office: User
) -> None:
    correct_pipes(session, submission, office)
    found_at(session, city_management, office, due_on=date(2021, 5, 23))
    found = todo.items(session, viewer=neighbour, now=NOW)
    pressing = [list(Urgency).index(item.urgency) for item in found if not item.is_news]
    assert pressing == sorted(pressing)
    assert found[-1].kind is Kind.ROW_CORRECTED


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, Urgency.OVERDUE),
        (0, Urgency.TODAY),
        (1, Urgency.SOON),
        (3, Urgency.SOON),
        (4, Urgency.NORMAL),
    ],
)
def test_the_due_day_itself_is_still_in_time(days: int, expected: Urgency) -> None:
    assert urgency(NOW.date() + timedelta(days=days), NOW.date()) is expected
