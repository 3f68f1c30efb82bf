"""接诉即办: received, dispatched, answered, rated; every verb by every role, and the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from filling import NOW
from sqlmodel import Session, col, select

from daxing_safety.actions import preferences, public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound, UserFacingError
from daxing_safety.hotline import Handling, id_in, number_of, open_to, without_personal_data
from daxing_safety.models import AuditEvent, Problem, PublicReport, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import (
    Complexity,
    Discovery,
    RectificationStatus,
    ReportStatus,
    Role,
    Satisfaction,
)

MORNING = datetime(2021, 5, 20, 8, 30)
DAY = timedelta(hours=24)


def reported(**changes: Any) -> Received:
    values = {"received_at": MORNING, "content": "消火栓无水", "site": "黄村镇西大街"}
    return Received(**(values | changes))


@pytest.fixture
def report(session: Session, office: User) -> PublicReport:
    """Just received."""
    return public_reports.receive(session, received=reported(), by=office, now=NOW)


@pytest.fixture
def huangcun(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "黄村镇")).one()


@pytest.fixture
def colleague(session: Session, water_bureau: Unit) -> User:
    """李工 of 创安办, who is seconded from 区水务局."""
    user = operator(Role.OFFICE)
    user.username, user.unit_code = "office2", water_bureau.code
    return user


def dispatch(session: Session, report: PublicReport, unit: Unit, by: User, **changes: Any) -> None:
    values = {"complexity": Complexity.SIMPLE, "now": NOW} | changes
    public_reports.dispatch(session, report=report, unit=unit, by=by, **values)


@pytest.fixture
def dispatched(
    session: Session, report: PublicReport, water_bureau: Unit, office: User
) -> PublicReport:
    dispatch(session, report, water_bureau, office)
    return report


@pytest.fixture
def answered(session: Session, dispatched: PublicReport, clerk: User) -> PublicReport:
    public_reports.answer(session, report=dispatched, text="已修好", by=clerk, now=NOW)
    return dispatched


def rate(session: Session, report: PublicReport, by: User, **changes: Any) -> None:
    values = {
        "is_contacted": True,
        "is_resolved": True,
        "satisfaction": Satisfaction.SATISFIED,
        "now": NOW,
    }
    public_reports.rate(session, report=report, by=by, **(values | changes))


def log_of(session: Session, report: PublicReport) -> list[str]:
    query = select(AuditEvent.action).where(col(AuditEvent.subject) == number_of(report.id))
    return list(session.scalars(query.order_by(col(AuditEvent.id))))


# ---- 登记 ------------------------------------------------------------------------------------


def test_a_report_waits_for_its_dispatch_with_the_limit_of_a_simple_one(
    session: Session, report: PublicReport
) -> None:
    assert report.status is ReportStatus.RECEIVED
    assert report.due_at == MORNING + DAY
    assert log_of(session, report) == ["登记诉求"]


def test_the_limits_are_settings(session: Session, office: User) -> None:
    preferences.set_answer_limit(session, complexity=Complexity.COMPLEX, limit="5天", by=office)
    received = reported(complexity=Complexity.COMPLEX)
    report = public_reports.receive(session, received=received, by=office, now=NOW)
    assert report.due_at == MORNING + timedelta(days=5)


def test_the_callers_numbers_are_never_kept(session: Session, office: User) -> None:
    received = reported(
        content="张先生 138 0013 8000，身份证110224199001011234，电话：69241234，井盖坏了",
        site="黄村镇，联系１３９００１３９０００",
    )
    report = public_reports.receive(session, received=received, by=office, now=NOW)
    assert report.content == (
        "张先生 〔手机号已隐去〕，身份证〔身份证号已隐去〕，电话：〔电话号码已隐去〕，井盖坏了"
    )
    assert report.site == "黄村镇，联系〔手机号已隐去〕"


@pytest.mark.parametrize(
    "text",
    [
        "工单20210518000123456",
        "面积约13800平方米",
        "2021年5月18日8时30分",
        "管径DN800，长13800138001234",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_personal_data(text) == (text, ())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"content": "  "}, "请写明诉求内容"),
        ({"content": "长" * 2001}, "最多 2000 字"),
        ({"received_at": NOW + timedelta(minutes=1)}, "还没有到"),
        ({"due_at": MORNING - DAY}, "早于受理时间"),
        ({"town_code": "U05"}, "属地请选择镇或街道"),
        ({"town_code": "U99"}, "属地请选择镇或街道"),
        ({"rule_code": "99-9"}, "没有条款 99-9"),
        ({"discovery": Discovery.EXPERT}, "来源"),
    ],
)
def test_what_cannot_be_received_is_refused_in_a_sentence(
    session: Session, office: User, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        public_reports.receive(session, received=reported(**changes), by=office, now=NOW)


def test_the_same_number_of_the_hotline_comes_in_once(session: Session, office: User) -> None:
    received = reported(source_number="DX1")
    first = public_reports.receive(session, received=received, by=office, now=NOW)
    with pytest.raises(Conflict, match=f"DX1 已登记为 {number_of(first.id)}"):
        public_reports.receive(session, received=received, by=office, now=NOW)


# ---- who may do what --------------------------------------------------------------------------


def verbs(session: Session, unit: Unit) -> dict[Handling, Callable[[PublicReport, User], object]]:
    """Each verb as it is done rightly, but for who does it and when."""

    def verb(function: Callable[..., object], **arguments: Any) -> Callable[..., object]:
        return lambda report, by: function(session, report=report, by=by, now=NOW, **arguments)

    to = {"unit": unit, "complexity": Complexity.COMPLEX}
    return {
        Handling.DISPATCH: verb(public_reports.dispatch, **to),
        Handling.REDISPATCH: verb(public_reports.redispatch, reason="不属该单位", **to),
        Handling.ANSWER: verb(public_reports.answer, text="已修好"),
        Handling.RATE: lambda report, by: rate(session, report, by),
        Handling.RECLASSIFY: verb(
            public_reports.reclassify, complexity=Complexity.COMPLEX, reason="要施工"
        ),
        Handling.TURN_INTO_PROBLEM: verb(
            public_reports.turn_into_problem,
            unit=unit,
            rule_code="4-1",
            site="西大街",
            description="消火栓无水",
        ),
        Handling.CORRECT: lambda report, by: public_reports.correct(
            session, report=report, site="", town=None, rule_code=None, by=by
        ),
    }


ALLOWED = {
    Handling.DISPATCH: {ReportStatus.RECEIVED},
    Handling.ANSWER: {ReportStatus.DISPATCHED},
    Handling.RATE: {ReportStatus.ANSWERED},
    Handling.REDISPATCH: {ReportStatus.DISPATCHED, ReportStatus.ANSWERED},
    Handling.RECLASSIFY: {ReportStatus.RECEIVED, ReportStatus.DISPATCHED},
    Handling.TURN_INTO_PROBLEM: set(ReportStatus),
    Handling.CORRECT: set(ReportStatus),
}


@pytest.mark.parametrize("handling", Handling)
@pytest.mark.parametrize("status", ReportStatus)
def test_every_verb_in_every_status(
    session: Session,
    report: PublicReport,
    water_bureau: Unit,
    city_management: Unit,
    office: User,
    clerk: User,
    handling: Handling,
    status: ReportStatus,
) -> None:
    report.status, report.unit_code, report.is_resolved = status, water_bureau.code, True
    session.flush()
    by = clerk if handling is Handling.ANSWER else office
    verb = verbs(session, city_management)[handling]
    assert (handling in open_to(report, by)) is (status in ALLOWED[handling])
    if status in ALLOWED[handling]:
        verb(report, by)
        assert log_of(session, report)[-1] == f"{handling.value}诉求"
    else:
        before = report.model_dump()
        with pytest.raises(Conflict, match=r"没有改动|不用"):
            verb(report, by)
        assert report.model_dump() == before


@pytest.mark.parametrize("handling", Handling)
@pytest.mark.parametrize("who", [*Role, "neighbour"])
def test_every_verb_by_every_role(
    session: Session,
    report: PublicReport,
    water_bureau: Unit,
    clerk: User,
    neighbour: User,
    handling: Handling,
    who: Role | str,
) -> None:
    (report.status,) = list(ALLOWED[handling])[:1]
    report.unit_code = water_bureau.code
    session.flush()
    by = {Role.UNIT: clerk, "neighbour": neighbour}.get(who) or operator(Role(who))
    owner = Role.UNIT if handling is Handling.ANSWER else Role.OFFICE
    if who is owner:
        return  # shown above
    assert handling not in open_to(report, by)
    with pytest.raises(NotAllowed):
        verbs(session, water_bureau)[handling](report, by)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICE])
def test_only_the_office_receives(session: Session, role: Role) -> None:
    with pytest.raises(NotAllowed):
        public_reports.receive(session, received=reported(), by=operator(role), now=NOW)
    with pytest.raises(NotAllowed):
        public_reports.receive_all(session, received=[reported()], by=operator(role), now=NOW)


def test_a_unit_knows_of_what_it_answers_and_a_town_of_what_lies_in_it(
    session: Session, dispatched: PublicReport, clerk: User, neighbour: User, huangcun: Unit
) -> None:
    number = number_of(dispatched.id)
    assert public_reports.find(session, number, viewer=clerk) is dispatched
    with pytest.raises(NotFound, match="没有编号"):
        public_reports.find(session, number, viewer=neighbour)
    town = operator(Role.UNIT)
    town.unit_code = huangcun.code
    with pytest.raises(NotFound):
        public_reports.find(session, number, viewer=town)
    dispatched.town_code = huangcun.code
    assert public_reports.find(session, str(dispatched.id), viewer=town) is dispatched


@pytest.mark.parametrize("rubbish", ["", "S", "P00001", "-1", "１", "9" * 40, "1 or 1=1"])
def test_any_rubbish_for_a_number_is_simply_not_found(
    session: Session, report: PublicReport, office: User, rubbish: str
) -> None:
    with pytest.raises(NotFound):
        public_reports.find(session, rubbish, viewer=office)


def test_the_number_is_made_of_the_id_and_read_back() -> None:
    assert number_of(12) == "S00012"
    assert (id_in("S00012"), id_in("s00012"), id_in("12"), id_in("P12")) == (12, 12, 12, None)


# ---- 派单 and its clock ------------------------------------------------------------------------


def test_from_the_dispatch_on_the_limit_counts_from_there(
    session: Session, report: PublicReport, water_bureau: Unit, office: User
) -> None:
    dispatch(session, report, water_bureau, office, complexity=Complexity.COMPLEX)
    assert report.due_at == NOW + timedelta(days=7)
    assert (report.dispatched_at, report.dispatched_by) == (NOW, "office")


def test_a_deadline_of_the_hotlines_own_stands_while_it_is_still_to_come(
    session: Session, office: User, water_bureau: Unit
) -> None:
    evening = datetime(2021, 5, 20, 18, 0)
    received = reported(due_at=evening)
    report = public_reports.receive(session, received=received, by=office, now=NOW)
    assert report.due_at == evening
    late = evening + timedelta(minutes=1)
    for now, expected in ((NOW, evening), (evening, evening + DAY), (late, late + DAY)):
        due = public_reports.due_on_dispatch(session, report, Complexity.SIMPLE, now)
        assert due == expected


def test_the_office_may_name_the_moment_but_none_that_is_over(
    session: Session, report: PublicReport, water_bureau: Unit, office: User
) -> None:
    with pytest.raises(BadInput, match="2021-05-20 10:00 已经过去"):
        dispatch(session, report, water_bureau, office, due_at=NOW)
    noon = datetime(2021, 5, 20, 12, 0)
    dispatch(session, report, water_bureau, office, due_at=noon)
    assert report.due_at == noon


def test_many_are_dispatched_to_their_towns_or_none_is(
    session: Session, report: PublicReport, office: User, huangcun: Unit
) -> None:
    received = reported(town_code=huangcun.code)
    other = public_reports.receive(session, received=received, by=office, now=NOW)
    both = [other, report]
    refused = pytest.raises(BadInput, match=f"{number_of(report.id)} 还没有属地")
    with refused, session.begin_nested():
        public_reports.dispatch_all(session, reports=both, unit=None, by=office, now=NOW)
    assert other.status is ReportStatus.RECEIVED
    public_reports.correct(
        session, report=report, site="西大街", town=huangcun, rule_code="4-1", by=office
    )
    public_reports.dispatch_all(session, reports=both, unit=None, by=office, now=NOW)
    assert {each.unit_code for each in both} == {huangcun.code}


def test_redispatch_starts_the_clock_anew_and_keeps_what_was_answered_in_the_log(
    session: Session, answered: PublicReport, city_management: Unit, office: User
) -> None:
    tomorrow = NOW + DAY
    public_reports.redispatch(
        session,
        report=answered,
        unit=city_management,
        complexity=Complexity.SIMPLE,
        reason="属城管委职责",
        by=office,
        now=tomorrow,
    )
    assert answered.status is ReportStatus.DISPATCHED
    assert (answered.unit_code, answered.due_at) == (city_management.code, tomorrow + DAY)
    assert (answered.answer, answered.answered_at) == ("", None)
    event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
    assert event is not None and "已修好" in event.before and "属城管委职责" in event.remark


def test_what_waits_at_a_unit_is_not_dispatched_to_it_again(
    session: Session, dispatched: PublicReport, water_bureau: Unit, office: User
) -> None:
    with pytest.raises(BadInput, match="本来就派给了区水务局"):
        public_reports.redispatch(
            session,
            report=dispatched,
            unit=water_bureau,
            complexity=Complexity.SIMPLE,
            reason="再派",
            by=office,
            now=NOW,
        )


def test_simple_becomes_complex_and_back_only_while_there_is_time(
    session: Session, dispatched: PublicReport, office: User
) -> None:
    def become(complexity: Complexity, now: datetime) -> None:
        public_reports.reclassify(
            session, report=dispatched, complexity=complexity, reason="要施工", by=office, now=now
        )

    with pytest.raises(BadInput, match="已经是简单件"):
        become(Complexity.SIMPLE, NOW)
    become(Complexity.COMPLEX, NOW + timedelta(hours=3))
    assert dispatched.due_at == NOW + timedelta(days=7)
    with pytest.raises(BadInput, match="已经过去，没有改动"):
        become(Complexity.SIMPLE, NOW + DAY)
    become(Complexity.SIMPLE, NOW + DAY - timedelta(minutes=1))
    assert dispatched.due_at == NOW + DAY


# ---- 答复 and 回访 ------------------------------------------------------------------------------


def test_an_answer_needs_words_and_may_be_late(
    session: Session, dispatched: PublicReport, clerk: User
) -> None:
    with pytest.raises(BadInput, match="请写明怎么办的"):
        public_reports.answer(session, report=dispatched, text=" ", by=clerk, now=NOW)
    late = dispatched.due_at + timedelta(minutes=1)
    public_reports.answer(
        session, report=dispatched, text="已电话13800138000告知", by=clerk, now=late
    )
    assert dispatched.status is ReportStatus.ANSWERED
    assert dispatched.answer == "已电话〔手机号已隐去〕告知"
    assert (dispatched.answered_at, dispatched.answered_by) == (late, "区水务局")


def test_the_second_of_two_answers_changes_nothing(
    session: Session, answered: PublicReport, clerk: User
) -> None:
    with pytest.raises(Conflict, match="现在是“待回访”，不能答复"):
        public_reports.answer(session, report=answered, text="又一次", by=clerk, now=NOW)
    assert answered.answer == "已修好"


def test_what_is_not_resolved_is_said_and_dispatched_again_and_keeps_its_rating_until_the_next(
    session: Session, answered: PublicReport, water_bureau: Unit, office: User
) -> None:
    bad = {"is_resolved": False, "satisfaction": Satisfaction.DISSATISFIED}
    with pytest.raises(BadInput, match="没有解决的是什么"):
        rate(session, answered, office, **bad)
    rate(session, answered, office, remark="还是没水", **bad)
    assert answered.status is ReportStatus.RATED
    public_reports.redispatch(
        session,
        report=answered,
        unit=water_bureau,
        complexity=Complexity.SIMPLE,
        reason="还是没水",
        by=office,
        now=NOW,
    )
    assert answered.status is ReportStatus.DISPATCHED
    assert answered.is_resolved is False and answered.rated_at == NOW


def test_what_is_resolved_is_not_dispatched_again(
    session: Session, answered: PublicReport, water_bureau: Unit, office: User
) -> None:
    rate(session, answered, office)
    with pytest.raises(Conflict, match="已经解决，不用重新派单"):
        public_reports.redispatch(
            session,
            report=answered,
            unit=water_bureau,
            complexity=Complexity.SIMPLE,
            reason="再派",
            by=office,
            now=NOW,
        )


def test_nobody_rates_the_own_units_answer(
    session: Session, answered: PublicReport, colleague: User
) -> None:
    with pytest.raises(NotAllowed, match="您所在单位承办的，不能由您回访"):
        rate(session, answered, colleague)


def test_an_anonymous_caller_cannot_be_asked(
    session: Session, answered: PublicReport, office: User
) -> None:
    rate(session, answered, office, is_contacted=None, satisfaction=None)
    assert public_reports.rated_in_words(answered) == "无法核实是否联系，已解决，没有评价"


# ---- 转为问题 ------------------------------------------------------------------------------------


def turn(session: Session, report: PublicReport, unit: Unit, by: User, **changes: Any) -> Problem:
    values = {
        "rule_code": "4-1",
        "site": "黄村镇西大街",
        "description": "消火栓无水，来电13800138000",
        "now": NOW,
    }
    return public_reports.turn_into_problem(
        session, report=report, unit=unit, by=by, **(values | changes)
    )


def test_a_report_becomes_a_problem_and_each_names_the_other(
    session: Session, dispatched: PublicReport, water_bureau: Unit, huangcun: Unit, office: User
) -> None:
    dispatched.town_code = huangcun.code
    session.flush()
    problem = turn(session, dispatched, water_bureau, office)
    assert problem.found_by == number_of(dispatched.id)
    assert dispatched.problem_number == problem.number
    assert (problem.discovery, problem.found_on) == (Discovery.HOTLINE, MORNING.date())
    assert (problem.rule_code, dispatched.rule_code) == ("4-1", "4-1")
    assert problem.town_code == huangcun.code
    assert problem.status is RectificationStatus.UNASSIGNED
    assert "13800138000" not in problem.description
    with pytest.raises(Conflict, match=f"已经转为问题 {problem.number}"):
        turn(session, dispatched, water_bureau, office)


def test_it_may_be_assigned_at_once(
    session: Session, dispatched: PublicReport, water_bureau: Unit, office: User
) -> None:
    problem = turn(session, dispatched, water_bureau, office, is_assigned=True)
    assert problem.status is RectificationStatus.NOT_STARTED and problem.due_on is not None


def test_a_rule_that_is_not_the_units_is_refused_and_nothing_is_linked(
    session: Session, dispatched: PublicReport, water_bureau: Unit, office: User
) -> None:
    with pytest.raises(UserFacingError, match="36-2 不由区水务局负责"):
        turn(session, dispatched, water_bureau, office, rule_code="36-2")
    assert dispatched.problem_number is None
