"""问题台账, entered and handed on: 登记, 交办, 改派, 更正, and the points it costs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from problem_lives import (
    NOW,
    TODAY,
    bring_to,
    claim,
    close,
    refused,
    register,
    score,
    show,
    timeline,
)
from sqlmodel import Session, col, select

from daxing_safety import prefill
from daxing_safety.actions import (
    closings,
    moves,
    preferences,
    problems,
    rectifying,
    voidings,
)
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import (
    Problem,
    RectificationStep,
    Round,
    RuleLoss,
    Unit,
    UnitSummary,
    User,
)
from daxing_safety.vocabulary import (
    RectificationStatus,
    Severity,
)

Status = RectificationStatus
LATER = NOW + timedelta(days=7)


# ---- 登记 ------------------------------------------------------------


def test_what_is_registered_costs_confirmed_points_at_once_but_not_claimed_ones(
    session: Session, water_bureau: Unit, office: User
) -> None:
    before = score(session, office)
    register(session, water_bureau, office, count=2)
    assert score(session, office) == (before[0], before[1] - Decimal("0.40"))


def test_it_stands_in_the_units_workbook_only_once_it_has_been_assigned(
    session: Session, problem: Problem, second_quarter: Round, water_bureau: Unit, office: User
) -> None:
    def numbers() -> list[str]:
        content = prefill.content(session, second_quarter, water_bureau)
        return [row.number for row in content.problems]

    assert numbers() == []
    problems.assign(session, problem=problem, by=office, now=NOW)
    assert numbers() == [problem.number]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"rule_code": "2-1"}, "条款 2-1 不由区水务局负责"),
        ({"rule_code": "99-9"}, "条款 99-9"),
        ({"rule_code": ""}, "条款"),
        ({"count": 0}, "处数至少是 1"),
        ({"found_on": date(2021, 5, 21)}, "在今天之后"),
        ({"task_no": 23}, "没有第 23 项任务"),
        ({"site": " "}, "点位"),
        ({"description": ""}, "问题描述"),
    ],
)
def test_what_cannot_be_is_not_registered(
    session: Session, water_bureau: Unit, office: User, said: dict[str, Any], why: str
) -> None:
    with refused(session, BadInput, why):
        register(session, water_bureau, office, **said)


def test_only_a_town_or_subdistrict_is_a_problems_属地(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    with refused(session, BadInput, "不是镇或街道"):
        register(session, water_bureau, office, town=city_management)


def test_a_problem_may_stand_without_a_rule_and_costs_nothing_then(
    session: Session, water_bureau: Unit, office: User
) -> None:
    before = score(session, office)
    assert register(session, water_bureau, office, rule_code=None).rule_code is None
    assert score(session, office) == before


@pytest.mark.parametrize("role", ["clerk", "neighbour", "leader", "admin"])
def test_nobody_but_the_office_registers(
    session: Session, water_bureau: Unit, role: str, request: pytest.FixtureRequest
) -> None:
    with refused(session, NotAllowed, "没有这项权限"):
        register(session, water_bureau, request.getfixturevalue(role))


def test_a_problem_that_is_back_at_the_same_place_is_recognised_however_it_is_written(
    session: Session, closed: Problem, water_bureau: Unit, office: User
) -> None:
    back = register(session, water_bureau, office, site="黄村西大街 12号院（北门）", found_on=TODAY)
    assert back.recurs == closed.number


@pytest.mark.parametrize(
    "said", [{"site": "黄村西大街12号院南门"}, {"rule_code": "17-1"}, {"rule_code": None}]
)
def test_another_place_or_another_rule_is_no_反复(
    session: Session, closed: Problem, water_bureau: Unit, office: User, said: dict[str, Any]
) -> None:
    assert register(session, water_bureau, office, found_on=TODAY, **said).recurs is None


def test_what_was_found_before_the_other_was_closed_is_no_反复(
    session: Session, closed: Problem, water_bureau: Unit, office: User
) -> None:
    assert register(session, water_bureau, office, found_on=date(2021, 5, 19)).recurs is None


def test_a_neighbour_cannot_even_learn_that_it_is_there(
    session: Session, problem: Problem, clerk: User, neighbour: User, leader: User
) -> None:
    assert moves.find(session, problem.number, viewer=clerk) is problem
    assert moves.find(session, problem.number, viewer=leader) is problem
    with pytest.raises(NotFound) as unseen:
        moves.find(session, problem.number, viewer=neighbour)
    with pytest.raises(NotFound) as missing:
        moves.find(session, "P99999", viewer=neighbour)
    assert str(unseen.value).replace(problem.number, "P99999") == str(missing.value)


# ---- 交办, 改派, 更正 ------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "due_on"),
    [
        (Severity.GENERAL, date(2021, 6, 3)),  # 10 working days after Thursday 20 May
        (Severity.MAJOR, date(2021, 6, 18)),  # 20, and 14 June is 端午节
        (Severity.LISTED, date(2021, 7, 19)),  # 60 days
    ],
)
def test_without_a_deadline_that_of_the_severity_counts_from_the_day_of_交办(
    session: Session, water_bureau: Unit, office: User, severity: Severity, due_on: date
) -> None:
    problem = register(session, water_bureau, office, severity=severity)
    problems.assign(session, problem=problem, by=office, now=NOW)
    assert (problem.due_on, problem.first_due_on) == (due_on, due_on)
    assert problem.assigned_on == TODAY


def test_the_offices_own_limit_takes_the_place_of_ours(
    session: Session, problem: Problem, office: User
) -> None:
    preferences.set_time_limit(session, severity=Severity.GENERAL, limit="15天", by=office)
    problems.assign(session, problem=problem, by=office, now=NOW)
    assert problem.due_on == date(2021, 6, 4)


def test_the_office_says_what_is_to_be_done_until_when(
    session: Session, problem: Problem, office: User
) -> None:
    problems.assign(session, problem=problem, due_on=TODAY, target="恢复供水", by=office, now=NOW)
    assert (problem.due_on, problem.target, problem.measure) == (TODAY, "恢复供水", "")


YESTERDAY = date(2021, 5, 19)


def test_a_deadline_that_is_over_is_not_given(
    session: Session, problem: Problem, city_management: Unit, office: User, clerk: User
) -> None:
    with refused(session, BadInput, "2021-05-19 已经过去"):
        problems.assign(session, problem=problem, due_on=YESTERDAY, by=office, now=NOW)
    with refused(session, BadInput, "2021-05-19 已经过去"):
        problems.reassign(
            session,
            problem=problem,
            unit=city_management,
            rule_code="4-1",
            reason="属地管理",
            due_on=YESTERDAY,
            by=office,
            now=NOW,
        )
    bring_to(session, problem, Status.CLOSED, clerk, office)
    with refused(session, BadInput, "2021-05-19 已经过去"):
        closings.reopen(
            session, problem=problem, reason="又无水了", due_on=YESTERDAY, by=office, now=NOW
        )


def test_many_are_assigned_together_or_none_of_them(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    other = register(session, water_bureau, office, severity=Severity.MAJOR)
    problems.assign_all(session, problems=[problem, other], by=office, now=NOW)
    assert (problem.due_on, other.due_on) == (date(2021, 6, 3), date(2021, 6, 18))
    third = register(session, water_bureau, office)
    with pytest.raises(Conflict, match="未整改"), session.begin_nested():
        problems.assign_all(session, problems=[third, problem], by=office, now=NOW)
    assert (third.status, timeline(session, third)) == (Status.UNASSIGNED, [])


def give_to(session: Session, problem: Problem, unit: Unit, by: User, **said: Any) -> None:
    usual: dict[str, Any] = {"rule_code": "4-1", "reason": "属地管理", "now": LATER}
    problems.reassign(session, problem=problem, unit=unit, by=by, **(usual | said))


def lost(session: Session, unit: Unit) -> Decimal:
    query = select(UnitSummary).where(
        col(UnitSummary.unit_code) == unit.code, col(UnitSummary.round_id) == 0
    )
    return session.exec(query.execution_options(populate_existing=True)).one().confirmed_lost


def test_改派_moves_the_loss_to_the_other_unit_and_the_deadline_starts_anew(
    session: Session, assigned: Problem, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    assert (lost(session, water_bureau), lost(session, city_management)) == (
        Decimal("0.20"),
        Decimal("0.00"),
    )
    give_to(session, assigned, city_management, office)
    assert (lost(session, water_bureau), lost(session, city_management)) == (
        Decimal("0.00"),
        Decimal("0.20"),
    )
    assert (assigned.due_on, assigned.first_due_on) == (date(2021, 6, 10), date(2021, 6, 10))
    assert assigned.assigned_on == LATER.date()


def test_改派_leaves_the_former_units_plans_and_wishes_behind(
    session: Session, assigned: Problem, city_management: Unit, office: User, clerk: User
) -> None:
    rectifying.plan(
        session,
        problem=assigned,
        target="恢复供水",
        measure="更换阀门",
        responsible="王科长",
        due_on=assigned.due_on,
        by=clerk,
        now=NOW,
    )
    rectifying.add_step(
        session,
        problem=assigned,
        text="采购阀门",
        responsible="小王",
        due_on=date(2021, 6, 1),
        by=clerk,
        now=NOW,
    )
    request = rectifying.ask_misreport(
        session, problem=assigned, reason="不归我们管", by=clerk, now=NOW
    )
    give_to(session, assigned, city_management, office)
    session.expire_all()
    assert (assigned.target, assigned.measure, assigned.responsible) == ("恢复供水", "", "")
    assert session.exec(select(RectificationStep)).all() == []
    assert (request.is_granted, "改派" in request.answer) == (False, True)


def test_the_former_units_photos_are_no_evidence_of_the_new_units_work(
    session: Session, assigned: Problem, city_management: Unit, office: User, clerk: User
) -> None:
    show(session, assigned, clerk)
    assert closings.has_evidence(session, assigned)
    give_to(session, assigned, city_management, office)
    assert not closings.has_evidence(session, assigned)


def test_a_unit_that_got_rid_of_a_problem_has_no_say_in_it_any_more(
    session: Session,
    assigned: Problem,
    city_management: Unit,
    office: User,
    clerk: User,
    neighbour: User,
) -> None:
    give_to(session, assigned, city_management, office)
    with refused(session, NotAllowed, "别的单位"):
        rectifying.start(session, problem=assigned, by=clerk, now=LATER)
    rectifying.start(session, problem=assigned, by=neighbour, now=LATER)


def test_改派_needs_another_unit_that_answers_for_the_rule_and_a_reason(
    session: Session, assigned: Problem, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    with refused(session, BadInput, "本来就是区水务局的问题"):
        give_to(session, assigned, water_bureau, office)
    with refused(session, BadInput, "条款 2-1 不由区城管委负责"):
        give_to(session, assigned, city_management, office, rule_code="2-1")
    with refused(session, BadInput, "改派的原因"):
        give_to(session, assigned, city_management, office, reason=" ")


def set_right(session: Session, problem: Problem, by: User, **said: Any) -> None:
    usual: dict[str, Any] = {
        "rule_code": problem.rule_code,
        "site": problem.site,
        "description": problem.description,
        "count": problem.count,
        "severity": problem.severity,
        "reason": "现场核实",
        "now": NOW,
    }
    problems.correct(session, problem=problem, by=by, **(usual | said))


def test_更正_brings_the_sums_along_and_keeps_what_it_said_before(
    session: Session, assigned: Problem, office: User
) -> None:
    before = score(session, office)
    set_right(session, assigned, office, count=3, description="三个消火栓无水")
    assert score(session, office) == (before[0], before[1] - Decimal("0.40"))
    assert '"count": 1' in timeline(session, assigned)[-1].before


def test_更正_needs_a_reason_and_what_can_be(
    session: Session, assigned: Problem, city_management: Unit, office: User
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"reason": ""}, "更正的原因"),
        ({"rule_code": "2-1"}, "条款 2-1"),
        ({"count": 0}, "处数"),
        ({"site": "", "count": 9}, "点位"),
        ({"description": " ", "count": 9}, "问题描述"),
        ({"task_no": 0}, "没有第 0 项任务"),
        ({"town": city_management}, "不是镇或街道"),
    ]
    for said, why in wrong:
        with refused(session, BadInput, why):
            set_right(session, assigned, office, **said)


def test_更正_of_the_site_asks_anew_whether_a_closed_problem_is_back(
    session: Session, closed: Problem, water_bureau: Unit, office: User
) -> None:
    other = register(session, water_bureau, office, site="黄村西大街", found_on=TODAY)
    assert other.recurs is None
    set_right(session, other, office, site=closed.site)
    assert other.recurs == closed.number
    set_right(session, other, office, site="黄村东大街")
    assert other.recurs is None


def test_who_saw_an_older_state_is_told_who_did_what_and_changes_nothing(
    session: Session, assigned: Problem, office: User
) -> None:
    seen = assigned.revision
    set_right(session, assigned, office, count=2, seen=seen)
    with refused(session, Conflict, "已由 张工 更正，没有保存"):
        set_right(session, assigned, office, count=5, seen=seen)
    set_right(session, assigned, office, count=5, seen=assigned.revision)
    assert assigned.count == 5


# ---- the points ------------------------------------------------------------


def test_the_points_over_a_problems_whole_life(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    said, held = score(session, office)
    cost = Decimal("0.40")
    problem = register(session, water_bureau, office, count=2)
    assert score(session, office) == (said, held - cost)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    assert score(session, office) == (said, held - cost)
    close(session, problem, office)
    assert score(session, office) == (said, held)
    closings.reopen(session, problem=problem, reason="又无水", by=office, now=NOW)
    assert score(session, office) == (said, held - cost)
    voidings.dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    assert score(session, office) == (said, held)
    voidings.restore(session, problem=problem, reason="还在", by=office, now=NOW)
    assert score(session, office) == (said, held - cost)


def test_a_claim_brings_claimed_points_of_what_the_unit_reported_and_confirmed_ones_when_closed(
    session: Session, problem: Problem, clerk: User, office: User
) -> None:
    problem.is_self_reported = True
    session.flush()
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    said, held = score(session, office)
    claim(session, problem, clerk)
    assert score(session, office) == (said + Decimal("0.20"), held)
    close(session, problem, office)
    assert score(session, office) == (said + Decimal("0.20"), held + Decimal("0.20"))


def test_above_the_cap_closing_one_brings_nothing_yet(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User, office: User
) -> None:
    register(session, water_bureau, office, count=6)  # 4-1 takes off 1.0 at most
    before = score(session, office)
    bring_to(session, problem, Status.CLOSED, clerk, office)
    assert score(session, office) == before


def test_what_a_rule_takes_off_is_kept_for_what_closing_brings(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User, office: User
) -> None:
    register(session, water_bureau, office, count=2)

    def found() -> list[tuple[str, int, Decimal]]:
        kept = session.exec(select(RuleLoss).execution_options(populate_existing=True))
        return [(line.rule_code, line.found, line.deduct) for line in kept]

    assert found() == [("4-1", 3, Decimal("0.20"))]
    bring_to(session, problem, Status.CLOSED, clerk, office)
    assert found() == [("4-1", 2, Decimal("0.20"))]
