"""接诉即办 as it is read: who sees what, filters, rates with their samples, the history."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from filling import NOW
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.documents.sheet import workbook_of
from daxing_safety.errors import BadInput, NotFound
from daxing_safety.hotline import Handling
from daxing_safety.models import PublicReport, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.reports import public_report_list, todo
from daxing_safety.reports import public_report_rates as rates_of
from daxing_safety.reports import public_reports as reports
from daxing_safety.reports.public_report_rates import FEW, Share
from daxing_safety.reports.public_reports import Due, Filters
from daxing_safety.reports.todo.items import Item, Kind, Urgency
from daxing_safety.vocabulary import Complexity, Group, ReportStatus, Role, Satisfaction

DAY = timedelta(hours=24)
DUE = NOW + DAY  # of a simple one that is dispatched now


def receive(session: Session, by: User, **changes: Any) -> PublicReport:
    values = {"received_at": NOW, "content": "消火栓无水", "site": "西大街"}
    received = Received(**(values | changes))
    return public_reports.receive(session, received=received, by=by, now=NOW)


def dispatched(session: Session, unit: Unit, by: User, **changes: Any) -> PublicReport:
    report = receive(session, by, **changes)
    complexity = report.complexity
    public_reports.dispatch(
        session, report=report, unit=unit, complexity=complexity, by=by, now=NOW
    )
    return report


def answer(session: Session, report: PublicReport, at: datetime = NOW) -> None:
    clerk = operator(Role.UNIT)
    clerk.unit_code = report.unit_code
    public_reports.answer(session, report=report, text="已修好", by=clerk, now=at)


def rate(session: Session, report: PublicReport, by: User, **said: Any) -> None:
    values = {
        "is_contacted": True,
        "is_resolved": True,
        "satisfaction": Satisfaction.SATISFIED,
        "remark": "回访",
    }
    public_reports.rate(session, report=report, by=by, now=NOW, **(values | said))


def numbers(session: Session, viewer: User, now: datetime = NOW, **filters: Any) -> list[int]:
    asked = {"viewer": viewer, "filters": Filters(**filters), "now": now}
    rows = reports.rows(session, **asked)
    assert len(rows) == reports.total(session, **asked)
    return [row.id for row in rows]


@pytest.fixture
def huangcun(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "黄村镇")).one()


@pytest.fixture
def town_clerk(huangcun: Unit) -> User:
    clerk = operator(Role.UNIT)
    clerk.unit_code = huangcun.code
    return clerk


# ---- who sees what ---------------------------------------------------------------------------


def test_everybody_sees_what_is_theirs_and_nothing_else(
    session: Session,
    office: User,
    leader: User,
    clerk: User,
    neighbour: User,
    admin: User,
    town_clerk: User,
    water_bureau: Unit,
    huangcun: Unit,
) -> None:
    waiting = receive(session, office, town_code=huangcun.code).id
    ours = dispatched(session, water_bureau, office).id
    there = dispatched(session, water_bureau, office, town_code=huangcun.code).id
    seen = {
        "office": numbers(session, office),
        "leader": numbers(session, leader),
        "clerk": numbers(session, clerk),
        "neighbour": numbers(session, neighbour),
        "admin": numbers(session, admin),
        "town": numbers(session, town_clerk),
    }
    assert {who: set(ids) for who, ids in seen.items()} == {
        "office": {waiting, ours, there},
        "leader": {waiting, ours, there},
        "clerk": {ours, there},
        "neighbour": set(),
        "admin": set(),
        "town": {waiting, there},
    }
    assert reports.counts(session, viewer=neighbour, now=NOW).total == 0
    assert reports.counts(session, viewer=town_clerk, now=NOW).total == 2
    # A town's rates are those of what it answers itself.
    assert rates_of.rates_by_unit(session, viewer=town_clerk, now=NOW) == []
    with pytest.raises(NotFound):
        reports.card(session, viewer=neighbour, number=str(ours), now=NOW)


# ---- the list --------------------------------------------------------------------------------


def test_what_the_clock_runs_for_is_on_top(
    session: Session, office: User, water_bureau: Unit
) -> None:
    done = dispatched(session, water_bureau, office)
    answer(session, done)
    hard = dispatched(session, water_bureau, office, complexity=Complexity.COMPLEX)
    easy = dispatched(session, water_bureau, office)
    waiting = receive(session, office)
    assert numbers(session, office) == [waiting.id, easy.id, hard.id, done.id]


def test_the_filters(
    session: Session, office: User, water_bureau: Unit, city_management: Unit, huangcun: Unit
) -> None:
    waiting = receive(session, office, town_code=huangcun.code, content="100%_的井盖").id
    easy = dispatched(session, water_bureau, office, source_number="DX21").id
    hard = dispatched(session, city_management, office, complexity=Complexity.COMPLEX).id
    assert numbers(session, office, statuses=(ReportStatus.RECEIVED,)) == [waiting]
    both = (ReportStatus.RECEIVED, ReportStatus.DISPATCHED)
    assert set(numbers(session, office, statuses=both)) == {waiting, easy, hard}
    assert numbers(session, office, unit_code=water_bureau.code) == [easy]
    assert numbers(session, office, town_code=huangcun.code) == [waiting]
    assert numbers(session, office, complexity=Complexity.COMPLEX) == [hard]
    assert numbers(session, office, text="dx21") == [easy]
    assert numbers(session, office, text=f"s{hard:05d}") == [hard]
    assert numbers(session, office, text="%_") == [waiting]  # no wildcards
    assert numbers(session, office, text="'; drop table") == []


def test_the_clock_to_the_minute(session: Session, office: User, water_bureau: Unit) -> None:
    report = dispatched(session, water_bureau, office)
    minute = timedelta(minutes=1)
    for now, due, expected in (
        (DUE, Due.OVERDUE, False),  # the moment itself is still in time
        (DUE + minute, Due.OVERDUE, True),
        (DUE - DAY - minute, Due.TODAY, False),
        (DUE - DAY, Due.TODAY, True),
        (DUE + minute, Due.TODAY, False),
        (NOW, Due.WEEK, True),
    ):
        assert bool(numbers(session, office, now, due=due)) is expected
    (row,) = reports.rows(session, viewer=office, filters=Filters(), now=NOW)
    assert [row.punctuality(now) for now in (DUE - DAY - minute, DUE, DUE + minute)] == [
        "",
        Due.TODAY.value,
        Due.OVERDUE.value,
    ]
    assert reports.counts(session, viewer=office, now=DUE).overdue == 0
    assert reports.counts(session, viewer=office, now=DUE + minute).overdue == 1
    answer(session, report, DUE + minute)
    assert reports.counts(session, viewer=office, now=DUE + DAY).overdue == 0
    (row,) = reports.rows(session, viewer=office, filters=Filters(), now=NOW)
    assert row.punctuality(NOW) == "逾期答复"


def test_pages_are_cut_in_the_database(session: Session, office: User) -> None:
    ids = {receive(session, office).id for _ in range(5)}
    pages = [
        [row.id for row in reports.rows(
            session, viewer=office, filters=Filters(), now=NOW, page=page, most=2
        )]
        for page in (1, 2, 3, 4)
    ]  # fmt: skip
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert {each for page in pages for each in page} == ids


def test_filters_travel_in_an_address_and_come_back() -> None:
    filters = Filters(
        statuses=(ReportStatus.RECEIVED, ReportStatus.ANSWERED),
        unit_code="U05",
        town_code="U32",
        due=Due.OVERDUE,
        complexity=Complexity.COMPLEX,
        text="井盖/消火栓&q=1%",
    )
    assert reports.of_query(filters.as_query()) == filters
    assert reports.of_query(Filters().as_query()) == Filters()


@pytest.mark.parametrize("rubbish", ["status=NONE", "due=1", "complexity=EASY"])
def test_an_address_that_is_none_of_ours_is_refused(rubbish: str) -> None:
    with pytest.raises(BadInput, match="筛选条件看不懂"):
        reports.of_query(rubbish)


# ---- rates -----------------------------------------------------------------------------------


def test_too_few_are_no_sample() -> None:
    assert Share(FEW - 1, FEW - 1).value is None
    assert Share(FEW - 1, FEW).value == Decimal("0.8")
    assert Share(0, 0).value is None


def test_the_rates_and_what_they_are_of(
    session: Session, office: User, water_bureau: Unit, huangcun: Unit
) -> None:
    for said in (
        {},
        {"satisfaction": Satisfaction.FAIRLY},
        {"is_contacted": False, "is_resolved": False, "satisfaction": Satisfaction.DISSATISFIED},
        {"is_contacted": None, "satisfaction": None},
    ):
        report = dispatched(session, water_bureau, office)
        answer(session, report)
        rate(session, report, office, **said)
    late = dispatched(session, water_bureau, office)
    answer(session, late, DUE + DAY)
    dispatched(session, water_bureau, office)  # overdue by then
    dispatched(session, huangcun, office, complexity=Complexity.COMPLEX)  # not yet
    receive(session, office)  # nobody's
    units = rates_of.rates_by_unit(session, viewer=office, now=DUE + DAY)
    assert [(each.unit, each.group) for each in units] == [
        ("区水务局", Group.DEPARTMENTS),
        ("黄村镇", Group.TOWNS),
    ]
    rates = units[0].rates
    assert rates.dispatched == 6
    assert rates.answered == Share(4, 6)
    assert rates.contacted == Share(2, 3)
    assert rates.resolved == Share(3, 4)
    assert rates.satisfied == Share(2, 3)
    assert units[1].rates.answered == Share(0, 0)
    assert rates_of.overall(units).dispatched == 7
    assert rates_of.overall([]).dispatched == 0
    by_group = dict(rates_of.rates_by_group(units))
    assert by_group[Group.TOWNS].dispatched == 1 and Group.BASES not in by_group
    table = rates_of.rate_table([(each.unit, "", each.rates) for each in units])
    assert table["answered"].tolist()[0] == 66.7
    assert table["contacted"].isna().all() and table["contacted_of"].tolist() == [3, 0]


def test_what_was_not_resolved_counts_as_that_until_it_is_rated_anew(
    session: Session, office: User, water_bureau: Unit
) -> None:
    report = dispatched(session, water_bureau, office)
    answer(session, report)
    rate(session, report, office, is_resolved=False)
    public_reports.redispatch(
        session,
        report=report,
        unit=water_bureau,
        complexity=Complexity.SIMPLE,
        reason="还是没水",
        by=office,
        now=NOW,
    )
    (unit,) = rates_of.rates_by_unit(session, viewer=office, now=NOW)
    assert unit.rates.resolved == Share(0, 1)
    (row,) = reports.rows(session, viewer=office, filters=Filters(), now=NOW)
    assert (row.status, row.rated) == (ReportStatus.DISPATCHED, "未解决，满意")
    answer(session, report)
    rate(session, report, office)
    (unit,) = rates_of.rates_by_unit(session, viewer=office, now=NOW)
    assert unit.rates.resolved == Share(1, 1)


# ---- one report ------------------------------------------------------------------------------


def test_the_card_tells_its_history_and_what_may_be_done(
    session: Session, office: User, clerk: User, leader: User, water_bureau: Unit
) -> None:
    report = dispatched(session, water_bureau, office, source_number="DX1", rule_code="4-1")
    public_reports.answer(session, report=report, text="已修好", by=clerk, now=NOW)
    card = reports.card(session, viewer=office, number=str(report.id), now=NOW)
    assert [(event.who, event.what) for event in card.history] == [
        ("12345热线", "受理"),
        ("张工", "登记"),
        ("张工", "派单"),
        ("小王", "答复"),
    ]
    assert card.history[2].remark == "派给区水务局，简单件，2021年5月21日（星期五）10:00前答复。"
    assert card.history[-1].remark == "已修好"
    assert card.rule.startswith("4-1 市政消火栓")
    assert card.handlings[0] is Handling.RATE
    for viewer in (clerk, leader):
        assert reports.card(session, viewer=viewer, number="S00001", now=NOW).handlings == ()


def test_the_card_says_when_it_would_be_due(session: Session, office: User) -> None:
    receive(session, office)
    card = reports.card(session, viewer=office, number="1", now=NOW + DAY)
    assert card.due_if == {
        Complexity.SIMPLE: NOW + DAY + DAY,
        Complexity.COMPLEX: NOW + DAY + timedelta(days=7),
    }


# ---- the Excel list --------------------------------------------------------------------------


def test_in_excel_every_text_stays_a_text(
    session: Session, office: User, water_bureau: Unit
) -> None:
    nasty = '=HYPERLINK("http://x","点我")'
    receive(session, office, content=nasty, site="+1-1", source_number="@SUM(A1)")
    made = public_report_list.sheet(session, viewer=office, filters=Filters(), now=NOW)
    sheet = load_workbook(io.BytesIO(workbook_of([made]))).active
    header, cells = list(sheet.iter_rows(min_row=3))
    assert [cell.value for cell in header] == [column.name for column in made.columns]
    said = dict(zip((cell.value for cell in header), cells, strict=True))
    assert said["诉求内容"].value == nasty
    assert {cell.data_type for cell in cells} <= {"s", "n"} and said["诉求内容"].data_type == "s"
    assert (said["地址"].value, said["热线编号"].value) == ("+1-1", "@SUM(A1)")
    assert not sheet._hyperlinks


# ---- 待办 --------------------------------------------------------------------------------------


def lines(session: Session, viewer: User, now: datetime = NOW) -> dict[Kind, Item]:
    found = todo.items(session, viewer=viewer, now=now)
    return {item.kind: item for item in found if item.link.page == "hotline"}


def test_each_step_waits_for_who_has_to_take_it(
    session: Session, office: User, clerk: User, neighbour: User, water_bureau: Unit
) -> None:
    assert lines(session, office) == lines(session, clerk) == {}
    report = receive(session, office)
    waiting = lines(session, office)[Kind.REPORTS_RECEIVED]
    assert waiting.title == "1 件诉求等待派单：S00001"
    assert waiting.link.asked == {"status": "待派单"}
    public_reports.dispatch(
        session,
        report=report,
        unit=water_bureau,
        complexity=Complexity.SIMPLE,
        by=office,
        now=NOW,
    )
    assert lines(session, office) == lines(session, neighbour) == {}
    mine = lines(session, clerk)[Kind.REPORT_TO_ANSWER]
    assert mine.title == "诉求 S00001“消火栓无水”，还有 1 天 0 小时"
    assert mine.detail.startswith("简单件，2021年5月21日（星期五）10:00前答复。")
    assert mine.link.asked == {"report": "1"}
    answer(session, report)
    assert lines(session, clerk) == {}
    assert set(lines(session, office)) == {Kind.REPORTS_ANSWERED}
    rate(session, report, office)
    assert lines(session, office) == {}


def test_past_its_moment_a_report_is_overdue_for_the_unit_and_the_office(
    session: Session, office: User, clerk: User, water_bureau: Unit
) -> None:
    dispatched(session, water_bureau, office)
    assert lines(session, clerk, DUE)[Kind.REPORT_TO_ANSWER].urgency is Urgency.TODAY
    assert Kind.REPORTS_OVERDUE not in lines(session, office, DUE)
    later = DUE + timedelta(hours=1, minutes=1)
    mine = lines(session, clerk, later)[Kind.REPORT_TO_ANSWER]
    assert mine.urgency is Urgency.OVERDUE and mine.title.endswith("已逾期 1 小时 1 分")
    overdue = lines(session, office, later)[Kind.REPORTS_OVERDUE]
    assert overdue.title == "1 件诉求逾期没有答复：S00001"
    assert overdue.detail == "承办单位：区水务局。请督促答复。"
    assert overdue.link.asked == {"due": "已逾期"}
