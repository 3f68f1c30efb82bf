"""问题台账, the office's side: 登记, 交办, 复查, 销号, 延期, 误报, 合并, and the points."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from problem_lives import (
    NOW,
    TODAY,
    bring_to,
    claim,
    colleague,
    pass_reinspection,
    refused,
    register,
    score,
    show,
    stands_as,
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
    requests,
    voidings,
)
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import (
    Problem,
    ProblemRequest,
    RectificationStep,
    Round,
    RuleLoss,
    Unit,
    UnitSummary,
    User,
)
from daxing_safety.vocabulary import (
    Move,
    PhotoStage,
    RectificationStatus,
    RequestKind,
    Severity,
)

Status = RectificationStatus
LATER = NOW + timedelta(days=7)


@pytest.fixture
def problem(session: Session, water_bureau: Unit, office: User) -> Problem:
    """Found by an expert, 待交办."""
    return register(session, water_bureau, office)


@pytest.fixture
def assigned(session: Session, problem: Problem, office: User) -> Problem:
    problems.assign(session, problem=problem, by=office, now=NOW)
    return problem


@pytest.fixture
def claimed(session: Session, assigned: Problem, clerk: User) -> Problem:
    claim(session, assigned, clerk)
    return assigned


@pytest.fixture
def closed(session: Session, claimed: Problem, office: User) -> Problem:
    closings.close(session, problem=claimed, remark="看过照片", by=office, now=NOW)
    return claimed


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


# ---- 复查, 销号, 退回 ------------------------------------------------------------


def test_closing_says_when_by_whom_and_why(session: Session, closed: Problem) -> None:
    assert (closed.status, closed.closed_on, closed.closed_by) == (Status.CLOSED, TODAY, "office")
    assert closed.office_remark == "看过照片"
    assert [event.move for event in timeline(session, closed)] == [
        Move.ASSIGN,
        Move.CLAIM_FIXED,
        Move.CLOSE,
    ]


def claim_by_word(session: Session, problem: Problem, office: User) -> None:
    """As a workbook claims: with a remark, but no file."""
    problem.status, problem.claimed_at = Status.CLAIMED_FIXED, NOW
    session.add(problem)
    session.flush()


def close(session: Session, problem: Problem, office: User, remark: str = "") -> None:
    closings.close(session, problem=problem, remark=remark, by=office, now=NOW)


def test_without_evidence_or_复查_the_office_says_on_what_ground_it_closes(
    session: Session, assigned: Problem, clerk: User, office: User
) -> None:
    show(session, assigned, clerk, stage=PhotoStage.BEFORE)
    claim_by_word(session, assigned, office)
    with refused(session, BadInput, "写明凭什么销号"):
        close(session, assigned, office, remark="  ")
    close(session, assigned, office, remark="5月20日电话核实并看过视频")
    assert assigned.status is Status.CLOSED


@pytest.mark.parametrize("ground", ["evidence", "reinspection"])
def test_evidence_or_a_passed_复查_is_ground_enough(
    session: Session, assigned: Problem, clerk: User, office: User, ground: str
) -> None:
    claim_by_word(session, assigned, office)
    if ground == "evidence":
        show(session, assigned, clerk)
    else:
        pass_reinspection(session, assigned, office)
    close(session, assigned, office)
    assert assigned.status is Status.CLOSED


@pytest.mark.parametrize("severity", [Severity.MAJOR, Severity.LISTED])
def test_a_grave_problem_is_closed_only_after_a_复查_that_it_passed(
    session: Session, water_bureau: Unit, clerk: User, office: User, severity: Severity
) -> None:
    problem = register(session, water_bureau, office, severity=severity)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    with refused(session, Conflict, "复查合格后才能销号"):
        close(session, problem, office, remark="看过照片")
    pass_reinspection(session, problem, office)
    close(session, problem, office)
    assert problem.status is Status.CLOSED


def test_a_复查_from_before_the_last_claim_does_not_count(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office, severity=Severity.MAJOR)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    pass_reinspection(session, problem, office)
    closings.send_back(session, problem=problem, reason="隔日又无水", by=office, now=NOW)
    claim(session, problem, clerk)  # at the very same moment, by the clock of the test
    with refused(session, Conflict, "复查合格后才能销号"):
        close(session, problem, office)


def test_what_failed_its_last_复查_is_not_closed_on_photos(
    session: Session, claimed: Problem, office: User
) -> None:
    pass_reinspection(session, claimed, office)
    pass_reinspection(session, claimed, office, is_passed=False)
    with refused(session, Conflict, "最近一次复查不合格"):
        close(session, claimed, office, remark="看过照片")
    pass_reinspection(session, claimed, office)
    close(session, claimed, office)
    assert claimed.status is Status.CLOSED


def test_a_复查_is_told_in_the_timeline_with_its_outcome(
    session: Session, claimed: Problem, office: User
) -> None:
    with refused(session, BadInput, "复查的情况"):
        closings.reinspect(session, problem=claimed, is_passed=True, remark="", by=office, now=NOW)
    pass_reinspection(session, claimed, office, is_passed=False)
    event = timeline(session, claimed)[-1]
    assert (event.move, event.is_passed) == (Move.REINSPECT, False)
    assert "到现场放水" in event.remark
    assert claimed.status is Status.CLAIMED_FIXED


def test_a_problem_is_never_judged_by_who_has_to_mend_it(
    session: Session, claimed: Problem, water_bureau: Unit, office: User
) -> None:
    own = colleague(session, water_bureau)
    twin = register(session, water_bureau, own)  # registering is everybody's
    judge: dict[str, Any] = {"problem": claimed, "by": own, "now": NOW}
    with refused(session, NotAllowed, "您所在单位的问题"):
        closings.reinspect(session, is_passed=True, remark="看过", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        closings.close(session, remark="看过", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        voidings.dismiss(session, reason="误报", **judge)
    with refused(session, NotAllowed, "您所在单位的问题"):
        voidings.merge(session, into=twin, reason="重复", **judge)
    close(session, claimed, office)


def test_a_colleague_another_unit_may_judge(
    session: Session, claimed: Problem, city_management: Unit
) -> None:
    close(session, claimed, colleague(session, city_management))
    assert claimed.status is Status.CLOSED


def test_退回_says_why_and_the_claim_is_gone(
    session: Session, claimed: Problem, office: User
) -> None:
    with refused(session, BadInput, "退回原因"):
        closings.send_back(session, problem=claimed, reason=" ", by=office, now=NOW)
    closings.send_back(session, problem=claimed, reason="照片不清", by=office, now=NOW)
    assert (claimed.status, claimed.done_on, claimed.claimed_at) == (Status.IN_PROGRESS, None, None)
    assert claimed.office_remark == "照片不清"


def test_重新挂账_costs_again_with_a_deadline_of_its_own_and_the_first_one_kept(
    session: Session, closed: Problem, office: User
) -> None:
    first = closed.first_due_on
    closings.reopen(session, problem=closed, reason="回头看又无水", by=office, now=LATER)
    assert (closed.status, closed.closed_on, closed.closed_by) == (Status.IN_PROGRESS, None, None)
    assert (closed.due_on, closed.first_due_on) == (date(2021, 6, 10), first)
    assert (closed.done_on, closed.claimed_at) == (None, None)


# ---- 延期 and what units ask for -------------------------------------------------------


def extend(session: Session, problem: Problem, due_on: date, by: User, **said: Any) -> None:
    usual: dict[str, Any] = {"reason": "等配件", "now": NOW}
    requests.extend(session, problem=problem, due_on=due_on, by=by, **(usual | said))


def test_延期_leaves_the_first_deadline_visible(
    session: Session, assigned: Problem, office: User
) -> None:
    extend(session, assigned, date(2021, 6, 30), office)
    extend(session, assigned, date(2021, 7, 15), office)
    assert (assigned.due_on, assigned.first_due_on) == (date(2021, 7, 15), date(2021, 6, 3))
    event = timeline(session, assigned)[-1]
    assert (event.due_before, event.due_after) == (date(2021, 6, 30), date(2021, 7, 15))


@pytest.mark.parametrize("due_on", [date(2021, 6, 3), date(2021, 6, 2), date(2021, 5, 1)])
def test_延期_is_never_to_the_same_or_an_earlier_day(
    session: Session, assigned: Problem, office: User, due_on: date
) -> None:
    with refused(session, BadInput, "晚于原时限 2021-06-03"):
        extend(session, assigned, due_on, office)


def test_延期_of_what_is_overdue_is_not_to_a_day_that_is_over_too(
    session: Session, assigned: Problem, office: User
) -> None:
    later = datetime(2021, 6, 20, 9, 0)
    with refused(session, BadInput, "不早于今天"):
        extend(session, assigned, date(2021, 6, 19), office, now=later)
    extend(session, assigned, date(2021, 6, 20), office, now=later)


def test_延期_needs_a_reason_and_an_unchanged_state(
    session: Session, assigned: Problem, office: User
) -> None:
    with refused(session, BadInput, "延期的原因"):
        extend(session, assigned, date(2021, 6, 30), office, reason="")
    seen = assigned.revision
    extend(session, assigned, date(2021, 6, 30), office, seen=seen)
    with refused(session, Conflict, "张工 延期"):
        extend(session, assigned, date(2021, 7, 30), office, seen=seen)


def test_many_are_extended_together_or_none_of_them(
    session: Session, assigned: Problem, water_bureau: Unit, office: User
) -> None:
    other = register(session, water_bureau, office)
    problems.assign(session, problem=other, due_on=date(2021, 8, 1), by=office, now=NOW)
    both: dict[str, Any] = {
        "problems": [assigned, other],
        "reason": "汛期停工",
        "by": office,
        "now": NOW,
    }
    with pytest.raises(BadInput, match=other.number), session.begin_nested():
        requests.extend_all(session, due_on=date(2021, 7, 1), **both)
    assert assigned.due_on == date(2021, 6, 3)
    requests.extend_all(session, due_on=date(2021, 9, 1), **both)
    assert assigned.due_on == other.due_on == date(2021, 9, 1)


@pytest.fixture
def wish(session: Session, assigned: Problem, clerk: User) -> ProblemRequest:
    """小王 asks for a later deadline."""
    return rectifying.ask_extension(
        session, problem=assigned, due_on=date(2021, 6, 30), reason="等配件", by=clerk, now=NOW
    )


def test_a_granted_wish_moves_the_deadline_and_says_who_consented(
    session: Session, assigned: Problem, wish: ProblemRequest, office: User
) -> None:
    requests.grant(session, request=wish, answer="仅此一次", by=office, now=NOW)
    assert (assigned.due_on, assigned.first_due_on) == (date(2021, 6, 30), date(2021, 6, 3))
    assert (wish.is_granted, wish.answer, wish.answered_by) == (True, "仅此一次", "office")


def test_a_refused_wish_leaves_the_deadline_and_the_unit_reads_why(
    session: Session, assigned: Problem, wish: ProblemRequest, office: User
) -> None:
    with refused(session, BadInput, "不同意的原因"):
        requests.refuse(session, request=wish, reason="", by=office, now=NOW)
    requests.refuse(session, request=wish, reason="汛期将至", by=office, now=NOW)
    assert assigned.due_on == date(2021, 6, 3)
    assert (wish.is_granted, wish.answer, assigned.office_remark) == (False, "汛期将至", "汛期将至")
    assert timeline(session, assigned)[-1].remark == "延期：汛期将至"


def test_a_wish_is_answered_once(session: Session, wish: ProblemRequest, office: User) -> None:
    requests.grant(session, request=wish, by=office, now=NOW)
    with refused(session, Conflict, "已由 office 答复“同意”"):
        requests.refuse(session, request=wish, reason="反悔", by=office, now=NOW)
    with refused(session, Conflict, "已由 office 答复“同意”"):
        requests.grant(session, request=wish, by=office, now=NOW)


@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_nobody_but_the_office_answers_wishes(
    session: Session, wish: ProblemRequest, role: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(role)
    with refused(session, NotAllowed, "没有这项权限"):
        requests.grant(session, request=wish, by=by, now=NOW)
    with refused(session, NotAllowed, "没有这项权限"):
        requests.refuse(session, request=wish, reason="不行", by=by, now=NOW)


def test_granting_a_day_that_is_over_meanwhile_is_refused_as_a_whole(
    session: Session, wish: ProblemRequest, office: User
) -> None:
    with refused(session, BadInput, "不早于今天"):
        requests.grant(session, request=wish, by=office, now=datetime(2021, 7, 5, 9, 0))


def test_a_granted_误报_is_dismissed_and_every_other_wish_lapses(
    session: Session, assigned: Problem, wish: ProblemRequest, clerk: User, office: User
) -> None:
    misreport = rectifying.ask_misreport(
        session, problem=assigned, reason="点位属丰台区", by=clerk, now=NOW
    )
    requests.grant(session, request=misreport, by=office, now=NOW)
    session.expire_all()
    assert assigned.status is Status.DISMISSED
    assert (misreport.kind, misreport.is_granted) == (RequestKind.MISREPORT, True)
    assert (wish.is_granted, "不再办理" in wish.answer) == (False, True)


def test_a_wish_lapses_when_its_problem_is_closed(
    session: Session, assigned: Problem, wish: ProblemRequest, clerk: User, office: User
) -> None:
    claim(session, assigned, clerk)
    close(session, assigned, office)
    session.expire_all()
    assert (wish.is_granted, "已销号" in wish.answer) == (False, True)


# ---- 误报, 合并 and back ------------------------------------------------------------


@pytest.mark.parametrize(
    "status", [Status.UNASSIGNED, Status.NOT_STARTED, Status.IN_PROGRESS, Status.CLAIMED_FIXED]
)
@pytest.mark.parametrize("move", [Move.DISMISS, Move.MERGE])
def test_what_was_taken_out_and_restored_stands_where_it_stood(
    session: Session, problem: Problem, clerk: User, office: User, move: Move, status: Status
) -> None:
    bring_to(session, problem, status, clerk, office)
    twin = register(session, session.get_one(Unit, problem.unit_code), office)
    before, points = stands_as(problem), score(session, office)
    if move is Move.DISMISS:
        voidings.dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    else:
        voidings.merge(session, problem=problem, into=twin, reason="重复", by=office, now=NOW)
        assert problem.merged_into == twin.number
    assert score(session, office) == (points[0], points[1] + Decimal("0.20"))
    voidings.restore(session, problem=problem, reason="核实确有", by=office, now=NOW)
    assert stands_as(problem) == before
    assert score(session, office) == points


def test_a_second_restoring_goes_back_to_before_the_second_taking_out(
    session: Session, assigned: Problem, clerk: User, office: User
) -> None:
    voidings.dismiss(session, problem=assigned, reason="拆除", by=office, now=NOW)
    voidings.restore(session, problem=assigned, reason="还在", by=office, now=NOW)
    claim(session, assigned, clerk)
    voidings.dismiss(session, problem=assigned, reason="确已拆除", by=office, now=NOW)
    voidings.restore(session, problem=assigned, reason="还在", by=office, now=NOW)
    assert assigned.status is Status.CLAIMED_FIXED


def test_taking_out_and_restoring_need_a_reason(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    twin = register(session, water_bureau, office)
    with refused(session, BadInput, "认定误报的理由"):
        voidings.dismiss(session, problem=problem, reason="", by=office, now=NOW)
    with refused(session, BadInput, "合并的理由"):
        voidings.merge(session, problem=problem, into=twin, reason=" ", by=office, now=NOW)
    voidings.dismiss(session, problem=problem, reason="拆除", by=office, now=NOW)
    with refused(session, BadInput, "恢复的原因"):
        voidings.restore(session, problem=problem, reason="", by=office, now=NOW)


def put_together(session: Session, one: Problem, into: Problem, by: User) -> None:
    voidings.merge(session, problem=one, into=into, reason="重复登记", by=by, now=NOW)


def test_only_one_place_under_one_rule_of_one_unit_is_merged(
    session: Session, problem: Problem, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    others = [
        register(session, water_bureau, office, site="另一处"),
        register(session, water_bureau, office, rule_code="17-1"),
        register(session, city_management, office),
    ]
    for other in others:
        with refused(session, BadInput, "责任单位、条款、点位要相同"):
            put_together(session, problem, other, office)
    with refused(session, BadInput, "不能并入它自己"):
        put_together(session, problem, problem, office)


def test_nothing_is_merged_into_what_is_not_open(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    gone = register(session, water_bureau, office)
    voidings.dismiss(session, problem=gone, reason="拆除", by=office, now=NOW)
    with refused(session, Conflict, "现在是“误报”"):
        put_together(session, problem, gone, office)


def test_there_are_no_chains_of_merged_problems(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    second, third = (register(session, water_bureau, office) for _ in range(2))
    put_together(session, problem, second, office)
    with refused(session, Conflict, f"{problem.number} 已并入 {second.number}"):
        put_together(session, second, third, office)
    put_together(session, third, second, office)
    assert (problem.merged_into, third.merged_into) == (second.number, second.number)


def test_what_a_unit_reported_itself_does_not_vanish_from_its_claimed_loss_by_merging(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    own = register(session, water_bureau, office)
    own.is_self_reported = True
    session.add(own)
    with refused(session, Conflict, "请反过来合并"):
        put_together(session, own, problem, office)
    put_together(session, problem, own, office)


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
