"""两日对比: each day as it stood, the difference between them, and nobody else's rows."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from filling import dry_hydrant, hand_in, problems, rules, work_points
from sqlmodel import Session, col, select, update

from daxing_safety import past
from daxing_safety.actions import problems as office_verbs
from daxing_safety.actions import rounds, voidings
from daxing_safety.database import reading, transaction
from daxing_safety.models import CriteriaRevision, Problem, Round, Unit, User
from daxing_safety.reports import compare, scores
from daxing_safety.reports import compare_words as words
from daxing_safety.reports.compare import Change, Comparison, Fate, ProblemDay, compared, standing
from daxing_safety.vocabulary import Discovery, Finding, ProgressStatus, RectificationStatus

BEFORE, TODAY = date(2021, 4, 30), date(2021, 5, 20)
DONE = {"status": ProgressStatus.DONE, "percent": Decimal(100), "done_on": date(2021, 5, 10)}


def user(session: Session, name: str) -> User:
    return session.exec(select(User).where(col(User.username) == name)).one()


def unit(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def an_expert_finds(session: Session, at: str, rule_code: str, now: datetime) -> Problem:
    office = user(session, "office")
    problem = office_verbs.register(
        session,
        unit=unit(session, at),
        rule_code=rule_code,
        site="林校北路",
        description="井盖破损",
        count=2,
        discovery=Discovery.EXPERT,
        found_on=now.date(),
        by=office,
        now=now,
    )
    office_verbs.assign(session, problem=problem, by=office, now=now)
    return problem


@pytest.fixture
def lived(data_dir: object) -> None:
    """In April one problem each; in May 区水务局's is a 误报, it finds a new one and does work."""
    with transaction() as session:
        session.exec(update(CriteriaRevision).values(loaded_at=datetime(2021, 4, 1)))
    april, may = datetime(2021, 4, 20, 10, 0), datetime(2021, 5, 12, 10, 0)
    with transaction() as session:
        an_expert_finds(session, "区水务局", "17-2", april)
        an_expert_finds(session, "区交通支队", "6-1", april)
        rounds.open_round(
            session,
            name="第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=user(session, "office"),
            now=april,
        )
    with transaction() as session:
        office, clerk = user(session, "office"), user(session, "区水务局")
        first = session.exec(select(Problem).where(col(Problem.number) == "P00001")).one()
        voidings.dismiss(session, problem=first, reason="不在本区", by=office, now=may)
        hand_in(
            session,
            session.exec(select(Round)).one(),
            unit(session, "区水务局"),
            work_points(_1_05=DONE),
            rules(_4_1={"finding": Finding.HAS_PROBLEM}),
            problems(dry_hydrant()),
            by=clerk,
            now=may,
        )


def between(username: str, before: date = BEFORE, after: date = TODAY) -> Comparison:
    with past.reading_on(after) as session:
        viewer = user(session, username)
        return compare.comparison(session, viewer=viewer, before=before, after=after)


def test_each_day_holds_what_stood_on_it(lived: None) -> None:
    found = between("leader")
    for day, stood in ((BEFORE, found.before), (TODAY, found.after)):
        with past.reading_on(day) as session:
            leader = user(session, "leader")
            assert stood.totals == scores.district(session, viewer=leader)
            lost = sum(row.confirmed_lost for row in scores.by_unit(session, viewer=leader))
            assert stood.whole.lost == lost
            assert sum(rule.lost for rule in stood.rules.values()) == lost
    assert found.before.whole.lost != found.after.whole.lost


def test_sections_groups_units_and_rules_tell_the_same_change(lived: None) -> None:
    found = between("leader")
    assert found.before.totals and found.after.totals
    by = found.after.totals.confirmed.score - found.before.totals.confirmed.score
    assert by
    assert sum(each.confirmed.by for each in found.sections) == by
    assert sum(each.lost.by for each in found.groups) == -by
    assert sum(each.lost.by for each in found.units) == -by
    assert sum(each.lost.by for each in found.rules) == -by


def test_the_biggest_change_stands_first_and_what_stayed_is_left_out(lived: None) -> None:
    found = between("leader")
    assert [each.name for each in found.units] == ["区水务局"]
    sizes = [abs(each.lost.by) for each in found.rules]
    assert sizes == sorted(sizes, reverse=True)
    assert {each.code for each in found.rules} == {"4-1", "17-2"}


def test_problems_and_work_between_the_days_are_named(lived: None) -> None:
    found = between("leader")
    assert [(each.fate, each.number) for each in found.problems] == [
        (Fate.OPENED, "P00003"),
        (Fate.DROPPED, "P00001"),
    ]
    (done,) = found.work
    assert (done.is_done, done.code, done.work.unit) == (True, "1-05", "区水务局")
    assert "新增问题 1 个，完成工作要点 1 项" in words.finding(found)


def test_looked_at_the_other_way_round_everything_is_undone(lived: None) -> None:
    found = between("leader")
    back = compared(found.after, found.before)
    assert {each.code: each.lost.by for each in back.rules} == {
        each.code: -each.lost.by for each in found.rules
    }
    assert [each.is_done for each in back.work] == [False]


def test_a_clerk_compares_the_own_unit_alone(lived: None) -> None:
    found = between("区城管委")
    for day in (found.before, found.after):
        assert day.totals is None
        assert [each.name for each in day.units.values()] == ["区城管委"]
        assert not day.problems and not day.rules
        assert {each.unit for each in day.done.values()} <= {"区城管委"}
    own = between("区水务局")
    assert {each.number for each in own.problems} == {"P00003", "P00001"}
    assert "P00002" not in own.after.problems
    assert words.finding(own).startswith("核定得分率 ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(Decimal("91.2"), Decimal("92.5")), "▲ 升 1.30"),
        (Change(Decimal("92.5"), Decimal("91.2")), "▼ 降 1.30"),
        (Change(Decimal(5), Decimal(5)), "持平"),
        (Change(None, Decimal(5)), "此前没有"),
        (Change(Decimal(5), None), "现在没有"),
        (Change(None, None), ""),
    ],
)
def test_a_change_has_a_sign_and_a_word(change: Change, said: str) -> None:
    assert words.points_turn(change) == said


def test_a_change_that_rounds_to_nothing_is_still_one() -> None:
    assert words.rate_turn(Change(Decimal("91.21"), Decimal("91.24"))) == "▲ 升 不足 0.1"
    assert words.lost_turn(Change(Decimal(0), Decimal("0.4"))) == "▲ 多失 0.40"
    assert words.number_turn(5, 3) == "▼ 少 2"


def test_a_problem_that_came_and_was_closed_in_between_is_told_as_both(lived: None) -> None:
    with reading() as session:
        none = replace(standing(session, viewer=user(session, "leader"), today=TODAY), problems={})
    closed = replace(none, problems={"P00009": lid(RectificationStatus.CLOSED)})
    open_again = replace(none, problems={"P00009": lid(RectificationStatus.IN_PROGRESS)})
    assert [each.fate for each in compared(none, closed).problems] == [Fate.OPENED, Fate.CLOSED]
    assert [each.fate for each in compared(closed, open_again).problems] == [Fate.REOPENED]


def lid(status: RectificationStatus) -> ProblemDay:
    return ProblemDay("区水务局", "林校北路：井盖破损", status)
