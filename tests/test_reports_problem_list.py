"""问题台账 as a list: every filter and order, paging, whose rows, and what closing brings."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ledger_lines import NOW, TODAY, found, unit
from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import preferences, rectifying, requests
from daxing_safety.models import FindingConfirmation, Problem, Unit, User
from daxing_safety.reports import scores
from daxing_safety.reports.problems import filters as problem_filters
from daxing_safety.reports.problems import listing as problem_list
from daxing_safety.reports.problems import worth
from daxing_safety.reports.problems.filters import Due, Filters, Layout, Only, Sort, Stage
from daxing_safety.reports.problems.listing import ProblemPage
from daxing_safety.vocabulary import Discovery, Finding, Group, RectificationStatus, Severity

Status = RectificationStatus


def page(session: Session, viewer: User, **asked: Any) -> ProblemPage:
    return problem_list.page(session, viewer=viewer, filters=Filters(**asked), today=TODAY)


def numbers(session: Session, viewer: User, **asked: Any) -> list[str]:
    return [row.problem.number for row in page(session, viewer, **asked).rows]


def changed(session: Session, problem: Problem, **values: Any) -> Problem:
    for name, value in values.items():
        setattr(problem, name, value)
    session.add(problem)
    ledger.refresh(session, {problem.unit_code})
    session.expire_all()
    return problem


@pytest.fixture
def dry(session: Session, water_bureau: Unit, office: User) -> Problem:
    """Two dry hydrants of 区水务局 under 4-1, due on 18 June."""
    return found(session, water_bureau, office, count=2)


@pytest.fixture
def dirty(session: Session, city_management: Unit, office: User) -> Problem:
    """One problem of 区城管委 under no rule, overdue since 10 May."""
    return found(session, city_management, office, rule_code=None, due_on=date(2021, 5, 10))


# ---- whose rows ----


def test_who_sees_the_district_sees_every_units_problems(
    session: Session, dry: Problem, dirty: Problem, office: User, leader: User
) -> None:
    for viewer in (office, leader):
        assert set(numbers(session, viewer)) == {dry.number, dirty.number}


def test_the_neighbour_never_sees_a_problem_of_the_water_bureau(
    session: Session, dry: Problem, dirty: Problem, neighbour: User
) -> None:
    assert numbers(session, neighbour) == [dirty.number]
    assert numbers(session, neighbour, unit=(dry.unit_code,)) == []
    assert numbers(session, neighbour, text=dry.number) == []
    columns = problem_list.board(session, viewer=neighbour, filters=Filters(), today=TODAY)
    assert sum(column.total for column in columns) == 1


def test_who_has_no_part_in_it_sees_nothing(
    session: Session, dry: Problem, dirty: Problem, admin: User
) -> None:
    found = page(session, admin)
    assert (found.rows, found.total, sum(found.by_stage.values())) == ((), 0, 0)


def test_a_clerk_is_offered_no_unit_but_the_own(session: Session, clerk: User) -> None:
    offered = problem_filters.choices(session, viewer=clerk)
    assert list(offered.units.values()) == ["区水务局"]
    assert list(offered.rules_of_unit) == list(offered.units)
    assert "4-1" in offered.rules_of_unit[clerk.unit_code or ""]


# ---- every filter ----


def test_each_filter_leaves_what_it_names(
    session: Session, dry: Problem, dirty: Problem, office: User
) -> None:
    town = unit(session, "礼贤镇")
    changed(
        session,
        dirty,
        status=Status.CLAIMED_FIXED,
        severity=Severity.MAJOR,
        discovery=Discovery.HOTLINE,
        task_no=3,
        town_code=town.code,
        recurs="P00000",
        site="旧宫大街_3号",
        responsible="孙科长",
        found_by="热线派件",
    )
    only_dirty: list[dict[str, Any]] = [
        {"status": (Status.CLAIMED_FIXED, Status.CLOSED)},
        {"unit": (dirty.unit_code,)},
        {"severity": (Severity.MAJOR, Severity.LISTED)},
        {"discovery": (Discovery.HOTLINE,)},
        {"task": ("3",)},
        {"town": (town.code,)},
        {"due": Due.OVERDUE},
        {"only": (Only.RECURRING,)},
        {"only": (Only.NO_RULE,)},
        {"text": "旧宫"},
        {"text": "孙科"},
        {"text": "派件"},
        {"text": dirty.number.lower()},
        {"text": "_"},  # the sign itself, not “anything”
    ]
    for asked in only_dirty:
        assert numbers(session, office, **asked) == [dirty.number], asked
    assert numbers(session, office, rule=("4-1",)) == [dry.number]
    assert numbers(session, office, text="%") == []


def test_several_kinds_of_filters_all_hold(
    session: Session, dry: Problem, dirty: Problem, office: User
) -> None:
    assert numbers(session, office, unit=(dry.unit_code, dirty.unit_code), rule=("4-1",)) == [
        dry.number
    ]
    assert numbers(session, office, unit=(dirty.unit_code,), rule=("4-1",)) == []


def test_units_are_found_by_their_group(session: Session, dry: Problem, office: User) -> None:
    at_town = found(session, unit(session, "礼贤镇"), office, rule_code=None)
    assert numbers(session, office, group=(Group.TOWNS,)) == [at_town.number]
    assert numbers(session, office, group=(Group.DEPARTMENTS,)) == [dry.number]


@pytest.mark.parametrize(
    ("days", "status", "named"),
    [
        (-1, Status.IN_PROGRESS, {Due.OVERDUE}),
        (-1, Status.CLAIMED_FIXED, {Due.OVERDUE}),
        (-1, Status.CLOSED, set()),
        (0, Status.IN_PROGRESS, {Due.WEEK}),  # the due day itself is still in time
        (7, Status.IN_PROGRESS, {Due.WEEK}),
        (8, Status.IN_PROGRESS, set()),
        (None, Status.UNASSIGNED, {Due.NONE}),
        (None, Status.DISMISSED, set()),
    ],
)
def test_what_is_due_follows_from_the_calendar_alone(
    session: Session,
    dry: Problem,
    office: User,
    days: int | None,
    status: Status,
    named: set[Due],
) -> None:
    due_on = None if days is None else TODAY + timedelta(days=days)
    changed(session, dry, due_on=due_on, status=status)
    assert {due for due in Due if numbers(session, office, due=due)} == named
    (row,) = page(session, office).rows
    assert row.is_overdue == (Due.OVERDUE in named)


def test_a_costly_problem_without_measure_or_deadline_is_an_unplanned_loss(
    session: Session, dry: Problem, dirty: Problem, office: User
) -> None:
    unplanned = {"only": (Only.UNPLANNED,)}
    assert numbers(session, office, **unplanned) == [dry.number]  # no measure yet
    changed(session, dry, measure="更换阀门")
    assert numbers(session, office, **unplanned) == []
    changed(session, dry, due_on=None)
    assert numbers(session, office, **unplanned) == [dry.number]
    changed(session, dry, status=Status.CLOSED)
    assert numbers(session, office, **unplanned) == []


def test_what_a_unit_has_asked_for_is_found_until_it_is_answered(
    session: Session, dry: Problem, office: User, clerk: User
) -> None:
    request = rectifying.ask_extension(
        session, problem=dry, due_on=date(2021, 7, 30), reason="等阀门到货", by=clerk, now=NOW
    )
    assert numbers(session, office, only=(Only.REQUESTED,)) == [dry.number]
    assert problem_list.marks(page(session, office).rows[0]) == ["失分无整改", "申请待答复"]
    requests.grant(session, request=request, by=office, now=NOW)
    assert numbers(session, office, only=(Only.REQUESTED,)) == []
    assert numbers(session, office, only=(Only.EXTENDED,)) == [dry.number]


def test_the_first_deadline_stays_visible_once_it_is_extended(
    session: Session, dry: Problem, office: User
) -> None:
    shown = problem_list.table(page(session, office).rows).iloc[0]
    assert (shown.due_on, shown.first_due_on) == (date(2021, 6, 18), None)
    requests.extend(
        session, problem=dry, due_on=date(2021, 7, 30), reason="等阀门", by=office, now=NOW
    )
    (row,) = page(session, office).rows
    shown = problem_list.table([row]).iloc[0]
    assert (shown.due_on, shown.first_due_on) == (date(2021, 7, 30), date(2021, 6, 18))
    assert "延期" in problem_list.marks(row)


@pytest.mark.parametrize(
    ("status", "waits_for"),
    [
        (Status.UNASSIGNED, {"office"}),
        (Status.NOT_STARTED, {"区水务局"}),
        (Status.IN_PROGRESS, {"区水务局"}),
        (Status.CLAIMED_FIXED, {"office"}),
        (Status.CLOSED, set()),
        (Status.MERGED, set()),
    ],
)
def test_what_waits_for_the_viewer_is_whose_move_is_next(
    session: Session,
    dry: Problem,
    office: User,
    clerk: User,
    leader: User,
    status: Status,
    waits_for: set[str],
) -> None:
    changed(session, dry, status=status)
    viewers = (office, clerk, leader)
    waiting = {each.username for each in viewers if numbers(session, each, only=(Only.MINE,))}
    assert waiting == waits_for


# ---- order and pages ----


def test_every_order_puts_the_right_one_first(
    session: Session, dry: Problem, dirty: Problem, office: User
) -> None:
    changed(session, dry, found_on=date(2021, 5, 19))
    first = {sort: numbers(session, office, sort=sort)[0] for sort in Sort}
    assert first == {
        Sort.DUE: dirty.number,  # overdue
        Sort.GAIN: dry.number,
        Sort.COST: dry.number,
        Sort.FOUND: dry.number,
        Sort.NUMBER: dry.number,
        Sort.UNIT: min((dry, dirty), key=lambda each: _position(session, each)).number,
    }


def _position(session: Session, problem: Problem) -> int:
    return session.get_one(Unit, problem.unit_code).position


def test_by_deadline_open_ones_come_first_and_the_undated_last_of_them(
    session: Session, dry: Problem, dirty: Problem, water_bureau: Unit, office: User
) -> None:
    undated = found(session, water_bureau, office, due_on=None)
    early = found(session, water_bureau, office, due_on=date(2021, 1, 1))
    late = found(session, water_bureau, office, due_on=date(2021, 1, 1))
    changed(session, early, status=Status.CLOSED, closed_on=date(2021, 2, 1))
    changed(session, late, status=Status.CLOSED, closed_on=date(2021, 5, 1))
    assert numbers(session, office) == [each.number for each in (dirty, dry, undated, late, early)]


def test_pages_follow_one_another_without_gap_or_repetition(
    session: Session, water_bureau: Unit, office: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_list, "PAGE_SIZE", 2)
    entered = [found(session, water_bureau, office).number for _ in range(5)]
    pages = [page(session, office, sort=Sort.GAIN, page=number) for number in (1, 2, 3)]
    assert [row.problem.number for each in pages for row in each.rows] == entered
    assert {(each.total, each.pages) for each in pages} == {(5, 3)}
    beyond = page(session, office, page=99)
    assert (beyond.page, len(beyond.rows)) == (3, 1)


def test_only_the_rows_of_the_page_are_read(
    session: Session, water_bureau: Unit, office: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_list, "PAGE_SIZE", 1)
    for _ in range(3):
        found(session, water_bureau, office)
    for each in _problems_in_memory(session):
        session.expunge(each)
    (row,) = page(session, office, sort=Sort.COST).rows
    assert _problems_in_memory(session) == [row.problem]


def _problems_in_memory(session: Session) -> list[Problem]:
    return [each for each in session.identity_map.values() if isinstance(each, Problem)]


def test_stages_are_counted_for_the_same_question_with_any_status(
    session: Session, dry: Problem, dirty: Problem, water_bureau: Unit, office: User
) -> None:
    for status in (Status.CLOSED, Status.MERGED, Status.DISMISSED):
        changed(session, found(session, water_bureau, office), status=status)
    asked = page(session, office, unit=(water_bureau.code,), status=(Status.CLOSED,))
    assert asked.total == 1
    assert asked.by_stage == {
        Stage.UNASSIGNED: 0,
        Stage.UNDER_WAY: 1,
        Stage.CLAIMED_FIXED: 0,
        Stage.CLOSED: 1,
        Stage.VOID: 2,
    }


def test_the_board_shows_every_stage_and_its_most_pressing(
    session: Session, dry: Problem, dirty: Problem, office: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_list, "MOST_CARDS", 1)
    columns = problem_list.board(
        session, viewer=office, filters=Filters(status=(Status.CLOSED,)), today=TODAY
    )
    assert [column.stage for column in columns] == list(Stage)
    under_way = columns[1]
    assert under_way.total == 2
    assert [row.problem.number for row in under_way.rows] == [dirty.number]


# ---- what it costs and what closing brings ----


def district_score(session: Session, viewer: User) -> Decimal:
    return scores.district(session, viewer=viewer).confirmed.score


def gain_of(session: Session, viewer: User, problem: Problem) -> Decimal | None:
    (row,) = page(session, viewer, text=problem.number).rows
    assert row.worth == worth.of(session, problem)
    return row.worth.gain


def brought_by_closing(session: Session, viewer: User, problem: Problem) -> Decimal:
    """Closes it for real, compares the district's score, and undoes it."""
    before = district_score(session, viewer)
    savepoint = session.begin_nested()
    changed(session, problem, status=Status.CLOSED, closed_on=TODAY)
    after = district_score(session, viewer)
    savepoint.rollback()
    session.expire_all()
    return after - before


# 4-1 has a cap of its own below its indicator's points; 20-1 and 20-2 are bounded together by
# theirs, and shared by many units.
@pytest.mark.parametrize("counts", [(1,), (2, 1), (3, 3), (6, 1), (40, 1)])
def test_what_closing_brings_is_what_the_district_gains_by_it(
    session: Session, water_bureau: Unit, office: User, counts: tuple[int, ...]
) -> None:
    rong_hua = unit(session, "荣华街道")
    pairs = [(water_bureau, "4-1"), (water_bureau, "20-1"), (rong_hua, "20-1"), (rong_hua, "20-2")]
    entered = [
        found(session, at, office, rule_code=rule, count=count)
        for at, rule in pairs
        for count in counts
    ]
    for problem in entered:
        assert gain_of(session, office, problem) == brought_by_closing(session, office, problem)


def test_above_a_cap_a_cost_stands_that_closing_one_does_not_bring_back(
    session: Session, water_bureau: Unit, office: User
) -> None:
    small, big = (found(session, water_bureau, office, count=count) for count in (1, 99))
    of_small = worth.of(session, small)
    assert of_small.gain == 0 and of_small.gain_in_words == "+0.00"
    assert worth.of(session, big).gain == brought_by_closing(session, office, big) > 0


def test_costs_share_the_units_loss_by_places(
    session: Session, water_bureau: Unit, office: User
) -> None:
    one, two = (found(session, water_bureau, office, count=count) for count in (1, 2))
    lost = 100 - district_score(session, office)
    assert worth.of(session, one).cost == (lost / 3).quantize(Decimal("0.01"))
    assert worth.of(session, two).cost == (lost * 2 / 3).quantize(Decimal("0.01"))


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DISMISSED, Status.MERGED])
def test_what_is_not_open_costs_nothing(
    session: Session, dry: Problem, water_bureau: Unit, office: User, status: Status
) -> None:
    found(session, water_bureau, office)
    changed(session, dry, status=status)
    assert worth.of(session, dry) == worth.Worth(Decimal(0), None, is_unplanned=False)
    assert worth.of(session, dry).gain_in_words == "—"


def test_a_problem_under_no_rule_costs_nothing(session: Session, dirty: Problem) -> None:
    assert worth.of(session, dirty) == worth.Worth(Decimal(0), None, is_unplanned=False)


def test_what_does_not_apply_to_the_district_costs_nothing(
    session: Session, dry: Problem, office: User
) -> None:
    preferences.leave_out(session, indicator_code="4", reason="没有", by=office, now=NOW)
    assert worth.of(session, dry).gain is None


def test_under_a_yes_no_rule_the_loss_follows_the_finding(session: Session, office: User) -> None:
    pair = _yes_no_pair(session)
    problem = found(session, pair[0], office, rule_code=pair[1])
    assert worth.of(session, problem).gain_in_words == "—"
    session.add(
        FindingConfirmation(
            unit_code=pair[0].code,
            rule_code=pair[1],
            finding=Finding.HAS_PROBLEM,
            confirmed_at=NOW,
            confirmed_by=office.username,
        )
    )
    ledger.refresh(session, {pair[0].code})
    session.expire_all()
    held = worth.of(session, problem)
    assert held.cost > 0 and held.gain is None and held.is_unplanned
    assert held.gain_in_words == "随核定结论"
    assert numbers(session, office, only=(Only.UNPLANNED,)) == [problem.number]


def _yes_no_pair(session: Session) -> tuple[Unit, str]:
    criteria = ledger.criteria_in_force(session)
    for name, rules in criteria.rules_of_unit.items():
        for rule in rules:
            if rule.kind.name == "ONCE":
                return unit(session, name), rule.code
    raise AssertionError("the standard has no yes/no rule")


def test_orders_by_gain_and_cost_agree_with_the_figures_shown(
    session: Session, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    for at, counts in ((water_bureau, (1, 2, 3)), (city_management, (1,))):
        for count in counts:
            rule = next(iter(ledger.criteria_in_force(session).rules_of_unit[at.name])).code
            found(session, at, office, rule_code=rule, count=count)
    by_gain = [row.worth.gain or 0 for row in page(session, office, sort=Sort.GAIN).rows]
    assert by_gain == sorted(by_gain, reverse=True)
    by_cost = [row.worth.cost for row in page(session, office, sort=Sort.COST).rows]
    assert by_cost == sorted(by_cost, reverse=True)


# ---- the address ----


def test_an_address_reads_back_as_it_was_written(session: Session, office: User) -> None:
    choices = problem_filters.choices(session, viewer=office)
    asked = Filters(
        status=(Status.NOT_STARTED, Status.IN_PROGRESS),
        unit=tuple(choices.units)[:2],
        group=(Group.TOWNS,),
        rule=("4-1",),
        task=("3", "22"),
        town=tuple(choices.towns)[:1],
        severity=(Severity.LISTED,),
        discovery=(Discovery.HOTLINE,),
        due=Due.WEEK,
        only=(Only.UNPLANNED, Only.MINE),
        text="消火栓 & 黄村",
        sort=Sort.GAIN,
        page=3,
        view=Layout.BOARD,
    )
    assert Filters.read(asked.query(), choices) == asked
    assert asked.query()["status"] == "NOT_STARTED,IN_PROGRESS"
    assert (asked.query()["due"], asked.query()["only"]) == ("week", "unplanned,mine")


def test_what_nobody_knows_in_an_address_is_passed_over(session: Session, office: User) -> None:
    choices = problem_filters.choices(session, viewer=office)
    odd = {
        "status": "CLOSED,RUBBISH",
        "unit": "U999",
        "task": "99,x",
        "due": "someday",
        "page": "-3",
        "sort": "beauty",
        "view": "³",
        "unheard": "of",
    }
    assert Filters.read(odd, choices) == Filters(status=(Status.CLOSED,))
    assert Filters.read({"page": "²"}, choices).page == 1
    assert Filters().query() == {}
    assert not Filters(sort=Sort.GAIN, page=2, view=Layout.BOARD).is_narrowed
    assert Filters(text="栓").is_narrowed


def test_a_table_of_rows_says_everything_in_words(
    session: Session, dry: Problem, office: User
) -> None:
    line = problem_list.table(page(session, office).rows).iloc[0]
    assert (line.number, line.unit, line.status) == (dry.number, "区水务局", ["未整改"])
    assert line.gain.startswith("+") and line.severity == "一般"
