"""批量交办 and 批量延期: the preview says what the action does, and the action does all or none."""

from datetime import date

import pytest
from ledger_lines import NOW, TODAY, found
from sqlmodel import Session, col, select

from daxing_safety.actions import preferences, problems, requests
from daxing_safety.errors import BadInput, Conflict, NotAllowed, UserFacingError
from daxing_safety.models import Problem, ProblemEvent, Unit, User
from daxing_safety.reports.problems import bulk as problem_bulk
from daxing_safety.reports.problems.bulk import Line
from daxing_safety.vocabulary import RectificationStatus, Severity

Status = RectificationStatus
DUE = date(2021, 6, 18)


@pytest.fixture
def registered(session: Session, water_bureau: Unit, office: User) -> list[Problem]:
    """Two that wait for 交办."""
    return [
        found(session, water_bureau, office, status=Status.UNASSIGNED, due_on=None)
        for _ in range(2)
    ]


@pytest.fixture
def under_way(session: Session, water_bureau: Unit, office: User) -> list[Problem]:
    return [
        found(session, water_bureau, office, status=Status.IN_PROGRESS, due_on=DUE)
        for _ in range(2)
    ]


def numbers(of: list[Problem]) -> list[str]:
    return [problem.number for problem in of]


def assignments(
    session: Session, viewer: User, of: list[Problem], due_on: date | None = None
) -> list[Line]:
    return problem_bulk.assignments(
        session, viewer=viewer, numbers=numbers(of), due_on=due_on, today=TODAY
    )


def extensions(session: Session, viewer: User, of: list[Problem], due_on: date) -> list[Line]:
    return problem_bulk.extensions(
        session, viewer=viewer, numbers=numbers(of), due_on=due_on, today=TODAY
    )


def test_each_gets_the_usual_deadline_of_its_severity(
    session: Session, registered: list[Problem], office: User
) -> None:
    registered[1].severity = Severity.LISTED
    preferences.set_time_limit(session, severity=Severity.LISTED, limit="30天", by=office)
    lines = assignments(session, office, registered)
    assert [(line.before, line.after) for line in lines] == [
        ("待交办", "未整改，时限 2021-06-03"),  # ten working days
        ("待交办", "未整改，时限 2021-06-19"),
    ]
    problems.assign_all(session, problems=registered, by=office, now=NOW)
    assert [problem.due_on for problem in registered] == [date(2021, 6, 3), date(2021, 6, 19)]


def test_one_day_for_all(session: Session, registered: list[Problem], office: User) -> None:
    lines = assignments(session, office, registered, DUE)
    assert {line.after for line in lines} == {"未整改，时限 2021-06-18"}
    problems.assign_all(session, problems=registered, due_on=DUE, by=office, now=NOW)
    assert {problem.first_due_on for problem in registered} == {DUE}


def test_the_preview_of_an_extension_shows_before_and_after(
    session: Session, under_way: list[Problem], office: User
) -> None:
    later = date(2021, 7, 30)
    first = extensions(session, office, under_way, later)[0]
    assert (first.before, first.after) == ("时限 2021-06-18", "时限 2021-07-30")
    requests.extend_all(
        session, problems=under_way, due_on=later, reason="汛期", by=office, now=NOW
    )
    assert [(each.due_on, each.first_due_on) for each in under_way] == [(later, DUE)] * 2


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("due_on", [date(2021, 5, 19), TODAY, DUE, date(2021, 6, 19)])
def test_the_preview_says_beforehand_what_the_action_refuses(
    session: Session, under_way: list[Problem], office: User, status: Status, due_on: date
) -> None:
    problem = under_way[0]
    problem.status = status
    session.flush()
    (assigned,) = assignments(session, office, [problem], due_on)
    (extended,) = extensions(session, office, [problem], due_on)
    for line, act, asked in (
        (assigned, problems.assign, {}),
        (extended, requests.extend, {"reason": "汛期"}),
    ):
        savepoint = session.begin_nested()
        try:
            act(session, problem=problem, due_on=due_on, by=office, now=NOW, **asked)
            refusal = ""
        except UserFacingError as refused:
            refusal = str(refused)
        savepoint.rollback()
        assert bool(line.obstacle) == bool(refusal), (line, refusal)
        assert bool(line.after) != bool(line.obstacle)


def test_all_or_none(
    session: Session, registered: list[Problem], under_way: list[Problem], office: User
) -> None:
    savepoint = session.begin_nested()
    with pytest.raises(Conflict, match=under_way[0].number):
        problems.assign_all(
            session, problems=[*registered, under_way[0]], due_on=DUE, by=office, now=NOW
        )
    savepoint.rollback()
    session.expire_all()
    assert {problem.status for problem in registered} == {Status.UNASSIGNED}
    told = select(ProblemEvent).where(col(ProblemEvent.problem_number).in_(numbers(registered)))
    assert session.scalars(told).all() == []


def test_an_extension_owes_a_reason(
    session: Session, under_way: list[Problem], office: User
) -> None:
    with pytest.raises(BadInput, match="延期的原因"):
        requests.extend_all(
            session,
            problems=under_way,
            due_on=date(2021, 7, 30),
            reason=" ",
            by=office,
            now=NOW,
        )


def test_only_the_office_does_it_and_only_who_sees_them_previews_them(
    session: Session, registered: list[Problem], clerk: User, neighbour: User, leader: User
) -> None:
    for by in (clerk, neighbour, leader):
        with pytest.raises(NotAllowed):
            problems.assign_all(session, problems=registered, by=by, now=NOW)
    assert assignments(session, neighbour, registered) == []


def test_years_whose_holidays_are_unknown_are_said(session: Session, office: User) -> None:
    far = date(2099, 1, 5)
    usual = problem_bulk.usual_deadlines(session, viewer=office, today=far)
    assert usual[Severity.GENERAL].unknown_years == (2099,)
    assert usual[Severity.LISTED].unknown_years == ()  # calendar days
    now = problem_bulk.usual_deadlines(session, viewer=office, today=TODAY)
    assert now[Severity.GENERAL].unknown_years == ()


def test_the_table_shows_every_line(
    session: Session, registered: list[Problem], under_way: list[Problem], office: User
) -> None:
    lines = assignments(session, office, [*registered, *under_way])
    table = problem_bulk.preview_table(lines)
    assert list(table["number"]) == numbers([*registered, *under_way])
    assert list(table["obstacle"]) == ["", "", *["现在是“整改中”，不能交办"] * 2]
