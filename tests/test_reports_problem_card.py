"""One problem as it is read: its deadline, its relatives, its photos, and its whole timeline."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from filling import dry_hydrant, hand_in, problems, rules
from problem_lives import (
    HYDRANT,
    NOW,
    TODAY,
    Status,
    bring_to,
    claim,
    pass_reinspection,
    register,
    show,
)
from sqlmodel import Session, col, select

from daxing_safety.actions import closings, evidence, rectifying, requests, voidings
from daxing_safety.actions import problems as actions
from daxing_safety.errors import NotFound
from daxing_safety.models import Evidence, Problem, Round, Unit, User
from daxing_safety.reports import materials
from daxing_safety.reports.problems import card as problem_card
from daxing_safety.reports.problems.card import Card
from daxing_safety.reports.problems.timeline import Line, Tone
from daxing_safety.ui import panels
from daxing_safety.vocabulary import Finding, PhotoStage, Severity

LATER = NOW + timedelta(hours=1)


def card_of(session: Session, problem: Problem, viewer: User, *, today: date = TODAY) -> Card:
    session.flush()
    return problem_card.card(session, viewer=viewer, number=problem.number, today=today)


def told(session: Session, problem: Problem, viewer: User) -> list[Line]:
    return list(card_of(session, problem, viewer).timeline)


def named(lines: list[Line], what: str) -> Line:
    return next(line for line in lines if line.what == what)


@pytest.fixture
def problem(session: Session, water_bureau: Unit, office: User) -> Problem:
    return register(session, water_bureau, office)


# ---- who sees it --------------------------------------------------------------------------


def test_another_units_clerk_does_not_learn_that_it_exists(
    session: Session, problem: Problem, neighbour: User
) -> None:
    with pytest.raises(NotFound, match="没有编号为"):
        card_of(session, problem, neighbour)


def test_its_own_clerk_the_leader_and_the_office_read_the_same(
    session: Session, problem: Problem, clerk: User, leader: User, office: User
) -> None:
    cards = [card_of(session, problem, viewer) for viewer in (clerk, leader, office)]
    assert cards[0] == cards[1] == cards[2]


# ---- the deadline -------------------------------------------------------------------------


def test_days_left_are_counted_in_days_and_in_working_days(
    session: Session, problem: Problem, office: User
) -> None:
    actions.assign(session, problem=problem, due_on=date(2021, 5, 31), by=office, now=NOW)
    clock = card_of(session, problem, office).clock
    assert clock is not None
    assert (clock.days, clock.working_days, clock.is_overdue) == (11, 7, False)


def test_a_deadline_is_over_the_day_after_it_by_the_calendar_alone(
    session: Session, problem: Problem, office: User
) -> None:
    actions.assign(session, problem=problem, due_on=TODAY, by=office, now=NOW)
    on_the_day = card_of(session, problem, office).clock
    after = card_of(session, problem, office, today=date(2021, 5, 24)).clock
    assert on_the_day and not on_the_day.is_overdue
    assert after and after.is_overdue
    assert (after.days, after.working_days) == (-4, 2)


def test_a_year_whose_holidays_nobody_has_announced_is_named(
    session: Session, problem: Problem, office: User
) -> None:
    actions.assign(session, problem=problem, due_on=date(2099, 5, 31), by=office, now=NOW)
    clock = card_of(session, problem, office).clock
    assert clock is not None and 2099 in clock.unknown_years


def test_what_is_closed_or_has_no_deadline_has_no_clock(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    assert card_of(session, problem, office).clock is None
    bring_to(session, problem, Status.CLOSED, clerk, office)
    assert card_of(session, problem, office).clock is None


def test_the_default_deadline_is_that_of_the_severity(
    session: Session, water_bureau: Unit, office: User
) -> None:
    found = register(session, water_bureau, office, severity=Severity.GENERAL)
    card = card_of(session, found, office)
    assert str(card.limit) == "10个工作日"
    assert card.due_by_default == date(2021, 6, 3)


# ---- points -------------------------------------------------------------------------------


def test_what_it_costs_stands_beside_it_and_is_gone_once_it_is_closed(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    assert card_of(session, problem, office).worth.gain == Decimal("0.20")
    bring_to(session, problem, Status.CLOSED, clerk, office)
    assert card_of(session, problem, office).worth.gain is None


def test_the_task_follows_the_rule_unless_one_was_named(
    session: Session, water_bureau: Unit, office: User
) -> None:
    by_rule = card_of(session, register(session, water_bureau, office), office)
    assert by_rule.task.startswith("3. ")
    chosen = register(session, water_bureau, office, task_no=8)
    assert card_of(session, chosen, office).task.startswith("8. ")
    assert (
        card_of(session, register(session, water_bureau, office, rule_code=None), office).task == ""
    )


# ---- relatives ----------------------------------------------------------------------------


def test_a_problem_that_came_back_and_the_one_that_was_closed_know_of_each_other(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User, office: User
) -> None:
    bring_to(session, problem, Status.CLOSED, clerk, office)
    again = register(session, water_bureau, office, found_on=TODAY)
    assert card_of(session, problem, office).returned_as == (again.number,)
    assert (
        f"与已销号的 {problem.number} 同一点位，认定为反复"
        in told(session, again, office)[-1].turns
    )


def test_only_open_problems_of_the_same_unit_rule_and_site_may_be_its_twins(
    session: Session,
    problem: Problem,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    office: User,
) -> None:
    twin = register(session, water_bureau, office, site="黄村西大街 12 号院，北门")
    register(session, water_bureau, office, site="清源路")
    register(session, water_bureau, office, rule_code=None)
    register(session, city_management, office)
    bring_to(session, register(session, water_bureau, office), Status.CLOSED, clerk, office)
    assert list(card_of(session, problem, office).twins) == [twin.number]
    assert list(card_of(session, twin, office).twins) == [problem.number]


def test_what_was_merged_is_found_from_both_sides(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    twin = register(session, water_bureau, office)
    voidings.merge(session, problem=problem, into=twin, reason="重复", by=office, now=NOW)
    assert card_of(session, twin, office).merged_here == (problem.number,)
    assert card_of(session, problem, office).twins == {}


# ---- 复查 -----------------------------------------------------------------------------------


def test_a_reinspection_counts_for_the_claim_it_followed_only(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    major = register(session, water_bureau, office, severity=Severity.MAJOR)
    bring_to(session, major, Status.CLAIMED_FIXED, clerk, office)
    assert not card_of(session, major, office).may_be_closed
    pass_reinspection(session, major, office)
    assert card_of(session, major, office).may_be_closed
    closings.send_back(session, problem=major, reason="又漏水", by=office, now=LATER)
    claim(session, major, clerk, now=LATER)
    assert not card_of(session, major, office).may_be_closed


def test_a_general_problem_needs_no_reinspection_but_must_not_fail_one(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    assert card_of(session, problem, office).may_be_closed
    pass_reinspection(session, problem, office, is_passed=False)
    assert not card_of(session, problem, office).may_be_closed


# ---- photos -------------------------------------------------------------------------------


def test_photos_stand_by_what_they_show_and_withdrawn_ones_are_gone(
    session: Session, problem: Problem, clerk: User
) -> None:
    show(session, problem, clerk, stage=PhotoStage.BEFORE)
    show(session, problem, clerk, stage=PhotoStage.AFTER)
    stages = [file.stage for file in card_of(session, problem, clerk).files]
    assert stages == [PhotoStage.BEFORE, PhotoStage.AFTER]
    first = session.exec(select(Evidence).order_by(col(Evidence.id))).first()
    assert first is not None
    evidence.withdraw(session, evidence=first, reason="传错了", by=clerk)
    assert [file.stage for file in card_of(session, problem, clerk).files] == [PhotoStage.AFTER]


def test_photos_go_with_a_problem_to_the_unit_it_is_given_to(
    session: Session,
    problem: Problem,
    city_management: Unit,
    clerk: User,
    neighbour: User,
    office: User,
) -> None:
    show(session, problem, clerk, stage=PhotoStage.BEFORE)
    photo = session.exec(select(Evidence)).one()
    assert photo.id is not None
    with pytest.raises(NotFound):
        materials.material(session, viewer=neighbour, evidence_id=photo.id)
    actions.reassign(
        session,
        problem=problem,
        unit=city_management,
        rule_code=None,
        reason="属区城管委",
        by=office,
        now=NOW,
    )
    assert materials.material(session, viewer=neighbour, evidence_id=photo.id).name == "照片.jpg"
    assert [file.name for file in card_of(session, problem, neighbour).files] == ["照片.jpg"]


# ---- timeline -----------------------------------------------------------------------------


def test_the_timeline_tells_the_whole_life_the_newest_first(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    def at(hour: int) -> datetime:
        return NOW.replace(hour=hour)

    actions.assign(session, problem=problem, by=office, now=at(11))
    rectifying.plan(
        session,
        problem=problem,
        target="恢复供水",
        measure="更换阀门",
        responsible="王科长",
        due_on=date(2021, 6, 1),
        by=clerk,
        now=at(12),
    )
    claim(session, problem, clerk, now=at(13))
    closings.reinspect(
        session, problem=problem, is_passed=False, remark="照片看不清", by=office, now=at(14)
    )
    closings.send_back(session, problem=problem, reason="照片看不清", by=office, now=at(14))
    claim(session, problem, clerk, now=at(15))
    closings.close(session, problem=problem, remark="同意", by=office, now=at(16))

    lines = told(session, problem, clerk)
    assert [line.what for line in lines] == [
        "销号",
        "申请销号",
        "退回",
        "复查不合格",
        "申请销号",
        "上传整改后照片 1 份",
        "制定措施",
        "交办",
        "登记",
    ]
    assert lines[0].who == "张工（创安办）" and lines[1].who == "小王（区水务局）"
    assert lines[0].turns == ("申请销号 → 已销号",)
    assert [line.tone for line in lines[:4]] == [Tone.GOOD, Tone.PLAIN, Tone.BAD, Tone.BAD]
    assert named(lines, "交办").turns == ("待交办 → 未整改", "整改时限：2021-06-03")
    assert named(lines, "制定措施").turns == (
        "整改时限：2021-06-03 → 2021-06-01",
        "整改目标：恢复供水",
        "整改措施：更换阀门",
        "责任人：王科长",
    )
    assert lines[-1] == Line(NOW, "张工（创安办）", "登记", ("发现方式：专家抽查",))


def test_a_correction_tells_what_stood_before_in_words(
    session: Session, problem: Problem, office: User
) -> None:
    for hour, count, severity in ((11, 3, Severity.MAJOR), (12, 5, Severity.LISTED)):
        actions.correct(
            session,
            problem=problem,
            rule_code="4-1",
            site=HYDRANT,
            description="消火栓无水",
            count=count,
            severity=severity,
            reason="现场重新清点",
            by=office,
            now=NOW.replace(hour=hour),
        )
    last, first, _ = told(session, problem, office)
    assert last.turns == ("处数：3 → 5", "严重程度：较大 → 重大挂牌")
    assert first.turns == ("处数：1 → 3", "严重程度：一般 → 较大")


def test_a_problem_given_to_another_unit_tells_from_whom_to_whom(
    session: Session, problem: Problem, city_management: Unit, neighbour: User, office: User
) -> None:
    actions.reassign(
        session,
        problem=problem,
        unit=city_management,
        rule_code=None,
        reason="属区城管委",
        by=office,
        now=LATER,
    )
    line = told(session, problem, neighbour)[0]
    assert "责任单位：区水务局 → 区城管委" in line.turns
    assert "扣分条款：4-1 → （空）" in line.turns


def test_a_request_and_its_answer_are_both_told(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    actions.assign(session, problem=problem, by=office, now=NOW)
    request = rectifying.ask_extension(
        session,
        problem=problem,
        due_on=date(2021, 6, 30),
        reason="阀门缺货",
        by=clerk,
        now=LATER,
    )
    assert card_of(session, problem, office).waiting == (request,)
    requests.grant(
        session,
        request=request,
        answer="只此一次",
        by=office,
        now=LATER + timedelta(hours=1),
    )
    answered, asked, *_ = told(session, problem, clerk)
    assert (asked.what, asked.remark) == ("申请延期", "延期至 2021-06-30：阀门缺货")
    assert answered.what == "同意延期申请"
    assert answered.remark == "单位的理由：阀门缺货；答复：只此一次"
    assert answered.turns == ("整改时限：2021-06-03 → 2021-06-30",)
    assert card_of(session, problem, office).waiting == ()


def test_a_refused_request_is_told_with_the_offices_reason(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    actions.assign(session, problem=problem, by=office, now=NOW)
    request = rectifying.ask_misreport(
        session, problem=problem, reason="点位已拆除", by=clerk, now=LATER
    )
    requests.refuse(session, request=request, reason="仍在原处", by=office, now=LATER)
    refused, asked, *_ = told(session, problem, clerk)
    assert asked.what == "申请误报认定"
    assert (refused.what, refused.remark, refused.tone) == (
        "不同意误报认定申请",
        "仍在原处",
        Tone.BAD,
    )


def test_a_request_that_nobody_had_answered_when_the_problem_was_closed_is_told(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    actions.assign(session, problem=problem, by=office, now=NOW)
    rectifying.ask_extension(
        session,
        problem=problem,
        due_on=date(2021, 6, 30),
        reason="阀门缺货",
        by=clerk,
        now=NOW,
    )
    claim(session, problem, clerk, now=LATER)
    closings.close(session, problem=problem, remark="同意", by=office, now=LATER)
    line = named(told(session, problem, clerk), "申请不再办理")
    assert "已销号" in line.remark


def test_steps_are_told_by_what_became_of_them(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    actions.assign(session, problem=problem, by=office, now=NOW)
    step = rectifying.add_step(
        session,
        problem=problem,
        text="更换阀门",
        responsible="李工",
        due_on=date(2021, 5, 30),
        by=clerk,
        now=LATER,
    )
    rectifying.finish_step(session, problem=problem, step=step, by=clerk, now=LATER)
    remarks = [line.remark for line in told(session, problem, clerk) if line.what == "整改步骤"]
    assert remarks == ["完成步骤：更换阀门", "增加步骤：更换阀门"]
    assert card_of(session, problem, clerk).steps == (step,)


def test_what_came_with_a_workbook_is_told_with_its_round(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    hydrant_is_dry = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    hand_in(
        session, second_quarter, water_bureau, hydrant_is_dry, problems(dry_hydrant()), by=clerk
    )
    reported = session.exec(select(Problem)).one()
    row = dry_hydrant(number=reported.number, due_on=date(2021, 7, 31), remark="阀门缺货")
    hand_in(session, second_quarter, water_bureau, hydrant_is_dry, problems(row), by=clerk)
    lines = told(session, reported, clerk)
    assert lines[-1].what == "随填报表登记（2021年第二季度第1版）"
    asked = named(lines, "随填报表申请延期")
    assert (asked.turns, asked.remark) == (("希望延期至 2021-07-31",), "阀门缺货")


def test_words_that_look_like_markup_stay_words(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    remark = "<img src=x onerror=alert(1)> **同意**"
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    closings.close(session, problem=problem, remark=remark, by=office, now=LATER)
    drawn = panels.timeline(told(session, problem, clerk))
    assert "&lt;img src=x onerror=alert(1)&gt; **同意**" in drawn
    assert "<img" not in drawn
