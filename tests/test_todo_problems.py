"""待办 about problems: what costs points unattended, what waits, came back, falls due; 举一反三."""

from datetime import date, timedelta

import pytest
from filling import NOW, dry_hydrant, hand_in, problems, rules
from problem_lives import bring_to, claim, register
from sqlmodel import Session
from todo_lines import found_at, kinds, line

from daxing_safety.actions import peer_checks, rectifying
from daxing_safety.actions.closings import close, reopen, send_back
from daxing_safety.actions.peer_checks import SameProblem
from daxing_safety.actions.problems import assign
from daxing_safety.actions.requests import grant, refuse
from daxing_safety.actions.voidings import dismiss
from daxing_safety.models import PeerCheck, Problem, Round, Unit, User
from daxing_safety.reports import todo
from daxing_safety.reports.todo.items import Kind, PeerQuestion, Section, Urgency
from daxing_safety.vocabulary import Finding, RectificationStatus, Severity

Status = RectificationStatus
DAY = timedelta(days=1)


def lines_of(session: Session, viewer: User, kind: Kind) -> list[str]:
    found = todo.items(session, viewer=viewer, now=NOW)
    return [item.title for item in found if item.kind is kind]


# ---- 失分无整改 ----------------------------------------------------------------------------------


def test_points_that_are_lost_unattended_stand_on_top_with_the_worst_of_them(
    session: Session, city_management: Unit, water_bureau: Unit, office: User, neighbour: User
) -> None:
    found_at(session, city_management, office, due_on=None)
    worst = found_at(session, water_bureau, office, due_on=None, count=3)
    found_at(session, city_management, office, rule_code=None, due_on=None)
    found_at(session, city_management, office, due_on=date(2021, 5, 19), severity=Severity.LISTED)
    first = todo.items(session, viewer=office, now=NOW)[0]
    assert first.kind is Kind.LOSSES_UNATTENDED and first.section is Section.WAITS
    assert first.title == "3 个问题正在失分，却没有整改措施或时限，共失 1.00 分"
    assert f"失得最多的是区水务局的 {worst.number}“林校北路泵站”，0.60 分" in first.detail
    assert "区城管委 2 个、区水务局 1 个" in first.detail
    assert first.link.asked == {"only": "unplanned", "sort": "cost"}
    assert Kind.LOSSES_UNATTENDED not in kinds(session, neighbour)


@pytest.mark.parametrize("due_on", [None, date(2021, 6, 30)])
def test_a_loss_is_attended_to_once_it_has_both_a_measure_and_a_deadline(
    session: Session, city_management: Unit, office: User, due_on: date | None
) -> None:
    problem = found_at(session, city_management, office, due_on=due_on)
    assert Kind.LOSSES_UNATTENDED in kinds(session, office)
    problem.measure, problem.due_on = "更换井盖", date(2021, 6, 30)
    session.add(problem)
    assert Kind.LOSSES_UNATTENDED not in kinds(session, office)


def test_what_costs_nothing_is_no_unattended_loss(
    session: Session, city_management: Unit, office: User
) -> None:
    problem = found_at(session, city_management, office, due_on=None)
    dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    found_at(session, city_management, office, rule_code=None, due_on=None)
    assert Kind.LOSSES_UNATTENDED not in kinds(session, office)


# ---- what waits for the office ----------------------------------------------------------------


def test_a_registered_problem_waits_to_be_assigned(
    session: Session, water_bureau: Unit, office: User, clerk: User
) -> None:
    problem = register(session, water_bureau, office, now=NOW - 3 * DAY, found_on=date(2021, 5, 10))
    waiting = line(session, office, Kind.PROBLEMS_TO_ASSIGN)
    assert waiting.title == "1 个问题登记后还没有交办，最早的已等 3 天"
    assert waiting.link.asked == {"status": "UNASSIGNED"}
    assert Kind.PROBLEMS_TO_ASSIGN not in kinds(session, clerk)
    assign(session, problem=problem, by=office, now=NOW)
    assert Kind.PROBLEMS_TO_ASSIGN not in kinds(session, office)


def test_a_claimed_problem_waits_for_the_office_and_comes_back_when_it_is_returned(
    session: Session,
    second_quarter: Round,
    city_management: Unit,
    neighbour: User,
    clerk: User,
    office: User,
) -> None:
    fixed = dry_hydrant(status=Status.CLAIMED_FIXED, done_on=date(2021, 5, 18), remark="已换阀门")
    problem_rule = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    hand_in(session, second_quarter, city_management, problem_rule, problems(fixed), by=neighbour)
    waiting = line(session, office, Kind.CLAIMS)
    assert waiting.title.startswith("1 个问题申请销号，最早的是区城管委的 ")
    assert waiting.link.asked == {"status": "CLAIMED_FIXED"}
    problem = session.get_one(Problem, 1)
    send_back(session, problem=problem, reason="请补拍照片", by=office, now=NOW)
    assert Kind.CLAIMS not in kinds(session, office)
    returned = line(session, neighbour, Kind.CLAIM_RETURNED)
    assert returned.detail == "退回原因：请补拍照片"
    assert returned.link.asked == {"problem": problem.number}
    assert Kind.CLAIM_RETURNED not in kinds(session, clerk)
    again = fixed._replace(number=problem.number, discovery=problem.discovery)
    hand_in(session, second_quarter, city_management, problems(again), by=neighbour)
    assert Kind.CLAIM_RETURNED not in kinds(session, neighbour)
    assert Kind.CLAIMS in kinds(session, office)


def test_what_a_unit_asks_for_waits_for_the_office_and_its_answer_is_news_for_two_weeks(
    session: Session, water_bureau: Unit, clerk: User, neighbour: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    later = date(2021, 7, 30)
    extension = rectifying.ask_extension(
        session, problem=problem, due_on=later, reason="汛期不能断水", by=clerk, now=NOW
    )
    misreport = rectifying.ask_misreport(
        session, problem=problem, reason="不是本单位管网", by=clerk, now=NOW
    )
    waiting = line(session, office, Kind.REQUESTS, NOW + 2 * DAY)
    assert waiting.title.startswith("2 项申请等待答复（延期 1 项、误报认定 1 项）")
    assert waiting.title.endswith("已等 2 天")
    assert waiting.link.asked == {"only": "requested"}
    grant(session, request=extension, by=office, now=NOW)
    refuse(session, request=misreport, reason="接管协议在册", by=office, now=NOW)
    assert Kind.REQUESTS not in kinds(session, office)
    granted, refused = lines_of(session, clerk, Kind.REQUEST_ANSWERED)
    assert granted.endswith("的延期申请已同意，时限延至7月30日")
    assert refused.endswith("的误报认定申请未获同意")
    before = todo.items(session, viewer=clerk, now=NOW)
    assert all(item.is_news for item in before if item.kind is Kind.REQUEST_ANSWERED)
    assert Kind.REQUEST_ANSWERED not in kinds(session, neighbour)
    assert Kind.REQUEST_ANSWERED not in kinds(session, clerk, NOW + 15 * DAY)


def test_a_refused_request_is_not_taken_for_a_returned_claim(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    asked = rectifying.ask_misreport(session, problem=problem, reason="不是", by=clerk, now=NOW)
    refuse(session, request=asked, reason="属实", by=office, now=NOW)
    assert Kind.CLAIM_RETURNED not in kinds(session, clerk)


def test_a_problem_that_is_back_on_the_ledger_comes_back_to_its_unit_until_claimed_anew(
    session: Session, water_bureau: Unit, clerk: User, neighbour: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.CLOSED, clerk, office)
    reopen(session, problem=problem, reason="回头看又无水", by=office, now=NOW)
    back = line(session, clerk, Kind.REOPENED)
    assert back.title.endswith("销号后重新挂账，请重新整改")
    assert (back.detail, back.section) == ("原因：回头看又无水", Section.CAME_BACK)
    assert Kind.REOPENED not in kinds(session, neighbour)
    claim(session, problem, clerk)
    assert Kind.REOPENED not in kinds(session, clerk)


# ---- the unit's own -----------------------------------------------------------------------------


def test_problems_new_overdue_and_due_within_a_week_are_a_line_each(
    session: Session, city_management: Unit, neighbour: User, clerk: User, office: User
) -> None:
    late = found_at(session, city_management, office, due_on=date(2021, 5, 19))
    today = found_at(session, city_management, office, due_on=date(2021, 5, 20))
    found_at(session, city_management, office, due_on=date(2021, 5, 27))
    found_at(session, city_management, office, due_on=date(2021, 5, 28))
    overdue, due = (
        line(session, neighbour, kind) for kind in (Kind.PROBLEMS_OVERDUE, Kind.PROBLEMS_DUE)
    )
    assert overdue.title == f"1 个问题已过整改时限：{late.number}"
    assert overdue.link.asked == {"problem": late.number}
    assert overdue.urgency is Urgency.OVERDUE
    assert due.title.startswith(f"2 个问题 7 天内到整改时限：{today.number}、")
    assert due.link.asked == {"status": "NOT_STARTED,IN_PROGRESS", "due": "week"}
    assert due.urgency is Urgency.TODAY
    given = line(session, neighbour, Kind.PROBLEMS_ASSIGNED)
    assert given.title.startswith("4 个交办的问题还没有开始整改")
    of_problems = {Kind.PROBLEMS_OVERDUE, Kind.PROBLEMS_DUE, Kind.PROBLEMS_ASSIGNED}
    assert not of_problems & set(kinds(session, clerk))


def test_a_problem_is_new_until_somebody_is_on_it(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    assert Kind.PROBLEMS_ASSIGNED not in kinds(session, clerk)
    assign(session, problem=problem, by=office, now=NOW)
    assert Kind.PROBLEMS_ASSIGNED in kinds(session, clerk)
    assert Kind.PROBLEMS_INCOMPLETE not in kinds(session, clerk)
    rectifying.start(session, problem=problem, by=clerk, now=NOW)
    assert Kind.PROBLEMS_ASSIGNED not in kinds(session, clerk)
    incomplete = line(session, clerk, Kind.PROBLEMS_INCOMPLETE)
    assert incomplete.title == f"1 个问题还没有整改措施或时限：{problem.number}"


# ---- leader and office -------------------------------------------------------------------------


def test_office_and_leader_see_what_is_overdue_and_the_leader_every_listed_problem(
    session: Session, city_management: Unit, water_bureau: Unit, office: User, leader: User
) -> None:
    listed = found_at(
        session, city_management, office, severity=Severity.LISTED, due_on=date(2021, 5, 19)
    )
    found_at(session, water_bureau, office, due_on=date(2021, 5, 18))
    found_at(session, water_bureau, office, due_on=date(2021, 5, 20))
    for viewer in (office, leader):
        overdue = line(session, viewer, Kind.PROBLEMS_OVERDUE)
        assert overdue.title == "2 家单位的 2 个问题已过整改时限"
        assert overdue.link.asked == {"due": "overdue"}
        assert listed.number in line(session, viewer, Kind.LISTED_OVERDUE).title
    assert line(session, leader, Kind.LISTED).title.startswith("1 个重大挂牌问题正在督办：区城管委")
    listed.due_on = date(2021, 5, 20)
    session.add(listed)
    assert Kind.LISTED_OVERDUE not in kinds(session, leader)
    assert Kind.LISTED in kinds(session, leader)


# ---- 举一反三 ------------------------------------------------------------------------------------


@pytest.fixture
def check(session: Session, city_management: Unit, office: User) -> PeerCheck:
    """区城管委 has a broken manhole cover; its peers are asked."""
    problem = found_at(session, city_management, office)
    return peer_checks.send(session, problem=problem, question="有没有？", by=office, now=NOW)


def test_a_peer_is_asked_until_it_answers_and_may_mend_its_answer_for_a_while(
    session: Session, check: PeerCheck, clerk: User, neighbour: User
) -> None:
    asked = line(session, clerk, Kind.PEER_CHECK)
    assert asked.case == PeerQuestion(check.id or 0)
    assert asked.detail == "有没有？" and asked.waits_for(clerk)
    assert Kind.PEER_CHECK not in kinds(session, neighbour)
    late = line(session, clerk, Kind.PEER_CHECK, NOW + 30 * DAY)
    assert late.urgency is Urgency.OVERDUE
    peer_checks.answer_no(session, check=check, checked="查了 12 处泵站", by=clerk, now=NOW)
    said = line(session, clerk, Kind.PEER_CHECK)
    assert said.is_news and said.can_be_answered_by(clerk)
    assert "查了 12 处泵站" in said.title
    assert Kind.PEER_CHECK not in kinds(session, clerk, NOW + 15 * DAY)


def test_an_answer_that_opened_a_problem_leads_to_it(
    session: Session, check: PeerCheck, clerk: User
) -> None:
    found = SameProblem("泵站北门", "井盖破损", 1, "换井盖", "采购更换", "王科长", date(2021, 6, 4))
    problem = peer_checks.answer_yes(session, check=check, found=found, by=clerk, now=NOW)
    said = line(session, clerk, Kind.PEER_CHECK)
    assert said.case is None and said.link.asked == {"problem": problem.number}


def test_closing_what_was_lost_ends_every_line_about_it(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office, count=2)
    bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    close(session, problem=problem, remark="已复核", by=office, now=NOW)
    about = {Kind.LOSSES_UNATTENDED, Kind.CLAIMS, Kind.PROBLEMS_TO_ASSIGN, Kind.PROBLEMS_OVERDUE}
    assert not about & set(kinds(session, office))
    assert not {Kind.PROBLEMS_ASSIGNED, Kind.PROBLEMS_DUE} & set(kinds(session, clerk))
