"""整改, the unit's side: measures, steps, 申请销号, what a unit may ask for, its own findings."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from problem_lives import (
    NOW,
    TODAY,
    claim,
    refused,
    register,
    score,
    show,
    timeline,
)
from sqlmodel import Session, select

from daxing_safety.actions import problems, rectifying, requests
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import Problem, ProblemRequest, RectificationStep, Unit, User
from daxing_safety.vocabulary import Move, PhotoStage, RectificationStatus, RequestKind

Status = RectificationStatus
DUE_ON = date(2021, 6, 3)  # 10 working days after NOW


@pytest.fixture
def problem(session: Session, water_bureau: Unit, office: User) -> Problem:
    """Found by an expert, assigned today, due on 3 June."""
    found = register(session, water_bureau, office)
    problems.assign(session, problem=found, by=office, now=NOW)
    return found


# ---- 目标、措施、责任、时限 ------------------------------------------------------------


def plan(session: Session, problem: Problem, by: User, **said: Any) -> None:
    usual: dict[str, Any] = {
        "target": "恢复供水",
        "measure": "更换阀门",
        "responsible": "王科长",
        "due_on": DUE_ON,
        "now": NOW,
    }
    rectifying.plan(session, problem=problem, by=by, **(usual | said))


def test_a_unit_says_what_it_will_do_and_may_promise_an_earlier_day(
    session: Session, problem: Problem, clerk: User
) -> None:
    plan(session, problem, clerk, due_on=date(2021, 5, 28))
    assert (problem.target, problem.measure, problem.responsible) == (
        "恢复供水",
        "更换阀门",
        "王科长",
    )
    assert (problem.due_on, problem.first_due_on) == (date(2021, 5, 28), DUE_ON)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"target": ""}, "整改目标"),
        ({"measure": " "}, "整改措施"),
        ({"responsible": ""}, "责任人"),
        ({"due_on": None}, "请填整改时限"),
        ({"due_on": date(2021, 6, 4)}, "请用“申请延期”"),
        ({"due_on": date(2021, 5, 19)}, "已经过去"),
    ],
)
def test_a_plan_has_all_four_elements_and_no_later_deadline(
    session: Session, problem: Problem, clerk: User, said: dict[str, Any], why: str
) -> None:
    with refused(session, BadInput, why):
        plan(session, problem, clerk, **said)


def test_measures_may_be_mended_when_the_deadline_is_over(
    session: Session, problem: Problem, clerk: User
) -> None:
    plan(session, problem, clerk, measure="改用新阀门", now=datetime(2021, 6, 10, 9, 0))
    assert (problem.measure, problem.due_on) == ("改用新阀门", DUE_ON)


def test_two_colleagues_do_not_overwrite_each_others_plans(
    session: Session, problem: Problem, clerk: User
) -> None:
    seen = problem.revision
    plan(session, problem, clerk, seen=seen)
    with refused(session, Conflict, "已由 小王 制定措施"):
        plan(session, problem, clerk, measure="另一个办法", seen=seen)


# ---- 整改步骤 ------------------------------------------------------------


def add_step(session: Session, problem: Problem, by: User, **said: Any) -> RectificationStep:
    usual: dict[str, Any] = {
        "text": "采购阀门",
        "responsible": "小王",
        "due_on": date(2021, 6, 1),
        "now": NOW,
    }
    return rectifying.add_step(session, problem=problem, by=by, **(usual | said))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"due_on": date(2021, 6, 4)}, "不能晚于整改时限 2021-06-03"),
        ({"due_on": date(2021, 5, 19)}, "已经过去"),
        ({"text": " "}, "这一步做什么"),
        ({"responsible": ""}, "责任人"),
    ],
)
def test_a_step_does_not_outlast_its_problem(
    session: Session, problem: Problem, clerk: User, said: dict[str, Any], why: str
) -> None:
    with refused(session, BadInput, why):
        add_step(session, problem, clerk, **said)
    assert add_step(session, problem, clerk, due_on=DUE_ON).due_on == DUE_ON


def test_the_deadline_is_not_moved_before_the_last_open_step(
    session: Session, problem: Problem, clerk: User
) -> None:
    step = add_step(session, problem, clerk)
    with refused(session, BadInput, "整改步骤排到了 2021-06-01"):
        plan(session, problem, clerk, due_on=date(2021, 5, 31))
    rectifying.finish_step(session, problem=problem, step=step, by=clerk, now=NOW)
    plan(session, problem, clerk, due_on=date(2021, 5, 31))
    assert problem.due_on == date(2021, 5, 31)


def test_the_first_finished_step_means_that_work_has_begun(
    session: Session, problem: Problem, clerk: User
) -> None:
    step = add_step(session, problem, clerk)
    rectifying.finish_step(session, problem=problem, step=step, by=clerk, now=NOW)
    assert (step.done_on, problem.status) == (TODAY, Status.IN_PROGRESS)
    assert [event.move for event in timeline(session, problem)][-2:] == [Move.PLAN, Move.START]
    with refused(session, Conflict, "已于 2021-05-20 完成"):
        rectifying.finish_step(session, problem=problem, step=step, by=clerk, now=NOW)


def test_a_finished_step_stays_a_dropped_one_is_told_in_the_timeline(
    session: Session, problem: Problem, clerk: User
) -> None:
    done, needless = add_step(session, problem, clerk), add_step(session, problem, clerk)
    rectifying.finish_step(session, problem=problem, step=done, by=clerk, now=NOW)
    with refused(session, Conflict, "完成"):
        rectifying.drop_step(session, problem=problem, step=done, by=clerk, now=NOW)
    rectifying.drop_step(session, problem=problem, step=needless, by=clerk, now=NOW)
    assert session.exec(select(RectificationStep)).all() == [done]
    assert timeline(session, problem)[-1].remark == "删去步骤：采购阀门"


def test_a_neighbours_step_is_not_touched_through_an_own_problem(
    session: Session,
    problem: Problem,
    city_management: Unit,
    office: User,
    clerk: User,
    neighbour: User,
) -> None:
    other = register(session, city_management, office)
    problems.assign(session, problem=other, by=office, now=NOW)
    step = add_step(session, other, neighbour)
    with refused(session, NotFound, "没有这一步"):
        rectifying.finish_step(session, problem=problem, step=step, by=clerk, now=NOW)
    with refused(session, NotFound, "没有这一步"):
        rectifying.drop_step(session, problem=problem, step=step, by=clerk, now=NOW)
    with refused(session, NotAllowed, "别的单位"):
        rectifying.drop_step(session, problem=other, step=step, by=clerk, now=NOW)


# ---- 申请销号 ------------------------------------------------------------


def claim_on(session: Session, problem: Problem, by: User, done_on: date, remark: str) -> None:
    rectifying.claim_fixed(session, problem=problem, done_on=done_on, remark=remark, by=by, now=NOW)


def test_a_claim_needs_a_picture_of_the_mended_state(
    session: Session, problem: Problem, clerk: User
) -> None:
    show(session, problem, clerk, stage=PhotoStage.BEFORE)
    with refused(session, BadInput, "请先上传整改后的照片"):
        claim_on(session, problem, clerk, TODAY, "阀门已换")
    show(session, problem, clerk)
    claim_on(session, problem, clerk, TODAY, "阀门已换")
    assert (problem.status, problem.done_on, problem.claimed_at) == (
        Status.CLAIMED_FIXED,
        TODAY,
        NOW,
    )


@pytest.mark.parametrize("done_on", [date(2021, 5, 17), date(2021, 5, 21)])
def test_nothing_is_mended_before_it_was_found_or_after_today(
    session: Session, problem: Problem, clerk: User, done_on: date
) -> None:
    show(session, problem, clerk)
    with refused(session, BadInput, "发现日期 2021-05-18 和今天之间"):
        claim_on(session, problem, clerk, done_on, "阀门已换")


def test_a_claim_needs_a_word_and_all_steps_done(
    session: Session, problem: Problem, clerk: User
) -> None:
    show(session, problem, clerk)
    with refused(session, BadInput, "怎么改好的"):
        claim_on(session, problem, clerk, TODAY, " ")
    step = add_step(session, problem, clerk)
    with refused(session, Conflict, "没完成的整改步骤"):
        claim_on(session, problem, clerk, TODAY, "阀门已换")
    rectifying.drop_step(session, problem=problem, step=step, by=clerk, now=NOW)
    claim_on(session, problem, clerk, TODAY, "阀门已换")


def test_a_claim_is_withdrawn_with_a_reason_and_nothing_of_it_stays(
    session: Session, problem: Problem, clerk: User
) -> None:
    claim(session, problem, clerk)
    with refused(session, BadInput, "撤回的原因"):
        rectifying.withdraw_claim(session, problem=problem, reason="", by=clerk, now=NOW)
    rectifying.withdraw_claim(session, problem=problem, reason="又漏水了", by=clerk, now=NOW)
    assert (problem.status, problem.done_on, problem.claimed_at) == (Status.IN_PROGRESS, None, None)


# ---- what a unit may ask for -------------------------------------------------


def ask(session: Session, problem: Problem, by: User, due_on: date, reason: str) -> ProblemRequest:
    return rectifying.ask_extension(
        session, problem=problem, due_on=due_on, reason=reason, by=by, now=NOW
    )


def test_asking_for_a_later_day_leaves_the_deadline_where_it_is(
    session: Session, problem: Problem, clerk: User
) -> None:
    request = ask(session, problem, clerk, date(2021, 6, 30), "等配件")
    assert (request.kind, request.due_on, request.reason) == (
        RequestKind.EXTENSION,
        date(2021, 6, 30),
        "等配件",
    )
    assert (problem.due_on, request.is_granted, request.asked_by) == (DUE_ON, None, "区水务局")
    assert timeline(session, problem)[-1].remark == "延期至 2021-06-30：等配件"


@pytest.mark.parametrize(
    ("due_on", "reason", "why"),
    [
        (DUE_ON, "等配件", "晚于现在的时限 2021-06-03"),
        (date(2021, 6, 1), "等配件", "晚于现在的时限 2021-06-03"),
        (date(2021, 6, 30), " ", "申请延期的原因"),
    ],
)
def test_one_asks_for_a_later_day_and_says_why(
    session: Session, problem: Problem, clerk: User, due_on: date, reason: str, why: str
) -> None:
    with refused(session, BadInput, why):
        ask(session, problem, clerk, due_on, reason)


def test_one_asks_once_until_there_is_an_answer(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    request = ask(session, problem, clerk, date(2021, 6, 30), "等配件")
    with refused(session, Conflict, "已有一项延期申请"):
        ask(session, problem, clerk, date(2021, 7, 30), "还要等")
    rectifying.ask_misreport(session, problem=problem, reason="不在本区", by=clerk, now=NOW)
    with refused(session, Conflict, "已有一项误报认定申请"):
        rectifying.ask_misreport(session, problem=problem, reason="不在本区", by=clerk, now=NOW)
    requests.refuse(session, request=request, reason="汛期将至", by=office, now=NOW)
    ask(session, problem, clerk, date(2021, 6, 15), "至少到端午以后")


# ---- what a unit finds at itself ---------------------------------------------


def report(session: Session, unit: Unit, by: User, **said: Any) -> Problem:
    usual: dict[str, Any] = {
        "rule_code": "4-1",
        "site": "黄村西大街14号院",
        "description": "消火栓无水",
        "count": 1,
        "target": "恢复供水",
        "measure": "更换阀门",
        "responsible": "王科长",
        "due_on": DUE_ON,
        "now": NOW,
    }
    return rectifying.report(session, unit=unit, by=by, **(usual | said))


def test_what_a_unit_finds_at_itself_costs_claimed_and_confirmed_points(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    said, held = score(session, office)
    found = report(session, water_bureau, clerk)
    assert found.status is Status.NOT_STARTED
    assert score(session, office) == (said - Decimal("0.20"), held - Decimal("0.20"))


def test_nobody_reports_findings_at_another_unit(
    session: Session, water_bureau: Unit, neighbour: User, office: User
) -> None:
    with refused(session, NotAllowed, "本单位"):
        report(session, water_bureau, neighbour)
    with refused(session, NotAllowed, "没有这项权限"):
        report(session, water_bureau, office)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"rule_code": "2-1"}, "条款 2-1"),
        ({"count": 0}, "处数"),
        ({"measure": ""}, "整改措施"),
        ({"due_on": date(2021, 5, 19)}, "已经过去"),
    ],
)
def test_an_own_finding_that_cannot_be_is_not_taken(
    session: Session, water_bureau: Unit, clerk: User, said: dict[str, Any], why: str
) -> None:
    with refused(session, BadInput, why):
        report(session, water_bureau, clerk, **said)


Verb = Callable[[Session, Problem, User], object]
BY_UNIT: dict[str, Verb] = {
    "plan": plan,
    "step": add_step,
    "claim": lambda session, problem, by: claim_on(session, problem, by, TODAY, "已换"),
    "ask": lambda session, problem, by: ask(session, problem, by, date(2021, 6, 30), "等配件"),
}


@pytest.mark.parametrize("verb", BY_UNIT.values(), ids=BY_UNIT)
def test_a_neighbour_is_refused_before_anything_is_said_of_the_problem(
    session: Session, problem: Problem, neighbour: User, verb: Verb
) -> None:
    with refused(session, NotAllowed, "这是别的单位的问题"):
        verb(session, problem, neighbour)
