"""举一反三: a confirmed problem goes to all who answer for its rule, and each says yes or no."""

from datetime import date, datetime, timedelta

import pytest
from filling import dry_hydrant, hand_in, problems, rules
from problem_lives import NOW, TODAY, bring_to, claim, pass_reinspection, register
from sqlmodel import Session, col, select

from daxing_safety.actions import evidence, peer_checks, reviews
from daxing_safety.actions.closings import close
from daxing_safety.actions.peer_checks import SameProblem, answer_no, answer_yes, send, withdraw
from daxing_safety.actions.voidings import dismiss
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.ledger import criteria_in_force, differences
from daxing_safety.models import (
    AuditEvent,
    PairState,
    PeerAnswer,
    PeerCheck,
    Problem,
    Round,
    Unit,
    User,
)
from daxing_safety.reports.problems import peer_checks as reports
from daxing_safety.reports.problems.peer_checks import Check
from daxing_safety.vocabulary import (
    Discovery,
    EvidenceOf,
    Finding,
    RectificationStatus,
)

Status = RectificationStatus
QUESTION = "请核查本单位负责的消火栓是否有水。"
DAY = timedelta(days=1)


@pytest.fixture
def problem(session: Session, city_management: Unit, office: User) -> Problem:
    """What an expert found at 区城管委; 区水务局 answers for the same rule."""
    return register(session, city_management, office)


@pytest.fixture
def check(session: Session, problem: Problem, office: User) -> PeerCheck:
    return send(session, problem=problem, question=QUESTION, by=office, now=NOW)


def dry(due_on: date = date(2021, 6, 4), **changes: str) -> SameProblem:
    words = {
        "site": "清源路9号门前",
        "description": "消火栓无水",
        "target": "恢复供水",
        "measure": "更换阀门并试水",
        "responsible": "王科长",
    }
    return SameProblem(**(words | changes), count=2, due_on=due_on)


def found(session: Session, viewer: User, number: str, today: date = TODAY) -> Check:
    session.flush()
    (only,) = reports.of_problem(session, viewer=viewer, number=number, today=today)
    return only


def line_of(session: Session, check: PeerCheck, unit: Unit) -> PeerAnswer:
    return session.get_one(PeerAnswer, (check.id, unit.code))


# ---- sending ----------------------------------------------------------------------------------


def test_a_check_goes_to_everybody_who_answers_for_the_rule_but_the_unit_itself(
    session: Session, check: PeerCheck, city_management: Unit, water_bureau: Unit
) -> None:
    pairs = select(PairState.unit_code).where(col(PairState.rule_code) == "4-1")
    asked = set(session.exec(select(PeerAnswer.unit_code)))
    assert asked == set(session.exec(pairs)) - {city_management.code}
    assert water_bureau.code in asked


def test_without_a_day_five_working_days_are_given(check: PeerCheck) -> None:
    assert check.due_on == date(2021, 5, 27)


def test_it_may_go_to_some_of_them_and_later_to_the_others_but_to_nobody_twice(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    some = send(
        session,
        problem=problem,
        question=QUESTION,
        units=[water_bureau.code],
        by=office,
        now=NOW,
    )
    others = send(session, problem=problem, question=QUESTION, by=office, now=NOW)
    asked = session.exec(select(PeerAnswer.check_id, PeerAnswer.unit_code)).all()
    assert [unit for number, unit in asked if number == some.id] == [water_bureau.code]
    assert (others.id, water_bureau.code) not in asked
    with pytest.raises(BadInput, match="还没有收到过的单位"):
        send(session, problem=problem, question=QUESTION, by=office, now=NOW)


def test_a_unit_that_does_not_answer_for_the_rule_cannot_be_asked(
    session: Session, problem: Problem, city_management: Unit, office: User
) -> None:
    with pytest.raises(BadInput, match="条款 4-1"):
        send(
            session,
            problem=problem,
            question=QUESTION,
            units=[city_management.code],
            by=office,
            now=NOW,
        )


def test_who_does_not_manage_problems_may_not_send(
    session: Session, problem: Problem, neighbour: User, leader: User
) -> None:
    for viewer in (neighbour, leader):
        with pytest.raises(NotAllowed):
            send(session, problem=problem, question=QUESTION, by=viewer, now=NOW)


def test_a_question_and_a_day_that_is_not_over_are_needed(
    session: Session, problem: Problem, office: User
) -> None:
    with pytest.raises(BadInput, match="请写明请各单位核查什么"):
        send(session, problem=problem, question=" ", by=office, now=NOW)
    yesterday = TODAY - DAY
    with pytest.raises(BadInput, match="2021-05-19 已经过去"):
        send(session, problem=problem, question="？", due_on=yesterday, by=office, now=NOW)


def test_a_problem_without_a_rule_or_taken_back_is_not_sent(
    session: Session, problem: Problem, city_management: Unit, office: User
) -> None:
    loose = register(session, city_management, office, rule_code=None)
    with pytest.raises(BadInput, match="还没有对应的条款"):
        send(session, problem=loose, question=QUESTION, by=office, now=NOW)
    dismiss(session, problem=problem, reason="点位已拆除", by=office, now=NOW)
    with pytest.raises(Conflict, match="误报"):
        send(session, problem=problem, question=QUESTION, by=office, now=NOW)


def test_what_a_unit_reported_itself_is_sent_once_its_workbook_is_accepted(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User, office: User
) -> None:
    said = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    version = hand_in(
        session, second_quarter, city_management, said, problems(dry_hydrant()), by=neighbour
    ).submission
    own = session.exec(select(Problem)).one()
    with pytest.raises(Conflict, match="还没有得到确认"):
        send(session, problem=own, question=QUESTION, by=office, now=NOW)
    reviews.accept(session, submission=version, by=office, now=NOW)
    assert send(session, problem=own, question=QUESTION, by=office, now=NOW).rule_code == "4-1"


# ---- answering --------------------------------------------------------------------------------


def test_no_needs_the_words_what_was_checked(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User
) -> None:
    with pytest.raises(BadInput, match="核查了哪些点位"):
        answer_no(session, check=check, checked=" ", by=clerk, now=NOW)
    answer_no(session, check=check, checked="抽查 30 处，均有水", by=clerk, now=NOW)
    line = line_of(session, check, water_bureau)
    assert (line.has_same, line.remark, line.answered_by) == (
        False,
        "抽查 30 处，均有水",
        "区水务局",
    )


def test_yes_opens_a_problem_that_the_unit_has_reported_itself(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User
) -> None:
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW)
    assert (own.unit_code, own.rule_code, own.count) == (water_bureau.code, "4-1", 2)
    assert own.discovery is Discovery.SELF_CHECK and own.is_self_reported
    assert (own.status, own.due_on, own.first_due_on) == (
        Status.NOT_STARTED,
        date(2021, 6, 4),
        date(2021, 6, 4),
    )
    assert line_of(session, check, water_bureau).problem_number == own.number
    session.expire_all()
    pair = session.get_one(PairState, ("4-1", water_bureau.code))
    assert (pair.claimed_count, pair.confirmed_count) == (2, 2)
    assert differences(session) == []


def test_what_is_lacking_of_the_problem_is_said_and_nothing_is_answered(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User
) -> None:
    with pytest.raises(BadInput, match="请写明整改措施"):
        answer_yes(session, check=check, found=dry(measure=" "), by=clerk, now=NOW)
    with pytest.raises(BadInput, match="2021-05-19 已经过去"):
        answer_yes(session, check=check, found=dry(TODAY - DAY), by=clerk, now=NOW)
    assert line_of(session, check, water_bureau).has_same is None


def test_a_site_where_it_was_closed_before_is_recognised_as_back(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User, office: User
) -> None:
    closed = register(session, water_bureau, office, site="清源路 9号 门前")
    bring_to(session, closed, Status.CLOSED, clerk, office)
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW)
    assert own.recurs == closed.number


def test_only_a_unit_that_was_asked_may_answer_and_only_for_itself(
    session: Session, check: PeerCheck, neighbour: User, office: User, leader: User
) -> None:
    with pytest.raises(NotFound, match="没有发给本单位"):
        answer_no(session, check=check, checked="查过", by=neighbour, now=NOW)
    for viewer in (office, leader):
        with pytest.raises(NotAllowed):
            answer_no(session, check=check, checked="查过", by=viewer, now=NOW)


def test_a_no_may_be_corrected_and_stays_in_time_and_the_log_has_both(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User
) -> None:
    answer_no(session, check=check, checked="抽查 3 处", by=clerk, now=NOW)
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW + 10 * DAY)
    line = line_of(session, check, water_bureau)
    assert (line.has_same, line.problem_number, line.answered_at) == (True, own.number, NOW)
    query = select(AuditEvent).where(col(AuditEvent.action) == "更正举一反三答复")
    assert "抽查 3 处" in session.exec(query).one().before


def test_a_yes_stands_until_its_problem_turns_out_to_be_none(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User, office: User
) -> None:
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW)
    with pytest.raises(Conflict, match=f"登记了问题 {own.number}"):
        answer_no(session, check=check, checked="看错了", by=clerk, now=NOW)
    dismiss(session, problem=own, reason="复核有水", by=office, now=NOW)
    answer_no(session, check=check, checked="复核 1 处，有水", by=clerk, now=NOW)
    line = line_of(session, check, water_bureau)
    assert (line.has_same, line.problem_number) == (False, None)


def test_a_file_may_prove_an_answer_of_a_unit_that_was_asked_and_the_office_finds_it(
    session: Session,
    check: PeerCheck,
    problem: Problem,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    neighbour: User,
    office: User,
) -> None:
    def add(unit: Unit, by: User) -> None:
        evidence.add(
            session,
            unit=unit,
            data=b"%PDF-1.7\n...",
            name="核查记录.pdf",
            uses=[(EvidenceOf.PEER_CHECK, str(check.id))],
            material_on=None,
            description="",
            by=by,
            now=NOW,
        )

    add(water_bureau, clerk)
    with pytest.raises(NotFound):
        add(city_management, neighbour)
    (file,) = found(session, office, problem.number).files
    assert (file.unit, file.name) == ("区水务局", "核查记录.pdf")


# ---- withdrawing ------------------------------------------------------------------------------


def test_a_withdrawn_check_waits_for_nobody_and_keeps_what_was_answered(
    session: Session, check: PeerCheck, water_bureau: Unit, clerk: User, office: User
) -> None:
    answer_no(session, check=check, checked="抽查 30 处", by=clerk, now=NOW)
    with pytest.raises(BadInput, match="撤回的原因"):
        withdraw(session, check=check, reason="", by=office)
    withdraw(session, check=check, reason="市里已统一部署", by=office)
    left = session.exec(select(PeerAnswer)).all()
    assert [line.unit_code for line in left] == [water_bureau.code]
    with pytest.raises(Conflict, match="不用撤回"):
        withdraw(session, check=check, reason="再撤", by=office)


def test_a_unit_cannot_withdraw_a_check_nor_answer_one_that_was(
    session: Session, check: PeerCheck, clerk: User, office: User
) -> None:
    with pytest.raises(NotAllowed):
        withdraw(session, check=check, reason="不想查", by=clerk)
    withdraw(session, check=check, reason="发错了", by=office)
    with pytest.raises(NotFound):
        answer_no(session, check=check, checked="查过", by=clerk, now=NOW)


# ---- what is told of it -------------------------------------------------------------------------


def test_it_is_counted_how_many_were_asked_and_said_what_and_who_is_late(
    session: Session, check: PeerCheck, problem: Problem, clerk: User, office: User
) -> None:
    peers = len(session.exec(select(PeerAnswer)).all())
    answer_no(session, check=check, checked="抽查 30 处", by=clerk, now=NOW)
    told = found(session, office, problem.number)
    assert (len(told.lines), told.answered, told.yes, told.no, told.late) == (peers, 1, 0, 1, 0)
    over = found(session, office, problem.number, check.due_on + DAY)
    assert over.late == peers - 1
    assert "区水务局" not in [line.unit for line in over.waiting]


def test_an_answer_after_the_day_is_late_for_good(
    session: Session, check: PeerCheck, problem: Problem, clerk: User, office: User
) -> None:
    after = datetime.combine(check.due_on, NOW.time()) + DAY
    answer_no(session, check=check, checked="抽查 30 处", by=clerk, now=after)
    late = [line for line in found(session, office, problem.number).lines if line.is_late]
    assert [line.unit for line in late] == ["区水务局"]


def test_peers_do_not_see_each_other(
    session: Session, check: PeerCheck, problem: Problem, clerk: User, neighbour: User
) -> None:
    for viewer in (clerk, neighbour):
        assert reports.of_problem(session, viewer=viewer, number=problem.number, today=TODAY) == []
    assert reports.asked_of(session, viewer=neighbour, answered_since=NOW) == []
    (asked,) = reports.asked_of(session, viewer=clerk, answered_since=NOW)
    assert (asked.check_id, asked.question) == (check.id, QUESTION)


def test_the_reminder_names_by_group_who_has_not_answered(
    session: Session, check: PeerCheck, problem: Problem, clerk: User, office: User
) -> None:
    answer_no(session, check=check, checked="抽查 30 处", by=clerk, now=NOW)
    told = found(session, office, problem.number)
    text = reports.reminder(told, TODAY)
    assert text.startswith("【举一反三提醒】") and "请于2021年5月27日前答复" in text
    assert "镇（" in text and "黄村镇" in text and "区水务局" not in text
    assert "逾期催办" in reports.reminder(told, check.due_on + DAY)
    withdraw(session, check=check, reason="已统一部署", by=office)
    assert reports.reminder(found(session, office, problem.number), TODAY) == ""


def test_what_may_be_sent_names_the_peers_and_not_where_it_was_found(
    session: Session, problem: Problem, water_bureau: Unit, office: User, clerk: User
) -> None:
    offer = reports.offer(session, viewer=office, number=problem.number, today=TODAY)
    assert offer.is_confirmed and offer.peers[water_bureau.code] == "区水务局"
    condition = criteria_in_force(session).rules["4-1"].condition.rstrip("。")
    assert problem.description in offer.question and condition in offer.question
    assert "区城管委" not in offer.question and problem.site not in offer.question
    with pytest.raises(NotAllowed):
        reports.offer(session, viewer=clerk, number=problem.number, today=TODAY)


def test_a_problem_tells_its_unit_and_the_office_that_a_check_brought_it_up(
    session: Session, check: PeerCheck, clerk: User, neighbour: User, office: User
) -> None:
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW)
    for viewer in (clerk, office):
        assert reports.origin(session, viewer=viewer, number=own.number) == TODAY
    assert reports.origin(session, viewer=neighbour, number=own.number) is None


def test_a_problem_that_a_check_brought_up_is_confirmed_once_it_is_closed(
    session: Session, check: PeerCheck, clerk: User, office: User
) -> None:
    own = answer_yes(session, check=check, found=dry(), by=clerk, now=NOW)
    assert not peer_checks.is_confirmed(session, own)
    claim(session, own, clerk)
    pass_reinspection(session, own, office)
    close(session, problem=own, remark="", by=office, now=NOW)
    assert peer_checks.is_confirmed(session, own)
